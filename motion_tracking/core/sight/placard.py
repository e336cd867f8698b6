"""
Is this a picture of the hall, or the recorder's own that says "no video"?

A placard is one colour all over, without any noise, with a line of words across the middle, and
perhaps a logo.  A dark hall has noise, or is as black as a placard, but nothing is written across
its middle: what a camera writes stands at the border.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sight import Blindness, Doubt
from motion_tracking.core.sight.stirring import BLOCK, differ, thinned

PLAIN = 0.7
"""Part of the picture that has the one colour."""

TOLERANCE = 2
"""Grey levels by which the one colour may vary."""

EMPTY = 0.95
"""Part of the squares without writing that must be of the one colour."""

INK = 40
"""Grey levels by which writing stands out."""

LETTERS = 4
"""Of one height in a line: writing."""

NOISELESS = 0.1
"""Grey levels; a picture that changes by more than that from sample to sample has noise."""

FOUND_AFTER = 12.0
"""Seconds for which it must have been there."""


class Placard:
    """Finds the placard of a recorder in one channel."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._last: Grey | None = None

    def look(self, frame: Frame) -> Blindness | Doubt | None:
        """Take one sample."""
        if not _may_be_plain(frame.luma):
            self._since, self._last = None, None
            return None
        picture = thinned(frame.luma)
        last, self._last = self._last, picture
        if not is_placard(picture) or not _is_calm(last, picture):
            self._since = None
            return None
        if self._since is None:
            self._since = frame.at
        if frame.at - self._since < FOUND_AFTER:
            return Doubt(self._since)
        return Blindness(Reason.PLACARD, self._since)

    def forget(self) -> None:
        self._since = None
        self._last = None


def _may_be_plain(luma: Grey) -> bool:
    """Rule out by a few pixels what is not of one colour, as nearly all pictures are not."""
    step = max(1, min(luma.shape) // 32)
    few = luma[::step, ::step]
    near = cv2.absdiff(few, np.full_like(few, np.median(few))) <= 2 * TOLERANCE
    return bool(near.mean() > 0.8 * PLAIN)


def _is_calm(last: Grey | None, now: Grey) -> bool:
    """Whether nothing changed but perhaps the writing, as far as it is known."""
    return last is None or last.shape != now.shape or differ(last, now)[0] < NOISELESS


def is_placard(picture: Grey) -> bool:
    """Judge one picture, (height, width), at any size of 100 pixels or more a side."""
    counts = np.bincount(picture.ravel(), minlength=256)
    colour = int(counts.argmax())
    near = counts[max(0, colour - TOLERANCE) : colour + TOLERANCE + 1].sum()
    if near < PLAIN * picture.size or not _is_empty(picture, colour):
        return False
    away = picture.astype(np.int16) - colour
    return any(_is_written(ink.astype(np.uint8)) for ink in (away > INK, away < -INK))


def _is_empty(picture: Grey, colour: int) -> bool:
    """Whether all squares are of one colour, but those with writing and their neighbours."""
    away = cv2.absdiff(picture, np.full_like(picture, colour))
    height, width = (side // BLOCK for side in picture.shape)
    squares = away[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    most = squares.max(axis=(1, 3))
    written = cv2.dilate((most > INK).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    blank = most[~written]
    return blank.size > 0 and bool((blank <= 2 * TOLERANCE).mean() >= EMPTY)


def _is_written(ink: NDArray[np.uint8]) -> bool:
    """Whether a line of letters stands in the middle of the picture."""
    height, width = ink.shape
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall = stats[:, cv2.CC_STAT_HEIGHT]
    middle = (abs(centres[:, 0] / width - 0.5) < 0.35) & (abs(centres[:, 1] / height - 0.5) < 0.3)
    shaped = (stats[:, cv2.CC_STAT_WIDTH] <= 2.5 * tall) & (tall >= max(4, height // 50))
    likely = middle & shaped & (tall <= height // 4)
    likely[0] = False  # all that is not ink
    if np.count_nonzero(likely) > 200:
        return False
    lines = centres[likely, 1]
    heights = tall[likely]
    return any(
        np.count_nonzero((abs(lines - line) < one / 2) & (heights > one / 2) & (heights < 2 * one))
        >= LETTERS
        for line, one in zip(lines, heights, strict=True)
    )
