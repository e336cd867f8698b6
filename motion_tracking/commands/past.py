"""
What do the logs of a machine say of the time before our own record, in UTC?
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.core.oldtool import GAP, Understood, Watch, understand
from motion_tracking.core.wallclock import WallClock
from motion_tracking.report.logfiles import LOG_KINDS, in_order, read_blocks
from motion_tracking.report.series import BACK

_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Lines:
    """All lines, in the order in which they were written, and naive."""

    watches: list[Watch] = field(default_factory=list)
    states: list[LogLine] = field(default_factory=list)
    sleeps: list[LogLine] = field(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class PastOfMachine:
    """
    What was understood, and how many lines were left out and why.

    `others` counts lines by the machine that they are about; `once` is the name by which the logs
    call this machine, where that is another.  `guessed` and `moved` are times of
    the hours that come twice and not at all; `unmoved` stretches in which the clock did not jump
    though the zone does.
    """

    understood: Understood
    skipped: int
    too_late: int
    others: dict[str, int]
    once: str
    guessed: int
    moved: int
    unmoved: int
    watched: bool


def read_past(
    machine: str,
    files: Sequence[Path],
    zone: tzinfo | None,
    until: datetime | None,
    progress: Callable[[float], None] = lambda _: None,
) -> PastOfMachine:
    """
    Read all logs of a machine; nothing from `until` on is believed, where our own record begins.

    Logs that tell of one other machine only are this one's, under another name.  Raise `OSError`.
    """
    lines = _read(files, progress)
    names = Counter(event.machine or "" for event in (*lines.states, *lines.sleeps))
    once = next(iter(names)) if machine not in names and len(names) == 1 else ""
    others = {name: count for name, count in names.items() if name not in (machine, once)}
    clocks = [WallClock(zone) for _ in range(3)]
    watches = _joined(clocks[0].stretch(*watch) for watch in lines.watches)
    events = [
        event
        for clock, told in zip(clocks[1:], (lines.states, lines.sleeps), strict=True)
        for event in _in_utc(told, clock)
        if event.machine in (machine, once)
    ]
    early = [event for event in events if until is None or event.at < until]
    return PastOfMachine(
        understand(_before(watches, until), sorted(early, key=lambda event: event.at)),
        lines.skipped,
        len(events) - len(early),
        others,
        once,
        sum(clock.guessed for clock in clocks),
        sum(clock.moved for clock in clocks),
        clocks[0].unmoved,
        bool(watches),
    )


def _read(files: Sequence[Path], progress: Callable[[float], None]) -> _Lines:
    lines = _Lines()
    for block in read_blocks(*in_order(files), progress=progress):
        for watch in block.series.watches():
            last = lines.watches[-1] if lines.watches else None
            if last and BACK.item() <= watch[0] - last[1] <= GAP:
                lines.watches[-1] = (last[0], watch[1])
            else:
                lines.watches.append(watch)
        for event in block.events:
            is_sleep = event.kind in LOG_KINDS["deepsleep"]
            (lines.sleeps if is_sleep else lines.states).append(event)
        lines.skipped += block.skipped
    return lines


def _in_utc(events: Iterable[LogLine], clock: WallClock) -> list[LogLine]:
    """
    Put the lines of one log into UTC.

    The end of a stop tells how long ago it began, and so which hour of an autumn night both mean.
    """
    told: list[LogLine] = []
    began: datetime | None = None
    guess = False
    for event in events:
        length = timedelta(minutes=event.minutes or 0)
        if event.kind not in (LogKind.MOVING, LogKind.WOKE_UP):
            guesses = clock.guessed
            at = clock.utc(event.at)
            began, guess = at - length, clock.guessed > guesses
        elif began is None or event.minutes is None:
            at = clock.utc(event.at)
        else:
            at = clock.utc(event.at, began + length)
            late = at - began - length
            if guess and abs(late - _HOUR) < abs(late):
                told[-1] = replace(told[-1], at=told[-1].at + _HOUR)
            clock.guessed -= guess
            began, guess = None, False
        told.append(replace(event, at=at))
    return told


def _joined(watches: Iterable[Watch]) -> list[Watch]:
    """Put watches in order, and those together that only a jump of the clock parted."""
    joined: list[Watch] = []
    for start, end in sorted(watches):
        if joined and start - joined[-1][1] <= GAP:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _before(watches: Iterable[Watch], until: datetime | None) -> list[Watch]:
    if until is None:
        return list(watches)
    return [(start, min(end, until)) for start, end in watches if start < until]
