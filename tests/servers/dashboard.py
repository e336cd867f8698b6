"""
A real `motion-track serve`, and people who look at it.

    with Dashboard(plant) as dashboard:
        page = dashboard.sign_in("anna")
        with page.feed() as feed:
            feed.until(lambda message: message["type"] == "plant")
"""

import http.client
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any, Self

import psutil
from websockets.sync.client import ClientConnection, connect

from motion_tracking.dashboard.frames import unpacked
from servers.plant import PATIENCE, PROGRAM, Plant

Json = Any


class Dashboard:
    """The process, on a port of its own choosing, or on `port`."""

    def __init__(self, plant: Plant, *arguments: str, port: int = 0) -> None:
        self._plant = plant
        self.passwords: dict[str, str] = {}
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(port), *arguments],
            cwd=plant.folder,
            env=os.environ | {"PYTHONWARNINGS": "error"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://[^:]+:(\d+)/", self.said)
        assert found, self.said + (self.process.stderr.read() if self.process.stderr else "")
        self.port = int(found[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    @property
    def memory(self) -> int:
        """Bytes that the process has to itself, or shares."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """Kill it, whatever it does, and reap it."""
        if self.process.poll() is None:
            self.process.kill()
        self._ended()

    def _ended(self) -> int:
        code = self.process.wait(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def sign_in(self, user: str, password: str) -> "Page":
        """Let somebody in."""
        page = Page(self.port)
        status, _, headers = page.ask("POST", "/api/session", {"user": user, "password": password})
        assert status == 200
        return Page(self.port, headers["Set-Cookie"].partition(";")[0])


def account(plant: Plant, user: str, role: str) -> str:
    """Make an account; return its password."""
    done = plant.run("users", "add", user, "--role", role, "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["password"])


@dataclass
class Page:
    """Somebody who is signed in, at one page."""

    port: int
    cookie: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: Json = None
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Ask for something; return status, body and headers."""
        headers = {"Cookie": self.cookie, "Origin": self.origin}
        raw = None if body is None else json.dumps(body)
        if raw is not None:
            headers["Content-Type"] = "application/json"
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        ) as connection:
            connection.request(method, path, raw, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers

    def json(self, method: str, path: str, body: Json = None, status: int = 200) -> Json:
        """Ask for something that is JSON."""
        got, raw, _ = self.ask(method, path, body)
        assert got == status, raw
        return json.loads(raw)

    @contextmanager
    def feed(self) -> Iterator["FeedOf"]:
        """Open the websocket."""
        with connect(
            f"ws://127.0.0.1:{self.port}/api/feed",
            origin=self.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": self.cookie},
            open_timeout=PATIENCE,
            close_timeout=1,
        ) as socket:
            yield FeedOf(socket)


@dataclass
class FeedOf:
    """One websocket; what came is counted."""

    socket: ClientConnection
    bytes: int = 0
    pictures: int = 0
    messages: list[Json] = field(default_factory=list)

    def watch(self, machine: str, mode: str, **more: Json) -> None:
        """Watch a machine."""
        self.socket.send(json.dumps({"watch": {"machine": machine, "mode": mode, **more}}))

    def next(self, timeout: float = PATIENCE) -> Json:
        """Return the next message, with `received_at`; of a picture its header and `jpeg`."""
        raw = self.socket.recv(timeout)
        self.bytes += len(raw)
        if isinstance(raw, bytes):
            self.pictures += 1
            flags, header, jpeg = unpacked(raw)
            return header | {"type": "picture", "flags": flags, "jpeg": jpeg, "received_at": time()}
        message = json.loads(raw) | {"received_at": time()}
        self.messages.append(message)
        return message

    def until(self, wanted: Callable[[Json], bool]) -> Json:
        """Return the first message that is wanted."""
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            message = self.next(deadline - monotonic())
            if wanted(message):
                return message
        raise AssertionError(self.messages[-5:])

    def for_seconds(self, seconds: float) -> None:
        """Take what comes for so long."""
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0:
            try:
                self.next(left)
            except TimeoutError:
                return


def at_once(*what: Callable[[], None]) -> None:
    """Do several things at the same time, each in a thread; what fails is raised."""
    with ThreadPoolExecutor(len(what)) as threads:
        for done in [threads.submit(one) for one in what]:
            done.result()


def measured(what: str, found: object) -> None:
    """Say what was measured; `pytest -s` shows it."""
    print(f"{what}: {found}")
