"""
Calibration warns of what it should, and of nothing else, on encoded pictures of drawn machines.

All through `motion-track init`, as a fitter calls it.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from motion_tracking.cli import cli
from motion_tracking.commands.ending import guarded
from motion_tracking.config import load
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.filming import shoot
from motion_tracking.simulator.nuisances.overlay import write
from motion_tracking.simulator.scenarios import SCENARIOS
from motion_tracking.simulator.scenes import MACHINES, Noise, Press
from servers.clips import machine_roi
from servers.gst import Channel, GstCamera
from servers.terminal import Terminal
from servers.videos import write_video

pytestmark = pytest.mark.slow

FPS = 8
HALF = 30
"""Seconds that a drawn machine runs; then it stands for as long."""

SPANS = (
    "--calibrate-running",
    f"1-{HALF - 1}",
    "--calibrate-stopped",
    f"{HALF + 1}-{2 * HALF - 1}",
)
AREA = Press().roi

Draw = Callable[[float], Grey]


def corners(roi: Roi) -> str:
    return f"{roi.x},{roi.y},{roi.x + roi.width},{roi.y + roi.height}"


def machine(name: str) -> Draw:
    """Draw a machine that stands from `HALF` on."""
    scene = MACHINES[name]()
    return lambda at: scene.draw(min(at, HALF))


def hesitant(works: float, cycle: float) -> Draw:
    """Draw a press that strokes for some seconds of each cycle, and waits for the others."""
    scene = Press()
    return lambda at: scene.draw(min(min(at, HALF) % cycle, works))


def clocked(draw: Draw, place: tuple[int, int]) -> Draw:
    """Write a clock into what is drawn."""

    def drawn(at: float) -> Grey:
        picture = draw(at)
        write(picture, f"2024-03-14 10:00:{int(at):02}", place, 0.36)
        return picture

    return drawn


class Fitter:
    """Calls `init` on what is filmed, and reads what it says."""

    def __init__(self, folder: Path, printed: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "config"
        self.config.mkdir()
        self.ini = self.config / "config_cam.ini"
        self.ini.write_text("[press1]\nchannel=file:press1.mp4\n", encoding="utf-8")
        self._printed = printed

    def init(self, clip: Path, *arguments: str) -> tuple[int, str, list[str]]:
        """Return exit code, all that was said, and the warnings."""
        command = ["-C", str(self.config), "init", "press1", "--snapshot", str(clip), *arguments]
        code = guarded(cli, command)
        out, err = self._printed.readouterr()
        warnings = [line for line in err.splitlines() if line.startswith("warning:")]
        return code, out + err, warnings


@pytest.fixture
def fitter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fitter:
    return Fitter(tmp_path, capsys)


Film = Callable[..., Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Film what is drawn, once."""
    folder = tmp_path_factory.mktemp("filmed")

    def film(name: str, draw: Draw, noise: float = 3.0) -> Path:
        path = folder / f"{name}.mp4"
        if not path.exists():
            grain = Noise((352, 288), 1, noise)
            pictures = (grain.add(draw(n / FPS)) for n in range(2 * HALF * FPS))
            write_video(path, pictures, FPS)
        return path

    return film


@pytest.fixture(scope="session")
def press(film: Film) -> Path:
    """A press that runs and stands, with nothing to be said against it."""
    return film("press", machine("press"))


def told(warnings: list[str], words: str) -> bool:
    return any(words in warning for warning in warnings)


def test_an_area_in_which_nothing_moves_is_refused_unless_forced(
    fitter: Fitter, press: Path
) -> None:
    beside = ("--roi", "4,40,70,140", *SPANS, "--yes")
    before = fitter.ini.read_bytes()
    code, said, warnings = fitter.init(press, *beside)
    assert code == 1
    assert told(warnings, "Not separable")
    assert len(warnings) == 1
    assert "expected error not known" in said
    assert fitter.ini.read_bytes() == before

    code, _, _ = fitter.init(press, *beside, "--force")
    assert code == 0
    assert load(fitter.config, {}).cameras["press1"].failrate is None


def test_a_machine_that_is_hardly_seen_is_called_weak(fitter: Fitter, film: Film) -> None:
    clip = film("faint", machine("flywheel"), noise=20.0)
    code, said, warnings = fitter.init(clip, "--roi", corners(AREA), *SPANS, "--yes")
    assert code == 0
    assert told(warnings, "Weak")
    assert "bright sticker" in said


@pytest.mark.parametrize("name", ["press", "flywheel"])
def test_a_clock_in_the_area_is_told_beside_a_machine(
    fitter: Fitter, film: Film, name: str
) -> None:
    """Seen to fail while the machine's own movement hid the clock."""
    area = MACHINES[name]().roi
    inside = film(f"clock_in_{name}", clocked(machine(name), (area.x + 2, area.y + 11)))
    _, said, warnings = fitter.init(inside, "--roi", corners(area), *SPANS, "--dry-run")
    assert [told(warnings, "as a clock does"), len(warnings)] == [True, 1]
    assert "the clock of the picture is not in it" in said


