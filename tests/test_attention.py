"""Is a machine judged alike when only heads are decoded, and is the rest seen when it matters?"""

from collections.abc import Callable, Iterator
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.changes import Change
from motion_tracking.core.heads import Attention, Heads, Wanted
from motion_tracking.core.machine import Machine, MachineState
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.tracker import Scored, Tracker, play

FPS, GROUP = 12.0, 24
RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED

Runs = Callable[[float], bool]


class Told:
    """A detector that knows when the machine runs, and what it told."""

    lags: tuple[float, ...] = ()
    passing = False

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def score(self, frame: Frame) -> int | None:
        return 100 if self._runs(frame.at) else 0

    def forget(self) -> None:
        """It keeps nothing."""


class Notes:
    def __init__(self) -> None:
        self.at: list[float] = []
        self.changes: list[Change] = []

    def scored(self, scored: Scored) -> None:
        self.at.append(scored.at)

    def changed(self, change: Change) -> None:
        self.changes.append(change)

    @property
    def found(self) -> list[tuple[MachineState, float, float]]:
        return [
            (change.to_state, change.occurred_at.timestamp(), change.detected_at.timestamp())
            for change in self.changes
        ]


def film(seconds: float, heads: "Heads[Frame] | None") -> Iterator[Frame]:
    blank = np.zeros((8, 8), np.uint8)
    for n in range(int(seconds * FPS)):
        frame = Frame(blank, n / FPS, n / FPS, key=n % GROUP == 0)
        if heads is None:
            yield frame
            continue
        for chosen in heads.take(frame, frame.key, frame.at):
            yield chosen.marked(chosen.packet)


def watched(
    seconds: float, *machines: Runs, thrifty: bool = True, seed: int = 1
) -> tuple[list[Notes], "Heads[Frame]"]:
    attention = Attention()
    heads: Heads[Frame] = Heads(Wanted(0.08), attention, Random(seed))
    notes = [Notes() for _ in machines]
    trackers = [
        Tracker(str(n), Roi(0, 0, 8, 8), 50, Told(runs), Machine(0.0), [note])
        for n, (runs, note) in enumerate(zip(machines, notes, strict=True))
    ]
    for tracker in trackers:
        tracker.attention = attention
    play(film(seconds, heads if thrifty else None), trackers, Sampler(0.0))
    return notes, heads


def runs_between(start: float, end: float) -> Runs:
    return lambda at: start <= at < end


@settings(max_examples=15, deadline=None)
@given(start=st.floats(60, 100), lasts=st.floats(45, 90), seed=st.integers(0, 3))
def test_changes_are_found_as_with_all_pictures(start: float, lasts: float, seed: int) -> None:
    runs = runs_between(start, start + lasts)
    [all_of_it], _ = watched(300, runs, thrifty=False)
    [heads_only], heads = watched(300, runs, seed=seed)

    assert [state for state, *_ in heads_only.found] == [state for state, *_ in all_of_it.found]
    for one, other in zip(all_of_it.found, heads_only.found, strict=True):
        assert other[1] == pytest.approx(one[1], abs=1.0)
        assert other[2] - one[2] < 2.5
    assert heads.decoded < 0.6 * heads.came


def test_a_machine_that_goes_on_costs_little() -> None:
    _, heads = watched(1200, lambda _: True)

    assert heads.decoded / heads.came < 0.25


def test_a_machine_that_stands_now_and_then_is_seen_in_full_while_it_runs() -> None:
    """A press: of heads alone nobody could say how much of the time it moves."""

    def press(at: float) -> bool:
        return 200 <= at < 400 and at % 1.7 < 1.2

    [all_of_it], _ = watched(600, press, thrifty=False)
    [heads_only], heads = watched(600, press)

    assert [state for state, *_ in heads_only.found] == [state for state, *_ in all_of_it.found]
    assert 200 / 600 < heads.decoded / heads.came < 0.7


def test_a_short_stop_between_two_heads_is_none_of_either() -> None:
    [notes], _ = watched(120, lambda at: not 60.3 < at < 61.7)

    assert [state for state, *_ in notes.found] == [RUNNING]


def test_what_one_machine_wants_to_see_does_not_disturb_another() -> None:
    restless = runs_between(100, 160)
    [one, other], _ = watched(300, restless, lambda _: True)

    assert [state for state, *_ in other.found] == [RUNNING]
    assert [state for state, *_ in one.found] == [STOPPED, RUNNING, STOPPED]
    for notes in (one, other):
        assert notes.at == sorted(set(notes.at))


def test_after_a_change_the_samples_are_as_dense_as_ever() -> None:
    [notes], _ = watched(300, runs_between(151.0, 400.0))
    dense = [at for at in notes.at if 151 <= at < 165]

    assert len(dense) >= 25
    sparse = [at for at in notes.at if 60 <= at < 140]
    assert len(sparse) <= 80
