"""Are the files that start tracking at boot fit for those who read them?"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from servers.desk import PRESS, STREAM, Desk

PROJECT = Path(__file__).parents[1]
NODE = shutil.which("node")
SYSTEMD = shutil.which("systemd-analyze")
MANAGERS = {
    "pm2": "ecosystem.config.js",
    "systemd": "motion-track@.service",
    "windows": "install_services.bat",
    "docker": "Dockerfile",
}
STOP_FOR_GOOD = [2, 5, 6]


@pytest.fixture
def plant(desk: Desk) -> Desk:
    cameras = {
        "press1": PRESS,
        "press2": PRESS,
        "gate": {"channel": 902},
        "off": PRESS | {"enabled": "no"},
        "broken": PRESS | {"threshold": "3oo"},
    }
    desk.configure(cameras, stream=STREAM)
    return desk


def written(desk: Desk, manager: str, *options: str) -> Path:
    """Let the file be written into a folder; return it."""
    done = desk.run("service", manager, "-o", "boot", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return desk.folder / "boot" / MANAGERS[manager]


@pytest.mark.parametrize("manager", MANAGERS)
def test_what_is_printed_is_what_is_written(plant: Desk, manager: str) -> None:
    printed = plant.run("service", manager)
    done = plant.run("service", manager, "-o", "boot")

    file = Path("boot", MANAGERS[manager])
    assert (printed.returncode, printed.stderr) == (0, "")
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_text(encoding="utf-8").rstrip() == printed.stdout.rstrip()
    first, second = done.stdout.splitlines()
    assert first == str(file)
    assert second.startswith("next: ")


@pytest.mark.parametrize("manager", MANAGERS)
def test_no_placeholder_and_no_password_is_left(plant: Desk, manager: str) -> None:
    text = plant.run("service", manager).stdout

    assert not re.search(r"\$\{?[a-z]", text)
    assert STREAM["password"] not in text


def test_lines_end_as_their_reader_wants(plant: Desk) -> None:
    batch = written(plant, "windows").read_bytes()
    unit = written(plant, "systemd").read_bytes()

    assert batch.count(b"\r\n") == batch.count(b"\n") > 5
    assert b"\r" not in unit


def test_windows_gets_a_service_for_each_camera_to_track(plant: Desk) -> None:
    lines = written(plant, "windows").read_text(encoding="utf-8").splitlines()

    installed = [line for line in lines if line.startswith("nssm install")]
    assert [line.split()[2] for line in installed] == ["motion-track-press1", "motion-track-press2"]
    config = plant.config.resolve()
    assert installed[0].endswith(f'-C "{config}" run press1')
    ends = [f"nssm set motion-track-press1 AppExit {code} Exit" for code in STOP_FOR_GOOD]
    assert [line for line in lines if line in ends] == ends


def test_systemd_is_told_which_failures_are_for_good_and_who_runs_it(plant: Desk) -> None:
    unit = written(plant, "systemd", "--user", "tracker").read_text(encoding="utf-8")

    assert "User=tracker\n" in unit
    assert "RestartPreventExitStatus=2 5 6\n" in unit
    assert f"WorkingDirectory={plant.folder}\n" in unit
    done = plant.run("service", "systemd", "-o", "boot")
    assert "motion-track@press1 motion-track@press2" in done.stdout


def test_odd_folders_are_quoted_for_whoever_reads_them(
    plant: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = plant.folder / "the 100% plant"
    shutil.copytree(plant.config, odd / "config")
    monkeypatch.chdir(odd)

    unit = plant.run("service", "systemd").stdout
    assert '-C "' + str(odd / "config").replace("%", "%%") + '" run %i\n' in unit
    assert "WorkingDirectory=" + str(odd).replace("%", "%%") + "\n" in unit
    assert (
        '-C "' + str(odd / "config").replace("%", "%%") + '"'
        in plant.run("service", "windows").stdout
    )


@pytest.mark.slow
def test_systemd_finds_nothing_wrong(plant: Desk) -> None:
    if SYSTEMD is None:
        pytest.skip("no systemd-analyze")
    unit = written(plant, "systemd")

    done = subprocess.run(
        [SYSTEMD, "verify", "--man=no", unit.rename(unit.with_name("motion-track@press1.service"))],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    ours = [line for line in done.stderr.splitlines() if "motion-track@" in line]
    assert (done.returncode, ours) == (0, [])


def test_docker_copies_only_what_the_project_has(plant: Desk) -> None:
    text = plant.run("service", "docker").stdout
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]

    names = [name for names in copied for name in names]
    assert {"pyproject.toml", "motion_tracking"} <= set(names)
    assert [name for name in names if not (PROJECT / name).exists()] == []


def test_docker_tracks_as_a_user_and_looks_at_its_health(plant: Desk) -> None:
    text = plant.run("service", "docker").stdout

    assert re.search(r"^USER (?!root)\w+$", text, re.M)
    assert re.search(r"^HEALTHCHECK .*CMD motion-track status --exit-code$", text, re.M)
    assert 'ENTRYPOINT ["motion-track"]' in text


@pytest.mark.slow
def test_pm2_gets_a_process_for_each_camera_to_track(plant: Desk) -> None:
    if NODE is None:
        pytest.skip("no node: install Node.js 18 or newer")
    file = written(plant, "pm2")

    done = subprocess.run(
        [NODE, "-p", f"JSON.stringify(require({json.dumps(str(file))}).apps)"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    apps = json.loads(done.stdout)
    assert [app["name"] for app in apps] == ["press1", "press2"]
    for app in apps:
        assert app["args"] == ["-C", str(plant.config.resolve()), "run", app["name"]]
        assert Path(app["cwd"], app["script"]).resolve().exists()
        assert app["interpreter"] == "none"
        assert app["stop_exit_codes"] == STOP_FOR_GOOD
        assert app["kill_timeout"] >= 2000


def test_a_file_in_the_way_of_the_folder_is_a_mistake(plant: Desk) -> None:
    (plant.folder / "boot").write_text("", encoding="utf-8")

    done = plant.run("service", "docker", "-o", "boot/deeper")

    assert (done.returncode, done.stdout) == (2, "")
    assert "error: cannot write" in done.stderr
