"""Does the command line say what it can do, what went wrong, and what to do about it?"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from motion_tracking import __version__
from motion_tracking.cli import cli
from motion_tracking.record.history import History
from motion_tracking.record.lock import hold
from servers.child import Child
from servers.desk import PRESS, STREAM, Desk
from servers.plant import PROGRAM, Plant

COMMANDS = sorted(cli.commands)
NEED_CONFIG = (
    ("cameras",),
    ("cameras", "--json"),
    ("check", "--offline"),
    ("check", "--json"),
    ("notify",),
    ("notify", "--outbox"),
    ("notify", "--retry"),
    ("import-logs", "press1"),
    ("parse-logs", "press1"),
    ("plot-log", "press1"),
    ("reason", "press1", "failure"),
    ("reason", "--list"),
    ("run", "press1"),
    ("run", "press1", "--once"),
    ("service", "pm2"),
    ("status",),
    ("status", "--json"),
)


@pytest.fixture
def presses(desk: Desk) -> Desk:
    desk.configure({"press1": PRESS, "press2": PRESS, "belt": PRESS}, stream=STREAM)
    return desk


def breaks(patch: pytest.MonkeyPatch, error: BaseException, command: str = "cameras") -> None:
    """Put a command in place of the real one that only raises."""

    def raising(*_: object, **__: object) -> None:
        raise error

    module = ModuleType(f"motion_tracking.commands.{command}")
    setattr(module, command, raising)
    patch.setitem(sys.modules, module.__name__, module)


def one_line_each(text: str) -> bool:
    """Whether a text is an error and a hint, and nothing else."""
    starts = [line.split(" ")[0] for line in text.splitlines()]
    return starts == ["error:", "hint:"]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_every_option_with_a_sentence(desk: Desk, name: str) -> None:
    done = desk.run(name, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    command = cli.commands[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert max(option.opts, key=len) in done.stdout
            assert (option.help or "").endswith("."), option.name
            assert len((option.help or "").split()) >= 3, option.name


def test_the_help_of_all_names_each_command_and_its_first_sentence(desk: Desk) -> None:
    done = desk.run("-h")

    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.replace("│", " ").split())
    for name, command in cli.commands.items():
        first = (command.help or "").partition("\n\n")[0].strip()
        assert f"{name} {' '.join(first.split())}" in words


def test_every_command_is_in_a_group_of_the_help() -> None:
    import rich_click

    groups = rich_click.rich_click.COMMAND_GROUPS["*"]

    assert sorted(name for group in groups for name in group["commands"]) == COMMANDS


def test_the_version_is_told(desk: Desk) -> None:
    assert __version__ in desk.run("--version").stdout


def test_without_a_command_the_help_comes_where_errors_go(desk: Desk) -> None:
    done = desk.run()

    assert (done.returncode, done.stdout) == (2, "")
    assert "Start here" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("--nosuch", "status"),
        ("run", "--nosuch"),
        ("run", "press1", "--duration", "soon"),
        ("demo", "--machines", "17"),
        ("service",),
        ("service", "upstart"),
        ("-C",),
        ("--log-format", "xml", "status"),
        ("parse-logs", "--log", "nosuch.log"),
        ("completion", "tcsh"),
        ("run", "prss1"),
        ("status", "prss1"),
        ("check", "prss1"),
        ("plot-log", "press1", "-o", "plot.gif"),
        ("parse-logs",),
        ("import-logs", "press1", "--zone", "Europe/Nowhere"),
        ("run",),
        ("notify", "--outbox", "--retry"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_with_a_hint(presses: Desk, arguments: tuple[str, ...]) -> None:
    done = presses.run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert one_line_each(done.stderr), done.stderr


def test_a_hint_names_the_camera_that_was_meant(presses: Desk) -> None:
    assert "did you mean press1, press2" in presses.run("status", "pres1").stderr


@pytest.mark.parametrize("arguments", NEED_CONFIG, ids=" ".join)
def test_without_a_configuration_the_hint_says_where_it_was_looked_for(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    done = desk.run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert one_line_each(done.stderr), done.stderr
    assert "error: no config_cam.ini in config\n" in done.stderr
    assert "looked in config, ., " in done.stderr
    assert "MOTION_TRACK_CONFIG_DIR" in done.stderr
    assert list(desk.folder.iterdir()) == []


def test_a_folder_that_was_named_is_the_only_one_looked_at(
    presses: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = presses.run("-C", "elsewhere", "status")
    monkeypatch.setenv("MOTION_TRACK_CONFIG_DIR", "far away")
    said = presses.run("status")

    assert (named.returncode, said.returncode) == (2, 2)
    assert "error: no config_cam.ini in elsewhere\nhint:  -C or " in named.stderr
    assert "error: no config_cam.ini in far away\nhint:  -C or " in said.stderr


def test_the_configuration_is_where_the_option_or_else_the_variable_says(
    presses: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    presses.config.rename(presses.folder / "first")
    shutil.copytree(presses.folder / "first", presses.folder / "second")
    (presses.folder / "second" / "config_cam.ini").write_text("[only]\nchannel=802\n")

    assert "press1" in presses.run("-C", "first", "cameras").stdout
    monkeypatch.setenv("MOTION_TRACK_CONFIG_DIR", "second")
    assert "only" in presses.run("cameras").stdout
    assert "press1" in presses.run("--config-dir", "first", "cameras").stdout


def test_a_container_needs_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTION_TRACK_CAMERAS", "press1")
    monkeypatch.setenv("RTSP_URL", "rtsp://127.0.0.1:1/live")
    for key, value in {"threshold": 300, "ix": 1, "iy": 1, "ix2": 50, "iy2": 50}.items():
        monkeypatch.setenv(f"MOTION_TRACK_PRESS1_{key.upper()}", str(value))

    assert desk.run("cameras", "--names").stdout == "press1\n"
    assert desk.run("status").returncode == 0


def test_an_option_can_be_set_by_its_variable(
    presses: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTION_TRACK_CAMERAS_JSON", "1")
    monkeypatch.setenv("MOTION_TRACK_CHECK_OFFLINE", "yes")

    assert json.loads(presses.run("cameras").stdout)["schema"] == 1
    assert "not asked for" in presses.run("check").stdout


def test_findings_are_exit_code_one(presses: Desk) -> None:
    (presses.config / "config_cam.ini").write_text("[press1]\nchannel=802\nthreshold=3oo\n")

    assert presses.run("check", "--offline").returncode == 1
    assert presses.run("check", "--offline", "--json").returncode == 1


@pytest.mark.slow
def test_a_source_that_cannot_be_reached_is_exit_code_three(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.configure({"press1": PRESS}, stream=STREAM)

    done = plant.run("run", "press1", "--once")

    assert (done.returncode, done.stdout) == (3, "")
    assert one_line_each("\n".join(done.stderr.splitlines()[-2:]))


@pytest.mark.parametrize("command", ["parse-logs", "plot-log"])
def test_no_data_is_exit_code_four(presses: Desk, command: str) -> None:
    done = presses.run(command, "press1")

    assert (done.returncode, done.stdout) == (4, "")
    assert one_line_each(done.stderr)
    assert "motion-track run press1" in done.stderr


@pytest.mark.slow
def test_a_camera_that_is_tracked_already_is_exit_code_five(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.configure({"press1": PRESS}, stream=STREAM)
    with hold(plant.logs / "press1", os.getpid()):
        done = plant.run("run", "press1")

    assert (done.returncode, done.stdout) == (5, "")
    assert f"press1 is already tracked by process {os.getpid()}" in done.stderr
    assert "hint:" in done.stderr


def test_a_fault_of_ours_is_two_lines_and_with_verbose_the_place(
    presses: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, ZeroDivisionError("with hunter2 in it"))

    short = presses.run("cameras")
    long = presses.run("-v", "cameras")

    assert (short.returncode, short.stdout) == (70, "")
    assert one_line_each(short.stderr)
    assert "hunter2" not in short.stderr
    assert "-v" in short.stderr
    assert (long.returncode, long.stdout) == (70, "")
    assert "Traceback" in long.stderr
    assert "in raising" in long.stderr


def test_not_even_a_traceback_has_a_secret(presses: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    presses.run("cameras")  # knows the password from here on
    breaks(monkeypatch, ZeroDivisionError("with hunter2 in it"))

    assert "hunter2" not in presses.run("-v", "cameras").stderr


def test_interrupted_is_exit_code_130(presses: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch, KeyboardInterrupt())

    done = presses.run("cameras")

    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
def test_ctrl_c_ends_a_watch_with_130_and_no_traceback(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.configure({"press1": PRESS}, stream=STREAM)
    command = [*PROGRAM, "status", "--watch"]
    with Child(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("MACHINE")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert said.strip() == ""


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("status",), ("check", "--offline"), ("nosuch",), ("status", "nosuch"), ()],
    ids=" ".join,
)
def test_colours_are_for_terminals_and_can_be_switched_off(
    presses: Desk, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def said(*before: str) -> str:
        done = presses.run(*before, *arguments)
        return done.stdout + done.stderr

    monkeypatch.setenv("TERM", "xterm-256color")
    piped = said()
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    coloured = said()
    by_option = said("--no-color")
    monkeypatch.setenv("NO_COLOR", "1")
    by_variable = said()

    escape = "\x1b["
    assert escape in coloured
    assert [escape in text for text in (piped, by_option, by_variable)] == [False] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--offline", "--json"),
        ("check", "--offline", "--history", "--json"),
        ("status", "--json"),
        ("cameras", "--json"),
        ("notify", "--json"),
        ("notify", "--outbox", "--json"),
        ("notify", "--retry", "--json"),
    ],
    ids=" ".join,
)
def test_json_is_the_whole_of_what_is_printed(presses: Desk, arguments: tuple[str, ...]) -> None:
    with (presses.config / "config_cam.ini").open("a", encoding="utf-8") as file:
        file.write("\n[broken]\nchannel=802\nthreshold=3oo\n")

    done = presses.run(*arguments)

    assert json.loads(done.stdout)["schema"] == 1
    assert done.returncode == (1 if arguments[0] == "check" else 0)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--help",), ("cameras",), ("check", "--offline")])
def test_who_reads_no_further_causes_no_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    plant = Plant(tmp_path)
    plant.configure({"press1": PRESS}, stream=STREAM)

    done = unread(plant, *arguments)

    assert (done.returncode, done.stderr) == (0, "")


def unread(plant: Plant, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=plant.folder,
            stdout=writing,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    finally:
        os.close(writing)


@pytest.mark.slow
def test_a_tracker_goes_on_when_nobody_reads_what_it_tells(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    area = {"ix": 0, "iy": 0, "ix2": 300, "iy2": 200, "threshold": 300}
    camera = {"channel": "simulated:press?run=60&stop=30", "window_seconds": 5, **area}
    plant.configure({"press1": camera}, stream={})

    done = unread(plant, "run", "press1", "--duration", "6")

    assert (done.returncode, done.stderr) == (0, "")
    with History(plant.history, read_only=True) as history:
        assert history.machines() == ["press1"]


@pytest.mark.slow
def test_a_pipe_that_knows_few_letters_gets_question_marks(tmp_path: Path) -> None:
    """As a pipe on Windows, which has the letters of one country."""
    plant = Plant(tmp_path, {"PYTHONIOENCODING": "ascii"})

    assert plant.run("--help").returncode == 0
    done = plant.run("-C", "Fräse", "status")
    assert done.returncode == 2
    assert "no config_cam.ini in Fr" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_completion_script(desk: Desk, shell: str) -> None:
    done = desk.run("completion", shell)

    assert (done.returncode, done.stderr) == (0, "")
    assert "_MOTION_TRACK_COMPLETE" in done.stdout
    assert f"{shell}_complete" in done.stdout


def test_the_shell_in_use_is_the_one_that_is_meant(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "fish_complete" in desk.run("completion").stdout

    monkeypatch.setenv("SHELL", "/bin/false")
    done = desk.run("completion")
    assert done.returncode == 2
    assert "bash, zsh, fish, powershell" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_camera_names_are_completed(
    presses: Desk, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setenv("_MOTION_TRACK_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "motion-track run pre")
    monkeypatch.setenv("COMP_CWORD", "pre" if shell == "fish" else "2")

    done = presses.run()

    assert (done.returncode, done.stderr) == (0, "")
    assert "press1" in done.stdout
    assert "press2" in done.stdout
    assert "belt" not in done.stdout


def test_completing_without_a_configuration_says_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_MOTION_TRACK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "motion-track -C nowhere run pre")
    monkeypatch.setenv("COMP_CWORD", "4")

    done = desk.run()

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


@pytest.mark.slow
def test_bash_completes_the_name_of_a_camera(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    plant = Plant(tmp_path)
    plant.configure({"press1": PRESS, "belt": PRESS}, stream=STREAM)
    script = plant.run("completion", "bash").stdout
    script += f"""
    motion-track() {{ '{sys.executable}' -m motion_tracking "$@"; }}
    COMP_WORDS=(motion-track status pre) COMP_CWORD=2
    """
    program = tmp_path / "motion-track"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m motion_tracking \"$@\"\n")
    program.chmod(0o755)
    script += f"_motion_track_completion '{program}'; echo \"${{COMPREPLY[@]}}\"\n"

    done = subprocess.run(
        [bash, "-c", script], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )

    assert (done.stdout, done.stderr) == ("press1\n", "")
