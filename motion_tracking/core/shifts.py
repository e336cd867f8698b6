"""
When should a machine have run, by the plant's calendar of shifts, breaks and holidays?

Shifts are said in local time and become spans in UTC, so a night in which the clocks are set
lasts 7 or 9 hours.  A shift belongs to the day on which it starts, wherever it ends.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from motion_tracking.core.spans import Span


@dataclass(frozen=True, slots=True)
class Shift:
    """
    A shift of the week, in local time.

    One that ends at or before its start ends on the next day.  `days` are those on which it
    starts, Monday being 0.  `breaks` are times of day too, within the shift.
    """

    name: str
    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))
    breaks: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """Time in which a machine, or every one where `machine` is None, was meant to stand."""

    machine: str | None
    start: datetime
    end: datetime
    reason: str = "planned"


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """
    One shift of one day: from `start` to `end`, of which `planned` is what the machine should run.

    `day` is the production day: the local day on which the shift starts.
    """

    name: str
    day: date
    start: datetime
    end: datetime
    planned: tuple[Span, ...]
