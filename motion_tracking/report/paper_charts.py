"""
How is each kind of chart drawn on paper?
"""

from collections.abc import Sequence
from typing import Any

from motion_tracking.core.figures import Figures
from motion_tracking.core.pareto import Bar as ParetoBar
from motion_tracking.report.appearance import LOOKS, OUTLINE
from motion_tracking.report.overall import heat_level, parts
from motion_tracking.report.paper import INK, ROOM, Paper, Room
from motion_tracking.report.strips import PLANNED, Strip
from motion_tracking.report.wording import length

DIM = OUTLINE
LEVELS = ("#EDF3F3", "#D3E4E5", "#ABCDCE", "#7FB2B4", "#3D7D82", "#255A5E")
NAMED = 1.15
"""Inches for the names before bars."""

FILLS: dict[str, dict[str, Any]] = {
    state.value: {"facecolor": look.fill, "hatch": look.hatch * 3} for state, look in LOOKS.items()
} | {
    PLANNED: {"facecolor": "#8CB2FD", "hatch": "..."},
    "ground": {"facecolor": "#F1F3F5"},
    "line": {"facecolor": "#D3D7DC"},
    "tick": {"facecolor": INK, "alpha": 0.2},
}
FILLS |= {f"heat{level}": {"facecolor": colour} for level, colour in enumerate(LEVELS)}


def short(text: str, most: int) -> str:
    """Return a text that is not longer than so many letters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def draw_legend(room: Room, y: float, *, scheduled: bool) -> None:
    """Say which pattern is which state."""
    x = 0.0
    words = {state.value: look.word for state, look in LOOKS.items() if state.value != "unknown"}
    for look, word in (words | ({PLANNED: "PLANNED"} if scheduled else {})).items():
        room.bar(look, x, y - 0.05, 0.22, 0.1)
        room.text(x + 0.28, y, word, 7, color=DIM)
        x += 0.48 + 0.075 * len(word)


def draw_level(room: Room, figures: Figures, x: float, y: float, width: float, high: float) -> None:
    """Draw the parts of planned time as one bar."""
    room.bar("ground", x, y, width, high)
    for look, begin, part in parts(figures):
        room.bar(look, x + begin * width / 100, y, part * width / 100, high, 1)


def draw_strip(paper: Paper, strip: Strip, name: str, share: str, height: float) -> None:
    """Draw what happened when, in one line with its name."""
    room, width = paper.begin(height), ROOM - NAMED - (0.5 if share else 0)
    room.text(0, height / 2, name, 7.5)
    room.bar("ground", NAMED, 0.02, width, height - 0.04)
    inner = height - 0.04
    for layer, (look, bars) in enumerate(strip.lanes.items(), 1):
        low, high = (0.36, 0.28) if look == PLANNED else (0.0, 1.0)
        for bar in bars:
            x, long = NAMED + bar.x * width / 100, bar.width * width / 100
            room.bar(look, x, 0.02 + low * inner, long, high * inner, layer)
    for tick in strip.ticks:
        room.bar("tick", NAMED + tick.x * width / 100, 0.02, 0.006, inner, 9)
    if share:
        room.text(ROOM, height / 2, share, 7.5, ha="right", weight="bold")


def draw_axis(paper: Paper, strip: Strip, after: float = 0.0) -> None:
    """Write the hours under strips; `after` inches of these are not theirs."""
    room, width = paper.begin(0.2), ROOM - NAMED - after
    for tick in strip.ticks[:: max(1, -(-len(strip.ticks) // 13))]:
        side = "left" if tick.x < 2 else "right" if tick.x > 98 else "center"
        room.text(NAMED + tick.x * width / 100, 0.1, tick.text, 6.5, color=DIM, ha=side)


def draw_heat(
    paper: Paper, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float | None]]]
) -> None:
    """Draw shares as a table of colours, with numbers where there is room."""
    width, numbered = (ROOM - NAMED) / len(names), len(names) * len(rows) <= 200
    room = paper.begin(0.18)
    for number, name in enumerate(names):
        room.text(NAMED + (number + 0.5) * width, 0.1, name, 6, color=DIM, ha="center")
    for name, shares in rows:
        room = paper.begin(0.19)
        room.text(0, 0.09, short(name, 17), 7)
        for number, share in enumerate(shares):
            if share is None:
                continue
            level = heat_level(share)
            room.bar(f"heat{level}", NAMED + number * width + 0.01, 0.01, width - 0.02, 0.17)
            if numbered:
                ink = INK if level < 4 else "#FFFFFF"
                x = NAMED + (number + 0.5) * width
                room.text(x, 0.095, f"{share * 100:.0f}", 5.5, ha="center", color=ink)


def draw_pareto_row(room: Room, bar: ParetoBar, y: float, width: float) -> None:
    """Draw one bar of where the time went."""
    most = width - 2.1
    room.text(0, y, short(bar.name, 18), 7)
    room.bar("ground", 1.2, y - 0.05, most, 0.1)
    room.bar("stopped", 1.2, y - 0.05, most * bar.share, 0.1, 1)
    time = f"{'≥ ' if bar.at_least else ''}{length(bar.time)}"
    room.text(width - 0.35, y, time, 7, ha="right", weight="bold")
    room.text(width, y, f"{bar.cumulative:.0%}", 6.5, ha="right", color=DIM)
