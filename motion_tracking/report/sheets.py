"""
What is on the sheets of a report: of all machines, and of each?
"""

import textwrap
from collections.abc import Sequence

from motion_tracking.core.digest import MachineReport, PlantReport
from motion_tracking.core.figures import Figures
from motion_tracking.core.stops import Stop
from motion_tracking.report.findings import cards, lead, ranked
from motion_tracking.report.groups import Group, groups
from motion_tracking.report.overall import (
    STOPS,
    columns_of,
    drawn_of,
    listed,
    ran,
    shares_of,
    strips_of,
    weeks_of,
)
from motion_tracking.report.paper import ROOM, Paper
from motion_tracking.report.paper_charts import (
    DIM,
    NAMED,
    draw_axis,
    draw_heat,
    draw_legend,
    draw_level,
    draw_pareto_row,
    draw_strip,
    short,
)
from motion_tracking.report.wording import (
    WEEKDAYS,
    clock,
    counted,
    day_text,
    heading,
    length,
    moment_text,
    percent,
    span_text,
    title_text,
)


def draw_everything(paper: Paper, report: PlantReport) -> None:
    """Draw a sheet of all machines, and sheets of each with its stops."""
    paper.new_sheet()
    _head(paper, report)
    machines = ranked(report.machines)
    if len(machines) > 1:
        _overview(paper, report, machines)
    for machine in machines:
        if len(machines) > 1:
            paper.new_sheet()
        _machine(paper, machine, report)
        _stops(paper, machine, report)


def draw_picture(paper: Paper, report: PlantReport) -> None:
    """Draw what says most in one picture."""
    paper.new_sheet()
    _head(paper, report)
    machines = ranked(report.machines)
    if len(machines) == 1:
        _machine(paper, machines[0], report)
    else:
        _overview(paper, report, machines)


def _head(paper: Paper, report: PlantReport) -> None:
    zone = report.zone
    said = textwrap.wrap(" ".join(lead(report)), 95)
    room = paper.begin(1.2 + 0.2 * len(said))
    room.text(0, 0.1, short(heading(report.site), 90), 8, color=DIM)
    room.text(0, 0.38, title_text(report.start, report.end, zone), 18, weight="bold")
    when = f"{span_text(report.start, report.end, zone)} · {report.zone_name}"
    room.text(0, 0.68, f"{when} · made {moment_text(report.made_at, zone)}", 7.5, color=DIM)
    for number, line in enumerate(said):
        room.text(0, 0.98 + 0.2 * number, line, 9.5)
    draw_legend(room, 1.08 + 0.2 * len(said), scheduled=report.has_calendar)


def _title(paper: Paper, text: str, room: float, size: float = 10) -> None:
    if not paper.fits(room):
        paper.new_sheet()
    paper.skip(0.14)
    paper.begin(0.3).text(0, 0.14, short(text, 80), size, weight="bold")


def _overview(paper: Paper, report: PlantReport, machines: Sequence[MachineReport]) -> None:
    _title(paper, "All machines, most time lost first", 1.0, 12)
    heads = ("Availability", "Utilisation", "Stopped", "Not seen", "Stops", "Longest")
    places = (3.85, 4.65, 5.3, 5.95, 6.4, ROOM)
    room = paper.begin(0.24)
    for head, x in zip(heads, places, strict=True):
        room.text(x, 0.12, head, 7, color=DIM, ha="right")
    for machine in machines:
        room, figures, tally = paper.begin(0.24), machine.figures, machine.figures.tally
        room.rule()
        room.text(0, 0.12, short(machine.machine, 17), 8, weight="bold")
        draw_level(room, figures, NAMED, 0.07, 1.95, 0.1)
        cells = (
            _availability(figures),
            percent(figures.utilisation),
            length(figures.stopped),
            length(figures.unseen),
            f"{tally.stops:,}",
            ("≥ " if tally.longest_open else "") + length(tally.longest or None),
        )
        for cell, x in zip(cells, places, strict=True):
            room.text(x, 0.12, cell, 7.5, ha="right")
    _glance(paper, report, machines)


def _availability(figures: Figures) -> str:
    if figures.availability is None and figures.lowest is not None:
        return f"{figures.lowest:.0%}–{figures.highest:.0%}"
    return percent(figures.availability)


def _glance(paper: Paper, report: PlantReport, machines: Sequence[MachineReport]) -> None:
    strips = [strips_of(machine, report, drawn_of(machine, report)) for machine in machines]
    if all(len(own) == 1 for own in strips):
        _title(paper, "All machines at a glance", 1.0)
        for machine, (strip,) in zip(machines, strips, strict=True):
            draw_strip(paper, strip, short(machine.machine, 17), "", 0.22)
        draw_axis(paper, strips[0][0])
        return
    columns = columns_of(report)
    if columns:
        kind = "week" if isinstance(columns[0], tuple) else "day"
        _title(paper, f"Utilisation by {kind}: the stronger the colour, the more", 1.0)
        names = [str(c[1]) if isinstance(c, tuple) else str(c.day) for c in columns]
        rows = []
        for machine in machines:
            shares = shares_of(machine)
            rows.append((machine.machine, [shares.get(column) for column in columns]))
        draw_heat(paper, names, rows)


