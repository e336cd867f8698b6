"""What is ignored is seen by no detector, and by everybody who looks at a picture."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from motion_tracking.commands.calibrating import Calibration, View
from motion_tracking.commands.ignoring import ignored_of
from motion_tracking.commands.labels import Spans
from motion_tracking.commands.learning import learned
from motion_tracking.commands.picture import save_picture
from motion_tracking.commands.replaying import replayed
from motion_tracking.commands.tracking import Known, learned_machine, profile_file, profile_of
from motion_tracking.config import Address, Camera, load
from motion_tracking.console import Failure
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import MachineState
from motion_tracking.core.masking import NOTHING, Ignored, Masked
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.profile import Profile, fingerprint
from motion_tracking.record.profiles import save_profile
from motion_tracking.simulator.camera import Camera as SimulatedCamera
from motion_tracking.simulator.camera import Channel
from motion_tracking.simulator.scenes import Noise
from servers.videos import write_video

SIZE = (96, 64)
ROI = Roi(8, 8, 80, 48)
PASSAGE = Ignored((((64, 8), (88, 56)),))


def frame(picture: Grey, at: float, *earlier: Frame) -> Frame:
    return Frame(picture, at, at, earlier=earlier)


def scene(machine: float, passer: float) -> Grey:
    """Draw a machine on the left and, on the right, a passage; each at its place of 0..1."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    picture = (90 + 25 * np.sin(columns / 9 + rows / 7)).astype(np.uint8)
    x, y = round(12 + 30 * machine), round(10 + 30 * passer)
    picture[20:36, x : x + 12] = 210
    picture[y : y + 14, 70:82] = 20
    return picture


def film(seconds: float, fps: int = 10) -> Iterator[Grey]:
    """The machine runs for the first half; somebody walks up and down all the time."""
    noise = Noise(SIZE, 4, 2.0)
    for n in range(round(seconds * fps)):
        at = n / fps
        runs = at < seconds / 2
        machine = abs(at / 1.9 % 2 - 1) if runs else 0.4
        yield noise.add(scene(machine, abs(at / 1.3 % 2 - 1)))


def test_a_rectangle_a_polygon_and_a_chart_hide_what_they_cover() -> None:
    chart = np.full((32, 48), 255, np.uint8)
    chart[:2] = 0
    ignored = Ignored((((90, 10), (80, 5)), ((10, 20), (30, 20), (10, 40))), chart)
    pixels = ignored.pixels(SIZE)

    assert pixels.shape == (64, 96)
    assert pixels[5:10, 80:90].all()
    assert not pixels[10, 80:90].any()
    assert pixels[21, 12]
    assert not pixels[38, 28]
    assert pixels[:4].all()
    assert ignored.key not in ("", PASSAGE.key)
    assert NOTHING.key == ""
    assert not NOTHING.pixels(SIZE).any()


def test_what_is_hidden_takes_the_grey_around_it_and_the_frame_stays_as_it_was() -> None:
    picture = np.full((64, 96), 100, np.uint8)
    picture[20:30, 70:80] = 250
    before = picture.copy()
    given = frame(picture, 1.0, frame(picture, 0.5))
    hidden = PASSAGE.hide(given)

    assert (hidden.luma == 100).all()
    assert (hidden.earlier[0].luma == 100).all()
    assert (picture == before).all()
    assert NOTHING.hide(given) is given


def test_the_difference_detector_does_not_see_what_is_ignored() -> None:
    plain, masked = Difference(ROI), Masked(Difference(ROI), PASSAGE)
    for detector in (plain, masked):
        assert detector.score(frame(scene(0.0, 0.0), 0.0)) is None
    passer = frame(scene(0.0, 0.9), 0.5)
    assert (plain.score(passer) or 0) > 300
    assert masked.score(passer) == 0
    both = masked.score(frame(scene(0.9, 0.0), 1.0))
    assert both is not None
    assert both > 300
    masked.forget()
    assert masked.score(passer) is None


