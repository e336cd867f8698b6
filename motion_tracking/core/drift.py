"""
Does the calibration still fit the machine and its picture?

Light and noise change by the hour and are followed; what the detector cannot make up for is drift.
Minutes in which something no longer fits are counted, and said once when most of half an hour has
been such.  It is no state of the machine: it goes on being judged, only less surely.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import cast

import cv2
import numpy as np

from motion_tracking.core.evidence import Evidence
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame
from motion_tracking.core.patches import Texture
from motion_tracking.core.profile import Lag, Profile

MINUTES = 30
"""Tracked minutes of which most must not fit."""

MOST = 0.8
"""Of these."""

MINUTE = 60.0
"""Seconds."""

LEAST, LEAST_HEADS = 60, 12
"""Samples, or heads of groups of pictures, without which a minute says nothing."""

BAND = 0.15
"""Of the share, either side, as in `machine`: what that part of a minute exceeds decides."""

CREPT = 0.8
"""Part of the way, as ratios go, from standing at calibration up to the threshold."""

SUNK = 0.25
"""Part of the way from the threshold to running at calibration that is left."""

LOUD, PALE = 30.0, 0.15
"""Noise power and contrast, as multiples of calibration's, that nothing makes up for."""

SLIPPED = 2.5
"""Pixels of the picture by which the area is elsewhere; a shake is less in the mean."""

FITS_BETTER = 0.05
"""By how much the correlation rises at the supposed place, for it to be believed."""


class Misfit(StrEnum):
    """What no longer fits."""

    SLIPPED = "slipped"
    STANDING = "standing"
    RUNNING = "running"
    NOISE = "noise"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Finding:
    """What no longer fits, by how much (pixels, or a multiple), at monotonic seconds."""

    misfit: Misfit
    amount: float
    at: float

    @property
    def words(self) -> str:
        """Say it as a fitter understands it."""
        amount = self.amount
        match self.misfit:
            case Misfit.SLIPPED:
                return f"the area is {amount:.0f} pixels beside where it was at calibration"
            case Misfit.STANDING:
                return f"standing scores reach {amount:.0%} of the threshold: it nearly moves"
            case Misfit.RUNNING:
                return f"running scores are only {amount:.1f} times the threshold: it nearly stands"
            case Misfit.NOISE:
                return f"the picture is {amount:.0f} times as noisy as at calibration"
            case Misfit.CONTRAST:
                return f"the picture has only {amount:.0%} of the contrast of calibration"


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What a detector found of a frame: noise power and contrast as multiples, and texture."""

    frame: Frame
    quiet: float
    contrast: float
    texture: Texture


class Drift:
    """Watches one calibrated machine; says once what no longer fits."""

    def __init__(self, profile: Profile, minutes: int = MINUTES) -> None:
        self._profile = profile
        self._minutes = minutes
        self._usual = {False: _usual(profile, profile.lags)}
        if profile.heads:
            self._usual[True] = _usual(profile, profile.heads)
        self._past: dict[Misfit, deque[float | None]] = defaultdict(lambda: deque(maxlen=minutes))
        self._said = False
        self._start: float | None = None
        self._state: MachineState | None = None
        self._of_heads = False
        self._scores: list[int] = []
        self._sum = np.zeros_like(profile.texture)

    def take(
        self,
        at: float,
        score: int,
        state: MachineState,
        condition: Condition,
        of_head: bool = False,
    ) -> Finding | None:
        """
        Take one judged sample; return what no longer fits when that is sure, once.

        Heads of groups of pictures score otherwise, so a minute is made of these or of others.
        """
        if self._said:
            return None
        same, alike = state is self._state, of_head is self._of_heads
        age = inf if self._start is None else at - self._start
        if same and not alike and age <= MINUTE:
            return None
        if not same or not alike or age > 2 * MINUTE:
            self._start, self._state, self._of_heads = at, state, of_head
            self._scores, self._sum = [], np.zeros_like(self._sum)
        self._scores.append(score)
        self._sum += condition.texture
        if self._start is None or at - self._start < MINUTE:
            return None
        self._start = None
        if len(self._scores) < (LEAST_HEADS if of_head else LEAST):
            return None
        return self._weigh(at, self._misfits(state, condition))

    def _misfits(self, state: MachineState, condition: Condition) -> Mapping[Misfit, float | None]:
        """Return what this minute can say of: by how much it does not fit, None where it does."""
        found: dict[Misfit, float | None] = {
            Misfit.NOISE: condition.quiet**0.5 if condition.quiet > LOUD else None,
            Misfit.CONTRAST: condition.contrast if condition.contrast < PALE else None,
        }
        standing, running = self._usual.get(self._of_heads, (0.9, 1.1))
        if state is MachineState.RUNNING:
            times = self._deciding(1 + BAND)
            found[Misfit.RUNNING] = times if times < running**SUNK else None
        elif state in (MachineState.STOPPED, MachineState.DEEP_SLEEP):
            times, crept = self._deciding(1 - BAND), standing ** (1 - CREPT)
            found[Misfit.STANDING] = times if times > crept else None
            # what runs is elsewhere in every picture; what stands is where it was
            found[Misfit.SLIPPED] = self._slip(self._sum / np.float32(len(self._scores)))
        return found

    def _deciding(self, times: float) -> float:
        """Return the score, in thresholds, that so many times the machine's share exceeds."""
        part = 1 - times * self._profile.share
        return float(np.quantile(self._scores, part)) / self._profile.threshold

    def _slip(self, texture: Texture) -> float | None:
        """Return by how many pixels of the picture the still parts are elsewhere, if they are."""
        static = self._profile.static
        known = self._profile.texture * static
        (right, down), _ = cv2.phaseCorrelate(known, texture * static)
        far = float(np.hypot(right, down)) * self._profile.patch.factor
        if not SLIPPED <= far <= max(known.shape):
            return None
        there = np.array([[1, 0, right], [0, 1, down]], np.float32)
        moved = cv2.warpAffine(self._profile.texture, there, known.shape[::-1])
        better = _alike(cast(Texture, moved), texture) - _alike(self._profile.texture, texture)
        return far if better > FITS_BETTER else None

    def _weigh(self, at: float, misfits: Mapping[Misfit, float | None]) -> Finding | None:
        for misfit, amount in misfits.items():
            past = self._past[misfit]
            past.append(amount)
            amounts = [one for one in past if one is not None]
            if amount is None or len(past) < self._minutes or len(amounts) < MOST * len(past):
                continue
            self._said = True
            return Finding(misfit, float(np.median(amounts)), at)
        return None


def _usual(profile: Profile, lags: Sequence[Lag]) -> tuple[float, float]:
    """Return the scores of standing and running at calibration, as multiples of the threshold."""
    standing, running = Evidence(lags).usual
    most = profile.roi.area / profile.threshold
    return min(standing, 0.9), max(min(running, most), 1.1)


def _alike(one: Texture, other: Texture) -> float:
    power = float(np.vdot(one, one)) * float(np.vdot(other, other))
    return float(np.vdot(one, other)) / float(np.sqrt(power + 1e-6))
