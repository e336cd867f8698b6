"""
What has happened, as far as it is asked for from the browser?
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.rules import Asked, Rule, apart

Json = Any

LONGEST_MOTION = timedelta(days=35)

POINTS = 600


class LookingBack:
    """The rules about the past."""

    def __init__(self, plant: Plant, utc: Callable[[], float]) -> None:
        self._plant = plant
        self._utc = utc

    def rules(self) -> list[Rule]:
        """List them."""
        one = "/api/machines/{machine}"
        return [
            Rule("GET", "/api/timeline", Role.VIEW, self._timeline),
            Rule("GET", f"{one}/motion", Role.VIEW, self._motion),
            Rule("GET", f"{one}/stops", Role.VIEW, self._stops),
            Rule("GET", f"{one}/labels", Role.VIEW, self._labels),
            Rule("GET", "/api/shifts", Role.VIEW, self._shifts),
            Rule("GET", "/api/reasons", Role.VIEW, self._reasons),
        ]

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._utc(), UTC)

    async def _timeline(self, asked: Asked) -> Json:
        span = asked.span(self._now)
        machines = await apart(self._plant.timeline, asked.machines(), span)
        return {
            "from": span.start.isoformat(),
            "to": span.end.isoformat(),
            "server_time": self._now.isoformat(),
            "machines": machines,
        }

    async def _shifts(self, asked: Asked) -> Json:
        return await apart(self._plant.shifts, asked.span(self._now))

    async def _motion(self, asked: Asked) -> Json:
        span = asked.span(self._now, LONGEST_MOTION)
        points = asked.number("points", POINTS, 10, 5000)
        found = await apart(self._plant.motion, asked.machine, span, points)
        return {"from": span.start.isoformat(), "to": span.end.isoformat(), **found}

    async def _stops(self, asked: Asked) -> Json:
        return {"stops": await apart(self._plant.stops, asked.machine, asked.span(self._now))}

    async def _labels(self, asked: Asked) -> Json:
        return {"labels": await apart(self._plant.labels, asked.machine)}

    async def _reasons(self, _asked: Asked) -> Json:
        return await apart(self._plant.reasons)
