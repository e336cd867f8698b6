"""
How are we asked to stop?
"""

import signal
from collections.abc import Callable
from threading import Event


def asked_to_stop(wake: Callable[[], object] = lambda: None) -> Event:
    """
    Return an event that is set when we are asked to stop, by whichever way this system has.

    `wake` is called then, in the main thread, wherever that is just now: it may be in `wake`.
    """
    stopping = Event()

    def stop(*_signal: object) -> None:
        stopping.set()
        wake()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, stop)
    return stopping
