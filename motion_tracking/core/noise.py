"""
How loud is the noise around the ROI now, and how loud is it when nothing disturbs the picture?
"""

from bisect import bisect_left, insort
from collections import deque

import cv2
import numpy as np

from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import CLIP, Lag

REMEMBERED = 240
"""Samples, two minutes, over which the quiet level is looked for."""

LOOKED_AT = 4
"""Samples between two looks at the quiet level."""

QUIET = 0.3
"""Quantile of the loudness that is taken for noise; what is above it is a shake or a passer-by."""

RECALLED = 20
"""Samples, ten seconds, for which counts what was found out about noise elsewhere."""

COUNTED = 4.0
"""Times the quiet noise by which a pixel moves."""


class Noise:
    """Follows the ring around a ROI at one lag.  Loudness is power, 1 or more times the known."""

    def __init__(self, lag: Lag, remembered: int = REMEMBERED) -> None:
        self._lag = lag
        self._most = remembered
        self._around = np.flatnonzero(lag.ring)
        self._per_deviation = 1 / lag.noise.ravel()[self._around]
        self._per_power = 1 / (max(1, self._around.size) * lag.ring_level)
        self._remembered: deque[float] = deque()
        self._in_order: list[float] = []
        self._age = 0
        self.loudness = 1.0
        self.quiet = 1.0
        """The loudness when nothing disturbs, as a multiple of the usual at calibration."""
        self.stirred = 0.0
        """The part of the surroundings that moves."""

    def hear(self, difference: Texture) -> None:
        """Take one difference."""
        around = difference.ravel().take(self._around)
        around *= self._per_deviation
        peak = cv2.norm(around, cv2.NORM_INF) if around.size else 0.0
        self.loudness = self._loudness_of(around, peak)
        self.stirred = self._moving_part_of(around, peak)
        self._remember(self.loudness)
        if self._age % LOOKED_AT == 0:
            quiet = self._in_order[int(QUIET * len(self._in_order))]
            self.quiet = max(1.0, quiet / self._lag.usual_loudness)
        self._age += 1

    def recall(self, quiet: float) -> None:
        """Take over from elsewhere how loud it is when nothing disturbs; what was heard is old."""
        self._remembered.clear()
        self._in_order.clear()
        for _ in range(RECALLED):
            self._remember(quiet * self._lag.usual_loudness)
        self.quiet = quiet

    @property
    def disturbance(self) -> float:
        """The loudness as a multiple of the quiet one."""
        return self.loudness / self._lag.usual_loudness / self.quiet

    def _remember(self, loudness: float) -> None:
        # kept in order, since to sort them all for each look costs as much as all the rest here
        if len(self._remembered) == self._most:
            del self._in_order[bisect_left(self._in_order, self._remembered.popleft())]
        self._remembered.append(loudness)
        insort(self._in_order, loudness)

    def _moving_part_of(self, around: Texture, peak: float) -> float:
        most = COUNTED * self.quiet**0.5
        if peak <= most:
            return 0.0
        return np.count_nonzero(np.abs(around) > most) / around.size

    def _loudness_of(self, around: Texture, peak: float) -> float:
        """Judge the ring by its differences in units of their deviation, of which one is `peak`."""
        loudness = 1.0
        for _ in range(2 if around.size else 0):  # once to know where to clip
            most = CLIP * loudness**0.5
            clipped = around
            if peak > most:  # hardly ever, and clipping is dear
                clipped = np.clip(around, -most, most)
            loudness = max(1.0, float(np.dot(clipped, clipped)) * self._per_power)
            if loudness == 1.0 or clipped is around:
                break
        return loudness
