"""
For how long does a running machine usually pause between two movements?

A press that dwells for eight seconds is seen to stop only by the stroke that does not come: it
stopped half a pause after its last one, give or take half a pause.
"""

from collections import deque
from statistics import median

REMEMBERED = 32
"""Pauses."""

LEAST = 5
"""Pauses without which nothing is said."""

SHORTEST = 2.0
"""Seconds; less is a machine that never pauses."""


class Pauses:
    """Follows the judged frames of a machine while it runs."""

    def __init__(self) -> None:
        self._known: deque[float] = deque(maxlen=REMEMBERED)
        self._moved_until: float | None = None

    def take(self, start: float, end: float, moving: bool) -> None:
        """Take the seconds that one judgement speaks for."""
        if not moving:
            return
        if self._moved_until is not None and start > self._moved_until:
            self._known.append(start - self._moved_until)
        self._moved_until = end

    def end(self) -> None:
        """Take note that it runs no more, or is not seen: this is no pause."""
        self._moved_until = None

    @property
    def usual(self) -> float:
        """Seconds; 0 while too little is known, or where it never pauses."""
        usual = median(self._known) if len(self._known) >= LEAST else 0.0
        return usual if usual >= SHORTEST else 0.0
