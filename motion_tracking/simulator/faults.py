"""
What goes wrong with a channel, and when?

Faults are data: of a kind, at a moment, for some time; seconds count from the start of the
camera.  One that is triggered live is a fault whose moment is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite
from random import Random


class Kind(StrEnum):
    """How a channel can fail."""

    STALL = "stall"  # the connection stays, nothing comes
    FREEZE = "freeze"  # the last keyframe again and again
    CLOSE = "close"  # all clients are thrown out; they may come back
    SILENCE = "silence"  # DESCRIBE is never answered
    SIZE = "size"  # pictures of another `size`
    JUMP = "jump"  # time stamps leap by `amount` seconds, and stay so
    LIMIT = "limit"  # no more than `amount` sessions: 453
    REFUSE = "refuse"  # as if there was no such channel: 404
    DAMAGE = "damage"  # bits turned over in `amount` (0..1) of the pictures
    KEYLESS = "keyless"  # `amount` (0..1) of the key frames are lost
    MIDWAY = "midway"  # who joins gets what comes next, be it a key frame or not
    SLOW = "slow"  # an overloaded recorder: one picture a second
    CLOCK = "clock"  # time stamps stand still


_SHARES = frozenset({Kind.DAMAGE, Kind.KEYLESS})

INSTANT = frozenset({Kind.CLOSE, Kind.JUMP})
"""Kinds that happen at a moment, rather than last."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault from `at` on, for `seconds`; raises `ValueError` for what makes no sense.

    What changes the picture begins at once, but ends with the next keyframe, at a whole second.
    """

    kind: Kind
    at: float = 0.0
    seconds: float = inf
    amount: float = 0.0
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        if not isfinite(self.at) or not self.seconds > 0 or not isfinite(self.amount):
            raise ValueError(f"a fault needs a moment and a length: {self}")
        if (self.kind is Kind.SIZE) != (self.size is not None):
            raise ValueError(f"a size belongs to a fault of kind `size`, and to no other: {self}")
        if self.kind is Kind.JUMP and not self.amount:
            raise ValueError(f"a jump needs an amount, in seconds: {self}")
        if self.kind is Kind.LIMIT and (self.amount < 0 or self.amount % 1):
            raise ValueError(f"a limit needs an amount, a number of sessions: {self}")
        if self.kind in _SHARES and not 0 < self.amount <= 1:
            raise ValueError(f"{self.kind} needs an amount, a share above 0 and up to 1: {self}")


class Faults:
    """The faults of one channel, scripted and live; not safe for several threads."""

    def __init__(self, scripted: Iterable[Fault] = ()) -> None:
        self._faults = list(scripted)

    def add(self, fault: Fault) -> None:
        """Let one more go wrong."""
        self._faults.append(fault)

    def end(self, now: float, kind: Kind | None = None) -> None:
        """End what lasts now, of one kind or of all; what is still to come stays."""
        self._faults = [
            replace(fault, seconds=max(now - fault.at, 1e-9))
            if self._lasts(fault, now) and kind in (None, fault.kind)
            else fault
            for fault in self._faults
        ]

    def active(self, kind: Kind, now: float) -> Fault | None:
        """Return the fault of this kind that lasts now; of several the one added last."""
        for fault in reversed(self._faults):
            if fault.kind is kind and self._lasts(fault, now):
                return fault
        return None

    def jumped(self, now: float) -> float:
        """Return the seconds by which time stamps are off."""
        return sum(f.amount for f in self._faults if f.kind is Kind.JUMP and f.at <= now)

    def strikes(self, kind: Kind, n: int, now: float) -> bool:
        """Whether a fault that takes its share strikes picture `n`; the same for all clients."""
        fault = self.active(kind, now)
        return fault is not None and Random(f"{kind} {n}").random() < fault.amount

    def stood_since(self, now: float) -> float | None:
        """Return the moment at which time stamps stopped; None if they go on."""
        fault = self.active(Kind.CLOCK, now)
        return None if fault is None else fault.at

    def happened(self, kind: Kind, after: float, until: float) -> bool:
        """Whether an instant fault fell into the time after `after`, up to `until`."""
        return any(f.kind is kind and after < f.at <= until for f in self._faults)

    @staticmethod
    def _lasts(fault: Fault, now: float) -> bool:
        return fault.kind not in INSTANT and fault.at <= now < fault.at + fault.seconds
