"""
What time is it?  The only file that asks the system.

Whoever needs the time takes a `Now` or a number, so tests bring a clock of their own.
"""

import time
from collections.abc import Callable
from typing import NamedTuple


class Moment(NamedTuple):
    """`at` counts monotonic seconds, for durations; `utc` seconds since 1970, for labels."""

    at: float
    utc: float


Now = Callable[[], Moment]


def system_now() -> Moment:
    """Read the clocks of this computer."""
    return Moment(_monotonic(), time.time())


def _monotonic() -> float:
    """
    Read the clock that only goes on, also while the computer sleeps.

    Linux's usual one stands still then, and a night asleep would be a night running.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def cpu_seconds() -> float:
    """Read how long this process has used a processor, all threads together."""
    return time.process_time()
