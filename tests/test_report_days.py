"""
Is each rule of a report kept, on a day that was worked out by hand?

Every test has the arithmetic in its text.  P is planned, R running, S stopped, U unseen time.
"""

from datetime import date, time, timedelta

import pytest

from days import BERLIN, EARLY, LATE, MONDAY, NIGHT, at, plan, report
from motion_tracking.core.digest import MachineReport
from motion_tracking.core.figures import Limits
from motion_tracking.core.pareto import by_reason
from motion_tracking.core.reasons import Assignment, Category, Rule, Source
from motion_tracking.core.shifts import PlannedStop, Shift, local

PLAIN = Shift("early", time(6), time(14))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def times(report: MachineReport) -> tuple[float, float, float, float]:
    """Return P, R, S and U in minutes."""
    figures, minute = report.figures, minutes(1)
    all_four = (figures.planned, figures.running, figures.stopped, figures.unseen)
    p, r, s, u = (each / minute for each in all_four)
    return p, r, s, u


def said(
    when: str, reason: str, who: str = "ann", at_: str = "13:00", note: str = ""
) -> Assignment:
    return Assignment("saw", at(when), reason, note, who, at(at_))


def test_the_longest_stop_of_a_shift_may_have_begun_before_it() -> None:
    """
    06:00-14:00: P = 480 min.  Stopped 05:00-08:00, of which 120 min count, and 10:00-10:30.

    N = 1, the latter: the former began before the shift.  It is the longest all the same.
    """
    text = "04:00 running, 05:00 stopped, 08:00 running, 10:00 stopped, 10:30 running"
    day = report(text, plan(PLAIN))

    assert times(day) == (480, 330, 150, 0)
    tally = day.figures.tally
    assert (tally.stops, tally.longest, tally.longest_open) == (1, minutes(120), False)
    assert day.figures.mean_downtime == minutes(30)


def test_a_night_that_was_stood_through_has_a_longest_stop() -> None:
    """
    14:00-22:00 and 22:00-06:00; stopped since 21:00: 60 + 480 min of S, one stop, of the late one.

    Stopped since 13:00: no stop of either, and each cost is told once, in the shift that is next.
    """
    both = plan(LATE, NIGHT)
    night = report("12:00 running, 21:00 stopped", both, "14:00", "+1 06:00")
    before = report("12:00 running, 13:00 stopped", both, "14:00", "+1 06:00")

    longest = [figures.tally.longest for _, figures in night.shifts]
    assert (longest, night.figures.tally.stops) == ([minutes(540), minutes(0)], 1)
    assert before.figures.tally.longest == minutes(960)
    assert (before.figures.tally.stops, before.figures.tally.longest_open) == (0, True)


def test_breaks_are_no_planned_time() -> None:
    """
    06:00-14:00 with breaks 09:00-09:15 and 12:00-12:30: P = 480 - 15 - 30 = 435 min.

    Stopped 08:50-09:20: 30 min, of which 15 in the break, so 10 + 5 = 15 min of S.
    Stopped 12:00-12:40: 40 min, of which 30 in the break, so 10 min of S; it began in the break,
    so it is no stop of the shift.  S = 25, R = 435 - 25 = 410, availability 410 / 435 = 94.25 %.
    N = 1, MTBS = 410 min, mean downtime = 15 min.
    """
    day = report(
        "05:00 running, 08:50 stopped, 09:20 running, 12:00 stopped, 12:40 running", plan(EARLY)
    )

    assert times(day) == (435, 410, 25, 0)
    figures = day.figures
    assert figures.availability == figures.lowest == figures.highest == 410 / 435
    assert figures.coverage == 1
    assert figures.tally.stops == 1
    assert (figures.mtbs, figures.mean_downtime) == (minutes(410), minutes(15))
    assert [stop.lost for stop in day.stops] == [minutes(15), minutes(10)]
    assert [stop.seen for stop in day.stops] == [minutes(30), minutes(40)]
    assert [stop.in_plan for stop in day.stops] == [True, False]


