"""
How much did a machine move in ten seconds?
"""

from collections import deque
from dataclasses import dataclass
from math import floor
from typing import Self

SPAN = 10
"""Seconds that are summed up."""

SPANS_HELD = 10_000
"""A day of one machine, while the disk refuses them."""


@dataclass(frozen=True, slots=True)
class MotionSpan:
    """
    The samples of `seconds` (10 or 60) seconds from `start` on, in UTC seconds.

    `moving` of the `samples` moved; scores were between `lowest` and `highest`, `total` in sum.
    """

    machine: str
    start: int
    samples: int
    moving: int
    lowest: int
    highest: int
    total: int
    seconds: int = SPAN

    @classmethod
    def of(cls, machine: str, utc: float, score: int, moving: bool) -> Self:
        """Return the span of ten seconds that a sample falls in, with that one sample."""
        return cls(machine, floor(utc / SPAN) * SPAN, 1, int(moving), score, score, score)

    def plus(self, other: Self) -> "MotionSpan":
        """Return both together; they are of the same machine and start."""
        return MotionSpan(
            self.machine,
            self.start,
            self.samples + other.samples,
            self.moving + other.moving,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            self.total + other.total,
            self.seconds,
        )


class MotionSums:
    """Sums up samples, for each machine apart, and holds the spans that are over."""

    def __init__(self) -> None:
        self.over: deque[MotionSpan] = deque(maxlen=SPANS_HELD)
        self._growing: dict[str, MotionSpan] = {}

    def add(self, machine: str, utc: float, score: int, moving: bool) -> None:
        """Take a sample; one of another ten seconds ends those before."""
        span = MotionSpan.of(machine, utc, score, moving)
        before = self._growing.get(machine)
        if before is not None and before.start == span.start:
            span = before.plus(span)
        elif before is not None:
            self.over.append(before)
        self._growing[machine] = span

    def end(self) -> None:
        """Take what there is as over."""
        self.over.extend(self._growing.values())
        self._growing.clear()
