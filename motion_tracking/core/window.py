"""
How much of the last while was moving, and where in it did that change?

A judgement speaks for the time since the frame before it.  So spans of time are kept, not flags,
and neither the frame rate nor a frame that is missing matters.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Span:
    start: float
    end: float
    moving: bool

    @property
    def length(self) -> float:
        return self.end - self.start


def _total(spans: Iterable[_Span]) -> float:
    # asked twice for each sample of a replay: written out, it takes a third less time
    return sum([span.end - span.start for span in spans])


class Window:
    """What was judged lately; moments are seconds of any one clock."""

    def __init__(self) -> None:
        self._spans: deque[_Span] = deque()

    def take(self, start: float, end: float, moving: bool) -> None:
        """Take one judgement, for the time from `start` to `end`."""
        self._spans.append(_Span(start, end, moving))

    def drop_before(self, start: float) -> None:
        """Forget what was judged of the time before `start`."""
        while self._spans and self._spans[0].end <= start:
            self._spans.popleft()
        if self._spans and self._spans[0].start < start:
            first = self._spans[0]
            self._spans[0] = _Span(start, first.end, first.moving)

    def clear(self) -> None:
        """Begin anew: what comes does not follow what was."""
        self._spans.clear()

    @property
    def seen(self) -> float:
        """Seconds that were judged."""
        return _total(self._spans)

    @property
    def moving(self) -> float:
        """Those of them that moved."""
        return _total([span for span in self._spans if span.moving])

    def edge(self, share: float, sign: int) -> float:
        """
        Find where still turns into moving (`sign` +1) or moving into still (-1).

        The cumulated sum of (moving - share) is lowest where running begins and highest where
        it ends.  Of equal points a start takes the first and a stop the last.  Something must
        have been seen.
        """
        best, edge = 0.0, self._spans[0].start
        total = 0.0
        for span in self._spans:
            total += ((1.0 if span.moving else 0.0) - share) * span.length
            if -sign * total > best + 1e-9 or (sign < 0 and abs(total - best) <= 1e-9):
                best, edge = -sign * total, span.end
        return edge
