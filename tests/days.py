"""
A day of a machine, written as people would: "05:00 running, 07:30 stopped".
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from motion_tracking.core.digest import MachineReport
from motion_tracking.core.digesting import Digester
from motion_tracking.core.explaining import Known, Plan
from motion_tracking.core.figures import Limits
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.reasons import Assignment, Catalogue, Category, Rule
from motion_tracking.core.shifts import Calendar, PlannedStop, Shift, moment
from motion_tracking.record.past import PastStep

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
WORKDAYS = frozenset(range(5))
EARLY = Shift(
    "early", time(6), time(14), WORKDAYS, ((time(9), time(9, 15)), (time(12), time(12, 30)))
)
LATE = Shift("late", time(14), time(22), WORKDAYS)
NIGHT = Shift("night", time(22), time(6), WORKDAYS)


def at(clock: str, day: date = MONDAY) -> datetime:
    """Return the moment of "07:30", "07:30:15" or "+1 07:30", which is on the next day."""
    later, _, clock = clock.rpartition(" ")
    day += timedelta(days=int(later or 0))
    return moment(datetime.combine(day, time.fromisoformat(clock)), BERLIN)


def steps(text: str, day: date = MONDAY) -> list[PastStep]:
    """Return the changes of "05:00 running, 07:30 stopped"; nobody looked before the first."""
    state, since, found = MachineState.NO_SIGNAL, datetime(2026, 1, 1, tzinfo=UTC), []
    for part in filter(None, (part.strip() for part in text.split(","))):
        clock, _, word = part.rpartition(" ")
        new, when = MachineState(word), at(clock, day)
        reason = Reason.LOST if new is MachineState.NO_SIGNAL else None
        found.append(PastStep(state, new, reason, when, since))
        state, since = new, when
    return found


def plan(
    *shifts: Shift,
    holidays: Sequence[date] = (),
    stops: Sequence[PlannedStop] = (),
    rules: Sequence[Rule] = (),
    limits: Limits | None = None,
    **own: str,
) -> Plan:
    """Return what a plant in Berlin says; `own` are reasons of its own, and their categories."""
    return Plan(
        Calendar(BERLIN, shifts, frozenset(holidays), tuple(stops)),
        limits or Limits(),
        Catalogue({name: Category(kind) for name, kind in own.items()}),
        tuple(rules),
    )


def report(
    text: str,
    plan: Plan,
    start: str = "06:00",
    end: str = "14:00",
    *,
    day: date = MONDAY,
    assignments: Sequence[Assignment] = (),
    until: str | None = None,
) -> MachineReport:
    """Return the report of the machine `saw`."""
    last = None if until is None else at(until, day)
    known = Known("saw", steps(text, day), last, assignments)
    return Digester(plan, at(start, day), at(end, day)).machine(known)
