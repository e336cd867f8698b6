"""
What is to be said first of a plant, and of a machine?

The sentence at the top of a report, the order of its machines, and the cards with their figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from motion_tracking.core.digest import MachineReport, PlantReport
from motion_tracking.core.figures import Figures
from motion_tracking.core.reasons import Category
from motion_tracking.report.wording import counted, length, limit, percent


@dataclass(frozen=True, slots=True)
class Card:
    """A figure with its name, and what it is of; the `main` one is that which counts most."""

    name: str
    value: str
    hint: str = ""
    main: bool = False


def ranked(machines: Iterable[MachineReport]) -> list[MachineReport]:
    """
    Return the machines, first that which was seen standing for the largest part of its time.

    Those of which nothing is known come last: who cannot be seen is not the worst.
    """

    def worth(machine: MachineReport) -> tuple[bool, float, str]:
        figures = machine.figures
        lost = figures.stopped / figures.planned if figures.planned else 0.0
        return not figures.seen, -lost, machine.machine

    return sorted(machines, key=worth)


def lead(report: PlantReport) -> list[str]:
    """Return the sentences that a report begins with."""
    figures = report.figures
    machines = report.machines
    who = machines[0].machine if len(machines) == 1 else counted(len(machines), "machine")
    if figures.utilisation is None:
        return [f"Nothing was seen of {who} in this time."]
    said = [_ran(who, figures)]
    worst = max(machines, key=lambda machine: machine.figures.stopped)
    if worst.figures.stopped:
        said.append(_lost(worst, report, alone=len(machines) == 1))
    if figures.unseen and (coverage := figures.coverage) is not None and not figures.covered:
        said.append(f"{percent(1 - coverage)} of the time could not be seen.")
    return said


def _ran(who: str, figures: Figures) -> str:
    if figures.availability is not None:
        return (
            f"{who} ran {percent(figures.availability)} of the planned {length(figures.planned)}."
        )
    if figures.scheduled:
        return (
            f"{who} ran between {percent(figures.lowest)} and {percent(figures.highest)}"
            f" of the planned {length(figures.planned)}."
        )
    return f"{who} ran {percent(figures.utilisation)} of the {length(figures.seen)} seen."


def _lost(machine: MachineReport, report: PlantReport, *, alone: bool) -> str:
    figures, begun = machine.figures, machine.figures.tally.stops
    costly = [s for s in machine.stops if s.lost and s.seen >= report.limits.shortest]
    earlier = sum(not stop.in_plan for stop in costly)
    kinds = [counted(begun, "stop")] if begun else []
    if earlier:
        kinds.append(f"{earlier if begun else counted(earlier, 'stop')} from before")
    stops = f" in {' and '.join(kinds)}" if kinds else ""
    begin = "It stood" if alone else f"{machine.machine} stood longest:"
    said = f"{begin} {length(figures.stopped)}{stops}"
    known = [b for b in machine.by_reason if b.category not in (None, Category.UNKNOWN) and b.time]
    if known and known[0].share >= 0.05:
        said += f"; main reason given: {known[0].name}, {length(known[0].time)}"
    return f"{said}."


def cards(machine: MachineReport, report: PlantReport) -> list[Card]:
    """Return the cards of a machine, the most important first."""
    figures, tally = machine.figures, machine.figures.tally
    made = [
        *_shares(machine, figures),
        Card("Running", length(figures.running), f"of {length(figures.planned)}"),
        Card("Stopped", length(figures.stopped), "deep sleep included"),
        Card("Not seen", length(figures.unseen), f"coverage {percent(figures.coverage)}"),
        Card("Stops", f"{tally.stops:,}", f"of {limit(report.limits.shortest)} and more"),
        Card(
            "Micro-stops",
            f"{tally.micro:,}",
            f"{length(tally.micro_time)}, each below {limit(report.limits.micro)}",
        ),
        Card("Longest stop", _longest(figures), ""),
        Card("Mean downtime", length(figures.mean_downtime), f"of {counted(tally.closed, 'stop')}"),
        Card("Between stops", length(figures.mtbs), "mean time running (MTBS)"),
    ]
    if tally.failures:
        hint = f"of {counted(tally.mended, 'failure')} (MTTR)"
        made += [
            Card("Between failures", length(figures.mtbf), "mean time running (MTBF)"),
            Card("To restore", length(figures.mttr), hint),
        ]
    return made


def _shares(machine: MachineReport, figures: Figures) -> list[Card]:
    seen = f"of {length(figures.seen)} seen"
    if not figures.scheduled:
        return [Card("Utilisation", percent(figures.utilisation), seen, main=True)]
    utilisation = Card("Utilisation", percent(figures.utilisation), seen)
    if figures.covered:
        hint = f"of {length(figures.planned)} planned"
        return [Card("Availability", percent(figures.availability), hint, main=True), utilisation]
    if figures.lowest is None:
        return [Card("Availability", percent(None), "no time was planned", main=True), utilisation]
    between = f"{percent(figures.lowest)} – {percent(figures.highest)}"
    return [Card("Availability", between, "too little seen for one figure", main=True), utilisation]


def _longest(figures: Figures) -> str:
    tally = figures.tally
    if not tally.longest:
        return length(None)
    return f"{'≥ ' if tally.longest_open else ''}{length(tally.longest)}"
