"""
Who may talk to a page?

A page on loopback is not safe by itself: every web page that the same person opens may send
requests to it, and a foreign name may be made to point at it.  So the name that was asked for,
the page that asks, and who asks are checked on every request and websocket, before anything else
sees it.
"""

import re
import secrets
from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Names that only the person at this computer, or at the other end of a tunnel, can use."""

_HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?")

_HARMLESS = ("GET", "HEAD")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def new_secret() -> str:
    """Make a token that cannot be guessed, fit for an URL."""
    return secrets.token_urlsafe(32)


Refusal = tuple[int, str]
"""A status, and why, for people."""


class Session:
    """The token of the link, and the cookie that it is exchanged for."""

    def __init__(self, token: str, name: str) -> None:
        """Take the token, and what parts this cookie from others of the same computer."""
        self._token = token
        self._cookie = f"motion_track_{name}"
        self._secret = new_secret()

    def open_with(self, token: str, response: Response) -> bool:
        """Put the cookie on the response if the token is right; return whether it is."""
        if not same(token, self._token):
            return False
        response.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict")
        return True

    def holds(self, connection: HTTPConnection) -> bool:
        """Whether the request brings the cookie."""
        return same(connection.cookies.get(self._cookie, ""), self._secret)


class Guard:
    """
    ASGI middleware that lets through what `hosts`, the origin and `admit` allow.

    Answers 403 to a foreign name or page, else what `admit` says.
    """

    def __init__(
        self, app: ASGIApp, admit: Callable[[Scope], Refusal | None], hosts: Collection[str]
    ) -> None:
        self._app = app
        self._admit = admit
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if refusal is None:
            await self._app(scope, receive, send_guarded)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is open: a 403
        else:
            status, text = refusal
            said = {"schema": 1, "error": text, "hint": ""}
            await JSONResponse(said, status)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return 403, "this computer is not known by that name here"
        changes = scope["type"] == "websocket" or scope["method"] not in _HARMLESS
        origin = headers.get("origin")
        # a browser names the page that asks, and sends no bearer's token by itself
        program = origin is None and "authorization" in headers
        if changes and not program and origin not in (f"http://{host}", f"https://{host}"):
            return 403, "another page may not ask for this"
        return self._admit(scope)


def _name(host: str) -> str:
    """Return the name in `name:port` or `[address]:port`; empty where it is neither."""
    match = _HOST.fullmatch(host.lower())
    return match[1].strip("[]") if match else ""


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are the same, without telling by the time it takes."""
    one, other = (text.encode("utf-8", "replace") for text in (given, wanted))
    return secrets.compare_digest(one, other)
