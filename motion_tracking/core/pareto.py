"""
Where did the lost time go, by reason and by length of stop?

The largest first, each with its share and the share of all up to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from motion_tracking.core.figures import Limits
from motion_tracking.core.reasons import Category
from motion_tracking.core.stops import Stop

MICRO = "micro-stops"
UNKNOWN = "no reason given"


@dataclass(frozen=True, slots=True)
class Bar:
    """
    One bar.  `time` is lost planned time, at least that where a stop of it is not closed.

    `count` are the stops that began in planned time and were long enough to count, so a bar of
    time lost to stops from before has none.  `share` is that of all bars, `cumulative` that of
    this bar and those before it.
    """

    name: str
    category: Category | None
    count: int
    time: timedelta
    share: float
    cumulative: float
    at_least: bool = False


def by_reason(stops: Sequence[Stop], limits: Limits, *, planned: bool = False) -> tuple[Bar, ...]:
    """Add up what was lost by reason; what was planned only if it is asked for."""
    raise NotImplementedError


def by_length(stops: Sequence[Stop], limits: Limits) -> tuple[Bar, ...]:
    """Add up what was lost by how long the stops lasted."""
    raise NotImplementedError
