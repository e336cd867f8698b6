"""
Somebody who asks an application without a network between them.

    async with asked(site.app()) as ask:
        answer = await ask("GET", "/api/plant", cookie=...)
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import anyio

HOST = "localhost:8787"
ORIGIN = f"http://{HOST}"
PATIENCE = 30.0


@dataclass
class Answer:
    """What came back; `status` of a websocket is 101 where it was let in, else 403."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Ask = Callable[..., Awaitable[Answer]]


@asynccontextmanager
async def asked(app: Any) -> AsyncIterator[Ask]:
    """Start an application; give a function that asks it."""
    to_app = anyio.create_memory_object_stream[Any](9)
    from_app = anyio.create_memory_object_stream[Any](9)
    async with anyio.create_task_group() as tasks, to_app[0], to_app[1], from_app[0], from_app[1]:
        scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        tasks.start_soon(app, scope, to_app[1].receive, from_app[0].send)
        await to_app[0].send({"type": "lifespan.startup"})
        assert (await from_app[1].receive())["type"] == "lifespan.startup.complete"
        yield lambda *given, **more: _ask(app, *given, **more)
        await to_app[0].send({"type": "lifespan.shutdown"})
        await from_app[1].receive()


async def _ask(
    app: Any,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: str = "",
    host: str = HOST,
    origin: str | None = ORIGIN,
    cookie: str = "",
    client: str = "127.0.0.1",
    **headers: str,
) -> Answer:
    sent = {"host": host, "cookie": cookie, "origin": origin or ""}
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    if body is not None:
        sent["content-type"] = "application/json"
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "websocket" if method == "WS" else "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (k.encode(), v.encode("utf-8", "surrogateescape")) for k, v in sent.items() if v
        ],
        "client": (client, 50000),
        "server": ("127.0.0.1", 8787),
        "subprotocols": [],
        "state": {},
    }
    answer, incoming = Answer(), [{"type": "http.request", "body": raw, "more_body": False}]
    if method == "WS":
        incoming = [{"type": "websocket.connect"}]

    answered = anyio.Event()

    async def receive() -> Any:
        if incoming:
            return incoming.pop(0)
        await answered.wait()  # then he who has asked goes away
        return {"type": "websocket.disconnect" if method == "WS" else "http.disconnect"}

    async def send(message: Any) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            answer.status = 101
            answered.set()
        elif kind == "websocket.close":
            answer.status = answer.status or 403
        elif kind == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        elif kind == "http.response.body":
            answer.body += message.get("body", b"")
            answered.set()

    with anyio.fail_after(PATIENCE):
        await app(scope, receive, send)
    return answer
