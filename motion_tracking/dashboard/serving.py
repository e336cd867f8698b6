"""
How is one page served, to the person who sits at this computer or at the end of a tunnel?
"""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from motion_tracking.dashboard.calibration import Calibration
from motion_tracking.dashboard.calibration_page import STATIC, CalibrationPage
from motion_tracking.dashboard.guard import LOOPBACK, Guard, Refusal, Session, new_secret
from motion_tracking.dashboard.hosting import serve_app
from motion_tracking.dashboard.sitting import Sitting
from motion_tracking.dashboard.wishes import SenselessError, wish_of

OPEN_PATHS, OPEN_BELOW = ("/", "/session"), "/static/"
"""What lies there is no secret."""


@dataclass(frozen=True, slots=True)
class Door:
    """
    Where the page is to be found.

    `host` is a loopback address; `port` 0 takes any that is free.  `ssh_connection` is what the
    environment variable SSH_CONNECTION says: the person then sits at another computer.
    """

    host: str = "127.0.0.1"
    port: int = 0
    ssh_connection: str = ""
    token: str = field(default_factory=new_secret, repr=False)

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise ValueError(f"{self.host} is no loopback address; allowed is {LOOPBACK[1]}")

    def listen(self) -> socket.socket:
        """Open it; raise `OSError` where the port is taken."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        return socket.create_server((self.host, self.port), family=family)

    def url(self, port: int) -> str:
        """Return the link; the token is behind the #, which no browser sends to any server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}/#{self.token}"

    def tunnel(self, port: int) -> str:
        """Return the command that makes the link work at the other computer; empty without SSH."""
        match self.ssh_connection.split():
            case [_, _, address, "22"]:
                return f"ssh -L {port}:localhost:{port} {address}"
            case [_, _, address, ssh_port]:
                return f"ssh -p {ssh_port} -L {port}:localhost:{port} {address}"
        return ""


def serve_calibration(
    calibration: Calibration,
    door: Door,
    on_ready: Callable[[str, str], None],
    stop: Event,
    seconds: float = 60.0,
) -> list[str]:
    """
    Let a person calibrate in the browser; return the machines that were saved, in that order.

    Blocks until the person saves or cancels, or `stop` is set; Ctrl-C ends it as usual.
    `on_ready` is called with the link and the command of the tunnel (see `Door`).  `seconds` are
    recorded of each state.  Raise `OSError` where the port is taken.
    """
    with door.listen() as listener:
        port = listener.getsockname()[1]
        sitting = Sitting(calibration, seconds)
        session = Session(door.token, str(port))
        page = app(session, CalibrationPage(sitting).routes(), sitting)
        on_ready(door.url(port), door.tunnel(port))
        anyio.run(serve_app, page, listener, lambda: stop.is_set() or sitting.over.is_set())
    return sitting.saved


def app(session: Session, routes: list[BaseRoute], sitting: Sitting) -> Starlette:
    """Put a page behind the guard, with the files that it loads and the way in."""

    async def enter(request: Request) -> Response:
        response = JSONResponse({})
        try:
            token = (await wish_of(request)).get("token")
        except SenselessError as error:
            return JSONResponse({"error": str(error)}, 400)
        if not (isinstance(token, str) and session.open_with(token, response)):
            return JSONResponse({"error": "this link is not valid, or not any more"}, 403)
        return response

    @asynccontextmanager
    async def held(_app: Starlette) -> AsyncIterator[None]:
        async with sitting.held():
            yield

    def admit(scope: Scope) -> Refusal | None:
        path = scope["path"]
        if path in OPEN_PATHS or path.startswith(OPEN_BELOW):
            return None
        if session.holds(HTTPConnection(scope)):
            return None
        return 401, "open the link that the program showed"

    return Starlette(
        routes=[
            Route("/session", enter, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
            *routes,
        ],
        middleware=[
            Middleware(Guard, admit=admit, hosts=LOOPBACK),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        lifespan=held,
    )
