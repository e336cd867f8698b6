"""
How do all parts of the dashboard become one application?
"""

import html
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from motion_tracking import __version__
from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.audit import Audit, Audited
from motion_tracking.dashboard.calibrating import Calibrating
from motion_tracking.dashboard.feed import Feed
from motion_tracking.dashboard.footage import Footage
from motion_tracking.dashboard.guard import Guard
from motion_tracking.dashboard.host import Computer, Host
from motion_tracking.dashboard.interface import described
from motion_tracking.dashboard.looking_back import LookingBack
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.present import Present
from motion_tracking.dashboard.refusals import RefusedError, said
from motion_tracking.dashboard.reports import Reports
from motion_tracking.dashboard.rules import Asked, Rule, Rules, apart
from motion_tracking.dashboard.sessions import Sessions
from motion_tracking.dashboard.signing_in import SigningIn
from motion_tracking.dashboard.steering import SettingUp, Steering
from motion_tracking.dashboard.tries import Tries

STATIC = Path(__file__).parent / "static"

PAGE = "app.html"

PAGES = ("/", "/timeline", "/m/{machine}", "/reports", "/setup", "/kiosk", "/login")
"""All are the same page, which sees from its address what to show."""

BASE = '<base href="/">'
"""What the page says of where it is; the root path takes its place."""

PACKED = (".mjpeg", ".jpg", ".mp4")
"""What is as small as it gets, or must not wait for more."""


@dataclass(eq=False)
class Site:
    """
    The dashboard of a plant: `app`, and the `rules` that it is made of.

    It is known by the names in `hosts`, and lies below `root` ("/plant", or empty) to the outside.
    """

    plant: Plant
    accounts: Accounts
    sessions: Sessions
    alarms: Alarms
    audit: Audit
    computer: Computer
    utc: Callable[[], float]
    hosts: Collection[str]
    root: str = ""
    tries: Tries = field(default_factory=Tries)

    feed: Feed = field(init=False)
    rules: Rules = field(init=False)
    listed: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        self.feed = Feed(self.plant, self.alarms, self.utc)
        self.rules = self._rules()

    def app(self) -> ASGIApp:
        """Make the application."""

        @asynccontextmanager
        async def held(_app: Starlette) -> AsyncIterator[None]:
            async with self.feed.held():
                yield

        inner = Starlette(
            routes=self.rules.routes,
            middleware=[
                Middleware(
                    Guard,
                    admit=lambda scope: self.rules.admit(scope, self.sessions),
                    hosts=self.hosts,
                ),
                Middleware(Audited, audit=self.audit),
                Middleware(_Packing),
            ],
            lifespan=held,
        )
        return Rooted(inner, self.root)

    def _rules(self) -> Rules:
        calibrating = Calibrating(self.plant, self.feed)
        signing_in = SigningIn(self.accounts, self.sessions, self.utc, self.tries)
        rules = [
            *(Rule("GET", path, None, self._page) for path in PAGES),
            Rule("GET", "/healthz", None, self._healthy),
            Rule("GET", "/readyz", None, self._ready),
            Rule("GET", "/api/openapi.json", Role.VIEW, self._described),
            *signing_in.rules(),
            *Present(self.plant, self.feed, self.sessions).rules(),
            *LookingBack(self.plant, self.utc).rules(),
            *Footage(self.plant, self.utc).rules(),
            *Reports(self.plant, self.utc).rules(),
            *Steering(self.plant, self.feed, self.alarms, self.utc).rules(),
            *SettingUp(self.plant, self.feed).rules(),
            *Host(self.computer, self.audit).rules(),
            *calibrating.rules(),
        ]
        self.listed = rules
        static = Mount("/static", _Files(directory=STATIC))
        return Rules(rules, self.plant, [(static, None), calibrating.mount()])

    async def _page(self, _asked: Asked) -> Response:
        text = await apart((STATIC / PAGE).read_text, "utf-8")
        base = f'<base href="{html.escape(self.root)}/">'
        return HTMLResponse(text.replace(BASE, base, 1), headers={"Cache-Control": "no-cache"})

    async def _described(self, _asked: Asked) -> Response:
        return JSONResponse(described(self.listed, __version__, self.root))

    async def _healthy(self, _asked: Asked) -> Any:
        return {"ok": True}

    async def _ready(self, _asked: Asked) -> Any:
        try:
            await apart(self.plant.ready)
        except RefusedError as error:
            return JSONResponse(said(error) | {"error": "the history cannot be read"}, 503)
        return {"ok": True}


class Rooted:
    """Takes paths with the root path, as one proxy sends them, and without it, as another does."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root and scope["type"] in ("http", "websocket"):
            path = scope["path"]
            inside = path == self._root or path.startswith(self._root + "/")
            whole = path if inside else self._root + path
            if whole == self._root:
                whole += "/"
            scope = {**scope, "root_path": self._root, "path": whole}
        await self._app(scope, receive, send)


class _Packing:
    """Packs what gets smaller by it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, minimum_size=1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        app = self._app if path.endswith(PACKED) or "/clips/" in path else self._packing
        await app(scope, receive, send)


class _Files(StaticFiles):
    """Files that a browser keeps, and asks about."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response