def test_with_too_little_seen_there_are_bounds_and_no_availability() -> None:
    """
    P = 480 min.  Unseen 07:00-08:00: U = 60, coverage 420 / 480 = 87.5 % < 90 %.

    Stopped 08:00-08:30: S = 30, R = 390.  Between 390 / 480 = 81.25 % and 450 / 480 = 93.75 %.
    Utilisation is of the time seen: 390 / 420 = 92.86 %.
    """
    day = report("05:00 running, 07:00 no_signal, 08:00 stopped, 08:30 running", plan(PLAIN))

    assert times(day) == (480, 390, 30, 60)
    assert day.figures.coverage == 0.875
    assert day.figures.availability is None
    assert (day.figures.lowest, day.figures.highest) == (0.8125, 0.9375)
    assert day.figures.utilisation == 390 / 420


def test_with_just_enough_seen_there_is_availability() -> None:
    """P = 480 min, U = 48 is exactly 10 %: coverage 432 / 480 = 90 %, R / P = 432 / 480."""
    day = report("05:00 running, 07:00 no_signal, 07:48 running", plan(PLAIN))

    assert day.figures.coverage == day.figures.availability == 0.9


def test_micro_stops_are_a_class_of_their_own_and_the_shortest_are_none() -> None:
    """
    Stops of 10 s, 15 s, 4 min 59 s, 5 min, 20 min; the limits are 15 s and 5 min.

    N = 4: the 10 s are too short to count.  Micro: 15 s and 4:59, together 5 min 14 s.
    S = 10 s + 5:14 + 25 min = 30 min 24 s; mean downtime (5:14 + 25:00) / 4 = 7 min 33.5 s.
    R = 480 min - 30:24 = 449 min 36 s, MTBS a quarter of it: 112 min 24 s.
    """
    day = report(
        "05:00 running, 07:00:00 stopped, 07:00:10 running, 07:10:00 stopped, 07:10:15 running,"
        "07:20:00 stopped, 07:24:59 running, 08:00 stopped, 08:05 running,"
        "09:00 stopped, 09:20 running",
        plan(PLAIN),
    )

    tally = day.figures.tally
    assert day.figures.stopped == timedelta(minutes=30, seconds=24)
    assert (tally.stops, tally.micro, tally.micro_time) == (4, 2, timedelta(minutes=5, seconds=14))
    assert day.figures.mean_downtime == timedelta(minutes=7, seconds=33.5)
    assert day.figures.mtbs == timedelta(hours=1, minutes=52, seconds=24)
    assert [(bar.name, bar.count, bar.time) for bar in day.by_reason] == [
        ("no reason given", 2, minutes(25)),
        ("micro-stops", 2, timedelta(minutes=5, seconds=14)),
        ("too short to count", 0, timedelta(seconds=10)),
    ]
    assert [(bar.name, bar.count, bar.time) for bar in day.by_length] == [
        ("20 min to 1 h", 1, minutes(20)),
        ("up to 5 min", 2, timedelta(minutes=5, seconds=24)),
        ("5 min to 20 min", 1, minutes(5)),
    ]
    assert day.by_length[-1].cumulative == 1


def test_only_failures_count_for_the_mean_times_between_and_to_restore() -> None:
    """
    P = 480 min.  Stops: 30 min bearing (a failure), 10 min bearing, 20 min material, 40 unsaid.

    S = 100, R = 380.  MTBF = 380 / 2 = 190 min, MTTR = (30 + 10) / 2 = 20 min.
    MTBS = 380 / 4 = 95 min, mean downtime = 100 / 4 = 25 min.
    """
    text = (
        "05:00 running, 07:00 stopped, 07:30 running, 08:00 stopped, 08:10 running,"
        "09:00 stopped, 09:20 running, 10:00 stopped, 10:40 running"
    )
    words = [said("07:00", "bearing"), said("08:00", "bearing"), said("09:00", "material")]
    day = report(text, plan(PLAIN, bearing="failure"), assignments=words)

    figures = day.figures
    assert times(day) == (480, 380, 100, 0)
    assert (figures.mtbf, figures.mttr) == (minutes(190), minutes(20))
    assert (figures.mtbs, figures.mean_downtime) == (minutes(95), minutes(25))
    assert [(b.name, b.category, b.time, b.share) for b in day.by_reason] == [
        ("bearing", Category.FAILURE, minutes(40), 0.4),
        ("no reason given", Category.UNKNOWN, minutes(40), 0.4),
        ("material", Category.MATERIAL, minutes(20), 0.2),
    ]
    assert [bar.cumulative for bar in day.by_reason] == [0.4, 0.8, 1.0]


