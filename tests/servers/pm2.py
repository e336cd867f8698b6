"""
A real pm2, with a home of its own.

    with running(project) as pm2:
        pm2.run("start", "ecosystem.config.js")
        wait_until_tracked(pm2, "press1")
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

PM2 = Path(__file__).parents[2] / ".tools" / "pm2" / "node_modules" / "pm2" / "bin" / "pm2"
NODE = shutil.which("node")
PATIENCE = 60.0
INHERITED = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMPDIR")

CAMERAS = """
[press1]
channel = simulated:press?run=60&stop=30
ix = 0
iy = 0
ix2 = 200
iy2 = 200
threshold = 500

[press2]
channel = simulated:press?run=60&stop=30
ix = 0
iy = 0
ix2 = 200
iy2 = 200
threshold = 500
"""


@dataclass(frozen=True)
class Process:
    """What pm2 knows of one process, without its environment."""

    pid: int
    status: str
    restarts: int
    exit_code: int | None


class Pm2:
    """A pm2 daemon with a home of its own."""

    def __init__(self, home: Path, project: Path) -> None:
        self.project = project
        self.home = home
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.environment = {**inherited, "PM2_HOME": str(home), "NO_COLOR": "1"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        assert NODE is not None
        return subprocess.run(
            [NODE, str(PM2), *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    def processes(self) -> dict[str, Process]:
        """Ask for all processes; the answer holds the environment, so it is not kept."""
        return {
            app["name"]: Process(
                app["pid"],
                app["pm2_env"]["status"],
                app["pm2_env"]["restart_time"],
                app["pm2_env"].get("exit_code"),
            )
            for app in json.loads(self.run("jlist").stdout.splitlines()[-1])
        }

    def wait_until(self, name: str, holds: Callable[[Process], bool]) -> Process:
        """Ask until it holds for the process called `name`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            process = self.processes()[name]
            if holds(process):
                return process
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} is still {process}; {self.log(name)}")

    def log(self, name: str) -> str:
        """What the process wrote on stderr, and on stdout."""
        logs = sorted((self.project / "logs" / "pm2").glob(f"{name}.*.log"))
        return "\n".join(log.read_text(encoding="utf-8") for log in logs)

    def close(self) -> None:
        """End the daemon and all that it started."""
        daemon = int((self.home / "pm2.pid").read_text()) if self.home.exists() else 0
        self.run("kill")
        if daemon and psutil.pid_exists(daemon):
            psutil.Process(daemon).kill()


@contextmanager
def running(project: Path) -> Iterator[Pm2]:
    """Have a pm2 for a project; skip where there is none."""
    if NODE is None or not PM2.exists():
        pytest.skip("no pm2: scripts/test.py installs it where npm is")
    # not tmp_path: the names of Unix sockets may have 107 characters only
    with tempfile.TemporaryDirectory(prefix="pm2-", ignore_cleanup_errors=True) as home:
        manager = Pm2(Path(home), project)
        try:
            yield manager
        finally:
            manager.close()


def wait_until_tracked(pm2: Pm2, name: str) -> None:
    """Wait until the motion log of the machine grows."""
    log = pm2.project / "logs" / "motion_tracking" / name / f"log_motion_{name}.log"
    before = log.stat().st_size if log.exists() else 0
    deadline = time.monotonic() + PATIENCE
    while not log.exists() or log.stat().st_size <= before:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is not tracked; {pm2.log(name)}")
        pm2.processes()  # takes its time, so that this does not spin
