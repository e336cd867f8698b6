"""A tracker hangs for good: it is ended, and started again by whoever watches over it."""

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from faults.catalogue import Measured, Rounds, fault
from faults.test_process import motion_log, project, until
from servers.plant import Plant
from servers.pm2 import running, wait_until_tracked

__all__ = ["project"]

HANGING = """
# Whoever finds this on his path hangs in the midst of a judgement, once for each file `hang`.
import os, sys, threading
from pathlib import Path

def hang():
    here, pause = Path(__file__).parent, threading.Event()
    while True:
        pause.wait(0.1)
        difference = sys.modules.get("motion_tracking.core.detectors.difference")
        if difference is not None and hasattr(difference, "Difference"):
            if (here / "hang").exists():
                os.replace(here / "hang", here / "hung")
                difference.Difference.score = lambda *_: threading.Event().wait()
                return

threading.Thread(target=hang, daemon=True).start()
"""
"""The module `sitecustomize` of Python, which is imported before any other."""

CORNERS = {"ix": 0, "iy": 0, "ix2": 300, "iy2": 250, "threshold": 300}


def trap(folder: Path) -> Path:
    """Make a folder that makes who has it on his path hang when it holds a file `hang`."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HANGING, encoding="utf-8")
    return folder


def path_of(folder: Path) -> str:
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))


@fault(
    "P09",
    "a tracker hangs",
    injected="the judgement of a picture never returns",
    expected="the process says where it hangs, and ends with code 70",
    promised="<= 35 s",
)
@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows has no systemd to be told")
def test_a_tracker_that_hangs_ends_itself_and_systemd_hears_no_more(
    measured: Measured, tmp_path: Path
) -> None:
    """Seen to fail without the watchdog: it hung on for a minute, and longer."""
    folder = trap(tmp_path / "trap")
    address = str(tmp_path / "notify")
    if len(address) > 107:
        pytest.skip("the temporary folder has too long a name for a socket")
    plant = Plant(
        tmp_path / "plant",
        {"PYTHONPATH": path_of(folder), "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000000"},
    )
    plant.configure({"press1": {"channel": "simulated:press?stop=0", **CORNERS}})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(60.0)
        with plant.tracking("press1") as tracker:
            tracker.wait_for("running")
            (folder / "hang").touch()
            until((folder / "hung").exists)
            hung = time.monotonic()
            until(lambda: tracker.process.poll() is not None)
            measured("s until it ends", time.monotonic() - hung, at_most=35.0)
            code = tracker.process.wait()
        systemd.setblocking(False)
        told = [systemd.recv(100)]
        with suppress(BlockingIOError):
            while message := systemd.recv(100):
                told.append(message)
    assert code == 70
    said = "".join(tracker.output)
    assert "tracking hangs" in said
    assert "tracker.py" in said  # where
    assert told[0].startswith(b"READY=1")
    # it was alive for half a minute as a process, but told of a second only
    assert len(told) < 30


@fault(
    "P09",
    "a tracker hangs under pm2",
    injected="the judgement of a picture never returns",
    expected="it ends itself, and pm2 starts it again",
    promised="tracked again <= 45 s",
)
@pytest.mark.skipif(sys.platform == "win32", reason="pm2 is not run on Windows here")
def test_pm2_starts_a_tracker_that_hung_again(
    project: Path,
    measured: Measured,
    rounds: Rounds,
    tmp_path: Path,
) -> None:
    """Seen to fail without the watchdog: it hangs on, and pm2 finds it online."""
    folder = trap(tmp_path / "trap")
    with running(project) as pm2:
        pm2.environment["PYTHONPATH"] = path_of(folder)
        assert pm2.run("start", "ecosystem.config.js", "--only", "press1").returncode == 0
        wait_until_tracked(pm2, "press1")
        log = motion_log(project, "press1")
        for _ in range(rounds(1, long=20)):
            before = pm2.processes()["press1"].pid
            (folder / "hang").touch()
            until((folder / "hung").exists)
            (folder / "hung").unlink()
            hung, size = time.monotonic(), log.stat().st_size
            until(lambda pid=before: not psutil.pid_exists(pid))
            size = max(size, log.stat().st_size)
            again = until(lambda size=size: log.stat().st_size > size)
            measured("s until it is tracked again", again - hung, at_most=45.0)
        assert pm2.processes()["press1"].restarts == rounds(1, long=20)
