"""
Where in a picture does something move, and which areas are worth watching?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.patches import Texture

REDUCED = 4
"""Pixels of the picture along a side of one of the map."""

LEAST_STEP = 4.0
"""Grey levels: a difference below that is taken for noise however quiet the picture is."""

ORDINARY = 1.3
"""Deviations that a pixel of nothing but noise changes by in one of five steps."""

MOVES = 3.0
"""Deviations of the noise above which something moves."""

CORE = 0.4
"""Of the strongest movement of a box: where a machine is, rather than its shaking and shine."""

LEAST_SIDE = 16
"""Pixels: a smaller area is a lamp or a digit."""

MOST = 6
"""Areas that are proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An area; `separation` says how many times stronger than the noise its movement is."""

    roi: Roi
    separation: float


def reduced(picture: Grey) -> Texture:
    """Make a (height, width) picture as small as areas are looked for in."""
    height, width = picture.shape
    size = max(1, width // REDUCED), max(1, height // REDUCED)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cast(Texture, small.astype(np.float32))


def propose(
    pictures: Sequence[Texture], size: tuple[int, int], standing: Sequence[Texture] = ()
) -> list[Proposal]:
    """
    Return the areas of reduced pictures, half a second apart, in which something moves.

    `size` is (width, height) of the whole ones.  Where there are pictures of the machine
    `standing`, what moves in them too counts as noise: a passage, a clock, the neighbour.  The
    best comes first; nothing is returned where nothing moves, or of fewer than three pictures.
    """
    if len(pictures) < 3:
        return []
    activity = _often(pictures) / _noise(pictures if len(standing) < 3 else standing)
    if len(standing) >= 3:
        activity /= np.maximum(_often(standing) / _noise(standing) / ORDINARY, 1.0)
    proposals = [
        Proposal(roi, round(float(box.cut(activity).mean()), 1))
        for box in _moving(activity)
        if min((roi := _enlarged(box, *size)).width, roi.height) >= LEAST_SIDE
    ]
    return sorted(proposals, key=lambda p: -p.separation * p.roi.area**0.5)[:MOST]


def _often(pictures: Sequence[Texture]) -> Texture:
    """Return by how much each pixel changes in one of five steps, grey levels."""
    steps = np.abs(np.diff(np.stack(pictures), axis=0))
    return cast(Texture, np.quantile(steps, 0.8, axis=0))


def _noise(pictures: Sequence[Texture]) -> float:
    """Return the deviation of most pixels, grey levels."""
    steps = np.abs(np.diff(np.stack(pictures), axis=0))
    return max(float(np.median(steps)) * 1.48, LEAST_STEP / 3)


def _moving(activity: Texture) -> Iterator[Roi]:
    """Yield the boxes in which something moves; of a large one, the parts that move most."""
    for box in _boxes(activity > MOVES):
        part = box.cut(activity)
        strong = float(np.quantile(part[part > MOVES], 0.95))
        for inner in _boxes(part > max(MOVES, CORE * strong)):
            yield Roi(box.x + inner.x, box.y + inner.y, inner.width, inner.height)


def _boxes(mask: NDArray[np.bool_]) -> Iterator[Roi]:
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    found = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in imutils.grab_contours(found):
        yield Roi(*cv2.boundingRect(contour))


def _enlarged(box: Roi, width: int, height: int) -> Roi:
    """Return the area in pixels of the picture, a little larger than what moved."""
    left, top = max(0, (box.x - 1) * REDUCED), max(0, (box.y - 1) * REDUCED)
    right = min(width, (box.x + box.width + 1) * REDUCED)
    bottom = min(height, (box.y + box.height + 1) * REDUCED)
    return Roi(left, top, right - left, bottom - top)
