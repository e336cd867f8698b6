"""
What may go wrong with a calibration, in words that a fitter understands?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.calibration import Learned, Observation
from motion_tracking.core.profile import Profile
from motion_tracking.core.sampling import PERIOD

SEPARABLE, CLEAR = 1.0, 1.2
"""Margins below which running cannot be told from standing, and only just."""

WRONG = 0.05
"""Part of the windows that may go wrong before it is told."""

NOISY = 8.0
"""Grey levels of noise that hide most movement."""

TICKING = 20.0
"""Grey levels by which the digits of a clock change."""

SMALL, LOUD = 0.1, 0.9
"""Part of the area that a clock is less than, and of the pixels that are quieter than a clock."""

SELDOM, MOSTLY = 0.25, 0.85
"""In which part of the samples the pixels of a clock's last digit change."""

RARE = 10.0
"""Seconds between key frames, of which a camera usually sends one every two."""

KEYS_HINT = "set the I-frame interval of this stream to two seconds' worth of frames"

CLOCK_LAG = 0.5
"""Seconds: of samples so far apart, a clock's last digit differs in every other one."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may go wrong, and what to do about it."""

    text: str
    hint: str


def separable(profile: Profile) -> bool:
    """Whether running can be told from standing at all."""
    return profile.margin >= SEPARABLE


def foretold_error(profile: Profile) -> float | None:
    """
    Return the share of windows that are expected to go wrong.

    None where both states look alike: a limit in the noise may part two short recordings without
    a fault, and says nothing of the next.
    """
    return profile.expected_error if separable(profile) else None


def verdict(profile: Profile) -> str:
    """Say in a sentence how well both states can be told apart."""
    if not separable(profile):
        return "Not separable: running and standing look alike"
    if profile.margin < CLEAR:
        return "Weak: running and standing can just be told apart"
    return "Well separated"


def doubts(
    learned: Learned,
    running: Sequence[Observation],
    stopped: Sequence[Observation],
    window: float,
    keys_apart: float = 0.0,
) -> Iterator[Doubt]:
    """
    Yield what is doubtful, of samples as they were learned from.

    `window` and `keys_apart`, the longest time without a key frame, are in seconds.
    """
    profile = learned.profile
    if profile.margin < CLEAR:
        yield Doubt(
            f"{verdict(profile)} (margin {profile.margin:.1f})",
            "draw the area closer around a part that moves, or put a bright sticker on it",
        )
    error = foretold_error(profile)
    if error is not None and error > WRONG:
        yield Doubt(
            f"{error:.0%} of the windows will be judged wrongly",
            "record longer, over several cycles of the machine",
        )
    if float(np.median(profile.lags[0].noise)) > NOISY:
        yield Doubt(
            "the picture is very noisy",
            "more light, a higher bit rate or less gain in the camera",
        )
    if _ticks(running, stopped, learned):
        yield Doubt(
            "something small in the area changes every second, in both states, as a clock does",
            "draw the area so that the clock of the picture is not in it",
        )
    if keys_apart > RARE:
        yield Doubt(
            f"the camera sends a whole picture every {keys_apart:.0f} s or less often:"
            " after an interruption nothing is seen until the next",
            KEYS_HINT,
        )
    pause = longest_pause(learned)
    if separable(profile) and pause > window / 2:
        yield Doubt(
            f"while it ran, nothing moved for {pause:.0f} s",
            f"set window_seconds to {max(2 * pause, window):.0f} or more: two of its cycles",
        )


def longest_pause(learned: Learned) -> float:
    """Return the longest time without movement while the machine ran, seconds."""
    still = learned.running <= learned.profile.threshold
    runs = (sum(1 for _ in group) for is_still, group in groupby(still) if is_still)
    return PERIOD * max(runs, default=0)


def _ticks(
    running: Sequence[Observation], stopped: Sequence[Observation], learned: Learned
) -> bool:
    """
    Say whether a few pixels tick in both states.

    Which they are is seen while the machine stands; while it runs it may move most of the area.
    """
    stood, ran = (_differences(samples) for samples in (stopped, running))
    if not (len(stood) and len(ran)):
        return False
    noise = np.quantile(np.sqrt(np.mean(stood**2, axis=0)), LOUD)  # a clock is less than the rest
    often, while_running = (
        np.mean(np.abs(part) > max(TICKING, 3 * noise), axis=0) for part in (stood, ran)
    )
    inside = learned.profile.patch.inside
    ticks = (often > SELDOM) & (often < MOSTLY) & (while_running > SELDOM) & inside
    return bool(3 <= np.count_nonzero(ticks) < SMALL * np.count_nonzero(inside))


def _differences(samples: Sequence[Observation]) -> NDArray[np.float32]:
    return np.array([o.differences[CLOCK_LAG] for o in samples if CLOCK_LAG in o.differences])
