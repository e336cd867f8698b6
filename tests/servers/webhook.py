"""
A receiver of webhooks on loopback that does what a test tells it to.

`plan` holds what to do with the next requests, in order; when it is empty each is answered 200.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

DRIP = 0.1
"""Seconds between two bytes of an answer that drips."""


@dataclass(frozen=True)
class Request:
    """What came: the path, the headers (lower case), and the body, as text and as it is."""

    path: str
    headers: dict[str, str]
    body: str
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[EmailMessage]:
        """The parts of a multipart body."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = message_from_bytes(head + self.raw, policy=HTTP)
        return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body, True).items()}


@dataclass
class Answer:
    """
    A status with headers, or a fault.

    `deaf` closes before the body is read, `silent` after it, and `hang` at the end of the test.
    `raw` is sent as it is; `drip` sends one byte at a time, `endless` a body that never ends.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    deaf: bool = False
    silent: bool = False
    hang: bool = False
    drip: bool = False
    endless: bool = False

    @property
    def head(self) -> bytes:
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return self.raw or f"HTTP/1.1 {self.status} As planned\r\n{headers}".encode()


class Receiver:
    """The server, in threads of its own; a context manager."""

    def __init__(self) -> None:
        self.plan: deque[Answer] = deque()
        self.requests: list[Request] = []
        self.over = threading.Event()
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for(self, count: int, timeout: float = 20.0) -> list[Request]:
        """Return the requests once there are `count` of them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout), (
                f"{len(self.requests)} of {count} requests came"
            )
            return list(self.requests)

    def _handler(self) -> Callable[..., BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.close_connection = True
                if receiver.plan and receiver.plan[0].deaf:
                    receiver.plan.popleft()
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body.decode(errors="replace"), body)
                with receiver._arrived:
                    receiver.requests.append(request)
                    answer = receiver.plan.popleft() if receiver.plan else Answer()
                    receiver._arrived.notify_all()
                self._answer(answer)

            def _answer(self, answer: Answer) -> None:
                if answer.hang:
                    receiver.over.wait()
                if answer.hang or answer.silent:
                    return
                length = "" if answer.endless else "Content-Length: 2\r\n"
                with suppress(OSError):  # the sender had enough of it
                    self._write(answer.head + f"{length}\r\nok".encode(), answer.drip)
                    while answer.endless and not receiver.over.is_set():
                        self.wfile.write(bytes(2**16))

            def _write(self, text: bytes, drip: bool) -> None:
                for start in range(0, len(text), 1 if drip else len(text)):
                    self.wfile.write(text[start : start + 1] if drip else text)
                    if drip:
                        receiver.over.wait(DRIP)

            def log_message(self, *_: object) -> None:
                """Say nothing: test output is for tests."""

        return Handler
