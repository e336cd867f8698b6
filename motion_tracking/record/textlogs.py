"""
What do the three text logs of a machine say, and when?

They are the old tool's, to the byte: scripts of the plant read them.  `log_motion_*` has the
highest score of each second in which there was a sample, written when the second is over.  Times
are local.  What cannot be written is dropped and counted: the history has what matters.
A stop that was first seen after a warm-up has its lines too, though nobody is told of it: each
`Moving_State ... was stopped for` has a `Stopped_State` before it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, tzinfo
from math import floor
from pathlib import Path

from motion_tracking.core.changes import Change, Event
from motion_tracking.core.loglines import deep_sleep_line, motion_line, state_change_line
from motion_tracking.core.machine import MachineState
from motion_tracking.record.outage import Outage
from motion_tracking.record.rotating import RotatingLog

log = logging.getLogger(__name__)

MOTION_LIMIT = 2_500_000
EVENT_LIMIT = 1_000_000
KEPT = 5
"""
Bytes of a file before it is set aside, and how many of those are kept.

Of motion a week, of changes years: with the history a year of a machine stays below 50 MB.
"""

SETTLED_AFTER = 2.0
"""Seconds without a sample after which a second is over, for want of a next one."""


class TextLogs:
    """The logs of one machine.  Nothing raises, whatever the disk does."""

    def __init__(
        self,
        folder: Path,
        machine: str,
        now: Callable[[], float],
        zone: tzinfo | None = None,
    ) -> None:
        """Write into `folder`; `now` gives monotonic seconds, `zone` is by default the system's."""
        self.dropped = 0
        self._zone = zone
        self._now = now
        self._motion = RotatingLog(folder / f"log_motion_{machine}.log", MOTION_LIMIT, KEPT)
        self._states = RotatingLog(
            folder / f"log_globalstatechange_{machine}.log", EVENT_LIMIT, KEPT
        )
        self._sleeps = RotatingLog(folder / f"log_deepsleep_{machine}.log", EVENT_LIMIT, KEPT)
        self._outage = Outage(log, f"a text log of {machine}", now)
        self._second: int | None = None
        self._written: int | None = None
        self._highest = 0
        self._sampled_at = 0.0

    def sample(self, utc: float, score: int) -> None:
        """Take a score of the moment `utc`, seconds since 1970."""
        self._sampled_at = self._now()
        second = floor(utc)
        if second == self._second:
            self._highest = max(self._highest, score)
        elif second != self._written:
            self._end_second()
            self._second, self._highest = second, score

    def change(self, change: Change) -> None:
        """Write the lines of a change, if it has any."""
        at = change.detected_at.astimezone(self._zone)
        minutes = int((change.stopped_for or 0.0) // 60)
        event, machine = change.event, change.machine
        if _begins_a_stop(change) or _ends_a_stop(change):
            moving = change.to_state is MachineState.RUNNING
            line = state_change_line(at, machine, moving=moving, stopped_minutes=minutes)
            self._write(self._states, line)
        if event in (Event.DEEP_SLEEP, Event.WAKE_UP):
            woke = event is Event.WAKE_UP
            self._write(self._sleeps, deep_sleep_line(at, machine, woke=woke, minutes=minutes))

    def settle(self) -> None:
        """Write the last second, if it was some time ago; call about once a second."""
        if self._now() - self._sampled_at >= SETTLED_AFTER:
            self._end_second()

    def close(self) -> None:
        """Write the last second and close the files."""
        self._end_second()
        for text in (self._motion, self._states, self._sleeps):
            text.close()

    def _end_second(self) -> None:
        if self._second is not None:
            at = datetime.fromtimestamp(self._second, self._zone)
            self._written, self._second = self._second, None
            self._write(self._motion, motion_line(at, self._highest))

    def _write(self, text: RotatingLog, line: str) -> None:
        try:
            text.write(line)
        except OSError as error:
            self.dropped += 1
            self._outage.failed(error, f"{self.dropped} lines dropped so far")
        else:
            self._outage.over(f"{self.dropped} lines dropped so far")


def _begins_a_stop(change: Change) -> bool:
    return change.to_state is MachineState.STOPPED and change.stopped_since == change.occurred_at


def _ends_a_stop(change: Change) -> bool:
    return change.to_state is MachineState.RUNNING and change.stopped_since is not None
