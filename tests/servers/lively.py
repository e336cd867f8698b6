"""
A stopped machine in a lively hall, as damaged video: what a decoder makes up must not be movement.

The machine stands in the middle; the walls beside it never rest, so that whatever is made up in
place of a lost picture is seen.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.encode import FPS, encode

SIZE = (352, 288)
ROI = Roi(110, 60, 120, 160)
THRESHOLD = 500
SECONDS = 10


def pictures(size: tuple[int, int] = SIZE) -> Iterator[Grey]:
    """Draw ten seconds."""
    width, height = size
    random = np.random.default_rng(4)
    wall = random.integers(40, 220, (height // 8 + 1, width // 8 + 1), np.uint8)
    wall = np.kron(wall, np.ones((8, 8), np.uint8))[:height, :width]
    machine = np.kron(
        random.integers(60, 200, (height // 16 + 1, width // 16 + 1), np.uint8),
        np.ones((16, 16), np.uint8),
    )[:height, :width]
    for n in range(SECONDS * FPS):
        picture = np.roll(wall, 3 * n, axis=1)
        middle = slice(width // 4, width * 3 // 4)
        picture[:, middle] = machine[:, middle]
        yield picture


def units(size: tuple[int, int] = SIZE) -> list[bytes]:
    """Encode them: Annex B, every second a key frame."""
    return list(encode(pictures(size), size, FPS))


def hours(film: list[bytes], seconds: int) -> Iterator[bytes]:
    """Play a film over and over, for so long."""
    return islice(cycle(film), seconds * FPS)


def write(path: Path, access_units: Iterable[bytes | None]) -> Path:
    """Put access units into a transport stream, each at its time; None is one that is lost."""
    with av.open(str(path), "w", format="mpegts") as film:
        stream = film.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for n, unit in enumerate(access_units):
            if unit is None:
                continue
            packet = av.Packet(unit)
            packet.stream, packet.time_base = stream, Fraction(1, FPS)
            packet.pts = packet.dts = n
            packet.is_keyframe = n % FPS == 0
            film.mux(packet)
    return path
