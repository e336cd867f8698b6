"""
The one loop: sample -> score -> moving -> machine -> subscribers.

It knows the core and nothing else.  Pictures come from a mailbox, times with them, and what is
found goes to subscribers, who must not block.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from motion_tracking.core.changes import Change
from motion_tracking.core.detectors import Detector
from motion_tracking.core.heads import Attention
from motion_tracking.core.machine import KNOWN, Machine, MachineState, Reason, Transition
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.passing import PassersBy
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Blindness, Doubt, Sight

TICK = 0.5
"""Seconds between looks at the clock while no picture comes; each costs as much as a sample."""

AWAY = 8.0
"""Seconds between two looks at the clock after which it is us who were not there."""

CALM = 3.0
"""Seconds for which a machine must have done what it did before its channel is decoded less."""

SILENCE = 60.0
"""Seconds of a gap in a recording that are waited through; what comes after changes nothing."""


@dataclass(frozen=True, slots=True)
class Scored:
    """
    One judged sample; `at` monotonic seconds, `utc` seconds since 1970.

    `of_head`: it was judged by the head of its group of pictures, more was not decoded.
    """

    machine: str
    at: float
    utc: float
    score: int
    moving: bool
    of_head: bool = False


class Subscriber(Protocol):
    def scored(self, scored: Scored) -> None: ...

    def changed(self, change: Change) -> None: ...


class Mailbox(Protocol):
    def take(self, timeout: float) -> Mapping[str, Frame | Exception]: ...


class Tracker:
    """Follows one machine through the frames of its channel."""

    def __init__(
        self,
        name: str,
        roi: Roi,
        threshold: int,
        detector: Detector,
        machine: Machine,
        subscribers: Sequence[Subscriber] = (),
        size: tuple[int, int] | None = None,
        sight: Sight | None = None,
    ) -> None:
        """
        Watch `roi` of pictures of `size` (width, height); without one, of the first's size.

        `sight` is shared by all machines of the channel.
        """
        self.name = name
        self.threshold = threshold
        self.machine = machine
        self.score: int | None = None
        self.size = size
        self.paused = False
        """Whether people do not want the machine judged just now."""
        self.attention = Attention()
        """Where it is said that all is to be decoded; put that of the channel in its place."""
        self._roi = roi
        self._detector = detector
        self._subscribers = subscribers
        self._sight = sight or Sight()
        self._passers_by = PassersBy()
        self._last_at: float | None = None
        self._last_spared = False
        self._passed_over = 0.0

    @property
    def lags(self) -> tuple[float, ...]:
        """Seconds: samples are to bring the frames so long before them."""
        return self._detector.lags

    def frame(self, frame: Frame) -> None:
        """Judge one sample."""
        self.size = self.size or frame.size
        if self.paused or (self._last_at is not None and frame.at <= self._last_at):
            return  # what another machine wants to see again
        if frame.size != self.size or not self._roi.fits(*frame.size):
            self.blind(frame.at, frame.utc, Reason.GEOMETRY)
            return
        found = self._sight.look(frame)
        if isinstance(found, Blindness):
            self.blind(frame.at, frame.utc, found.reason, found.since)
            return
        self._judge(frame, isinstance(found, Doubt))

    def _judge(self, frame: Frame, doubtful: bool) -> None:
        """Judge one sample that may be seen; what is `doubtful` is held back."""
        passed_over = self._passed_over + frame.passed_over
        score = self._score(frame, passed_over)
        moving = None if score is None else score > self.threshold
        running = self.machine.state is MachineState.RUNNING
        if doubtful or self.machine.state not in KNOWN or moving is not running:
            self.attention.ask(frame.at + CALM)
            if frame.spared:
                return  # what was before it, and since the sample before, comes in full now
        if score is None and passed_over:
            self._passed_over = passed_over  # it has nothing to be compared with: the next one has
            return
        self._last_at, self._passed_over, self.score = frame.at, 0.0, score
        judged = self._passers_by.judged(moving, running, self._detector.passing)
        if doubtful:
            transitions = self.machine.hold(frame.at, judged, passed_over)
        else:
            transitions = self.machine.release(frame.at)
            transitions += self.machine.see(frame.at, judged, passed_over)
        if score is not None and moving is not None:
            scored = Scored(self.name, frame.at, frame.utc, score, moving, frame.spared)
            for subscriber in self._subscribers:
                subscriber.scored(scored)
        self._publish(transitions, frame.at, frame.utc)

    def _score(self, frame: Frame, passed_over: float) -> int | None:
        """Score a sample, as the first one where it does not follow the last."""
        last_at = frame.at if self._last_at is None else self._last_at
        if frame.at - last_at - passed_over > self.machine.rules.gap or self._last_spared:
            self._detector.forget()
        self._last_spared = frame.spared
        return self._detector.score(frame)

    def blind(self, at: float, utc: float, reason: Reason, since: float | None = None) -> None:
        """Take note that the machine cannot be seen, from `since` (else from `at`) on."""
        self.attention.ask(at + CALM)
        self._passed_over = 0.0
        self._detector.forget()
        if reason is Reason.LOST:
            self._sight.forget()
        self._publish(self.machine.blind(at, reason, since), at, utc)

    def away(self, at: float, utc: float, since: float) -> None:
        """Take note that nobody looked from `since` to now: we were stopped, or asleep."""
        # of a camera that was lost before we were nothing else is known now
        if self.machine.memory.reason in (None, Reason.NOT_TRACKING):
            self.blind(at, utc, Reason.NOT_TRACKING, since)

    def pause(self, at: float, utc: float) -> None:
        """Judge nothing until `resume`: a gap of our own, as if we were not running."""
        self.paused = True
        self.blind(at, utc, Reason.NOT_TRACKING)

    def resume(self) -> None:
        """Judge again, from the next sample on."""
        self.paused = False

    def tick(self, at: float, utc: float) -> None:
        """Let time pass without a frame."""
        self._publish(self.machine.pass_time(at), at, utc)

    def _publish(self, transitions: Iterable[Transition], at: float, utc: float) -> None:
        for transition in transitions:
            change = self._dated(transition, at, utc)
            for subscriber in self._subscribers:
                subscriber.changed(change)

    def _dated(self, transition: Transition, at: float, utc: float) -> Change:
        """Put a transition on the wall clock, of which `utc` was read when the other said `at`."""

        def date(seconds: float) -> datetime:
            return datetime.fromtimestamp(utc - (at - seconds), UTC)

        stopped_since = transition.stopped_since
        return Change(
            machine=self.name,
            from_state=transition.from_state,
            to_state=transition.to_state,
            reason=transition.reason,
            occurred_at=date(transition.occurred_at),
            detected_at=date(transition.detected_at),
            since=date(transition.since),
            stopped_since=None if stopped_since is None else date(stopped_since),
            woke=transition.woke,
            monotonic=transition.detected_at,
            score=self.score,
            threshold=self.threshold,
            moving_share=self.machine.moving_share,
        )


def track(
    mailbox: Mailbox,
    trackers: Mapping[str, Sequence[Tracker]],
    now: Callable[[], tuple[float, float]],
    over: Callable[[float], bool],
) -> None:
    """
    Run until `over`, asked with the monotonic time twice a second or more, says so.

    `trackers` are the machines of each channel in the mailbox; `now` gives (monotonic, UTC).
    """
    looked_at, _ = now()
    while True:
        taken = mailbox.take(TICK)
        at, utc = now()
        if at - looked_at > AWAY:
            for group in trackers.values():
                for tracker in group:
                    tracker.away(at, utc, looked_at)
        for channel, news in taken.items():
            at, utc = now()
            for tracker in trackers[channel]:
                if not isinstance(news, Frame):
                    tracker.blind(at, utc, Reason.LOST)
                elif at - looked_at <= AWAY or news.at > looked_at + AWAY:  # else from before
                    tracker.frame(news)
        at, utc = now()
        for group in trackers.values():
            for tracker in group:
                tracker.tick(at, utc)
        if over(at):
            return
        looked_at = at


def play(frames: Iterable[Frame], trackers: Sequence[Tracker], sampler: Sampler) -> None:
    """
    Take the frames of a recording through the very loop of `track`, on their own time.

    It runs as fast as `frames` come.  They must not raise: what was read before counts.
    """
    picked = map(sampler.pick, frames)
    tape = _Tape(sample for sample in picked if sample is not None)
    track(tape, {_Tape.CHANNEL: trackers}, tape.now, tape.over)


class _Tape:
    """Recorded samples as a mailbox, with a clock that moves on by itself while one waits."""

    CHANNEL = "tape"

    def __init__(self, samples: Iterator[Frame]) -> None:
        self._samples = samples
        self._next = next(samples, None)
        self._at, self._utc = (self._next.at, self._next.utc) if self._next else (0.0, 0.0)
        self._waited = 0.0
        self._taken = False

    def take(self, timeout: float) -> Mapping[str, Frame]:
        sample = self._next
        if sample is None:
            return {}
        if sample.at - self._at > timeout and self._waited < SILENCE:
            self._at, self._utc = self._at + timeout, self._utc + timeout
            self._waited += timeout
            return {}
        self._at, self._utc, self._waited = sample.at, sample.utc, 0.0
        self._taken = True
        return {self.CHANNEL: sample}

    def now(self) -> tuple[float, float]:
        return self._at, self._utc

    def over(self, _at: float) -> bool:
        if self._taken:
            # not before: what was said of the last one may change what is decoded
            self._next, self._taken = next(self._samples, None), False
        return self._next is None
