"""
How much of a known view is still to be seen in a picture?

Compared is structure, not light: the slopes of a small version of the picture, block by block, as
normalised correlations.  What is lost in the noise of now is neither there nor gone; nor is what
moves, as a machine that fills half of the picture does.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey

Field = NDArray[np.float32]
"""(height, width, 2): how steep the small picture is across and down, in grey levels a pixel."""

Blocks = NDArray[np.float32]
"""(rows, columns): one value for each block of a field."""

LARGEST = 352
"""Pixels of a miniature's longer side; slopes are taken at half of that."""

BLOCK = 16
"""Pixels of a field along a side of a block."""

LEAST_POWER = 1.0
"""Squared slope, in the mean of a block, below which it is plain and says nothing."""

PALE = 0.5
"""Part of the usual contrast at which structure must still be discernible to be missed."""

ALIKE, UNLIKE = 0.6, 0.1
"""Correlations of a block from which on it is wholly there, and down to which it is gone."""

QUIET = 0.1
"""Quantile of the change since the look before, over all blocks, that is taken for noise."""

KEPT = 0.5
"""Correlation with the look before, below which a block moves."""

CALMING = 0.8
"""Part of its movement that a block keeps from look to look."""

LEAST_BLOCKS = 8
"""Blocks of weight 1 below which nothing is said."""


def miniature(luma: Grey) -> Grey:
    """Return a whole picture made small, its longer side at most `LARGEST` pixels."""
    factor = max(1.0, max(luma.shape) / LARGEST)
    size = max(1, round(luma.shape[1] / factor)), max(1, round(luma.shape[0] / factor))
    return cast(Grey, cv2.resize(luma, size, interpolation=cv2.INTER_AREA))


def means(values: NDArray[np.float32]) -> Blocks:
    """Return the mean of each block of (height, width) values; a rest at the edges is left out."""
    rows, columns = (max(1, side // BLOCK) for side in values.shape)
    cut = values[: rows * BLOCK, : columns * BLOCK]
    return cast(Blocks, cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA))


def products(one: Field, other: Field) -> Blocks:
    """Return the mean scalar product of two fields, block by block."""
    both = one * other
    return means(both[..., 0] + both[..., 1])


class Look:
    """The structure of one picture; `fine` is what only a sharp lens shows, (height, width)."""

    def __init__(self, small: Grey, closely: bool = False) -> None:
        """`small` is a miniature; what is fine is looked for in all of it, or in half its size."""
        half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        self.field = cast(Field, cv2.merge(cv2.spatialGradient(half)).astype(np.float32))
        self.field *= 1 / 8
        close = (small if closely else half).astype(np.float32)
        self.fine = cast(NDArray[np.float32], cv2.Laplacian(close, cv2.CV_32F, ksize=1))
        self.power = products(self.field, self.field)
        self.noise = 0.0
        self.moving: Blocks = np.zeros_like(self.power)

    def compare(self, before: "Look") -> None:
        """
        Learn from the look before how much of the power is noise, and which blocks move.

        Noise is what differs where least does.  A block goes on moving for some looks after.
        """
        changed = self.field - before.field
        self.noise = float(np.quantile(products(changed, changed), QUIET)) / 2
        own, earlier = (np.maximum(look.power - self.noise, 1e-3) for look in (self, before))
        kept = products(self.field, before.field) / np.sqrt(own * np.maximum(earlier, own / 4))
        moving = (kept < KEPT) & (own > LEAST_POWER)
        self.moving = np.maximum(CALMING * before.moving, moving.astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """
    A look beside a reference: `unlike` is 0 for blocks that are there and 1 for those gone.

    `counted` is how much each block says of it, 0 to 1; `slope` how pale, 1 being as the
    reference, and `sharpness` likewise how much of the fine structure is left in proportion.
    """

    unlike: Blocks
    counted: Blocks
    slope: float
    sharpness: float

    @property
    def gone(self) -> float | None:
        """Which part of the view is gone; None where too little can be judged."""
        count = float(self.counted.sum())
        if count < LEAST_BLOCKS:
            return None
        return float((self.unlike * self.counted).sum()) / count


@dataclass(eq=False)
class Reference:
    """How the view is known to look: its field and fine structure; both may be a mean of many."""

    field: Field
    fine: NDArray[np.float32]

    @cached_property
    def power(self) -> Blocks:
        return products(self.field, self.field)

    @cached_property
    def total(self) -> float:
        return float(np.vdot(self.field, self.field)) + 1e-6

    @cached_property
    def fine_total(self) -> float:
        return float(np.vdot(self.fine, self.fine)) + 1e-6

    def likeness(self, look: Look, contrast: float, steady: Blocks) -> Likeness:
        """Compare; `contrast` is the usual slope, `steady` 1 for blocks that look as ever."""
        pale = (PALE * contrast) ** 2
        own = np.maximum(look.power - look.noise, 0.1 * pale * self.power) + 1e-6
        correlation = products(look.field, self.field) / np.sqrt(own * self.power + 1e-6)
        unlike = np.clip((ALIKE - correlation) / (ALIKE - UNLIKE), 0, 1)
        discernible = self.power > max(LEAST_POWER, 0.2 * look.noise / pale)
        counted = steady * discernible * (1 - look.moving * (unlike > 0.5))
        slope = float(np.vdot(look.field, self.field)) / self.total
        sharpness = self._fine_left(look.fine) / max(slope, 0.02)
        return Likeness(unlike, counted.astype(np.float32), slope, sharpness)

    def _fine_left(self, fine: NDArray[np.float32]) -> float:
        """Return the slope of the fine structure, at the best of nine places: it may shake."""
        inner = self.fine.copy()
        inner[[0, -1]] = inner[:, [0, -1]] = 0.0
        # without its edges it may be laid over the other as one long row, at once much faster
        edge = inner.shape[1] + 1
        middle = slice(edge, inner.size - edge)
        row, other = inner.ravel()[middle], fine.ravel()
        steps = (y * inner.shape[1] + x for y in (-1, 0, 1) for x in (-1, 0, 1))
        found = (np.dot(other[edge + n : edge + n + row.size], row) for n in steps)
        return float(max(found)) / self.fine_total
