"""Is the past that the old tool's logs tell of the true one, without the old tool's faults?"""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.intervals import Interval, intervals
from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.oldtool import GAP, Understood, Watch, changes, understand

SIX = datetime(2023, 9, 30, 6)


def at(minutes: float) -> datetime:
    return SIX + timedelta(minutes=minutes)


def watch(start: float, end: float) -> Watch:
    return at(start), at(end)


def stopped(minutes: float) -> LogLine:
    return LogLine(LogKind.STOPPED, at(minutes), "p")


def moving(minutes: float, after: int = 0) -> LogLine:
    return LogLine(LogKind.MOVING, at(minutes), "p", minutes=after)


def asleep(minutes: float) -> LogLine:
    return LogLine(LogKind.DEEP_SLEEP, at(minutes), "p", minutes=20)


def awake(minutes: float, after: int) -> LogLine:
    return LogLine(LogKind.WOKE_UP, at(minutes), "p", minutes=after)


def told(understood: Understood) -> list[tuple[str, float, float]]:
    return [
        (
            tile.reason or tile.state,
            (tile.start - SIX) / timedelta(minutes=1),
            (tile.end - SIX) / timedelta(minutes=1),
        )
        for tile in understood.tiles
    ]


def test_the_stop_that_the_old_tool_told_at_each_start_is_left_out() -> None:
    """Started at 0 and at 100; each time `Stopped` at once and `Moving` 31 s later."""
    understood = understand(
        [watch(0, 60), watch(100, 200)],
        [stopped(0.02), moving(0.53), stopped(100.02), moving(100.53)],
    )

    assert told(understood) == [
        ("running", 0, 60),
        ("not_tracking", 60, 100),
        ("running", 100, 200),
    ]
    assert (understood.false_stops, understood.restarts, understood.losses) == (2, 1, 0)


def test_a_machine_that_stood_when_the_old_tool_started_is_stopped_from_then_on() -> None:
    understood = understand([watch(0, 60)], [stopped(0.02), moving(30, 29)])

    assert told(understood) == [("stopped", 0, 30), ("running", 30, 60)]
    assert understood.false_stops == 0


def test_a_short_stop_later_on_is_a_stop() -> None:
    understood = understand([watch(0, 60)], [moving(0.5), stopped(20), moving(21)])

    assert [tile[0] for tile in told(understood)] == ["unknown", "running", "stopped", "running"]
    assert understood.false_stops == 0


def test_a_short_stop_some_time_after_the_picture_came_back_is_a_stop() -> None:
    """Nobody started the old tool: it had its picture again at 40; a stop from 45 to 46."""
    understood = understand([watch(0, 20), watch(40, 60)], [moving(0.1), stopped(45), moving(46)])

    assert told(understood)[-3:] == [("running", 40, 45), ("stopped", 45, 46), ("running", 46, 60)]
    assert (understood.false_stops, understood.losses) == (0, 1)


def test_what_was_held_while_there_was_no_picture_is_not_believed() -> None:
    """No lines from 20 to 40, and no start after it: the old tool ran, its camera did not."""
    understood = understand([watch(0, 20), watch(40, 60)], [stopped(0), moving(10), stopped(50)])

    assert told(understood) == [
        ("stopped", 0, 10),
        ("running", 10, 20),
        ("lost", 20, 40),
        ("running", 40, 50),
        ("stopped", 50, 60),
    ]
    assert (understood.restarts, understood.losses) == (0, 1)


def test_a_stop_goes_on_over_an_outage_and_a_deep_sleep_ends_when_it_wakes() -> None:
    understood = understand(
        [watch(0, 30), watch(50, 120)],
        [moving(0), stopped(10), asleep(50.1), awake(100, 90), moving(100, 90)],
    )

    assert told(understood) == [
        ("running", 0, 10),
        ("stopped", 10, 30),
        ("lost", 30, 50),
        ("stopped", 50, 50.1),
        ("deep_sleep", 50.1, 100),
        ("running", 100, 120),
    ]


