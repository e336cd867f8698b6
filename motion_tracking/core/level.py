"""
How strong is the movement at one lag, and where does standing end as light and noise change?
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import CLIP, Lag

SMOOTHED = 3
"""Samples whose mean strength is judged: a second and a half."""

REMEMBERED = 240
"""Samples, two minutes, over which the quiet level of the noise is looked for."""

LOOKED_AT = 4
"""Samples between two looks at the quiet level."""

QUIET = 0.3
"""Quantile of the loudness that is taken for noise; what is above it is a shake or a passer-by."""

TOWARDS_RUNNING = 0.5
"""How far on the way from standing to running, as ratios go, the machine moves."""

DISTURBED = 1.5
"""Times the quiet loudness from which on the picture as a whole is disturbed, as by a shake."""

SURELY = 1.3
"""Times what standing rarely exceeds: as much as that is movement, however disturbed it is."""


class Level:
    """Follows one lag through the samples."""

    def __init__(self, lag: Lag) -> None:
        self.lag = lag
        self._loudness: deque[float] = deque(maxlen=REMEMBERED)
        self._strengths: deque[float] = deque(maxlen=SMOOTHED)
        self._per_noise = (1 / lag.noise**2).ravel()
        self._weights = lag.weights.ravel()
        self._around = np.flatnonzero(lag.ring)
        self._quiet = 1.0
        self._age = 0

    @property
    def loudness(self) -> float:
        """The power of the noise around the ROI, as a multiple, 1 or more, of that while still."""
        return self._loudness[-1]

    def forget(self) -> None:
        self._strengths.clear()

    def strength(self, difference: Texture) -> float:
        """
        Take one difference; return the mean strength of the last few, 0 to `CLIP` squared.

        Strength is the power of the machine's pixels in units of the noise of now.
        """
        power = difference.ravel() ** 2
        power *= self._per_noise
        loudness = self._loudness_of(power[self._around])
        self._loudness.append(loudness)
        power *= 1 / loudness
        np.minimum(power, CLIP * CLIP, out=power)
        self._strengths.append(float(np.dot(self._weights, power)))
        return sum(self._strengths) / len(self._strengths)

    def _loudness_of(self, around: NDArray[np.float32]) -> float:
        loudness = 1.0
        if around.size:
            for _ in range(2):  # once to know where to clip
                level = float(np.minimum(around, CLIP * CLIP * loudness).mean())
                loudness = max(1.0, level / self.lag.ring_level)
                if loudness == 1.0:
                    break
        return loudness

    def _quiet_level(self) -> float:
        """Return the quiet loudness as a multiple of the usual; looked at anew now and then."""
        if self._age % LOOKED_AT == 0:
            quiet = float(np.quantile(np.fromiter(self._loudness, float), QUIET))
            self._quiet = max(1.0, quiet / self.lag.usual_loudness)
        self._age += 1
        return self._quiet

    def take(self, difference: Texture, contrast: float) -> tuple[float, float]:
        """
        Return the strength as a multiple of where standing ends, and how discernible running is.

        `contrast` is that of now as a multiple of that at calibration.  Discernible are so many
        deviations of standing.
        """
        strength = self.strength(difference)
        quiet = self._quiet_level()
        expected = self.expected(contrast, quiet)
        end = self.end_of_still(expected, self.loudness / self.lag.usual_loudness / quiet)
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
        raised = end * max(disturbance / DISTURBED, 1.0) ** 0.5
        surely = SURELY * self.lag.still_high * min(max(disturbance, 1.0), 25.0) ** 0.5
        return float(max(end, min(raised, surely)))
