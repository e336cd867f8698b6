"""
How strong is the movement at one lag, and where does standing end as light and noise change?
"""

from collections import deque

import numpy as np

from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import Lag

SMOOTHED = 3
"""Samples whose mean strength is judged: a second and a half."""

REMEMBERED = 240
"""Samples, two minutes, over which the quiet level of the noise is looked for."""

QUIET = 0.3
"""Quantile of the loudness that is taken for noise; what is above it is a shake or a passer-by."""

TOWARDS_RUNNING = 0.5
"""How far on the way from standing to running, as ratios go, the machine moves."""


class Level:
    """Follows one lag through the samples."""

    def __init__(self, lag: Lag) -> None:
        self.lag = lag
        self._strengths: deque[float] = deque(maxlen=SMOOTHED)
        self._loudness: deque[float] = deque(maxlen=REMEMBERED)

    def forget(self) -> None:
        self._strengths.clear()

    def strength(self, difference: Texture) -> float:
        """Take one difference; return the mean strength of the last few."""
        strength, loudness = self.lag.strength(difference)
        self._strengths.append(strength)
        self._loudness.append(loudness)
        return sum(self._strengths) / len(self._strengths)

    def take(self, difference: Texture, contrast: float) -> tuple[float, float]:
        """
        Return the strength as a multiple of where standing ends, and how discernible running is.

        `contrast` is that of now as a multiple of that at calibration.  Discernible are so many
        deviations of standing.
        """
        strength = self.strength(difference)
        quiet = max(1.0, float(np.quantile(self._loudness, QUIET)) / self.lag.usual_loudness)
        expected = self.expected(contrast, quiet)
        end = self.end_of_still(expected, self._loudness[-1] / self.lag.usual_loudness / quiet)
        return strength / end, (expected - self.lag.still) / self.lag.spread

    def expected(self, contrast: float = 1.0, quiet: float = 1.0) -> float:
        """Return the strength of running that is to be expected of a picture as pale and loud."""
        lag = self.lag
        clearness = min(contrast * contrast / quiet, 1.0)
        return min(lag.still * (1 + clearness * (lag.power / lag.still - 1)), lag.moving)

    def end_of_still(self, expected: float, disturbance: float = 1.0) -> float:
        """
        Return the strength above which the machine moves.

        Half way between standing and running as ratios go.  While the whole picture is disturbed,
        as by a shake, more is needed, since the ring never shows quite the same as the ROI; but
        never more than what is surely above standing.
        """
        still = min(self.lag.still_high, (self.lag.still * expected) ** 0.5)
        end = still ** (1 - TOWARDS_RUNNING) * expected**TOWARDS_RUNNING
        shaken = min(max(disturbance, 1.0), 25.0) ** 0.5
        raised = end * max(disturbance / 1.5, 1.0) ** 0.5
        return float(max(end, min(raised, 1.3 * self.lag.still_high * shaken)))
