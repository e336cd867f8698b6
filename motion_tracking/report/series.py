"""
What is a long row of motion scores, where is it broken, and which of its points must be drawn?
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

GAP = np.timedelta64(60, "s")
"""Longer than this without a line, and nobody was looking."""

BACK = np.timedelta64(-10, "s")
"""A clock that goes back by no more is only being corrected."""

POINTS = 4000
"""As many as a screen can show, and few enough that a month's chart stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class MotionSeries:
    """
    One score a second, in order of time.

    `at` is datetime64[s], naive local time; `score` is int32, pixels.  Both have one length.
    """

    at: NDArray[np.datetime64]
    score: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.at)

    def watches(self) -> list[tuple[datetime, datetime]]:
        """
        Return from when to when there are scores without a gap, oldest first.

        Where the series is in the order in which it was written, a clock that was set back ends
        one too.
        """
        if not len(self):
            return []
        steps = np.diff(self.at)
        after = np.flatnonzero((steps > GAP) | (steps < BACK)) + 1
        starts = self.at[np.insert(after, 0, 0)].tolist()
        ends = self.at[np.append(after - 1, len(self) - 1)].tolist()
        return list(zip(starts, ends, strict=True))

    def thinned(self, points: int = POINTS) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
        """
        Pick at most `points` points that draw the same picture.

        Of each stretch the lowest and the highest stay, and both ends of a gap.  In a gap comes a
        score of NaN, which breaks the line, between two of zero, which end the area under it.
        """
        breaks = self._after_gaps()
        if len(breaks) > points // 16:
            lengths = self.at[breaks] - self.at[breaks - 1]
            breaks = np.sort(breaks[np.argsort(lengths)[-(points // 16) :]])
        keep = np.arange(len(self))
        if len(keep) + 3 * len(breaks) > points:
            keep = self._extremes((points - 5 * len(breaks) - 2) // 2)
            keep = np.unique(np.concatenate([keep, breaks - 1, breaks, [0, len(self) - 1]]))
        holes = np.repeat(np.searchsorted(keep, breaks), 3)
        edges = np.stack([self.at[breaks - 1], self.at[breaks - 1], self.at[breaks]], axis=1)
        broken = np.tile([0, np.nan, 0], len(breaks))
        return (
            np.insert(self.at[keep], holes, edges.ravel()),
            np.insert(self.score[keep].astype(np.float64), holes, broken),
        )

    def _after_gaps(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.diff(self.at) > GAP) + 1

    def _extremes(self, stretches: int) -> NDArray[np.intp]:
        edges = np.linspace(0, len(self), stretches + 1).astype(np.intp)
        return np.array(
            [
                start + pick
                for start, end in pairwise(edges)
                for pick in (self.score[start:end].argmin(), self.score[start:end].argmax())
            ],
            dtype=np.intp,
        )


def no_motion() -> MotionSeries:
    """Return a series without a score, for where there are only events."""
    return MotionSeries(np.empty(0, "datetime64[s]"), np.empty(0, np.int32))
