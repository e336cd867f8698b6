"""What holds of a machine whatever happens: random frames, gaps, losses, restarts."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from motion_tracking.core.machine import (
    KNOWN,
    Machine,
    MachineState,
    Reason,
    Transition,
)
from motion_tracking.core.remembering import recall
from motion_tracking.core.sampling import Sampler


class AnyDay(RuleBasedStateMachine):
    """A machine, its camera and its tracker on any day."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.machine = Machine(0.0)
        self.transitions: list[Transition] = []
        self.frames: list[tuple[float, bool]] = []

    def take(self, transitions: list[Transition]) -> None:
        for transition in transitions:
            self.check(transition)
            self.transitions.append(transition)

    def check(self, transition: Transition) -> None:
        """Intervals tile time, and each rests on evidence."""
        before = self.transitions[-1] if self.transitions else None
        assert transition.from_state is (before.to_state if before else MachineState.UNKNOWN)
        assert transition.since == (before.occurred_at if before else 0.0)
        assert transition.since <= transition.occurred_at <= transition.detected_at
        assert (transition.reason is not None) == (transition.to_state is MachineState.NO_SIGNAL)
        window = [m for t, m in self.frames if t >= transition.detected_at - 31.0]
        if transition.to_state is MachineState.RUNNING:
            assert any(window)
        if transition.to_state is MachineState.STOPPED:
            assert not all(window)
        if transition.to_state is MachineState.DEEP_SLEEP:
            assert transition.stopped_since is not None
            assert transition.detected_at - transition.stopped_since >= 20 * 60
        if transition.reason is Reason.LOST:
            assert transition.detected_at - transition.occurred_at > 8.0

    @rule(
        seconds=st.floats(1, 90),
        step=st.sampled_from([0.04, 0.2, 0.5, 1.0, 1.9]),
        share=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
        random=st.randoms(use_true_random=False),
    )
    def watch(self, seconds: float, step: float, share: float, random: object) -> None:
        if step < 0.2:
            seconds = min(seconds, 20.0)
        end = self.at + seconds
        while self.at < end:
            self.at += step
            moving = random.random() < share  # type: ignore[attr-defined]
            self.frames.append((self.at, moving))
            self.take(self.machine.see(self.at, moving))

    @rule(seconds=st.floats(0.1, 4000))
    def go_dark(self, seconds: float) -> None:
        end = self.at + seconds
        self.at += min(seconds, 9.0)
        self.take(self.machine.pass_time(self.at))
        self.at = end
        self.take(self.machine.pass_time(self.at))

    @rule(reason=st.sampled_from([Reason.GEOMETRY, Reason.FROZEN]))
    def see_nothing(self, reason: Reason) -> None:
        self.take(self.machine.blind(self.at, reason))

    @rule(seconds=st.floats(0.1, 3000))
    def restart(self, seconds: float) -> None:
        seen_at = self.machine.memory.seen_at
        memory = recall(reversed(self.transitions), seen_at)
        if memory is None:
            return
        assert memory.state is self.machine.state
        assert memory.stopped_since == self.machine.memory.stopped_since
        assert memory.asleep == self.machine.memory.asleep
        self.at += seconds
        self.machine = Machine(self.at, memory=memory)
        if seen_at is not None and self.at - seen_at > 8.0:
            self.take(self.machine.blind(self.at, Reason.NOT_TRACKING, seen_at))

    @invariant()
    def the_state_is_what_the_transitions_say(self) -> None:
        said = self.transitions[-1].to_state if self.transitions else MachineState.UNKNOWN
        assert self.machine.state is said

    @invariant()
    def no_state_outlives_its_evidence(self) -> None:
        memory = self.machine.memory
        if self.machine.state in KNOWN and memory.seen_at is not None:
            assert memory.decided_at is not None
            assert memory.seen_at - memory.decided_at <= 62.0


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)


@pytest.mark.slow
class TestManyDays(AnyDay.TestCase):  # type: ignore[name-defined,misc]
    """The same, for longer than there is patience between two edits."""

    settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


def shift(fps: float, runs: Callable[[float], bool], seconds: float) -> list[Transition]:
    machine, sampler = Machine(0.0), Sampler(0.0)
    transitions: list[Transition] = []
    for n in range(int(seconds * fps)):
        at = n / fps
        if sampler.take(at):
            transitions += machine.see(at, runs(at))
    return transitions


@settings(max_examples=10, deadline=None)
@given(spans=st.lists(st.integers(40, 200), min_size=1, max_size=3))
def test_the_frame_rate_does_not_move_the_transitions(spans: list[int]) -> None:
    edges = [sum(spans[: n + 1]) for n in range(len(spans))]

    def runs(at: float) -> bool:
        return sum(at >= edge for edge in edges) % 2 == 0

    reference = shift(25.0, runs, edges[-1] + 40)
    for fps in (5.0, 12.0):
        transitions = shift(fps, runs, edges[-1] + 40)

        assert [t.to_state for t in transitions] == [t.to_state for t in reference]
        assert len(transitions) == len(edges) + 1
        for ours, theirs, true in zip(transitions, reference, [0, *edges], strict=True):
            assert ours.occurred_at == pytest.approx(theirs.occurred_at, abs=1.0)
            assert ours.detected_at == pytest.approx(theirs.detected_at, abs=1.0)
            assert ours.occurred_at == pytest.approx(true, abs=1.0)
