"""What moves around a machine too, where it never does, says nothing of the machine."""

import numpy as np
import pytest

from motion_tracking.core.detectors.calibrated import Calibrated
from motion_tracking.core.machine import Machine, MachineState, Rules
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.passing import PATIENCE, PassersBy, passes
from motion_tracking.core.patches import Patch
from motion_tracking.core.pauses import LEAST, Pauses
from motion_tracking.core.profile import Lag, Profile
from motion_tracking.tracker import Tracker

SIZE = (200, 160)
PATCH = Patch(Roi(40, 30, 100, 80), SIZE)
MACHINE = Roi(70, 50, 40, 40)
PERSON = Roi(60, 36, 68, 68)
"""Larger than the machine, as people are."""

RANDOM = np.random.default_rng(3)


def picture(moved: Roi | None) -> np.ndarray:
    """A wall with fresh noise, and something else each time where there is movement."""
    wall = 110 + RANDOM.normal(0, 1.5, SIZE[::-1])
    if moved is not None:
        part = moved.cut(wall)
        part += np.kron(
            RANDOM.normal(0, 25, (moved.height // 4, moved.width // 4)), np.ones((4, 4))
        )
    return np.clip(wall, 0, 255).astype(np.uint8)


def frame(at: float, moved: Roi | None) -> Frame:
    return Frame(picture(moved), at, at, earlier=(Frame(picture(moved), at - 0.5, at - 0.5),))


@pytest.fixture
def tracker() -> Tracker:
    """A tracker of a machine that is in the middle of its ROI, and moves a quarter of the time."""
    wall = PATCH.texture(Frame(picture(None), 0, 0))
    outer = PATCH.outer
    weights = np.zeros(PATCH.shape, np.float32)
    x, y = (MACHINE.x - outer.x) // PATCH.factor, (MACHINE.y - outer.y) // PATCH.factor
    weights[y : y + 40 // PATCH.factor, x : x + 40 // PATCH.factor] = 1
    noise = np.full(PATCH.shape, 1.5, np.float32)
    lag = Lag(0.5, noise, weights / weights.sum(), weights == 0, 1.0, 1.0, 1.0, 1.3, 30.0, 90.0)
    static, grey = weights == 0, np.zeros((1, 1), np.uint8)
    profile = Profile(SIZE, PATCH.roi, (lag,), 400, 0.12, 2.0, 0.0, wall, static, 1.0, grey, grey)
    machine = Machine(0.0, Rules(share=0.12))
    return Tracker("press1", PATCH.roi, 400, Calibrated(profile), machine, size=SIZE)


def watch(tracker: Tracker, start: float, end: float, moved: Roi | None) -> int:
    """Show so many seconds; return how many samples were above the threshold."""
    above = 0
    for at in np.arange(start, end, 0.5):
        tracker.frame(frame(float(at), moved))
        above += (tracker.score or 0) > tracker.threshold
    return above


def test_the_machine_alone_is_judged(tracker: Tracker) -> None:
    assert watch(tracker, 0, 40, None) == 0
    assert tracker.machine.state is MachineState.STOPPED
    assert watch(tracker, 40, 48, MACHINE) > 8
    assert tracker.machine.state is MachineState.RUNNING


def test_a_person_before_a_standing_machine_does_not_start_it(tracker: Tracker) -> None:
    watch(tracker, 0, 40, None)
    assert watch(tracker, 40, 48, PERSON) > 8, "it scores as a machine would"
    watch(tracker, 48, 60, None)
    assert tracker.machine.state is MachineState.STOPPED


def test_a_person_before_a_running_machine_does_not_stop_it(tracker: Tracker) -> None:
    watch(tracker, 0, 40, MACHINE)
    assert tracker.machine.state is MachineState.RUNNING
    watch(tracker, 40, 50, PERSON)
    assert tracker.machine.state is MachineState.RUNNING


def test_what_passes_counts_only_where_it_agrees_with_the_state() -> None:
    passers_by = PassersBy()
    assert passers_by.judged(True, True, True) is True
    assert passers_by.judged(False, False, True) is False
    assert passers_by.judged(True, False, True) is None
    assert passers_by.judged(False, True, True) is None
    assert passers_by.judged(True, False, False) is True
    assert passers_by.judged(None, False, True) is None


def test_who_stays_is_judged_as_it_comes() -> None:
    passers_by = PassersBy()
    said = [passers_by.judged(True, False, True) for _ in range(200)]
    assert said[: int(PATIENCE)] == [None] * int(PATIENCE)
    assert said.count(None) < PATIENCE + 200 / 5


def test_a_person_is_passed_over_again_after_a_while() -> None:
    passers_by = PassersBy()
    for _ in range(30):
        passers_by.judged(True, False, True)
    for _ in range(60):
        assert passers_by.judged(False, False, False) is False
    assert [passers_by.judged(True, False, True) for _ in range(11)] == [None] * 11


@pytest.mark.parametrize(
    ("stirred", "disturbance", "said"), [(0.05, 1.4, False), (0.3, 1.4, True), (0.05, 3.0, True)]
)
def test_movement_around_the_machine_and_a_shake_pass(
    stirred: float, disturbance: float, said: bool
) -> None:
    assert passes(stirred, disturbance) is said


@pytest.mark.parametrize(
    ("stirred", "disturbance", "said"),
    [(0.35, 1.4, False), (0.4, 1.4, True), (0.05, 4.4, False), (0.05, 4.6, True)],
)
def test_what_the_machine_itself_does_to_its_surroundings_passes_not(
    stirred: float, disturbance: float, said: bool
) -> None:
    assert passes(stirred, disturbance, stirs=0.25, disturbs=3.0) is said


def test_pauses_are_those_between_movements_of_one_run() -> None:
    pauses = Pauses()
    for n in range(LEAST + 1):
        assert pauses.usual == 0.0
        pauses.take(10.0 * n, 10.0 * n + 2, True)
        pauses.take(10.0 * n + 2, 10.0 * n + 10, False)
    assert pauses.usual == 8.0
    for n in range(50):
        pauses.end()
        pauses.take(1000.0 * n, 1000.0 * n + 1, True)
    assert pauses.usual == 8.0


def test_who_never_pauses_has_no_pause() -> None:
    pauses = Pauses()
    for n in range(50):
        pauses.take(float(n), n + 0.5, True)
    assert pauses.usual == 0.0
