"""
In which state was a machine when, going by the lines of its logs?
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motion_tracking.core.intervals import Interval, intervals
from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.report.series import MotionSeries

_STATES = {
    LogKind.MOVING: MachineState.RUNNING,
    LogKind.WOKE_UP: MachineState.RUNNING,
    LogKind.STOPPED: MachineState.STOPPED,
    LogKind.DEEP_SLEEP: MachineState.DEEP_SLEEP,
}
_AT_REST = (MachineState.STOPPED, MachineState.DEEP_SLEEP)


@dataclass(frozen=True, slots=True)
class _Step:
    from_state: MachineState
    to_state: MachineState
    reason: Reason | None
    occurred_at: datetime
    since: datetime


def period(series: MotionSeries, events: Sequence[LogLine]) -> tuple[datetime, datetime]:
    """Return the first and the last moment that is told of; raise `ValueError` if none is."""
    moments = [event.at for event in (*events[:1], *events[-1:])]
    if len(series):
        moments += [series.at[0].item(), series.at[-1].item()]
    if not moments:
        raise ValueError("nothing to draw: the logs hold no line")
    return min(moments), max(moments)


def spans(series: MotionSeries, events: Sequence[LogLine]) -> list[Interval[datetime]]:
    """
    Return the stretches whose state the logs tell, oldest first; naive local time.

    The lines tell only starts and stops.  Where the motion log has a gap nobody was looking, so
    that time is no signal, whatever the line before it said.
    """
    tiles = intervals(_steps(events), *period(series, events))
    known = [tile for tile in tiles if tile.reason is not Reason.NOT_TRACKING]
    return list(_without(known, series.gaps()))


def _steps(events: Iterable[LogLine]) -> Iterator[_Step]:
    before, known = datetime.min, MachineState.NO_SIGNAL
    for event in events:
        from_state, since = known, event.at
        if known not in (MachineState.STOPPED, MachineState.DEEP_SLEEP):
            # the line of the stop is lost: go by the length that this one tells, if it can be true
            length = timedelta(minutes=event.minutes or 0)
            if timedelta() < length <= event.at - before:
                woke = event.kind is LogKind.WOKE_UP
                from_state = MachineState.DEEP_SLEEP if woke else MachineState.STOPPED
                since = event.at - length
        yield _Step(from_state, _STATES[event.kind], None, event.at, since)
        before, known = event.at, _STATES[event.kind]


def _without(
    tiles: Iterable[Interval[datetime]], gaps: Sequence[tuple[datetime, datetime]]
) -> Iterator[Interval[datetime]]:
    ends = [end for _, end in gaps]
    for tile in tiles:
        begin = tile.start
        for gap in range(bisect_right(ends, tile.start), len(gaps)):
            start, end = max(gaps[gap][0], begin), min(gaps[gap][1], tile.end)
            if start >= tile.end:
                break
            if start > begin:
                yield Interval(tile.state, tile.reason, begin, start)
            yield Interval(MachineState.NO_SIGNAL, None, start, end)
            begin = end
        if begin < tile.end:
            yield Interval(tile.state, tile.reason, begin, tile.end, tile.open)
