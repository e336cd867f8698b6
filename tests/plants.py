"""
A plant whose machines run and stand by chance, and what there is to report of it.

    report = plant(machines=4, days=1)
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from motion_tracking.core.digest import PlantReport, ScorePoint
from motion_tracking.core.digesting import Digester
from motion_tracking.core.explaining import Known, Plan
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.reasons import Assignment
from motion_tracking.core.shifts import Calendar, Shift, moment
from motion_tracking.core.spans import Span, union
from motion_tracking.record.past import PastStep

BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = frozenset(range(5))
SHIFTS = (
    Shift(
        "early",
        time(6),
        time(14),
        WORKDAYS,
        ((time(9), time(9, 15)), (time(12), time(12, 30))),
    ),
    Shift("late", time(14), time(22), WORKDAYS, ((time(18), time(18, 30)),)),
)
NIGHT = Shift("night", time(22), time(6), frozenset(range(4)))
CALENDAR = Calendar(BERLIN, (*SHIFTS, NIGHT))
LOOSE = Calendar(BERLIN)
NAMES = ("press1", "press2", "lathe", "filler", "saw", "robot", "wrapper", "oven", "mill", "belt")
MONDAY = datetime(2026, 11, 16, 6)
REASONS = ("failure", "changeover", "material", "bearing", "", "", "")
RUNNING, STOPPED, ASLEEP = MachineState.RUNNING, MachineState.STOPPED, MachineState.DEEP_SLEEP
UNSEEN = MachineState.NO_SIGNAL


def plant(
    machines: int = 4,
    days: float = 1,
    calendar: Calendar = CALENDAR,
    start: datetime = MONDAY,
    *,
    seed: int = 1,
    names: Sequence[str] = (),
    reasons: Sequence[str] = REASONS,
    note: str = "new seal ordered",
    site: str = "Plant Süd, hall 3",
) -> PlantReport:
    """Report what chance makes of the time from a local moment on."""
    period = Span(moment(start, calendar.zone), moment(start + timedelta(days=days), calendar.zone))
    digester = Digester(Plan(calendar), period.start, period.end)
    names = names or [NAMES[n % 10] + ("" if n < 10 else f"-{n // 10}") for n in range(machines)]
    reports = []
    for number, name in enumerate(names, seed):
        chance = Random(number)
        steps = list(_steps(name, calendar, period, chance))
        said = tuple(
            Assignment(
                name,
                step.occurred_at,
                reason,
                note if chance.random() < 0.2 else "",
                "Kim",
                period.end,
            )
            for step in steps
            if step.to_state is STOPPED and (reason := chance.choice(reasons))
        )
        short = period.duration <= timedelta(days=8)
        scores = tuple(_scores(steps, period, chance)) if short else ()
        reports.append(digester.machine(Known(name, steps, None, said, scores, 500)))
    made_at = period.end + timedelta(minutes=5)
    return PlantReport(
        site, calendar.zone, period.start, period.end, made_at, calendar.scheduled, tuple(reports)
    )


def _steps(name: str, calendar: Calendar, period: Span, chance: Random) -> Iterator[PastStep]:
    """Yield changes from an hour before the time on; outside of shifts the machine stands."""
    planned = [period]
    if calendar.scheduled:
        shifts = calendar.shifts_between(name, period.start, period.end)
        planned = union(span for shift in shifts for span in shift.planned)
    at, state = period.start - timedelta(hours=1), MachineState.UNKNOWN
    while at < period.end:
        for after, reason, seconds in _next(at, planned, chance):
            yield PastStep(state, after, reason, at, at)
            at, state = at + timedelta(seconds=round(seconds, 1)), after


def _next(
    at: datetime, planned: Sequence[Span], chance: Random
) -> Iterator[tuple[MachineState, Reason | None, float]]:
    if not any(at in span for span in planned):
        begins = [span.start for span in planned if span.start > at]
        wait = (begins[0] - at).total_seconds() if begins else 1e6
        stop = wait + chance.uniform(-60, 300)
    else:
        yield RUNNING, None, chance.expovariate(1 / 2400) + 60
        if chance.random() < 0.03:
            yield UNSEEN, Reason.LOST, chance.uniform(30, 2400)
            return
        stop = chance.lognormvariate(5, 1.3) + 15
    yield STOPPED, None, max(min(stop, 1200), 1)
    if stop > 1200:
        yield ASLEEP, None, stop - 1200


def _scores(steps: Sequence[PastStep], period: Span, chance: Random) -> Iterator[ScorePoint]:
    spacing = period.duration / min(1440, 4000)
    ends = [step.occurred_at for step in steps[1:]] + [period.end]
    for step, end in zip(steps, ends, strict=True):
        if step.to_state is UNSEEN:
            continue
        at = max(step.occurred_at, period.start)
        while at < min(end, period.end):
            moves = step.to_state is RUNNING
            high = int(chance.gauss(1800, 300) if moves else abs(chance.gauss(0, 60)))
            yield ScorePoint(at, high // 4, high, high / 2, 0.9 * moves)
            at += spacing
