"""`motion-track init`: what it learns is shown, written when agreed, and used from then on."""

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from motion_tracking.cli import cli
from motion_tracking.commands.calibrating import Calibration, View
from motion_tracking.commands.ending import guarded
from motion_tracking.commands.outcomes import CalibrationNotKeptError, keep
from motion_tracking.config import load
from motion_tracking.core.doubts import RARE
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi
from motion_tracking.record.profiles import load_profile, save_profile
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.schedule import Schedule
from servers.plant import Plant
from servers.terminal import Terminal
from servers.videos import block, write_video

AREA = "12,12,84,52"
BLOCK = 20, 24, 74, 40
"""Where the block goes."""

SPANS = ("--calibrate-running", "2-24", "--calibrate-stopped", "0:42-1:04")
INI = (
    b"; our cameras\r\n[belt]\r\nchannel = file:belt.mp4 ; the belt\r\n\r\n"
    b"[other]\r\nchannel=802\r\n"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs for 40 s, stands for 40, and runs again."""
    path = tmp_path_factory.mktemp("clip") / "belt.mp4"
    moments = (n / 3 for n in range(110 * 3))
    return write_video(path, (block(at, not 40 <= at < 80) for at in moments), 3)


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs for 90 s and stands for 70."""
    path = tmp_path_factory.mktemp("clip") / "unlabelled.mp4"
    moments = (n / 3 for n in range(160 * 3))
    return write_video(path, (block(at, at < 90) for at in moments), 3)


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path) -> Path:
    path = folder / "config" / "config_cam.ini"
    path.parent.mkdir()
    path.write_bytes(INI)
    (path.parent / "config_stream.ini").write_text("[stream]\nip_address=127.0.0.1\n")
    return path


@pytest.fixture
def init(ini: Path) -> Callable[..., int]:
    def init(*arguments: str | Path) -> int:
        return initialised(ini, *arguments)

    return init


def initialised(ini: Path, *arguments: str | Path) -> int:
    return guarded(cli, ["-C", str(ini.parent), "init", *map(str, arguments)])


