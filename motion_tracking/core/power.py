"""
How strong is the movement at one lag, and where does standing end as light and noise change?
"""

from collections import deque
from math import log

import numpy as np

from motion_tracking.core.noise import Noise
from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import CLIP, SMOOTHED, Lag

TOWARDS_RUNNING = 0.5
"""How far on the way from standing to running, as ratios go, the machine moves."""

COVERED = 0.2
"""Part of the strength of running that something small before the machine, as an insect, has."""

DISTURBED = 1.5
"""Times the quiet loudness from which on the picture as a whole is disturbed, as by a shake."""

SURELY = 1.3
"""Times what standing rarely exceeds: as much as that is movement, however disturbed it is."""


class Power:
    """
    Measures the mean power of the machine's pixels in units of the noise of now.

    It sees all that moves, and has to know the noise well.
    """

    def __init__(self, lag: Lag) -> None:
        self._lag = lag
        self._per_variance = (1 / lag.noise**2).ravel()
        self._weights = lag.weights.ravel()
        self._strengths: deque[float] = deque(maxlen=SMOOTHED)

    def forget(self) -> None:
        self._strengths.clear()

    def strength(self, difference: Texture, loudness: float) -> float:
        """Take one difference; return the mean strength of the last few, 0 to `CLIP` squared."""
        flat = difference.ravel()
        power = flat * flat
        power *= self._per_variance
        np.minimum(power, CLIP * CLIP * loudness, out=power)
        self._strengths.append(float(np.dot(self._weights, power)) / loudness)
        return sum(self._strengths) / len(self._strengths)

    @property
    def usual(self) -> tuple[float, float]:
        """What standing rarely exceeds and running was, as multiples of where standing ends."""
        end = self.end_of_still(self._lag.moving)
        return self._lag.still_high / end, self._lag.moving / end

    def margin(self, clearness: float) -> float:
        """Return the logarithm of how many times larger than standing running would be now."""
        return log(self.expected(clearness) / self._lag.still_high) / 2

    def excess(
        self, difference: Texture, _slopes: Texture, noise: Noise, clearness: float
    ) -> float:
        """Take one difference; return the strength as a multiple of where standing ends."""
        end = self.end_of_still(self.expected(clearness), noise.disturbance)
        return self.strength(difference, noise.loudness) / end

    def expected(self, clearness: float) -> float:
        """Return the strength of running, unclipped, that is to be expected of a picture."""
        lag = self._lag
        return lag.still * (1 + min(clearness, 1.0) * (lag.power / lag.still - 1))

    def end_of_still(self, expected: float, disturbance: float = 1.0) -> float:
        """
        Return the strength above which the machine moves.

        Half way between standing and running as ratios go.  While the whole picture is disturbed,
        as by a shake, more is needed, since the ring never shows quite the same as the ROI; but
        never more than what is surely above standing.
        """
        expected = min(expected, self._lag.moving)
        still = min(self._lag.still_high, (self._lag.still * expected) ** 0.5)
        between = still ** (1 - TOWARDS_RUNNING) * expected**TOWARDS_RUNNING
        end = max(between, COVERED * expected)
        raised = end * max(disturbance / DISTURBED, 1.0) ** 0.5
        surely = SURELY * self._lag.still_high * min(max(disturbance, 1.0), 25.0) ** 0.5
        return float(max(end, min(raised, surely)))
