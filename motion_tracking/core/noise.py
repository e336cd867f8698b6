"""
How loud is the noise around the ROI now, and how loud is it when nothing disturbs the picture?
"""

from collections import deque

import numpy as np

from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import CLIP, Lag

REMEMBERED = 240
"""Samples, two minutes, over which the quiet level is looked for."""

LOOKED_AT = 4
"""Samples between two looks at the quiet level."""

QUIET = 0.3
"""Quantile of the loudness that is taken for noise; what is above it is a shake or a passer-by."""


class Noise:
    """Follows the ring around a ROI at one lag.  Loudness is power, 1 or more times the known."""

    def __init__(self, lag: Lag) -> None:
        self._lag = lag
        self._around = np.flatnonzero(lag.ring)
        self._per_deviation = 1 / lag.noise.ravel()[self._around]
        self._remembered: deque[float] = deque(maxlen=REMEMBERED)
        self._age = 0
        self.loudness = 1.0
        self.quiet = 1.0
        """The loudness when nothing disturbs, as a multiple of the usual at calibration."""

    def hear(self, difference: Texture) -> None:
        """Take one difference."""
        around = difference.ravel()[self._around]
        around *= self._per_deviation
        around *= around
        self.loudness = self._loudness_of(around)
        self._remembered.append(self.loudness)
        if self._age % LOOKED_AT == 0:
            in_order = sorted(self._remembered)
            self.quiet = max(1.0, in_order[int(QUIET * len(in_order))] / self._lag.usual_loudness)
        self._age += 1

    @property
    def disturbance(self) -> float:
        """The loudness as a multiple of the quiet one."""
        return self.loudness / self._lag.usual_loudness / self.quiet

    def _loudness_of(self, around: Texture) -> float:
        loudness = 1.0
        for _ in range(2 if around.size else 0):  # once to know where to clip
            clipped = np.minimum(around, CLIP * CLIP * loudness)
            loudness = max(1.0, float(clipped.sum()) / around.size / self._lag.ring_level)
            if loudness == 1.0:
                break
        return loudness
