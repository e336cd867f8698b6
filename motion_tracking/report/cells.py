"""
How do stops and intervals get into a spreadsheet or a database, as CSV?

Two files, since a table holds one kind of thing: the stops under the name asked for, and beside
it NAME_intervals.csv.  Times are ISO 8601 with offset, lengths seconds.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from motion_tracking.core.digest import PlantReport
from motion_tracking.report.document import seconds
from motion_tracking.report.whole import whole

STOPS = (
    "machine",
    "start",
    "end",
    "seconds",
    "lost_seconds",
    "at_least",
    "ongoing",
    "continued",
    "deep_sleep",
    "micro",
    "planned",
    "reason",
    "category",
    "source",
    "note",
    "who",
)
INTERVALS = ("machine", "start", "end", "seconds", "state", "reason", "open")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""

Cell = str | float | bool | None


def write_cells(report: PlantReport, output: Path, *, bom: bool = False) -> list[Path]:
    """
    Write both files; raise `OSError` where one cannot be written.

    `bom` is for Excel, which else takes the letters of one country for those of another.
    """
    intervals = output.with_name(f"{output.stem}_intervals{output.suffix}")
    encoding = "utf-8-sig" if bom else "utf-8"
    _write(output, STOPS, _stops(report), encoding)
    _write(intervals, INTERVALS, _intervals(report), encoding)
    return [output, intervals]


def _write(
    output: Path, heads: Sequence[str], rows: Iterable[Sequence[Cell]], encoding: str
) -> None:
    with whole(output) as temporary, temporary.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows([_cell(cell) for cell in row] for row in rows)


def _cell(value: Cell) -> str | float:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else value


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a quote before it, where it might."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _stops(report: PlantReport) -> Iterator[Sequence[Cell]]:
    for machine in report.machines:
        for stop in machine.stops:
            yield (
                stop.machine,
                stop.start.astimezone(report.zone).isoformat(timespec="seconds"),
                None
                if stop.ongoing
                else stop.end.astimezone(report.zone).isoformat(timespec="seconds"),
                seconds(stop.seen),
                seconds(stop.lost),
                not stop.closed,
                stop.ongoing,
                stop.continued,
                stop.slept,
                stop.is_micro(report.limits.micro),
                not stop.in_plan,
                stop.reason,
                stop.category.value,
                stop.why.source.value,
                stop.note,
                stop.why.who,
            )


def _intervals(report: PlantReport) -> Iterator[Sequence[Cell]]:
    for machine in report.machines:
        for tile in machine.tiles:
            yield (
                machine.machine,
                tile.start.astimezone(report.zone).isoformat(timespec="seconds"),
                tile.end.astimezone(report.zone).isoformat(timespec="seconds"),
                seconds(tile.duration),
                tile.state.value,
                tile.reason and tile.reason.value,
                tile.open,
            )
