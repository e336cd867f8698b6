"""
How old are the pictures that `motion-track run` judges?

    python benchmarks/aged_run.py OUTPUT run CAMERA...

It is `motion-track run`, all of it; only that it writes down, of each picture that a tracker is
given, when that was (monotonic), which number the picture carries, whether it moved, and whose.
"""

import os
import sys
import time
from pathlib import Path

from reels import number_in

from motion_tracking.cli import start
from motion_tracking.core.motion import Frame
from motion_tracking.tracker import Tracker


def main() -> None:
    output = os.open(Path(sys.argv[1]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    judge = Tracker.frame

    def frame(tracker: Tracker, frame: Frame) -> None:
        at, number = time.monotonic(), number_in(frame.luma)
        judge(tracker, frame)
        moved = int((tracker.score or 0) > tracker.threshold)
        os.write(output, f"{at} {number} {moved} {tracker.name}\n".encode())

    Tracker.frame = frame  # type: ignore[method-assign]
    start(sys.argv[2:])


if __name__ == "__main__":
    main()
