"""
How do pictures become an MP4 that a test can replay?
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def write_video(path: Path, pictures: Iterable[Picture], fps: int) -> Path:
    """Encode luma planes, (height, width) with even sides, as H.264."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=fps)
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "ultrafast", "crf": "20"}
        for n, picture in enumerate(pictures):
            height, width = picture.shape
            if n == 0:
                stream.width, stream.height = width, height
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = picture
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, fps)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def block(at: float, moving: bool, size: tuple[int, int] = (96, 64)) -> Picture:
    """Draw a bright block before a wall; it goes from left to right in 1.9 s where it moves."""
    picture = _wall(size).copy()
    x = 20 + (int(at / 1.9 * 40) % 40 if moving else 0)
    picture[24:40, x : x + 14] = 210
    return picture


@cache
def _wall(size: tuple[int, int]) -> Picture:
    rows, columns = np.mgrid[: size[1], : size[0]]
    return (90 + 25 * np.sin(columns / 9 + rows / 7)).astype(np.uint8)  # no placard is so
