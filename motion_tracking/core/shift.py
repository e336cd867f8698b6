"""
How far has the machine moved between two pictures, beyond what the whole picture has?

A part that shifts changes the picture in proportion to its slopes.  Noise does so too, but as
often one way as the other: over all pixels of the machine together it nearly cancels, while the
power of a difference only grows with it.  So a shift of a fraction of a pixel is seen where the
noise is louder than the machine.  It is the same in every light, which power is not.
"""

from collections import deque
from math import log

import numpy as np

from motion_tracking.core.noise import Noise
from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import SMOOTHED, Lag

NEARER = 0.45
"""Part of the shift of running from which on a shift is taken for that; under 0.5, as noise in
both pictures makes it look smaller than it is."""

DISTURBED, MOST_RAISED = 1.5, 1.8
"""Times the quiet loudness from which on a shake asks for more, and how much more at most: what
is left of it after it was taken back looks like a shift."""

SLOPE_NOISE = 12 / 64 / 2
"""What the slopes of a picture have of the variance of a difference, by their 3x3 weights."""

LEAST_SURE = 0.35
"""Part of the power of the slopes that is taken to be the machine's, however loud the noise."""

_STIFFNESS = 1e-3
"""Square of grey levels a pixel: keeps a blank machine from having moved by nothing."""


class Shift:
    """
    Measures the square of the common shift of the machine's pixels, in pixels of the patch.

    It hardly knows noise, and sees only what moves as a whole.
    """

    def __init__(self, lag: Lag) -> None:
        self._lag = lag
        self._weights = lag.weights.ravel()
        self._noise = SLOPE_NOISE * float(np.dot(self._weights, lag.noise.ravel() ** 2))
        self._end = max(NEARER * NEARER * lag.shift, lag.shift_still)
        self._squares: deque[float] = deque(maxlen=SMOOTHED)

    def forget(self) -> None:
        self._squares.clear()

    def square(self, difference: Texture, slopes: Texture, loudness: float) -> float:
        """
        Take one difference; return the mean of the last few.

        `slopes` are those of the newer picture.  Noise makes them look steeper, and so shifts
        smaller, than they are: this is made up for.
        """
        weighed = slopes * self._weights
        (a, b), (_, d) = weighed.dot(slopes.T).tolist()
        across, down = weighed.dot(difference.ravel()).tolist()
        a, d = a + _STIFFNESS, d + _STIFFNESS
        whole = a * d - b * b
        x, y = (d * across - b * down) / whole, (a * down - b * across) / whole
        sure = max(LEAST_SURE, 1 - 2 * self._noise * loudness / (a + d))
        self._squares.append((x * x + y * y) / (sure * sure))
        return sum(self._squares) / len(self._squares)

    @property
    def usual(self) -> tuple[float, float]:
        """What standing rarely exceeds and running was, as multiples of where standing ends."""
        return self._lag.shift_still / self._end, self._lag.shift / self._end

    def margin(self, clearness: float) -> float:
        """Return the logarithm of how many times larger than standing running would be now."""
        return log(self._lag.shift / self._lag.shift_still * min(clearness, 1.0)) / 2

    def excess(
        self, difference: Texture, slopes: Texture, noise: Noise, _clearness: float
    ) -> float:
        """Take one difference; return the square as a multiple of where standing ends."""
        raised = min(max(noise.disturbance / DISTURBED, 1.0) ** 0.5, MOST_RAISED)
        return float(self.square(difference, slopes, noise.loudness) / (self._end * raised))
