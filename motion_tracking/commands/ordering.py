"""
What can the dashboard tell the tracker of a machine, and write down of it?

Trackers are told over their links; the threshold is written into config_cam.ini besides.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.commands.premises import Premises
from motion_tracking.config import Config, WriteError, write_values
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.core.clips import Trigger
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.record.pausing import Pause

Json = Any

RECORDED = 2.0
"""Seconds for which it is believed whether a machine is being recorded."""

KEPT = 15.0
"""Seconds before and after a moment that are kept of it."""

UNANSWERED = 15.0
"""Seconds until a tracker is asked that again which did not answer."""


class Ordered(Premises):
    """The machines of a plant, as they are looked at and steered."""

    def __init__(self, config: Config, now: Now) -> None:
        super().__init__(config, now)
        self._recording: dict[str, tuple[float, bool]] = {}

    def look(self, machine: str, wish: Mapping[str, Json]) -> tuple[Mapping[str, Json], bytes]:
        return self._ask(machine, {**wish, "do": "look"})

    def set_threshold(self, machine: str, threshold: int) -> Json:
        path = self._config.directory / CAMERA_FILE
        was = self._camera(machine).threshold
        try:
            with self._writing:
                diff = write_values(path, machine, {"threshold": str(threshold)})
        except WriteError as error:
            raise RefusedError(str(error), error.hint) from None
        self.reload()
        applied = self._said(machine, {"do": "threshold", "threshold": threshold})
        return {
            "threshold": threshold,
            "was": applied["was"] if applied else was,
            "applied": applied is not None,
            "diff": diff,
        }

    def pause(self, machine: str, seconds: float, reason: str, by: str) -> Json:
        wish = {"do": "pause", "seconds": seconds, "reason": reason, "by": by}
        said, _ = self._ask(machine, wish)
        held = said["paused"]
        return paused(Pause(held["until"], held["reason"], held["by"]))

    def resume(self, machine: str) -> None:
        self._ask(machine, {"do": "resume"})

    def record(self, machine: str, on: bool) -> None:
        self._ask(machine, {"do": "record", "on": on})
        self._recording[machine] = self._now().at + RECORDED, on

    def keep(self, machine: str, at: datetime) -> None:
        self._ask(machine, {"do": "keep", "at": at.timestamp(), "seconds": KEPT})

    def restart(self, machine: str) -> None:
        self._ask(machine, {"do": "end"})

    def _records(self, machine: str, live: bool) -> bool:
        """Whether somebody has a machine recorded; its tracker is asked every other second."""
        at = self._now().at
        camera = self._camera(machine)
        if not live or Trigger.MANUAL not in self._config.recording.of(camera):
            return False
        until, on = self._recording.get(machine, (at, False))
        if at >= until:
            said = self._said(machine, {"do": "look"})
            on = bool(said and said.get("recording"))
            # who hangs would hold up the tiles of all others
            self._recording[machine] = at + (UNANSWERED if said is None else RECORDED), on
        return on


def paused(pause: Pause) -> Json:
    """Say until when a machine is paused, why, and by whom."""
    until = datetime.fromtimestamp(pause.until, UTC).isoformat()
    return {"until": until, "reason": pause.reason, "by": pause.by}