def states(known: Known, video: Path) -> list[MachineState]:
    [found] = replayed(video, [known])
    return [tile.state for tile in found.tiles if tile.state is not MachineState.UNKNOWN]


@pytest.mark.slow
@pytest.mark.parametrize("detector", ["difference", "calibrated"])
def test_a_passage_no_longer_makes_the_machine_run(tmp_path: Path, detector: str) -> None:
    video = write_video(tmp_path / "hall.mp4", film(120.0), 10)
    corners = (ROI.x, ROI.y, ROI.x + ROI.width, ROI.y + ROI.height)
    camera = Camera("press1", Address("file", str(video)), corners, 300)

    def known(ignored: Ignored) -> Known:
        if detector == "difference":
            return Known(camera, ignored=ignored)
        spans = Spans((2.0, 55.0), (65.0, 118.0))
        return learned_machine(camera, learned(video, ROI, spans, ignored).profile, ignored)

    assert states(known(PASSAGE), video) == [MachineState.RUNNING, MachineState.STOPPED]
    if detector == "difference":
        assert states(known(NOTHING), video) == [MachineState.RUNNING]


def taught_wrongly(fps: int = 10) -> Iterator[Grey]:
    """Somebody walks by while the machine runs, and not while it stands; a minute later again."""
    noise = Noise(SIZE, 5, 2.0)
    for n in range(170 * fps):
        at = n / fps
        machine = abs(at / 1.9 % 2 - 1) if at < 60 else 0.4
        passer = abs(at / 1.3 % 2 - 1) if at < 60 or at >= 120 else 0.1
        yield noise.add(scene(machine, passer))


@pytest.mark.slow
def test_what_was_learned_with_a_passer_by_needs_the_mask(tmp_path: Path) -> None:
    video = write_video(tmp_path / "hall.mp4", taught_wrongly(), 10)
    corners = (ROI.x, ROI.y, ROI.x + ROI.width, ROI.y + ROI.height)
    camera = Camera("press1", Address("file", str(video)), corners, 300)
    spans = Spans((2.0, 58.0), (62.0, 118.0))

    def known(ignored: Ignored) -> Known:
        return learned_machine(camera, learned(video, ROI, spans, ignored).profile, ignored)

    assert states(known(PASSAGE), video) == [MachineState.RUNNING, MachineState.STOPPED]
    assert states(known(NOTHING), video)[-1] is MachineState.RUNNING


def test_a_calibration_goes_with_the_mask_that_it_was_made_with(
    tmp_path: Path, profile: Profile
) -> None:
    kept = replace(profile, mask=PASSAGE.key)
    save_profile(profile_file(tmp_path, "press1"), kept)
    roi = profile.roi
    corners = (roi.x, roi.y, roi.x + roi.width, roi.y + roi.height)
    camera = Camera("press1", Address("webcam", "0"), corners, 300, detector="calibrated")
    camera = replace(camera, mask=tuple(PASSAGE.shapes))
    found = profile_of(tmp_path, camera)

    assert found is not None
    assert (found.mask, found.id) == (PASSAGE.key, fingerprint(kept))
    for other in (None, (((0, 0), (9, 9)),)):
        with pytest.raises(Failure, match="another mask"):
            profile_of(tmp_path, replace(camera, mask=other))


@pytest.fixture
def profile() -> Profile:
    from motion_tracking.core.patches import Patch
    from motion_tracking.core.profile import Lag

    patch = Patch(ROI, SIZE)
    flat = np.ones(patch.shape, np.float32)
    lag = Lag(0.5, flat, flat / flat.size, ~patch.inside, 1.0)
    grey = np.zeros((4, 4), np.uint8)
    return Profile(SIZE, ROI, (lag,), 300, 0.5, 2.0, 0.0, flat, patch.inside, 1.0, grey, grey)


