"""
How is the plant now, in words and in pictures, as far as it is asked for from the browser?
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio
from anyio.abc import TaskGroup
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.feed import Feed
from motion_tracking.dashboard.frames import unpacked
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.dashboard.rules import WHO, Asked, Rule, apart, known
from motion_tracking.dashboard.sessions import Sessions
from motion_tracking.dashboard.viewers import MODES, Viewer, Watch
from motion_tracking.dashboard.wishes import SenselessError

Json = Any

BEAT = 5.0
"""Seconds between two signs of life, and between two looks at whether a session goes on."""

PAGES = 64
"""Websockets and streams at a time."""

OVER, FULL = 4401, 1013
"""Codes that a websocket is closed with: the session ended; there are too many."""

WIDTHS = (64, 1920)
RATES = (1, 10)


class Present:
    """The rules about now."""

    def __init__(self, plant: Plant, feed: Feed, sessions: Sessions) -> None:
        self._plant = plant
        self._feed = feed
        self._sessions = sessions

    def rules(self) -> list[Rule]:
        """List them."""
        one = "/api/machines/{machine}"
        return [
            Rule("GET", "/api/plant", Role.VIEW, self._state),
            Rule("WS", "/api/feed", Role.VIEW, self._news),
            Rule("GET", one, Role.VIEW, self._machine),
            Rule("GET", f"{one}/picture.jpg", Role.VIEW, self._picture),
            Rule("GET", f"{one}/stream.mjpeg", Role.VIEW, self._stream),
        ]

    async def _state(self, _asked: Asked) -> Json:
        return await self._feed.newest()

    async def _machine(self, asked: Asked) -> Json:
        machine = asked.machine
        tile = await self._feed.tile(machine)
        if tile is None:
            raise NotThereError("nothing is known of it yet")
        found = await apart(self._plant.machine, machine)
        return {"server_time": self._feed.server_time(), "machine": tile, **found}

    async def _picture(self, asked: Asked) -> Response:
        wish = {"picture": True, "width": asked.number("width", 640, *WIDTHS)}
        said, picture = await apart(self._plant.look, asked.machine, wish)
        if not picture:
            raise RefusedError(said.get("trouble") or "there is no picture yet")
        return Response(picture, media_type="image/jpeg")

    async def _stream(self, asked: Asked) -> Response:
        machine = asked.machine
        width = asked.number("width", 640, *WIDTHS)
        fps = asked.number("fps", 2, *RATES)
        if len(self._feed) >= PAGES:
            raise RefusedError("too many look on already")
        who = asked.who
        assert who is not None

        async def pictures() -> AsyncIterator[bytes]:
            with self._feed.joined() as viewer:
                self._feed.watch(viewer, Watch(machine, "live", fps, width))
                while self._sessions.still(who):
                    messages, _ = await viewer.next()
                    for message in messages:
                        if isinstance(message, bytes):
                            yield _part(unpacked(message)[2])

        return StreamingResponse(
            pictures(), media_type="multipart/x-mixed-replace; boundary=picture"
        )

    async def _news(self, socket: WebSocket) -> None:
        """Send what is new, and listen to what is to be watched, until the page goes away."""
        await socket.accept()
        if len(self._feed) >= PAGES:
            await socket.close(FULL)
            return
        with self._feed.joined() as viewer:
            viewer.tell("plant", await self._feed.newest())
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._listen, socket, viewer, tasks)
                    tasks.start_soon(self._beat, socket, viewer, tasks)
                    while True:
                        await self._send(socket, viewer)
            except* (WebSocketDisconnect, anyio.BrokenResourceError):  # it went away
                pass

    async def _send(self, socket: WebSocket, viewer: Viewer) -> None:
        messages, tiles = await viewer.next()
        whole = any(isinstance(m, Mapping) and m["type"] == "plant" for m in messages)
        if tiles and not whole:
            messages = [*messages, self._feed.changed(tiles)]
        for message in messages:
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(json.dumps(message, separators=(",", ":")))

    async def _beat(self, socket: WebSocket, viewer: Viewer, tasks: TaskGroup) -> None:
        who = socket.scope[WHO]
        while True:
            await anyio.sleep(BEAT)
            if not self._sessions.still(who):
                await socket.close(OVER)
                tasks.cancel_scope.cancel()
            viewer.tell("beat", self._feed.beat())

    async def _listen(self, socket: WebSocket, viewer: Viewer, tasks: TaskGroup) -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                tasks.cancel_scope.cancel()
                return
            try:
                self._feed.watch(viewer, self._watch_of(message.get("text")))
            except (SenselessError, NotThereError) as error:
                text = {"schema": 1, "type": "error", "error": str(error), "hint": ""}
                viewer.tell("error", text)

    def _watch_of(self, text: str | None) -> Watch:
        try:
            wish = json.loads(text or "")["watch"]
            machine, mode, fps = wish["machine"], wish["mode"], wish.get("fps", 5)
            width, contours = wish.get("width", 640), wish.get("contours", False)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SenselessError("a watch is needed, with machine and mode") from None
        right = mode in MODES and type(contours) is bool
        for value, (least, most) in ((fps, RATES), (width, WIDTHS)):
            right = right and type(value) is int and least <= value <= most
        if not right:
            raise SenselessError("mode, fps, width or contours are not as they should be")
        return Watch(known(self._plant, machine), mode, fps, width, contours)


def _part(picture: bytes) -> bytes:
    """Return a picture as one part of a stream of them."""
    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"
