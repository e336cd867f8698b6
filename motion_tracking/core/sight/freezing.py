"""
Does the picture still come from the camera, or does somebody repeat an old one?

From keyframe to keyframe a live stream shows the noise of its sensor, by an amount of its own
that hardly varies.  A frozen one does not, encoded afresh or not.  So a stream is judged by its
own past; of one that shows no noise by nature nothing is said.
"""

from collections import deque

import numpy as np

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sight import Blindness, Doubt
from motion_tracking.core.sight.stirring import Stir, Stirring, differ

REMEMBERED = 128
"""Changes between pictures, two minutes or more of them, that say what is usual."""

LEARNED = 10
"""Changes, and twice as many seconds, after which something is known of a stream."""

USUAL = 0.1
"""Quantile of the past that is taken for what a live picture changes by at least."""

NOISELESS = 0.3
"""Grey levels; of a stream that usually changes by less nothing can be said."""

STILL = 0.15
"""Grey levels; what changes by less has not changed, or by the encoding only."""

ALIVE = 0.85
"""Part of the usual change that proves life."""

PROVEN, THAWED = 4, 3
"""So many such changes, about the same, after one was missing, and after the picture was frozen."""

STIRRED = 0.75
"""Part of the usual change of the liveliest places; more is life somewhere in the picture."""

DOUBTFUL_AFTER = 13.0
"""Seconds without any proof of life, as where keyframes are ten seconds apart."""

RESTLESS = 20.0
"""Seconds without one still change: alive at another level."""

SETTLED = 24.0
"""Seconds from the first change that was too small to the verdict, if it is clear."""

CONFIRMED = 16.0
"""The last seconds of these; the encoder of a frozen picture takes a while to come to rest."""

MOSTLY = 0.75
"""Part of the changes in that time that must be still."""

LONGEST = 52.0
"""Seconds to a verdict that is not clear; half must be still then."""

STEADY = 5
"""So many changes, and twice as many seconds, that are about the same: alive at another level."""

SPREAD = 0.1
"""Part of a change by which others may be smaller, to be about the same."""

ALIKE = 1.7
"""Times the usual change by which a frozen picture may differ from the last live one."""


class Freezing:
    """Finds a frozen picture in one channel."""

    def __init__(self) -> None:
        self._stirring = Stirring()
        self._past: deque[Stir] = deque(maxlen=REMEMBERED)
        self._unproven: deque[Stir] = deque(maxlen=REMEMBERED)
        self._usual: float | None = None
        self._noiseless: bool | None = None
        self._usual_most = 0.0
        self._alive_at: float | None = None
        self._live: Grey | None = None
        self._frozen = False

    @property
    def usual(self) -> float | None:
        """Grey levels that a live picture changes by at least; None where nothing can be said."""
        return self._usual

    @property
    def noiseless(self) -> bool | None:
        """Whether nothing can ever be said of such a stream; None before enough was seen of it."""
        return self._noiseless

    def look(self, frame: Frame) -> Blindness | Doubt | None:
        """Take one sample."""
        stir = self._stirring.take(frame)
        if stir is not None:
            self._judge(stir)
        if self._alive_at is None or self._usual is None:
            return None
        if self._frozen:
            return Blindness(Reason.FROZEN, self._alive_at)
        if self._unproven or frame.at - self._alive_at > DOUBTFUL_AFTER:
            return Doubt(self._alive_at)
        return None

    def forget(self) -> None:
        """Begin anew after a gap, but keep what is known of the stream."""
        self._stirring.forget()
        self._unproven.clear()
        self._alive_at = None
        self._frozen = False

    def _judge(self, stir: Stir) -> None:
        if self._usual is None:
            self._lives([stir])
            return
        self._alive_at = stir.before if self._alive_at is None else self._alive_at
        alive = ALIVE * self._usual
        proven = not self._unproven and stir.typical >= alive
        unlike = stir.typical if proven else max(stir.typical, self._unlikeness())
        if unlike > ALIKE * self._usual + 0.5:
            self._past.clear()  # the light went out, or the camera was moved: another picture
            proven = True
        if proven:
            self._lives([stir])
            return
        self._unproven.append(stir)
        self._settle(stir.at, alive)

    def _settle(self, at: float, alive: float) -> None:
        """Say, if it can be said yet, what it was that changed too little."""
        lasts = at - self._unproven[0].before
        recent = [stir for stir in self._unproven if stir.at > at - CONFIRMED]
        still = sum(self._is_still(stir) for stir in recent) / len(recent)
        again = THAWED if self._frozen else PROVEN
        if self._steady(again, 0.0, alive) or self._steady(STEADY, 2.0 * STEADY, STILL):
            # of a frozen picture nothing is to be learned; but from a doubt, that it arises
            self._lives(list(self._unproven)[-THAWED if self._frozen else 0 :])
        elif lasts >= SETTLED and still >= MOSTLY:
            self._frozen = True
        elif self._restless(at):
            self._lives([stir for stir in self._unproven if stir.at > at - RESTLESS])
        elif lasts >= LONGEST and not self._frozen:
            self._frozen = still >= 0.5
            if not self._frozen:
                self._lives(list(self._unproven))

    def _is_still(self, stir: Stir) -> bool:
        return stir.typical < STILL and stir.most < STIRRED * self._usual_most

    def _steady(self, count: int, seconds: float, least: float) -> bool:
        """Whether the last ones are about the same; those of a frozen picture jump and sink."""
        newest = self._unproven[-1].at
        last = [
            s
            for n, s in enumerate(reversed(self._unproven))
            if n < count or newest - s.at < seconds
        ]
        changes = [stir.typical for stir in last]
        enough = len(last) >= count and newest - last[-1].before >= seconds
        alike = min(changes) >= (1 - SPREAD) * max(changes)
        return enough and alike and min(changes) >= least

    def _restless(self, at: float) -> bool:
        restless = at - self._unproven[0].before >= RESTLESS
        return restless and not any(
            self._is_still(stir) for stir in self._unproven if stir.at > at - RESTLESS
        )

    def _lives(self, stirs: list[Stir]) -> None:
        """Take note of changes of a live picture, the newest last."""
        self._past.extend(stirs)
        self._unproven.clear()
        self._frozen = False
        self._live = self._stirring.still
        self._alive_at = stirs[-1].before
        self._usual = None
        learned = self._alive_at - self._past[0].before >= 2.0 * LEARNED
        if learned and len(self._past) >= LEARNED:
            usual = float(np.quantile([stir.typical for stir in self._past], USUAL))
            self._noiseless = usual < NOISELESS
            self._usual = None if self._noiseless else usual
            self._usual_most = float(np.quantile([stir.most for stir in self._past], USUAL))

    def _unlikeness(self) -> float:
        """By how many grey levels the picture differs from the last that was surely alive."""
        now, live = self._stirring.still, self._live
        if now is None or live is None or now.shape != live.shape:
            return float("inf")
        return differ(live, now)[0]
