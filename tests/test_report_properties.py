"""Does a report add up, whatever the machine did and whatever the calendar says?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from days import BERLIN
from motion_tracking.core.digest import MachineReport
from motion_tracking.core.digesting import Digester
from motion_tracking.core.explaining import Known, Plan
from motion_tracking.core.figures import Figures, Limits
from motion_tracking.core.machine import MachineState
from motion_tracking.core.pareto import by_reason
from motion_tracking.core.reasons import Rule
from motion_tracking.core.shifts import Calendar, PlannedStop, Shift, moment
from motion_tracking.core.spans import Span, intersection, total
from motion_tracking.record.past import PastStep

ZERO = timedelta()
STANDS = (MachineState.STOPPED, MachineState.DEEP_SLEEP)
STARTS = [
    moment(datetime(2026, month, day, 12), BERLIN)
    for month, day in ((3, 2), (3, 28), (10, 24), (12, 31))
]
CALENDARS = [
    (),
    (
        Shift(
            "early", time(6), time(14), breaks=((time(9), time(9, 15)), (time(9, 10), time(9, 30)))
        ),
    ),
    (Shift("day", time(6), time(18)), Shift("night", time(18), time(6), frozenset({0, 1, 5, 6}))),
    (Shift("all", time(2, 30), time(2, 30)),),
]


@dataclass(frozen=True)
class Case:
    plan: Plan
    known: Known
    start: datetime
    end: datetime

    def report(self, start: datetime | None = None, end: datetime | None = None) -> MachineReport:
        digester = Digester(self.plan, start or self.start, end or self.end)
        return digester.machine(self.known)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw what a machine did within three days, and a part of them to report."""
    begin = draw(st.sampled_from(STARTS))
    at, state, known = begin, MachineState.NO_SIGNAL, []
    for seconds in draw(
        st.lists(st.floats(0.001, 20_000), min_size=draw(st.sampled_from([0, 8])), max_size=40)
    ):
        new = draw(st.sampled_from(MachineState))
        after = at + timedelta(milliseconds=round(seconds * 1000))
        known.append(PastStep(state, new, None, after, at))
        at, state = after, new
    start = begin + timedelta(seconds=draw(st.integers(-50_000, 100_000)))
    end = start + timedelta(milliseconds=draw(st.integers(1, 200_000_000)))
    stop = PlannedStop(None, start + timedelta(hours=1), start + timedelta(hours=2, seconds=7))
    calendar = Calendar(
        BERLIN,
        draw(st.sampled_from(CALENDARS)),
        draw(st.sampled_from([(), (date(2026, 3, 29), date(2026, 10, 25))])),
        draw(st.sampled_from([(), (stop,)])),
    )
    plan = Plan(calendar, rules=(Rule("planned", longer_than=timedelta(hours=2)),))
    part = draw(st.sampled_from([None, -0.3, 0.2, 0.5, 0.8]))
    until = None if part is None else start + (end - start) * part
    return Case(plan, Known("saw", known, until), start, end)


def reports() -> st.SearchStrategy[MachineReport]:
    return cases().map(Case.report)


def slow_figures(report: MachineReport, spans: list[Span]) -> tuple[timedelta, timedelta]:
    """Add up running and standing time within spans, one by one."""

    def within(*states: MachineState) -> timedelta:
        tiles = [Span(tile.start, tile.end) for tile in report.tiles if tile.state in states]
        return total(intersection(tiles, spans))

    return within(MachineState.RUNNING), within(*STANDS)


def added(figures: list[Figures], report: MachineReport) -> Figures:
    scheduled = report.figures.scheduled
    return sum(figures, Figures(scheduled=scheduled, least_coverage=0.9))


@given(reports())
@settings(max_examples=80, deadline=None)
def test_all_that_is_added_up_comes_to_the_whole(report: MachineReport) -> None:
    figures, whole = report.figures, report.end - report.start
    assert figures.running + figures.stopped + figures.unseen == figures.planned <= whole
    assert report.everything.planned == whole
    assert added([each for _, each in report.days], report) == figures
    assert added([each for _, each in report.weeks], report) == figures
    if figures.scheduled:
        assert added([each for _, each in report.shifts], report) == figures
        spans = [span for shift, _ in report.shifts for span in shift.planned]
    else:
        spans = [Span(report.start, report.end)]
    assert figures.planned == total(spans)
    assert (figures.running, figures.stopped) == slow_figures(report, spans)
    for shift, each in report.shifts:
        assert each.planned == total(shift.planned)
        assert (each.running, each.stopped) == slow_figures(report, list(shift.planned))


@given(reports())
@settings(max_examples=40, deadline=None)
def test_tiles_tile_the_time_asked_for(report: MachineReport) -> None:
    edges = [report.start, *(tile.end for tile in report.tiles)]

    assert [tile.start for tile in report.tiles] == edges[:-1]
    assert edges[-1] == report.end
    assert all(tile.start < tile.end for tile in report.tiles)
    assert [tile.open for tile in report.tiles] == [False] * (len(report.tiles) - 1) + [True]


@given(reports())
@settings(max_examples=40, deadline=None)
def test_what_stops_cost_is_all_the_stopped_time(report: MachineReport) -> None:
    stopped, tally = report.figures.stopped, report.figures.tally
    assert sum((stop.lost for stop in report.stops), ZERO) == stopped
    for bars in (by_reason(report.stops, Limits(), planned=True), report.by_length):
        assert sum((bar.time for bar in bars), ZERO) == stopped
        assert sum(bar.count for bar in bars) == tally.stops
        assert [bar.time for bar in bars] == sorted((b.time for b in bars), reverse=True)
        assert not bars or bars[-1].cumulative == 1
    for stop in report.stops:
        assert ZERO <= stop.lost <= stop.seen <= stop.end - stop.start
        assert stop.end > report.start
        assert stop.continued == (stop.start < report.start)


@given(reports())
@settings(max_examples=40, deadline=None)
def test_shares_are_shares_and_availability_is_between_its_bounds(report: MachineReport) -> None:
    for figures in (report.figures, *(each for _, each in report.shifts)):
        if figures.lowest is None or figures.highest is None:
            assert figures.availability is None
            continue
        assert 0 <= figures.lowest <= figures.highest <= 1
        assert (figures.availability is not None) == figures.covered
        if figures.utilisation is not None:
            assert figures.lowest <= figures.utilisation + 1e-12
            assert figures.utilisation <= figures.highest + 1e-12
    for row in report.heat:
        assert len(row.hours) == 24
        assert all(share is None or 0 <= share <= 1 for share in row.hours)


@given(cases(), st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_the_reports_of_two_parts_add_up_to_that_of_the_whole(case: Case, part: float) -> None:
    whole = case.report()
    middle = case.start + timedelta(seconds=int((case.end - case.start).total_seconds() * part))
    if not case.start < middle < case.end:
        return
    parts = [case.report(end=middle), case.report(start=middle)]

    for name in ("running", "stopped", "unseen", "planned"):
        times = [getattr(each.figures, name) for each in parts]
        assert sum(times, ZERO) == getattr(whole.figures, name)
    begun = {stop.start for each in parts for stop in each.stops if stop.in_plan}
    assert begun == {stop.start for stop in whole.stops if stop.in_plan}
