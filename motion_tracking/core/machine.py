"""
When is a machine running, when is it stopped, and when do we not know?

Every rule of a transition is in this file; what there is to go by is the window's.  It is fed
with moments at which the picture was judged moving or still, and with moments at which it could
not be seen.

- The moving share of the last 30 s decides, with a dead band around the machine's `share`:
  inside it the state stays as it is.
- Edges are back-dated to the point in the window that parts moving from still best.  A machine
  that pauses between movements stops half a pause after its last, as far as anyone can tell.
  What lies before an edge has been judged: it does not count against the state that began there.
- Not seeing is not stopping: a gap empties the window, a long one is `no_signal`.
- What nobody is sure to have seen is held back, until it counts or is dropped.
- Nothing is decided until half a window has been seen; until then a new state is `unknown`.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from motion_tracking.core.pauses import Pauses
from motion_tracking.core.window import Window


class MachineState(StrEnum):
    """What a machine does, as far as the camera can tell."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEEP_SLEEP = "deep_sleep"  # stopped for 20 minutes
    NO_SIGNAL = "no_signal"  # cannot be seen; the reason says why
    UNKNOWN = "unknown"  # warming up: not enough seen yet

    @property
    def word(self) -> str:
        """How people read it: on screens, in reports, at the terminal."""
        named = "starting" if self is MachineState.UNKNOWN else self.value
        return named.replace("_", " ").upper()


class Reason(StrEnum):
    """Why a machine cannot be seen."""

    LOST = "lost"  # no new frames
    FROZEN = "frozen"  # frames, but the same picture
    COVERED = "covered"
    MOVED = "moved"  # the camera looks elsewhere
    GEOMETRY = "geometry"  # the picture has another size, or ends before the ROI
    PLACARD = "placard"  # the recorder's "no video" picture
    NOT_TRACKING = "not_tracking"  # our own program was not running


KNOWN = (MachineState.RUNNING, MachineState.STOPPED, MachineState.DEEP_SLEEP)
"""The states that say something of the machine."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a machine is judged.  Seconds, and shares of time between 0 and 1."""

    window: float = 30.0
    share: float = 0.5  # of the window that must move
    band: float = 0.15  # of `share`, either side: the state stays
    deep_sleep_after: float = 20 * 60.0
    gap: float = 2.0  # a longer one empties the window
    lost_after: float = 8.0  # the promise is 10 s; the rest is for noticing and storing it
    longest_doubt: float = 60.0  # what was held back for longer counts
    lasting: float = 0.0  # for so long after it ended, a movement is still to be seen

    def __post_init__(self) -> None:
        if not 0 < self.share * (1 + self.band) < 1:
            raise ValueError(f"share {self.share} leaves no room for the dead band")


