"""
What can be asked of the calibration page, and how is it answered?
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi
from motion_tracking.core.picture import jpeg
from motion_tracking.dashboard.refusals import RefusedError, said
from motion_tracking.dashboard.sitting import Sitting
from motion_tracking.dashboard.wishes import SenselessError, shape, whole, wish_of

Json = Any

STATIC = Path(__file__).parent / "static"


class CalibrationPage:
    """The routes of one sitting; they mean the same below any path."""

    def __init__(self, sitting: Sitting) -> None:
        self._sitting = sitting

    def routes(self) -> list[BaseRoute]:
        """List them; `/` is the page itself, all others are what it asks for."""
        actions: dict[str, Callable[[Json], Awaitable[None]]] = {
            "area": self._area,
            "ignored": self._ignored,
            "proposals": self._proposals,
            "recording": self._recording,
            "threshold": self._threshold,
            "machine": self._machine,
            "save": self._save,
            "end": self._end,
        }
        return [
            Route("/", self._page),
            Route("/state", self._state),
            Route("/picture.jpg", self._picture),
            WebSocketRoute("/news", self._news),
            *(
                Route(f"/{name}", self._answering(action), methods=["POST"])
                for name, action in actions.items()
            ),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "calibration.html", headers={"Cache-Control": "no-cache"})

    async def _state(self, _request: Request) -> Response:
        return JSONResponse(self._sitting.state())

    async def _picture(self, _request: Request) -> Response:
        try:
            frame = await self._sitting.picture()
        except RefusedError as error:
            return JSONResponse(said(error), 503)
        return Response(await anyio.to_thread.run_sync(jpeg, frame), media_type="image/jpeg")

    async def _news(self, socket: WebSocket) -> None:
        """Send what is new until the page goes away; what it sends is not listened to."""
        await socket.accept()
        with self._sitting.looking() as watcher:
            async with anyio.create_task_group() as tasks:

                async def until_gone() -> None:
                    while (await socket.receive())["type"] != "websocket.disconnect":
                        pass
                    tasks.cancel_scope.cancel()

                tasks.start_soon(until_gone)
                try:
                    while True:
                        await socket.send_json(await watcher.next())
                except WebSocketDisconnect:
                    tasks.cancel_scope.cancel()

    def _answering(
        self, action: Callable[[Json], Awaitable[None]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Make an endpoint of an action: it answers with the new state, or says why not."""

        async def answer(request: Request) -> Response:
            try:
                await action(await wish_of(request))
            except SenselessError as error:
                return JSONResponse({"error": str(error), "hint": ""}, 400)
            except RefusedError as error:
                return JSONResponse(said(error), 409)
            return JSONResponse(self._sitting.state())

        return answer

    async def _area(self, wish: Json) -> None:
        corners = wish.get("roi")
        if not isinstance(corners, list) or len(corners) != 4:
            raise SenselessError("roi: four whole numbers are needed")
        await self._sitting.choose(Roi.from_corners(*(whole("roi", value) for value in corners)))

    async def _ignored(self, wish: Json) -> None:
        shapes = wish.get("shapes")
        if not isinstance(shapes, list):
            raise SenselessError("shapes: a list is needed")
        await self._sitting.ignore(tuple(shape("shapes", each) for each in shapes))

    async def _proposals(self, _wish: Json) -> None:
        await self._sitting.propose()

    async def _recording(self, wish: Json) -> None:
        state = wish.get("state")
        if state is None:
            self._sitting.cancel_recording()
        elif state in (MachineState.RUNNING, MachineState.STOPPED):
            await self._sitting.record(MachineState(state))
        else:
            raise SenselessError("state: running, stopped or null is needed")

    async def _threshold(self, wish: Json) -> None:
        threshold = wish.get("threshold")
        await self._sitting.judge(None if threshold is None else whole("threshold", threshold))

    async def _machine(self, wish: Json) -> None:
        name = wish.get("machine")
        if not isinstance(name, str):
            raise SenselessError("machine: a name is needed")
        await self._sitting.take_up(name)

    async def _save(self, wish: Json) -> None:
        await self._sitting.save(wish.get("force") is True)

    async def _end(self, _wish: Json) -> None:
        self._sitting.end()
