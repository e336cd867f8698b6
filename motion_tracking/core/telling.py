"""
Which changes of a machine are told in one message, and when may it go?

Nobody reads twelve alerts about one recorder, one every ten seconds about a loose cable, or a
hundred about a day on which the receiver was down.  So, for notifiers that people read:

- A lost signal is held for a moment, one that is back for a little longer: meanwhile the other
  machines of the recorder join, and what comes and goes becomes one message.
- After a message about its signal a machine is quiet for ten minutes.  One exception: an alert
  that came after twenty quiet ones is followed by its all-clear.
- What happens to the machine itself waits for none of this; it takes along what was held.
- What nobody could be told for an hour is one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from motion_tracking.core.changes import Event

SETTLING = {Event.NO_SIGNAL: 15.0, Event.SIGNAL_BACK: 45.0}
"""Seconds for which a signal must stay lost, or back, before it is told."""

LONGEST_SETTLING = 60.0
"""Seconds after which it is told though it does not settle."""

QUIET = 10 * 60.0
"""Seconds between two messages about the signal of a machine."""

STALE = 60 * 60.0
"""Seconds after which what waits is told together."""

SIGNALS = frozenset(SETTLING)
"""The events that say nothing of the machine, only whether it can be seen."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that has yet to be told; `detected` in seconds since 1970."""

    id: int
    event: Event
    detected: float


@dataclass(frozen=True, slots=True)
class Told:
    """A message about the signal of a machine that has been delivered, and when."""

    event: Event
    at: float


def first_message(
    waiting: Sequence[Waiting], told: Sequence[Told], now: float
) -> Sequence[Waiting]:
    """
    Return the first of a machine's changes that may be told now, together; none if all must wait.

    `waiting` come in their order, `told` newest first; only the two newest matter.
    """
    stale = list(takewhile(lambda change: now - change.detected > STALE, waiting))
    if len(stale) > 1:
        return stale
    signals = signals_first(waiting)
    if len(signals) < len(waiting):
        return waiting[: len(signals) + 1]
    if signals and _ripe(signals, told, now):
        return signals
    return ()


def signals_first(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """Return what is only about the signal, up to the first that is about the machine."""
    return list(takewhile(lambda change: change.event in SIGNALS, waiting))


def _ripe(signals: Sequence[Waiting], told: Sequence[Told], now: float) -> bool:
    first, last = signals[0], signals[-1]
    settled = not _within(last.detected, now, SETTLING[last.event])
    if told and _within(told[0].at, now, QUIET):
        first_alert = len(told) == 1 or told[0].at - told[1].at >= 2 * QUIET
        all_clear = last.event is Event.SIGNAL_BACK and told[0].event is Event.NO_SIGNAL
        return settled and all_clear and first_alert
    return settled or not _within(first.detected, now, LONGEST_SETTLING)


def _within(moment: float, now: float, seconds: float) -> bool:
    """Whether it was so recently; what lies in the future was before the clock was set back."""
    return 0 <= now - moment < seconds
