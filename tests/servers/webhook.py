"""
A receiver of webhooks on loopback that does what a test tells it to.

`plan` holds what to do with the next requests, in order; when it is empty each is answered 200.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """What came: the path, the headers (lower case), and the body as text."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body, True).items()}


@dataclass
class Answer:
    """A status with headers; `hang` waits for the end of the test, `silent` closes unanswered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    silent: bool = False


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
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body.decode())
                with receiver._arrived:
                    receiver.requests.append(request)
                    answer = receiver.plan.popleft() if receiver.plan else Answer()
                    receiver._arrived.notify_all()
                self._answer(answer)

            def _answer(self, answer: Answer) -> None:
                if answer.hang:
                    receiver.over.wait()
                if answer.hang or answer.silent:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Say nothing: test output is for tests."""

        return Handler
