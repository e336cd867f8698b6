"""Are right, late, missed and false changes told apart?"""

from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState, Reason, Transition
from motion_tracking.core.scoring import Score, judge, together
from motion_tracking.core.truth import Labelled, true_changes

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
NO_SIGNAL, UNKNOWN = MachineState.NO_SIGNAL, MachineState.UNKNOWN

Spans = list[tuple[float, float, MachineState]]


def labelled(*spans: tuple[float, float, MachineState]) -> list[Labelled]:
    return [Labelled(state, start, end) for start, end, state in spans]


def tiled(*spans: tuple[float, float, MachineState]) -> list[Interval[float]]:
    return [Interval(state, None, start, end) for start, end, state in spans]


def told(*spans: tuple[float, float, MachineState], delay: float = 15.0) -> list[Transition]:
    """The transitions of a tracker that finds each of these spans `delay` seconds late."""
    known, steps = UNKNOWN, []
    for start, _, state in spans:
        reason = Reason.FROZEN if state is NO_SIGNAL else None
        steps.append(Transition(known, state, reason, start, start + delay, 0.0))
        known = state
    return steps


def judged(
    truth: Spans, found: Spans | None = None, *, delay: float = 15.0, after: float | None = None
) -> Score:
    found = truth if found is None else found
    return judge(labelled(*truth), tiled(*found), told(*found, delay=delay), after=after)


HOUR: Spans = [(0, 600, RUNNING), (600, 1200, STOPPED), (1200, 3600, RUNNING)]


def test_who_is_always_right_scores_full() -> None:
    score = judged(HOUR)

    assert (score.settled, score.running, score.stopped) == (1.0, 1.0, 1.0)
    assert (score.changes, score.missed, score.false_changes, score.false_per_day) == (2, 0, 0, 0)
    assert (score.delays, score.edge_errors) == ((15.0, 15.0), (0.0, 0.0))
    assert (score.no_signal_recall, score.unseen_s, score.falsely_running_s) == (None, 0, 0)


def test_who_always_says_running_is_half_right_and_misses_all() -> None:
    score = judged(HOUR, [(0, 3600, RUNNING)])

    assert (score.running, score.stopped, score.settled) == (1.0, 0.0, 0.5)
    assert (score.missed, score.false_changes, score.delays) == (2, 0, ())
    assert score.falsely_running_s == 600 - 45


def test_a_clip_of_one_state_is_judged_by_that_state() -> None:
    truth: Spans = [(0, 245, STOPPED)]
    score = judged(truth, [(0, 95, STOPPED), (95, 145, RUNNING), (145, 245, STOPPED)])

    assert (score.running, score.stopped, score.settled) == (None, 0.75, 0.75)
    assert (score.false_changes, score.false_per_day) == (2, 2 * 86_400 / 245)


def test_seconds_after_a_change_and_at_the_beginning_are_not_compared() -> None:
    late: Spans = [
        (0, 44, UNKNOWN),
        (44, 644, RUNNING),
        (644, 1244, STOPPED),
        (1244, 3600, RUNNING),
    ]
    assert judged(HOUR, late).settled == 1.0

    later = [(start + 10, end + 10, state) for start, end, state in late]
    assert judged(HOUR, later).settled == pytest.approx(1 - (9 / 555 + 18 / 2910) / 2)


def test_not_seeing_a_visible_machine_is_not_right() -> None:
    score = judged(
        HOUR, [(0, 300, RUNNING), (300, 500, NO_SIGNAL), *[(500, 600, RUNNING)], *HOUR[1:]]
    )

    assert score.running == pytest.approx(1 - 200 / (555 + 2355))
    assert (score.unseen_s, score.false_no_signals) == (200, 1)
    assert (score.false_changes, score.missed) == (0, 0)


@pytest.mark.parametrize(("delay", "missed"), [(0, 0), (60, 0), (61, 2)])
def test_a_report_must_come_within_a_minute(delay: float, missed: int) -> None:
    score = judged(HOUR, delay=delay)

    assert (score.missed, score.false_changes) == (missed, missed)


def test_flapping_is_false_even_next_to_a_true_change() -> None:
    found = [*HOUR[:1], (600, 610, STOPPED), (610, 620, RUNNING), (620, 1200, STOPPED), HOUR[2]]

    assert judged(HOUR, found).false_changes == 2
    assert judged(HOUR, found).delays == (15, 15)


def test_a_change_the_other_way_is_not_the_report_of_a_true_one() -> None:
    score = judged(
        [(0, 600, RUNNING), (600, 1200, STOPPED)], [(0, 590, STOPPED), (590, 1200, RUNNING)]
    )

    assert (score.missed, score.false_changes, score.delays) == (1, 1, ())


def test_a_change_while_the_tracker_was_blind_may_be_told_when_it_sees_again() -> None:
    found: Spans = [(0, 590, RUNNING), (590, 700, NO_SIGNAL), (700, 1200, STOPPED), HOUR[2]]
    score = judged(HOUR, found)

    assert (score.missed, score.false_changes, score.delays) == (0, 0, (115, 15))


def test_the_first_decision_is_no_change() -> None:
    assert judged([(0, 600, STOPPED)], [(0, 15, UNKNOWN), (15, 600, STOPPED)]).false_changes == 0
    assert judged([(0, 600, STOPPED)], [(0, 15, UNKNOWN), (15, 600, RUNNING)]).false_changes == 0


