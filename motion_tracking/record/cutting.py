"""
Which stretch of a channel is to become a clip, and which wishes are fulfilled by one?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from motion_tracking.core.changes import Change
from motion_tracking.core.clips import Trigger
from motion_tracking.core.footage import Packet
from motion_tracking.record.clips import Audience
from motion_tracking.record.remux import Film

SETTLING = 5.0
"""Seconds that a clip waits for more wishes, if its end has not come by then."""


class Tape(Protocol):
    """What a channel sent of late; any thread may ask."""

    def first(self, at: float) -> int | None:
        """Return the number of the key picture with which a clip begins that is to show `at`."""

    def read(self, number: int) -> Sequence[Packet]:
        """Return some pictures from a number on; empty if there are none yet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """
    Video of a channel that is to be kept, from `start` to `end`, at most `longest` seconds of it.

    Times are monotonic seconds.  `event` is when it happened what it is kept for; `change` the
    transition, where it is one.  A picture is wanted of each of the moments `stills`; without
    `film` nothing else is.  Of another process's machine, `audience` is told.
    """

    channel: str
    machine: str
    trigger: Trigger
    event: float
    start: float
    end: float
    longest: float
    change: Change | None = None
    stills: tuple[float, ...] = ()
    film: bool = True
    audience: Audience | None = None


class Cut:
    """A clip on its way: wanted, waiting, or being written."""

    def __init__(self, wish: Wish, tape: Tape, at: float) -> None:
        self.tape = tape
        self.wishes = [wish]
        self.start, self.end = wish.start, wish.end
        self.begins_at = at + SETTLING
        self.next: int | None = None
        self.film: Film | None = None
        self.first: Packet | None = None
        self.room = 0
        self.over = False

    def takes(self, wish: Wish) -> bool:
        """Take one more wish, if one clip can fulfil it with the others."""
        begun = self.start if self.first is None else self.first.at
        longest = max(wish.longest, *(other.longest for other in self.wishes))
        if any(event_of(wish) == event_of(other) for other in self.wishes):
            self.end = max(self.end, min(wish.end, begun + longest))
            return True
        if self.first is None:
            begun = min(begun, wish.start)
        end = max(self.end, wish.end)
        if wish.start < begun or wish.start > self.end or end - begun > longest:
            return False
        self.start, self.end = begun, end
        self.wishes.append(wish)
        return True

    def due(self, at: float) -> bool:
        return self.film is not None or at >= min(self.end, self.begins_at)


def event_of(wish: Wish) -> tuple[str, Trigger, float]:
    """Return what a wish is about: wishes for more of the same have the same."""
    return wish.machine, wish.trigger, wish.event
