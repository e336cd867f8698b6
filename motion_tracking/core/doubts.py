"""
What may go wrong with a calibration, in words that a fitter understands?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

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

RARE = 10.0
"""Seconds between key frames, of which a camera usually sends one every two."""

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
    if _ticks(running, learned) and _ticks(stopped, learned):
        yield Doubt(
            "something small in the area changes every second, in both states, as a clock does",
            "draw the area so that the clock of the picture is not in it",
        )
    if keys_apart > RARE:
        yield Doubt(
            f"the camera sends a whole picture every {keys_apart:.0f} s or less often:"
            " after an interruption nothing is seen until the next",
            "set the I-frame interval of this stream to two seconds' worth of frames",
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


def _ticks(samples: Sequence[Observation], learned: Learned) -> bool:
    differences = [o.differences[CLOCK_LAG] for o in samples if CLOCK_LAG in o.differences]
    if not differences:
        return False
    often = np.mean([np.abs(part) > TICKING for part in differences], axis=0)
    inside = learned.profile.patch.inside
    ticking = np.count_nonzero((often > 0.25) & (often < 0.85) & inside)
    return bool(3 <= ticking < 0.1 * np.count_nonzero(inside))
