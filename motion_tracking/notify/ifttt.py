"""
How does a change reach IFTTT?

POST /trigger/EVENT/with/key/KEY with value1 = title, value2 = message, value3 = `none`, as form
fields, just as the old tool sent them, so that applets go on working.
"""

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import quote

from motion_tracking.core.changes import Announcement
from motion_tracking.notify.http import PATIENCE, Patience, post


@dataclass(frozen=True, slots=True)
class Ifttt:
    """Fires one event of IFTTT's webhooks; IFTTT answers 200 even if no applet listens."""

    key: str = field(repr=False)
    event: str
    base: str = "https://maker.ifttt.com"
    patience: Patience = PATIENCE
    gathers: ClassVar[bool] = True

    def send(self, announcement: Announcement) -> None:
        """Fire it."""
        path = f"/trigger/{quote(self.event, safe='')}/with/key/{quote(self.key, safe='')}"
        values = {"value1": announcement.title, "value2": announcement.message, "value3": "none"}
        post(self.base + path, self.patience, data=values)

    def close(self) -> None:
        """Nothing is kept open."""