def _machine(paper: Paper, machine: MachineReport, report: PlantReport) -> None:
    _title(paper, machine.machine, 3.0, 14)
    _cards(paper, machine, report)
    strips = strips_of(machine, report, drawn_of(machine, report))
    days = dict(machine.days)
    if strips:
        _title(paper, "When it ran and when it stood", 0.9)
        for strip in strips:
            figures = days.get(strip.day)
            share = percent(ran(figures) if figures else None)
            one = len(strips) == 1
            draw_strip(
                paper, strip, "" if one else strip.name, "" if one else share, 0.2 + 0.2 * one
            )
        draw_axis(paper, strips[len(strips) // 2], 0.5 * (len(strips) > 1))
    else:
        _title(paper, "Utilisation by day: the stronger the colour, the more", 0.9)
        draw_heat(paper, [day[:3] for day in WEEKDAYS], weeks_of(machine))
    # strips of a day each have the figure of the day beside them
    told = {"By day"} if len(strips) > 1 else set()
    charted = [group for group in groups(machine) if group.charted and group.title not in told]
    for group in charted[:2]:
        _levels(paper, group)
    _paretos(paper, machine)
    rows = [
        (WEEKDAYS[row.label] if isinstance(row.label, int) else day_text(row.label), row.hours)
        for row in machine.heat
        if any(hour is not None for hour in row.hours)
    ]
    if rows:
        _title(paper, "At which hours it ran: the stronger the colour, the more", 0.8)
        draw_heat(paper, [str(hour) for hour in range(24)], rows)


def _cards(paper: Paper, machine: MachineReport, report: PlantReport) -> None:
    made = cards(machine, report)
    for first in range(0, len(made), 6):
        room, width = paper.begin(0.62), ROOM / 6
        for number, card in enumerate(made[first : first + 6]):
            x = number * width
            room.text(x, 0.1, card.name, 7, color=DIM)
            room.text(x, 0.27, card.value, 12 if len(card.value) < 10 else 9, weight="bold")
            for line, text in enumerate(textwrap.wrap(card.hint, 22)[:2]):
                room.text(x, 0.42 + 0.11 * line, text, 6, color=DIM)


def _levels(paper: Paper, group: Group) -> None:
    _title(paper, f"How much of its time it ran: {group.title.lower()}", 0.7)
    for name, figures in group.rows:
        room = paper.begin(0.19)
        room.text(0, 0.09, short(name, 20), 7)
        draw_level(room, figures, NAMED, 0.03, ROOM - NAMED - 0.5, 0.13)
        room.text(ROOM, 0.09, percent(ran(figures)), 7.5, ha="right", weight="bold")


def _paretos(paper: Paper, machine: MachineReport) -> None:
    both = (("By reason", machine.by_reason), ("By how long it stood", machine.by_length))
    most = max(len(bars) for _, bars in both)
    if not most:
        return
    height = 0.2 * min(most, 12)
    _title(paper, "Where the time went", height + 0.8)
    half = ROOM / 2 - 0.15
    for number, (head, bars) in enumerate(both):
        room = paper.beside(number * (half + 0.3))
        room.text(0, 0.08, head, 7, color=DIM)
        for row, bar in enumerate(bars[:12]):
            draw_pareto_row(room, bar, 0.26 + 0.2 * row, half)
    paper.skip(height + 0.25)


def _stops(paper: Paper, machine: MachineReport, report: PlantReport) -> None:
    most = STOPS if len(report.machines) <= 4 else STOPS // 2
    stops, more = listed(machine.stops, report, most)
    title = f"The {len(stops)} longest stops" if more else counted(len(stops), "stop")
    _title(paper, title, 0.9)
    for number, stop in enumerate(stops):
        if number and not paper.fits(0.17):
            paper.new_sheet()
            _title(paper, f"{machine.machine}: {title.lower()}, continued", 0.9)
        _stop(paper, stop, report)


def _stop(paper: Paper, stop: Stop, report: PlantReport) -> None:
    room, zone = paper.begin(0.17), report.zone
    room.rule()
    began = f"{day_text(stop.start.astimezone(zone))}, {clock(stop.start, zone)}"
    ended = "still stopped" if stop.ongoing else clock(stop.end, zone)
    room.text(0, 0.085, f"{began} – {ended}", 7)
    stood = f"{'' if stop.closed else 'at least '}{length(stop.seen)}"
    room.text(3.1, 0.085, stood, 7, ha="right", weight="bold")
    lost = "" if stop.lost == stop.seen else f"{length(stop.lost)} planned"
    room.text(4.1, 0.085, lost, 6.5, ha="right", color=DIM)
    said = [stop.reason, "continued from before" if stop.continued else "", stop.note]
    room.text(4.25, 0.085, short(" · ".join(filter(None, said)), 52), 7)
