"""
Which stops did a machine have, and why, by what is known of it and what the plant says of stops?

Apart from `digesting` because the dashboard asks it too, which does without numpy.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from motion_tracking.core.digest import ScorePoint
from motion_tracking.core.figures import Limits
from motion_tracking.core.intervals import Interval, Step, intervals
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.reasons import (
    UNEXPLAINED,
    Assignment,
    Catalogue,
    Explainer,
    Explanation,
    Rule,
)
from motion_tracking.core.shifts import Calendar, local
from motion_tracking.core.stops import Stop, stops_of

Moments = Interval[datetime]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the plant says of its machines' time: when they should run, and what stops mean."""

    calendar: Calendar
    limits: Limits = field(default_factory=Limits)
    catalogue: Catalogue = field(default_factory=Catalogue)
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """
    What is known of one machine.

    `steps` are its changes, in the order in which they were found out; some should be from before
    the time asked for.  From `until` on nobody looked; None is for ever.  The rest goes into the
    report as it is.
    """

    machine: str
    steps: Sequence[Step[datetime]]
    until: datetime | None = None
    assignments: Sequence[Assignment] = ()
    scores: tuple[ScorePoint, ...] = ()
    threshold: int | None = None
    imported_until: datetime | None = None


def explained_stops(plan: Plan, known: Known, start: datetime, end: datetime) -> list[Stop]:
    """Return the stops of a machine between two moments, with their reasons but not their costs."""
    stops = stops_of(known.machine, tiles_of(known, start, end), start)
    reasons = explanations(plan, known, stops, end)
    return [replace(stop, why=why) for stop, why in zip(stops, reasons, strict=True)]


def explanations(
    plan: Plan, known: Known, stops: Sequence[Stop], end: datetime
) -> list[Explanation]:
    """Return why a machine stopped, of each of its stops in order; all began before `end`."""
    calendar = plan.calendar
    planned = [s for s in calendar.planned_stops if s.machine in (None, known.machine)]
    explainer = Explainer(plan.catalogue, plan.rules, known.assignments, planned)
    if explainer.silent or not stops:
        return [UNEXPLAINED] * len(stops)
    shifts = calendar.shifts_between(known.machine, stops[0].start, end)
    begun = [shift.start for shift in shifts]

    def why(stop: Stop) -> Explanation:
        place = bisect_right(begun, stop.start) - 1
        inside = place >= 0 and stop.start < shifts[place].end
        wall = local(stop.start, calendar.zone)
        return explainer.explain(stop, wall, shifts[place].name if inside else None)

    return [why(stop) for stop in stops]


def tiles_of(known: Known, start: datetime, end: datetime) -> list[Moments]:
    """Tile the time from the first change to `end`; from `known.until` on nobody looked."""
    first = min([start, *(step.occurred_at for step in known.steps[:1])])
    until = end if known.until is None else max(first, min(known.until, end))
    tiles = intervals(known.steps, first, until)
    if until < end:
        blind = Interval(MachineState.NO_SIGNAL, Reason.NOT_TRACKING, until, end, open=True)
        if tiles and (tiles[-1].state, tiles[-1].reason) == (blind.state, blind.reason):
            blind = replace(blind, start=tiles.pop().start)
        elif tiles:
            tiles[-1] = replace(tiles[-1], open=False)
        tiles.append(blind)
    return tiles