def test_a_change_too_late_to_be_told_is_neither_seen_nor_missed() -> None:
    truth: Spans = [(0, 600, RUNNING), (600, 630, STOPPED)]

    assert judged(truth, [(0, 630, RUNNING)]).changes == 0
    assert judged(truth).changes == 1


def test_a_span_shorter_than_the_window_need_not_be_seen() -> None:
    truth: Spans = [
        *[(0, 70, RUNNING), (70, 130, STOPPED), (130, 190, RUNNING), (190, 215, STOPPED)],
        *[(215, 240, RUNNING), (240, 300, STOPPED)],
    ]
    blind = judged(truth, [*truth[:2], (130, 240, RUNNING), truth[5]])
    keen = judged(truth)

    assert (blind.changes, blind.missed, blind.short_changes, blind.short_seen) == (3, 0, 2, 0)
    assert (keen.changes, keen.missed, keen.short_changes, keen.short_seen) == (3, 0, 2, 2)
    assert keen.false_changes == blind.false_changes == 0


def test_a_coasting_machine_may_be_called_either() -> None:
    truth = [Labelled(RUNNING, 0, 600), Labelled(STOPPED, 600, 900, blurred=20)]
    for edge in (580.0, 590.0, 600.0):
        found: Spans = [(0, edge, RUNNING), (edge, 900, STOPPED)]
        score = judge(truth, tiled(*found), told(*found))
        assert (score.settled, score.edge_errors, score.missed) == (1.0, (0.0,), 0)

    found = [(0, 575, RUNNING), (575, 900, STOPPED)]
    score = judge(truth, tiled(*found), told(*found))
    assert score.edge_errors == (5.0,)
    assert score.settled is not None
    assert score.settled < 1.0


BLANK: Spans = [(0, 600, RUNNING), (600, 800, NO_SIGNAL), (800, 1600, RUNNING)]


def test_a_frozen_picture_is_to_be_noticed() -> None:
    noticed = judged(BLANK, [(0, 650, RUNNING), (650, 800, NO_SIGNAL), (800, 1600, RUNNING)])
    assert noticed.no_signal_recall == 0.75
    assert noticed.no_signal_delays == (65.0,)
    assert (noticed.settled, noticed.false_changes, noticed.false_no_signals) == (1.0, 0, 0)

    slow: Spans = [*BLANK[:2], (800, 840, UNKNOWN), (840, 1600, RUNNING)]
    assert judged(BLANK, slow).settled == 1.0

    stop = judged(BLANK, [(0, 600, RUNNING), (600, 800, STOPPED), (800, 1600, RUNNING)])
    assert (stop.no_signal_recall, stop.no_signal_delays) == (0.0, (inf,))
    assert (stop.settled, stop.false_changes) == (1.0, 2)


def test_a_change_behind_a_lost_picture_is_told_when_the_picture_is_back() -> None:
    truth: Spans = [*BLANK[:2], (800, 1600, STOPPED)]

    assert judged(truth).missed == judged(truth).false_changes == 0
    assert judged(truth, [*BLANK[:2], (800, 1600, RUNNING)]).missed == 1


def test_only_what_comes_after_the_calibration_is_judged() -> None:
    found: Spans = [(0, 100, STOPPED), (100, 600, RUNNING), *HOUR[1:]]
    score = judged(HOUR, found, after=600)

    assert (score.changes, score.missed, score.false_changes, score.watched_s) == (2, 0, 0, 3000)
    assert judged(HOUR, found).false_changes == 1
    assert judged(HOUR, after=601).changes == 1


def test_deep_sleep_is_a_stop() -> None:
    deep: Spans = [*HOUR[:1], (600, 900, STOPPED), (900, 1200, MachineState.DEEP_SLEEP), HOUR[2]]
    score = judged(HOUR, deep)

    assert (score.settled, score.false_changes, score.missed) == (1.0, 0, 0)


def test_without_truth_nothing_can_be_judged() -> None:
    with pytest.raises(ValueError, match="no truth"):
        judge([], [], [])


def test_a_summary_keeps_the_worst_in_sight() -> None:
    summary = together([judged(HOUR), judged(HOUR, [(0, 3600, RUNNING)]), judged(BLANK)])

    assert (summary.settled_mean, summary.settled_least) == (pytest.approx(2.5 / 3), 0.5)
    assert (summary.changes, summary.missed, summary.watched_s) == (4, 2, 8800)
    assert (summary.delay_median, summary.delay_longest) == (15, 15)
    assert (summary.edge_error_median, summary.no_signal_recall) == (0, 1.0)
    assert isnan(together([]).settled_mean)


@given(st.lists(st.integers(31, 400), min_size=1, max_size=8), st.booleans())
def test_the_truth_told_with_a_delay_is_never_wrong(lengths: list[int], running: bool) -> None:
    spans: Spans = []
    for n, length in enumerate(lengths):
        start = spans[-1][1] if spans else 0.0
        spans.append((start, start + length, RUNNING if (n % 2 == 0) == running else STOPPED))
    score = judged(spans, delay=15)

    assert len(true_changes(labelled(*spans), 30)) == len(lengths) - 1
    assert (score.missed, score.false_changes) == (0, 0)
    assert score.settled in (None, 1.0)