def test_availability_is_that_of_mean_times_if_all_stops_are_failures() -> None:
    """P = 480, two failures of 20 and 40 min: MTBF 420 / 2, MTTR 30; 210 / (210 + 30) = 87.5 %."""
    text = "05:00 running, 07:00 stopped, 07:20 running, 08:00 stopped, 08:40 running"
    words = [said("07:00", "failure"), said("08:00", "failure")]
    figures = report(text, plan(PLAIN), assignments=words).figures

    assert figures.mtbf is not None
    assert figures.mttr is not None
    assert figures.mtbf / (figures.mtbf + figures.mttr) == figures.availability == 0.875


def test_without_a_failure_there_is_no_time_between_them() -> None:
    day = report("05:00 running, 07:00 stopped, 07:20 running", plan(PLAIN))

    assert (day.figures.mtbf, day.figures.mttr) == (None, None)


def test_a_planned_stop_is_no_planned_time_and_explains_the_stop() -> None:
    """
    P = 480 - 120 (10:00-12:00) = 360 min.  It stood 09:55-12:10: 5 + 10 = 15 min of S, R = 345.

    The stop began before the planned time, so it is one of the shift: N = 1, nobody said why.
    Two others began in it: it explains them, but not one of 5 s after it, too short to count.
    """
    service = PlannedStop("saw", at("10:00"), at("12:00"), "service")
    other = PlannedStop("press", at("06:00"), at("14:00"), "service")
    day = report("05:00 running, 09:55 stopped, 12:10 running", plan(PLAIN, stops=[service, other]))

    assert times(day) == (360, 345, 15, 0)
    assert day.figures.tally.stops == 1
    assert day.stops[0].why.source is Source.NOBODY

    text = (
        "05:00 running, 10:00 stopped, 10:30 running, 11:00 stopped, 12:10 running,"
        "12:20:00 stopped, 12:20:05 running"
    )
    day = report(text, plan(PLAIN, stops=[service, other], limits=Limits(shortest=minutes(1))))

    assert day.figures.stopped == timedelta(minutes=10, seconds=5)
    assert day.figures.tally.stops == 0
    assert [stop.reason for stop in day.stops] == ["service", "service", ""]
    assert {stop.category for stop in day.stops[:2]} == {Category.PLANNED}
    assert [bar.name for bar in day.by_reason] == ["too short to count"]
    planned = by_reason(day.stops, Limits(), planned=True)
    assert [(bar.name, bar.time) for bar in planned][:1] == [("service", minutes(10))]


def test_on_a_holiday_nothing_is_planned_but_the_night_before_goes_on() -> None:
    """
    Tuesday is a holiday.  Monday 22:00 to Tuesday 06:00 belongs to Monday: P = 8 h of 24 h.

    The machine stood all Tuesday: from Monday 22:00 to Wednesday 00:00 S is 6 h, from midnight on.
    """
    day = report(
        "05:00 running, +1 00:00 stopped",
        plan(EARLY, LATE, NIGHT, holidays=[date(2026, 3, 3)]),
        "22:00",
        "+2 00:00",
    )

    assert times(day) == (480, 120, 360, 0)
    assert [each for each, _ in day.days] == [MONDAY]


