"""
What becomes of a tracker whose loop hangs?

Nobody restarts a process that lives, so it has to die.  A thread looks whether the loop has made a
turn; where it has made none for long, the process says where it hangs, stores what was handed
over, and ends itself as after a crash: pm2, systemd, NSSM or `run --all` start it again.
Where even that thread cannot run, since a library holds the interpreter, only systemd helps.
"""

import faulthandler
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import UnsupportedOperation
from threading import Event, Thread
from typing import Self

from motion_tracking.console import Exit

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks."""

PATIENCE = 30
"""Looks without a turn of the loop, of which there are two a second or more."""

FAREWELL = 3.0
"""Seconds for storing what is left; the lock of what hangs may be in its way."""


def end() -> None:
    """End the process at once, as after a crash."""
    os._exit(Exit.INTERNAL)


class Watchdog:
    """
    Ends the process if `turned` is not called for long; a context manager.

    It counts its own looks and not seconds: a computer that slept, or a process that was stopped,
    comes back to one look and not to an hour without a turn.
    """

    def __init__(
        self,
        store_the_rest: Callable[[], object],
        end: Callable[[], None] = end,
        look_every: float = LOOK_EVERY,
    ) -> None:
        """`store_the_rest` is called in a thread of its own, before `end`."""
        self._store_the_rest = store_the_rest
        self._end = end
        self._look_every = look_every
        self._turns = 0
        self._over = Event()
        self._thread = Thread(target=self._run, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()

    def turned(self) -> None:
        """Take note of a turn of the loop."""
        self._turns += 1

    def _run(self) -> None:
        seen, idle = self._turns, 0
        while not self._over.wait(self._look_every):
            turns = self._turns
            idle = idle + 1 if turns == seen else 0
            seen = turns
            if idle >= PATIENCE:
                self._bite()
                return

    def _bite(self) -> None:
        log.critical("tracking hangs for %d s: ended, to be started again", PATIENCE)
        with suppress(OSError, ValueError, AttributeError, UnsupportedOperation):
            faulthandler.dump_traceback(sys.stderr)  # names of files and functions, no values
        last = Thread(target=self._store_the_rest, name="farewell", daemon=True)
        last.start()
        last.join(FAREWELL)
        self._end()
