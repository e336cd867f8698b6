"""
How much does a picture differ from one before it that was encoded alike?

Two pictures of a sensor differ everywhere by its noise, however few bits the stream has; two
encodings of one picture do not.  But within a group of pictures an encoder repeats what it sent
before, and refines it, so only like is compared with like: keyframe with keyframe.  Where keyframes
are rare or unknown, samples have to do.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from motion_tracking.core.motion import Frame, Grey

SIDE = 400
"""Pixels, at most, of a picture's longer side that are looked at."""

BLOCK = 8
"""Pixels a side of the squares whose change is averaged."""

KEYS_APART = 0.7
"""Seconds, at least, between two keyframes that are compared."""

SAMPLES_APART = 4.0
"""The same for samples."""

KEYS_RARE = 15.0
"""Seconds without a keyframe after which samples have to do."""


@dataclass(frozen=True, slots=True)
class Stir:
    """
    What changed from a picture at `before` to one at `at`, monotonic seconds.

    `typical`, in grey levels, is what three of four blocks exceed, so that it speaks of the noise
    even where half of the picture moves.  `most` is what one block of twenty exceeds: a clock is
    smaller than that, a machine or a person is not.
    """

    before: float
    at: float
    typical: float
    most: float


class Stirring:
    """Picks the pictures that may be compared out of the samples of a channel."""

    def __init__(self) -> None:
        self.still: Grey | None = None
        """The last picture that was picked, thinned out; of no use to others but `differ`."""
        self._at = 0.0
        self._by_key = False
        self._key_at: float | None = None
        self._after_gap = False

    def take(self, sample: Frame) -> Stir | None:
        """Return what changed, if the sample brings a picture to compare with the one before."""
        picked = self._picked(sample)
        if picked is None:
            return None
        before, at = self._at, picked.at
        last, self.still = self.still, thinned(picked.luma)
        by_key = picked is sample.newest_key
        alike = self._by_key is by_key
        self._at, self._by_key = at, by_key
        if last is None or last.shape != self.still.shape or not alike:
            return None
        typical, most = differ(last, self.still)
        return Stir(before, at, typical, most)

    def forget(self) -> None:
        self.still = None
        self._key_at = None
        self._after_gap = True

    def _picked(self, sample: Frame) -> Frame | None:
        key = sample.newest_key
        if self._after_gap:
            self._after_gap = False
            # one from before the gap is a placard, or whatever else the gap was
            self._key_at = key.at if key is not None and key.at < sample.at else None
        if key is not None and key.at != self._key_at:
            self._key_at = key.at
            return key if self._due(key.at, KEYS_APART, by_key=True) else None
        if self._key_at is not None and sample.at - self._key_at <= KEYS_RARE:
            return None
        return sample if self._due(sample.at, SAMPLES_APART, by_key=False) else None

    def _due(self, at: float, apart: float, by_key: bool) -> bool:
        return self.still is None or self._by_key is not by_key or at - self._at >= apart


def thinned(luma: Grey) -> Grey:
    """Copy every n-th pixel of every n-th row: noise stays as it is, unlike in a mean."""
    step = -(-max(luma.shape) // SIDE)
    return np.ascontiguousarray(luma[::step, ::step])


def differ(one: Grey, other: Grey) -> tuple[float, float]:
    """Return by how much three of four blocks differ, and one of twenty; in grey levels."""
    height, width = (side // BLOCK for side in one.shape)
    change = cv2.absdiff(one, other)[: height * BLOCK, : width * BLOCK].astype(np.float32)
    blocks = cv2.resize(change, (width, height), interpolation=cv2.INTER_AREA).ravel()
    low, high = blocks.size // 4, blocks.size * 19 // 20
    ranked = np.partition(blocks, (low, high))
    return float(ranked[low]), float(ranked[high])