@dataclass(frozen=True, slots=True)
class Transition:
    """
    One change of state.  Times are seconds of the machine's clock.

    `since` is when `from_state` began.  `stopped_since` is when the stop began that this
    transition starts, prolongs or ends; None where there is no stop.
    """

    from_state: MachineState
    to_state: MachineState
    reason: Reason | None
    occurred_at: float
    detected_at: float
    since: float
    stopped_since: float | None = None
    woke: bool = False  # a deep sleep ended with it


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What a machine must remember to go on after a restart; seconds of its clock.

    `seen_at` is the last frame, `decided_at` the last moment at which the window was full enough
    to stand by the state.  The stop and the sleep outlive a lost signal, until the machine runs.
    """

    state: MachineState
    reason: Reason | None
    since: float
    seen_at: float | None = None
    decided_at: float | None = None
    stopped_since: float | None = None
    asleep: bool = False


class Machine:
    """Turns moving and still frames into running and stopped; the clock is the caller's."""

    def __init__(self, at: float, rules: Rules | None = None, memory: Memory | None = None) -> None:
        """Start at `at`, knowing nothing, or going on from `memory`."""
        self.rules = rules or Rules()
        self._there_since = at
        self._memory = memory or Memory(MachineState.UNKNOWN, None, at)
        self._window = Window()
        self._judged_until = at
        self._pauses = Pauses()
        self._held: deque[tuple[float, bool | None, float]] = deque()

    @property
    def state(self) -> MachineState:
        return self._memory.state

    @property
    def memory(self) -> Memory:
        """What to keep so that another `Machine` can go on from here."""
        return self._memory

    @property
    def moving_share(self) -> float | None:
        """The part of the seen window that moved; None before anything was seen."""
        seen = self._window.seen
        return self._window.moving / seen if seen > 0 else None

    def see(self, at: float, moving: bool | None, passed_over: float = 0.0) -> list[Transition]:
        """
        Take one frame seen at `at`: moving, still, or None where it has no past to judge by.

        In the `passed_over` seconds before it there were pictures, which nobody wanted to see: it
        speaks for them.  Return the transitions it causes, oldest first.  Time must not go back.
        """
        transitions = self.pass_time(at)
        before = self._memory.seen_at
        if before is not None and at - before - passed_over > self.rules.gap:
            self._window.clear()
        self._memory = replace(self._memory, seen_at=at)
        if self.state is MachineState.NO_SIGNAL:
            self._window.clear()
            transitions.append(self._enter(MachineState.UNKNOWN, at, at))
        elif (
            moving is not None
            and before is not None
            and 0 < at - before <= self.rules.gap + passed_over
        ):
            running = self.state is MachineState.RUNNING
            if passed_over and self.state in KNOWN and moving is not running:
                middle = at - passed_over / 2  # when it changed nobody saw
                self._window.take(before, middle, not moving)
                before = middle
            self._window.take(before, at, moving)
            if self.state is MachineState.RUNNING:
                self._pauses.take(before, at, moving)
        self._window.drop_before(max(at - self.rules.window, self._judged_until))
        transitions.extend(self._decide(at))
        return transitions

    def hold(self, at: float, moving: bool | None, passed_over: float = 0.0) -> list[Transition]:
        """
        Take one frame as `see` does, of which nobody knows yet whether it shows the machine.

        It waits for `release`, or is dropped by `blind`; after `longest_doubt` it counts.
        """
        transitions = self.pass_time(at)
        self._held.append((at, moving, passed_over))
        if at - self._held[0][0] > self.rules.longest_doubt:
            transitions += self.release(at)
        return transitions

    def release(self, at: float) -> list[Transition]:
        """Let what was held count, each at its own time; what follows is found out `at`."""
        held, self._held = self._held, deque()
        found = [transition for judged in held for transition in self.see(*judged)]
        return [replace(transition, detected_at=at) for transition in found]

    def pass_time(self, at: float) -> list[Transition]:
        """
        Let time pass without a frame; too much of it is a lost signal.

        Of a silence that began before we did, the first part is our own absence.
        """
        last = self._held[-1][0] if self._held else self._quiet_since
        if at - last <= self.rules.lost_after:
            return []
        if last >= self._there_since:
            return self._lose_sight(at, Reason.LOST, None)
        if self.state is not MachineState.NO_SIGNAL:
            return self._lose_sight(at, Reason.NOT_TRACKING, last)
        silent = at - self._there_since > self.rules.lost_after
        if silent and self._memory.reason is Reason.NOT_TRACKING:
            return [self._enter(MachineState.NO_SIGNAL, self._there_since, at, Reason.LOST)]
        return []

    def blind(self, at: float, reason: Reason, since: float | None = None) -> list[Transition]:
        """
        Say that the machine cannot be seen, from `since` on.

        Without `since`, a lost signal is dated back to the last frame, all else to `at`.
        """
        if reason is Reason.NOT_TRACKING:
            self._there_since = at
        return self._lose_sight(at, reason, since)

    def _lose_sight(self, at: float, reason: Reason, since: float | None) -> list[Transition]:
        if self.state is MachineState.NO_SIGNAL and (
            self._memory.reason is reason or reason is Reason.LOST
        ):
            return []  # silence explains nothing that is not known already
        if since is None:  # what was before we were there is no fault of the camera's
            since = max(self._quiet_since, self._there_since) if reason is Reason.LOST else at
        self._held.clear()
        self._window.clear()
        return [self._enter(MachineState.NO_SIGNAL, since, at, reason)]

    @property
    def _quiet_since(self) -> float:
        seen_at = self._memory.seen_at
        return self._memory.since if seen_at is None else seen_at

    def _decide(self, at: float) -> Iterator[Transition]:
        seen = self._window.seen
        if seen < self.rules.window / 2:
            decided_at = self._memory.decided_at
            stale = decided_at is None or at - decided_at > 2 * self.rules.window
            if self.state in KNOWN and stale:
                # frames come, but never enough of them in a row to stand by the old state
                yield self._enter(MachineState.UNKNOWN, decided_at or at, at)
            return
        decided = self._majority(seen)
        if decided is MachineState.RUNNING and self.state is not MachineState.RUNNING:
            yield self._run(at)
        elif decided is MachineState.STOPPED and self.state not in (
            MachineState.STOPPED,
            MachineState.DEEP_SLEEP,
        ):
            yield self._stop(at)
        if self.state in KNOWN:
            self._memory = replace(self._memory, decided_at=at)
        stopped_since = self._memory.stopped_since
        if self.state is MachineState.STOPPED and stopped_since is not None:
            due = stopped_since + self.rules.deep_sleep_after
            if at >= due:
                yield self._enter(MachineState.DEEP_SLEEP, due, at, stopped_since=stopped_since)

    def _majority(self, seen: float) -> MachineState | None:
        share = self._window.moving / seen
        rules = self.rules
        if share > rules.share * (1 + rules.band):
            return MachineState.RUNNING
        if share < rules.share * (1 - rules.band):
            return MachineState.STOPPED
        full = seen >= rules.window * 0.99
        if self.state is MachineState.UNKNOWN and full and share != rules.share:
            # no state to keep, and a whole window seen: the plain majority has to do
            return MachineState.RUNNING if share > rules.share else MachineState.STOPPED
        return None

    def _run(self, at: float) -> Transition:
        memory = self._memory
        transition = self._enter(
            MachineState.RUNNING,
            self._window.edge(self.rules.share, +1),
            at,
            stopped_since=memory.stopped_since,
            woke=memory.asleep,
        )
        self._memory = replace(self._memory, stopped_since=None, asleep=False)
        self._judged_until = transition.occurred_at
        return transition

    def _stop(self, at: float) -> Transition:
        memory = self._memory
        seen = max(self._window.edge(self.rules.share, -1), memory.since)
        self._judged_until = min(seen + self._pauses.usual / 2, at)
        edge = max(self._judged_until - self.rules.lasting, memory.since)
        if self._stop_goes_on(edge):
            state = MachineState.DEEP_SLEEP if memory.asleep else MachineState.STOPPED
            return self._enter(state, edge, at, stopped_since=memory.stopped_since)
        self._memory = replace(memory, stopped_since=edge, asleep=False)
        return self._enter(MachineState.STOPPED, edge, at, stopped_since=edge)

    def _stop_goes_on(self, edge: float) -> bool:
        """
        Whether a stop seen from `edge` on is the one that was going on when the picture went.

        So it is taken where nothing moved since the picture came back, unless we were blind for
        longer than the deep sleep's limit: then the machine may well have run meanwhile.
        """
        memory = self._memory
        return (
            memory.stopped_since is not None
            and memory.decided_at is not None
            and edge - memory.since < self.rules.gap
            and edge - memory.decided_at <= self.rules.deep_sleep_after
        )

    def _enter(
        self,
        state: MachineState,
        occurred_at: float,
        at: float,
        reason: Reason | None = None,
        *,
        stopped_since: float | None = None,
        woke: bool = False,
    ) -> Transition:
        memory = self._memory
        self._pauses.end()
        occurred_at = max(min(occurred_at, at), memory.since)
        at = max(at, occurred_at)
        transition = Transition(
            memory.state, state, reason, occurred_at, at, memory.since, stopped_since, woke
        )
        self._memory = replace(
            memory,
            state=state,
            reason=reason,
            since=occurred_at,
            asleep=memory.asleep or state is MachineState.DEEP_SLEEP,
        )
        return transition
