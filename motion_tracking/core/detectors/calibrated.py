"""
How strongly does the machine move, as it was learned, under the light and noise of now?

Each sample is compared with the pictures one or two learned lags before it.  The ring around the
ROI tells how loud the picture is now and what a shake explains, its still parts how pale.  From
both follows how strong running can be at present, and so where standing ends: at night a faint
movement is enough, in a shake a strong one is needed.
"""

import numpy as np

from motion_tracking.core.contrast import Contrast
from motion_tracking.core.level import Level
from motion_tracking.core.motion import Frame
from motion_tracking.core.patches import Surroundings
from motion_tracking.core.profile import Profile
from motion_tracking.core.sampling import partner

SLOWNESS = 0.03
"""Part by which each sample moves the estimate of contrast: half a minute or so."""

DISCERNIBLE = 3.0
"""Deviations between standing and running below which a lag is not asked, if another is better."""


class Calibrated:
    """A detector for one machine, whose profile has been learned."""

    def __init__(self, profile: Profile) -> None:
        self.lags = tuple(lag.seconds for lag in profile.lags)
        self._profile = profile
        self._patch = profile.patch
        self._levels = [Level(lag) for lag in profile.lags]
        self._ring = (~self._patch.inside).astype(np.float32)
        self._contrast = Contrast(profile.texture, profile.static, profile.least_contrast)
        self._followed: float | None = None

    def score(self, frame: Frame) -> int | None:
        """Return the moved pixels of the ROI; None where there is nothing to compare with."""
        now = self._patch.texture(frame)
        surroundings = Surroundings(now, self._ring)
        contrast = self._follow(self._contrast.of(surroundings.slopes))
        found: list[tuple[float, float]] = []
        for level in self._levels:
            before = partner(frame, level.lag.seconds)
            if before is None:
                continue
            difference = surroundings.unexplained(now - self._patch.texture(before))
            found.append(level.take(difference, contrast))
        if not found:
            return None
        return self._pixels(found)

    def forget(self) -> None:
        """Drop the last samples; what was found out about light and noise stays."""
        for level in self._levels:
            level.forget()

    def _follow(self, contrast: float) -> float:
        before = contrast if self._followed is None else self._followed
        self._followed = before + SLOWNESS * (contrast - before)
        return min(max(self._followed, 0.05), 1.5)

    def _pixels(self, found: list[tuple[float, float]]) -> int:
        """Turn (excess, discernibility) of each lag into one score, which the threshold fits."""
        best = max(clear for _, clear in found)
        excess = max(times for times, clear in found if clear >= min(DISCERNIBLE, best))
        return min(round(excess * self._profile.threshold), self._profile.roi.area)
