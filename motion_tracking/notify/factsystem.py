"""
How does the old tool's shop-floor system learn of a stop and a start?

POST of the form fields machineid and machinestatus (0 not known, 10 stopped, 20 started), with the
API key in the header `key`.  A machine without a number there is none of its business.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify.http import PATIENCE, Patience, identified, post


@dataclass(frozen=True, slots=True)
class FactSystem:
    """Sets the status of a machine at `url`."""

    url: str = field(repr=False)
    key: str | None = field(default=None, repr=False)
    patience: Patience = PATIENCE
    gathers: ClassVar[bool] = False

    def send(self, announcement: Announcement) -> None:
        """Set the status, if the event has one and the machine a number."""
        status = announcement.machinestatus
        if announcement.machineid and status is not None:
            headers = identified(announcement, self.key)
            fields = {"machineid": announcement.machineid, "machinestatus": status}
            post(self.url, self.patience, headers, data=fields)

    def close(self) -> None:
        """Nothing is kept open."""
