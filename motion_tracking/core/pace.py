"""
Do enough pictures come to judge a machine by?

Two samples a second are wanted, and for a detector with a short lag one as soon after another.  A
machine is judged by fewer, but its stops are found later, and quick movement is missed.
"""

from collections import deque
from collections.abc import Iterable

from motion_tracking.core.sampling import LEEWAY, PERIOD

TOO_FEW = "too few pictures"
"""The beginning of the words in which it is told."""

RATE_HINT = "set the frame rate of this stream to 5 or more, or ease the recorder's load"

SPAN = 30.0
"""Seconds that are looked at."""

LACKING, ENOUGH = 0.85, 0.95
"""Parts of what is wanted: below the first there are too few, above the second enough again."""


def wanted(lags: Iterable[float]) -> float:
    """Return how many pictures a second the samples and the shortest of some lags (s) need."""
    return max(1 / PERIOD, *(1 / (lag + LEEWAY) for lag in lags), 0.0)


def lacking(fps: float, lags: Iterable[float]) -> str:
    """Say that so many pictures a second are too few; empty where they are enough."""
    needed = wanted(lags)
    if fps >= LACKING * needed:
        return ""
    return f"{TOO_FEW}: {fps:.1f} a second come, {needed:.1f} are needed"


class Pace:
    """Follows the pictures of one channel."""

    def __init__(self, lags: Iterable[float] = ()) -> None:
        self._lags = tuple(lags)
        self._counted: deque[tuple[float, int]] = deque()
        self.trouble = ""
        """What is wrong, in words; empty while enough pictures come."""

    def take(self, at: float, frames: int) -> bool:
        """Take how many pictures came up to a moment; return whether they have become too few."""
        last_at, last = self._counted[-1] if self._counted else (at, frames)
        if at - last_at > SPAN / 2:
            self._counted.clear()  # we slept
        elif frames == last and self._counted:
            return False  # it may be lost, which is told as such
        self._counted.append((at, frames))
        since, before = self._counted[0]
        if at - since < SPAN:
            return False
        while at - self._counted[0][0] >= SPAN:
            self._counted.popleft()
        fps = (frames - before) / (at - since)
        if self.trouble and fps < ENOUGH * wanted(self._lags):
            return False
        was, self.trouble = self.trouble, lacking(fps, self._lags)
        return bool(self.trouble) and not was

    def forget(self) -> None:
        """Take note that the stream was lost; what was said of it holds until more is known."""
        self._counted.clear()
