"""
How often may somebody try to sign in?

Whoever guesses does so from one address at many accounts, or from many at one: both are counted.
A try that is refused for that is not looked at, so it says nothing of the password.
"""

from collections import defaultdict, deque
from collections.abc import Sequence

LIMITS = ((60.0, 5), (3600.0, 20))
"""Seconds, and tries within them."""

REMEMBERED = 10_000
"""Names that are counted for; beyond it the oldest are forgotten."""


class Tries:
    """Counts tries; `now` are monotonic seconds."""

    def __init__(self, limits: Sequence[tuple[float, int]] = LIMITS) -> None:
        self._limits = limits
        self._longest = max(seconds for seconds, _ in limits)
        self._tries: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, names: Sequence[str], now: float) -> float:
        """Return the seconds until all of `names` may try again; 0 counts as a try of each."""
        wait = max((self._wait(name, now) for name in names), default=0.0)
        if wait <= 0:
            for name in names:
                tries = self._tries.pop(name, deque())
                tries.append(now)
                self._tries[name] = tries  # the newest last
            while len(self._tries) > REMEMBERED:
                del self._tries[next(iter(self._tries))]
        return max(wait, 0.0)

    def forgive(self, names: Sequence[str]) -> None:
        """Take back the last try of each: it was right."""
        for name in names:
            if self._tries.get(name):
                self._tries[name].pop()

    def _wait(self, name: str, now: float) -> float:
        tries = self._tries.get(name)
        if tries is None:
            return 0.0
        while tries and tries[0] <= now - self._longest:
            tries.popleft()
        waits = [
            tries[-allowed] + seconds - now
            for seconds, allowed in self._limits
            if len(tries) >= allowed
        ]
        return max(waits, default=0.0)
