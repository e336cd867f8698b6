"""
What tells a machine's running from its standing, as a minute of each shows it?

The lags at which it stands out, the pixels that it moves, how strongly, and against which noise;
then where the limit lies, and how often one half of the recording misjudges the other.
docs/design/detecting.md says why it is done so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.contrast import Contrast
from motion_tracking.core.evidence import Evidence
from motion_tracking.core.heads import Group
from motion_tracking.core.motion import Frame, Grey, Roi, grey
from motion_tracking.core.noise import QUIET, Noise
from motion_tracking.core.patches import Mask, Patch, Surroundings, Texture
from motion_tracking.core.power import Power
from motion_tracking.core.profile import CLIP, Lag, Profile
from motion_tracking.core.sampling import partner
from motion_tracking.core.shift import Shift
from motion_tracking.core.sight.likeness import miniature

CANDIDATES = (0.08, 0.25, 0.5, 1.1, 2.0)
"""Seconds: the lags that are tried."""

LEAST = 20
"""Samples of each state without which nothing is learned."""

KEPT = 2
KEPT_ABOVE = 0.7
"""How many lags are kept, and how good the second must be as a part of the best one's margin."""

NEARLY = 0.9
"""Part of a lag's margin that a cheaper one must have to be taken instead."""

LEAST_NOISE = 0.8
"""Grey levels; a picture without any noise is one that the camera has smoothed."""

LEAST_STRENGTH = 0.1
"""Of the noise's power: a camera that repeats pictures says nothing of its noise."""

LEAST_SHIFT = 0.02**2
"""Square of a shift in pixels of the patch: less is no movement that anyone would see."""

VIEWED = 8
"""Samples from one of which the whole view is kept to the next."""

COUNTED = 4.0
"""Times the noise by which a pixel moves, when the map of the machine is drawn."""

HARDLY = 0.9
"""Quantile of what the running machine does to its surroundings that it hardly exceeds."""

LEAST_SHARE = 2 / 30
"""The least part of the window that may stand for running."""


class CalibrationError(ValueError):
    """Nothing can be learned; the text says why."""


@dataclass(frozen=True, eq=False)
class Observation:
    """
    One sample: what differs from the picture at each lag before it, as far as there was one.

    Now and then one has a miniature of the whole `view` with it.
    """

    at: float
    differences: dict[float, Texture]
    texture: Texture
    slopes: Texture
    view: Grey | None = None


@dataclass(frozen=True, eq=False)
class Learned:
    """
    A profile, and the scores that it gives to the samples that it was learned from.

    Scores are in pixels of the ROI, in the order of the samples.
    """

    profile: Profile
    running: NDArray[np.int64]
    stopped: NDArray[np.int64]


class Observer:
    """Collects samples of one ROI; made for a minute or two of each state."""

    def __init__(self, roi: Roi, size: tuple[int, int], more: Sequence[float] = ()) -> None:
        """`more` are lags to look at beside the `CANDIDATES`."""
        self.patch = Patch(roi, size)
        self._lags = (*CANDIDATES, *more)
        self._picture: Grey | None = None
        self._seen = 0

    def observe(self, sample: Frame) -> Observation:
        """Take a sample with companions at all `CANDIDATES`."""
        now = self.patch.texture(sample)
        surroundings = Surroundings(now, self.patch.ring)
        differences = {
            lag: surroundings.difference(self.patch.texture(before))
            for lag in self._lags
            if (before := partner(sample, lag)) is not None
        }
        self._picture = grey(sample, self.patch.outer)
        view = miniature(sample.luma) if self._seen % VIEWED == 0 else None
        self._seen += 1
        return Observation(sample.at, differences, now, surroundings.slopes, view)

    @property
    def picture(self) -> Grey:
        """The ROI and its ring in the last sample, in full size."""
        if self._picture is None:
            raise CalibrationError("no picture was seen")
        return self._picture


def learn_heads(
    profile: Profile, running: Sequence[Observation], stopped: Sequence[Observation], group: Group
) -> Profile | None:
    """
    Return the profile with lags for the heads of such groups of pictures.

    Those are that of neighbouring pictures, or the shortest of the `CANDIDATES` where that is
    clearly better, and the group itself.  None where too few samples were looked at with these.
    """

    def learned(seconds: float) -> Lag | None:
        seen = [[o for o in part if seconds in o.differences] for part in (running, stopped)]
        return _lag(seconds, profile.patch, *seen) if min(map(len, seen)) >= LEAST else None

    next_one, next_head = group.lags
    short, shorter, long = learned(CANDIDATES[0]), learned(next_one), learned(next_head)
    if short and shorter and next_one < CANDIDATES[0]:
        margins = [Evidence([lag]).margin for lag in (short, shorter)]
        short = shorter if margins[1] >= NEARLY * margins[0] else short
    heads = tuple(lag for lag in (short, long) if lag is not None)
    return replace(profile, heads=heads, group=group.seconds) if heads else None


