"""What every source must do: give frames, tell why it cannot, and end when asked."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.capture import SOURCES, SourceError, Trouble, open_source
from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.rtsp import with_credentials
from motion_tracking.core.motion import Frame, Roi, grey

SIZE = (176, 144)
FPS = 25


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a bright square that moves over a grey ramp."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"bf": "0", "g": "25"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for n in range(2 * FPS):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture(n), format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def picture(n: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    ramp = np.linspace(20, 230, SIZE[0], dtype=np.uint8)
    image = np.repeat(ramp[None, :, None], SIZE[1], axis=0).repeat(3, axis=2)
    image[40:80, n : n + 30] = 255
    return image


def start_of_time() -> Moment:
    return Moment(100.0, 1e9)


@pytest.fixture(params=[kind for kind in SOURCES if kind != "rtsp"])
def location(request: pytest.FixtureRequest, clip: Path) -> tuple[str, str]:
    """A kind that needs no server, and a location it can open; RTSP has a file of its own."""
    return request.param, {
        "file": str(clip),
        "webcam": str(clip),  # OpenCV takes a file for a device
        "simulated": "press?run=60&stop=30&fps=25&size=176x144",
    }[request.param]


def test_a_source_gives_stamped_frames(location: tuple[str, str]) -> None:
    source = open_source(*location, system_now)
    frames = list(islice(source.frames(), 4))
    source.close()

    assert {frame.size for frame in frames} == {SIZE}
    assert all(frame.luma.dtype == np.uint8 for frame in frames)
    stamps = [frame.at for frame in frames]
    assert stamps == sorted(stamps)
    assert all(frame.utc > 1.6e9 for frame in frames)


def test_a_closed_source_ends(location: tuple[str, str]) -> None:
    source = open_source(*location, system_now)
    frames = source.frames()
    next(frames)
    source.close()

    assert len(list(frames)) <= 1


def test_every_frame_of_a_file_comes_at_its_time_in_the_video(clip: Path) -> None:
    frames = collected(open_source("file", str(clip), start_of_time, paced=False).frames())

    assert len(frames) == 2 * FPS
    assert [f.at for f in frames] == pytest.approx([100 + n / FPS for n in range(2 * FPS)])
    assert frames[-1].utc - frames[0].utc == pytest.approx(1.96)


def collected(frames: Iterator[Frame]) -> list[Frame]:
    taken = list(islice(frames, 2 * FPS))
    with pytest.raises(SourceError) as ended:
        next(frames)
    assert ended.value.trouble is Trouble.ENDED
    return taken


def test_grey_levels_are_those_opencv_gives(clip: Path) -> None:
    """Luma is coded 16..235; thresholds of the old tool mean 0..255."""
    whole = Roi(0, 0, *SIZE)
    [ours, *_] = collected(open_source("file", str(clip), start_of_time, paced=False).frames())
    capture = cv2.VideoCapture(str(clip))
    seen, colour = capture.read()
    capture.release()

    assert seen
    theirs = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    assert not ours.full_range
    assert np.abs(grey(ours, whole).astype(int) - theirs.astype(int)).max() <= 3


@pytest.mark.parametrize(
    ("kind", "name", "trouble"),
    [
        ("file", "missing.mp4", Trouble.NOT_FOUND),
        ("file", "broken.mp4", Trouble.BROKEN),
        ("webcam", "missing.mp4", Trouble.UNREACHABLE),
    ],
)
def test_a_source_says_why_it_gives_nothing(
    kind: str, name: str, trouble: Trouble, tmp_path: Path
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"this is no video" * 100)
    source = open_source(kind, str(tmp_path / name), start_of_time)

    with pytest.raises(SourceError) as failed:
        next(source.frames())
    assert failed.value.trouble is trouble


@given(
    username=st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1),
    password=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1),
)
def test_any_password_survives_the_url(username: str, password: str) -> None:
    url = with_credentials("rtsp://10.0.0.5:554/Streaming/Channels/802", username, password)
    parts = urlsplit(url)

    assert (parts.hostname, parts.port) == ("10.0.0.5", 554)
    assert unquote(parts.username or "") == username
    assert unquote(parts.password or "") == password
