"""
What was kept of what the cameras saw, as far as it is asked for from the browser?
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
from starlette.responses import Response

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.files import served
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.dashboard.rules import Asked, Rule, apart, moment
from motion_tracking.dashboard.wishes import SenselessError

Json = Any

AROUND = 60
FARTHEST = 24 * 3600
"""Seconds around a moment: usually, and at most."""


class Footage:
    """The rules about clips, pictures and snapshots; one clip is converted at a time."""

    def __init__(self, plant: Plant, utc: Callable[[], float]) -> None:
        self._plant = plant
        self._utc = utc
        self._alone = anyio.Lock()

    def rules(self) -> list[Rule]:
        """List them."""
        one = "/api/machines/{machine}"
        return [
            Rule("GET", f"{one}/clips", Role.VIEW, self._clips),
            Rule("GET", one + "/clips/{number}", Role.VIEW, self._clip),
            Rule("GET", one + "/clips/{number}/playable", Role.VIEW, self._playable),
            Rule("GET", f"{one}/around", Role.VIEW, self._around),
            Rule("GET", f"{one}/snapshots", Role.VIEW, self._snapshots),
            Rule("GET", one + "/snapshots/{number}", Role.VIEW, self._snapshot),
            Rule("POST", f"{one}/clips/delete", Role.ADMIN, self._delete_all),
            Rule("POST", one + "/clips/{number}/delete", Role.ADMIN, self._delete),
        ]

    async def _clips(self, asked: Asked) -> Json:
        span = asked.span(datetime.fromtimestamp(self._utc(), UTC))
        return await apart(self._plant.clips, asked.machine, span)

    async def _clip(self, asked: Asked) -> Response:
        return served(await apart(self._plant.clip, asked.machine, _number(asked)))

    async def _playable(self, asked: Asked) -> Response:
        if self._alone.locked():
            raise RefusedError("another recording is being converted", "try again in a minute")
        async with self._alone:
            return served(await apart(self._plant.playable, asked.machine, _number(asked)))

    async def _around(self, asked: Asked) -> Json:
        at = moment("at", asked.request.query_params.get("at", ""))
        seconds = asked.number("seconds", AROUND, 1, FARTHEST)
        found = await apart(self._plant.around, asked.machine, at, float(seconds))
        return {"at": at.isoformat(), **found}

    async def _snapshots(self, asked: Asked) -> Json:
        return {"snapshots": await apart(self._plant.snapshots, asked.machine)}

    async def _snapshot(self, asked: Asked) -> Response:
        return served(await apart(self._plant.snapshot, asked.machine, _number(asked)))

    async def _delete_all(self, asked: Asked) -> Json:
        return {"deleted": await apart(self._plant.delete_clips, asked.confirmed())}

    async def _delete(self, asked: Asked) -> Json:
        number = _number(asked)
        if asked.wish.get("confirm") != number:
            raise SenselessError("confirm: the number of the clip is needed once more")
        await apart(self._plant.delete_clip, asked.machine, number)
        return {"deleted": 1}


def _number(asked: Asked) -> str:
    number: str = asked.request.path_params["number"]
    return number
