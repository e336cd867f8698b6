"""
How strongly does the machine move, as it was learned, under the light and noise of now?

Each sample is compared with the pictures one or two learned lags before it.  The ring around the
ROI tells how loud the picture is now and what a shake explains, its still parts how pale.  From
both follows how strong running can be at present, which measure shows it best, and where standing
ends: at night a faint movement is enough, in a shake a strong one is needed.
"""

from math import inf

from motion_tracking.core.contrast import Contrast
from motion_tracking.core.drift import Condition
from motion_tracking.core.evidence import Evidence
from motion_tracking.core.motion import Frame
from motion_tracking.core.patches import Surroundings, Texture, Textures
from motion_tracking.core.profile import Profile
from motion_tracking.core.sampling import PERIOD, partner

OF_HEADS = 60
"""Heads, two to four minutes, in which the quiet level of the noise is looked for."""

LONG_AGO, KNOWN = 30.0, 5
"""Seconds since all was seen after which so many heads, at least, know more of the noise."""

SLOWNESS = 0.03
"""Part by which each sample moves the estimate of contrast: half a minute or so."""


class Calibrated:
    """A detector for one machine, whose profile has been learned."""

    def __init__(self, profile: Profile) -> None:
        self.lags = tuple(lag.seconds for lag in profile.lags)
        self._profile = profile
        self._textures = Textures(profile.patch)
        self._evidence = Evidence(profile.lags)
        self._of_heads = Evidence(profile.heads or profile.lags, OF_HEADS)
        self._heads_seen = 0
        self._full_at = -inf
        self._ring = profile.patch.ring
        self._contrast = Contrast(profile.texture, profile.static, profile.least_contrast)
        self._followed: float | None = None
        self._seen: tuple[Frame, Texture] | None = None
        self.passing = False

    def score(self, frame: Frame) -> int | None:
        """Return the moved pixels of the ROI; None where there is nothing to compare with."""
        now = self._textures.of(frame)
        self._seen = frame, now
        surroundings = Surroundings(now, self._ring)
        samples = 1 + frame.passed_over / PERIOD
        contrast = self._follow(self._contrast.of(surroundings.slopes), samples)
        evidence = self._evidence_for(frame)
        differences = {
            lag: surroundings.difference(self._textures.of(before))
            for lag in evidence.lags
            if (before := partner(frame, lag)) is not None
        }
        excess = evidence.excess(differences, surroundings.slopes, contrast)
        self.passing = evidence.passing
        if excess is None:
            return None
        return min(round(excess * self._profile.threshold), self._profile.roi.area)

    @property
    def condition(self) -> Condition | None:
        """How the picture was in the last sample; None before the first."""
        if self._seen is None or self._followed is None:
            return None
        frame, texture = self._seen
        evidence = self._of_heads if frame.spared else self._evidence
        return Condition(frame, evidence.quiet, self._followed, texture)

    def forget(self) -> None:
        """Drop the last samples; what was found out about light and noise stays."""
        self._evidence.forget()
        self._of_heads.forget()

    def _evidence_for(self, frame: Frame) -> Evidence:
        """Return who weighs a sample; where all was last seen long ago, heads know the noise."""
        if frame.spared:
            self._heads_seen += 1
            return self._of_heads
        if frame.at - self._full_at > LONG_AGO and self._heads_seen >= KNOWN:
            self._evidence.recall(self._of_heads.quiet)
        self._full_at, self._heads_seen = frame.at, 0
        return self._evidence

    def _follow(self, contrast: float, samples: float) -> float:
        """Follow the contrast, of a sample that stands for so many."""
        before = contrast if self._followed is None else self._followed
        self._followed = contrast + (1 - SLOWNESS) ** samples * (before - contrast)
        return min(max(self._followed, 0.05), 1.5)
