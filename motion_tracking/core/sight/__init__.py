"""
Sight: does the picture show what is before the camera, or does it lie?

A watch knows one way in which a picture that comes regularly may still show nothing of the
machine.  It looks at whole pictures, one sample after the other, and is shared by all machines of
a channel.  To add one, write one file and one line in `WATCHES`; `tests/test_sight.py` finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey


@dataclass(frozen=True, slots=True)
class Blindness:
    """Why the machine cannot be seen, and since when, in monotonic seconds."""

    reason: Reason
    since: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """
    Whether the machine can be seen is not known yet; last sure of it `since`, monotonic seconds.

    What is judged meanwhile is held back: to count when the doubt clears, and to be dropped when
    it turns into blindness.
    """

    since: float


class Watch(Protocol):
    def look(self, frame: Frame) -> Blindness | Doubt | None:
        """Take one sample; say what keeps us from seeing, None if nothing is known to."""

    def forget(self) -> None:
        """Take note of a gap: the next sample does not follow the last one."""


@runtime_checkable
class Recalling(Protocol):
    """A watch that wants to know how the view looked before."""

    def recall(self, views: Sequence[Grey]) -> None:
        """Take miniatures of the whole picture, as calibration left them; the newest last."""


WATCHES: dict[str, str] = {
    "placard": "motion_tracking.core.sight.placard:Placard",
    "freezing": "motion_tracking.core.sight.freezing:Freezing",
    "view": "motion_tracking.core.sight.view:View",
}
"""The first that finds something is believed."""


def open_watches(views: Sequence[Grey] = ()) -> list[Watch]:
    """Build a watch of each kind in `WATCHES`, for one channel, known to look like `views`."""
    watches = [_built(place) for place in WATCHES.values()]
    for watch in watches:
        if isinstance(watch, Recalling):
            watch.recall(views)
    return watches


def _built(place: str) -> Watch:
    module, _, name = place.partition(":")
    return cast(Watch, getattr(import_module(module), name)())


class Sight:
    """What all watches of a channel say, asked once for each sample by each of its machines."""

    def __init__(self, watches: Sequence[Watch] = ()) -> None:
        self._watches = watches
        self._last: Frame | None = None
        self._found: Blindness | Doubt | None = None

    def look(self, frame: Frame) -> Blindness | Doubt | None:
        """Say what keeps us from seeing, or may; no moment is looked at twice."""
        if self._last is None or frame.at > self._last.at:
            self._found = self._asked(frame)
            self._last = frame
        return self._found

    def _asked(self, frame: Frame) -> Blindness | Doubt | None:
        """
        Ask one watch after the other, until one finds something.

        What may be a lie the others do not see, and what is one is a gap to them.
        """
        found: Blindness | Doubt | None = None
        for watch in self._watches:
            if found is None:
                found = watch.look(frame)
            elif isinstance(found, Blindness):
                watch.forget()
        return found

    def forget(self) -> None:
        """Take note of a gap before the next sample."""
        self._last = None
        for watch in self._watches:
            watch.forget()
