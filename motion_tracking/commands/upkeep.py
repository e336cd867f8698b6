"""
What does the dashboard show of the set-up of a plant, and what can be tried there?
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from motion_tracking.commands.cameras import listed
from motion_tracking.commands.configuration import history_file
from motion_tracking.config import Config, load
from motion_tracking.dashboard.plant import File, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.history import DeliveryState, History, HistoryError, NoHistoryError

if TYPE_CHECKING:
    from motion_tracking.commands.calibrating import Calibration

Json = Any

LONGEST_CHECK = 120.0
"""Seconds; a dozen cameras that do not answer take a minute."""


class Upkeep:
    """The set-up of a configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def reload(self) -> None:
        """Read the configuration again."""
        self._config = load(self._config.directory, os.environ)

    def cameras(self) -> dict[str, Json]:
        self.reload()
        found = listed(self._config)
        detectors = {name: camera.detector for name, camera in self._config.cameras.items()}
        cameras: Any = found["cameras"]
        for camera in cameras:
            camera["detector"] = detectors[camera["name"]]
        return found

    def check(self) -> Sequence[Json]:
        # in a process of its own: it brings OpenCV and decoders, which we do without
        folder = str(self._config.directory)
        command = [sys.executable, "-m", "motion_tracking", "-C", folder, "check", "--json"]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=LONGEST_CHECK,
                check=False,
            )
            found: list[Json] = json.loads(done.stdout)["findings"]
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
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
            with History(history_file(self._config), self._config.site, read_only=True) as history:
                counts = history.outbox_counts()
        except NoHistoryError:
            counts = dict.fromkeys(DeliveryState, 0)
        except HistoryError as error:
            raise RefusedError(str(error)) from None
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

    def formats(self) -> Sequence[str]:
        return ()

    def report(self, format_: str, machines: Sequence[str], span: Range) -> File:
        raise NotThereError("there are no reports yet")
