"""
Do `parse-logs` and `plot-log` find the logs, draw them, and say where?

What draws is slow: matplotlib and plotly take their time to be imported.
"""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from servers.desk import PRESS, STREAM, Desk
from servers.terminal import Terminal

MOTION = "".join(f"2026/03/01 06:{n // 60:02}:{n % 60:02} {n % 7 * 100}\n" for n in range(600))
STATES = "2026/03/01 06:05:00 - Stopped_State press1\n"
SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def logged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A plant with the logs of one machine, at a computer without a display."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    desk.configure({"press1": PRESS, "belt": PRESS}, stream=STREAM)
    folder = desk.logs / "press1"
    folder.mkdir(parents=True)
    (folder / "log_motion_press1.log").write_text(MOTION, encoding="utf-8")
    (folder / "log_globalstatechange_press1.log").write_text(STATES, encoding="utf-8")
    return desk


@pytest.mark.slow
def test_a_chart_is_left_beside_the_log(logged: Desk) -> None:
    done = logged.run("parse-logs", "press1")

    chart = Path("logs", "motion_tracking", "press1", "chart_motion_press1.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{chart}\n", "")
    assert "<html" in chart.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_chart_goes_to_the_file_or_folder_that_was_named(logged: Desk) -> None:
    named = Path("new", "my.html")
    assert logged.run("parse-logs", "press1", "-o", str(named)).stdout == f"{named}\n"
    assert named.exists()
    assert logged.run("parse-logs", "press1", "-o", "charts").returncode == 0
    assert Path("charts", "chart_motion_press1.html").exists()


@pytest.mark.slow
def test_only_the_log_that_was_asked_for_is_read(logged: Desk) -> None:
    assert logged.run("parse-logs", "press1", "--type", "deepsleep").returncode == 4
    assert logged.run("parse-logs", "press1", "--type", "globalstatechange").returncode == 0


@pytest.mark.slow
def test_lines_that_are_no_log_lines_are_counted(logged: Desk) -> None:
    with (logged.logs / "press1" / "log_motion_press1.log").open("a") as file:
        file.write("garbage\nmore of it\n")

    done = logged.run("parse-logs", "press1")

    assert done.returncode == 0
    assert "warning: press1: 2 lines were no log lines, and were skipped" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["parse-logs", "plot-log"])
def test_a_log_is_drawn_without_any_configuration(desk: Desk, command: str) -> None:
    log = desk.folder / "log_motion_old7.log"
    log.write_text(MOTION, encoding="utf-8")
    output = "old.html" if command == "parse-logs" else "old.svg"

    done = desk.run(command, "--log", str(log), "-o", output)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{output}\n", "")
    assert "old7" in Path(output).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_rotated_log_is_read_too(logged: Desk) -> None:
    folder = logged.logs / "press1"
    (folder / "log_motion_press1.log").rename(folder / "log_motion_press1.log.1")
    (folder / "log_globalstatechange_press1.log").unlink()

    assert logged.run("parse-logs", "press1").returncode == 0


@pytest.mark.slow
def test_a_machine_without_logs_does_not_keep_others_from_being_drawn(logged: Desk) -> None:
    done = logged.run("parse-logs", "belt", "press1")

    assert done.returncode == 4
    assert done.stdout.endswith("chart_motion_press1.html\n")
    assert "error: no log lines of belt" in done.stderr


@pytest.mark.slow
def test_the_states_drawn_are_those_on_record(logged: Desk) -> None:
    """The log noticed the stop at 6:05:00; on record it was at 6:04:30."""
    really = datetime(2026, 3, 1, 6, 4, 30).astimezone()
    since = datetime(2026, 3, 1, 6).astimezone()
    states = (MachineState.RUNNING, MachineState.STOPPED)
    with History(logged.history) as history:
        history.append(Change("press1", *states, None, really, really, since, really))

    assert logged.run("parse-logs", "press1").returncode == 0
    page = (logged.logs / "press1" / "chart_motion_press1.html").read_text(encoding="utf-8")
    assert '"base":["2026-03-01T06:04:30"]' in page
    assert "running 4m 30s · stopped 5m 29s in 1 stop" in page


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_a_terminal_sees_how_far_it_is(logged: Desk) -> None:
    arguments = ("parse-logs", "press1", "--no-open")
    with Terminal(*arguments, folder=logged.config, term="xterm") as terminal:
        terminal.wait_for("chart_motion_press1.html")
        assert terminal.end() == 0
    assert "reading the logs of press1" in terminal.text


def test_one_file_cannot_hold_two_machines(logged: Desk) -> None:
    for arguments in (("parse-logs", "-o", "both.html"), ("plot-log", "-o", "both.png")):
        done = logged.run(arguments[0], "press1", "belt", *arguments[1:])
        assert (done.returncode, done.stdout) == (2, "")
        assert "hint:" in done.stderr


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_said(logged: Desk) -> None:
    Path("taken").write_text("", encoding="utf-8")
    Path("folder.html").mkdir()
    for arguments in (
        ("parse-logs", "-o", "taken"),
        ("parse-logs", "-o", "taken/my.html"),
        ("parse-logs", "-o", "folder.html"),
    ):
        done = logged.run(arguments[0], "press1", *arguments[1:])
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert "error: cannot write" in done.stderr
        assert "hint:" in done.stderr


@pytest.mark.slow
def test_without_a_display_a_plot_is_left_beside_the_log(logged: Desk) -> None:
    done = logged.run("plot-log", "press1")

    picture = Path("logs", "motion_tracking", "press1", "chart_motion_press1.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{picture}\n", "")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("-o", "nowhere/my.png")], ids=["beside", "named"])
def test_a_plot_that_cannot_be_written_is_said(logged: Desk, arguments: tuple[str, ...]) -> None:
    (logged.logs / "press1" / "chart_motion_press1.png").mkdir()

    done = logged.run("plot-log", "press1", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "error: cannot write" in done.stderr
    assert "hint:" in done.stderr


def test_a_log_that_cannot_be_read_is_said(logged: Desk) -> None:
    log = logged.logs / "press1" / "log_deepsleep_press1.log"
    log.mkdir()

    done = logged.run("parse-logs", "press1")

    assert (done.returncode, done.stdout) == (2, "")
    assert "error: cannot read" in done.stderr
    assert "log_deepsleep_press1.log" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "output", "begin"),
    [("parse-logs", "my.html", b"<"), ("plot-log", "my.pdf", b"%PDF")],
)
def test_both_are_programs_of_their_own(
    logged: Desk, program: str, output: str, begin: bytes
) -> None:
    script = next(SCRIPTS.glob(f"{program}*"))
    done = subprocess.run(
        [script, "press1", "-o", output], capture_output=True, encoding="utf-8", check=False
    )
    wrong = subprocess.run([script, "prss1"], capture_output=True, encoding="utf-8", check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{output}\n", "")
    assert Path(output).read_bytes().startswith(begin)
    assert (wrong.returncode, wrong.stdout) == (4, "")
    assert wrong.stderr.startswith("error: no log lines of prss1")
