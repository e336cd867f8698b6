"""
Which report is asked for in the browser, and who has to wait for it?
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import anyio
from starlette.responses import Response

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.files import served
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.dashboard.rules import Asked, Rule, apart, known
from motion_tracking.dashboard.wishes import SenselessError

Json = Any

WAITING = 4
"""Reports that may wait for the one that is made."""

WRITTEN = {
    "day": re.compile(r"\d{4}-\d\d-\d\d|today|yesterday", re.ASCII),
    "week": re.compile(r"\d{4}-W\d\d|this|last", re.ASCII),
    "month": re.compile(r"\d{4}-\d\d|this|last", re.ASCII),
}
"""How a period may be called, besides the name of a shift."""


class Reports:
    """The rules about reports; one is made at a time."""

    def __init__(self, plant: Plant, utc: Callable[[], float]) -> None:
        self._plant = plant
        self._utc = utc
        self._alone = anyio.Lock()
        self._asked = 0

    def rules(self) -> list[Rule]:
        """List them."""
        return [
            Rule("GET", "/api/reports", Role.VIEW, self._reports),
            Rule("GET", "/api/reports/{format}", Role.VIEW, self._report),
        ]

    async def _reports(self, _asked: Asked) -> Json:
        found = await apart(self._plant.reports)
        return {"available": bool(found["formats"]) and not found["trouble"], **found}

    async def _report(self, asked: Asked) -> Response:
        found = await apart(self._plant.reports)
        form = asked.request.path_params["format"]
        if form not in found["formats"]:
            raise NotThereError("there are no reports of that format")
        period = self._period(asked, found["shifts"])
        machines = [known(self._plant, m) for m in asked.request.query_params.getlist("machine")]
        machines = list(dict.fromkeys(machines))
        if self._asked > WAITING:
            raise RefusedError("others wait for their reports", "try again in a minute")
        self._asked += 1
        try:
            async with self._alone:
                if await asked.request.is_disconnected():
                    return Response(status_code=204)
                return served(await apart(self._plant.report, form, machines, period))
        finally:
            self._asked -= 1

    def _period(self, asked: Asked, shifts: list[str]) -> Mapping[str, str]:
        """Return what time is meant, in words of which none can be anything else."""
        query = asked.request.query_params
        named = {key: query[key] for key in (*WRITTEN, "shift") if key in query}
        if not named:
            span = asked.span(datetime.fromtimestamp(self._utc(), UTC))
            return {"from": span.start.isoformat(), "to": span.end.isoformat()}
        alone = len(named) == 1 or named.keys() == {"day", "shift"}
        if "from" in query or "to" in query or not alone:
            raise SenselessError("one of day, week, month, shift, or from and to is needed")
        for key, value in named.items():
            right = value in ("last", *shifts) if key == "shift" else WRITTEN[key].fullmatch(value)
            if not right:
                raise SenselessError(f"{key}: there is none that is called so")
        return named
