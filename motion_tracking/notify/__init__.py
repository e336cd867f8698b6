"""
Telling: who learns of a change, by which way?

The outbox in the history holds what is to be told; `sender.Sender` delivers it, a thread for each
notifier, so that one that hangs delays nobody else.  To add a notifier, write one file and one
line in `NOTIFIERS`; `tests/test_notifiers.py` finds it.
"""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar, Protocol, cast

from motion_tracking.core.changes import Announcement, Delivery


class PostponedError(Exception):
    """It did not work, and may work later, after `after` seconds if the receiver said so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class RefusedError(Exception):
    """It will never work: the receiver does not want it."""


class Notifier(Protocol):
    """
    A way to tell.

    One with a class variable `shows_pictures` that is true makes use of the announcement's
    `pictures`: its messages wait a few seconds for them.
    """

    gathers: ClassVar[bool]
    """Whether people read it: then changes that belong together are one message, see `Outbox`."""

    def send(self, announcement: Announcement) -> None:
        """
        Deliver one announcement; may block for some ten seconds.

        Raise `PostponedError` or `RefusedError`; neither text holds a secret.
        """

    def close(self) -> None:
        """Let go of connections."""


class Outbox(Protocol):
    """What is to be told; times are seconds since 1970.  Raises `OSError` if the disk does."""

    def due(self, machines: Iterable[str], now: float) -> list[Delivery]:
        """Return what may be sent now: the oldest of each machine and notifier."""

    def next_due(self, machines: Iterable[str]) -> float | None:
        """Return when the next delivery is due; None when there is none."""

    def gathered(self, notifier: str, machines: Iterable[str], now: float) -> list[int]:
        """Return the rows with which a message begins that may be sent now, by one that gathers."""

    def claim(self, delivery_id: int, now: float, owner: str) -> Delivery | None:
        """Return the message of a row, whose content is fixed from now on; None if not ours."""

    def delivered(self, delivery_id: int, now: float) -> None: ...

    def postponed(self, delivery_id: int, until: float, error: str) -> None: ...

    def given_up(self, delivery_id: int, now: float, error: str) -> None: ...

    def close(self) -> None: ...


NOTIFIERS = {
    "log": "motion_tracking.notify.log:Log",
    "toast": "motion_tracking.notify.toast:Toast",
    "ifttt": "motion_tracking.notify.ifttt:Ifttt",
    "webhook": "motion_tracking.notify.webhook:Webhook",
    "factsystem": "motion_tracking.notify.factsystem:FactSystem",
    "email": "motion_tracking.notify.email:Email",
    "apprise": "motion_tracking.notify.apprise:Apprise",
}

EXTRAS = {"apprise": ("apprise", "notify")}
"""The package that a notifier needs beyond the usual ones, and the extra that brings it."""


def extra_missing(name: str) -> str | None:
    """Return the extra without which a notifier cannot work here; None where nothing is missing."""
    package, extra = EXTRAS.get(name, ("", ""))
    return extra if package and find_spec(package) is None else None


def open_notifier(name: str, **options: object) -> Notifier:
    """Build the notifier of a name in `NOTIFIERS`; its module is imported here, not before."""
    module, _, cls = NOTIFIERS[name].partition(":")
    return cast(Notifier, getattr(import_module(module), cls)(**options))
