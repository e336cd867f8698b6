"""
How does a change reach people by e-mail?

One message to all recipients.  Where the server takes it for some of them only, the others are
tried again alone; after a restart in between everybody gets it again, under the same `Message-ID`.
"""

import logging
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify import PostponedError
from motion_tracking.notify.enclosed import enclosed
from motion_tracking.notify.letter import letter
from motion_tracking.notify.reached import Reached
from motion_tracking.notify.smtp import MailServer
from motion_tracking.notify.wording import subject, text

log = logging.getLogger(__name__)


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
        self._reached = Reached()

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
        waiting = self._reached.waiting(announcement.key, self._recipients)
        errors = self._server.deliver(message, waiting)
        passing = [to for to, error in errors.items() if isinstance(error, PostponedError)]
        for to, error in errors.items():
            log.warning("email: %s did not get %s: %s", to, announcement.key, error)
        if passing:
            self._reached.keep(announcement.key, self._recipients, passing)
            raise PostponedError(str(errors[passing[0]]))

    def close(self) -> None:
        """Nothing is kept open."""
