"""
What does a tracker show of a machine to who looks on?

Nothing is made before it is asked for, and no picture more often than `PER_SECOND`, however many
look.  All of it is called in the thread of the link: it reads what the loop has left, whole.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.capture.reader import Reader
from motion_tracking.config import Camera
from motion_tracking.core.changes import Change
from motion_tracking.core.motion import Frame, Grey, grey
from motion_tracking.core.picture import QUALITY, Contour, contours, jpeg
from motion_tracking.tracker import Scored, Tracker

Json = Any

PER_SECOND = 15.0
"""Pictures that are coded, at most."""

STALE = 5.0
"""Seconds after which a picture is none of now, and is not shown."""

WATCHED = 2.0
"""Seconds for which all is decoded after a picture was asked for."""

FRESH = 2.5
"""Seconds for which a judgement, or the picture before, says something of now."""

FAINT = 25
"""Grey levels that count as a change to the eye, where the detector has no such number."""


class Viewfinder:
    """One machine, as it can be looked at."""

    def __init__(self, camera: Camera, tracker: Tracker, reader: Reader, now: Now) -> None:
        self._camera = camera
        self._tracker = tracker
        self._reader = reader
        self._now = now
        self._scored: Scored | None = None
        self._coded: tuple[tuple[int, int], float, bytes] | None = None
        self._before: tuple[float, Grey] | None = None

    def scored(self, scored: Scored) -> None:
        """Take a judged sample; called by the loop."""
        self._scored = scored

    def changed(self, change: Change) -> None:
        """The state is asked of the machine itself."""

    @property
    def moving(self) -> bool:
        """Whether the last sample moved, if there was one just now."""
        scored = self._scored
        fresh = scored is not None and self._now().at - scored.at < FRESH
        return scored is not None and fresh and scored.moving

    def facts(self) -> dict[str, Json]:
        """Say all that can be said without looking at a picture."""
        moment, memory = self._now(), self._tracker.machine.memory
        scored, roi = self._scored, self._camera.corners
        since = moment.utc - (moment.at - memory.since)
        return {
            "machine": self._tracker.name,
            "state": memory.state.value,
            "reason": None if memory.reason is None else memory.reason.value,
            "since": datetime.fromtimestamp(since, UTC).isoformat(),
            "score": None if scored is None else scored.score,
            "moving": self.moving,
            "threshold": self._tracker.threshold,
            "size": self._tracker.size,
            "roi": None if roi is None else self._in_order(roi),
            "trouble": self._trouble(moment.at),
        }

    def picture(self, wish: Mapping[str, Json]) -> tuple[dict[str, Json], bytes]:
        """
        Return the newest picture and what goes with it; no bytes where there is no newer one.

        Of `wish` count `width`, `quality`, `contours`, and `after`: the `frame` that came last.
        """
        self._tracker.attention.ask(self._now().at + WATCHED)
        frame = self._reader.newest
        if frame is None or self._now().at - frame.at > STALE:
            return {}, b""
        shape = int(wish.get("width", 640)), int(wish.get("quality", QUALITY))
        shown, coded = self._code(frame, shape, wish.get("after"))
        at = datetime.fromtimestamp(frame.utc - (frame.at - shown), UTC)
        said: dict[str, Json] = {"frame": shown, "at": at.isoformat(), "contours": []}
        if wish.get("contours") and coded:
            said["contours"] = self._contours(frame)
        return said, coded

    def _code(self, frame: Frame, shape: tuple[int, int], after: Json) -> tuple[float, bytes]:
        if self._coded is None or self._coded[0] != shape or self._due(frame, self._coded[1]):
            self._coded = shape, frame.at, jpeg(frame, *shape)
        _, shown, coded = self._coded
        return shown, b"" if after == shown else coded

    def _due(self, frame: Frame, before: float) -> bool:
        return not 0 <= frame.at - before < 1 / PER_SECOND

    def _contours(self, frame: Frame) -> list[Contour]:
        roi = self._camera.roi
        if roi is None or not roi.fits(*frame.size):
            return []
        before, now = self._before, (frame.at, grey(frame, roi))
        self._before = now
        if before is None or not 0 < now[0] - before[0] < FRESH:
            return []
        faint = self._camera.detector == "calibrated"
        return contours(before[1], now[1], roi, FAINT if faint else self._camera.pixel_threshold)

    def _trouble(self, at: float) -> str:
        frame = self._reader.newest
        if self._reader.trouble:
            return self._reader.trouble
        if frame is None:
            return "no picture yet"
        return f"no picture for {at - frame.at:.0f} s" if at - frame.at > STALE else ""

    def _in_order(self, corners: tuple[int, int, int, int]) -> list[int]:
        ix, iy, ix2, iy2 = corners
        return [min(ix, ix2), min(iy, iy2), max(ix, ix2), max(iy, iy2)]
