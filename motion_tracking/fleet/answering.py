"""
How does a tracker answer, without ever being held up by who asks?

One daemon thread on loopback, which sleeps until somebody asks.  Nothing is sent unasked, and the
next question of a connection is read when the answer to the last is gone: who reads slowly holds
up himself, and is let go in the end.
"""

import logging
import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

from motion_tracking.fleet import Answer, Json, RefusedError, wire

log = logging.getLogger(__name__)

GUESTS = 16
"""Connections at a time; one dashboard needs one or two."""

TRUST_WITHIN = 3.0
"""Seconds in which a connection must prove that it knows the secret."""

TAKE_WITHIN = 5.0
"""Seconds in which an answer must be taken."""

IDLE = 60.0
"""Seconds after which a connection that asks nothing is closed."""

LOOK_EVERY = 1.0
"""Seconds between looks at who is late, while anybody is connected."""

PIECE = 65536


@dataclass(eq=False)
class _Guest:
    """One connection; `due` is when it is let go, unless it does what it is to do."""

    socket: socket.socket
    due: float
    nonce: str = field(default_factory=wire.new_nonce)
    trusted: bool = False
    incoming: bytearray = field(default_factory=bytearray)
    outgoing: memoryview = field(default_factory=lambda: memoryview(b""))


class Answering:
    """The tracker's end of the link."""

    def __init__(
        self, answer: Callable[[dict[str, Json]], Answer], now: Callable[[], float]
    ) -> None:
        """
        Have `answer` called, in a thread of our own, with each thing that is asked.

        It raises `RefusedError` for what cannot be, and must not block.  `now` are monotonic
        seconds.
        """
        self.secret = wire.new_nonce()
        self._answer = answer
        self._now = now
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self._waker, self._woken = socket.socketpair()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._guests: list[_Guest] = []
        self._thread = Thread(target=self._run, name="link", daemon=True)

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._listener.getsockname()[1])

    @property
    def guests(self) -> int:
        """How many are connected."""
        return len(self._guests)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self, timeout: float = 0.3) -> None:
        """Stop answering; a thread that does not end in time is left behind."""
        with suppress(OSError):
            self._waker.send(b"x")
        if self._thread.is_alive():
            self._thread.join(timeout)
        if not self._thread.is_alive():
            self._listener.close()
            self._waker.close()
            self._woken.close()
            self._selector.close()

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        finally:
            for guest in list(self._guests):
                self._part(guest)

    def _turn(self) -> bool:
        """Do what there is to do; return whether to go on."""
        for key, _ in self._selector.select(LOOK_EVERY if self._guests else None):
            if key.fileobj is self._woken:
                return False
            if key.fileobj is self._listener:
                self._welcome()
            elif key.data in self._guests:
                self._attend(key.data)
        late = self._now()
        for guest in [guest for guest in self._guests if guest.due < late]:
            self._part(guest)
        return True

    def _welcome(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again, or no descriptor left
            return
        if len(self._guests) >= GUESTS:
            stranger = next((guest for guest in self._guests if not guest.trusted), None)
            if stranger is None:
                connection.close()
                return
            self._part(stranger)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        guest = _Guest(connection, self._now() + TRUST_WITHIN)
        self._guests.append(guest)
        self._selector.register(connection, selectors.EVENT_READ, guest)
        self._say(guest, wire.packed({"link": 1, "nonce": guest.nonce}))

    def _attend(self, guest: _Guest) -> None:
        """Go on with a connection: send what is left of an answer, else take what is asked."""
        try:
            if guest.outgoing:
                self._send(guest)
            else:
                self._receive(guest)
            self._take(guest)
        except wire.GarbageError as error:
            log.debug("link: %s", error)
            self._part(guest)
        except OSError:  # gone, in one of many ways
            self._part(guest)

    def _receive(self, guest: _Guest) -> None:
        with suppress(BlockingIOError):
            piece = guest.socket.recv(PIECE)
            if not piece:
                raise ConnectionResetError
            guest.incoming += piece

    def _take(self, guest: _Guest) -> None:
        """Answer what has been asked in whole, for as long as the answers are taken."""
        while not guest.outgoing and guest in self._guests:
            found = wire.unpacked(guest.incoming, wire.LONGEST_WISH, 0)
            if found is None:
                return
            wish, _ = found
            if guest.trusted:
                self._say(guest, self._answered(wish))
            else:
                self._prove(guest, wish)

    def _prove(self, guest: _Guest, wish: dict[str, Json]) -> None:
        if not wire.proves(wish.get("proof"), self.secret, wire.ASKS, guest.nonce):
            raise wire.GarbageError("wrong secret")
        guest.trusted = True
        nonce = str(wish.get("nonce", ""))
        self._say(guest, wire.packed({"proof": wire.proof(self.secret, wire.ANSWERS, nonce)}))

    def _answered(self, wish: dict[str, Json]) -> bytes:
        try:
            said, picture = self._answer(wish)
        except RefusedError as error:
            said, picture = {"error": str(error), "hint": error.hint}, b""
        return wire.packed(said, picture)

    def _say(self, guest: _Guest, message: bytes) -> None:
        guest.outgoing = memoryview(message)
        guest.due = self._now() + (TAKE_WITHIN if guest.trusted else TRUST_WITHIN)
        try:
            self._send(guest)
        except OSError:  # gone before it could be answered
            self._part(guest)

    def _send(self, guest: _Guest) -> None:
        with suppress(BlockingIOError):
            sent = guest.socket.send(guest.outgoing[:PIECE])
            guest.outgoing = guest.outgoing[sent:]
        waits = selectors.EVENT_WRITE if guest.outgoing else selectors.EVENT_READ
        self._selector.modify(guest.socket, waits, guest)
        if guest.trusted and not guest.outgoing:
            guest.due = self._now() + IDLE

    def _part(self, guest: _Guest) -> None:
        if guest in self._guests:
            self._guests.remove(guest)
            self._selector.unregister(guest.socket)
            guest.socket.close()
