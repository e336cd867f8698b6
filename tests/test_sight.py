"""Watches of the whole picture: what one finds is told of every machine of the channel."""

import numpy as np

from motion_tracking.core.machine import Machine, MachineState, Reason
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sight import Blindness, Sight
from motion_tracking.tracker import Scored, Tracker


class Blank:
    """A detector that is never asked twice for the same."""

    lags = ()
    passing = False

    def __init__(self) -> None:
        self.asked = 0

    def score(self, _frame: Frame) -> int:
        self.asked += 1
        return 0

    def forget(self) -> None:
        """There is nothing."""


class Dark:
    """A watch that calls black pictures covered."""

    def __init__(self) -> None:
        self.looked = 0
        self.gaps = 0

    def look(self, frame: Frame) -> Blindness | None:
        self.looked += 1
        return None if frame.luma.any() else Blindness(Reason.COVERED, frame.at - 1.0)

    def forget(self) -> None:
        self.gaps += 1


class Silent:
    def scored(self, scored: Scored) -> None: ...

    def changed(self, change: object) -> None: ...


def test_what_a_watch_finds_is_no_signal_for_all_machines_and_is_looked_for_once() -> None:
    dark, detectors = Dark(), [Blank(), Blank()]
    sight = Sight([dark])
    trackers = [
        Tracker(str(n), Roi(0, 0, 4, 4), 1, detector, Machine(0.0), [Silent()], sight=sight)
        for n, detector in enumerate(detectors)
    ]
    for n in range(10):
        frame = Frame(np.full((8, 8), 0 if n > 5 else 9, np.uint8), n / 2, n / 2)
        for tracker in trackers:
            tracker.frame(frame)

    assert dark.looked == 10
    for tracker, detector in zip(trackers, detectors, strict=True):
        assert tracker.machine.state is MachineState.NO_SIGNAL
        assert tracker.machine.memory.reason is Reason.COVERED
        assert tracker.machine.memory.since == 2.0, "dated back to when the watch says"
        assert detector.asked == 6


def test_a_lost_stream_is_a_gap_to_every_watch() -> None:
    dark = Dark()
    tracker = Tracker("1", Roi(0, 0, 4, 4), 1, Blank(), Machine(0.0), sight=Sight([dark]))
    tracker.blind(1.0, 1.0, Reason.LOST)
    assert dark.gaps == 1
