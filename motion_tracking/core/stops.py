"""
Which stops did a machine have, from its beginning to its end each?

A stop is one however it is called on the way: stopped and deep sleep are one stop, and so is what
lies on the two sides of a short loss of signal.  No midnight and no shift parts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from motion_tracking.core.intervals import Interval
from motion_tracking.core.reasons import UNEXPLAINED, Category, Explanation

LONGEST_OUTAGE = timedelta(minutes=20)
"""An outage as long as this ends a stop; after it the machine may well have run, as for `run`."""


@dataclass(frozen=True, slots=True)
class Stop:
    """
    One stop.  Times are aware, in UTC; `start` and `end` are those of the stop itself.

    `seen` is the time in which it was seen standing, from beginning to end; what was not seen in
    the middle is not in it.  `lost` is the part of `seen` in planned time and in the time asked
    for; where there is no shift calendar all time asked for is.  `in_plan` says that the stop
    began in it, so that it is counted there.

    `ongoing`: it was still stopped at the end of the time asked for.  `continued`: it began
    before that time.  `slept`: it was long enough for a deep sleep.  `begin_seen` and `end_seen`
    say that the machine was seen to run right before and right after.
    """

    machine: str
    start: datetime
    end: datetime
    seen: timedelta
    ongoing: bool = False
    continued: bool = False
    slept: bool = False
    begin_seen: bool = True
    end_seen: bool = True
    lost: timedelta = timedelta()
    in_plan: bool = True
    why: Explanation = UNEXPLAINED

    @property
    def seconds(self) -> float:
        """Seconds in which it was seen standing."""
        return self.seen.total_seconds()

    @property
    def closed(self) -> bool:
        """Whether its length is known; else `seen` is what it lasted at least."""
        return self.begin_seen and self.end_seen and not self.ongoing

    @property
    def reason(self) -> str:
        return self.why.reason

    @property
    def category(self) -> Category:
        return self.why.category

    @property
    def note(self) -> str:
        return self.why.note

    def is_micro(self, limit: timedelta) -> bool:
        """Whether it ended before `limit`."""
        return self.closed and self.seen < limit


def stops_of(machine: str, tiles: Iterable[Interval[datetime]], start: datetime) -> list[Stop]:
    """Return the stops in the intervals of a machine, of which those before `start` `continued`."""
    raise NotImplementedError
