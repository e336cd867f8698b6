"""
What do the text logs really say of a machine's past, once the old tool's faults are taken out?

- It called every machine stopped when it started, and moving half a minute later.
- It held the last state while it had no picture.  Its motion log has a line a second, so where
  there is none, nobody looked.
- Which stretches of time have lines is all that is wanted of the motion log; where a state line
  stands alone, the motion log of that time is lost, and the line is believed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

from motion_tracking.core.intervals import Interval, intervals
from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.core.machine import MachineState, Reason

GAP = timedelta(seconds=60)
"""Longer than this without a motion line, and nobody was looking."""

AT_START = timedelta(seconds=60)
"""So soon after it started, the old tool called the machine stopped, whatever it did."""

FALSE_STOP = timedelta(seconds=120)
"""After at most this it had found out that the machine ran."""

STATES = {
    LogKind.MOVING: MachineState.RUNNING,
    LogKind.WOKE_UP: MachineState.RUNNING,
    LogKind.STOPPED: MachineState.STOPPED,
    LogKind.DEEP_SLEEP: MachineState.DEEP_SLEEP,
}

Watch = tuple[datetime, datetime]
"""From when to when there are motion lines."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state that a line tells; `since` is when the state before it began."""

    from_state: MachineState
    to_state: MachineState
    reason: Reason | None
    occurred_at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Understood:
    """
    What was made of the logs: `tiles` from the first line to the last.

    `false_stops` were left out.  `restarts` and `losses` are the outages: the old tool was not
    running, or had no picture.
    """

    tiles: list[Interval[datetime]]
    false_stops: int = 0
    restarts: int = 0
    losses: int = 0


def steps(events: Iterable[LogLine]) -> Iterator[Step]:
    """
    Yield the changes that lines of starts, stops and sleeps tell, given in order of time.

    A stop whose own line is lost is known by the length that its end tells, if it can be true.
    """
    before, known = datetime.min, MachineState.NO_SIGNAL
    for event in events:
        if before.tzinfo is not event.at.tzinfo:
            before = before.replace(tzinfo=event.at.tzinfo)
        from_state, since = known, event.at
        if known not in (MachineState.STOPPED, MachineState.DEEP_SLEEP):
            length = timedelta(minutes=event.minutes or 0)
            if timedelta() < length <= event.at - before:
                woke = event.kind is LogKind.WOKE_UP
                from_state = MachineState.DEEP_SLEEP if woke else MachineState.STOPPED
                since = event.at - length
        yield Step(from_state, STATES[event.kind], None, event.at, since)
        before, known = event.at, STATES[event.kind]


def understand(watches: Sequence[Watch], events: Sequence[LogLine]) -> Understood:
    """
    Return the past of one machine; all times are naive, or all aware, and in order.

    Nothing is claimed before the first line or after the last.  While it is watched and no line
    has told its state yet, the machine is `unknown`.
    """
    moments = [watches[0][0], watches[-1][1]] if watches else []
    moments += [event.at for event in (*events[:1], *events[-1:])]
    if not moments:
        return Understood([])
    told, starts, false_stops = _corrected(watches, events)
    tiles = intervals(steps(told), min(moments), max(moments))
    outages = list(_outages(watches, starts, [event.at for event in events]))
    reasons = [outage.reason for outage in outages]
    return Understood(
        laid_over(_begun(tiles, watches), outages),
        false_stops,
        reasons.count(Reason.NOT_TRACKING),
        reasons.count(Reason.LOST),
    )


def changes(tiles: Sequence[Interval[datetime]], until: datetime | None = None) -> list[Step]:
    """
    Return the changes that make these tiles, the last of which says that nobody looks any more.

    Without that last one where the tiles reach `until`, when somebody else began to look.
    """
    told: list[Step] = []
    before, since = MachineState.NO_SIGNAL, tiles[0].start if tiles else None
    for tile in tiles:
        if tile.reason is Reason.NOT_TRACKING and not told:
            continue  # so it is anyway
        told.append(Step(before, tile.state, tile.reason, tile.start, since or tile.start))
        before, since = tile.state, tile.start
    if told and (until is None or tiles[-1].end < until):
        last = tiles[-1]
        gone = Reason.NOT_TRACKING
        told.append(Step(last.state, MachineState.NO_SIGNAL, gone, last.end, last.start))
    return told


