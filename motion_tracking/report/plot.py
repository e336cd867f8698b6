"""
How does a machine's log look on paper, in a message, or in a window of its own?

matplotlib draws the picture: into a PNG, SVG or PDF, for which no display is needed, or into a
window where there is one.
"""

import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from motion_tracking.core.intervals import Interval
from motion_tracking.report.appearance import (
    LOOKS,
    MOTION,
    OUTLINE,
    THRESHOLD,
    period_in_words,
    totals_in_words,
)
from motion_tracking.report.series import MotionSeries
from motion_tracking.report.spans import Looked
from motion_tracking.report.whole import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 110


class NoDisplayError(Exception):
    """There is nowhere to open a window; the text says why."""


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Say whether a window can be thought of: always on Windows and macOS, else if one is named."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


@overload
def plot(machine: str, looked: Looked, threshold: int | None, output: Path) -> Path: ...
@overload
def plot(machine: str, looked: Looked, threshold: int | None, output: None) -> None: ...
def plot(machine: str, looked: Looked, threshold: int | None, output: Path | None) -> Path | None:
    """
    Draw into `output` (.png, .svg or .pdf), or into a window that stays until it is closed.

    Raise `NoDisplayError` where no window can be opened, `OSError` where the file cannot be
    written.
    """
    picture = _Picture(
        machine,
        looked.series,
        looked.drawn,
        threshold,
        looked.start,
        looked.end,
        "  ·  ".join(filter(None, (totals_in_words(looked.tiles), looked.left_out))),
    )
    if output is None:
        _show(picture)
    else:
        _save(picture, output)
    return output


@dataclass(frozen=True, slots=True)
class _Picture:
    machine: str
    series: MotionSeries
    tiles: list[Interval[datetime]]
    threshold: int | None
    start: datetime
    end: datetime
    words: str

    @property
    def inches(self) -> tuple[float, float]:
        return (12.0, 5.0) if len(self.series) else (12.0, 2.2)


def _save(picture: _Picture, output: Path) -> None:
    # a bare Figure draws without a display, and is gone with its last reference
    from matplotlib.figure import Figure

    figure = Figure(figsize=picture.inches, dpi=_DPI, layout="constrained")
    _draw(figure, picture)
    with whole(output) as temporary, warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes; that is told by the picture
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(temporary, format=output.suffix.lower().removeprefix("."))


def _show(picture: _Picture) -> None:
    if not has_display(os.environ, sys.platform):
        raise NoDisplayError("this machine has no display")
    from matplotlib import pyplot

    try:
        # Qt would abort the whole process where it finds no display, or OpenCV's plugins; Tk raises
        pyplot.switch_backend("macosx" if sys.platform == "darwin" else "TkAgg")
        figure = pyplot.figure(num=picture.machine, figsize=picture.inches, layout="constrained")
    except (ImportError, RuntimeError) as err:  # no Tk, or the display does not answer
        raise NoDisplayError(f"no window can be opened: {err}") from err
    try:
        _draw(figure, picture)
        pyplot.show()
    finally:
        pyplot.close(figure)


def _draw(figure: "Figure", picture: _Picture) -> None:
    rows = [_motion] if len(picture.series) else []
    if picture.tiles or not rows:
        rows.append(_states)
    heights = [7 if draw is _motion else 1 for draw in rows]
    axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for draw, axis in zip(rows, axes, strict=True):
        draw(axis, picture)
        axis.spines[["top", "right"]].set_visible(False)
    words = [period_in_words(picture.start, picture.end), picture.words]
    figure.suptitle(picture.machine, x=0.01, ha="left", size=16, weight="bold", parse_math=False)
    axes[0].set_title("  ·  ".join(filter(None, words)), loc="left", size=10, color=OUTLINE, pad=12)
    _time_axis(axes[-1], picture)


def _time_axis(axis: "Axes", picture: _Picture) -> None:
    dates: Any = import_module("matplotlib.dates")
    locator = dates.AutoDateLocator(minticks=6, maxticks=12)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    axis.set_xlabel("local time")
    if picture.start < picture.end:
        axis.set_xlim(dates.date2num(picture.start), dates.date2num(picture.end))


def _motion(axis: "Axes", picture: _Picture) -> None:
    at, score = picture.series.thinned()
    axis.fill_between(at, score, color=MOTION, alpha=0.35, linewidth=0)
    axis.plot(at, score, color=MOTION, linewidth=0.7, alpha=0.8)
    top = max(float(picture.series.score.max()), picture.threshold or 0, 1) * 1.06
    axis.set_ylim(0, top)
    axis.set_ylabel("motion score (changed pixels)")
    axis.yaxis.set_major_formatter("{x:,.0f}")
    axis.grid(axis="y", color="#E5E7EB", linewidth=0.8)
    axis.set_axisbelow(True)
    if picture.threshold is not None:
        axis.axhline(picture.threshold, color=THRESHOLD, linewidth=1.4, linestyle=(0, (5, 2)))
        axis.text(
            1.005,
            picture.threshold,
            f"threshold\n{picture.threshold:,}",
            transform=axis.get_yaxis_transform(),
            color=THRESHOLD,
            size=9,
            va="center",
        )


def _states(axis: "Axes", picture: _Picture) -> None:
    from matplotlib.patches import Patch

    date2num = import_module("matplotlib.dates").date2num
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    handles = []
    for state, look in LOOKS.items():
        tiles = [tile for tile in picture.tiles if tile.state is state]
        if not tiles:
            continue
        style: dict[str, Any] = {
            "facecolor": look.fill,
            "edgecolor": OUTLINE,
            "hatch": look.hatch * 3,
            "linewidth": 0.4 if len(picture.tiles) < 300 else 0,
        }
        bars = [(date2num(tile.start), tile.duration / timedelta(days=1)) for tile in tiles]
        axis.broken_barh(bars, (0, 1), **style)
        handles.append(Patch(label=look.word, **style))
        for tile in tiles:
            if _fits(look.word, tile, picture):
                middle = date2num(tile.start + tile.duration / 2)
                axis.text(
                    middle,
                    0.5,
                    look.word,
                    color=look.text,
                    size=9,
                    ha="center",
                    va="center",
                    clip_on=True,
                )
    axis.figure.legend(
        handles=handles, loc="outside upper right", ncols=len(handles), frameon=False
    )


def _fits(word: str, tile: Interval[datetime], picture: _Picture) -> bool:
    """Guess whether a word in size 9 has room in the bar, of an axis some 11 inches long."""
    return tile.duration / (picture.end - picture.start) * 11 * 72 > len(word) * 9 * 0.8
