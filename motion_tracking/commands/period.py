"""
Which time is asked for, when somebody says a day, a week, a month or a shift?

Days are production days: from the first shift to the end of the last, which may be after midnight.
Without a shift calendar they are days of the local calendar.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from motion_tracking.core.shifts import Calendar, ShiftSpan, local, moment
from motion_tracking.core.spans import Span

DAY = timedelta(days=1)

LOOKED_BACK = 31
"""Days in which the last shift or production day is looked for; plants close for weeks."""


class PeriodError(ValueError):
    """What was asked for is no time; the text says why, and `hint` how it is written."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said, as it was said; of these only `day` and `shift` go together."""

    day: str | None = None
    week: str | None = None
    month: str | None = None
    shift: str | None = None
    begin: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, in UTC, and how a file about it is called."""

    span: Span
    name: str


def period(asked: Asked, calendar: Calendar, now: datetime) -> Period:
    """
    Return the time that is meant; `now` is aware.

    Where nothing is asked for, it is the last production day that is over, or the last 24 hours
    where there are no shifts.  Raise `PeriodError` where it cannot be told.
    """
    others = (asked.week, asked.month, asked.begin or asked.end)
    if sum(said is not None for said in (*others, asked.day or asked.shift)) > 1:
        raise PeriodError("several times were asked for", "--day and --shift alone go together")
    try:
        return _meant(asked, calendar, now)
    except PeriodError:
        raise
    except (ValueError, OverflowError):  # a day more, and no calendar goes on
        raise PeriodError("there is no such time", "name one nearer to today") from None


def _meant(asked: Asked, calendar: Calendar, now: datetime) -> Period:
    today = local(now, calendar.zone).date()
    if asked.shift is not None:
        return _shift(asked.shift, asked.day, calendar, now)
    if asked.day is not None:
        day = _day(asked.day, today)
        return Period(production_day(calendar, day), day.isoformat())
    if asked.week is not None:
        monday = _monday(asked.week, today)
        return Period(_days(calendar, monday, monday + 7 * DAY), f"{monday:%G-W%V}")
    if asked.month is not None:
        first = _month(asked.month, today)
        return Period(_days(calendar, first, _next_month(first)), f"{first:%Y-%m}")
    if asked.begin is not None or asked.end is not None:
        return _between(asked.begin, asked.end, calendar, now)
    return _usual(calendar, now)


def production_day(calendar: Calendar, day: date) -> Span:
    """Return from the first to the last moment of a day's shifts; of one without, the whole day."""
    shifts = _shifts_of(calendar, day)
    if not shifts:
        return _days(calendar, day, day + DAY)
    return Span(shifts[0].start, max(shift.end for shift in shifts))


def _shifts_of(calendar: Calendar, day: date) -> list[ShiftSpan]:
    start = moment(datetime.combine(day, time()), calendar.zone)
    return [s for s in calendar.shifts_between("", start, start + 2 * DAY) if s.day == day]


def _days(calendar: Calendar, first: date, after: date) -> Span:
    """Return whole production days; they begin with the earliest shift, or at midnight."""
    begins = min((shift.start for shift in calendar.shifts), default=time())
    return Span(
        moment(datetime.combine(first, begins), calendar.zone),
        moment(datetime.combine(after, begins), calendar.zone),
    )


def _usual(calendar: Calendar, now: datetime) -> Period:
    for day in _backwards(local(now, calendar.zone).date()):
        if _shifts_of(calendar, day) and production_day(calendar, day).end <= now:
            return Period(production_day(calendar, day), day.isoformat())
    end = now.astimezone(UTC).replace(second=0, microsecond=0)
    return _named(Span(end - DAY, end), calendar.zone)


def _backwards(day: date) -> Iterator[date]:
    for back in range(LOOKED_BACK + 1):
        yield day - back * DAY


def _shift(said: str, day: str | None, calendar: Calendar, now: datetime) -> Period:
    names = [shift.name for shift in calendar.shifts]
    if not names:
        raise PeriodError("there are no shifts", "declare them in config/config_shifts.ini")
    if said != "last" and said not in names:
        known = ", ".join(names)
        raise PeriodError(f"no shift called {said!r}", f"there are: {known}; or last")
    today = local(now, calendar.zone).date()
    for of_day in _backwards(today) if day is None else (_day(day, today),):
        for shift in reversed(_shifts_of(calendar, of_day)):
            over = shift.end <= now if day is None else shift.start < now
            if over and said in ("last", shift.name):
                span = Span(shift.start, shift.end)
                return Period(span, _file_name(f"{shift.day.isoformat()}_{shift.name}"))
    when = f"in the last {LOOKED_BACK} days" if day is None else f"on {day}"
    raise PeriodError(f"there was no shift {said!r} {when}", "--day names another day")


def _day(said: str, today: date) -> date:
    back = {"today": 0, "yesterday": 1}.get(said.lower())
    if back is not None:
        return today - back * DAY
    try:
        return date.fromisoformat(said)
    except ValueError:
        hint = "write it as in 2026-11-16, or today, or yesterday"
        raise PeriodError(f"no such day: {said!r}", hint) from None


def _monday(said: str, today: date) -> date:
    back = {"this": 0, "last": 7}.get(said.lower())
    monday = today - today.weekday() * DAY
    if back is not None:
        return monday - back * DAY
    try:
        day = date.fromisoformat(said)
    except ValueError:
        hint = "write it as in 2026-W47, or a day of it, or this, or last"
        raise PeriodError(f"no such week: {said!r}", hint) from None
    return day - day.weekday() * DAY


def _month(said: str, today: date) -> date:
    first = today.replace(day=1)
    if said.lower() == "this":
        return first
    if said.lower() == "last":
        return (first - DAY).replace(day=1)
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        hint = "write it as in 2026-11, or this, or last"
        raise PeriodError(f"no such month: {said!r}", hint) from None


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _between(begin: str | None, end: str | None, calendar: Calendar, now: datetime) -> Period:
    if begin is None:
        raise PeriodError("from when on?", "give --from too")
    start = _moment(begin, calendar).start
    until = now.astimezone(UTC) if end is None else _moment(end, calendar).end
    if not start < until:
        raise PeriodError(f"{begin} is not before {end or 'now'}", "change --from or --to")
    return _named(Span(start, until), calendar.zone)


def _moment(said: str, calendar: Calendar) -> Span:
    """Return a moment as a span without length, or the whole production day that is said."""
    try:
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", said.strip()):
            day = date.fromisoformat(said.strip())
            return _days(calendar, day, day + DAY)
        at = datetime.fromisoformat(said.strip())
        at = at.astimezone(UTC) if at.tzinfo is not None else moment(at, calendar.zone)
    except (ValueError, OverflowError):
        hint = "write it as in 2026-11-16T06:00, in local time, or with an offset, or 2026-11-16"
        raise PeriodError(f"no such time: {said!r}", hint) from None
    return Span(at, at)


def _named(span: Span, zone: tzinfo) -> Period:
    first, last = (f"{local(at, zone):%Y-%m-%dT%H%M}" for at in (span.start, span.end))
    return Period(span, f"{first}_{last}")


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text)
