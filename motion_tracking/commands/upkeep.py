"""
What does the dashboard show of the set-up of a plant, and what can be tried there?
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from motion_tracking.capture.clock import Now
from motion_tracking.commands.cameras import listed
from motion_tracking.commands.errands import Errands
from motion_tracking.commands.premises import NothingYetError, Premises
from motion_tracking.config import Config
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.record.history import DeliveryState

if TYPE_CHECKING:
    from motion_tracking.commands.calibrating import Calibration

Json = Any

LONGEST_CHECK = 120.0
"""Seconds; a dozen cameras that do not answer take a minute."""


class Upkeep(Premises):
    """The set-up of a configuration."""

    def __init__(self, config: Config, now: Now) -> None:
        super().__init__(config, now)
        self._errands = Errands()

    def close(self) -> None:
        """End what was begun, and hang up on all trackers."""
        self._errands.close()
        super().close()

    def cameras(self) -> dict[str, Json]:
        self.reload()
        found = listed(self._config)
        detectors = {name: camera.detector for name, camera in self._config.cameras.items()}
        cameras: Any = found["cameras"]
        for camera in cameras:
            camera["detector"] = detectors[camera["name"]]
        return found

    def check(self) -> Sequence[Json]:
        folder = self._config.directory
        _, out, _ = self._errands.done(folder, ["check", "--json"], LONGEST_CHECK)
        try:
            found: list[Json] = json.loads(out)["findings"]
        except (ValueError, KeyError):
            raise RefusedError("the check did not end well", "motion-track check") from None
        return found

    def calibration(
        self, machine: str, place: Mapping[str, str]
    ) -> AbstractContextManager["Calibration"]:
        # it brings OpenCV and decoders, for as long as we run
        from motion_tracking.commands.recalibrating import recalibrated

        return recalibrated(self._config.directory, machine, place)

    def notifiers(self) -> dict[str, Json]:
        self.reload()
        events = self._config.notifications.events
        try:
            with self._history() as history:
                counts = history.outbox_counts()
        except NothingYetError:
            counts = dict.fromkeys(DeliveryState, 0)
        return {
            "notifiers": [
                {"notifier": name, "events": sorted(event.value for event in told)}
                for name, told in events.items()
            ],
            "outbox": {state.value: count for state, count in counts.items()},
        }

    def test_notifiers(self) -> Sequence[Json]:
        from motion_tracking.commands.notify import tested

        self.reload()
        return [result.fields for result in tested(self._config)]