def test_a_night_shift_belongs_to_the_day_on_which_it_starts() -> None:
    """
    Monday: early 435 min, late 480, night 480, of which 360 on Tuesday morning.

    Stopped Tuesday 01:00-02:00 is Monday's: S = 60, R = 435 + 480 + 420 = 1335, P = 1395.
    Tuesday's early shift, asked for up to 07:00: P = R = 60.
    """
    day = report(
        "05:00 running, +1 01:00 stopped, +1 02:00 running",
        plan(EARLY, LATE, NIGHT),
        "06:00",
        "+1 07:00",
    )

    [(first, monday), (second, tuesday)] = day.days
    assert (first, second) == (MONDAY, date(2026, 3, 3))
    assert (monday.planned, monday.running) == (minutes(1395), minutes(1335))
    assert (monday.stopped, monday.tally.stops) == (minutes(60), 1)
    assert (tuesday.planned, tuesday.running) == (minutes(60), minutes(60))
    assert [shift.name for shift, _ in day.shifts] == ["early", "late", "night", "early"]
    assert [key for key, _ in day.weeks] == [(2026, 10)]


@pytest.mark.parametrize(
    ("saturday", "hours", "stopped"),
    [
        pytest.param(date(2026, 3, 28), 7, 60, id="the clocks go on: 02:00 becomes 03:00"),
        pytest.param(date(2026, 10, 24), 9, 180, id="the clocks go back: 03:00 becomes 02:00"),
    ],
)
def test_the_night_in_which_the_clocks_are_set_has_seven_or_nine_hours(
    saturday: date, hours: int, stopped: int
) -> None:
    """
    22:00-06:00 on the wall, stopped from 01:30 to 03:30 on the wall.

    In spring 01:30-02:00 and 03:00-03:30, 60 min of 7 h; in autumn 02:00-03:00 is there twice,
    so 180 min of 9 h.
    """
    night = Shift("night", time(22), time(6))
    day = report(
        "21:00 running, +1 01:30 stopped, +1 03:30 running",
        plan(night),
        "22:00",
        "+1 06:00",
        day=saturday,
    )

    assert times(day) == (60 * hours, 60 * hours - stopped, stopped, 0)
    assert day.figures.mean_downtime == minutes(stopped)


def test_the_day_on_which_the_clocks_are_set_has_a_heat_map_of_its_own_hours() -> None:
    """In spring 02:00-03:00 is not there; in autumn it is twice: half of its two hours it ran."""
    spring = report("00:00 running", plan(), "00:00", "+1 00:00", day=date(2026, 3, 29))
    assert [hour for hour, share in enumerate(spring.heat[0].hours) if share is None] == [2]
    assert spring.figures.planned == timedelta(hours=23)

    # 02:30 is the first of the two; so it ran 02:00-02:30 and stood 02:30-03:00 and 02:00-03:00
    text = "00:00 running, 02:30 stopped, 03:00 running"
    autumn = report(text, plan(), "00:00", "+1 00:00", day=date(2026, 10, 25))
    assert autumn.heat[0].hours[1:4] == (1.0, 0.25, 1.0)
    assert autumn.figures.planned == timedelta(hours=25)


def test_an_outage_in_mid_stop_is_no_stop_time_and_does_not_part_it() -> None:
    """
    Stopped 07:00-07:20, not seen for 10 min, stopped 07:30-08:00, running: one stop.

    It was seen standing for 20 + 30 = 50 min.  P = 480, U = 10, S = 50, R = 420.
    """
    day = report(
        "05:00 running, 07:00 stopped, 07:20 no_signal, 07:30 stopped, 08:00 running", plan(PLAIN)
    )

    assert times(day) == (480, 420, 50, 10)
    [stop] = day.stops
    assert (stop.start, stop.end, stop.seen) == (at("07:00"), at("08:00"), minutes(50))
    assert stop.closed
    assert day.figures.mean_downtime == minutes(50)