def learn(
    patch: Patch,
    running: Sequence[Observation],
    stopped: Sequence[Observation],
    pictures: tuple[Grey, Grey],
) -> Learned:
    """
    Learn from samples of both states; `pictures` of running and stopped are kept for people.

    Raise `CalibrationError` if there are too few, or if nothing moves more while running.
    """
    for samples, state in ((running, "running"), (stopped, "stopped")):
        if len(samples) < LEAST:
            raise CalibrationError(
                f"{len(samples)} samples of the machine {state} are too few: {LEAST} are needed"
            )
    known = _known(patch, running, stopped)
    error = _held_back(patch, running, stopped)
    moving = float(np.mean(_scores(known, running) > known.threshold))
    still = float(np.mean(_scores(known, stopped) > known.threshold))
    share = float(np.clip((moving + still) / 2, LEAST_SHARE, 0.5))
    profile = replace(
        known,
        share=share,
        expected_error=error,
        running=pictures[0],
        stopped=pictures[1],
        view=_view([*running, *stopped]),
    )
    return Learned(profile, _scores(profile, running), _scores(profile, stopped))


def _view(observations: Iterable[Observation]) -> Grey | None:
    """Return the mean of the whole picture, small; None where none was kept."""
    views = [o.view for o in observations if o.view is not None]
    if not views:
        return None
    return cast(Grey, np.mean(views, axis=0).round().astype(np.uint8))


def _known(patch: Patch, running: Sequence[Observation], stopped: Sequence[Observation]) -> Profile:
    """Learn all but what needs a profile to be told: share and error."""
    lags = [
        _lag(seconds, patch, running, stopped)
        for seconds in CANDIDATES
        if sum(seconds in o.differences for o in (*running, *stopped))
        > 0.9 * (len(running) + len(stopped))
    ]
    if not lags:
        raise CalibrationError("too few frames a second to compare them")
    margins = [_margin(lag) for lag in lags]
    best = max(margins)
    first, *others = sorted(range(len(lags)), key=lambda n: -margins[n])[:KEPT]
    good = [n for n in others if margins[n] >= KEPT_ABOVE * best > 0]
    kept = tuple(lags[n] for n in (first, *good))
    moved = np.logical_or.reduce([(lag.weights > 0) | (~patch.inside & ~lag.ring) for lag in lags])
    texture, other = (
        cast(Texture, np.mean([o.texture for o in samples], axis=0, dtype=np.float32))
        for samples in (stopped, running)
    )
    static = ~moved & (np.abs(other - texture) < 2 * lags[0].noise)
    blank = np.zeros((1, 1), np.uint8)
    profile = Profile(
        patch.size, patch.roi, kept, 1, 0.5, best, 1.0, texture, static, 1.0, blank, blank
    )
    contrast = Contrast(texture, static)
    paler = min(
        float(np.median([contrast.of(o.slopes) for o in samples])) for samples in (running, stopped)
    )
    profile = replace(profile, least_contrast=min(max(paler, 0.2), 1.0))
    pixels = profile.pixels(kept[0], Power(kept[0]).end_of_still(kept[0].moving))
    return replace(profile, threshold=min(max(1, round(pixels)), patch.roi.area - 1))


def _margin(lag: Lag) -> float:
    return float(np.log(lag.moving / lag.still_high)) / 2  # strengths are powers of amplitudes


def _lag(
    seconds: float,
    patch: Patch,
    running: Sequence[Observation],
    stopped: Sequence[Observation],
) -> Lag:
    """Learn what there is to know of one lag."""
    running = [o for o in running if seconds in o.differences]
    stopped = [o for o in stopped if seconds in o.differences]
    ran, stood = (np.stack([o.differences[seconds] for o in part]) for part in (running, stopped))
    noise = _noise(stood)
    ran_over, stood_over = (np.abs(part) > COUNTED * noise for part in (ran, stood))
    ring = ~patch.inside & (ran_over.mean(0) <= 0.05)
    if np.count_nonzero(ring) < 30:
        ring = ~patch.inside
    around = np.minimum(np.abs(stood[:, ring]) / noise[ring], CLIP) ** 2
    level = float(around.mean()) if around.size else 1.0
    weights = _weights(ran_over.mean(0), stood_over.mean(0), patch.inside)
    lag = Lag(seconds, noise, weights, ring, max(level, 1e-3))
    moving, shift, loudness, stirs, disturbs = _measured(lag, running)
    still, shift_still, *_ = _measured(lag, stopped)
    power = np.tensordot((ran / noise) ** 2, weights, 2)
    return replace(
        lag,
        usual_loudness=float(np.quantile(loudness, QUIET)),
        still=max(float(np.median(still)), LEAST_STRENGTH),
        still_high=max(float(np.quantile(still, 0.99)), 2 * LEAST_STRENGTH),
        moving=max(float(np.quantile(moving, 0.9)), LEAST_STRENGTH),
        power=max(float(np.quantile(power, 0.9)), LEAST_STRENGTH),
        shift_still=max(float(np.quantile(shift_still, 0.99)), LEAST_SHIFT),
        shift=max(float(np.median(shift)), LEAST_SHIFT),
        stirs=float(np.quantile(stirs, HARDLY)),
        disturbs=float(np.quantile(disturbs, HARDLY)),
    )


