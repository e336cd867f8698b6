"""
How does a change reach people by e-mail?

One message to all recipients.  Where the server takes it for some of them only, the others are
tried again alone; after a restart in between everybody gets it again, under the same `Message-ID`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify import PostponedError
from motion_tracking.notify.enclosed import enclosed
from motion_tracking.notify.letter import letter
from motion_tracking.notify.log import in_words
from motion_tracking.notify.smtp import MailServer

log = logging.getLogger(__name__)

REMEMBERED = 100
"""Messages of which we know who has them, while the others wait."""


class Email:
    """Sends each announcement from `sender` to all `recipients`."""

    gathers: ClassVar[bool] = True
    shows_pictures: ClassVar[bool] = True

    def __init__(
        self, sender: str, recipients: Sequence[str], zone: tzinfo | None = None, **server: Any
    ) -> None:
        """`server` are the fields of a `MailServer`; times are shown in `zone`, or the system's."""
        self._sender = sender
        self._recipients = tuple(recipients)
        self._zone = zone
        self._server = MailServer(**server)
        self._have: dict[str, set[str]] = {}

    def __repr__(self) -> str:
        return f"Email({self._sender!r}, {self._recipients!r}, {self._server!r})"

    def send(self, announcement: Announcement) -> None:
        """Send it to those who do not have it yet."""
        change = announcement.change
        message = letter(
            self._sender,
            self._recipients,
            subject(announcement),
            change.detected_at.astimezone(self._zone),
            announcement.key,
        )
        message.set_content(text(announcement, self._zone), cte="quoted-printable")
        for name, data in enclosed(announcement):
            message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
        have = self._have.pop(announcement.key, set())
        waiting = [to for to in self._recipients if to not in have]
        errors = self._server.deliver(message, waiting)
        passing = [to for to, error in errors.items() if isinstance(error, PostponedError)]
        for to, error in errors.items():
            log.warning("email: %s did not get %s: %s", to, announcement.key, error)
        if passing:
            self._have[announcement.key] = {*self._recipients} - {*passing}
            while len(self._have) > REMEMBERED:
                del self._have[next(iter(self._have))]
            raise PostponedError(str(errors[passing[0]]))

    def close(self) -> None:
        """Nothing is kept open."""


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
    lines += ["", f"Noticed {_clock(change.detected_at, zone)}."]
    lines += [f"Plant: {announcement.site}", f"Message: {announcement.key}"]
    return "\n".join(lines) + "\n"


def _told(announcement: Announcement, zone: tzinfo | None) -> str:
    change = announcement.change
    return f"{_clock(change.occurred_at, zone)}  {change.machine}: {in_words(announcement)}"


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
