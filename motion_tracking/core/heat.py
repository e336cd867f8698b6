"""
At which hours of the day, or of the week, did a machine run?
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from motion_tracking.core.digest import HeatRow
from motion_tracking.core.spans import Span
from motion_tracking.core.statetimes import StateTimes, edges_of

HEAT_DAYS = 31
"""Up to so many days each has a row; of more, each weekday has one."""


class HeatMap:
    """The hours of the time asked for, and the cell of the map that each belongs to."""

    def __init__(self, hours: Sequence[tuple[date, int, Span]], days: int) -> None:
        self._edges = edges_of([span for _, _, span in hours])
        labels = [day if days <= HEAT_DAYS else day.weekday() for day, _, _ in hours]
        self._labels: list[date | int] = sorted(set(labels))
        rows = {label: row for row, label in enumerate(self._labels)}
        cells = [rows[label] * 24 + hour for label, (_, hour, _) in zip(labels, hours, strict=True)]
        self._cells = np.array(cells, np.int64)

    def of(self, times: StateTimes) -> tuple[HeatRow, ...]:
        """Return the part of the seen time that the machine ran, cell by cell."""
        ran, stood = (np.zeros(len(self._labels) * 24, np.int64) for _ in range(2))
        for sums, pieces in zip((ran, stood), times.within(*self._edges), strict=True):
            np.add.at(sums, self._cells, pieces)
        shares = [float(r / (r + s)) if r + s else None for r, s in zip(ran, stood, strict=True)]
        return tuple(
            HeatRow(label, tuple(shares[row * 24 : row * 24 + 24]))
            for row, label in enumerate(self._labels)
        )
