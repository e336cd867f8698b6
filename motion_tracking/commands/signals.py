"""
How are we asked to stop?
"""

import signal
from threading import Event


def asked_to_stop() -> Event:
    """Return an event that is set when we are asked to stop, by whichever way this system has."""
    stopping = Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: stopping.set())
    return stopping
