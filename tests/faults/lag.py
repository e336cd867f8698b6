"""
How old are the pictures that are judged?  The process that is held up.

    python -m faults.lag URL

It tracks a channel and prints for each judged sample how many seconds later than the quickest
picture it was judged, by the stream's own time stamps.
"""

import json
import sys
from collections import deque
from collections.abc import Iterator
from threading import Event
from typing import Any

import av

from motion_tracking.capture import rtsp
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.decoding import decode
from motion_tracking.core.motion import Roi
from motion_tracking.tracker import Scored
from servers.watcher import Watcher

stamps: deque[tuple[float, float]] = deque(maxlen=2000)
"""When pictures were decoded, and how late they were against their time stamps."""


def noted(container: av.container.InputContainer, *how: Any) -> Iterator[av.VideoFrame]:
    for picture in decode(container, *how):
        at = system_now().at
        if picture.time is not None:
            stamps.append((at, at - picture.time))
        yield picture


class Teller(Watcher):
    def scored(self, scored: Scored) -> None:
        known = list(stamps)
        late = min(known, key=lambda stamp: abs(stamp[0] - scored.at), default=None)
        if late is not None:
            age = system_now().at - scored.at + late[1]
            sys.stdout.write(json.dumps({"at": scored.at, "age": age}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    rtsp.decode = noted
    address = sys.argv[1]
    with Teller(lambda: rtsp.RtspSource(address, system_now), Roi(20, 20, 100, 100)):
        Event().wait()
