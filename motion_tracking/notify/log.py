"""
How does a change get into the program's own output?
"""

import logging
from typing import ClassVar

from motion_tracking.core.changes import Announcement, Event, human_duration

EVENTS = logging.getLogger("motion_tracking.events")


class Log:
    """One line an event on the logger of events; its fields go along for JSON logs."""

    gathers: ClassVar[bool] = False

    def send(self, announcement: Announcement) -> None:
        """Log it; never fails."""
        change = announcement.change
        EVENTS.info(
            "%s: %s",
            change.machine,
            in_words(announcement),
            extra={
                "event": announcement.event.value,
                "camera": change.machine,
                "state": change.to_state.value,
                "was": change.from_state.value,
                "reason": change.reason.value if change.reason else None,
                "occurred_at": change.occurred_at.isoformat(),
                "key": announcement.key,
            }
            | ({"clip": announcement.clip.path} if announcement.clip else {}),
        )

    def close(self) -> None:
        """There is nothing to let go of."""


def in_words(announcement: Announcement) -> str:
    """Say what happened in a few words, as they are read on a terminal."""
    change = announcement.change
    stood = human_duration(change.stopped_for or 0.0)
    match announcement.event:
        case Event.STOP:
            return f"stopped, after running for {human_duration(change.lasted)}"
        case Event.START:
            return f"running again, after a stop of {stood}"
        case Event.DEEP_SLEEP:
            return f"deep sleep, stopped for {stood}"
        case Event.WAKE_UP:
            return f"running again, after a deep sleep; it stood for {stood}"
        case Event.NO_SIGNAL:
            return f"no signal: {change.reason}"
        case Event.SIGNAL_BACK:
            return f"signal back, after {human_duration(change.lasted)}"
        case Event.CLIP:
            return f"clip, {announcement.message}"
