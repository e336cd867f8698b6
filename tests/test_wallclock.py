"""Is a clock on the wall read right in the nights when it is put back and forward?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from motion_tracking.core.wallclock import WallClock

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN, SPRING, SUMMER = datetime(2023, 10, 29), datetime(2024, 3, 31), datetime(2024, 7, 1)


def clock() -> WallClock:
    return WallClock(BERLIN)


def utc(*shown: datetime) -> list[str]:
    wall = clock()
    return [f"{wall.utc(at):%H:%M:%S}" for at in shown]


def at(day: datetime, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return day.replace(hour=hour, minute=minute, second=second)


def test_the_hour_that_comes_twice_is_told_apart_by_the_clock_that_goes_back() -> None:
    assert utc(
        at(AUTUMN, 1, 59), at(AUTUMN, 2, 10), at(AUTUMN, 2, 50), at(AUTUMN, 2, 5), at(AUTUMN, 3)
    ) == ["23:59:00", "00:10:00", "00:50:00", "01:05:00", "02:00:00"]


def test_a_clock_that_is_corrected_by_seconds_has_not_begun_the_second_hour() -> None:
    assert utc(at(AUTUMN, 2, 10, 5), at(AUTUMN, 2, 10, 4)) == ["00:10:05", "00:10:04"]


def test_what_is_expected_tells_them_apart_where_the_order_does_not() -> None:
    """Stopped at 1:50; at 2:10 it "was stopped for 80 min", which only the second 2:10 can be."""
    wall = clock()
    began = wall.utc(at(AUTUMN, 1, 50))
    assert wall.utc(at(AUTUMN, 2, 10), began + timedelta(minutes=80)).hour == 1
    assert wall.guessed == 0


def test_what_nothing_tells_apart_is_taken_for_the_first_and_counted() -> None:
    wall = clock()
    assert (wall.utc(at(AUTUMN, 2, 30)).hour, wall.guessed) == (0, 1)
    assert (wall.utc(at(AUTUMN, 2, 40)).hour, wall.guessed) == (0, 1)


def test_another_autumn_begins_with_the_first_hour_again() -> None:
    wall = clock()
    for shown in (at(AUTUMN, 2, 50), at(AUTUMN, 2, 10)):
        wall.utc(shown)
    assert wall.utc(datetime(2024, 10, 27, 2, 30)).hour == 0


def test_a_time_that_spring_leaves_out_is_taken_an_hour_later_and_counted() -> None:
    wall = clock()
    assert wall.utc(at(SPRING, 2, 30)) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert wall.moved == 1
    assert wall.utc(at(SPRING, 3, 30)) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_a_stretch_without_a_jump_tells_its_ends_apart() -> None:
    """From 1:30 on without a jump, 2:30 is the first; and the 2:30 before 3:30 is the second."""
    before, after = clock(), clock()
    assert before.stretch(at(AUTUMN, 1, 30), at(AUTUMN, 2, 30))[1].hour == 0
    assert after.stretch(at(AUTUMN, 2, 30), at(AUTUMN, 3, 30))[0].hour == 1
    assert before.guessed == after.guessed == before.unmoved == 0


def test_a_clock_that_ignores_summer_time_is_found_out() -> None:
    wall = clock()
    wall.stretch(at(SPRING, 0), at(SPRING, 6))
    wall.stretch(at(SUMMER, 0), at(SUMMER, 6))
    assert wall.unmoved == 1


def test_without_a_zone_it_is_the_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WallClock().utc(SUMMER) == SUMMER.astimezone(UTC)


@settings(max_examples=80)
@given(
    st.datetimes(datetime(2023, 10, 28), datetime(2023, 10, 30)),
    st.lists(st.integers(0, 2900), max_size=30),
)
def test_a_clock_that_is_looked_at_often_is_always_read_right(
    first: datetime, seconds: list[int]
) -> None:
    """Looked at at least every fifty minutes, beginning outside the hour that comes twice."""
    real = first.replace(microsecond=0, tzinfo=BERLIN).astimezone(UTC)
    wall = clock()
    assume(not wall.twice(real.astimezone(BERLIN).replace(tzinfo=None)))
    for step in seconds:
        real += timedelta(seconds=step)
        assert wall.utc(real.astimezone(BERLIN).replace(tzinfo=None, fold=0)) == real