@pytest.fixture(scope="module")
def calibrated_once(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calibrated")
    arguments = ("belt", "--snapshot", clip, "--roi", AREA, *SPANS, "--yes")
    assert initialised(written(folder), *arguments) == 0
    return folder


@pytest.fixture
def calibrated(calibrated_once: Path, tmp_path: Path) -> Path:
    """The file of cameras of which `belt` has been calibrated."""
    shutil.copytree(calibrated_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "config" / "config_cam.ini"


def test_a_dry_run_shows_everything_and_writes_nothing(
    init: Callable[..., int], ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("belt", "--snapshot", clip, "--roi", AREA, *SPANS, "--dry-run") == 0
    said = capsys.readouterr().out

    assert "<- threshold" in said
    assert "expected error 0.0%" in said
    assert "+detector" in said
    assert ini.read_bytes() == INI
    assert not (ini.parent / "calibration").exists()


def test_the_area_that_separates_is_proposed(
    init: Callable[..., int], ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("belt", "--snapshot", clip, *SPANS, "--yes") == 0
    said = capsys.readouterr().out
    corners = load(ini.parent, {}).cameras["belt"].corners
    assert corners is not None
    assert f"1: --roi {','.join(map(str, corners))}  movement" in said
    assert overlap(Roi.from_corners(*corners), Roi.from_corners(*BLOCK)) > 0.4


def test_what_is_only_supposed_is_not_written(
    init: Callable[..., int], ini: Path, unlabelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("belt", "--snapshot", unlabelled, "--roi", AREA)
    assert init(*arguments, "--learn", "10m") == 2
    answered = capsys.readouterr()
    assert "running: 0:01 to 1:1" in answered.out
    assert "stopped: 1:4" in answered.out
    assert "nobody is there to say" in answered.err
    assert ini.read_bytes() == INI
    assert not (ini.parent.parent / "logs").exists()

    [spans] = [line for line in answered.err.splitlines() if "--calibrate-running" in line]
    named = spans[spans.index("--calibrate-running") :].split()
    assert init(*arguments, *named, "--yes") == 0
    assert load(ini.parent, {}).cameras["belt"].detector == "calibrated"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_confirms_what_is_supposed(ini: Path, unlabelled: Path, answer: str) -> None:
    arguments = ("init", "belt", "--snapshot", unlabelled, "--roi", AREA, "--learn", "10m")
    with Terminal(*arguments, "--no-open", folder=ini.parent) as terminal:
        terminal.wait_for("supposed.jpg")
        picture = cv2.imdecode(
            np.frombuffer(next(ini.parent.parent.rglob("supposed.jpg")).read_bytes(), np.uint8),
            cv2.IMREAD_GRAYSCALE,
        )
        assert picture.shape[1] > picture.shape[0]
        terminal.wait_for("Is that right?")
        terminal.enter(answer)
        if answer == "y":
            terminal.wait_for("Write this?")
            terminal.enter()
            terminal.wait_for("saved")
        else:
            terminal.wait_for("nothing was written")
        assert terminal.end() == 0
    assert (load(ini.parent, {}).cameras["belt"].detector == "calibrated") is (answer == "y")


def test_what_was_learned_is_written_and_all_else_is_kept(
    calibrated: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ini = calibrated
    written = ini.read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n")
    assert b"channel = file:belt.mp4 ; the belt\r\n" in written
    assert written.endswith(b"[other]\r\nchannel=802\r\n")
    camera = load(ini.parent, {}).cameras["belt"]
    assert camera.corners == (12, 12, 84, 52)
    assert (camera.detector, camera.failrate) == ("calibrated", 0.0)

    capsys.readouterr()
    replay = ["-C", str(ini.parent), "replay", str(clip), "--camera", "belt", "--json"]
    assert guarded(cli, replay) == 0
    found = json.loads(capsys.readouterr().out)
    assert [change["to"] for change in found["transitions"]] == ["running", "stopped", "running"]
    assert found["expected_error"] == 0.0


def test_what_does_not_separate_is_refused_unless_forced(
    init: Callable[..., int], ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alike = ("--calibrate-running", "42-58", "--calibrate-stopped", "60-78")
    arguments = ("belt", "--snapshot", clip, "--roi", AREA, *alike, "--yes")
    assert init(*arguments) == 1
    answered = capsys.readouterr()
    assert "look alike" in answered.err
    assert "expected error not known" in answered.out
    assert ini.read_bytes() == INI

    assert init(*arguments, "--force") == 0
    assert (ini.parent / "calibration" / "belt.npz").exists()
    assert load(ini.parent, {}).cameras["belt"].failrate is None
    capsys.readouterr()
    assert guarded(cli, ["-C", str(ini.parent), "check", "--offline"]) == 0
    assert "belt: calibrated by force" in capsys.readouterr().out
    replay = ["-C", str(ini.parent), "replay", str(clip), "--camera", "belt", "--json"]
    assert guarded(cli, replay) == 0
    assert json.loads(capsys.readouterr().out)["expected_error"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nobody",), 2, "no camera called 'nobody'"),
        (("belt", "--snapshot", "CLIP", "--roi", AREA), 2, "when the machine ran"),
        (("belt", "--snapshot", "CLIP", "--learn", "5m", *SPANS), 2, "name no spans"),
        (("belt", "--snapshot", "CLIP", "--learn", "5m", "--yes"), 2, "a person has to look"),
        (("belt", "--snapshot", "CLIP", "--learn", "5x"), 2, "no time to learn in"),
        (("belt", "--snapshot", "CLIP", "--roi", AREA, "--learn", "5m"), 2, "long enough"),
        (("other", "--learn", "5m", "--yes"), 2, "a person has to look"),
        (("belt", "--snapshot", "CLIP", *SPANS, "--roi", "0,0,9999,9999"), 2, "leaves the picture"),
        (("belt", "--snapshot", "none.mp4", *SPANS, "--roi", AREA), 3, "no such file"),
        (("belt", "--snapshot", "CLIP", *SPANS, "--roi", AREA), 2, "nobody is there to be asked"),
        (("belt", *SPANS), 2, "need --snapshot"),
        (("other", "--no-ui"), 3, "127.0.0.1"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    init: Callable[..., int],
    ini: Path,
    clip: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert init(*(str(clip) if word == "CLIP" else word for word in arguments)) == code
    error = capsys.readouterr().err
    assert "error:" in error
    assert said in error
    assert ini.read_bytes() == INI


def test_a_profile_that_is_gone_or_for_another_area_is_told(
    calibrated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ini = calibrated
    run = ["-C", str(ini.parent), "run", "belt", "--once"]
    ini.write_bytes(ini.read_bytes().replace(b"84", b"80"))
    assert guarded(cli, run) == 2
    assert "another area" in capsys.readouterr().err

    (ini.parent / "calibration" / "belt.npz").unlink()
    assert guarded(cli, run) == 2
    error = capsys.readouterr().err
    assert "there is no" in error
    assert "motion-track init belt" in error


def test_a_profile_of_another_calibration_than_the_configuration_is_told(
    calibrated: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kill between both files leaves this; seen to be tracked without a word before."""
    ini = calibrated
    path = ini.parent / "calibration" / "belt.npz"
    profile = load_profile(path)
    assert load(ini.parent, {}).cameras["belt"].calibration == profile.id
    save_profile(path, replace(profile, threshold=7))

    for command in (("run", "belt", "--once"), ("replay", str(clip), "--camera", "belt")):
        assert guarded(cli, ["-C", str(ini.parent), *command]) == 2
        error = capsys.readouterr().err
        assert f"share of calibration {profile.id}" in error
        assert "motion-track init belt" in error
    assert guarded(cli, ["-C", str(ini.parent), "check", "--offline"]) == 1
    assert f"share of calibration {profile.id}" in capsys.readouterr().out

    text = ini.read_text(encoding="utf-8")
    ini.write_text(text.replace(f"calibration = {profile.id}\n", ""), encoding="utf-8")
    assert guarded(cli, ["-C", str(ini.parent), "replay", str(clip), "--camera", "belt"]) == 0


def test_calibrating_alike_once_more_changes_nothing(
    calibrated: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("belt", "--snapshot", clip, "--roi", AREA, *SPANS)
    assert initialised(calibrated, *arguments, "--dry-run") == 0
    assert "config_cam.ini stays as it is" in capsys.readouterr().out


def test_a_profile_is_as_it_was_where_the_configuration_cannot_be_written(
    calibrated: Path,
) -> None:
    """Seen to fail, with the new profile beside the old file, without the putting back."""
    ini = calibrated
    path = ini.parent / "calibration" / "belt.npz"
    before, config = path.read_bytes(), load(ini.parent, {})
    other = replace(load_profile(path), threshold=7)
    ini.unlink()
    ini.mkdir()
    with pytest.raises(CalibrationNotKeptError):
        keep(config, "belt", other)
    assert path.read_bytes() == before
    with pytest.raises(CalibrationNotKeptError):
        keep(config, "other", other)
    assert not (ini.parent / "calibration" / "other.npz").exists()


@pytest.fixture
def camera() -> Iterator[Camera]:
    """A flywheel that runs for 24 s and then stands."""
    with Camera([Channel(802, "flywheel", Schedule(spans=(24,)))]) as camera:
        yield camera


@pytest.mark.slow
def test_a_machine_is_calibrated_on_a_live_camera(tmp_path: Path, camera: Camera) -> None:
    config = tmp_path / "config"
    config.mkdir()
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    (config / "config_stream.ini").write_text(stream)
    (config / "config_cam.ini").write_text(
        "[wheel]\nchannel=802\nwindow_seconds=5\n[twin]\nchannel=802\n"
    )
    loaded = load(config, {})
    view = View(loaded.cameras["wheel"])
    try:
        calibration = Calibration(loaded, loaded.cameras["wheel"], view)
        assert set(calibration.machines) == {"wheel", "twin"}
        [best, *_] = calibration.proposals()
        assert overlap(best.roi, camera.channels[802].roi) > 0.3
        calibration.choose(camera.channels[802].roi)
        list(calibration.record(MachineState.RUNNING, 10))
        tick = threading.Event()
        while camera.now() < 27:
            tick.wait(0.2)
        list(calibration.record(MachineState.STOPPED, 12))
        found = calibration.judge()
        assert found.separable
        assert found.expected_error == 0.0
        assert 0.5 < view.keys_apart < RARE
        live = None
        while live is None:
            live = calibration.live()
        assert live.score <= live.threshold == found.threshold
        calibration.save()
    finally:
        view.close()
    assert load(config, {}).cameras["wheel"].detector == "calibrated"
    with Plant(tmp_path).tracking("wheel") as tracker:
        tracker.wait_for("stopped")
        assert tracker.stop() == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
@pytest.mark.parametrize("declared", [True, False])
def test_a_person_calibrates_at_the_terminal(
    tmp_path: Path, camera: Camera, declared: bool
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    (config / "config_stream.ini").write_text(stream)
    before = "[wheel]\nchannel=802\n" if declared else "[gate]\nchannel=701\n"
    (config / "config_cam.ini").write_text(before)
    roi = camera.channels[802].roi
    corners = f"{roi.x},{roi.y},{roi.x + roi.width},{roi.y + roi.height}"
    arguments = ("init", "wheel", "--no-ui", "--roi", corners, "--seconds", "15")
    new = () if declared else ("--channel", "802")
    with Terminal(*arguments, *new, folder=config) as terminal:
        terminal.wait_for("When the machine is RUNNING, press Enter to record 15 s")
        terminal.enter()
        terminal.wait_for("When the machine is STOPPED")
        tick = threading.Event()
        while camera.now() < 27:
            tick.wait(0.2)
        terminal.enter()
        terminal.wait_for("<- threshold")
        terminal.wait_for("Write this?")
        assert (config / "config_cam.ini").read_text() == before
        assert "warning:" not in terminal.text
        terminal.enter("y")
        terminal.wait_for("saved")
        assert terminal.end() == 0
    assert (config / "config_cam.ini").read_text().startswith(before)
    assert load(config, {}).cameras["wheel"].roi == roi
    assert (config / "calibration" / "wheel.npz").exists()


def overlap(one: Roi, other: Roi) -> float:
    """The part of both together that they have in common."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    common = max(0, width) * max(0, height)
    return common / (one.area + other.area - common)
