"""Which time does somebody mean who asks for a day, a week, a month or a shift?"""

from datetime import UTC, datetime, timedelta

import pytest

from motion_tracking.commands.period import Asked, PeriodError, period
from plants import BERLIN, CALENDAR, LOOSE

WEDNESDAY = datetime(2026, 11, 18, 9, 30, 40, tzinfo=BERLIN)


def meant(asked: Asked, now: datetime = WEDNESDAY, calendar=CALENDAR) -> tuple[str, str, str]:  # type: ignore[no-untyped-def]
    found = period(asked, calendar, now)
    begin, end = (
        f"{at.astimezone(BERLIN):%m-%d %H:%M}" for at in (found.span.start, found.span.end)
    )
    assert found.span.start.tzinfo is UTC
    return begin, end, found.name


def test_without_a_word_it_is_the_last_production_day_that_is_over() -> None:
    assert meant(Asked()) == ("11-17 06:00", "11-18 06:00", "2026-11-17")


def test_before_the_night_shift_is_over_it_is_the_day_before() -> None:
    early = datetime(2026, 11, 18, 5, 59, tzinfo=BERLIN)

    assert meant(Asked(), early)[2] == "2026-11-16"
    assert meant(Asked(), early + timedelta(minutes=1))[2] == "2026-11-17"


def test_on_a_monday_it_is_friday() -> None:
    monday = datetime(2026, 11, 16, 7, tzinfo=BERLIN)

    assert meant(Asked(), monday) == ("11-13 06:00", "11-13 22:00", "2026-11-13")


def test_without_shifts_it_is_the_last_24_hours() -> None:
    assert meant(Asked(), calendar=LOOSE) == (
        "11-17 09:30",
        "11-18 09:30",
        "2026-11-17T0930_2026-11-18T0930",
    )


@pytest.mark.parametrize(
    ("asked", "begin", "end", "name"),
    [
        (Asked(day="2026-11-16"), "11-16 06:00", "11-17 06:00", "2026-11-16"),
        (Asked(day="today"), "11-18 06:00", "11-19 06:00", "2026-11-18"),
        (Asked(day="Yesterday"), "11-17 06:00", "11-18 06:00", "2026-11-17"),
        (Asked(day="2026-11-15"), "11-15 06:00", "11-16 06:00", "2026-11-15"),
        (Asked(week="2026-W47"), "11-16 06:00", "11-23 06:00", "2026-W47"),
        (Asked(week="2026-11-18"), "11-16 06:00", "11-23 06:00", "2026-W47"),
        (Asked(week="last"), "11-09 06:00", "11-16 06:00", "2026-W46"),
        (Asked(month="2026-02"), "02-01 06:00", "03-01 06:00", "2026-02"),
        (Asked(month="last"), "10-01 06:00", "11-01 06:00", "2026-10"),
        (Asked(month="2026-12"), "12-01 06:00", "01-01 06:00", "2026-12"),
        (Asked(shift="last"), "11-17 22:00", "11-18 06:00", "2026-11-17_night"),
        (Asked(shift="late"), "11-17 14:00", "11-17 22:00", "2026-11-17_late"),
        (Asked(shift="early", day="today"), "11-18 06:00", "11-18 14:00", "2026-11-18_early"),
    ],
)
def test_days_weeks_months_and_shifts_are_those_of_production(
    asked: Asked, begin: str, end: str, name: str
) -> None:
    assert meant(asked) == (begin, end, name)


def test_days_without_shifts_are_those_of_the_calendar() -> None:
    assert meant(Asked(day="2026-11-16"), calendar=LOOSE)[:2] == ("11-16 00:00", "11-17 00:00")
    assert meant(Asked(week="2026-W47"), calendar=LOOSE)[:2] == ("11-16 00:00", "11-23 00:00")


def test_a_day_in_which_the_clocks_change_has_its_25_hours() -> None:
    found = period(Asked(day="2026-10-25"), LOOSE, WEDNESDAY)

    assert found.span.duration == timedelta(hours=25)


def test_from_and_to_are_local_times_or_have_their_offset() -> None:
    assert meant(Asked(begin="2026-11-16T06:00", end="2026-11-16T14:00"))[:2] == (
        "11-16 06:00",
        "11-16 14:00",
    )
    assert meant(Asked(begin="2026-11-16T05:00Z"))[:2] == ("11-16 06:00", "11-18 09:30")


def test_from_a_day_to_a_day_both_are_meant_whole() -> None:
    asked = Asked(begin="2026-11-02", end="2026-11-15")

    assert meant(asked)[:2] == ("11-02 06:00", "11-16 06:00")
    assert meant(asked, calendar=LOOSE)[:2] == ("11-02 00:00", "11-16 00:00")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(day="2026-13-01"), "no such day"),
        (Asked(day="monday"), "no such day"),
        (Asked(week="47"), "no such week"),
        (Asked(month="11"), "no such month"),
        (Asked(month="2026-11-01"), "no such month"),
        (Asked(begin="yesterday"), "no such time"),
        (Asked(begin="9999-12-31", end="9999-12-31"), "no such time"),
        (Asked(day="9999-12-31"), "no such time"),
        (Asked(day="0001-01-01"), "no such time"),
        (Asked(week="9999-W52"), "no such time"),
        (Asked(month="9999-12"), "no such time"),
        (Asked(shift="late", day="9999-12-31"), "no such time"),
        (Asked(end="2026-11-16"), "from when on"),
        (Asked(begin="2026-11-17", end="2026-11-16"), "is not before"),
        (Asked(begin="2027-01-01"), "is not before now"),
        (Asked(shift="lunch"), "no shift called 'lunch'"),
        (Asked(shift="late", day="2026-11-15"), "there was no shift 'late' on 2026-11-15"),
        (Asked(shift="late", day="today"), "there was no shift 'late' on today"),
        (Asked(week="last", month="last"), "several times"),
        (Asked(shift="late", week="last"), "several times"),
    ],
)
def test_what_is_no_time_is_said(asked: Asked, message: str) -> None:
    with pytest.raises(PeriodError, match=message) as caught:
        period(asked, CALENDAR, WEDNESDAY)

    assert caught.value.hint


def test_a_shift_is_asked_for_where_there_are_none() -> None:
    with pytest.raises(PeriodError, match="there are no shifts"):
        period(Asked(shift="last"), LOOSE, WEDNESDAY)
