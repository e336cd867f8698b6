"""
How is a machine calibrated on the page of `init`, within the dashboard?

One at a time, below `/calibration`.  It is over when the person is done, or when nobody has had
the page open for a while: the camera is held open meanwhile.
"""

import re
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import anyio
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.feed import Feed
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.dashboard.rules import Asked, Rule, apart
from motion_tracking.dashboard.wishes import SenselessError

if TYPE_CHECKING:
    from motion_tracking.dashboard.calibration import Calibration

Json = Any

SECONDS = 60.0
"""That are recorded of each state."""

ALONE = 120.0
"""Seconds without anybody at the page after which a calibration is given up."""

LOOK_EVERY = 1.0

FAREWELL = 5.0
"""Seconds for which the page still sees that it is over."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHANNEL = re.compile(r"[0-9]{1,6}")
_SOURCE = re.compile(r"rtsps?://[^\s\x00-\x1f]{1,500}", re.IGNORECASE)


class Calibrating:
    """The page of `init`, while a machine is calibrated there."""

    def __init__(self, plant: Plant, feed: Feed) -> None:
        self._plant = plant
        self._feed = feed
        self._page: ASGIApp | None = None
        self._taken = False

    def rules(self) -> list[Rule]:
        """List them."""
        return [Rule("POST", "/api/calibration", Role.ADMIN, self._begin)]

    def mount(self) -> tuple[Mount, Role]:
        """Return where the page is, and for whom."""
        return Mount("/calibration", self), Role.ADMIN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is asked of the page."""
        if self._page is not None:
            await self._page(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            said = {"schema": 1, "error": "nothing is calibrated just now", "hint": ""}
            await JSONResponse(said, 404)(scope, receive, send)

    async def _begin(self, asked: Asked) -> Json:
        machine, place = _wished(asked)
        if self._taken:
            raise RefusedError("somebody calibrates a machine just now", "wait for its end")
        self._taken = True
        try:
            opened = self._plant.calibration(machine, place)
            calibration = await apart(opened.__enter__)
        except BaseException:
            self._taken = False
            raise
        self._feed.start(lambda: self._hold(opened, calibration))
        while self._page is None and self._taken:
            await anyio.sleep(0.01)
        return {"url": "calibration/"}

    async def _hold(
        self, opened: AbstractContextManager["Calibration"], calibration: "Calibration"
    ) -> None:
        # these bring OpenCV along, which the dashboard else does without
        from motion_tracking.dashboard.calibration_page import STATIC, CalibrationPage
        from motion_tracking.dashboard.sitting import Sitting

        sitting = Sitting(calibration, SECONDS)
        try:
            async with sitting.held():
                routes = CalibrationPage(sitting).routes()
                files = Mount("/static", StaticFiles(directory=STATIC))
                self._page = Starlette(routes=[files, *routes])
                alone = 0.0
                while not sitting.over.is_set() and alone < ALONE:
                    await anyio.sleep(LOOK_EVERY)
                    alone = 0.0 if sitting.watched else alone + LOOK_EVERY
                sitting.end()
                await anyio.sleep(FAREWELL)
        finally:
            self._page = None
            with anyio.CancelScope(shield=True):
                await apart(opened.__exit__, None, None, None)
            self._taken = False


def _wished(asked: Asked) -> tuple[str, dict[str, str]]:
    """Return the machine, and where a new one is seen: nothing but a number or an RTSP address."""
    machine, place = asked.wish.get("machine"), {}
    if not isinstance(machine, str) or not _NAME.fullmatch(machine):
        raise SenselessError("machine: 1 to 64 of the letters A-Z a-z 0-9 _ - are needed")
    for key, allowed in (("channel", _CHANNEL), ("source", _SOURCE)):
        value = asked.wish.get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not allowed.fullmatch(value):
            raise SenselessError("channel: digits are needed; source: an rtsp or rtsps address")
        place[key] = value
    return machine, place
