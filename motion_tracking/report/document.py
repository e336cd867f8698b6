"""
What does a report look like to a program?

One JSON object of a fixed schema: times in ISO 8601 with the site's offset, lengths in seconds,
shares from 0 to 1, and null where there is nothing to say.
"""

import json
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from motion_tracking.core.digest import HeatRow, MachineReport, PlantReport
from motion_tracking.core.figures import Figures
from motion_tracking.core.intervals import Interval
from motion_tracking.core.pareto import Bar
from motion_tracking.core.shifts import ShiftSpan
from motion_tracking.core.stops import Stop
from motion_tracking.report.whole import whole

SCHEMA = 1


def write_document(report: PlantReport, output: Path) -> list[Path]:
    """Write the object; raise `OSError` where it cannot be written."""
    with whole(output) as temporary:
        temporary.write_text(as_text(report) + "\n", encoding="utf-8", errors="replace")
    return [output]


def as_text(report: PlantReport) -> str:
    """Return the object as a line of JSON; a year is 60 MB, and twice that where it is indented."""
    return json.dumps(document(report), ensure_ascii=False, separators=(",", ":"))


def document(report: PlantReport) -> dict[str, Any]:
    """Return the report as what JSON knows."""
    zone = report.zone
    return {
        "schema": SCHEMA,
        "site": report.site,
        "zone": report.zone_name,
        "start": _iso(report.start, zone),
        "end": _iso(report.end, zone),
        "made_at": _iso(report.made_at, zone),
        "has_calendar": report.has_calendar,
        "limits": {
            "coverage": report.limits.coverage,
            "micro_stop_s": seconds(report.limits.micro),
            "shortest_stop_s": seconds(report.limits.shortest),
        },
        "figures": figures_of(report.figures),
        "machines": [_machine(machine, report) for machine in report.machines],
    }


def _machine(machine: MachineReport, report: PlantReport) -> dict[str, Any]:
    zone = report.zone
    return {
        "machine": machine.machine,
        "imported_until": _iso(machine.imported_until, zone),
        "figures": figures_of(machine.figures),
        "all_time": _times(machine.everything),
        "calendar_utilisation": share(machine.calendar_utilisation),
        "shifts": [_shift(shift, figures, zone) for shift, figures in machine.shifts],
        "days": [{"day": day.isoformat(), **figures_of(each)} for day, each in machine.days],
        "weeks": [
            {"week": f"{year}-W{week:02}", **figures_of(each)}
            for (year, week), each in machine.weeks
        ],
        "by_reason": [_bar(bar) for bar in machine.by_reason],
        "by_length": [_bar(bar) for bar in machine.by_length],
        "hours": [_heat(row) for row in machine.heat],
        "stops": [_stop(stop, report) for stop in machine.stops],
        "intervals": [_interval(tile, zone) for tile in machine.tiles],
    }


def _times(figures: Figures) -> dict[str, Any]:
    """Return what is said of time that was not planned: nothing of stops, which count in plan."""
    return {
        "whole_s": seconds(figures.planned),
        "running_s": seconds(figures.running),
        "stopped_s": seconds(figures.stopped),
        "unseen_s": seconds(figures.unseen),
        "coverage": share(figures.coverage),
        "utilisation": share(figures.utilisation),
    }


def figures_of(figures: Figures) -> dict[str, Any]:
    """Return all figures of some time."""
    tally = figures.tally
    return {
        "planned_s": seconds(figures.planned),
        "running_s": seconds(figures.running),
        "stopped_s": seconds(figures.stopped),
        "unseen_s": seconds(figures.unseen),
        "coverage": share(figures.coverage),
        "availability": share(figures.availability),
        "availability_lowest": share(figures.lowest),
        "availability_highest": share(figures.highest),
        "utilisation": share(figures.utilisation),
        "stops": tally.stops,
        "micro_stops": tally.micro,
        "micro_stops_s": seconds(tally.micro_time),
        "mtbs_s": seconds(figures.mtbs),
        "mean_downtime_s": seconds(figures.mean_downtime),
        "failures": tally.failures,
        "mtbf_s": seconds(figures.mtbf),
        "mttr_s": seconds(figures.mttr),
        "longest_stop_s": seconds(tally.longest) if tally.longest else None,
        "longest_stop_open": tally.longest_open,
    }


def _shift(shift: ShiftSpan, figures: Figures, zone: tzinfo) -> dict[str, Any]:
    return {
        "shift": shift.name,
        "day": shift.day.isoformat(),
        "start": _iso(shift.start, zone),
        "end": _iso(shift.end, zone),
        **figures_of(figures),
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "name": bar.name,
        "category": bar.category and bar.category.value,
        "stops": bar.count,
        "lost_s": seconds(bar.time),
        "at_least": bar.at_least,
        "share": share(bar.share),
        "cumulative": share(bar.cumulative),
    }


def _heat(row: HeatRow) -> dict[str, Any]:
    label = row.label.isoformat() if isinstance(row.label, date) else row.label
    kind = "day" if isinstance(row.label, date) else "weekday"
    return {kind: label, "utilisation": [share(hour) for hour in row.hours]}


def _stop(stop: Stop, report: PlantReport) -> dict[str, Any]:
    zone, why = report.zone, stop.why
    return {
        "start": _iso(stop.start, zone),
        "end": None if stop.ongoing else _iso(stop.end, zone),
        "seconds": seconds(stop.seen),
        "lost_s": seconds(stop.lost),
        "planned": not stop.in_plan,
        "at_least": not stop.closed,
        "ongoing": stop.ongoing,
        "continued": stop.continued,
        "deep_sleep": stop.slept,
        "micro": stop.is_micro(report.limits.micro),
        "reason": why.reason or None,
        "category": why.category.value,
        "source": why.source.value,
        "note": why.note or None,
        "who": why.who or None,
    }


def _interval(tile: Interval[datetime], zone: tzinfo) -> dict[str, Any]:
    return {
        "state": tile.state.value,
        "reason": tile.reason and tile.reason.value,
        "start": _iso(tile.start, zone),
        "end": _iso(tile.end, zone),
        "seconds": seconds(tile.duration),
        "open": tile.open,
    }


def seconds(time: timedelta | None) -> float | None:
    """Return a length in seconds, to the millisecond."""
    return None if time is None else round(time.total_seconds(), 3)


def share(part: float | None) -> float | None:
    """Return a share with as many digits as it deserves."""
    return None if part is None else round(part, 6)


def _iso(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat(timespec="milliseconds")