def configured(folder: Path, keys: str) -> Camera:
    (folder / "config").mkdir(exist_ok=True)
    text = "[stream]\nip_address=10.0.0.7\n"
    (folder / "config" / "config_stream.ini").write_text(text, encoding="utf-8")
    (folder / "config" / "config_cam.ini").write_text(
        f"[press1]\nchannel=802\n{keys}\n", encoding="utf-8"
    )
    config = load(folder / "config", {})
    assert not config.broken, config.problems
    return config.cameras["press1"]


@pytest.mark.parametrize("name", ["mask.png", "mask.pgm", "Maske-ü.png"])
def test_a_mask_is_read_from_keys_and_from_a_file(tmp_path: Path, name: str) -> None:
    chart = np.full((64, 96), 255, np.uint8)
    chart[:8] = 0
    data = cv2.imencode(Path(name).suffix, chart)[1].tobytes()
    (tmp_path / name).write_bytes(data)
    camera = configured(tmp_path, f"mask=64,8 88,56 | 1,60 5,60 5,63 ; a passage\nmask_file={name}")
    ignored = ignored_of(tmp_path / "config", camera)

    assert camera.mask == (((64, 8), (88, 56)), ((1, 60), (5, 60), (5, 63)))
    pixels = ignored.pixels(SIZE)
    assert pixels[:8].all()
    assert pixels[8:56, 64:88].all()
    assert not pixels[20, 20]


def test_a_mask_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    camera = configured(tmp_path, "mask_file=nowhere.png")
    with pytest.raises(Failure, match=r"mask_file .*nowhere.png cannot be used: No such"):
        ignored_of(tmp_path / "config", camera)
    (tmp_path / "nowhere.png").write_bytes(b"no picture")
    with pytest.raises(Failure, match="it is no picture"):
        ignored_of(tmp_path / "config", camera)


def test_a_saved_picture_shows_what_is_ignored(tmp_path: Path) -> None:
    camera = Camera("press1", Address("webcam", "0"), (8, 8, 88, 56), 300)
    seen = frame(np.full((64, 96), 100, np.uint8), 0.0)
    path = save_picture(tmp_path, camera, seen, PASSAGE)
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)

    assert picture[12:52, 66:86].std() > 30
    assert picture[32:52, 14:60].std() < 10


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera([Channel(802, "flywheel")]) as camera:
        yield camera


@pytest.mark.slow
def test_a_mask_is_drawn_in_init_and_kept_with_the_calibration(
    tmp_path: Path, camera: SimulatedCamera
) -> None:
    (tmp_path / "config").mkdir()
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    (tmp_path / "config" / "config_stream.ini").write_text(stream, encoding="utf-8")
    cameras = "[wheel]\nchannel=802\nmask=1,1 9,9\n"
    (tmp_path / "config" / "config_cam.ini").write_text(cameras, encoding="utf-8")
    config = load(tmp_path / "config", {})
    view = View(config.cameras["wheel"])
    try:
        calibration = Calibration(config, config.cameras["wheel"], view)
        calibration.choose(camera.channels[802].roi)
        assert calibration.ignored == (((1, 1), (9, 9)),)
        shapes = (((100, 60), (180, 140)), ((5, 5), (60, 5), (30, 90)))
        with pytest.raises(ValueError, match="outside of the picture, which is 352x288"):
            calibration.ignore((((0, 0), (353, 9)),))
        calibration.ignore(shapes)
        shown = calibration.picture().luma[62:138, 102:178]
        assert np.isin(shown, (20, 235)).mean() > 0.3
        for state in (MachineState.RUNNING, MachineState.STOPPED):  # the same twice: forced
            list(calibration.record(state, 13.0))
        calibration.judge()
        assert "+mask=100,60 180,140 | 5,5 60,5 30,90" in calibration.diff()
        calibration.save(force=True)
    finally:
        view.close()

    saved = load(tmp_path / "config", {}).cameras["wheel"]
    assert saved.mask == shapes
    profile = profile_of(tmp_path / "config", saved)
    assert profile is not None
    assert profile.mask == Ignored(shapes).key