def test_a_clock_outside_the_area_is_no_matter(fitter: Fitter, film: Film) -> None:
    outside = film("clock_outside", clocked(machine("press"), (4, 14)))
    code, _, warnings = fitter.init(outside, "--roi", corners(AREA), *SPANS, "--dry-run")
    assert (code, warnings) == (0, [])


@pytest.mark.parametrize(("noise", "noisy"), [(8.0, False), (17.0, True)])
def test_a_noisy_picture_is_told(fitter: Fitter, film: Film, noise: float, noisy: bool) -> None:
    """Without a clock in it: loud noise was once taken for one."""
    clip = film(f"noise_{noise}", machine("press"), noise)
    _, _, warnings = fitter.init(clip, "--roi", corners(AREA), *SPANS, "--dry-run")
    assert [told(warnings, "very noisy"), len(warnings)] == [noisy, int(noisy)]


@pytest.mark.parametrize(("works", "cycle", "told_of"), [(3, 5, False), (6, 25, True)])
def test_a_machine_that_rests_for_longer_than_half_a_window_is_told(
    fitter: Fitter, film: Film, works: int, cycle: int, told_of: bool
) -> None:
    clip = film(f"rests_{cycle}", hesitant(works, cycle))
    _, said, warnings = fitter.init(clip, "--roi", corners(AREA), *SPANS, "--dry-run")
    assert told(warnings, "while it ran, nothing moved for") is told_of
    assert ("set window_seconds to" in said) is told_of
    if told_of:
        fitter.ini.write_text(fitter.ini.read_text() + "window_seconds=60\n", encoding="utf-8")
        _, _, warnings = fitter.init(clip, "--roi", corners(AREA), *SPANS, "--dry-run")
        assert not told(warnings, "nothing moved")
    else:
        assert warnings == []


@pytest.mark.parametrize("area", ["100,100,353,200", "0,0,9999,9999"])
def test_an_area_off_the_picture_is_refused(fitter: Fitter, press: Path, area: str) -> None:
    before = fitter.ini.read_bytes()
    code, said, _ = fitter.init(press, "--roi", area, *SPANS, "--yes", "--force")
    assert code == 2
    assert "the area leaves the picture of 352x288" in said
    assert fitter.ini.read_bytes() == before


@pytest.mark.parametrize("name", MACHINES)
def test_a_drawn_machine_raises_no_warning(fitter: Fitter, film: Film, name: str) -> None:
    area = corners(MACHINES[name]().roi)
    code, said, warnings = fitter.init(film(name, machine(name)), "--roi", area, *SPANS, "--yes")
    assert (code, warnings) == (0, [])
    assert "Well separated" in said


GOOD = ("dim_flywheel", "dwell_press", "sparse_conveyor", "vibration")


@pytest.mark.parametrize("name", GOOD)
def test_a_machine_of_the_benchmark_raises_no_warning(
    fitter: Fitter, tmp_path: Path, name: str
) -> None:
    clip = shoot(SCENARIOS[name], 51, 240.0, tmp_path)
    [labels] = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))["rois"]
    spans = {
        state: f"{start + 5}-{start + 65}" for state, (start, _) in labels["calibration_s"].items()
    }
    code, said, warnings = fitter.init(
        clip,
        *("--roi", ",".join(map(str, labels["roi"]))),
        *(
            "--calibrate-running",
            spans["running"],
            "--calibrate-stopped",
            spans["stopped"],
            "--yes",
        ),
    )
    assert (code, warnings) == (0, [])
    assert "expected error 0.0%" in said


@pytest.fixture
def rarely(
    start_gst_camera: Callable[..., GstCamera],
) -> Callable[[float], tuple[GstCamera, str]]:
    """Start a real recorder whose channel 802 sends a key frame every so many seconds."""

    def start(seconds: float) -> tuple[GstCamera, str]:
        channel = Channel(802, size=(352, 288), fps=10, gop=round(10 * seconds))
        camera = start_gst_camera(channels=(channel,), auth="none")
        return camera, ",".join(map(str, machine_roi(352, 288)))

    return start


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
@pytest.mark.parametrize(("seconds", "rare"), [(2.0, False), (20.0, True)])
def test_rare_key_frames_of_a_real_camera_are_told(
    fitter: Fitter,
    rarely: Callable[[float], tuple[GstCamera, str]],
    seconds: float,
    rare: bool,
) -> None:
    camera, area = rarely(seconds)
    fitter.ini.write_text("[press1]\nchannel=802\n", encoding="utf-8")
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    (fitter.config / "config_stream.ini").write_text(stream, encoding="utf-8")
    arguments = ("init", "press1", "--no-ui", "--roi", area, "--seconds", "15")
    with Terminal(*arguments, folder=fitter.config) as terminal:
        terminal.wait_for("is RUNNING")
        terminal.enter()
        terminal.wait_for("is STOPPED")
        camera.show("stopped")
        terminal.enter()
        terminal.wait_for("Write this?")
        terminal.enter("n")
        assert terminal.end() == 0
    assert ("the camera sends a whole picture every 1" in terminal.text) is rare
    assert ("warning:" in terminal.text) is rare
