"""
Where did the lost time go, by reason and by length of stop?

The largest first, each with its share and the share of all up to it.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from motion_tracking.core.changes import human_limit
from motion_tracking.core.figures import NONE, Limits
from motion_tracking.core.reasons import Category
from motion_tracking.core.stops import Stop

MICRO = "micro-stops"
SHORT = "too short to count"
UNKNOWN = "no reason given"

LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (5, 20, 60, 240))
"""The classes of length, after that of micro-stops."""


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
    """
    Add up what was lost by reason; what was planned only if it is asked for.

    Stops that nobody gave a reason are apart: `MICRO`, `SHORT`, or else `UNKNOWN`.
    """
    groups = _grouped(stops, lambda stop: stop.why.reason or _unexplained(stop, limits))
    if not planned:
        groups = {
            name: group
            for name, group in groups.items()
            if group[0].why.category is not Category.PLANNED
        }
    return _bars(groups, limits)


def by_length(stops: Sequence[Stop], limits: Limits) -> tuple[Bar, ...]:
    """Add up what was lost by how long the stops lasted, in classes."""
    steps = [step for step in LENGTHS if step > limits.micro]
    names = [f"up to {human_limit(limits.micro.total_seconds())}"]
    for step, after in pairwise([limits.micro, *steps]):
        low, high = (human_limit(length.total_seconds()) for length in (step, after))
        names.append(f"{low} to {high}")
    last = [limits.micro, *steps][-1]
    names.append(f"over {human_limit(last.total_seconds())}")

    def length(stop: Stop) -> str:
        return names[bisect_right([limits.micro, *steps], stop.seen)]

    return _bars(_grouped(stops, length), limits)


def _unexplained(stop: Stop, limits: Limits) -> str:
    if stop.seen < limits.shortest:
        return SHORT
    return MICRO if stop.is_micro(limits.micro) else UNKNOWN


def _grouped(stops: Sequence[Stop], name: Callable[[Stop], str]) -> dict[str, list[Stop]]:
    groups: dict[str, list[Stop]] = {}
    for stop in stops:
        if stop.lost:
            groups.setdefault(name(stop), []).append(stop)
    return groups


def _bars(groups: dict[str, list[Stop]], limits: Limits) -> tuple[Bar, ...]:
    times = {name: sum((stop.lost for stop in group), NONE) for name, group in groups.items()}
    whole = sum(times.values(), NONE)
    bars, before = [], NONE
    for name, time in sorted(times.items(), key=lambda item: (-item[1], item[0])):
        group, before = groups[name], before + time
        categories = {stop.why.category for stop in group}
        bars.append(
            Bar(
                name,
                categories.pop() if len(categories) == 1 else None,
                sum(stop.in_plan and stop.seen >= limits.shortest for stop in group),
                time,
                time / whole,
                before / whole,
                not all(stop.closed for stop in group),
            )
        )
    return tuple(bars)