def test_an_outage_of_twenty_minutes_ends_a_stop_as_it_does_for_alerts() -> None:
    """
    Stopped 07:00-07:20, not seen for 20 min, stopped 07:40-08:00: two, of unknown length each.

    S = 40, U = 20, R = 420, N = 2, MTBS = 210; no stop is closed, so there is no mean downtime.
    """
    day = report(
        "05:00 running, 07:00 stopped, 07:20 no_signal, 07:40 stopped, 08:00 running", plan(PLAIN)
    )

    assert times(day) == (480, 420, 40, 20)
    assert [(stop.seen, stop.closed) for stop in day.stops] == [(minutes(20), False)] * 2
    assert (day.figures.tally.stops, day.figures.mtbs) == (2, minutes(210))
    assert day.figures.mean_downtime is None
    assert day.by_reason[0].at_least


def test_a_stop_whose_end_nobody_saw_is_neither_closed_nor_ongoing() -> None:
    """Stopped 07:00-07:02, not seen for a minute, running: it lasted 2 min at least, or 3."""
    text = "05:00 running, 07:00 stopped, 07:02 no_signal, 07:03 running"
    [stop] = report(text, plan(PLAIN)).stops
    assert (stop.closed, stop.ongoing, stop.is_micro(minutes(5))) == (False, False, False)

    [stop] = report("05:00 running, 13:50 stopped, 13:55 no_signal", plan(PLAIN)).stops
    assert (stop.closed, stop.ongoing, stop.end) == (False, False, at("13:55"))


def test_a_failure_that_goes_on_counts_as_one_and_not_for_the_time_to_restore() -> None:
    """Failures 07:00-07:10 and 13:30 on: R = 440, F = 2, MTBF 220 min; MTTR of the first: 10."""
    day = report(
        "05:00 running, 07:00 stopped, 07:10 running, 13:30 stopped",
        plan(PLAIN),
        assignments=[said("07:00", "failure"), said("13:30", "failure")],
    )

    assert (day.figures.mtbf, day.figures.mttr) == (minutes(220), minutes(10))


def test_a_stop_and_its_deep_sleep_are_one() -> None:
    day = report("05:00 running, 07:00 stopped, 07:20 deep_sleep, 09:00 running", plan(PLAIN))

    [stop] = day.stops
    assert (stop.seen, stop.slept, stop.closed) == (minutes(120), True, True)
    assert day.figures.stopped == minutes(120)


def test_a_machine_that_was_never_seen_has_no_shares() -> None:
    """P = U = 480: coverage 0, and between 0 and 100 %."""
    day = report("", plan(PLAIN))

    assert times(day) == (480, 0, 0, 480)
    assert (day.stops, day.by_reason, day.by_length) == ((), (), ())
    assert (day.figures.lowest, day.figures.highest, day.figures.coverage) == (0, 1, 0)
    assert (day.figures.utilisation, day.figures.availability) == (None, None)
    assert (day.figures.mtbs, day.figures.mean_downtime) == (None, None)
    assert set(day.heat[0].hours) == {None}


def test_an_open_stop_lasted_at_least_so_long_and_is_in_no_mean() -> None:
    """
    Stopped 07:00-07:10, and from 13:20 to after the end of the shift at 14:00: at least 40 min.

    S = 10 + 40 = 50, R = 430, N = 2, MTBS = 215; mean downtime of the closed one alone: 10.
    """
    day = report("05:00 running, 07:00 stopped, 07:10 running, 13:20 stopped", plan(PLAIN))

    assert times(day) == (480, 430, 50, 0)
    last = day.stops[-1]
    assert (last.ongoing, last.closed, last.seen) == (True, False, minutes(40))
    figures = day.figures
    assert (figures.tally.stops, figures.mtbs, figures.mean_downtime) == (
        2,
        minutes(215),
        minutes(10),
    )
    assert (figures.tally.longest, figures.tally.longest_open) == (minutes(40), True)


def test_a_stop_from_before_counts_with_its_time_only() -> None:
    """Stopped from 05:30 to 06:20: 50 min, 20 of them asked for.  S = 20, R = 460, N = 0."""
    day = report("05:00 running, 05:30 stopped, 06:20 running", plan(PLAIN))

    [stop] = day.stops
    assert (stop.continued, stop.in_plan) == (True, False)
    assert (stop.start, stop.seen, stop.lost) == (at("05:30"), minutes(50), minutes(20))
    assert times(day) == (480, 460, 20, 0)
    assert (day.figures.tally.stops, day.figures.mtbs) == (0, None)
    assert [(bar.count, bar.time) for bar in day.by_reason] == [(0, minutes(20))]


