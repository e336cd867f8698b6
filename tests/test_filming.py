"""Whatever a machine is seen by, its pictures can be kept: files as they are, others encoded."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from motion_tracking.capture import SourceError, open_source
from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.encoding import RATE, Encoder
from motion_tracking.capture.ring import Ring
from motion_tracking.commands.clipping import Clipper
from motion_tracking.commands.opening import opened
from motion_tracking.config import load
from motion_tracking.core.footage import Packet
from motion_tracking.record.remux import Film
from servers import clips
from servers.desk import PRESS, Desk

SIZE = (96, 64)
FPS = 25
COUNT = 3 * FPS


class Clock:
    """Goes on by a picture each time it is asked."""

    at = 100.0

    def __call__(self) -> Moment:
        self.at += 1 / FPS
        return Moment(self.at, self.at)


def counted() -> Iterator[np.ndarray]:
    for n, picture in enumerate(clips.pictures(clips.COUNTED, *SIZE, FPS)):
        if n == COUNT:
            return
        yield picture


def video(folder: Path, encoder: str, options: dict[str, str]) -> Path:
    """Write numbered pictures as a program would, with pictures that lean on later ones."""
    path = folder / f"{encoder}.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=FPS, options={"g": "20", **options})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for luma in counted():
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def held(ring: Ring) -> list[Packet]:
    found: list[Packet] = []
    while more := ring.read(found[-1].number + 1 if found else 0):
        found += more
    return found


def seen(path: Path, ring: Ring) -> list[tuple[float, int]]:
    """Make a clip of all that a ring holds; return the time and the number of each picture."""
    packets = held(ring)
    film = Film(path, packets[0])
    for packet in packets:
        assert film.fits(packet)
        film.add(packet)
    film.close()
    with av.open(str(path)) as container:
        return [
            (float(frame.time or 0.0), clips.number_in(frame.to_ndarray(format="gray")))
            for frame in container.decode(video=0)
        ]


QUICK = {
    "libx264": {"bf": "2", "preset": "ultrafast", "x264-params": "b-adapt=0:log-level=none"},
    "libx265": {"x265-params": "log-level=none:pools=1:bframes=2", "preset": "ultrafast"},
}


@pytest.mark.parametrize("encoder", QUICK)
def test_of_a_file_every_packet_is_kept_whatever_is_looked_at(tmp_path: Path, encoder: str) -> None:
    path = video(tmp_path, encoder, QUICK[encoder])
    ring = Ring("press1", 60.0, 10**8)
    frames = open_source("file", str(path), Clock(), paced=False, tap=ring).frames()
    with pytest.raises(SourceError):
        deque(frames, 0)

    assert len(held(ring)) == COUNT
    found = seen(tmp_path / "clip.mp4", ring)
    assert [number for _, number in found] == list(range(COUNT))
    assert [at - found[0][0] for at, _ in found] == pytest.approx(
        [n / FPS for n in range(COUNT)], abs=0.01
    )


def test_pictures_of_a_webcam_are_kept_in_colour_at_their_pace(tmp_path: Path) -> None:
    path = video(tmp_path, "libx264", QUICK["libx264"])
    ring = Ring("press1", 60.0, 10**8)
    source = open_source("webcam", str(path), Clock(), show=Encoder(ring).show)
    frames = source.frames()  # OpenCV takes a file for a device
    with pytest.raises(SourceError):
        deque(frames, 0)

    found = seen(tmp_path / "clip.mp4", ring)
    assert found[0][1] == 0
    assert len(found) == pytest.approx(COUNT / FPS * RATE, abs=1)
    assert all(at == pytest.approx(number / FPS, abs=0.01) for at, number in found)
    keys = [n for n, packet in enumerate(held(ring)) if packet.key]
    assert keys == list(range(0, len(found), RATE))


def test_colours_are_kept_and_another_size_begins_anew(tmp_path: Path) -> None:
    ring = Ring("press1", 60.0, 10**8)
    encoder = Encoder(ring)
    red = np.zeros((65, 97, 3), np.uint8)
    red[:, :, 2] = 220
    encoder.show(red, 1.0)
    encoder.show(red, 1.04)  # too soon
    encoder.show(red[:48, :64], 1.1)
    large, small = held(ring)

    assert large.key
    assert small.key
    assert large.shape is not small.shape
    film = Film(tmp_path / "clip.mp4", large)
    film.add(large)
    assert not film.fits(small)
    film.close()
    with av.open(str(film.path)) as container:
        [frame] = container.decode(video=0)
    blue, green, level = frame.to_ndarray(format="bgr24").reshape(-1, 3).mean(axis=0)
    assert (frame.width, frame.height) == (96, 64)
    assert (round(blue / 255, 1), round(green / 255, 1)) == (0.0, 0.0)
    assert level == pytest.approx(220, abs=12)


def test_an_encoder_that_was_replaced_adds_nothing_any_more() -> None:
    """A thread that was stuck may come back."""
    ring = Ring("press1", 60.0, 10**8)
    old, new = Encoder(ring), Encoder(ring)
    grey = np.full((64, 96), 90, np.uint8)
    old.show(grey, 1.0)
    new.show(grey, 2.0)
    old.show(grey, 2.5)

    assert [packet.at for packet in held(ring)] == [1.0, 2.0]


def test_what_cannot_be_encoded_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    encoder = Encoder(Ring("press1", 60.0, 10**8))
    for n in range(3):
        encoder.show(np.zeros((1, 1), np.uint8), float(n))

    assert caplog.text.count("press1: no clips, its pictures cannot be encoded") == 1


def test_a_simulated_machine_is_kept_too(tmp_path: Path) -> None:
    ring = Ring("press1", 60.0, 10**8)
    clock = Clock()
    source = open_source("simulated", "press?fps=25&size=176x144", clock, show=Encoder(ring).show)
    frames = source.frames()
    lumas = [next(frames).luma for _ in range(30)]
    source.close()
    packets = held(ring)
    film = Film(tmp_path / "clip.mp4", packets[0])
    for packet in packets:
        film.add(packet)
    film.close()
    with av.open(str(film.path)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="gray")

    assert len(packets) >= 5
    assert cv2.absdiff(first, lumas[0]).mean() < 8


@pytest.mark.parametrize("channel", ["simulated:press?fps=25&size=176x144", "file:film.mp4"])
def test_a_tracker_is_given_a_ring_whatever_it_watches(desk: Desk, channel: str) -> None:
    video(desk.folder, "libx264", QUICK["libx264"]).rename(desk.folder / "film.mp4")
    desk.configure({"press1": {**PRESS, "channel": channel}}, clips={"events": "manual"})
    config = load(desk.config, {})
    address = config.cameras["press1"].address
    clipper = Clipper(config, list(config.cameras.values()), system_now, lambda: None)
    ring = clipper.tap(address)
    assert ring is not None
    source = opened(address, ring)
    frames = source.frames()
    next(frames)
    source.close()
    frames.close()  # type: ignore[attr-defined]

    assert clipper.allowed("press1")
    assert held(ring)[0].key
