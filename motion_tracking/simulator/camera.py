"""
How do simulated machines come on the network?

As a recorder on this computer: an RTSP server, over TCP, with a channel for each machine.  It
runs in a thread of its own, and can be told to fail (`faults`).
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from math import ceil, inf
from types import TracebackType
from typing import Self, TypeVar

from motion_tracking.simulator.access import Access, Auth
from motion_tracking.simulator.broadcast import Broadcast, Counts
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.connection import Connection, Premises
from motion_tracking.simulator.faults import Fault, Kind
from motion_tracking.simulator.playing import Reel

HOST = "127.0.0.1"

_LATE = 1.0  # seconds; what was missed for longer, as in a suspended computer, is left out
_SEND_BUFFER = 64 * 1024  # bytes; the system's own would hide slow clients for minutes
_PROMPT = 10.0  # seconds within which the thread must do what it is told

__all__ = ["Camera", "Channel"]

T = TypeVar("T")


class Camera:
    """
    An RTSP server with these channels, on 127.0.0.1.

    `port` 0 takes a free one.  With a `username` clients must prove who they are, by `auth`:
    digest or basic.  Schedules and faults count from `origin`, in monotonic seconds; without one,
    from the first start.
    """

    def __init__(
        self,
        channels: Iterable[Channel],
        port: int = 0,
        username: str | None = None,
        password: str | None = None,
        auth: str = Auth.DIGEST,
        *,
        origin: float | None = None,
    ) -> None:
        channels = tuple(channels)
        self.channels = {channel.number: channel for channel in channels}
        if len(self.channels) < len(channels):
            raise ValueError("two channels have the same number")
        self.port = port
        self.origin = origin
        proof = Auth(auth)
        self._access = Access(proof, username, password or "") if username else Access()
        self._broadcasts: dict[int, Broadcast] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def password(self) -> str:
        """What clients must know; may be changed at any time."""
        return self._access.password

    @password.setter
    def password(self, password: str) -> None:
        self._access = replace(self._access, password=password)

    def start(self) -> None:
        """Draw, encode and serve, in a thread; raise `OSError` when the port cannot be had."""
        if self._thread is not None:
            raise RuntimeError("the camera runs already")
        self._broadcasts = {n: channel.on_air() for n, channel in self.channels.items()}
        listener = socket.create_server((HOST, self.port), backlog=128)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.port = listener.getsockname()[1]
        if self.origin is None:
            self.origin = time.monotonic()
        started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, started)),
            name=f"simulated camera {self.port}",
            daemon=True,
        )
        self._thread.start()
        self._loop = started.result(_PROMPT)

    def close(self) -> None:
        """Throw all clients out and stop; the port is free again.  Closing twice does no harm."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_PROMPT)
        self._thread = self._loop = None

    def now(self) -> float:
        """Return the seconds that schedules and faults count, since `origin`."""
        return time.monotonic() - (self.origin or 0.0)

    @property
    def started(self) -> float:
        """When schedules began to count, in UTC seconds since 1970."""
        return time.time() - self.now()

    def url(self, number: int) -> str:
        """Return the address of a channel, without credentials."""
        return f"rtsp://{HOST}:{self.port}/Streaming/Channels/{number}"

    def counts(self, number: int) -> Counts:
        """Return what has happened on a channel so far."""
        return self._told(lambda: replace(self._broadcasts[number].counts))

    def inject(
        self,
        kind: Kind | str,
        number: int | None = None,
        *,
        seconds: float = inf,
        amount: float = 0.0,
        size: tuple[int, int] | None = None,
    ) -> None:
        """
        Let something go wrong from now on, on one channel or on all (see `faults.Fault`).

        May be called from any thread; returns when it is in force.
        """
        chosen = list(self._chosen(number))
        # drawn before the clock is read: it takes a while, and the fault is to last its time
        reels = {n: self.channels[n].reel(size) if size else None for n in chosen}
        fault = Fault(Kind(kind), self.now(), seconds, amount, size)
        for n in chosen:
            self._told(partial(_break, self._broadcasts[n], fault, reels[n]))

    def resume(self, number: int | None = None, kind: Kind | str | None = None) -> None:
        """End what goes wrong now, of one kind or of all, on one channel or on all."""
        now, ended = self.now(), None if kind is None else Kind(kind)
        for n in self._chosen(number):
            self._told(partial(self._broadcasts[n].faults.end, now, ended))

    def _chosen(self, number: int | None) -> Iterable[int]:
        return self.channels if number is None else (number,)

    def _told(self, what: Callable[[], T]) -> T:
        """Let the thread of the server do something, and wait for it."""
        if self._loop is None:
            return what()

        async def do() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(do(), self._loop).result(_PROMPT)

    async def _serve(
        self, listener: socket.socket, started: "Future[asyncio.AbstractEventLoop]"
    ) -> None:
        loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        premises = Premises(self._broadcasts, lambda: self._access, self.now)
        server = await loop.create_server(lambda: Connection(premises), sock=listener)
        started.set_result(loop)
        try:
            async with asyncio.TaskGroup() as group:
                playing = [group.create_task(self._play(b)) for b in self._broadcasts.values()]
                await self._closing.wait()
                for task in playing:
                    task.cancel()
        finally:
            server.close()
            while premises.connections:
                for connection in tuple(premises.connections):
                    connection.close()
                await asyncio.sleep(0)
            await server.wait_closed()

    async def _play(self, broadcast: Broadcast) -> None:
        """Send the frames of one channel, each at its time."""
        fps = broadcast.player.fps
        n = ceil(max(0.0, self.now()) * fps)
        while True:
            await asyncio.sleep(max(0.0, n / fps - self.now()))
            if self.now() - n / fps > _LATE:
                n = (int(self.now()) + 1) * fps  # the next keyframe
                continue
            broadcast.send(n, time.time())
            n += 1


def _break(broadcast: Broadcast, fault: Fault, reel: Reel | None) -> None:
    if reel is not None and fault.size is not None:
        broadcast.player.add(fault.size, reel)
    broadcast.faults.add(fault)
