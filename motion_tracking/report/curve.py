"""
Which points of a machine's motion are drawn, and how do they get into a page?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from motion_tracking.core.digest import MachineReport, ScorePoint
from motion_tracking.core.shifts import local
from motion_tracking.report.appearance import LOOKS
from motion_tracking.report.strips import PLANNED, Piece

GAP = 120.0
"""Seconds without a score after which the line is broken."""

ZOOMED = 4
"""Of more machines the curves are pictures that stand, so that a file stays fit to be sent."""

POINTS = 6000
"""Of all curves of a page together."""

OUTLINE_PARTS = 300
"""Of each part of a curve that stands, the highest and the lowest point are drawn."""

PIECES = 1200
"""Of all machines together; more stretches than these are not drawn under the curves."""


@dataclass(frozen=True, slots=True)
class Curve:
    """
    A motion curve: `data` for the page's script, `outline` as the path of a picture that stands.

    `data` is None where it is not to be zoomed.  The path lies in a box of 1000 by 100.  `ranges`
    are the lowest and highest score from a local time on.
    """

    data: dict[str, Any] | None
    outline: str
    limit: float | None
    ranges: list[tuple[datetime, int, int]]


def curve(
    machine: MachineReport, drawn: Sequence[Piece], zone: tzinfo, machines: int
) -> Curve | None:
    """Return the curve, one of so many; None where there is none to draw."""
    if len(machine.scores) < 2:
        return None
    points = [_highest(part) for part in _parts(machine.scores, min(POINTS // machines, 4000))]
    at = [_local(point.at, zone) for point in points]
    top = max(*(point.highest for point in points), machine.threshold or 0, 1) * 1.06
    data: dict[str, Any] = {
        "start": at[0],
        "step": [later - sooner for sooner, later in pairwise(at)],
        "score": [point.highest for point in points],
        "from": _local(machine.start, zone),
        "to": _local(machine.end, zone),
        "gap": _gap(points),
        "threshold": machine.threshold,
        "states": _states(drawn, zone) if len(drawn) <= PIECES // machines else [],
    }
    limit = None if machine.threshold is None else round(100 - machine.threshold / top * 100, 1)
    return Curve(
        data if machines <= ZOOMED else None,
        _outline(machine, points, top),
        limit,
        _ranges(machine, zone),
    )


def _parts(scores: Sequence[ScorePoint], most: int) -> list[Sequence[ScorePoint]]:
    size = -(-len(scores) // most)
    return [scores[first : first + size] for first in range(0, len(scores), size)]


def _highest(points: Sequence[ScorePoint]) -> ScorePoint:
    return max(points, key=lambda point: point.highest)


def _gap(points: Sequence[ScorePoint]) -> float:
    """Return from how many seconds on two points belong not together."""
    steps = sorted((b.at - a.at).total_seconds() for a, b in pairwise(points))
    return max(GAP, 3 * steps[len(steps) // 2])


def _local(at: datetime, zone: tzinfo) -> int:
    """Return local time as seconds, which the script reads as if they were UTC."""
    return int(local(at, zone).replace(tzinfo=UTC).timestamp())


def _states(drawn: Sequence[Piece], zone: tzinfo) -> list[tuple[str, int, int]]:
    return [(piece.look, _local(piece.start, zone), _local(piece.end, zone)) for piece in drawn]


def _outline(machine: MachineReport, points: Sequence[ScorePoint], top: float) -> str:
    """Return areas over the time axis, in as many steps as paper shows, with holes in between."""
    whole, size = machine.end - machine.start, -(-len(points) // OUTLINE_PARTS)
    areas = []
    for run in _runs(points):
        kept = {run[0], run[-1]}
        for first in range(0, len(run), size):
            part = run[first : first + size]
            # the highest and the lowest stay, so that a short stop is still a notch
            kept |= {_highest(part), _lowest(part)}
        drawn = [
            (
                round((point.at - machine.start) / whole * 1000, 1),
                round(100 - point.highest / top * 100, 1),
            )
            for point in sorted(kept, key=lambda point: point.at)
        ]
        line = "".join(f"L{x:g} {y:g}" for x, y in drawn)
        areas.append(f"M{drawn[0][0]:g} 100{line}L{drawn[-1][0]:g} 100Z")
    return "".join(areas)


def _runs(points: Sequence[ScorePoint]) -> list[list[ScorePoint]]:
    """Part the points where nobody looked."""
    gap = _gap(points)
    runs = [[points[0]]]
    for before, point in pairwise(points):
        if (point.at - before.at).total_seconds() > gap:
            runs.append([])
        runs[-1].append(point)
    return runs


def _lowest(points: Sequence[ScorePoint]) -> ScorePoint:
    return min(points, key=lambda point: point.highest)


def _ranges(machine: MachineReport, zone: tzinfo) -> list[tuple[datetime, int, int]]:
    """Return the lowest and highest of each local hour, or of each six where it is many."""
    hours = 1 if machine.end - machine.start <= timedelta(days=2) else 6
    ranges: dict[datetime, tuple[int, int]] = {}
    for point in machine.scores:
        wall = local(point.at, zone)
        hour = datetime(wall.year, wall.month, wall.day, wall.hour // hours * hours)
        low, high = ranges.get(hour, (point.lowest, point.highest))
        ranges[hour] = min(low, point.lowest), max(high, point.highest)
    return [(hour, low, high) for hour, (low, high) in ranges.items()]


def looks() -> dict[str, dict[str, str]]:
    """Return how the states look, for the page's script."""
    made = {
        state.value: {"word": look.word, "fill": look.fill, "hatch": look.hatch}
        for state, look in LOOKS.items()
    }
    return made | {PLANNED: {"word": "PLANNED", "fill": "#8CB2FD", "hatch": "."}}
