"""The loop: frames in, scores and changes out, on simulated time."""

from datetime import UTC, datetime

import numpy as np
import pytest

from motion_tracking.core.changes import Change, Event
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState, Memory, Reason
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.tracker import Scored, Tracker, track

ROI = Roi(10, 10, 40, 30)
WALL = 1_700_000_000.0  # the wall clock when the other one says 0


class Notes:
    """Writes down what a tracker tells."""

    def __init__(self) -> None:
        self.scores: list[Scored] = []
        self.changes: list[Change] = []

    def scored(self, scored: Scored) -> None:
        self.scores.append(scored)

    def changed(self, change: Change) -> None:
        self.changes.append(change)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def tracker(notes: Notes) -> Tracker:
    return Tracker("press1", ROI, 100, Difference(ROI), Machine(0.0), [notes])


def frame(at: float, moving: bool = False, size: tuple[int, int] = (80, 60)) -> Frame:
    picture = np.full((size[1], size[0]), 50, np.uint8)
    if moving:
        x = 12 + int(at * 2) % 2 * 16
        picture[15:25, x : x + 8] = 220
    return Frame(picture, at, WALL + at)


def watch(tracker: Tracker, start: float, end: float, moving: bool) -> None:
    for n in range(int((end - start) * 2)):
        tracker.frame(frame(start + n / 2, moving))


def test_a_stop_is_told_with_its_evidence_on_the_wall_clock(tracker: Tracker, notes: Notes) -> None:
    watch(tracker, 0, 60, moving=True)
    watch(tracker, 60, 120, moving=False)

    first, stop = notes.changes
    assert (first.to_state, first.event) == (MachineState.RUNNING, None)
    assert (stop.machine, stop.to_state, stop.event) == (
        "press1",
        MachineState.STOPPED,
        Event.STOP,
    )
    assert stop.occurred_at == datetime.fromtimestamp(WALL + 60, UTC)
    assert (stop.detected_at - stop.occurred_at).total_seconds() == pytest.approx(17.5, abs=1)
    assert stop.since == datetime.fromtimestamp(WALL, UTC)
    assert (stop.score, stop.threshold) == (0, 100)
    assert stop.moving_share == pytest.approx(0.42, abs=0.02)


def test_every_judged_sample_is_told(tracker: Tracker, notes: Notes) -> None:
    watch(tracker, 0, 10, moving=True)

    assert len(notes.scores) == 19, "the first frame has no past to be judged by"
    assert all(scored.moving and scored.score > 100 for scored in notes.scores)
    assert notes.scores[0].utc == WALL + 0.5


def test_frames_on_either_side_of_a_gap_are_not_compared(tracker: Tracker, notes: Notes) -> None:
    tracker.frame(frame(0.0, moving=False))
    tracker.frame(frame(5.0, moving=True))
    assert notes.scores == []

    tracker.frame(frame(5.5, moving=True))
    assert len(notes.scores) == 1


def test_another_picture_size_is_no_signal_and_is_never_scored(
    tracker: Tracker, notes: Notes
) -> None:
    watch(tracker, 0, 30, moving=True)
    scored = len(notes.scores)
    tracker.frame(frame(30.0, size=(160, 120)))
    tracker.frame(frame(30.5, size=(160, 120)))

    assert len(notes.scores) == scored
    assert notes.changes[-1].to_state is MachineState.NO_SIGNAL
    assert notes.changes[-1].reason is Reason.GEOMETRY

    watch(tracker, 31, 50, moving=True)
    assert [c.to_state for c in notes.changes[-2:]] == [MachineState.UNKNOWN, MachineState.RUNNING]


def test_a_roi_off_the_picture_is_no_signal(notes: Notes) -> None:
    roi = Roi(60, 40, 40, 40)
    tracker = Tracker("press1", roi, 100, Difference(roi), Machine(0.0), [notes])
    tracker.frame(frame(0.0))

    assert [(c.to_state, c.reason) for c in notes.changes] == [
        (MachineState.NO_SIGNAL, Reason.GEOMETRY)
    ]


def test_the_size_the_roi_was_drawn_on_is_held_to(notes: Notes) -> None:
    tracker = Tracker("p", ROI, 100, Difference(ROI), Machine(0.0), [notes], size=(704, 576))
    tracker.frame(frame(0.0))

    assert notes.changes[-1].reason is Reason.GEOMETRY


