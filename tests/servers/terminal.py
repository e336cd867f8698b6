"""
A terminal at which a program of ours is asked and answered: for POSIX, as the tests are.

    with Terminal("init", "wheel", "--no-ui", folder=config) as terminal:
        terminal.wait_for("is RUNNING")
        terminal.enter()
        assert terminal.end() == 0
"""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

PATIENCE = 60.0
"""Seconds that a busy machine may take for what takes a few."""


class Terminal:
    """`motion-track ARGUMENTS` on a terminal of its own; `text` is what it has shown so far."""

    def __init__(self, *arguments: str | Path, folder: Path, term: str = "dumb") -> None:
        """A `dumb` terminal shows no bars that move."""
        self._term = term
        self._command = [sys.executable, "-m", "motion_tracking", "-C", str(folder)]
        self._command += map(str, arguments)
        self.text = ""
        self._seen = 0
        self._more = threading.Condition()

    def __enter__(self) -> Self:
        self._ours, theirs = os.openpty()
        environment = {**os.environ, "NO_COLOR": "1", "TERM": self._term, "COLUMNS": "200"}
        self._process = subprocess.Popen(
            self._command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        os.close(self._ours)

    def wait_for(self, text: str) -> None:
        """Wait until this is shown, after what was waited for before."""
        with self._more:
            shown = self._more.wait_for(lambda: text in self.text[self._seen :], PATIENCE)
            assert shown, f"{text!r} is not in {self.text!r}"
            self._seen = self.text.index(text, self._seen) + len(text)

    def enter(self, text: str = "") -> None:
        """Type something, and Enter."""
        os.write(self._ours, f"{text}\n".encode())

    def end(self) -> int:
        """Wait for its end; return its exit code."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:  # the other end is closed
                data = b""
            if not data:
                return
            with self._more:
                self.text += data.decode("utf-8", "replace")
                self._more.notify_all()
