"""
How does systemd learn that a tracker is up, and that its loop still turns?

By datagrams to the socket that it names in the environment of a unit with `Type=notify` and
`WatchdogSec`.  Anywhere else, as on Windows, the names are absent and nothing is sent.
"""

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Supervisor:
    """Tells systemd; where there is none, does nothing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take address and interval from an environment; raises nothing, whatever it holds."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._every = _interval(environment)
        self._told_at: float | None = None

    def turned(self, at: float) -> None:
        """Tell that the loop turned, `at` monotonic seconds, as often as systemd wants to hear."""
        if self._told_at is None:
            self._send("READY=1\nWATCHDOG=1")
            self._told_at = at
        elif self._every is not None and at - self._told_at >= self._every:
            self._send("WATCHDOG=1")
            self._told_at = at

    def stopping(self) -> None:
        """Tell that the end is wanted."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        family = getattr(socket, "AF_UNIX", None)
        if not self._address or family is None:
            return
        # of an abstract name, which begins with a null, only the @ can stand in an environment
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.connect(address)
                sender.send(text.encode())
        except OSError as error:  # it is gone, or its queue is full: the next turn tells again
            log.debug("systemd cannot be told: %s", error)


def _interval(environment: Mapping[str, str]) -> float | None:
    """Return the seconds between two signs of life: a third of what systemd waits for."""
    meant_for = environment.get("WATCHDOG_PID", str(os.getpid()))
    usec = environment.get("WATCHDOG_USEC", "")
    if meant_for != str(os.getpid()) or not usec.isdecimal() or int(usec) == 0:
        return None
    return int(usec) / 3e6