def test_a_stop_over_the_end_of_a_shift_is_counted_once_and_its_time_is_parted() -> None:
    """
    Stopped 13:30-14:30: 30 min in each shift, one stop, of the early one; P = 435 and 480.

    Mean downtime of the early shift is the whole 60 min; the late one has none.
    """
    day = report("05:00 running, 13:30 stopped, 14:30 running", plan(EARLY, LATE), "06:00", "22:00")

    [(_, early), (_, late)] = day.shifts
    assert (early.stopped, early.tally.stops, early.mean_downtime) == (minutes(30), 1, minutes(60))
    assert (late.stopped, late.tally.stops, late.mean_downtime) == (minutes(30), 0, None)
    assert day.figures == early + late


def test_over_a_weekend_only_planned_time_is_lost() -> None:
    """
    Friday 13:50 to Monday 06:10 it stood: 10 min of Friday's shift and 10 of Monday's.

    So the stop cost 20 min and not 64 h; its own length is 64 h 20 min.
    """
    friday = date(2026, 3, 6)
    day = report(
        "05:00 running, 13:50 stopped, 14:10 deep_sleep, +3 06:10 running",
        plan(EARLY),
        "06:00",
        "+3 14:00",
        day=friday,
    )

    [stop] = day.stops
    assert (stop.lost, stop.seen) == (minutes(20), timedelta(hours=64, minutes=20))
    assert day.figures.mean_downtime == day.figures.tally.longest == minutes(20)
    assert len(day.weeks) == 2


def test_without_shifts_there_is_utilisation_and_no_availability() -> None:
    """One day: running 06:00-12:00, stopped to 18:00: R = 6 h, S = 6 h, U = 12 h of 24."""
    day = report("06:00 running, 12:00 stopped, 18:00 no_signal", plan(), "00:00", "+1 00:00")

    figures = day.figures
    assert times(day) == (1440, 360, 360, 720)
    assert (figures.utilisation, figures.coverage) == (0.5, 0.5)
    assert (figures.availability, figures.lowest, figures.highest) == (None, None, None)
    assert day.shifts == ()
    assert day.days == ((MONDAY, figures),)
    assert day.calendar_utilisation == 0.25
    assert day.stops[0].in_plan


def test_what_ran_outside_of_shifts_counts_for_calendar_utilisation_only() -> None:
    """Early shift of Monday, 435 min, all running; running 05:00-15:00: 10 h of 24 h."""
    day = report("05:00 running, 15:00 stopped", plan(EARLY), "00:00", "+1 00:00")

    assert times(day) == (435, 435, 0, 0)
    assert day.calendar_utilisation == 10 / 24
    assert day.figures.tally.stops == 0
    assert not day.stops[0].in_plan
    assert [hour for hour, share in enumerate(day.heat[0].hours) if share is not None] == [
        6, 7, 8, 9, 10, 11, 12, 13
    ]  # fmt: skip


def test_where_the_tracker_died_nothing_is_claimed() -> None:
    """Its heart beat last at 10:00; it ran then.  U = 240 of 480, and the stop is not there."""
    day = report("05:00 running, 11:00 stopped", plan(PLAIN), until="10:00")

    assert times(day) == (480, 240, 0, 240)
    assert day.stops == ()
    assert [tile.open for tile in day.tiles] == [False, True]


