"""
Is a machine judged alike if only the heads of its groups of pictures are decoded?

What calibration recorded is played through the very engine of `run`: the machine stands, runs and
stands again, once with all samples and some times with those that heads would leave.  Any sample
may be the head of its group then, not only those at its beginning: where a group begins in the
cycle of a machine is another place tomorrow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import median

import numpy as np

from motion_tracking.commands.keeping import transition_of
from motion_tracking.core.calibration import Learned, Observation, head_scores, learn_heads
from motion_tracking.core.changes import Change
from motion_tracking.core.doubts import SEPARABLE
from motion_tracking.core.evidence import Evidence
from motion_tracking.core.heads import Attention, Group, Heads, Wanted, head_length, objection
from motion_tracking.core.machine import KNOWN, Machine, MachineState, Rules, Transition
from motion_tracking.core.motion import Frame
from motion_tracking.core.profile import Profile
from motion_tracking.core.sampling import PERIOD, Sampler
from motion_tracking.tracker import Scored, Tracker, play

REHEARSALS = 8
"""Times that heads are tried."""

LASTS = 45.0
"""Seconds of each state, at least, in a rehearsal; recordings are repeated as needed."""

LATER = 5.0
"""Seconds by which changes may be found later than with all pictures, in the middle."""

LATEST = 8.0
"""And by which no change may be found later."""

SEEN = 0.75
"""Part of the moments, at least, at which a running machine must be seen to move."""

DEAREST = 0.8
"""Part of the pictures above which it is not worth it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether heads do for a machine, in words; `part` of the pictures of a steady state."""

    profile: Profile
    words: str
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class _Take:
    """A recorded sample: what the detector says of it, and would, were it the end of a head."""

    score: int
    of_head: int | None
    passing: bool


class _Recorded:
    """A detector that has looked at all samples before; a frame's moment says which it is."""

    lags: tuple[float, ...] = ()

    def __init__(self, takes: Sequence[_Take]) -> None:
        self._takes = takes
        self.passing = False

    def score(self, frame: Frame) -> int | None:
        take = self._takes[round(frame.at / PERIOD)]
        self.passing = frame.spared and take.passing
        return take.of_head if frame.spared else take.score

    def forget(self) -> None:
        """There is nothing that it keeps."""


class _Changes:
    def __init__(self) -> None:
        self.found: list[Transition] = []

    def scored(self, _: Scored) -> None:
        """Only changes are compared."""

    def changed(self, change: Change) -> None:
        self.found.append(transition_of(change, lambda when: when.timestamp()))


def rehearsed(
    learned: Learned,
    running: Sequence[Observation],
    stopped: Sequence[Observation],
    group: Group | None,
    reason: str = "",
) -> Verdict:
    """
    Return the profile with heads if they do for it, without them if not, and say so.

    `group` is how the stream's groups of pictures are, None for `reason`.
    """
    profile = replace(learned.profile, heads=(), group=0.0)
    if group is None:
        return Verdict(profile, _all(reason or "it is not known how its key frames come"))
    candidate = learn_heads(profile, running, stopped, group)
    if candidate is None:
        return Verdict(profile, _all("too little was seen at the lags that heads need"))
    wanted = Wanted(min(lag.seconds for lag in candidate.heads))
    against = objection(group, wanted)
    if against:
        return Verdict(profile, _all(against))
    if Evidence(candidate.heads).margin < SEPARABLE:
        return Verdict(profile, _all("running and standing differ too little at short lags"))
    takes = {
        MachineState.RUNNING: _takes(candidate, learned.running, running),
        MachineState.STOPPED: _takes(candidate, learned.stopped, stopped),
    }
    moves = [t.of_head or 0 for t in takes[MachineState.RUNNING]]
    seen = sum(score > profile.threshold for score in moves) / len(moves)
    if seen < SEEN:
        return Verdict(profile, _all(f"it rests at {1 - seen:.0%} of the moments while it runs"))
    part, against = _compared(candidate, takes, group, head_length(group, wanted.lag))
    if against:
        return Verdict(profile, _all(against), part)
    words = f"decoded: one picture of {1 / part:.0f} while nothing changes"
    return Verdict(candidate, words, part)


