"""
What does the plant office get, which lives in Excel?

Sheets of figures, shifts, stops and hours, with real times, real lengths that can be added up,
and real percents.  Text is never a formula.  Needs xlsxwriter, the extra `excel`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_tracking.core.digest import PlantReport
from motion_tracking.core.figures import Figures
from motion_tracking.core.shifts import local
from motion_tracking.report.whole import whole
from motion_tracking.report.wording import WEEKDAYS, heading, span_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook

FIGURES = {
    "Planned": "length",
    "Running": "length",
    "Stopped": "length",
    "Not seen": "length",
    "Coverage": "share",
    "Availability": "share",
    "At least": "share",
    "At most": "share",
    "Utilisation": "share",
    "Stops": "count",
    "Micro-stops": "count",
    "Micro-stop time": "length",
    "Mean downtime": "length",
    "MTBS": "length",
    "Failures": "count",
    "MTBF": "length",
    "MTTR": "length",
    "Longest stop": "length",
}
"""The columns that figures have, and what kind of number each is."""

FORMATS = {
    "text": {"align": "left"},
    "long": {"align": "left", "text_wrap": True},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "length": {"num_format": "[h]:mm:ss"},
    "share": {"num_format": "0.0%"},
    "count": {"num_format": "#,##0"},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EAED"},
    "title": {"bold": True, "font_size": 14},
    "hint": {"font_color": "#4B5563"},
}
WIDTHS = {"text": 18, "long": 44, "time": 19, "day": 11, "length": 11, "share": 11, "count": 9}

Value = str | float | date | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    columns: dict[str, str]
    rows: Iterable[Sequence[Value]]


def write_workbook(report: PlantReport, output: Path) -> list[Path]:
    """Write the workbook; raise `ModuleNotFoundError` without xlsxwriter, else `OSError`."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with whole(output) as temporary:
        book = Workbook(str(temporary), {**options, "constant_memory": True})
        formats = {name: book.add_format(style) for name, style in FORMATS.items()}
        for sheet in _sheets(report):
            _write(book, sheet, formats, _title(report))
        book.set_properties({"title": _title(report), "author": "motion-track"})
        try:
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else OSError(str(error)) from None
    return [output]


def _title(report: PlantReport) -> str:
    return f"{heading(report.site)}: {span_text(report.start, report.end, report.zone)}"


def _sheets(report: PlantReport) -> Iterator[_Sheet]:
    yield _Sheet("Summary", {"Machine": "text", **FIGURES}, _summary(report))
    shifts = {"Machine": "text", "Day": "day", "Shift": "text", "Start": "time", "End": "time"}
    yield _Sheet("Shifts", {**shifts, **FIGURES}, _shifts(report))
    stops = {
        "Machine": "text",
        "Start": "time",
        "End": "time",
        "Stood for": "length",
        "Of planned time": "length",
        "Length known": "text",
        "Reason": "text",
        "Category": "text",
        "Note": "long",
        "Said by": "text",
    }
    yield _Sheet("Stops", stops, _stops(report))
    hours = {f"{hour}:00": "share" for hour in range(24)}
    yield _Sheet("Hours", {"Machine": "text", "Day": "text", **hours}, _hours(report))


def _write(book: "Workbook", sheet: _Sheet, formats: dict[str, Any], title: str) -> None:
    page = book.add_worksheet(sheet.name)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.set_footer("&L&8" + sheet.name + "&R&8&P / &N")
    page.freeze_panes(3, 1)
    for number, kind in enumerate(sheet.columns.values()):
        page.set_column(number, number, WIDTHS[kind])
    page.write_string(0, 0, title, formats["title"])
    hint = "Lengths are hours:minutes:seconds; times are local."
    page.write_string(1, 0, hint, formats["hint"])
    for number, name in enumerate(sheet.columns):
        page.write_string(2, number, name, formats["head"])
    row = 2
    for row, values in enumerate(sheet.rows, 3):
        for number, (value, kind) in enumerate(zip(values, sheet.columns.values(), strict=True)):
            _cell(page, row, number, value, formats[kind])
    page.autofilter(2, 0, row, len(sheet.columns) - 1)


def _cell(page: Any, row: int, column: int, value: Value, style: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, value[:32767], style)  # as many as a cell holds
    elif isinstance(value, timedelta):
        page.write_number(row, column, value / timedelta(days=1), style)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _figures(figures: Figures) -> tuple[Value, ...]:
    tally = figures.tally
    return (
        figures.planned,
        figures.running,
        figures.stopped,
        figures.unseen,
        figures.coverage,
        figures.availability,
        figures.lowest,
        figures.highest,
        figures.utilisation,
        tally.stops,
        tally.micro,
        tally.micro_time,
        figures.mean_downtime,
        figures.mtbs,
        tally.failures,
        figures.mtbf,
        figures.mttr,
        tally.longest or None,
    )


def _summary(report: PlantReport) -> Iterator[Sequence[Value]]:
    for machine in report.machines:
        yield machine.machine, *_figures(machine.figures)
    yield "All machines", *_figures(report.figures)


def _shifts(report: PlantReport) -> Iterator[Sequence[Value]]:
    for machine in report.machines:
        for shift, figures in machine.shifts:
            start, end = local(shift.start, report.zone), local(shift.end, report.zone)
            yield machine.machine, shift.day, shift.name, start, end, *_figures(figures)


def _stops(report: PlantReport) -> Iterator[Sequence[Value]]:
    for machine in report.machines:
        for stop in machine.stops:
            end = None if stop.ongoing else local(stop.end, report.zone).replace(microsecond=0)
            yield (
                machine.machine,
                local(stop.start, report.zone).replace(microsecond=0),
                end,
                stop.seen,
                stop.lost,
                "yes" if stop.closed else "at least",
                stop.reason,
                stop.category.value,
                stop.note,
                stop.why.who,
            )


def _hours(report: PlantReport) -> Iterator[Sequence[Value]]:
    for machine in report.machines:
        for row in machine.heat:
            label = WEEKDAYS[row.label] if isinstance(row.label, int) else row.label.isoformat()
            yield machine.machine, label, *row.hours