def test_a_person_wins_over_the_calendar_that_over_a_rule_and_the_newest_word_counts() -> None:
    rule = Rule("material", begin=time(7), end=time(8))
    service = PlannedStop(None, at("07:30"), at("07:40"), "service")
    text = (
        "05:00 running, 07:00 stopped, 07:05 running, 07:30 stopped, 07:35 running,"
        "07:50 stopped, 07:55 running, 09:00 stopped, 09:05 running"
    )
    words = [
        said("07:50", "bearing", "ann", "10:00", "left one"),
        said("07:50", "changeover", "bob", "11:00"),
        said("09:02", "other", "cem"),  # a moment within the stop will do
    ]
    day = report(
        text, plan(PLAIN, rules=[rule], stops=[service], bearing="failure"), assignments=words
    )

    why = [(stop.reason, stop.why.source, stop.why.who) for stop in day.stops]
    assert why == [
        ("material", Source.RULE, ""),
        ("service", Source.CALENDAR, ""),
        ("changeover", Source.PERSON, "bob"),
        ("other", Source.PERSON, "cem"),
    ]
    assert day.stops[2].why.at == at("11:00")

    words.append(said("07:50", "", "ann", "12:00"))
    day = report(text, plan(PLAIN, rules=[rule]), assignments=words)
    assert (day.stops[2].reason, day.stops[2].why.source) == ("material", Source.RULE)


@pytest.mark.parametrize(
    ("rule", "fitting"),
    [
        (Rule("x", machine="press"), []),
        (Rule("x", machine="saw", shift="late"), ["15:00", "21:59"]),
        (Rule("x", shift="night"), ["22:10", "+1 05:00"]),
        (Rule("x", begin=time(21), end=time(5)), ["21:59", "22:10"]),
        (
            Rule("x", begin=time(21), end=time(6), days=frozenset({0})),
            ["21:59", "22:10", "+1 05:00"],
        ),
        (Rule("x", begin=time(4), end=time(6), days=frozenset({0})), []),
        (Rule("x", days=frozenset({1})), ["+1 05:00"]),
        (Rule("x", longer_than=minutes(30)), ["15:00", "+1 05:00"]),
        (Rule("x", shorter_than=minutes(5)), ["21:59"]),
        (Rule("x", shorter_than=minutes(90)), ["07:00", "15:00", "21:59", "22:10"]),
        (Rule("x", longer_than=minutes(5), shorter_than=minutes(30)), ["07:00", "22:10"]),
    ],
)
def test_a_rule_fits_stops_that_are_as_it_says(rule: Rule, fitting: list[str]) -> None:
    """Stops: Monday 07:00 10 min, 15:00 31 min, 21:59 2 min, 22:10 20 min; Tuesday 05:00 on."""
    text = (
        "05:00 running, 07:00 stopped, 07:10 running, 15:00 stopped, 15:31 running,"
        "21:59 stopped, 22:01 running, 22:10 stopped, 22:30 running, +1 05:00 stopped"
    )
    day = report(text, plan(EARLY, LATE, NIGHT, rules=[rule]), "06:00", "+1 06:00")

    found = [stop.start for stop in day.stops if stop.reason == "x"]
    assert found == [at(when) for when in fitting]


def test_a_stop_between_shifts_is_in_none() -> None:
    text = "05:00 running, 13:00 stopped, 13:10 running, 15:00 stopped, 15:10 running"
    rules = [Rule("other", shift="early")]
    day = report(text, plan(EARLY, rules=rules), "06:00", "22:00")

    assert [stop.reason for stop in day.stops] == ["other", ""]


def test_of_two_rules_the_first_counts() -> None:
    rules = [Rule("material", longer_than=minutes(10)), Rule("other")]
    text = "05:00 running, 07:00 stopped, 07:20 running, 08:00 stopped, 08:10 running"
    day = report(text, plan(PLAIN, rules=rules))

    assert [stop.reason for stop in day.stops] == ["material", "other"]


def test_a_heat_map_of_more_than_a_month_has_a_row_for_each_weekday() -> None:
    """Running on the first Monday of five weeks, 06:00-07:00; else stopped: 1 of 5 hours."""
    day = report("06:00 running, 07:00 stopped", plan(), "00:00", "+35 00:00")

    assert [row.label for row in day.heat] == [0, 1, 2, 3, 4, 5, 6]
    assert day.heat[0].hours[6] == 0.2
    assert day.heat[1].hours[6] == 0.0
    assert local(day.end, BERLIN).hour == 0
