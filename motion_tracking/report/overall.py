"""
What is drawn of a report, whatever it is drawn with?
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta, tzinfo

from motion_tracking.core.digest import MachineReport, PlantReport
from motion_tracking.core.figures import Figures
from motion_tracking.core.shifts import local
from motion_tracking.core.spans import Span
from motion_tracking.core.stops import Stop
from motion_tracking.report.strips import LONG, Piece, Strip, day_strips, pieces, strip
from motion_tracking.report.wording import week_text

Column = date | tuple[int, int]
"""A day, or the ISO year and number of a week."""

DAYS = timedelta(days=36)
"""Of a longer time a day is no longer a strip, but a number."""

STOPS = 60
"""As many stops of a machine are listed; of more, the longest."""


def too_long(report: PlantReport) -> bool:
    """Whether the time is too long to draw each change of state."""
    return report.end - report.start > DAYS


def columns_of(report: PlantReport) -> list[Column]:
    """Return the days of the plant, or its weeks where the days are too many."""
    if too_long(report):
        return sorted({week for machine in report.machines for week, _ in machine.weeks})
    return sorted({day for machine in report.machines for day, _ in machine.days})


def shares_of(machine: MachineReport) -> Mapping[Column, float | None]:
    """Return the utilisation of each day and each week; None where nothing was seen."""
    shares: dict[Column, float | None] = {}
    shares |= {day: figures.utilisation for day, figures in machine.days}
    shares |= {week: figures.utilisation for week, figures in machine.weeks}
    return shares


def drawn_of(machine: MachineReport, report: PlantReport) -> list[Piece]:
    """Return what is drawn of a machine's intervals; nothing where they are too many."""
    if too_long(report):
        return []
    planned = [span for shift, _ in machine.shifts for span in shift.planned]
    return list(pieces(machine.tiles, planned if report.has_calendar else None))


def strips_of(machine: MachineReport, report: PlantReport, drawn: Sequence[Piece]) -> list[Strip]:
    """Return one strip of the whole time, or one a day, or none where they are too many."""
    period = Span(report.start, report.end)
    if period.duration <= LONG:
        return [strip(drawn, period, machine.machine, report.zone, words=True)]
    if not too_long(report):
        return day_strips(drawn, period, _day_begins(machine, report.zone), report.zone)
    return []


def weeks_of(machine: MachineReport) -> list[tuple[str, list[float | None]]]:
    """Return each week with the utilisation of its seven days; None where nothing was seen."""
    weeks: dict[tuple[int, int], list[float | None]] = {}
    for day, figures in machine.days:
        year, week, weekday = day.isocalendar()
        weeks.setdefault((year, week), [None] * 7)[weekday - 1] = figures.utilisation
    return [(week_text(week), shares) for week, shares in weeks.items()]


def _day_begins(machine: MachineReport, zone: tzinfo) -> time:
    """Return when the production day begins, by which figures of a day are counted."""
    if not machine.shifts:
        return time()
    return min(local(shift.start, zone).time() for shift, _ in machine.shifts)


def ran(figures: Figures) -> float | None:
    """Return the share that says most: of planned time where there is a calendar, else of seen."""
    return figures.lowest if figures.scheduled else figures.utilisation


def listed(stops: Sequence[Stop], report: PlantReport, most: int = STOPS) -> tuple[list[Stop], int]:
    """Return the stops to list in order of time, and how many more cost planned time."""
    counted = [stop for stop in stops if stop.lost and stop.seen >= report.limits.shortest]
    longest = sorted(counted, key=lambda stop: stop.lost, reverse=True)[:most]
    return sorted(longest, key=lambda stop: stop.start), len(counted) - len(longest)


def heat_level(share: float) -> int:
    """Return the level of colour of a share, from 0 to 5; most machines run most of the time."""
    return bisect_right((0.2, 0.5, 0.7, 0.8, 0.9), share)


def parts(figures: Figures) -> list[tuple[str, float, float]]:
    """Return the parts of planned time: state, begin and width in percent."""
    if not figures.planned:
        return []
    running = round(figures.running / figures.planned * 100, 2)
    stopped = round(figures.stopped / figures.planned * 100, 2)
    bars = [
        ("running", 0.0, running),
        ("stopped", running, stopped),
        ("no_signal", running + stopped, round(100 - running - stopped, 2)),
    ]
    return [bar for bar in bars if bar[2] > 0]
