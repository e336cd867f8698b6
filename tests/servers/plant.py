"""
A plant in a folder: its configuration, and real `motion-track` processes that track it.

    plant = Plant(tmp_path)
    plant.configure(press1={"channel": 802, ...}, stream={"ip_address": "127.0.0.1", ...})
    with plant.tracking("press1") as tracker:
        tracker.wait_for("running")
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from motion_tracking.core.motion import Roi

PATIENCE = 60.0
"""Seconds that a busy machine may take for what takes a few."""

PROGRAM = (sys.executable, "-m", "motion_tracking")


def area(roi: Roi) -> dict[str, int]:
    """Return a ROI as keys of config_cam.ini."""
    return {"ix": roi.x, "iy": roi.y, "ix2": roi.x + roi.width, "iy2": roi.y + roi.height}


@dataclass
class Plant:
    """The folder of a user of motion-track."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def logs(self) -> Path:
        return self.folder / "logs" / "motion_tracking"

    @property
    def history(self) -> Path:
        return self.logs / "history.sqlite3"

    def configure(
        self,
        cameras: Mapping[str, Mapping[str, object]],
        **sections: Mapping[str, object],
    ) -> None:
        """Write config_cam.ini and config_stream.ini."""
        self.config.mkdir(parents=True, exist_ok=True)
        for name, content in (("config_cam.ini", cameras), ("config_stream.ini", sections)):
            text = "\n".join(
                f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
                for section, keys in content.items()
            )
            (self.config / name).write_text(text, encoding="utf-8")
            (self.config / name).chmod(0o600)

    def run(self, *arguments: str, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def tracking(self, *cameras: str) -> "Tracking":
        """Start `motion-track run` for some cameras."""
        return Tracking([*PROGRAM, "run", *cameras], self.folder, self._environment())

    def _environment(self) -> dict[str, str]:
        # with a warning as error, a resource that is left open ends the process
        return os.environ | {"PYTHONWARNINGS": "error"} | self.environment


class Tracking:
    """One `motion-track run`; what it prints is collected, and what it tells can be waited for."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.events: list[dict[str, Any]] = []
        self.output: list[str] = []
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, True), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def wait_for(self, state: str, machine: str | None = None) -> dict[str, Any]:
        """Wait until a machine is told to be in a state; return what was told."""
        while True:
            try:
                event = self._lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no {state}; it said:\n{''.join(self.output)}") from None
            self.events.append(event)
            if event.get("state") == state and machine in (None, event.get("camera")):
                return event

    def stop(self, timeout: float = PATIENCE) -> int:
        """Ask it to stop; return its exit code."""
        self.process.terminate()
        return self._ended(timeout)

    def kill(self) -> None:
        """Kill it, whatever it does, and reap it."""
        if self.process.poll() is None:
            self.process.kill()
        self._ended(PATIENCE)

    def _ended(self, timeout: float) -> int:
        code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join()
        return code

    def _read(self, stream: IO[str], events: bool) -> None:
        with stream:
            for line in stream:
                self.output.append(line)
                if events:
                    self._lines.put(json.loads(line))