def _noise(stood: NDArray[np.float32]) -> Texture:
    """Return the deviation of each pixel; one that happened to be quiet is not believed."""
    deviation = np.maximum(np.sqrt(np.mean(stood**2, axis=0)), LEAST_NOISE)
    smooth = cv2.blur(deviation.astype(np.float32), (3, 3))
    return cast(Texture, np.maximum(smooth, 0.6 * np.median(smooth)).astype(np.float32))


def _weights(ran: NDArray[Any], stood: NDArray[Any], inside: Mask) -> Texture:
    """Return the map of the machine, whose sum is 1: where it moves, and nothing else does."""
    surplus = np.where(inside, np.clip(ran - 2 * stood - 0.01, 0, None), 0).astype(np.float32)
    smooth = np.where(inside, cv2.blur(surplus, (3, 3)), 0)
    if smooth.max() > 0:
        smooth = smooth / smooth.max()
        smooth[smooth < 0.15] = 0
    else:
        smooth = inside.astype(np.float32)  # nothing stands out: ask the whole ROI
    return cast(Texture, (smooth / smooth.sum()).astype(np.float32))


def _measured(lag: Lag, observations: Iterable[Observation]) -> Iterable[list[float]]:
    """
    Return of each the strength, the square of the shift, and the loudness of the surroundings, the
    part of them that moves, and how much louder than quiet they are.
    """
    noise, power, shift = Noise(lag), Power(lag), Shift(lag)
    found = []
    for observation in observations:
        difference = observation.differences[lag.seconds]
        noise.hear(difference)
        strength = power.strength(difference, noise.loudness)
        square = shift.square(difference, observation.slopes, noise.loudness)
        found.append((strength, square, noise.loudness, noise.stirred, noise.disturbance))
    return (list(each) for each in zip(*found, strict=True))


def head_scores(
    profile: Profile, observations: Iterable[Observation]
) -> list[tuple[int | None, bool]]:
    """Return what the detector will say of samples if each is the end of a head: score, passing."""
    evidence = Evidence(profile.heads)
    known = Contrast(profile.texture, profile.static, profile.least_contrast)
    found = []
    for o in observations:
        evidence.forget()
        excess = evidence.excess(o.differences, o.slopes, known.of(o.slopes))
        score = None if excess is None else min(round(excess * profile.threshold), profile.roi.area)
        found.append((score, evidence.passing))
    return found


def _scores(profile: Profile, observations: Iterable[Observation]) -> NDArray[np.int64]:
    """Judge samples as the detector will."""
    evidence = Evidence(profile.lags)
    known = Contrast(profile.texture, profile.static, profile.least_contrast)
    scores = []
    for observation in observations:
        contrast = known.of(observation.slopes)
        excess = evidence.excess(observation.differences, observation.slopes, contrast) or 0.0
        scores.append(min(round(excess * profile.threshold), profile.roi.area))
    return np.array(scores, np.int64)


def _held_back(
    patch: Patch, running: Sequence[Observation], stopped: Sequence[Observation]
) -> float:
    """
    Return the share of windows that go wrong when one half judges what the other has taught.

    Windows are as long as the held-back half allows, 15 s at most.
    """
    wrong: list[float] = []
    for n in (0, 1):
        taught = [_half(samples, n) for samples in (running, stopped)]
        asked = [_half(samples, 1 - n) for samples in (running, stopped)]
        if min(map(len, taught)) < LEAST // 2:
            return 1.0
        profile = _known(patch, *taught)
        ran, stood = (_scores(profile, samples) > profile.threshold for samples in taught)
        share = float(np.clip((ran.mean() + stood.mean()) / 2, LEAST_SHARE, 0.5))
        moving, still = (_scores(profile, samples) > profile.threshold for samples in asked)
        wrong.append(float(np.mean(_windows(moving) <= share)) / 2)
        wrong.append(float(np.mean(_windows(still) > share)) / 2)
    return sum(wrong) / 2


def _half(samples: Sequence[Observation], n: int) -> Sequence[Observation]:
    middle = len(samples) // 2
    return samples[:middle] if n == 0 else samples[middle:]


def _windows(moving: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the moving share of each window of 30 samples."""
    length = min(30, len(moving))
    return np.convolve(moving, np.ones(length) / length, "valid")
