"""
Where in a picture does something move, and which areas are worth watching?
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import imutils
import numpy as np

from motion_tracking.core.motion import Grey, Roi

REDUCED = 4
"""Pixels of the picture along a side of one of the map."""

LEAST_STEP = 4.0
"""Grey levels: a difference below that is taken for noise however quiet the picture is."""

LEAST_SIDE = 16
"""Pixels: a smaller area is a lamp or a digit."""

MOST = 6
"""Areas that are proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An area; `separation` says how many times stronger than the noise its movement is."""

    roi: Roi
    separation: float


def propose(pictures: Sequence[Grey]) -> list[Proposal]:
    """
    Return the areas of (height, width) pictures, half a second apart, in which something moves.

    The best comes first; nothing is returned where nothing moves, or of fewer than three pictures.
    """
    if len(pictures) < 3:
        return []
    height, width = pictures[0].shape
    size = max(1, width // REDUCED), max(1, height // REDUCED)
    small = [
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in pictures
    ]
    steps = np.abs(np.diff(np.stack(small), axis=0))
    noise = max(float(np.median(steps)) * 1.48, LEAST_STEP / 3)
    activity = np.quantile(steps, 0.8, axis=0) / noise
    moving = (activity > 3.0).astype(np.uint8)
    joined = cv2.morphologyEx(moving, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    found = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    proposals = [
        Proposal(roi, round(float(activity[y : y + h, x : x + w].mean()), 1))
        for x, y, w, h in map(cv2.boundingRect, imutils.grab_contours(found))
        if min((roi := _enlarged(x, y, w, h, width, height)).width, roi.height) >= LEAST_SIDE
    ]
    return sorted(proposals, key=lambda p: -p.separation * p.roi.area**0.5)[:MOST]


def _enlarged(x: int, y: int, w: int, h: int, width: int, height: int) -> Roi:
    """Return the area in pixels of the picture, a little larger than what moved."""
    left, top = max(0, (x - 1) * REDUCED), max(0, (y - 1) * REDUCED)
    right, bottom = min(width, (x + w + 1) * REDUCED), min(height, (y + h + 1) * REDUCED)
    return Roi(left, top, right - left, bottom - top)