def _corrected(
    watches: Sequence[Watch], events: Sequence[LogLine]
) -> tuple[list[LogLine], set[datetime], int]:
    """
    Return the lines as they should have been, when the old tool started, and its false stops.

    What it said first after a start is true from the start on.
    """
    told: list[LogLine] = []
    starts = {start for start, _ in watches[:1]}
    begins = [start for start, _ in watches]
    false_stops, skip = 0, False
    for number, event in enumerate(events):
        watch = bisect_right(begins, event.at) - 1
        if skip:  # the end of a false stop
            skip = False
            continue
        if (
            event.kind is not LogKind.STOPPED
            or watch < 0
            or event.at - begins[watch] > AT_START
            or (told and told[-1].at >= begins[watch])
        ):
            told.append(event)
            continue
        starts.add(begins[watch])
        ended = events[number + 1] if number + 1 < len(events) else event
        skip = ended.kind is LogKind.MOVING and ended.at - event.at <= FALSE_STOP
        false_stops += skip
        kind = LogKind.MOVING if skip else LogKind.STOPPED
        told.append(replace(event, kind=kind, at=begins[watch]))
    return told, starts, false_stops


def _outages(
    watches: Sequence[Watch], starts: set[datetime], told: Sequence[datetime]
) -> Iterator[Interval[datetime]]:
    """Yield the times in which nobody looked, and why; a time with a line of its own is none."""
    for (_, lost), (back, _) in pairwise(watches):
        first = bisect_right(told, lost + GAP)
        if first < len(told) and told[first] < back - GAP:
            continue
        reason = Reason.NOT_TRACKING if back in starts else Reason.LOST
        yield Interval(MachineState.NO_SIGNAL, reason, lost, back)


def laid_over(
    tiles: Iterable[Interval[datetime]], better: Sequence[Interval[datetime]]
) -> list[Interval[datetime]]:
    """Return the tiles, and in their place whatever is known better of a time; both in order."""
    laid: list[Interval[datetime]] = []
    for piece in _pieces(tiles, better):
        last = laid[-1] if laid else None
        if last and (last.state, last.reason, last.end) == (piece.state, piece.reason, piece.start):
            laid[-1] = replace(last, end=piece.end, open=piece.open)
        else:
            laid.append(piece)
    return laid


def _pieces(
    tiles: Iterable[Interval[datetime]], better: Sequence[Interval[datetime]]
) -> Iterator[Interval[datetime]]:
    ends = [tile.end for tile in better]
    for tile in tiles:
        begin = tile.start
        for over in islice(better, bisect_right(ends, tile.start), None):
            if over.start >= tile.end:
                break
            start, end = max(over.start, begin), min(over.end, tile.end)
            if start > begin:
                yield Interval(tile.state, tile.reason, begin, start)
            yield Interval(over.state, over.reason, start, end)
            begin = end
        if begin < tile.end:
            yield Interval(tile.state, tile.reason, begin, tile.end, tile.open)


def _begun(
    tiles: Sequence[Interval[datetime]], watches: Sequence[Watch]
) -> Iterator[Interval[datetime]]:
    """Yield the tiles; from the first motion line to the first line of a state it is unknown."""
    for tile in tiles:
        if tile.reason is not Reason.NOT_TRACKING or not watches:
            yield tile
            continue
        seen = max(tile.start, watches[0][0])
        if tile.start < seen:
            yield replace(tile, end=min(seen, tile.end), open=False)
        if seen < tile.end:
            yield replace(tile, state=MachineState.UNKNOWN, reason=None, start=seen)
