"""Does pm2 keep one process per camera alive, and let go of it?  Real pm2, real ecosystem file."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from servers.pm2 import CAMERAS, NODE, Pm2, running, wait_until_tracked

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]

# a shebang cannot name a Python with a blank in its path
FAKE = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import json, os, signal, sys
if sys.argv[1:] == ["cameras", "--json"]:
    sys.stderr.write({stderr!r})
    sys.stdout.write({stdout!r})
    sys.exit({status})
sys.exit(int(sys.argv[2].removeprefix("exit")))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the real ecosystem file and a blank in its name; no cameras yet."""
    folder = tmp_path / "the plant"
    (folder / "config").mkdir(parents=True)
    shutil.copy(PROJECT / "ecosystem.config.js", folder)
    return folder


def install_fake(project: Path, cameras: object, stderr: str = "", status: int = 0) -> Path:
    """Put a motion-track into the project's .venv that only answers `cameras --json`."""
    program = project / ".venv" / "bin" / "motion-track"
    program.parent.mkdir(parents=True)
    stdout = cameras if isinstance(cameras, str) else json.dumps(cameras)
    fake = FAKE.format(python=sys.executable, stderr=stderr, stdout=stdout, status=status)
    program.write_text(fake, encoding="utf-8")
    program.chmod(0o755)
    return program


def camera(name: str, **differs: bool) -> dict[str, object]:
    return {"name": name, "enabled": True, "trackable": True, **differs}


def evaluate(project: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Evaluate the ecosystem file as pm2 does, and print its apps as JSON."""
    if NODE is None:
        pytest.skip("no node: install Node.js 18 or newer")
    return subprocess.run(
        [NODE, "-p", "JSON.stringify(require('./ecosystem.config.js').apps)"],
        cwd=project,
        env={"PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_each_enabled_camera_with_an_area_becomes_one_process(project: Path) -> None:
    program = install_fake(
        project,
        {
            "schema": 1,
            "cameras": [
                camera("press1"),
                camera("off", enabled=False),
                camera("gate", trackable=False),
                camera("press2"),
            ],
        },
    )

    apps = json.loads(evaluate(project).stdout)

    assert [app["args"] for app in apps] == [["run", "press1"], ["run", "press2"]]
    assert [app["name"] for app in apps] == ["press1", "press2"]
    for app in apps:
        assert Path(app["cwd"], app["script"]) == program
        assert app["interpreter"] == "none"
        assert app["cwd"] == str(project)
        assert app["stop_exit_codes"] == [2, 5, 6]
    assert len({app["out_file"] for app in apps} | {app["error_file"] for app in apps}) == 4


def test_motion_track_is_found_on_the_path(project: Path) -> None:
    program = install_fake(project, {"cameras": [camera("press1")]})
    elsewhere = project / "elsewhere"
    program.parent.rename(elsewhere)

    apps = json.loads(evaluate(project, str(elsewhere)).stdout)

    assert Path(apps[0]["cwd"], apps[0]["script"]) == elsewhere / "motion-track"


def test_a_blank_in_the_path_that_pm2_cannot_run_is_said(project: Path) -> None:
    program = install_fake(project, {"cameras": [camera("press1")]})
    elsewhere = project.parent / "of the company"
    program.parent.rename(elsewhere)

    assert "a blank is in its path" in evaluate(project, str(elsewhere)).stderr


def test_a_broken_camera_does_not_stop_the_others(project: Path) -> None:
    cameras = {"cameras": [camera("press1"), camera("press3", trackable=False)]}
    install_fake(project, cameras, "warning: [press3] threshold = 3oo\n", status=1)

    done = evaluate(project)

    assert [app["name"] for app in json.loads(done.stdout)] == ["press1"]
    assert "3oo" in done.stderr


@pytest.mark.parametrize(
    ("cameras", "stderr", "said"),
    [
        pytest.param(
            "", "error: no config_cam.ini in config", "no config_cam.ini in config", id="config"
        ),
        pytest.param({"cameras": []}, "", "no camera can be tracked yet", id="no camera"),
        pytest.param(None, "", "motion-track is not installed", id="not installed"),
    ],
)
def test_what_is_wrong_is_said_with_a_hint_and_no_trace(
    project: Path, cameras: object, stderr: str, said: str
) -> None:
    if cameras is not None:
        install_fake(project, cameras, stderr, status=2 if stderr else 0)

    done = evaluate(project)

    assert done.returncode != 0
    assert f"error: {said}" in done.stderr
    assert "hint: " in done.stderr
    assert "at findMotionTrack" not in done.stderr
    assert "at listCameras" not in done.stderr


@pytest.fixture
def pm2(project: Path) -> Iterator[Pm2]:
    with running(project) as manager:
        yield manager


def test_a_crashed_process_comes_back_and_a_broken_config_does_not(pm2: Pm2) -> None:
    install_fake(pm2.project, {"cameras": [camera("exit3"), camera("exit2")]})

    started = pm2.run("start", "ecosystem.config.js")

    assert started.returncode == 0, started.stderr
    assert pm2.wait_until("exit3", lambda process: process.restarts >= 1).exit_code == 3
    refused = pm2.processes()["exit2"]
    assert (refused.pid, refused.restarts, refused.exit_code) == (0, 0, 2)


def test_pm2_shows_what_is_wrong_with_the_config(pm2: Pm2) -> None:
    install_fake(pm2.project, "", "error: config_cam.ini:3 is no line of an INI file\n", status=2)

    done = pm2.run("start", "ecosystem.config.js")

    assert done.returncode != 0
    assert "error: config_cam.ini:3" in done.stderr
    assert pm2.processes() == {}


def test_a_tracker_is_started_killed_restarted_and_stopped(pm2: Pm2) -> None:
    (pm2.project / "config" / "config_cam.ini").write_text(CAMERAS, encoding="utf-8")
    (pm2.project / "config" / "config_stream.ini").write_text("[stream]\n", encoding="utf-8")
    (pm2.project / ".venv").symlink_to(sys.prefix)
    ecosystem = pm2.project / "ecosystem.config.js"
    shipped = ecosystem.read_text(encoding="utf-8")
    assert "kill_timeout: 5000" in shipped
    hasty = shipped.replace("kill_timeout: 5000", "kill_timeout: 1600")
    ecosystem.write_text(hasty, encoding="utf-8")

    started = pm2.run("start", "ecosystem.config.js")
    assert started.returncode == 0, started.stderr
    assert pm2.processes().keys() == {"press1", "press2"}
    first = pm2.wait_until("press1", lambda process: process.status == "online")
    wait_until_tracked(pm2, "press1")

    psutil.Process(first.pid).kill()
    again = pm2.wait_until(
        "press1", lambda process: process.restarts == 1 and process.status == "online"
    )
    assert again.pid != first.pid
    wait_until_tracked(pm2, "press1")

    assert pm2.run("stop", "press1").returncode == 0
    assert pm2.processes()["press1"].status == "stopped"
    # a process that took longer than 1.6 s is said to have gone via SIGKILL
    said = (pm2.home / "pm2.log").read_text(encoding="utf-8")
    assert said.count("App [press1:0] exited with code [0] via signal [SIGKILL]") == 1
    assert said.count("App [press1:0] exited with code [0] via signal [SIGINT]") == 1
