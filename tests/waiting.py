"""
How does a test wait for what happens elsewhere, in a thread or in a process?

For the thing itself, with a deadline that a slow machine can keep; never for a time.
"""

from collections.abc import Callable
from threading import Event
from time import monotonic


def until(fact: Callable[[], bool], timeout: float = 60.0) -> float:
    """Wait until something is so, else fail; return the monotonic time then."""
    deadline, pause = monotonic() + timeout, Event()
    while not fact():
        assert monotonic() < deadline, f"it has not come true in {timeout:.0f} s"
        pause.wait(0.005)
    return monotonic()
