"""
How long did a machine run and stand within each of many spans?

Whole microseconds, so that what is added up is exact; and all spans at once, since a year has
thousands of shifts and hours.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.core.spans import Span

Micros = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STANDS = (MachineState.STOPPED, MachineState.DEEP_SLEEP)


def micros(moments: Iterable[datetime]) -> Micros:
    """Return the microseconds since 1970 of aware times, shape (n,)."""
    return np.array([(at - _EPOCH) // _MICROSECOND for at in moments], np.int64)


def edges_of(spans: Sequence[Span]) -> tuple[Micros, Micros]:
    """Return the starts and the ends of spans, shape (n,) each."""
    return micros(span.start for span in spans), micros(span.end for span in spans)


class StateTimes:
    """Running and standing time of one machine; before and after its intervals there is none."""

    def __init__(self, edges: Micros, runs: NDArray[np.bool_], stands: NDArray[np.bool_]) -> None:
        """Take n + 1 edges, and of the n pieces between them whether it runs, or stands."""
        self._edges = edges
        self._runs, self._stands = runs, stands
        lengths = np.diff(edges)
        self._ran = np.concatenate([[0], np.cumsum(lengths * runs)])
        self._stood = np.concatenate([[0], np.cumsum(lengths * stands)])

    @classmethod
    def of(cls, tiles: Sequence[Interval[datetime]]) -> "StateTimes":
        """Take the intervals of a machine, in order, without gaps."""
        states = [tile.state for tile in tiles]
        return cls(
            micros([*(tile.start for tile in tiles), *(tile.end for tile in tiles[-1:])]),
            np.array([state is MachineState.RUNNING for state in states], np.bool_),
            np.array([state in _STANDS for state in states], np.bool_),
        )

    def within(self, starts: Micros, ends: Micros) -> tuple[Micros, Micros]:
        """Return how long it ran and how long it stood from each start to its end, in us."""
        if len(self._edges) < 2:
            return np.zeros_like(starts), np.zeros_like(starts)
        (ran, stood), (ran_then, stood_then) = self._until(starts), self._until(ends)
        return ran_then - ran, stood_then - stood

    def only(self, starts: Micros, ends: Micros) -> "StateTimes":
        """Return the times within these spans, which are in order and apart; else there is none."""
        if len(self._edges) < 2:
            return self
        inside = np.concatenate([starts, ends])
        inside = inside[(inside > self._edges[0]) & (inside < self._edges[-1])]
        edges = np.unique(np.concatenate([self._edges, inside]))
        piece = np.searchsorted(self._edges, edges[:-1], side="right") - 1
        span = np.searchsorted(starts, edges[:-1], side="right") - 1
        if len(starts):
            within = (span >= 0) & (edges[:-1] < ends[span])
        else:
            within = np.zeros(len(span), np.bool_)
        return StateTimes(edges, self._runs[piece] & within, self._stands[piece] & within)

    def _until(self, at: Micros) -> tuple[Micros, Micros]:
        at = np.clip(at, self._edges[0], self._edges[-1])
        piece = np.searchsorted(self._edges, at, side="right") - 1
        piece = np.minimum(piece, len(self._runs) - 1)
        into = at - self._edges[piece]
        return (
            self._ran[piece] + into * self._runs[piece],
            self._stood[piece] + into * self._stands[piece],
        )
