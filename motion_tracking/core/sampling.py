"""
At which instants is the picture looked at?

A fixed rate locks to machines: at exactly 2 Hz a 1 Hz press shows the same two poses for ever.
So samples fall at jittered instants, two per second on average, by the golden-ratio sequence:
spread evenly, never periodic, and the same on every run.
"""

from math import floor

PERIOD = 0.5
"""Mean seconds between samples."""

_GOLDEN = 0.618034


def instant(n: int) -> float:
    """Return when sample `n` is due, in seconds after the start."""
    phase = _GOLDEN * n
    return PERIOD * (n + phase - floor(phase))


class Sampler:
    """Picks, out of frames that arrive at any rate, the first at or after each due instant."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._due = 0

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
