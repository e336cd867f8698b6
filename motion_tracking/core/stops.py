"""
Which stops did a machine have, from its beginning to its end each?

A stop is one however it is called on the way: stopped and deep sleep are one stop, and so is what
lies on the two sides of a short loss of signal.  No midnight and no shift parts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
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

    def explained(self, why: Explanation, lost: timedelta, in_plan: bool) -> "Stop":
        """Return the stop with its reason, and with what it cost of planned time."""
        # `replace` takes a second of the year of a plant
        return Stop(
            self.machine,
            self.start,
            self.end,
            self.seen,
            self.ongoing,
            self.continued,
            self.slept,
            self.begin_seen,
            self.end_seen,
            lost,
            in_plan,
            why,
        )

    def is_micro(self, limit: timedelta) -> bool:
        """Whether it ended before `limit`."""
        return self.closed and self.seen < limit


class _Episode:
    """A stop while it is put together."""

    def __init__(self, tile: Interval[datetime], begin_seen: bool) -> None:
        self.start = tile.start
        self.end = tile.start
        self.seen = timedelta()
        self.unseen = timedelta()  # since it was last seen standing
        self.slept = False
        self.begin_seen = begin_seen

    def stands(self, tile: Interval[datetime]) -> None:
        self.end = tile.end
        self.seen += tile.end - tile.start
        self.unseen = timedelta()
        self.slept = self.slept or tile.state is MachineState.DEEP_SLEEP

    def ended(self, machine: str, asked: datetime, *, ongoing: bool, ran: bool) -> Stop:
        return Stop(
            machine,
            self.start,
            self.end,
            self.seen,
            ongoing,
            self.start < asked,
            self.slept,
            self.begin_seen,
            ran and not self.unseen,
        )


def stops_of(
    machine: str, tiles: Iterable[Interval[datetime]], asked: datetime | None = None
) -> list[Stop]:
    """
    Return the stops in the intervals of a machine, in order.

    Those that began before `asked`, where the time asked for begins, are `continued`, and those
    that ended before it are left out.
    """
    asked = asked or datetime.min.replace(tzinfo=UTC)
    stops: list[Stop] = []
    stop: _Episode | None = None
    before = None
    for tile in tiles:
        if tile.state is MachineState.RUNNING:
            if stop is not None:
                stops.append(stop.ended(machine, asked, ongoing=False, ran=True))
            stop = None
        elif tile.state in (MachineState.STOPPED, MachineState.DEEP_SLEEP):
            if stop is not None and stop.unseen >= LONGEST_OUTAGE:
                stops.append(stop.ended(machine, asked, ongoing=False, ran=False))
                stop = None
            if stop is None:
                stop = _Episode(tile, before is MachineState.RUNNING)
            stop.stands(tile)
        elif stop is not None:
            stop.unseen += tile.end - tile.start
        before = tile.state
    if stop is not None:
        stops.append(stop.ended(machine, asked, ongoing=not stop.unseen, ran=False))
    return [stop for stop in stops if stop.end > asked]
