"""What holds of a tracker, its loop and its memory, whatever happens to them."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.commands.keeping import transition_of
from motion_tracking.core.changes import Change, Event
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState, Reason
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.remembering import recall
from motion_tracking.tracker import AWAY, TICK, Scored, Tracker, track

ROI = Roi(4, 4, 24, 16)
WALL = 1_700_000_000.0
WINDOW = 32.0
"""Seconds, and a sample or two, in which what is decided must have been seen."""

RUNNING, STOPPED, NO_SIGNAL = MachineState.RUNNING, MachineState.STOPPED, MachineState.NO_SIGNAL

BRIGHT = [np.full((24, 32), level, np.uint8) for level in (40, 200)]


class AnyNight(RuleBasedStateMachine):
    """
    A machine that runs or stands, seen by a tracker to which everything happens.

    Seen to fail with a lost signal dated to where the state began, and without `Tracker.away`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at, self.stepped, self.was_set = 100.0, 0.0, False
        self.begun = self.at
        self.runs = True
        self.truth: list[tuple[float, bool]] = [(self.at, True)]
        self.drawn = 0
        self.changes: list[Change] = []
        self.spans: list[tuple[float, float]] = []
        self.news: deque[tuple[float, Frame | Exception | None]] = deque()
        self.pictured = deque([0.0, 0.0], maxlen=2)
        self.tracker = self.started(Machine(self.at))

    def started(self, machine: Machine) -> Tracker:
        return Tracker("press1", ROI, 100, Difference(ROI), machine, [self])

    # what the tracker asks for, and tells

    def take(self, timeout: float) -> Mapping[str, Frame | Exception]:
        self.at, news = self.news.popleft()
        if isinstance(news, Frame):
            self.pictured.append(self.at)
        return {} if news is None else {"802": news}

    def now(self) -> tuple[float, float]:
        return self.at, WALL + self.stepped + self.at

    def scored(self, scored: Scored) -> None:
        """Changes are what counts."""

    def changed(self, change: Change) -> None:
        def at(when: datetime) -> float:
            return when.timestamp() - WALL - self.stepped

        since, occurred = at(change.since), at(change.occurred_at)
        before = self.changes[-1] if self.changes else None
        assert change.from_state is (before.to_state if before else MachineState.UNKNOWN)
        assert since == pytest.approx(self.spans[-1][1] if self.spans else self.begun, abs=0.001)
        assert since <= occurred <= at(change.detected_at) <= self.at + 0.001
        self.told(change, occurred, at(change.detected_at))
        self.changes.append(change)
        self.spans.append((since, occurred))

    def told(self, change: Change, occurred: float, detected: float) -> None:
        """Nothing is told that was not so."""
        seen = set(self.was_between(detected - WINDOW, detected))
        if change.to_state is RUNNING:
            assert True in seen
        if change.to_state in (STOPPED, MachineState.DEEP_SLEEP):
            assert False in seen
        if change.event is Event.STOP:
            assert True in self.was_between(occurred - WINDOW, occurred + 1.0)
        if change.event is Event.START:
            assert change.stopped_since is not None
        if change.to_state is MachineState.DEEP_SLEEP and change.from_state is STOPPED:
            assert change.stopped_for is not None
            assert change.stopped_for >= 20 * 60 - 0.01
        if change.reason in (Reason.LOST, Reason.NOT_TRACKING):
            assert detected - occurred > 7.9 or self.refused
            # what was seen counts
            assert occurred >= max(at for at in self.pictured if at < detected - 0.01) - 0.01

    refused = False

    def was_between(self, start: float, end: float) -> list[bool]:
        """Return what the machine did in a span of time."""
        later = [*self.truth[1:], (float("inf"), False)]
        return [
            runs
            for (began, runs), (ended, _) in zip(self.truth, later, strict=True)
            if began < end and ended > start
        ]

    # what happens

    def loop(self, *news: tuple[float, Frame | Exception | None]) -> None:
        self.news.extend(news)
        if self.news:
            track(self, {"802": [self.tracker]}, self.now, lambda _at: not self.news)

    def picture(self, at: float) -> Frame:
        self.drawn += self.runs
        return Frame(BRIGHT[self.drawn % 2], at, WALL + self.stepped + at)

    @rule(seconds=st.floats(1, 60), apart=st.sampled_from([0.4, 0.5, 0.9, 1.9]))
    def watch(self, seconds: float, apart: float) -> None:
        count = int(seconds / apart)
        start = self.at
        self.loop(*((start + n * apart, self.picture(start + n * apart)) for n in range(1, count)))

    @rule(minutes=st.integers(5, 30))
    def watch_for_long(self, minutes: int) -> None:
        self.watch(60.0 * minutes, 0.9)

    @rule()
    def start_or_stop(self) -> None:
        self.runs = not self.runs
        self.truth.append((self.at, self.runs))

    @rule(seconds=st.floats(0.3, 100))
    def stall(self, seconds: float) -> None:
        start = self.at
        self.loop(*((start + n * TICK, None) for n in range(1, int(seconds / TICK) + 1)))

    @rule()
    def refuse(self) -> None:
        self.refused = True
        self.loop((self.at + 0.5, SourceError(Trouble.UNREACHABLE, "it is gone")))
        self.refused = False

    @rule(seconds=st.floats(0.5, 4000))
    def sleep(self, seconds: float) -> None:
        """Let the computer, or us, be stopped."""
        self.loop((self.at + 0.2, None), (self.at + 0.3, None))
        knew = self.tracker.machine.state is not NO_SIGNAL
        self.loop((self.at + seconds, None))
        if seconds > AWAY and knew:
            assert self.tracker.machine.memory.reason is Reason.NOT_TRACKING

    @rule(seconds=st.sampled_from([-7200.0, -3.0, 3600.0]))
    def set_the_clock(self, seconds: float) -> None:
        self.stepped += seconds
        self.was_set = True

    @precondition(lambda self: not self.was_set)  # over a restart the wall clock is all there is
    @rule(seconds=st.floats(0.5, 3000))
    def restart(self, seconds: float) -> None:
        seen_at = self.tracker.machine.memory.seen_at
        newest_first = [
            transition_of(change, lambda when: when.timestamp() - WALL)
            for change in reversed(self.changes)
        ]
        memory = recall(newest_first, seen_at)
        if memory is None:
            return
        self.at += seconds
        self.tracker = self.started(Machine(self.at, memory=memory))
        if seen_at is not None and self.at - seen_at > 8.0:
            self.tracker.blind(self.at, self.now()[1], Reason.NOT_TRACKING, seen_at)

    @invariant()
    def the_state_is_what_was_told(self) -> None:
        said = self.changes[-1].to_state if self.changes else MachineState.UNKNOWN
        assert self.tracker.machine.state is said

    @invariant()
    def no_time_is_lost(self) -> None:
        """What was told tiles all time since the beginning, without a gap."""
        covered = sum(end - start for start, end in self.spans)
        open_since = self.tracker.machine.memory.since
        assert covered + (self.at - open_since) == pytest.approx(self.at - self.begun, abs=0.01)

    @invariant()
    def a_machine_that_never_changed_never_did(self) -> None:
        if len(self.truth) == 1:
            assert not {change.event for change in self.changes} & {Event.STOP, Event.START}


TestAnyNight = AnyNight.TestCase
TestAnyNight.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)


@pytest.mark.slow
class TestManyNights(AnyNight.TestCase):  # type: ignore[name-defined,misc]
    """The same, for longer."""

    settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def test_who_sleeps_just_after_a_restart_lost_no_signal() -> None:
    """Found by the machine above, once in some thousand nights."""
    night = AnyNight()
    night.watch_for_long(minutes=5)
    night.restart(seconds=7.75)
    night.sleep(seconds=9.0)

    assert night.tracker.machine.memory.reason is Reason.NOT_TRACKING


def test_a_picture_that_ends_our_own_absence_says_when_it_began() -> None:
    night = AnyNight()
    night.watch_for_long(minutes=5)
    night.restart(seconds=8.0)
    night.watch_for_long(minutes=5)

    assert [change.reason for change in night.changes[1:]] == [Reason.NOT_TRACKING, None, None]