def test_a_gap_with_a_line_in_it_is_a_lost_motion_log_and_no_outage() -> None:
    understood = understand([watch(0, 20), watch(90, 100)], [moving(0), stopped(50), moving(60)])

    assert told(understood) == [("running", 0, 50), ("stopped", 50, 60), ("running", 60, 100)]


def test_without_a_motion_log_the_lines_are_believed_as_they_stand() -> None:
    understood = understand([], [stopped(0), moving(0.5), stopped(10), moving(30, 20)])

    assert told(understood) == [
        ("stopped", 0, 0.5),
        ("running", 0.5, 10),
        ("stopped", 10, 30),
    ]
    assert understand([], []).tiles == []


def test_a_minute_without_lines_is_no_outage() -> None:
    seconds = GAP / timedelta(minutes=1)
    assert len(told(understand([watch(0, 10), watch(10 + seconds + 0.1, 20)], [moving(0)]))) == 3


def test_the_changes_say_that_nobody_looks_any_more_unless_somebody_else_does() -> None:
    tiles = understand([watch(0, 60)], [moving(0), stopped(30)]).tiles

    assert [(c.to_state, c.reason, c.occurred_at) for c in changes(tiles)] == [
        (MachineState.RUNNING, None, at(0)),
        (MachineState.STOPPED, None, at(30)),
        (MachineState.NO_SIGNAL, Reason.NOT_TRACKING, at(60)),
    ]
    assert len(changes(tiles, until=at(61))) == 3
    assert len(changes(tiles, until=at(60))) == 2
    assert changes([]) == []


moments = st.integers(0, 600).map(lambda tenths: tenths / 2)
lines = st.lists(
    st.builds(stopped, moments)
    | st.builds(moving, moments, st.integers(0, 300))
    | st.builds(asleep, moments)
    | st.builds(awake, moments, st.integers(0, 300)),
    max_size=25,
).map(lambda events: sorted(events, key=lambda event: event.at))


@st.composite
def watched(draw: st.DrawFn) -> list[Watch]:
    edges = sorted(draw(st.sets(st.integers(0, 150), max_size=12)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [watch(2.0 * start, 2.0 * end) for start, end in pairs]


def seconds_by_state(tiles: list[Interval[datetime]]) -> dict[str, timedelta]:
    sums: dict[str, timedelta] = {}
    for tile in tiles:
        what = tile.reason or tile.state
        sums[what] = sums.get(what, timedelta()) + tile.duration
    return sums


@settings(max_examples=50)
@given(watched(), lines)
def test_the_past_tiles_the_time_of_the_logs_whatever_they_say(
    watches: list[Watch], events: list[LogLine]
) -> None:
    tiles = understand(watches, events).tiles

    assert all(tile.start < tile.end for tile in tiles)
    assert all(one.end == other.start for one, other in pairwise(tiles))
    whole = [moment for pair in watches for moment in pair] + [event.at for event in events]
    if tiles:
        assert (tiles[0].start, tiles[-1].end) == (min(whole), max(whole))
    for (_, lost), (back, _) in pairwise(watches):
        if not any(lost < event.at < back for event in events):
            inside = [tile for tile in tiles if tile.start < back and tile.end > lost]
            assert {tile.state for tile in inside} == {MachineState.NO_SIGNAL}


@settings(max_examples=50)
@given(watched(), lines)
def test_the_changes_make_the_same_tiles_again_and_are_in_order(
    watches: list[Watch], events: list[LogLine]
) -> None:
    tiles = understand(watches, events).tiles
    steps = changes(tiles)

    assert all(one.occurred_at < other.occurred_at for one, other in pairwise(steps))
    assert all(one.to_state is other.from_state for one, other in pairwise(steps))
    if tiles:
        again = intervals(steps, tiles[0].start, tiles[-1].end)
        assert seconds_by_state(again) == seconds_by_state(tiles)
