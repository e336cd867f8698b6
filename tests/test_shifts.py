"""When should a machine run: weeks, nights, breaks, holidays, and clocks that are set?"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from days import BERLIN, EARLY, LATE, MONDAY, NIGHT, WORKDAYS, at
from motion_tracking.core.shifts import (
    Calendar,
    PlannedStop,
    Shift,
    local_days,
    local_hours,
    moment,
    refuse_overlaps,
)
from motion_tracking.core.spans import Span, intersection, subtraction, total, union

SUNDAY = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


def planned(calendar: Calendar, start: datetime, end: datetime) -> list[str]:
    """Say the planned spans as "early 06:00-09:00", in local time."""
    return [
        f"{shift.name} {span.start.astimezone(BERLIN):%H:%M}-{span.end.astimezone(BERLIN):%H:%M}"
        for shift in calendar.shifts_between("saw", start, end)
        for span in shift.planned
    ]


def test_a_day_of_three_shifts_with_breaks() -> None:
    calendar = Calendar(BERLIN, (EARLY, LATE, NIGHT))

    assert planned(calendar, at("06:00"), at("+1 06:00")) == [
        "early 06:00-09:00",
        "early 09:15-12:00",
        "early 12:30-14:00",
        "late 14:00-22:00",
        "night 22:00-06:00",
    ]


def test_what_is_asked_for_cuts_shifts_and_what_only_touches_is_left_out() -> None:
    calendar = Calendar(BERLIN, (EARLY, LATE, NIGHT))

    assert planned(calendar, at("+1 05:00"), at("+1 07:00")) == [
        "night 05:00-06:00",
        "early 06:00-07:00",
    ]
    assert planned(calendar, at("14:00"), at("22:00")) == ["late 14:00-22:00"]
    # the night of Friday ends on Saturday; on Saturday itself no shift starts
    assert planned(calendar, at("+5 00:00"), at("+6 00:00")) == ["night 00:00-06:00"]


def test_a_night_shift_may_have_a_break_after_midnight() -> None:
    night = Shift("night", time(22), time(6), WORKDAYS, ((time(1), time(1, 30)),))
    calendar = Calendar(BERLIN, (night,))

    assert planned(calendar, at("20:00"), at("+1 20:00")) == [
        "night 22:00-01:00",
        "night 01:30-06:00",
    ]


def test_a_shift_of_a_whole_day_ends_where_the_next_begins() -> None:
    calendar = Calendar(BERLIN, (Shift("all", time(6), time(6)),))

    shifts = calendar.shifts_between("saw", at("07:00"), at("+2 05:00"))
    assert [shift.day for shift in shifts] == [MONDAY, MONDAY + timedelta(days=1)]
    assert total(span for shift in shifts for span in shift.planned) == timedelta(hours=46)


def test_holidays_and_planned_stops_are_taken_out() -> None:
    stops = (
        PlannedStop("saw", at("07:00"), at("08:00")),
        PlannedStop(None, at("07:30"), at("08:30")),
        PlannedStop("press", at("10:00"), at("11:00")),
    )
    calendar = Calendar(BERLIN, (EARLY,), {MONDAY + timedelta(days=1)}, stops)

    assert planned(calendar, at("00:00"), at("+2 07:00")) == [
        "early 06:00-07:00",
        "early 08:30-09:00",
        "early 09:15-12:00",
        "early 12:30-14:00",
        "early 06:00-07:00",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Shift("early", time(6), time(14)), Shift("late", time(13, 59), time(22))),
        (Shift("late", time(14), time(22)), Shift("night", time(20), time(4))),
        # the night of Sunday goes on into Monday's early shift
        (
            Shift("sunday", time(22), time(7), frozenset({6})),
            Shift("early", time(6), time(14), frozenset({0})),
        ),
        (Shift("all", time(0), time(0)), Shift("early", time(6), time(14))),
    ],
)
def test_shifts_that_overlap_are_refused_by_their_names(one: Shift, other: Shift) -> None:
    for shifts in ((one, other), (other, one)):
        with pytest.raises(ValueError, match=f"{shifts[0].name} and {shifts[1].name} overlap"):
            Calendar(BERLIN, shifts)


def test_shifts_that_touch_or_are_on_other_days_do_not_overlap() -> None:
    refuse_overlaps([EARLY, LATE, NIGHT, Shift("weekend", time(6), time(6), frozenset({5, 6}))])


@pytest.mark.parametrize(
    ("begin", "end"),
    [(time(5), time(6, 30)), (time(13), time(14, 30)), (time(15), time(16)), (time(10), time(9))],
)
def test_a_break_must_be_within_its_shift(begin: time, end: time) -> None:
    with pytest.raises(ValueError, match=r"break .* is not within the shift early, 06:00-14:00"):
        Shift("early", time(6), time(14), breaks=((begin, end),))


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        # skipped by the clocks: 01:00 UTC is when they go from 02:00 to 03:00
        (datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 1, 0)),
        (datetime(2026, 3, 29, 2, 30, 30), datetime(2026, 3, 29, 1, 0)),
        (datetime(2026, 3, 29, 3, 0), datetime(2026, 3, 29, 1, 0)),
        # said twice: the first
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30)),
        (datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0)),
    ],
)
def test_a_time_that_is_skipped_or_twice_has_one_moment(wall: datetime, expected: datetime) -> None:
    assert moment(wall, BERLIN) == expected.replace(tzinfo=UTC)


def test_a_shift_that_starts_when_the_clocks_skip_starts_after_it() -> None:
    calendar = Calendar(BERLIN, (Shift("dawn", time(2, 30), time(4)),))

    [shift] = calendar.shifts_between("saw", at("00:00", SUNDAY), at("12:00", SUNDAY))
    assert shift.planned == (Span(at("03:00", SUNDAY), at("04:00", SUNDAY)),)
    inside = Calendar(BERLIN, (Shift("gone", time(2, 15), time(2, 45)),))
    assert inside.shifts_between("saw", at("00:00", SUNDAY), at("12:00", SUNDAY)) == []


@pytest.mark.parametrize(("day", "hours"), [(SUNDAY, 23), (AUTUMN, 25), (MONDAY, 24)])
def test_days_and_hours_tile_the_time(day: date, hours: int) -> None:
    start, end = at("12:20", day - timedelta(days=1)), at("05:10", day + timedelta(days=1))
    days = local_days(BERLIN, start, end)

    assert [each.duration for _, each in days][1] == timedelta(hours=hours)
    for spans in ([span for _, span in days], [span for *_, span in local_hours(BERLIN, days)]):
        assert union(spans) == [Span(start, end)]
        assert total(spans) == end - start


def test_hours_of_a_zone_with_an_odd_offset_are_those_on_the_wall() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    start = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 11:30 there
    hours = local_hours(kolkata, local_days(kolkata, start, start + timedelta(hours=2)))

    assert [hour for _, hour, _ in hours] == [11, 12, 13]
    assert hours[0][2].duration == timedelta(minutes=30)


MINUTES = st.integers(0, 40)
SPANS = st.lists(st.tuples(MINUTES, MINUTES), max_size=8).map(
    lambda pairs: union(
        Span(at("00:00") + timedelta(minutes=min(pair)), at("00:00") + timedelta(minutes=max(pair)))
        for pair in pairs
    )
)


def held(spans: list[Span]) -> set[int]:
    """Return the minutes that are in spans."""
    return {
        minute
        for minute in range(41)
        if any(at("00:00") + timedelta(minutes=minute) in span for span in spans)
    }


@given(SPANS, SPANS)
@settings(max_examples=60, deadline=None)
def test_spans_are_sets_of_moments(some: list[Span], others: list[Span]) -> None:
    one, other = held(some), held(others)

    assert held(union([*some, *others])) == one | other
    assert held(intersection(some, others)) == one & other
    assert held(subtraction(some, others)) == one - other
    assert total(some) == timedelta(minutes=len(one))
