"""
How does a line of the three old text logs read, to the byte, and what does it say?

The files are `log_motion_*` (one line a second), `log_globalstatechange_*` and `log_deepsleep_*`.
Plants have years of them and scripts that read them, so the wording never changes.  Times are
local and naive, as the old tool wrote them.

    2023/09/30 14:05:06 812
    2023/09/30 14:05:06 - Stopped_State press1
    2023/09/30 14:05:06 - Moving_State press1 - was stopped for 12 min
    2023/09/30 14:05:06 - Deep_Sleep: press1 - stopped 20 mins ago
    2023/09/30 14:05:06 - Woke_Up: press1 - Idle time: 47 min
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sys import intern


class LogKind(StrEnum):
    """What a line tells."""

    MOTION = "motion"  # the score of one second
    MOVING = "moving"  # the machine runs again
    STOPPED = "stopped"
    DEEP_SLEEP = "deep_sleep"
    WOKE_UP = "woke_up"


@dataclass(frozen=True, slots=True)
class LogLine:
    """
    One line.  `at` is naive local time.

    `machine` is None in a motion line, the only one with a `score`.  `minutes` is the length of
    the stop so far, in whole minutes; None where the line does not tell it.
    """

    kind: LogKind
    at: datetime
    machine: str | None = None
    score: int | None = None
    minutes: int | None = None


def motion_line(at: datetime, score: int) -> str:
    """Return the line of one second, without its end; `at` is shown as it is."""
    return f"{_stamp(at)} {score}"


def state_change_line(at: datetime, machine: str, *, moving: bool, stopped_minutes: int = 0) -> str:
    """Return the line of a start (which tells the length of the stop) or of a stop."""
    if moving:
        return f"{_stamp(at)} - Moving_State {machine} - was stopped for {stopped_minutes} min"
    return f"{_stamp(at)} - Stopped_State {machine}"


def deep_sleep_line(at: datetime, machine: str, *, woke: bool, minutes: int) -> str:
    """Return the line of a deep sleep or of its end; `minutes` is how long the stop is by then."""
    if woke:
        return f"{_stamp(at)} - Woke_Up: {machine} - Idle time: {minutes} min"
    return f"{_stamp(at)} - Deep_Sleep: {machine} - stopped {minutes} mins ago"


# nine digits are beyond any picture and any stop, and fit 32 bits; a longer run is two lines in one
_LINE = re.compile(
    r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)"
    r"(?: (?P<motion>\d{1,9})"
    r"| - Stopped_State (?P<stopped>\S.*)"
    r"| - Moving_State (?P<moving>\S.*) - was stopped for (?P<moving_minutes>\d{1,9}) mins?"
    r"| - Deep_Sleep: (?P<deep_sleep>\S.*) - stopped (?P<deep_sleep_minutes>\d{1,9}) mins? ago"
    r"| - Woke_Up: (?P<woke_up>\S.*) - Idle time: (?P<woke_up_minutes>\d{1,9}) mins?)",
    re.ASCII,
)
_KINDS = {
    "motion": (LogKind.MOTION, "motion"),
    "stopped": (LogKind.STOPPED, "stopped"),
    "moving_minutes": (LogKind.MOVING, "moving"),
    "deep_sleep_minutes": (LogKind.DEEP_SLEEP, "deep_sleep"),
    "woke_up_minutes": (LogKind.WOKE_UP, "woke_up"),
}
"""By the last group that matched: the kind, and the group of the score or of the name."""

_EDGES = " \t\r\n\x00\x1a\xa0\ufeff"  # NULs are what a power cut leaves behind


def parse_line(line: str) -> LogLine | None:
    """
    Read one line of any of the three logs; None for anything else.

    Never raises.  Line ends, blanks, a byte order mark and NULs around the line do not matter.
    A score or a name that was cut short cannot be told from a whole one.
    """
    found = _LINE.fullmatch(line.strip(_EDGES))
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    try:
        at = datetime(year, month, day, hour, minute, second)
    except ValueError:  # digits in the right places, but no such day or time
        return None
    last = found.lastgroup or ""
    kind, group = _KINDS[last]
    if kind is LogKind.MOTION:
        return LogLine(kind, at, score=int(found[group]))
    # millions of lines have the same few names
    machine = intern(found[group])
    return LogLine(kind, at, machine, minutes=None if last == group else int(found[last]))


def _stamp(at: datetime) -> str:
    # strftime is slow, and pads years differently on each platform
    return f"{at.year:04}/{at.month:02}/{at.day:02} {at.hour:02}:{at.minute:02}:{at.second:02}"
