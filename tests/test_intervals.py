"""Do intervals tile time, and do their totals add up to it?"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.core.changes import Change
from motion_tracking.core.intervals import Interval, intervals, totals
from motion_tracking.core.machine import Machine, MachineState, Reason, Transition

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
DEEP_SLEEP, NO_SIGNAL = MachineState.DEEP_SLEEP, MachineState.NO_SIGNAL
UNKNOWN = MachineState.UNKNOWN

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes))


def change(
    since: str, old: MachineState, when: str, new: MachineState, reason: Reason | None = None
) -> Change:
    return Change("press1", old, new, reason, at(when), at(when), at(since))


def told(tiles: list[Interval[datetime]]) -> list[str]:
    """Write intervals as people would: '06:00 running'."""
    return [
        f"{tile.start:%H:%M} {tile.state}" + (f" {tile.reason}" if tile.reason else "")
        for tile in tiles
    ]


SHIFT = [
    change("05:00", UNKNOWN, "05:01", RUNNING),
    change("05:01", RUNNING, "07:00", STOPPED),
    change("07:00", STOPPED, "07:20", DEEP_SLEEP),
    change("07:20", DEEP_SLEEP, "08:00", NO_SIGNAL, Reason.LOST),
    change("08:00", NO_SIGNAL, "08:05", UNKNOWN),
    change("08:05", UNKNOWN, "08:05", DEEP_SLEEP),
    change("08:05", DEEP_SLEEP, "09:00", RUNNING),
    change("09:00", RUNNING, "13:00", STOPPED),
]


def test_a_shift_is_tiled_by_what_was_known_and_its_last_interval_is_open() -> None:
    tiles = intervals(SHIFT, at("06:00"), at("14:00"))

    assert told(tiles) == [
        "06:00 running",
        "07:00 stopped",
        "07:20 deep_sleep",
        "08:00 no_signal lost",
        "08:05 deep_sleep",
        "09:00 running",
        "13:00 stopped",
    ]
    assert [tile.open for tile in tiles] == [False] * 6 + [True]


def test_the_totals_of_that_shift_are_those_worked_out_by_hand() -> None:
    # of 8 h: ran 06:00-07:00 and 09:00-13:00, stood 07:00-07:20 and 13:00-14:00, slept
    # 07:20-08:00 and 08:05-09:00, was not seen for 5 min; two stops, one through the lost signal
    sums = totals(intervals(SHIFT, at("06:00"), at("14:00")))

    assert sums.seconds == {
        RUNNING: 5 * 3600,
        STOPPED: 80 * 60,
        DEEP_SLEEP: 95 * 60,
        NO_SIGNAL: 5 * 60,
        UNKNOWN: 0,
    }
    assert sums.stopped == timedelta(minutes=175)
    assert sums.utilisation == 300 / 475
    assert sums.coverage == 475 / 480
    assert sums.stops == 2


def test_before_the_first_known_change_nobody_looked() -> None:
    tiles = intervals([change("07:00", UNKNOWN, "07:01", RUNNING)], at("06:00"), at("08:00"))

    assert told(tiles) == ["06:00 no_signal not_tracking", "07:00 unknown", "07:01 running"]


def test_without_any_change_all_the_time_was_not_tracked() -> None:
    tiles = intervals([], at("06:00"), at("08:00"))

    assert told(tiles) == ["06:00 no_signal not_tracking"]
    assert totals(tiles).utilisation is None
    assert totals(tiles).coverage == 0


def test_a_state_known_only_by_the_change_that_ends_it_counts_from_when_it_began() -> None:
    tiles = intervals([change("05:00", RUNNING, "07:00", STOPPED)], at("06:00"), at("08:00"))

    assert told(tiles) == ["06:00 running", "07:00 stopped"]


def test_a_state_missing_in_between_is_filled_in_from_the_change_that_ends_it() -> None:
    changes = [
        change("05:00", UNKNOWN, "06:00", RUNNING),
        change("06:30", STOPPED, "07:00", RUNNING),
    ]

    tiles = intervals(changes, at("06:00"), at("08:00"))

    assert told(tiles) == ["06:00 running", "06:30 stopped", "07:00 running"]


def test_a_change_into_the_same_state_makes_no_new_interval() -> None:
    changes = [
        change("06:00", UNKNOWN, "06:00", RUNNING),
        change("06:00", RUNNING, "07:00", UNKNOWN),
        change("07:00", UNKNOWN, "07:00", RUNNING),
    ]

    assert told(intervals(changes, at("06:00"), at("08:00"))) == ["06:00 running"]


def test_another_reason_makes_another_interval() -> None:
    changes = [
        change("05:00", RUNNING, "06:00", NO_SIGNAL, Reason.LOST),
        change("06:00", NO_SIGNAL, "07:00", NO_SIGNAL, Reason.COVERED),
    ]

    tiles = intervals(changes, at("06:00"), at("08:00"))

    assert told(tiles) == ["06:00 no_signal lost", "07:00 no_signal covered"]


def test_what_comes_after_the_end_changes_nothing_before_it() -> None:
    end = SHIFT[-1].occurred_at

    assert intervals(SHIFT, at("06:00"), end) == intervals(SHIFT[:-1], at("06:00"), end)


def test_a_clock_that_ran_ahead_for_a_while_does_not_spoil_what_came_after_it_was_set() -> None:
    changes = [
        change("05:00", UNKNOWN, "06:00", RUNNING),
        change("06:00", RUNNING, "23:00", STOPPED),
        change("23:00", STOPPED, "07:00", RUNNING),
        change("07:00", RUNNING, "07:30", STOPPED),
    ]

    assert told(intervals(changes, at("07:00"), at("08:00"))) == ["07:00 running", "07:30 stopped"]


@pytest.mark.parametrize("end", ["06:00", "05:00"])
def test_no_time_has_no_intervals(end: str) -> None:
    assert intervals(SHIFT, at("06:00"), at(end)) == []


def test_a_stop_that_the_picture_was_lost_in_is_one_stop() -> None:
    changes = [
        change("05:00", RUNNING, "06:10", STOPPED),
        change("06:10", STOPPED, "06:20", NO_SIGNAL, Reason.LOST),
        change("06:20", NO_SIGNAL, "06:30", UNKNOWN),
        change("06:30", UNKNOWN, "06:31", STOPPED),
        change("06:31", STOPPED, "06:40", RUNNING),
        change("06:40", RUNNING, "06:50", NO_SIGNAL, Reason.LOST),
        change("06:50", NO_SIGNAL, "07:00", RUNNING),
        change("07:00", RUNNING, "07:30", STOPPED),
    ]

    assert totals(intervals(changes, at("06:00"), at("08:00"))).stops == 2


def tiles_exactly(tiles: list[Interval[Any]], start: object, end: object) -> bool:
    return (
        tiles[0].start == start
        and tiles[-1].end == end
        and all(tile.start < tile.end for tile in tiles)
        and all(
            before.end == after.start
            and (before.state, before.reason) != (after.state, after.reason)
            for before, after in pairwise(tiles)
        )
        and [tile.open for tile in tiles] == [False] * (len(tiles) - 1) + [True]
    )


instants = st.integers(-(10**10), 10**11).map(lambda us: MIDNIGHT + timedelta(microseconds=us))
any_changes = st.builds(
    Change,
    st.just("press1"),
    st.sampled_from(MachineState),
    st.sampled_from(MachineState),
    st.none() | st.sampled_from(Reason),
    instants,
    instants,
    instants,
)


@given(st.lists(any_changes, max_size=12), instants, instants)
def test_whatever_the_changes_intervals_tile_the_time_and_add_up_to_it(
    changes: list[Change], start: datetime, end: datetime
) -> None:
    tiles = intervals(changes, start, end)

    if start >= end:
        assert tiles == []
        return
    assert tiles_exactly(tiles, start, end)
    sums = totals(tiles)
    assert sums.whole == end - start
    assert sums.seen + sums.times[NO_SIGNAL] + sums.times[UNKNOWN] == end - start
    assert 0 <= sums.coverage <= 1


@given(
    st.lists(
        st.tuples(st.sampled_from([0.5, 1.5, 20.0]), st.sampled_from([True, False, None])),
        min_size=1,
        max_size=200,
    )
)
def test_what_a_machine_decides_tiles_the_recording_in_seconds(
    steps: list[tuple[float, bool | None]],
) -> None:
    machine = Machine(0.0)
    transitions = [Transition(NO_SIGNAL, UNKNOWN, None, 0.0, 0.0, 0.0)]  # the recording begins
    now = 0.0
    for length, moving in steps:
        now += length
        transitions += machine.see(now, moving)

    tiles = intervals(transitions, 0.0, now)

    assert tiles_exactly(tiles, 0.0, now)
    assert totals(tiles).whole == timedelta(seconds=now)
    assert tiles[-1].state is machine.state or machine.memory.since == now
    assert all(tile.reason is not Reason.NOT_TRACKING for tile in tiles)
