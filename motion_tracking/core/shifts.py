"""
When should a machine have run, by the plant's calendar of shifts, breaks and holidays?

Shifts are said in local time and become spans in UTC, so a night in which the clocks are set
lasts 7 or 9 hours.  A shift belongs to the day on which it starts, wherever it ends.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations

from motion_tracking.core.spans import Span, intersection, subtraction, union

DAY = timedelta(days=1)
WEEK = 7 * DAY
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """
    A shift of the week, in local time.

    One that ends at or before its start ends on the next day.  `days` are those on which it
    starts, Monday being 0.  `breaks` are times of day too, within the shift.  Raise `ValueError`
    for a break that is not.
    """

    name: str
    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))
    breaks: tuple[tuple[time, time], ...] = ()

    def __post_init__(self) -> None:
        for begin, end in self.breaks:
            if not self.after_start(begin) < self.after_start(end, whole=True) <= self.length:
                raise ValueError(
                    f"the break {begin:%H:%M}-{end:%H:%M} is not within the shift"
                    f" {self.name}, {self.start:%H:%M}-{self.end:%H:%M}"
                )

    @property
    def length(self) -> timedelta:
        """How long it lasts on the clock on the wall."""
        return self.after_start(self.end, whole=True)

    def after_start(self, at: time, *, whole: bool = False) -> timedelta:
        """Return how long after the start a time of day is; the start itself is a `whole` day."""
        after = (_since_midnight(at) - _since_midnight(self.start)) % DAY
        return after or (DAY if whole else timedelta())


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """Time in which a machine, or every one where `machine` is None, was meant to stand."""

    machine: str | None
    start: datetime
    end: datetime
    reason: str = "planned"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


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


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    The shifts of a plant in its time zone, its holidays, and the stops that are planned.

    On a holiday no shift starts; one that started on the day before goes on to its end.  Raise
    `ValueError` where two shifts overlap.
    """

    zone: tzinfo
    shifts: tuple[Shift, ...] = ()
    holidays: Collection[date] = frozenset()
    planned_stops: tuple[PlannedStop, ...] = ()
    _days: dict[date, list[ShiftSpan]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        refuse_overlaps(self.shifts)

    @property
    def scheduled(self) -> bool:
        """Whether it says when machines should run; without a shift it does not."""
        return bool(self.shifts)

    def shifts_between(self, machine: str, start: datetime, end: datetime) -> list[ShiftSpan]:
        """Return the shifts that overlap the time, in order; `planned` is cut to it."""
        stops = self.stops_of(machine)
        asked = [Span(start, end)]
        found = []
        day = local(start, self.zone).date() - 2 * DAY
        while day <= local(end, self.zone).date():
            for shift in self._of(day):
                if shift.start < end and start < shift.end:
                    planned = subtraction(intersection(shift.planned, asked), stops)
                    found.append(ShiftSpan(shift.name, day, shift.start, shift.end, tuple(planned)))
            day += DAY
        return found

    def stops_of(self, machine: str) -> list[Span]:
        """Return when a machine was meant to stand."""
        return union(stop.span for stop in self.planned_stops if stop.machine in (None, machine))

    def _of(self, day: date) -> list[ShiftSpan]:
        if day not in self._days:
            self._days[day] = sorted(self._begun_on(day), key=lambda shift: shift.start)
        return self._days[day]

    def _begun_on(self, day: date) -> Iterator[ShiftSpan]:
        if day in self.holidays:
            return
        for shift in self.shifts:
            if day.weekday() not in shift.days:
                continue
            begin = datetime.combine(day, shift.start)
            whole = self._span(begin, begin + shift.length)
            breaks = union(
                self._span(begin + shift.after_start(a), begin + shift.after_start(b, whole=True))
                for a, b in shift.breaks
            )
            if whole.start < whole.end:
                planned = tuple(subtraction([whole], breaks))
                yield ShiftSpan(shift.name, day, whole.start, whole.end, planned)

    def _span(self, begin: datetime, end: datetime) -> Span:
        return Span(moment(begin, self.zone), moment(end, self.zone))


def refuse_overlaps(shifts: Sequence[Shift]) -> None:
    """Raise `ValueError` with the names of two shifts that overlap in some week."""
    for one, other in combinations(shifts, 2):
        for begin, end in _in_week(one):
            for start, until in _in_week(other):
                if any(begin < until + w and start + w < end for w in (-WEEK, 0 * WEEK, WEEK)):
                    raise ValueError(f"the shifts {one.name} and {other.name} overlap")


def _in_week(shift: Shift) -> Iterator[tuple[timedelta, timedelta]]:
    for day in sorted(shift.days):
        begin = day * DAY + _since_midnight(shift.start)
        yield begin, begin + shift.length


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def local(at: datetime, zone: tzinfo) -> datetime:
    """Return what the clock on the wall says, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def moment(on_the_wall: datetime, zone: tzinfo) -> datetime:
    """
    Return the moment in UTC at which the clock on the wall says so.

    The first, if it says so twice; if the clocks skip it, when they do.
    """
    while True:
        at = on_the_wall.replace(tzinfo=zone).astimezone(UTC)
        if local(at, zone) == on_the_wall.replace(fold=0):
            return at
        on_the_wall = on_the_wall.replace(second=0, microsecond=0) + MINUTE


def local_days(zone: tzinfo, start: datetime, end: datetime) -> list[tuple[date, Span]]:
    """Return the local days that tile the time, the first and the last cut to it."""
    days = []
    day = local(start, zone).date()
    begin = start
    while begin < end:
        after = min(moment(datetime.combine(day + DAY, time()), zone), end)
        if begin < after:
            days.append((day, Span(begin, after)))
        begin, day = max(begin, after), day + DAY
    return days


def local_hours(zone: tzinfo, days: Iterable[tuple[date, Span]]) -> list[tuple[date, int, Span]]:
    """Return the hours on the wall that tile the days; 23, 24 or 25 a day."""
    hours = []
    for day, span in days:
        begin = span.start
        while begin < span.end:
            wall = local(begin, zone)
            into = timedelta(
                minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond
            )
            after = min(begin - into + 60 * MINUTE, span.end)
            hours.append((day, wall.hour, Span(begin, after)))
            begin = after
    return hours
