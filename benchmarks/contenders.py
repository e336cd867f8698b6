"""
What is our tracker compared with?

    python benchmarks/contenders.py KIND URL X,Y,WIDTH,HEIGHT OUTPUT

`demux` takes the packets and decodes none: nobody who watches a stream can do with less.  `opencv`
reads every picture with OpenCV and makes the old tool's calculation of each and the one before.
`old` has the old tool's rhythm: two pictures, which it compares, then one second of waiting.  Each
writes a line for what it judged: when (monotonic), the picture's number, and whether it moved.
`motion` is a program of its own, configured by `motion_files`.
"""

import sys
import time
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from reels import number_in

THRESHOLD = 300
"""Changed pixels, as in the old tool's example."""

PIXELS = 50


def motion_file(folder: Path, url: str, size: tuple[int, int], user: tuple[str, str]) -> Path:
    """Configure `motion` to look for motion and to do nothing else; return the file."""
    lines = {
        "daemon": "off",
        "log_level": 6,
        "log_file": folder / "motion.log",
        "target_dir": folder,
        "netcam_url": url,
        "netcam_userpass": ":".join(user),
        "width": size[0],
        "height": size[1],
        "framerate": 25,
        "picture_output": "off",
        "movie_output": "off",
        "snapshot_interval": 0,
        "webcontrol_port": 0,
        "stream_port": 0,
        "on_event_start": f"echo %Y >> {folder / 'events'}",
    }
    path = folder / "motion.conf"
    path.write_text("".join(f"{key} {value}\n" for key, value in lines.items()), encoding="utf-8")
    return path


def demux(url: str) -> None:
    """Take all packets."""
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
        for _packet in container.demux(container.streams.video[0]):
            pass


class Old:
    """The old tool's calculation: BGR to grey of both, difference, threshold, dilation, count."""

    def __init__(self, roi: tuple[int, int, int, int], output: Path) -> None:
        x, y, width, height = roi
        self._cut = (slice(y, y + height), slice(x, x + width))
        self._output = output.open("w", encoding="ascii", buffering=1)

    def judge(self, before: Any, after: Any) -> None:
        """Compare two pictures, (height, width, 3), and write down what was found."""
        first, second = (cv2.cvtColor(p[self._cut], cv2.COLOR_BGR2GRAY) for p in (before, after))
        delta = cv2.absdiff(first, second)
        mask = cv2.threshold(delta, PIXELS, 255, cv2.THRESH_BINARY)[1]
        grown = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=6)
        moved = int(cv2.countNonZero(grown) > THRESHOLD)
        number = number_in(after[:, :, 1])
        self._output.write(f"{time.monotonic()} {number} {moved}\n")


def opencv(url: str, old: Old, rhythm: bool) -> None:
    """Read with OpenCV, all pictures, or with `rhythm` two a second as the old tool does."""
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    seen, before = capture.read()
    while seen:
        seen, after = capture.read()
        if not seen:
            return
        old.judge(before, after)
        before = after
        if rhythm:
            time.sleep(1.0)  # cv2.waitKey(1000) of a window, without the window
            seen, before = capture.read()


def main() -> None:
    kind, url, area, output = sys.argv[1:5]
    if kind == "demux":
        demux(url)
        return
    x, y, width, height = map(int, area.split(","))
    opencv(url, Old((x, y, width, height), Path(output)), kind == "old")


if __name__ == "__main__":
    main()
