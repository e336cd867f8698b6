"""
How does the dashboard have work done that it has no memory for?

By another `motion-track`: what OpenCV, numpy and plots take goes back with its end.  It is given
a list of arguments and no shell, and gives way to the trackers.
"""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import psutil

from motion_tracking.dashboard.refusals import RefusedError

NICE = 10
"""On Unix; elsewhere there is a name for it.  Trackers go first."""


class Errands:
    """The processes that work for us; `close` ends them."""

    def __init__(self) -> None:
        self._alone = Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._closed = False

    def done(self, folder: Path, arguments: Sequence[str], seconds: float) -> tuple[int, str, str]:
        """
        Run a command on the configuration in `folder`; return its exit code, stdout and stderr.

        Raise `RefusedError` where it cannot be started, or is not over after so many seconds.
        """
        command = [sys.executable, "-m", "motion_tracking", "-C", str(folder), *arguments]
        try:
            process = self._started(command)
        except OSError as error:
            raise RefusedError(f"it cannot be done: {error.strerror}") from None
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise RefusedError(f"it took longer than {seconds:.0f} s, and was given up") from None
        finally:
            with self._alone:
                self._running.discard(process)
        return process.returncode, out, err

    def close(self) -> None:
        """End what is running; nothing is begun any more."""
        with self._alone:
            self._closed = True
            for process in self._running:
                process.kill()

    def _started(self, command: Sequence[str]) -> "subprocess.Popen[str]":
        with self._alone:
            if self._closed:
                raise RefusedError("the dashboard is about to end")
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
            )
            self._running.add(process)
        with suppress(psutil.Error, OSError):  # it works all the same
            # psutil has this on Windows only
            psutil.Process(process.pid).nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", NICE))
        return process
