"""
What do the cameras of the test server show?

A wheel with one dark sector, in a hall with a clock strip below it.  The strip moves in every
frame, so that pictures can be told apart even where the machine stands still.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

SECONDS = 2
"""Length of each clip; its end joins its beginning."""

TURNS = 1
"""Turns of the wheel in one clip: half a turn a second."""

CLIPS = ("running", "stopped", "same")
"""The wheel turns; it stands and the strip moves; every picture is the same."""

COUNTED, BRIEF = "counted", "brief"
"""The wheel turns for the first half; each picture carries its number, see `number_in`."""

LENGTHS = {COUNTED: 40, BRIEF: 28}
"""Seconds of the clips that have another length."""

BITS = 12

ENCODERS = {"h264": "libx264", "h265": "libx265"}
QUIET = {"h264": {}, "h265": {"x265-params": "log-level=none:pools=1"}}

Picture = npt.NDArray[np.uint8]


def machine_roi(width: int, height: int) -> tuple[int, int, int, int]:
    """Return (x, y, x2, y2) around the wheel, in pixels; the strip is outside."""
    return width // 4, height // 8, width * 3 // 4, height * 3 // 4


def pictures(clip: str, width: int, height: int, fps: int) -> Iterator[Picture]:
    """Draw the luma planes of one clip, (height, width)."""
    x, y, x2, y2 = machine_roi(width, height)
    rows, columns = np.mgrid[y:y2, x:x2]
    east, south = columns - (x + x2) / 2, rows - (y + y2) / 2
    wheel = np.hypot(east, south) < (y2 - y) / 2 - 4
    bearing = np.arctan2(south, east)[wheel] / (2 * np.pi)
    shade = np.linspace(0, 1, width)
    picture = np.tile((90 + 60 * shade).astype(np.uint8), (height, 1))
    count = LENGTHS.get(clip, SECONDS) * fps
    for n in range(count):
        runs = clip == "running" or (clip in LENGTHS and n < count // 2)
        turned = TURNS * n / (SECONDS * fps) if runs else 0.0
        angle = bearing - turned
        picture[y:y2, x:x2][wheel] = np.where(angle - np.floor(angle) < 0.4, 40, 200)
        if clip in LENGTHS:
            block = np.floor(shade * 0.999 * BITS).astype(int)
            picture[-height // 10 :] = np.where(n >> block & 1, 220, 30)
        elif clip != "same":
            picture[-height // 10 :] = (np.floor(shade * 8).astype(int) + n) % 8 * 25 + 30
        yield picture


def number_in(luma: Picture) -> int:
    """Return the number that a picture of the counted clip carries."""
    height, width = luma.shape
    row = luma[-height // 20, :]
    blocks = [row[round((bit + 0.5) * width / BITS)] for bit in range(BITS)]
    return sum((int(level) > 125) << bit for bit, level in enumerate(blocks))


def encode(
    clip: str, codec: str, size: tuple[int, int], fps: int = 25, gop: int = 25
) -> Iterator[bytes]:
    """
    Encode one clip; yield Annex-B access units, no B-frames, as a CCTV camera sends them.

    Where `gop` is longer than the clip it goes on round after round, up to the next key frame.
    """
    width, height = size
    encoder = av.CodecContext.create(ENCODERS[codec], "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = gop, 0, 1
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", **QUIET[codec]}
    rounds = max(1, gop // (LENGTHS.get(clip, SECONDS) * fps))
    drawn = (picture for _ in range(rounds) for picture in pictures(clip, width, height, fps))
    for n, picture in enumerate(drawn):
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        planes[:height] = picture
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = n, Fraction(1, fps)
        for packet in encoder.encode(frame):
            yield bytes(packet)
    for packet in encoder.encode(None):
        yield bytes(packet)


def write(path: Path, units: Iterator[bytes]) -> None:
    """Write access units, each after its length (4 bytes, big-endian); whole or not at all."""
    draft = path.with_name(f"{path.name}.{id(units)}.draft")
    with draft.open("wb") as file:
        for unit in units:
            file.write(struct.pack(">I", len(unit)) + unit)
    draft.replace(path)
