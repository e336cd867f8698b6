"""
How do the changes of a machine become its report?

One pass over its changes; all that is added up over shifts, days and hours goes by whole arrays.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

import numpy as np

from motion_tracking.core.digest import MachineReport
from motion_tracking.core.explaining import Known, Moments, Plan, explanations, tiles_of
from motion_tracking.core.figures import NOTHING, Figures, Tally, tally
from motion_tracking.core.heat import HeatMap
from motion_tracking.core.pareto import by_length, by_reason
from motion_tracking.core.shifts import local_days, local_hours
from motion_tracking.core.spans import Span
from motion_tracking.core.statetimes import Micros, StateTimes, edges_of, micros
from motion_tracking.core.stops import Stop, stops_of

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class _Period:
    """A shift, or a day where there are none: the production day, and the planned spans."""

    day: date
    planned: tuple[Span, ...]


class Digester:
    """Makes the reports of all machines of a plant for the same time."""

    def __init__(self, plan: Plan, start: datetime, end: datetime) -> None:
        """Raise `ValueError` unless `start` is before `end`; both are aware."""
        if not start < end:
            raise ValueError("there is no time between start and end")
        self._plan = plan
        self._start, self._end = start, end

    @cached_property
    def _days(self) -> list[tuple[date, Span]]:
        return local_days(self._plan.calendar.zone, self._start, self._end)

    @cached_property
    def _heat(self) -> HeatMap:
        return HeatMap(local_hours(self._plan.calendar.zone, self._days), len(self._days))

    def machine(self, known: Known) -> MachineReport:
        """Return the report of a machine."""
        wide = tiles_of(known, self._start, self._end)
        tiles = _cut(wide, self._start)
        times = StateTimes.of(tiles)
        shifts = self._plan.calendar.shifts_between(known.machine, self._start, self._end)
        periods = [_Period(shift.day, shift.planned) for shift in shifts]
        if not self._plan.calendar.scheduled:
            periods = [_Period(day, (span,)) for day, span in self._days]
        planned = _Planned(periods)
        within = times.only(*planned.edges) if self._plan.calendar.scheduled else times
        stops, owners = self._stops(known, wide, planned, within)
        figures = self._figures(times, planned, stops, owners)
        days = _added((period.day, each) for period, each in zip(periods, figures, strict=True))
        weeks = _added((day.isocalendar()[:2], each) for day, each in days)
        nothing = self._plain(0, 0, 0)
        return MachineReport(
            machine=known.machine,
            start=self._start,
            end=self._end,
            tiles=tuple(tiles),
            stops=tuple(stops),
            figures=sum((each for _, each in weeks), nothing),
            everything=self._everything(times),
            shifts=tuple(zip(shifts, figures, strict=False)),
            days=tuple(days),
            weeks=tuple(weeks),
            by_reason=by_reason(stops, self._plan.limits),
            by_length=by_length(stops, self._plan.limits),
            heat=self._heat.of(within),
            scores=known.scores,
            threshold=known.threshold,
            imported_until=known.imported_until,
        )

    def _stops(
        self, known: Known, wide: list[Moments], planned: "_Planned", within: StateTimes
    ) -> tuple[list[Stop], list[int]]:
        """Return the stops, with reasons and costs, and the number of the period of each or -1."""
        stops = stops_of(known.machine, wide, self._start)
        begin, end = micros(stop.start for stop in stops), micros(stop.end for stop in stops)
        _, lost = within.within(begin, end)
        owners = planned.owners(begin)
        reasons = explanations(self._plan, known, stops, self._end)
        whole = [
            stop.explained(why, timedelta(microseconds=cost), owner >= 0)
            for stop, cost, owner, why in zip(stops, lost.tolist(), owners, reasons, strict=True)
        ]
        return whole, owners

    def _figures(
        self, times: StateTimes, planned: "_Planned", stops: list[Stop], owners: list[int]
    ) -> list[Figures]:
        """Return the figures of each period."""
        begun: dict[int, list[Stop]] = {}
        earlier: dict[int, list[Stop]] = {}
        for stop, owner in zip(stops, owners, strict=True):
            if owner >= 0:
                begun.setdefault(owner, []).append(stop)
            elif stop.lost:
                earlier.setdefault(planned.next_owner(stop.start), []).append(stop)
        limits = self._plan.limits
        return [
            self._plain(ran, stood, whole, tally(begun.get(n, ()), limits, earlier.get(n, ())))
            for n, (ran, stood, whole) in enumerate(zip(*planned.times(times), strict=True))
        ]

    def _plain(self, ran: int, stood: int, whole: int, counted: Tally = NOTHING) -> Figures:
        return Figures(
            timedelta(microseconds=ran),
            timedelta(microseconds=stood),
            timedelta(microseconds=whole - ran - stood),
            counted,
            self._plan.calendar.scheduled,
            self._plan.limits.coverage,
        )

    def _everything(self, times: StateTimes) -> Figures:
        (ran,), (stood,) = times.within(*edges_of([Span(self._start, self._end)]))
        whole = (self._end - self._start) // timedelta(microseconds=1)
        return replace(self._plain(int(ran), int(stood), whole), scheduled=False)


class _Planned:
    """The planned spans of all periods, one after the other."""

    def __init__(self, periods: Sequence[_Period]) -> None:
        self._count = len(periods)
        self.edges = edges_of([span for period in periods for span in period.planned])
        owners = [n for n, period in enumerate(periods) for _ in period.planned]
        self._owners = np.array(owners, np.int64)

    def times(self, times: StateTimes) -> tuple[list[int], list[int], list[int]]:
        """Return of each period how long the machine ran, how long it stood, and all, in us."""
        starts, ends = self.edges
        ran, stood = times.within(starts, ends)
        return self._added(ran), self._added(stood), self._added(ends - starts)

    def owners(self, at: Micros) -> list[int]:
        """Return the number of the period in which each moment is planned, or -1."""
        starts, ends = self.edges
        if not len(starts):
            return [-1] * len(at)
        span = np.searchsorted(starts, at, side="right") - 1
        inside = (span >= 0) & (at < ends[span])
        return [int(owner) for owner in np.where(inside, self._owners[span], -1)]

    def next_owner(self, at: datetime) -> int:
        """Return the number of the period whose planned span is the next to begin; there is one."""
        starts, _ = self.edges
        return int(self._owners[np.searchsorted(starts, micros([at])[0])])

    def _added(self, pieces: Micros) -> list[int]:
        sums = np.zeros(self._count, np.int64)
        np.add.at(sums, self._owners, pieces)
        return [int(each) for each in sums]


def _cut(tiles: list[Moments], start: datetime) -> list[Moments]:
    """Return the intervals from `start` on, which is in one of them."""
    first = bisect_right(tiles, start, key=lambda tile: tile.start) - 1
    return [replace(tiles[first], start=start), *tiles[first + 1 :]]


def _added(figures: Iterable[tuple[Name, Figures]]) -> list[tuple[Name, Figures]]:
    """Add up the figures of the same name, in the order of the names."""
    sums: dict[Name, Figures] = {}
    for name, each in figures:
        sums[name] = sums[name] + each if name in sums else each
    return list(sums.items())
