"""
What is a picture, which part of it is watched, and how is its grey made comparable?
"""

from dataclasses import dataclass
from typing import Any, Self, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

LIMITED_RANGE = 255 / 219
"""Grey levels for each level of a luma that spans 16..235."""

_STRETCH = np.clip((np.arange(256) - 16) * LIMITED_RANGE + 0.5, 0, 255).astype(np.uint8)


Polygon = tuple[tuple[int, int], ...]
"""Corners in pixels of the picture; two are opposite corners of a rectangle."""


@dataclass(frozen=True, slots=True)
class Roi:
    """The watched rectangle, in pixels of the picture; `x` right, `y` down."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def from_corners(cls, ix: int, iy: int, ix2: int, iy2: int) -> Self:
        """Take two opposite corners, as the old tool's mouse drew them; the end is exclusive."""
        return cls(min(ix, ix2), min(iy, iy2), abs(ix2 - ix), abs(iy2 - iy))

    @property
    def area(self) -> int:
        """Pixels inside."""
        return self.width * self.height

    def fits(self, width: int, height: int) -> bool:
        """Whether the whole rectangle lies inside a picture of this size, and is not empty."""
        return (
            self.area > 0
            and self.x >= 0
            and self.y >= 0
            and self.x + self.width <= width
            and self.y + self.height <= height
        )

    def cut(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Return the view of a (height, width, ...) picture inside the rectangle."""
        return picture[self.y : self.y + self.height, self.x : self.x + self.width]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """
    One decoded picture and when it reached us.

    `luma` is (height, width) uint8 and may be a view into the decoder's memory: copy what is
    kept.  `at` counts monotonic seconds, `utc` seconds since 1970.  Video is usually coded with
    luma 16..235; `full_range` says that it spans 0..255, as grey pictures do.  A sample carries
    the `earlier` frames that a detector wants to compare it with, oldest first.  `key` says that
    it was sent whole, where the source can tell; `newest_key` is the last such frame, itself or
    one before it.  `ends_head` says that it is the last of the head of its group of pictures, and
    `spared` that of this group no more is decoded; pictures came in the `passed_over` seconds
    before it, but were not decoded (`core/heads.py`).
    """

    luma: Grey
    at: float
    utc: float
    full_range: bool = True
    earlier: "tuple[Frame, ...]" = ()
    key: bool = False
    newest_key: "Frame | None" = None
    ends_head: bool = False
    spared: bool = False
    passed_over: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.luma.shape[1], self.luma.shape[0]


def grey(frame: Frame, roi: Roi) -> Grey:
    """
    Copy the ROI out of a frame as grey levels 0..255, shape (roi.height, roi.width).

    Limited-range luma is stretched, so that grey levels mean what they mean to
    `cv2.cvtColor(..., COLOR_BGR2GRAY)`, and thresholds of the old tool stay true.
    """
    cut = roi.cut(frame.luma)
    if frame.full_range:
        return cut.copy()
    return cast(Grey, cv2.LUT(cut, _STRETCH))