def test_a_clock_that_is_set_does_not_bend_durations(tracker: Tracker, notes: Notes) -> None:
    """An hour is put forward in mid-run; the stop a minute later is dated by the new clock."""
    watch(tracker, 0, 60, moving=True)
    for n in range(80):
        still = frame(60 + n / 2)
        tracker.frame(Frame(still.luma, still.at, still.utc + 3600))

    stop = notes.changes[-1]
    assert stop.event is Event.STOP
    assert stop.lasted == pytest.approx(60, abs=1)
    assert stop.occurred_at == datetime.fromtimestamp(WALL + 60 + 3600, UTC)


def test_who_woke_up_is_told_how_long_it_slept(notes: Notes) -> None:
    asleep = Memory(MachineState.DEEP_SLEEP, None, -600.0, 0.0, 0.0, -1800.0, True)
    tracker = Tracker("p", ROI, 100, Difference(ROI), Machine(0.0, memory=asleep), [notes])
    watch(tracker, 0.5, 40, moving=True)

    [wake] = notes.changes
    assert wake.event is Event.WAKE_UP
    assert wake.stopped_for == pytest.approx(1800, abs=2)


class Strip:
    """A mailbox whose every letter takes half a second of simulated time."""

    def __init__(self, letters: str) -> None:
        self.letters = letters
        self.at = 0.0

    def take(self, timeout: float) -> dict[str, Frame | Exception]:
        mark, self.letters = self.letters[0], self.letters[1:]
        self.at += 0.5
        if mark == " ":
            return {}
        return {"802": OSError("gone") if mark == "x" else frame(self.at, mark == "#")}

    def now(self) -> tuple[float, float]:
        return self.at, WALL + self.at

    def over(self, at: float) -> bool:
        return not self.letters


def states(strip: str, notes: Notes, tracker: Tracker) -> list[str]:
    mailbox = Strip(strip)
    track(mailbox, {"802": [tracker]}, mailbox.now, mailbox.over)
    return [change.to_state.value for change in notes.changes]


def test_the_loop_finds_a_silent_stream_by_the_clock(tracker: Tracker, notes: Notes) -> None:
    assert states("#" * 40 + " " * 20, notes, tracker) == ["running", "no_signal"]
    lost = notes.changes[-1]
    assert lost.occurred_at == datetime.fromtimestamp(WALL + 20, UTC)
    assert (lost.detected_at - lost.occurred_at).total_seconds() <= 9


def test_the_loop_takes_a_confirmed_loss_at_once(tracker: Tracker, notes: Notes) -> None:
    assert states("#" * 40 + " x", notes, tracker) == ["running", "no_signal"]


def test_a_start_without_any_picture_becomes_no_signal(tracker: Tracker, notes: Notes) -> None:
    assert states(" " * 30, notes, tracker) == ["no_signal"]


def test_when_nobody_looked_it_was_us_and_not_the_camera(tracker: Tracker, notes: Notes) -> None:
    """
    Stopped, or asleep: what was waiting from before is not judged.

    Seen to fail without `away`: no signal, lost, as if the camera had been silent.
    """
    frames = [frame(n / 2, moving=True) for n in range(1, 81)]
    stale, fresh = frame(40.25, moving=True), [frame(1840 + n / 2, True) for n in range(1, 60)]
    clock = 0.0

    class Mailbox:
        def take(self, _timeout: float) -> dict[str, Frame | Exception]:
            nonlocal clock
            if frames:
                clock = frames[0].at
                return {"802": frames.pop(0)}
            if clock < 1800:  # half an hour in which nothing runs
                clock = 1840.0
                return {"802": stale}
            clock = fresh[0].at
            return {"802": fresh.pop(0)}

    track(
        Mailbox(),
        {"802": [tracker]},
        lambda: (clock, WALL + clock),
        lambda _at: not fresh,
    )
    told = [(c.to_state, c.reason, c.occurred_at.timestamp() - WALL) for c in notes.changes]
    assert told[1] == (MachineState.NO_SIGNAL, Reason.NOT_TRACKING, 40.0)
    assert [state for state, *_ in told] == ["running", "no_signal", "unknown", "running"]
    assert told[2][2] == 1840.5
