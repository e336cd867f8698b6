"""
What has happened, as far as it is asked for from the browser?
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.plant import File, Plant
from motion_tracking.dashboard.refusals import NotThereError
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
            Rule("GET", f"{one}/clips", Role.VIEW, self._clips),
            Rule("GET", one + "/clips/{number}", Role.VIEW, self._clip),
            Rule("GET", f"{one}/snapshots", Role.VIEW, self._snapshots),
            Rule("GET", one + "/snapshots/{number}", Role.VIEW, self._snapshot),
            Rule("GET", "/api/reports", Role.VIEW, self._reports),
            Rule("GET", "/api/reports/{format}", Role.VIEW, self._report),
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

    async def _motion(self, asked: Asked) -> Json:
        span = asked.span(self._now, LONGEST_MOTION)
        points = asked.number("points", POINTS, 10, 5000)
        found = await apart(self._plant.motion, asked.machine, span, points)
        return {"from": span.start.isoformat(), "to": span.end.isoformat(), **found}

    async def _stops(self, asked: Asked) -> Json:
        return {"stops": await apart(self._plant.stops, asked.machine, asked.span(self._now))}

    async def _labels(self, asked: Asked) -> Json:
        return {"labels": await apart(self._plant.labels, asked.machine)}

    async def _clips(self, asked: Asked) -> Json:
        span = asked.span(self._now)
        available, clips = await apart(self._plant.clips, asked.machine, span)
        return {"available": available, "clips": clips}

    async def _clip(self, asked: Asked) -> Response:
        number = asked.request.path_params["number"]
        return served(await apart(self._plant.clip, asked.machine, number))

    async def _snapshots(self, asked: Asked) -> Json:
        return {"snapshots": await apart(self._plant.snapshots, asked.machine)}

    async def _snapshot(self, asked: Asked) -> Response:
        number = asked.request.path_params["number"]
        return served(await apart(self._plant.snapshot, asked.machine, number))

    async def _reports(self, _asked: Asked) -> Json:
        formats = list(self._plant.formats())
        return {"available": bool(formats), "formats": formats}

    async def _report(self, asked: Asked) -> Response:
        format_ = asked.request.path_params["format"]
        if format_ not in self._plant.formats():
            raise NotThereError("there are no reports of that format")
        span = asked.span(self._now)
        return served(await apart(self._plant.report, format_, asked.machines(), span))


def served(file: File) -> Response:
    """Answer with a file; what is a page of its own is saved, and not opened here."""
    # a report brings scripts of its own, which our policy would stop, and should
    shown = file.media_type in ("image/jpeg", "video/mp4")
    kind = "inline" if shown else "attachment"
    headers = {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}"}
    if file.path is not None:
        return FileResponse(file.path, headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)
