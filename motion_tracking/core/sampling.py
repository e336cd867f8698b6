"""
At which instants is the picture looked at, and with which earlier ones is it compared?

A fixed rate locks to machines: at exactly 2 Hz a 1 Hz press shows the same two poses for ever.
So samples fall at jittered instants, two per second on average, by the golden-ratio sequence:
spread evenly, never periodic, and the same on every run.  A detector may want to compare each
sample with the picture a lag before it; those companions are picked out on the way.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only asks for the rate of samples need not load the libraries of pictures
    from motion_tracking.core.motion import Frame

PERIOD = 0.5
"""Mean seconds between samples."""

LEEWAY = 0.25
"""Seconds, at least, by which a companion may miss its lag."""

_GOLDEN = 0.618034


def instant(n: int) -> float:
    """Return when sample `n` is due, in seconds after the start."""
    phase = _GOLDEN * n
    return PERIOD * (n + phase - floor(phase))


def partner(sample: "Frame", lag: float) -> "Frame | None":
    """
    Return the earlier frame whose age is nearest to `lag` seconds; None if all are far from it.

    A slow camera has nothing younger than its last frame, so what counts as far is generous.
    """
    best = min(sample.earlier, key=lambda frame: abs(sample.at - frame.at - lag), default=None)
    if best is None or abs(sample.at - best.at - lag) > max(LEEWAY, lag / 4):
        return None
    return best


class Sampler:
    """Picks samples, and their companions `lags` seconds before, out of frames at any rate."""

    def __init__(self, start: float, lags: Sequence[float] = ()) -> None:
        self._start = start
        self._due = 0
        self._lags = lags
        self._longest = max(lags, default=0.0)
        self._before: Frame | None = None
        self._key: Frame | None = None
        self._kept: deque[Frame] = deque()
        self._head: Frame | None = None
        self._passed_over = 0.0

    def want(self, lags: Sequence[float]) -> None:
        """Bring companions at these lags from now on."""
        self._lags, self._longest = lags, max(lags, default=0.0)

    def pick(self, frame: "Frame") -> "Frame | None":
        """Return the frame with its companions if it is a sample, else None; call once a frame."""
        sample = None
        if self._before is not None and frame.at < self._before.at:
            self._go_back(frame.at)
        if frame.key and (self._key is None or frame.at > self._key.at):
            self._key = frame
        self._passed_over += frame.passed_over
        if frame.spared:
            sample = self._of_head(frame) if frame.ends_head else None
            self._before = frame
        elif self.take(frame.at):
            sample = self._bundled(frame, self._companions(frame))
        if frame.ends_head:
            self._head = frame
        if not frame.spared and self._lags:
            self._keep(frame)
        return sample

    def _of_head(self, frame: "Frame") -> "Frame":
        """Return the last of a head with the first, and the last of the head before."""
        offered = (self._head, self._key)
        return self._bundled(frame, tuple(f for f in offered if f and f.at < frame.at))

    def _bundled(self, frame: "Frame", earlier: "tuple[Frame, ...]") -> "Frame":
        passed_over, self._passed_over = self._passed_over, 0.0
        return replace(frame, earlier=earlier, newest_key=self._key, passed_over=passed_over)

    def _go_back(self, at: float) -> None:
        """Begin anew at an earlier moment: what was not decoded then, is."""
        self._due = max(0, floor((at - self._start) / PERIOD) - 1)
        self._kept.clear()
        self._before, self._passed_over = None, 0.0

    def take(self, at: float) -> bool:
        """Say whether the frame that arrived at `at` is to be sampled; call once a frame."""
        since = at - self._start
        if since < instant(self._due):
            return False
        # after a stall, go on from now: what is past is not made up for
        self._due = max(self._due, floor(since / PERIOD) - 1)
        while instant(self._due) <= since:
            self._due += 1
        return True

    def _companions(self, sample: "Frame") -> tuple["Frame", ...]:
        offered = {id(frame): frame for frame in (*self._kept, self._before) if frame is not None}
        bundle = replace(sample, earlier=tuple(offered.values()))
        chosen = {id(found): found for lag in self._lags if (found := partner(bundle, lag))}
        return tuple(sorted(chosen.values(), key=lambda frame: frame.at))

    def _keep(self, frame: "Frame") -> None:
        """Hold on to a frame that a coming sample will want; the last one always."""
        before = self._start if self._before is None else self._before.at
        if any(self._wanted(before, frame.at, lag) for lag in self._lags):
            self._kept.append(frame)
        self._before = frame
        while self._kept and frame.at - self._kept[0].at > self._longest + PERIOD:
            self._kept.popleft()

    def _wanted(self, before: float, at: float, lag: float) -> bool:
        """Whether some sample instant, less the lag, lies between two frames."""
        n = max(self._due - 1, floor((before + lag - self._start) / PERIOD) - 1)
        end = at + lag - self._start
        while instant(n) <= end:
            if instant(n) > before + lag - self._start:
                return True
            n += 1
        return False
