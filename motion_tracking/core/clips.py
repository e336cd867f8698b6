"""
What is a clip, and which stretch of time does it show?
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

JPEG = "jpeg"


class Trigger(StrEnum):
    """Why video is kept."""

    STOP = "stop"
    START = "start"
    DEEP_SLEEP = "deep_sleep"
    WAKE_UP = "wake_up"
    NO_SIGNAL = "no_signal"  # what was seen last
    SIGNAL_BACK = "signal_back"
    MOTION = "motion"  # from the first moving sample until nothing moves any more
    MANUAL = "manual"  # somebody asked for it

    @property
    def in_words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Extent:
    """
    How much of an event is shown, in seconds: `before` it, `after` it, and at most `longest`.

    With a `length` each clip is so long, whatever the event.
    """

    before: float = 3.0
    after: float = 3.0
    longest: float = 120.0
    length: float | None = None

    def span(self, begin: float, end: float) -> tuple[float, float]:
        """Return from when to when a clip goes whose event goes from `begin` to `end`."""
        start = begin - self.before
        if self.length is not None:
            return start, start + self.length
        return start, min(end + self.after, start + self.longest)

    @property
    def most(self) -> float:
        """Seconds that no clip is longer than, but for what leads up to its key picture."""
        return self.longest if self.length is None else self.length


@dataclass(frozen=True, slots=True)
class Clip:
    """
    A piece of video that is on the disk, or a picture.  Times are aware, in UTC.

    A picture's codec is jpeg, and it ends where it starts.
    `file` is its path below the folder of video, `folder` where that was when it was made.
    `shown` are the machines that something happened to, and what.
    """

    id: int
    file: str
    folder: str
    start: datetime
    end: datetime
    bytes: int
    codec: str
    size: tuple[int, int]
    shown: tuple[tuple[str, Trigger], ...] = ()

    @property
    def path(self) -> str:
        """Where it was put, with forward slashes only."""
        return f"{self.folder.rstrip('/')}/{self.file}"

    @property
    def is_picture(self) -> bool:
        return self.codec == JPEG

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def machines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(machine for machine, _ in self.shown))

    @property
    def triggers(self) -> str:
        """What happened, in words."""
        return ", ".join(dict.fromkeys(trigger.in_words for _, trigger in self.shown))


def triggers_in_words(triggers: Iterable[Trigger]) -> str:
    """Write a set of triggers as the INI file has it."""
    chosen = set(triggers)
    return " ".join(trigger.value for trigger in Trigger if trigger in chosen) or "none"
