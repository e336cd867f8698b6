"""Does the demo show what it promises, and leave nothing behind but its folder?"""

import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from servers.child import Child
from servers.desk import PRESS, STREAM, Desk
from servers.plant import PROGRAM, Plant

LINE = re.compile(r" *(\d+) s  (\w+) +([A-Z ]+?)  +(.*)")


def left_behind(folder: Path) -> list[psutil.Process]:
    """Processes that were started for the folder of a demo, and still run."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if str(folder) in " ".join(process.info["cmdline"] or ()):
            found.append(process)
    return found


@pytest.mark.slow
def test_every_change_is_told_and_logs_and_charts_are_left(tmp_path: Path) -> None:
    # variables that are meant for the user's own cameras must not disturb it
    plant = Plant(tmp_path, {"RTSP_URL": "rtsp://127.0.0.1:1/", "MOTION_TRACK_RUN_DRY_RUN": "1"})
    folder = tmp_path / "shown"
    arguments = ["--no-open", "--duration", "40", "--machines", "2", "--folder", str(folder)]

    done = plant.run("demo", *arguments, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
    told = [match.groups() for match in map(LINE.fullmatch, done.stdout.splitlines()) if match]
    logs = folder / "logs" / "motion_tracking"
    with History(logs / "history.sqlite3", read_only=True) as history:
        for machine in ("flywheel", "press"):
            kept = [change.to_state for _, change in history.changes(machine)]
            assert kept[:2] == [MachineState.RUNNING, MachineState.STOPPED]
            assert [told_of[2] for told_of in told if told_of[1] == machine] == [
                state.replace("_", " ").upper() for state in kept
            ]
            assert (logs / machine / f"log_motion_{machine}.log").stat().st_size > 0
            assert (logs / machine / f"chart_motion_{machine}.html").stat().st_size > 0
            assert re.search(rf"^{machine} .*%", done.stdout, re.M)
    assert min(float(told_of[0]) for told_of in told) < 30
    assert left_behind(folder) == []

    stream = (folder / "config" / "config_stream.ini").read_text(encoding="utf-8")
    password = stream.partition("password=")[2].strip()
    assert len(password) >= 12
    assert password not in done.stdout
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "config_stream.ini":
            assert password.encode() not in path.read_bytes(), path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
def test_it_is_shown_live_and_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    arguments = ["demo", "--no-open", "--machines", "1", "--folder", str(folder)]
    with Child(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        said_so_far = []
        for line in process.stdout:
            said_so_far.append(line)
            if LINE.fullmatch(line.rstrip()):
                break
        [page] = re.findall(r"http://127.0.0.1:\d+/", "".join(said_so_far))
        with urlopen(f"{page}healthz", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert (process.returncode, said.strip()) == (130, "")
    assert left_behind(folder) == []


def test_a_folder_with_the_users_own_configuration_is_left_alone(desk: Desk) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM)
    before = (desk.config / "config_cam.ini").read_bytes()

    done = desk.run("demo", "--no-open", "--folder", ".")

    assert (done.returncode, done.stdout) == (2, "")
    assert "has a configuration that is no demo's" in done.stderr
    assert "hint:" in done.stderr
    assert (desk.config / "config_cam.ini").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_mistake(desk: Desk) -> None:
    (desk.folder / "taken").write_text("", encoding="utf-8")

    done = desk.run("demo", "--no-open", "--folder", "taken/shown")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
