"""
How is a failure that lasts told of without flooding the log?
"""

import logging
from collections.abc import Callable

REMIND_EVERY = 60.0
"""Seconds between two lines about the same thing."""


class Outage:
    """Tells of a failure when it begins, once a minute while it lasts, and when it is over."""

    def __init__(self, log: logging.Logger, what: str, now: Callable[[], float]) -> None:
        """`what` begins the lines; `now` gives monotonic seconds."""
        self._log = log
        self._what = what
        self._now = now
        self._told_at: float | None = None
        self._telling = False

    def failed(self, error: Exception, consequence: str) -> None:
        """Take note of a try that failed, and of what that means."""
        at = self._now()
        if self._told_at is None or at - self._told_at >= REMIND_EVERY:
            self._told_at, self._telling = at, True
            self._log.warning("%s cannot be written: %s; %s", self._what, error, consequence)

    def over(self, outcome: str) -> None:
        """Take note of a try that worked."""
        if self._telling:
            self._telling = False
            self._log.info("%s can be written again; %s", self._what, outcome)
