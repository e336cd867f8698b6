"""What is judged of a picture that may be frozen waits until it is known whether it is."""

import numpy as np

from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState, Reason, Transition
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.simulator.scenes import Noise
from motion_tracking.tracker import Scored, Tracker


class Changes:
    def __init__(self) -> None:
        self.all: list[Change] = []

    def scored(self, scored: Scored) -> None:
        """Scores are told all the time."""

    def changed(self, change: Change) -> None:
        self.all.append(change)


def running(until: float) -> Machine:
    machine = Machine(0.0)
    for n in range(int(until * 2)):
        machine.see(n / 2, True)
    return machine


def held(machine: Machine, start: float, end: float) -> list[Transition]:
    return [
        transition
        for n in range(int((end - start) * 2))
        for transition in machine.hold(start + n / 2, False)
    ]


def test_what_is_held_decides_nothing_and_is_no_lost_signal() -> None:
    machine = running(60)

    assert held(machine, 60, 100) == []
    assert machine.state is MachineState.RUNNING
    assert machine.pass_time(101.0) == []


def test_what_is_released_counts_at_its_own_time_and_is_found_out_now() -> None:
    machine = running(60)
    held(machine, 60, 90)
    [stop] = machine.release(90.0)

    assert stop.to_state is MachineState.STOPPED
    assert stop.occurred_at == 59.5
    assert stop.detected_at == 90.0


def test_what_is_held_when_the_picture_turns_out_to_be_frozen_is_dropped() -> None:
    machine = running(60)
    held(machine, 60, 90)
    [gone] = machine.blind(90.0, Reason.FROZEN, 58.0)

    assert (gone.to_state, gone.occurred_at) == (MachineState.NO_SIGNAL, 58.0)
    assert machine.release(91.0) == []


def test_a_stream_that_ends_in_doubt_is_lost() -> None:
    machine = running(60)
    held(machine, 60, 70)
    [lost] = machine.pass_time(78.0)

    assert (lost.to_state, lost.reason) == (MachineState.NO_SIGNAL, Reason.LOST)
    assert machine.release(79.0) == []


def test_nothing_is_held_for_longer_than_a_minute() -> None:
    [stop] = held(running(60), 60, 130)

    assert stop.to_state is MachineState.STOPPED
    assert 119 < stop.detected_at < 122


def test_a_running_machine_whose_picture_freezes_is_never_called_stopped() -> None:
    changes, roi = Changes(), Roi(20, 10, 50, 40)
    machine, sampler = Machine(0.0), Sampler(0.0)
    tracker = Tracker(
        "1", roi, 20, Difference(roi), machine, [changes], sight=Sight(open_watches())
    )
    hall = np.tile(np.linspace(40, 200, 96, dtype=np.uint8), (64, 1))
    noise = Noise((96, 64))
    for n in range(160 * 4):
        if not 80 * 4 <= n < 120 * 4:
            picture = noise.add(hall)
            picture[20:40, 20 + n * 5 % 40 :][:, :8] = 250
        sample = sampler.pick(Frame(picture, n / 4, n / 4, key=n % 8 == 0))
        if sample:
            tracker.frame(sample)

    states = [(change.to_state, change.reason) for change in changes.all]
    assert states[:2] == [
        (MachineState.RUNNING, None),
        (MachineState.NO_SIGNAL, Reason.FROZEN),
    ]
    assert MachineState.STOPPED not in {state for state, _ in states}
    assert 74 < changes.all[1].occurred_at.timestamp() <= 80
    assert states[-1] == (MachineState.RUNNING, None), "and is seen to run when it thaws"
