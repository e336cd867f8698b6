"""
By which pieces of time is a machine compared with itself: shifts, days, weeks, names of shifts?
"""

from collections.abc import Iterable
from dataclasses import dataclass

from motion_tracking.core.digest import MachineReport
from motion_tracking.core.figures import Figures
from motion_tracking.report.wording import day_text, week_text

MOST = 35
"""More bars than this are told by the next larger piece of time, and as a table."""

LISTED = 100
"""More rows than this are not for people to read; data files have them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Bars of one kind; `charted` unless they are too many."""

    title: str
    head: str
    rows: list[tuple[str, Figures]]
    charted: bool


def groups(machine: MachineReport) -> list[Group]:
    """Return the kinds of bars that a report of this length has."""
    several = len({shift.day for shift, _ in machine.shifts}) > 1
    shifts = [
        (f"{day_text(shift.day)}, {shift.name}" if several else shift.name, figures)
        for shift, figures in machine.shifts
    ]
    names = _by_name(machine) if several else []
    days = [(day_text(day), figures) for day, figures in machine.days]
    weeks = [(week_text(week), figures) for week, figures in machine.weeks]
    made = [
        _group("Shifts compared", "Shift", names),
        _group("By shift", "Shift", shifts),
        _group("By day", "Day", days),
        _group("By week", "Week", weeks),
    ]
    return [group for group in made if (group.head != "Shift") < len(group.rows) <= LISTED]


def _group(title: str, head: str, rows: Iterable[tuple[str, Figures]]) -> Group:
    kept = [(name, figures) for name, figures in rows if figures.planned]
    return Group(title, head, kept, len(kept) <= MOST)


def _by_name(machine: MachineReport) -> list[tuple[str, Figures]]:
    sums: dict[str, Figures] = {}
    for shift, figures in machine.shifts:
        sums[shift.name] = sums[shift.name] + figures if shift.name in sums else figures
    return list(sums.items()) if len(sums) > 1 else []
