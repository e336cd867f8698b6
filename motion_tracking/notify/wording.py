"""
How is a change told to people, in a line and in full?
"""

from datetime import datetime, tzinfo

from motion_tracking.core.changes import Announcement
from motion_tracking.notify.log import in_words


def subject(announcement: Announcement) -> str:
    """Say what happened where, as it is read in a list of messages."""
    site = "" if announcement.site == "site" else f" ({announcement.site})"
    return f"{announcement.whose}: {in_words(announcement)}{site}"


def text(announcement: Announcement, zone: tzinfo | None = None) -> str:
    """Say it in full: what, since when, noticed when, and what else happened."""
    lines = [_told(announcement, zone)]
    for other in announcement.others:
        lines.append(_told(other, zone))
    change = announcement.change
    if announcement.clip is not None:
        lines += ["", announcement.clip.path]
    if announcement.link:
        lines += ["", announcement.link]
    lines += ["", f"Noticed {_clock(change.detected_at, zone)}."]
    lines += [f"Plant: {announcement.site}", f"Message: {announcement.key}"]
    return "\n".join(lines) + "\n"


def _told(announcement: Announcement, zone: tzinfo | None) -> str:
    change = announcement.change
    return f"{_clock(change.occurred_at, zone)}  {change.machine}: {in_words(announcement)}"


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
