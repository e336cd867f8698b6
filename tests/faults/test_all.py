"""`run --all`: what crashes is started again, and nothing is left when it is asked to stop."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from faults.catalogue import Measured, Rounds, fault
from servers.plant import Plant, Tracking
from waiting import until

CORNERS = {"ix": 0, "iy": 0, "ix2": 300, "iy2": 250, "threshold": 300, "window_seconds": 6}
PRESS = {"channel": "simulated:press?stop=0", **CORNERS}
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Two channels, one of them with two machines, and a camera that is switched off."""
    plant = Plant(tmp_path, {"XDG_STATE_HOME": str(tmp_path / "state")})
    other = PRESS | {"channel": "simulated:flywheel?stop=0"}
    plant.configure(
        {"press1": PRESS, "press2": PRESS, "wheel": other, "off": PRESS | {"enabled": "no"}}
    )
    return plant


@contextmanager
def all_tracked(plant: Plant, *options: str) -> Iterator[Tracking]:
    """Start `run --all`; whatever comes of it, none of its processes is left."""
    with plant.tracking("--all", *options) as tracking:
        try:
            yield tracking
        finally:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(tracking.process.pid).children(recursive=True):
                    tracking.process.kill()
                    child.kill()


def trackers(all_of_them: Tracking) -> dict[str, psutil.Process]:
    """Return the process of each machine."""
    found = {}
    for child in psutil.Process(all_of_them.process.pid).children(recursive=True):
        words = child.cmdline()
        if "run" in words:
            found |= dict.fromkeys(words[words.index("run") + 1 :], child)
    return found


def wait_for_running(tracking: Tracking, *machines: str) -> None:
    waiting = set(machines)
    while waiting:
        waiting.discard(tracking.wait_for("running")["camera"])


@posix
@fault(
    "P10",
    "a tracker under `run --all` crashes",
    injected="kill -SEGV of one of two trackers (long: 20 times)",
    expected="it is started again; the other goes on; SIGTERM ends all",
    promised="tracked again <= 5 s; others: 0 restarts; 0 processes left",
)
def test_run_all_starts_a_crashed_tracker_again(
    plant: Plant, measured: Measured, rounds: Rounds
) -> None:
    """Seen to fail with nothing started again."""
    log = plant.logs / "wheel" / "log_motion_wheel.log"
    with all_tracked(plant) as tracking:
        wait_for_running(tracking, "press1", "press2", "wheel")
        first = trackers(tracking)
        assert set(first) == {"press1", "press2", "wheel"}
        assert first["press1"].pid == first["press2"].pid != first["wheel"].pid
        again = 0.0
        for n in range(rounds(1, long=20)):
            if n:  # after a sound minute the pause is the first again
                until(lambda since=again: time.monotonic() > since + 61.0, 120.0)
            size = log.stat().st_size
            trackers(tracking)["wheel"].send_signal(11)
            crashed = time.monotonic()
            again = until(lambda before=size: log.stat().st_size > before)
            measured("s until it is tracked again", again - crashed, at_most=5.0)
        last = trackers(tracking)
        assert tracking.stop() == 0
    measured("restarts of the other", float(last["press1"].pid != first["press1"].pid), at_most=0)
    left = [process for process in last.values() if process.is_running()]
    measured("processes left", len(left), at_most=0)
    assert "wheel: ended (-11); started again in 0.5 s" in "".join(tracking.output)


@pytest.mark.slow
def test_what_is_wrong_with_the_configuration_is_not_tried_again(plant: Plant) -> None:
    plant.configure({"press1": PRESS | {"detector": "calibrated"}, "wheel": PRESS | {"ix": 1}})
    with all_tracked(plant, "--duration", "8") as tracking:
        code = tracking.process.wait(60)

    output = "".join(tracking.output)
    assert output.count("is to be calibrated") == 1, output
    assert code == 2


@pytest.mark.slow
def test_all_goes_with_no_names(plant: Plant) -> None:
    done = plant.run("run", "--all", "press1")
    assert done.returncode == 2
    assert "--all goes with --duration only" in done.stderr


@posix
@pytest.mark.slow
def test_one_that_crashes_at_each_start_is_slowed_down(plant: Plant) -> None:
    (plant.folder / "sitecustomize.py").write_text(
        "import os, sys\nif 'wheel' in sys.orig_argv: os.kill(os.getpid(), 9)\n", encoding="utf-8"
    )
    paths = filter(None, (str(plant.folder), os.environ.get("PYTHONPATH", "")))
    plant.environment["PYTHONPATH"] = os.pathsep.join(paths)
    with all_tracked(plant) as tracking:
        until(lambda: "".join(tracking.output).count("wheel: ended (-9)") == 3)
        assert tracking.stop() == 0
    output = "".join(tracking.output)
    pauses = [f"started again in {seconds} s" in output for seconds in (0.5, 2.0, 8.0)]
    assert pauses == [True] * 3
