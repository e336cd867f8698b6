"""
Which sections and keys has config_shifts.ini, and what may they be?
"""

import re
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from motion_tracking.config import values
from motion_tracking.config.schema import Key
from motion_tracking.config.values import Kind, RefusedError
from motion_tracking.core.reasons import Category

SHIFT_FILE = "config_shifts.ini"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-4])[:.]([0-5][0-9])")
_LENGTH = re.compile(r"([0-9]{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)")
_YEARS = range(1990, 2200)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def _read_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise RefusedError from None
    except KeyError:
        near = get_close_matches(text, available_timezones(), n=1)
        raise RefusedError(hint=f"did you mean {near[0]}?" if near else "") from None


def _read_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise RefusedError from None
    return _sensible(day)


def _sensible(day: date) -> date:
    """Refuse a slip of the keyboard that no zone knows the time of."""
    if day.year not in _YEARS:
        raise RefusedError(f"the year must be from {_YEARS[0]} to {_YEARS[-1]}")
    return day


def _read_dates(text: str) -> frozenset[date]:
    days: set[date] = set()
    for word in _words(text):
        first, _, last = word.partition("..")
        begin, end = _read_date(first), _read_date(last or first)
        if not begin <= end <= begin + timedelta(days=366):
            raise RefusedError("a range must go from an earlier day to one within a year")
        days |= {begin + timedelta(days=n) for n in range((end - begin).days + 1)}
    return frozenset(days)


def _read_days(text: str) -> frozenset[int]:
    words = _words(text.lower())
    if words == ["all"]:
        return frozenset(range(7))
    days: set[int] = set()
    for word in words:
        first, _, last = word.partition("-")
        begin, end = _day(first), _day(last or first)
        days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    if not days:
        raise RefusedError
    return frozenset(days)


def _day(word: str) -> int:
    for number, day in enumerate(_DAYS):
        if word.startswith(day):
            return number
    near = get_close_matches(word, _DAYS, n=1)
    raise RefusedError(hint=f"did you mean {near[0]}?" if near else "")


def _read_time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if not match or (match[1] == "24" and match[2] != "00"):
        raise RefusedError
    return time(int(match[1]) % 24, int(match[2]))


def _read_breaks(text: str) -> tuple[tuple[time, time], ...]:
    breaks = []
    for word in _words(text):
        begin, dash, end = word.partition("-")
        if not dash:
            raise RefusedError
        breaks.append((_read_time(begin), _read_time(end)))
    return tuple(breaks)


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError from None
    if moment.tzinfo is not None:
        raise RefusedError("must be local time, without an offset")
    _sensible(moment)
    return moment


def _read_length(text: str) -> timedelta:
    match = _LENGTH.fullmatch(text.lower())
    if not match:
        raise RefusedError
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2][0]])


def _read_reason(text: str) -> str:
    if not 1 <= len(text) <= 64:
        raise RefusedError
    return text.lower()


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


ZONE = Kind("an IANA time zone such as Europe/Berlin", _read_zone)
DATES = Kind("dates such as 2026-12-25, and ranges such as 2026-12-24..2027-01-01", _read_dates)
DAYS = Kind("days such as mon-fri, or sat sun, or all", _read_days)
TIME = Kind("a time of day such as 06:00", _read_time)
BREAKS = Kind("spans such as 09:00-09:15, with spaces between", _read_breaks)
MOMENT = Kind("a local date and time such as 2026-11-30T08:00", _read_moment)
LENGTH = Kind("a length such as 90 s, 5 min or 2 h", _read_length)
REASON = Kind("a reason of up to 64 characters", _read_reason)
MACHINE = Kind("the name of a camera, or all", str)
SHIFT = Kind("the name of a [shift ...]", str)
CATEGORY = values.one_of(*(kind for kind in Category if kind is not Category.UNKNOWN))

_EVERY_DAY = frozenset(range(7))

SHIFTS = {
    "calendar": (
        Key(
            "zone",
            ZONE,
            "Time zone of the plant; that of this computer if not set.",
            "Europe/Berlin",
        ),
        Key(
            "holidays",
            DATES,
            "Days on which no shift starts.",
            "2026-12-25 2026-12-24..2027-01-01",
            frozenset(),
        ),
    ),
    "shift": (
        Key("start", TIME, "When it starts, in local time.", "06:00"),
        Key("end", TIME, "When it ends; at or before the start, it is on the next day.", "14:00"),
        Key("days", DAYS, "Days of the week on which it starts.", "mon-fri", _EVERY_DAY),
        Key("breaks", BREAKS, "When nothing has to run.", "09:00-09:15 12:00-12:30", ()),
    ),
    "planned": (
        Key("machine", MACHINE, "The machine that is to stand, or all.", "press1", "all"),
        Key("start", MOMENT, "From when on, in local time.", "2026-11-30T08:00"),
        Key("end", MOMENT, "Until when.", "2026-11-30T12:00"),
        Key("reason", REASON, "Why: any words.", "maintenance", "planned"),
    ),
    "rule": (
        Key(
            "reason", REASON, "The reason that stops get which fit all of this rule.", "changeover"
        ),
        Key("machine", MACHINE, "The machine, or all.", "press1", "all"),
        Key("shift", SHIFT, "The shift in which the stop began.", "early"),
        Key("days", DAYS, "Days of the week on which it began.", "mon", _EVERY_DAY),
        Key("from", TIME, "Time of day at or after which it began.", "06:00"),
        Key("to", TIME, "Time of day before which it began; over midnight if earlier.", "06:30"),
        Key("longer_than", LENGTH, "It lasted longer.", "30 min"),
        Key("shorter_than", LENGTH, "It lasted shorter.", "2 h"),
    ),
    "report": (
        Key(
            "coverage",
            values.share(0, 1),
            "Part of planned time that must have been seen to say an availability.",
            "95%",
            0.9,
        ),
        Key(
            "micro_stop_minutes",
            values.number(0, 60),
            "A stop shorter than that is a micro-stop.",
            "3",
            5.0,
        ),
        Key(
            "shortest_stop_seconds",
            values.number(0, 600),
            "A stop shorter than that is not counted; its time is.",
            "30",
            15.0,
        ),
    ),
}
"""The sections of config_shifts.ini; `[shift]`, `[planned]` and `[rule]` have a name besides."""

NAMED = ("shift", "planned", "rule")
REASONS = "reasons"
"""The section of the plant's own reasons: its keys are their names."""

NEEDED = {"shift": ("start", "end"), "planned": ("start", "end"), "rule": ("reason",)}
"""The keys without which a section says nothing."""
