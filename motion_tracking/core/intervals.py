"""
Which spans of time was a machine in which state, and what do they add up to?

Intervals tile the time asked for: no gap, no overlap, nothing empty.  So whatever is added up
over them adds up to the whole.  Moments are aware datetimes in UTC, or seconds of a recording;
never a mixture.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from motion_tracking.core.machine import MachineState, Reason

Moment = TypeVar("Moment", datetime, float)
_Moment_co = TypeVar("_Moment_co", datetime, float, covariant=True)


class Step(Protocol[_Moment_co]):
    """What intervals are made of; a `Change` is one, and so is a `Transition`."""

    @property
    def from_state(self) -> MachineState: ...
    @property
    def to_state(self) -> MachineState: ...
    @property
    def reason(self) -> Reason | None: ...
    @property
    def occurred_at(self) -> _Moment_co: ...
    @property
    def since(self) -> _Moment_co: ...


@dataclass(frozen=True, slots=True)
class Interval(Generic[Moment]):
    """
    A span in one state, `start` included, `end` not.

    `open` says that the span went on when the time asked for was over.
    """

    state: MachineState
    reason: Reason | None
    start: Moment
    end: Moment
    open: bool = False

    @property
    def duration(self) -> timedelta:
        length = self.end - self.start
        return length if isinstance(length, timedelta) else timedelta(seconds=length)


@dataclass(frozen=True, slots=True)
class _Mark(Generic[Moment]):
    at: Moment
    state: MachineState
    reason: Reason | None


def intervals(
    changes: Iterable[Step[Moment]], start: Moment, end: Moment
) -> list[Interval[Moment]]:
    """
    Tile the time from `start` to `end` with what one machine's changes say of it.

    Changes come in the order in which they were found out; where two contradict each other, the
    later one is believed.  Give the last one before `start` too, else its state is not known.
    Time before the first that is known counts as not tracked: nobody looked.
    """
    marks: list[_Mark[Moment]] = []
    for change in changes:
        _forget(marks, change.occurred_at)
        known = marks[-1].state if marks else MachineState.NO_SIGNAL
        if known is not change.from_state:
            _forget(marks, change.since)
            marks.append(_Mark(change.since, change.from_state, None))
            _forget(marks, change.occurred_at)
        marks.append(_Mark(change.occurred_at, change.to_state, change.reason))
    return _tile(marks, start, end)


def _forget(marks: list[_Mark[Moment]], at: Moment) -> None:
    """Drop what was believed from `at` on: it lasted no time, or the clock was set back."""
    while marks and marks[-1].at >= at:
        marks.pop()


def _tile(marks: list[_Mark[Moment]], start: Moment, end: Moment) -> list[Interval[Moment]]:
    if not start < end:
        return []
    tiles: list[Interval[Moment]] = []
    begin, now = start, _Mark(start, MachineState.NO_SIGNAL, Reason.NOT_TRACKING)
    for mark in marks:
        if mark.at >= end:
            break
        if (mark.state, mark.reason) == (now.state, now.reason):
            continue
        if mark.at > begin:
            tiles.append(Interval(now.state, now.reason, begin, mark.at))
            begin = mark.at
        now = mark
    tiles.append(Interval(now.state, now.reason, begin, end, open=True))
    return tiles


@dataclass(frozen=True, slots=True)
class Totals:
    """
    What intervals add up to, exactly.

    `times` has every state.  A stop that the picture was lost in, or that became a deep sleep,
    is one of `stops`; so is one that was going on when the time began.
    """

    times: dict[MachineState, timedelta]
    stops: int

    @property
    def running(self) -> timedelta:
        return self.times[MachineState.RUNNING]

    @property
    def stopped(self) -> timedelta:
        """Deep sleep included."""
        return self.times[MachineState.STOPPED] + self.times[MachineState.DEEP_SLEEP]

    @property
    def seen(self) -> timedelta:
        return self.running + self.stopped

    @property
    def whole(self) -> timedelta:
        return sum(self.times.values(), timedelta())

    @property
    def seconds(self) -> dict[MachineState, float]:
        return {state: time.total_seconds() for state, time in self.times.items()}

    @property
    def utilisation(self) -> float | None:
        """The part of the time seen that the machine ran; None where nothing was seen."""
        return self.running / self.seen if self.seen else None

    @property
    def coverage(self) -> float:
        """The part of the whole time in which the machine was seen running or stopped."""
        return self.seen / self.whole if self.whole else 0.0


def totals(tiles: Iterable[Interval[Moment]]) -> Totals:
    """Add up the intervals of one machine, in order of time."""
    times = {state: timedelta() for state in MachineState}
    stops, in_stop = 0, False
    for tile in tiles:
        times[tile.state] += tile.duration
        if tile.state is MachineState.RUNNING:
            in_stop = False
        elif tile.state in (MachineState.STOPPED, MachineState.DEEP_SLEEP) and not in_stop:
            stops, in_stop = stops + 1, True
    return Totals(times, stops)
