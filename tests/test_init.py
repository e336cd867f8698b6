"""`motion-track init`: what it learns is shown, written when agreed, and used from then on."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from motion_tracking.cli import cli
from motion_tracking.commands.calibrating import Calibration, View
from motion_tracking.commands.ending import guarded
from motion_tracking.config import load
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.schedule import Schedule
from servers.plant import Plant
from servers.videos import block, write_video

AREA = "12,12,84,52"
SPANS = ("--calibrate-running", "2-38", "--calibrate-stopped", "0:42-1:18")
INI = (
    b"; our cameras\r\n[belt]\r\nchannel = file:belt.mp4 ; the belt\r\n\r\n"
    b"[other]\r\nchannel=802\r\n"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs for 40 s, stands for 40, and runs again."""
    path = tmp_path_factory.mktemp("clip") / "belt.mp4"
    moments = (n / 5 for n in range(110 * 5))
    return write_video(path, (block(at, not 40 <= at < 80) for at in moments), 5)


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "config_cam.ini"
    path.parent.mkdir()
    path.write_bytes(INI)
    (path.parent / "config_stream.ini").write_text("[stream]\nip_address=127.0.0.1\n")
    return path


@pytest.fixture
def init(ini: Path) -> Callable[..., int]:
    def init(*arguments: str | Path) -> int:
        return guarded(cli, ["-C", str(ini.parent), "init", *map(str, arguments)])

    return init


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


def test_what_was_learned_is_written_and_all_else_is_kept(
    init: Callable[..., int], ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("belt", "--snapshot", clip, "--roi", AREA, *SPANS, "--yes") == 0

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
    assert "look alike" in capsys.readouterr().err
    assert ini.read_bytes() == INI

    assert init(*arguments, "--force") == 0
    assert (ini.parent / "calibration" / "belt.npz").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nobody",), 2, "no camera called 'nobody'"),
        (("belt", "--snapshot", "CLIP", "--roi", AREA), 2, "when the machine ran"),
        (("belt", "--snapshot", "CLIP", *SPANS), 2, "has no area"),
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
    init: Callable[..., int], ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("belt", "--snapshot", clip, "--roi", AREA, *SPANS, "--yes") == 0
    run = ["-C", str(ini.parent), "run", "belt", "--once"]
    ini.write_bytes(ini.read_bytes().replace(b"84", b"80"))
    assert guarded(cli, run) == 2
    assert "another area" in capsys.readouterr().err

    (ini.parent / "calibration" / "belt.npz").unlink()
    assert guarded(cli, run) == 2
    error = capsys.readouterr().err
    assert "there is no" in error
    assert "motion-track init belt" in error


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


def overlap(one: Roi, other: Roi) -> float:
    """The part of both together that they have in common."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    common = max(0, width) * max(0, height)
    return common / (one.area + other.area - common)
