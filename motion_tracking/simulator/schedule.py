"""
When does a simulated machine run?

Seconds count from the start of the simulation.  This is the truth that tests, the demo and
benchmarks compare with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from math import inf, isfinite
from typing import NamedTuple


class Edge(NamedTuple):
    """At `at` seconds the machine started, or stopped."""

    at: float
    running: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    Runs and stops in turn.

    The machine begins running or not, and changes at the end of each of `spans`, in seconds.
    With `repeat` the spans are gone through again and again, always changing in turn; without,
    the state after the last one stays.  No spans: it never changes.
    """

    running: bool = True
    spans: tuple[float, ...] = ()
    repeat: bool = False

    def __post_init__(self) -> None:
        if not all(isfinite(span) and span > 0 for span in self.spans):
            raise ValueError(f"spans must be seconds above 0, not {list(self.spans)}")

    def running_at(self, seconds: float) -> bool:
        """Whether it runs at this moment; an edge belongs to what begins with it."""
        return self._at(seconds)[0]

    def ran(self, seconds: float) -> float:
        """Return how many of the first `seconds` it ran."""
        return self._at(seconds)[1]

    def edges(self, until: float) -> Iterator[Edge]:
        """Yield the changes after 0 and before `until`, oldest first."""
        running, at = self.running, 0.0
        for span in cycle(self.spans) if self.repeat else self.spans:
            at += span
            if at >= until:
                return
            running = not running
            yield Edge(at, running)

    def _at(self, seconds: float) -> tuple[bool, float]:
        """Return whether it runs, and how long it has run."""
        spans, rest, ran = (*self.spans, inf), max(0.0, seconds), 0.0
        if self.repeat and self.spans:
            # an odd number of spans ends in the other state, so that two rounds make one
            spans = self.spans * (1 + len(self.spans) % 2)
            rounds, rest = divmod(rest, sum(spans))
            ran = rounds * sum(spans[0 if self.running else 1 :: 2])
        running = self.running
        for span in spans:
            ran += min(rest, span) if running else 0.0
            if rest < span:
                break
            rest -= span
            running = not running
        return running, ran
