"""
What is a sheet of paper, and where on it is there room?

In inches, as matplotlib counts; what is drawn on it is of `paper_charts` and `sheets`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from motion_tracking.report.appearance import OUTLINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

WIDTH, HEIGHT = 8.27, 11.69
"""Inches of A4."""

MARGIN, TOP, BOTTOM = 0.6, 0.55, 0.6
ROOM = WIDTH - 2 * MARGIN
"""Inches across that are drawn on."""

ENDLESS = 40.0
"""Inches of a picture, before what is empty is cut off."""

INK = "#15181D"

_DPI = 130

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Sheet:
    """
    One sheet, in inches from its upper left corner.

    What is filled is gathered, and drawn at once for each look: a month has thousands of bars.
    """

    def __init__(self, height: float) -> None:
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH, height), dpi=_DPI)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        self.axes.axis("off")
        self._bars: dict[tuple[int, str], list[list[tuple[float, float]]]] = {}

    def fill(self, layer: int, look: str, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle; higher layers lie over lower ones."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self._bars.setdefault((layer, look), []).append(corners)

    def finish(self, looks: Mapping[str, Mapping[str, Any]]) -> None:
        """Draw what was filled."""
        from matplotlib.collections import PolyCollection

        for (layer, look), bars in self._bars.items():
            style = {"edgecolor": OUTLINE, "linewidth": 0, "zorder": 1 + layer / 10, **looks[look]}
            self.axes.add_collection(PolyCollection(bars, **style), autolim=False)


@dataclass(frozen=True, slots=True)
class Room:
    """A part of a sheet to draw in, in inches from its own upper left corner."""

    sheet: Sheet
    left: float
    top: float

    def text(self, x: float, y: float, text: str, size: float = 8, **style: Any) -> None:
        """Write a line, whose middle is at `y`."""
        usual = {"color": INK, "va": "center", "parse_math": False}
        plain = _CONTROLS.sub(" ", text)  # an SVG with one of these is none
        self.sheet.axes.text(self.left + x, self.top + y, plain, size=size, **{**usual, **style})

    def bar(
        self, look: str, x: float, y: float, width: float, height: float, layer: int = 0
    ) -> None:
        """Fill a rectangle with the look of a state."""
        self.sheet.fill(layer, look, self.left + x, self.top + y, width, height)

    def rule(self) -> None:
        """Draw a thin line over the whole width."""
        self.bar("line", 0, 0, ROOM, 0.01)


class Paper:
    """
    Sheets that are filled from top to bottom.

    `begin` gives room of some height, on a new sheet where this one has not enough left.
    """

    def __init__(self, height: float, footer: str) -> None:
        self._height, self._footer = height, footer
        self.sheets: list[Sheet] = []
        self._at = height

    def begin(self, height: float, left: float = 0.0) -> Room:
        """Return room, and go on below it."""
        if not self.fits(height):
            self.new_sheet()
        room = self.beside(left)
        self._at += height
        return room

    def beside(self, left: float) -> Room:
        """Return room, and stay: what comes next is beside it."""
        return Room(self.sheets[-1], MARGIN + left, self._at)

    def fits(self, height: float) -> bool:
        """Whether so much room is left on this sheet."""
        return bool(self.sheets) and self._at + height <= self._height - BOTTOM

    def skip(self, height: float) -> None:
        """Leave some room empty."""
        self._at += height

    def new_sheet(self) -> None:
        """Go on with a sheet of its own."""
        self.sheets.append(Sheet(self._height))
        self._at = TOP

    def used(self) -> "Bbox":
        """Return the part of the last sheet that is drawn on, as matplotlib counts it."""
        from matplotlib.transforms import Bbox

        return Bbox.from_extents(0, self._height - self._at - TOP, WIDTH, self._height)

    def finish(self, looks: Mapping[str, Mapping[str, Any]]) -> None:
        """Draw what was gathered; write the footers, once all sheets are there."""
        for number, sheet in enumerate(self.sheets, 1):
            sheet.finish(looks)
            if self._footer:
                foot = Room(sheet, MARGIN, self._height - 0.3)
                foot.text(0, 0, self._footer, 7, color=OUTLINE)
                pages = f"{number} / {len(self.sheets)}"
                foot.text(ROOM, 0, pages, 7, color=OUTLINE, ha="right")
