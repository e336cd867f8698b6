"""
How does a report look in a browser, and printed from there?

One file, which opens from a USB stick on a computer without a network and asks nobody for
anything.  The charts are drawn here and stand in it as they are; plotly.js comes only with the
motion curve, which is to be zoomed.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_tracking.core.digest import MachineReport, PlantReport
from motion_tracking.core.spans import Span
from motion_tracking.core.stops import Stop
from motion_tracking.report import wording
from motion_tracking.report.bundle import plotly_script
from motion_tracking.report.curve import Curve, curve, looks
from motion_tracking.report.findings import Card, cards, lead, ranked
from motion_tracking.report.groups import Group, groups
from motion_tracking.report.overall import (
    Column,
    columns_of,
    drawn_of,
    heat_level,
    listed,
    parts,
    ran,
    shares_of,
    strips_of,
    too_long,
    weeks_of,
)
from motion_tracking.report.strips import LONG, Band, Piece, Strip, bands, strip
from motion_tracking.report.whole import whole

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

SCRIPTS = "<!-- scripts -->"
"""The place of the scripts in the page, which must stay as they are, to the letter."""


@dataclass(frozen=True, slots=True)
class MachinePage:
    """
    What the page shows of one machine; `number` names its part of the page.

    `strips` is one of the whole time, or one a day, or none where that is too much; then `weeks`
    are the seven days of each week.  `overview` is of the whole time, if that is a week
    or less.  `by_column` are shares of the plant's days, or of its weeks where these are too many.
    A share is None where nothing was seen.
    """

    number: int
    report: MachineReport
    cards: list[Card]
    drawn: list[Piece]
    strips: list[Strip]
    overview: Strip | None
    bands: list[Band]
    weeks: list[tuple[str, list[float | None]]]
    by_column: list[float | None]
    groups: list[Group]
    stops: list[Stop]
    stops_more: int
    curve: Curve | None

    @property
    def share(self) -> float | None:
        return ran(self.report.figures)


def write_page(report: PlantReport, output: Path) -> list[Path]:
    """Write the page; raise `OSError` where it cannot be written."""
    data = html(report).encode("utf-8", "replace")
    with whole(output) as temporary:
        temporary.write_bytes(data)
    return [output]


def html(report: PlantReport) -> str:
    """Return the page."""
    zone = report.zone
    columns = columns_of(report)
    machines = [
        _machine(number, machine, report, columns)
        for number, machine in enumerate(ranked(report.machines), 1)
    ]
    zoomed = any(machine.curve and machine.curve.data for machine in machines)
    scripts = [plotly_script(), _read("report.js")] if zoomed else [_read("report.js")]
    text = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            zone=zone,
            title=wording.title_text(report.start, report.end, zone),
            lead=lead(report),
            machines=machines,
            columns=columns,
            long=report.end - report.start > LONG,
            style=_read("report.css"),
            hashes=[_hash(script) for script in scripts],
            looks=looks() if zoomed else None,
            weekdays=wording.WEEKDAYS,
            word=wording,
        )
    )
    # the indentation of a month's tables would be a third of the file
    before, after = re.sub(r"\n\s+", "\n", text).split(SCRIPTS)
    return before + "\n".join(f"<script>{script}</script>" for script in scripts) + after


def _machine(
    number: int, machine: MachineReport, report: PlantReport, columns: Sequence[Column]
) -> MachinePage:
    zone, period = report.zone, Span(report.start, report.end)
    drawn = drawn_of(machine, report)
    long = period.duration > LONG
    short = not long or bool(machine.scores)
    stops, more = listed(machine.stops, report)
    shares = shares_of(machine)
    return MachinePage(
        number=number,
        report=machine,
        cards=cards(machine, report),
        drawn=drawn,
        strips=strips_of(machine, report, drawn),
        weeks=weeks_of(machine) if too_long(report) else [],
        overview=strip(drawn, period, machine.machine, zone, words=False) if short else None,
        bands=[] if long else bands((shift for shift, _ in machine.shifts), period, zone),
        by_column=[shares.get(column) for column in columns],
        groups=groups(machine),
        stops=stops,
        stops_more=more,
        curve=curve(machine, drawn, zone, len(report.machines)),
    )


@cache
def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "percent": wording.percent,
        "length_of": wording.length,
        "day": wording.day_text,
        "level": heat_level,
        "parts": parts,
        "ran": ran,
        "dict_of": dict,
    }
    environment.filters.update(filters)
    return environment
