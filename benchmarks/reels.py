"""
Which streams do the benchmarks play, and what is the truth about them?

A machine in a hall, filmed by the simulator running and standing, and encoded once, as cameras do:
x264 superfast, no B frames, one reference, a key frame every two seconds, held to a bit rate.  Its
number is written into each picture, as blocks at the lower edge, so that whoever sees it knows how
old it is and what the machine really does.  Another film of both goes along, to calibrate by.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.encode import LIMITED_RANGE
from motion_tracking.simulator.scenarios import Scenario
from motion_tracking.simulator.staging import CALIBRATION, Staging

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from servers import clips, gst

FPS, GOP = 25, 50
CLIP = 20.0
"""Seconds of each state that are shown over and over."""

LEARNED = 40.0
"""Seconds of each state to calibrate by."""

BITS = 12
STRIP = 16
"""Rows at the lower edge with the number of the picture."""

FOLDER = Path(tempfile.gettempdir()) / "motion-track-reels"


@dataclass(frozen=True, slots=True)
class Format:
    """What a stream is like; `rate` in bits a second."""

    name: str
    size: tuple[int, int]
    rate: int
    machine: str = "flywheel"


SUB = Format("sub", (704, 576), 1_000_000)
MAIN = Format("main", (1920, 1080), 4_000_000)
SMALL = Format("small", (352, 288), 250_000)
FORMATS = {form.name: form for form in (SUB, MAIN, SMALL)}


@dataclass(frozen=True, slots=True)
class Reel:
    """A film of a format: what the server plays in each state, and a lesson to calibrate by."""

    form: Format
    roi: Roi
    stem: Path

    @property
    def lesson(self) -> Path:
        return self.stem.with_suffix(".mp4")

    def units(self, state: str) -> Path:
        """Return the file that the server plays while the machine is in a state."""
        return self.stem.with_suffix(f".{state}")


STATES = ("running", "stopped")
PICTURES = round(CLIP * FPS)
"""How many there are of a state before they begin again; those of stopped are numbered on."""


def reel_of(form: Format, folder: Path = FOLDER) -> Reel:
    """Film and encode, or find what was made before."""
    folder.mkdir(parents=True, exist_ok=True)
    staging = _staging(form)
    stem = folder / f"{form.machine}-{form.size[0]}x{form.size[1]}-{form.rate}"
    reel = Reel(form, staging.roi, stem)
    starts = dict(zip(STATES, (2.0, CALIBRATION + 2.0), strict=True))
    if not reel.lesson.exists():
        spans = [(start, start + LEARNED) for start in starts.values()]
        _film(_between(staging, spans, 1), form, reel.lesson)
    for n, state in enumerate(STATES):
        if not reel.units(state).exists():
            drawn = _between(staging, [(starts[state], starts[state] + CLIP)], 2 + n)
            clips.write(reel.units(state), _encoded(_numbered(drawn, n * PICTURES), form))
    return reel


def served(folder: Path, reel: Reel, channels: int = 1) -> gst.GstCamera:
    """Return a recorder that plays a reel on channels 102, 202, ...; it is not started yet."""
    numbers = [100 * n + 2 for n in range(1, channels + 1)]
    shown = [gst.Channel(n, size=reel.form.size, fps=FPS, gop=GOP, clip=STATES[0]) for n in numbers]
    return gst.GstCamera(folder, _Shelf(reel), shown)  # type: ignore[arg-type]


def number_in(luma: Grey) -> int:
    """Return the number that a picture carries."""
    height, width = luma.shape
    columns = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    return int((luma[height - STRIP // 2, columns] > 125) @ (1 << np.arange(BITS)))


def age(since: float, number: int) -> float:
    """Return the age in seconds of picture `number`, judged so long `since` number 0 was due."""
    pictures = (since * FPS - number) % PICTURES
    return (pictures if pictures < PICTURES - FPS else pictures - PICTURES) / FPS


class _Shelf:
    """Hands the one reel to the server, whatever the channel."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel

    def files(self, _channel: gst.Channel) -> dict[str, str]:
        return {state: str(self._reel.units(state)) for state in STATES}


def _staging(form: Format) -> Staging:
    scenario = Scenario(form.machine, form.machine, size=form.size, fps=FPS)
    return Staging(scenario, 1, 2 * CALIBRATION)


def _between(staging: Staging, spans: Iterable[tuple[float, float]], seed: int) -> Iterator[Grey]:
    """Draw the pictures of some spans of seconds, with the noise of a sensor."""
    random = np.random.default_rng(seed)
    width, height = staging.scenario.size
    sheet = random.normal(0, staging.scenario.noise, (height * 2, width * 2)).astype(np.int16)
    for start, end in spans:
        for n in range(round(start * FPS), round(end * FPS)):
            x, y = random.integers(0, width), random.integers(0, height)
            noisy = staging.scene(n / FPS) + sheet[y : y + height, x : x + width]
            yield np.clip(noisy, 0, 255).astype(np.uint8)


def _numbered(pictures: Iterable[Grey], first: int) -> Iterator[Grey]:
    for n, picture in enumerate(pictures, first):
        width = picture.shape[1]
        bit = np.arange(width) * BITS // width
        picture[-STRIP:] = np.where(n >> bit & 1, 220, 30)
        yield picture


def _encoded(pictures: Iterable[Grey], form: Format) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.time_base = Fraction(1, FPS)
    _prepare(encoder, form)
    for frame in _frames(pictures, form):
        yield from map(bytes, encoder.encode(frame))
    yield from map(bytes, encoder.encode(None))


def _film(pictures: Iterable[Grey], form: Format, path: Path) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    with av.open(str(draft), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        _prepare(stream.codec_context, form)
        for frame in _frames(pictures, form):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    draft.replace(path)


def _prepare(encoder: av.VideoCodecContext, form: Format) -> None:
    encoder.width, encoder.height = form.size
    encoder.pix_fmt, encoder.framerate = "yuv420p", Fraction(FPS)
    encoder.bit_rate, encoder.gop_size = form.rate, GOP
    encoder.max_b_frames, encoder.thread_count = 0, 1
    rate = form.rate // 1000
    strict = (
        f"vbv-maxrate={rate}:vbv-bufsize={2 * rate}:scenecut=0:ref=1:bframes=0:sync-lookahead=0"
    )
    encoder.options = {"preset": "superfast", "profile": "high", "x264-params": strict}


def _frames(pictures: Iterable[Grey], form: Format) -> Iterator[av.VideoFrame]:
    width, height = form.size
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    for n, picture in enumerate(pictures):
        planes[:height] = LIMITED_RANGE[picture]
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = n, Fraction(1, FPS)
        yield frame