def _all(reason: str) -> str:
    return f"decoded: all pictures, since {reason}"


def _takes(
    profile: Profile,
    scores: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    observations: Sequence[Observation],
) -> list[_Take]:
    heads = head_scores(profile, observations)
    return [_Take(int(s), *head) for s, head in zip(scores, heads, strict=True)]


def _compared(
    profile: Profile,
    takes: dict[MachineState, list[_Take]],
    group: Group,
    length: int,
) -> tuple[float, str]:
    """Return the part of the pictures that is decoded in steady states, and what is against it."""
    delays: list[float] = []
    parts = []
    for seed in range(REHEARSALS):
        random = Random(seed)
        film = _film(takes, group, random)
        usual = _watched(profile, film, group, None)
        heads = Heads[Frame](Wanted(0.0), Attention(), random, unasked=0.0)
        cheap = _watched(profile, film, group, heads)
        if [t.to_state for t in usual] != [t.to_state for t in cheap]:
            return 1.0, "changes would be missed, or found that are none"
        delays += [b.detected_at - a.detected_at for a, b in zip(usual, cheap, strict=True)]
        parts.append(heads.decoded / max(1, heads.came))
    steady = _steady(profile, takes, group, length)
    if median(delays) > LATER or max(delays) > LATEST:
        return steady, f"changes would be found up to {max(delays):.0f} s later"
    if steady > DEAREST:
        return steady, f"{steady:.0%} of them would be needed"
    return steady, ""


def _film(takes: dict[MachineState, list[_Take]], group: Group, random: Random) -> list[_Take]:
    """Return standing, running and standing, from somewhere in the recordings on."""
    film: list[_Take] = []
    for state in (MachineState.STOPPED, MachineState.RUNNING, MachineState.STOPPED):
        taken = takes[state]
        start = random.randrange(len(taken))
        count = round(max(LASTS, 3 * group.seconds) / PERIOD) + random.randrange(20)
        film += [taken[(start + n) % len(taken)] for n in range(count)]
    return film


def _watched(
    profile: Profile, film: Sequence[_Take], group: Group, heads: "Heads[Frame] | None"
) -> list[Transition]:
    changes = _Changes()
    machine = Machine(0.0, Rules(share=profile.share))
    detector = _Recorded(film)
    tracker = Tracker("", profile.roi, profile.threshold, detector, machine, [changes])
    if heads is not None:
        tracker.attention = heads.attention
    play(_frames(profile, film, group, heads), [tracker], Sampler(0.0))
    return [change for change in changes.found if change.to_state in KNOWN]


def _frames(
    profile: Profile, film: Sequence[_Take], group: Group, heads: "Heads[Frame] | None"
) -> Iterator[Frame]:
    luma = np.broadcast_to(np.uint8(0), profile.size[::-1])
    every = max(2, round(group.seconds / PERIOD))
    for n in range(len(film)):
        frame = Frame(luma, n * PERIOD, n * PERIOD, key=n % every == 0)
        if heads is None:
            yield frame
            continue
        for chosen in heads.take(frame, frame.key, frame.at):
            yield chosen.marked(chosen.packet)


def _steady(
    profile: Profile, takes: dict[MachineState, list[_Take]], group: Group, length: int
) -> float:
    """Return the part of the pictures that is decoded while the machine does what it did."""
    least = length / group.pictures
    parts = []
    for state, taken in takes.items():
        moves = state is MachineState.RUNNING
        wrong = [
            t.of_head is None or t.passing or (t.of_head > profile.threshold) is not moves
            for t in taken
        ]
        parts.append(min(1.0, least + 3.0 * sum(wrong) / len(wrong)))
    return sum(parts) / len(parts)
