"""
How is an area drawn with the mouse, in a window on a desktop?

The picture is made to fit the screen, and what is drawn is carried back to its own pixels.
Opening a window where there is no display ends the process without an exception, so that is
tried in another process first.
"""

import os
import subprocess
import sys
from typing import Any

import cv2
import numpy as np

from motion_tracking.console import Failure
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.report.plot import has_display

LARGEST = (1280, 720)
"""Width and height of a window that fits any screen."""

TITLE = "Drag around the part that moves.  Enter: take it   Arrows: move it   Esc: leave"

AREA, AROUND = (0, 220, 255), (0, 0, 0)  # blue, green, red: seen on bright and on dark pictures

PROBE = "import cv2; cv2.namedWindow('probe'); cv2.waitKey(1); cv2.destroyAllWindows()"

PATIENCE = 20.0
"""Seconds that opening a window may take."""

ENTER, SPACE, ESCAPE = (10, 13), 32, 27

ARROWS = {
    # as Qt and GTK, as Windows, and as macOS number them
    **dict.fromkeys((65361, 81, 2424832, 63234), (-1, 0)),
    **dict.fromkeys((65362, 82, 2490368, 63232), (0, -1)),
    **dict.fromkeys((65363, 83, 2555904, 63235), (1, 0)),
    **dict.fromkeys((65364, 84, 2621440, 63233), (0, 1)),
}


class Drawing:
    """An area that is being drawn over a picture of `size` (width, height)."""

    def __init__(self, size: tuple[int, int], roi: Roi | None = None) -> None:
        self.size = size
        self.scale = min(1.0, *(most / side for most, side in zip(LARGEST, size, strict=True)))
        self.roi = roi if roi is not None and roi.fits(*size) else None
        self._corner: tuple[int, int] | None = None

    def mouse(self, event: int, x: int, y: int, *_: object) -> None:
        """Take what the mouse does, in pixels of the window."""
        at = self._in_picture(x, y)
        if event == cv2.EVENT_LBUTTONDOWN:
            self._corner, self.roi = at, None
        elif self._corner is not None and event in (cv2.EVENT_MOUSEMOVE, cv2.EVENT_LBUTTONUP):
            roi = Roi.from_corners(*self._corner, *at)
            self.roi = roi if roi.area else None
            if event == cv2.EVENT_LBUTTONUP:
                self._corner = None

    def move(self, across: int, down: int) -> None:
        """Move the area by so many pixels of the picture, as far as it stays inside."""
        if self.roi is None:
            return
        moved = Roi(self.roi.x + across, self.roi.y + down, self.roi.width, self.roi.height)
        self.roi = moved if moved.fits(*self.size) else self.roi

    def over(self, picture: Grey) -> np.ndarray[Any, Any]:
        """Draw the area over the picture, as large as the window."""
        size = tuple(max(1, round(side * self.scale)) for side in self.size)
        shown = cv2.cvtColor(
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR
        )
        if self.roi is not None:
            start = round(self.roi.x * self.scale), round(self.roi.y * self.scale)
            end = (
                round((self.roi.x + self.roi.width) * self.scale),
                round((self.roi.y + self.roi.height) * self.scale),
            )
            for colour, width in ((AROUND, 4), (AREA, 2)):
                cv2.rectangle(shown, start, end, colour, width)
        return shown

    def _in_picture(self, x: int, y: int) -> tuple[int, int]:
        """Return the pixel of the picture, at its edge where the mouse has left it."""
        across, down = (
            min(max(round(at / self.scale), 0), side)
            for at, side in zip((x, y), self.size, strict=True)
        )
        return across, down


def require_display() -> None:
    """Raise `Failure` where no window can be opened."""
    hint = "leave out --window for the page in a browser, or take --no-ui"
    if not has_display(os.environ, sys.platform):
        raise Failure("there is no display to open a window on", hint)
    try:
        probe = subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, check=False, timeout=PATIENCE
        )
        opened = probe.returncode == 0
    except subprocess.TimeoutExpired:
        opened = False
    if not opened:
        raise Failure("no window can be opened on the display", hint)


def draw_area(picture: Grey, roi: Roi | None) -> Roi:
    """
    Let a person draw an area over a picture, beginning with `roi`.

    Raise `Failure` where there is no display, or where the person leaves without an area.
    """
    require_display()
    drawing = Drawing((picture.shape[1], picture.shape[0]), roi)
    cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
    cv2.setMouseCallback(TITLE, drawing.mouse)
    try:
        while True:
            cv2.imshow(TITLE, drawing.over(picture))
            key = cv2.waitKeyEx(30)
            if key in ARROWS:
                drawing.move(*ARROWS[key])
            elif drawing.roi is not None and (key in ENTER or key == SPACE):
                return drawing.roi
            elif key == ESCAPE or not _is_open():
                raise Failure("no area was drawn")
    finally:
        cv2.destroyAllWindows()


def _is_open() -> bool:
    try:
        return bool(cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1)
    except cv2.error:  # Qt knows of no window once its last one was closed
        return False
