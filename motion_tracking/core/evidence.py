"""
How strongly does the machine move, by all the lags and measures that were learned of it?

At each lag movement is measured in two ways: by its power, and by the shift of the machine as a
whole.  Which of them would part running from standing better changes with light and noise: by day
it mostly is the power, and by night, for a machine that is faint or hardly moves, the shift.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from motion_tracking.core.noise import REMEMBERED, Noise
from motion_tracking.core.passing import passes
from motion_tracking.core.patches import Texture
from motion_tracking.core.power import Power
from motion_tracking.core.profile import Lag
from motion_tracking.core.shift import Shift

CLEAR = 0.7
"""Part of the best lag's margin that another must have to be asked too."""


class Measure(Protocol):
    @property
    def usual(self) -> tuple[float, float]:
        """What standing rarely exceeds and running was, as multiples of where standing ends."""

    def margin(self, clearness: float) -> float:
        """Return the logarithm of how many times larger than standing running would be now."""

    def excess(self, difference: Texture, slopes: Texture, noise: Noise, clearness: float) -> float:
        """Take one difference; return it as a multiple of where standing ends."""

    def forget(self) -> None:
        """Drop the last samples."""


class _Heard:
    """One lag: its noise, and its measures."""

    def __init__(self, lag: Lag, remembered: int) -> None:
        self.seconds = lag.seconds
        self._lag = lag
        self.noise = Noise(lag, remembered)
        self.measures: tuple[Measure, ...] = (Power(lag), Shift(lag))

    @property
    def passing(self) -> bool:
        """Whether the surroundings move as the machine alone never moved them."""
        noise, known = self.noise, self._lag
        return passes(noise.stirred, noise.disturbance, known.stirs, known.disturbs)

    def clearness(self, contrast: float) -> float:
        """The part of the power of running that can be discerned in a picture so pale and loud."""
        return contrast * contrast / self.noise.quiet


class Evidence:
    """Follows all lags of a profile through the samples."""

    def __init__(self, lags: Sequence[Lag], remembered: int = REMEMBERED) -> None:
        """The quiet level of noise is looked for in the last `remembered` samples."""
        self.lags = tuple(lag.seconds for lag in lags)
        self._lags = [_Heard(lag, remembered) for lag in lags]

    def forget(self) -> None:
        """Drop the last samples; what was found out about noise stays."""
        for lag in self._lags:
            for measure in lag.measures:
                measure.forget()

    def recall(self, quiet: float) -> None:
        """Take over from elsewhere how loud it is when nothing disturbs."""
        for lag in self._lags:
            lag.noise.recall(quiet)

    @property
    def quiet(self) -> float:
        """The quiet loudness of the noise, as a multiple, 1 or more, of that at calibration."""
        return max(lag.noise.quiet for lag in self._lags)

    @property
    def passing(self) -> bool:
        """Whether the last sample shows what passes by, or shakes, besides the machine."""
        return any(lag.passing for lag in self._lags)

    @property
    def margin(self) -> float:
        """How many times larger than standing running was at calibration, as a logarithm."""
        return max(measure.margin(1.0) for lag in self._lags for measure in lag.measures)

    @property
    def usual(self) -> tuple[float, float]:
        """What standing rarely exceeded and running was at calibration, as `excess` gives it."""
        measures = [measure for lag in self._lags for measure in lag.measures]
        return max(measures, key=lambda measure: measure.margin(1.0)).usual

    def excess(
        self, differences: Mapping[float, Texture], slopes: Texture, contrast: float
    ) -> float | None:
        """
        Return the movement as a multiple of where standing ends; None without a difference.

        `differences` are to the pictures so many seconds before, `slopes` those of the newest
        one, and `contrast` is its contrast as a multiple of that at calibration.
        """
        heard = [lag for lag in self._lags if lag.seconds in differences]
        if not heard:
            return None
        for lag in heard:
            lag.noise.hear(differences[lag.seconds])
        clearness = [lag.clearness(contrast) for lag in heard]
        margins = [
            [measure.margin(clear) for measure in lag.measures]
            for lag, clear in zip(heard, clearness, strict=True)
        ]
        best, chosen = max((max(each), n) for n, each in enumerate(zip(*margins, strict=True)))
        found = 0.0
        for lag, clear, margin in zip(heard, clearness, margins, strict=True):
            for n, measure in enumerate(lag.measures):
                if n == chosen and margin[n] >= min(CLEAR * best, best):
                    difference = differences[lag.seconds]
                    found = max(found, measure.excess(difference, slopes, lag.noise, clear))
                else:
                    measure.forget()
        return found
