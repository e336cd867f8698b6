"""
Which spans of time do lists of spans have in common, and what is left of one without another?

Lists are in order of time and their spans do not overlap; each function goes through them once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start`, included, to `end`, which is not.  Aware times in UTC."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def union(spans: Iterable[Span]) -> list[Span]:
    """Return what is in any of the spans, whatever their order; those that touch become one."""
    whole: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        else:
            whole.append(span)
    return whole


def intersection(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return what is in both lists."""
    common: list[Span] = []
    i = j = 0
    while i < len(some) and j < len(others):
        start = max(some[i].start, others[j].start)
        end = min(some[i].end, others[j].end)
        if start < end:
            common.append(Span(start, end))
        if some[i].end < others[j].end:
            i += 1
        else:
            j += 1
    return common


def subtraction(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Return what is in the first list and not in the other."""
    left: list[Span] = []
    j = 0
    for span in some:
        start = span.start
        while j < len(others) and others[j].end <= start:
            j += 1
        k = j
        while k < len(others) and others[k].start < span.end:
            if start < others[k].start:
                left.append(Span(start, others[k].start))
            start = max(start, others[k].end)
            k += 1
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def total(spans: Iterable[Span]) -> timedelta:
    """Add up how long the spans last."""
    return sum((span.duration for span in spans), timedelta())
