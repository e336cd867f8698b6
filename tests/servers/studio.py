"""
A recorder, its channel and its disk, on a clock that goes on when told to: no process, no network.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from motion_tracking.capture.ring import Ring
from motion_tracking.core.changes import Change
from motion_tracking.core.clips import Clip, Extent, Trigger
from motion_tracking.core.machine import MachineState
from motion_tracking.record.clips import Audience
from motion_tracking.record.cutting import Wish
from motion_tracking.record.history import History
from motion_tracking.record.recorder import Recorder
from motion_tracking.record.retention import Limits, Shelf, Space
from motion_tracking.record.sharing import Sharing
from motion_tracking.record.storing import Store
from servers import clips

PATIENCE = 30.0
"""Seconds that a busy machine may take for what takes none."""

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
PLENTY = Space(10**12, 10**12)


class Clock:
    """Both clocks; they go on when told to."""

    at = 0.0

    def __call__(self) -> tuple[float, float]:
        return self.at, START.timestamp() + self.at


def stop(machine: str = "press1", occurred: float = 15.0, detected: float = 25.0) -> Change:
    when, found = (START + timedelta(seconds=at) for at in (occurred, detected))
    states = MachineState.RUNNING, MachineState.STOPPED
    return Change(machine, *states, None, when, found, START, when, monotonic=detected)


EXTENT = Extent()


def wish(change: Change, extent: Extent = EXTENT, **more: object) -> Wish:
    occurred = (change.occurred_at - START).total_seconds()
    span = extent.span(occurred, change.monotonic)
    made = Wish(
        "line",
        change.machine,
        Trigger.STOP,
        occurred,
        *span,
        max(extent.longest, extent.most),
        change,
    )
    return replace(made, **more)  # type: ignore[arg-type]


class Studio:
    """A recorder, its channel, and its disk."""

    def __init__(self, folder: Path, *machines: str) -> None:
        self.clock = Clock()
        self.machines = machines or ("press1", "press2")
        self.channel = folder / "channels.d" / "line"
        self.path = folder / "history.sqlite3"
        self.video = folder / "video"
        self.ring = Ring("line", 60.0, 10**8)
        self.space = PLENTY
        self.limits = Limits(bytes=10**9, reserve=1000)
        self.told = threading.Semaphore(0)
        self.audience = Audience(("webhook",), 17, "10.0.0.7")

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        audiences = dict.fromkeys(self.machines, self.audience)
        shelf = Shelf(self.video, self.limits, lambda _: self.space)
        opened = lambda: History(self.path)  # noqa: E731
        store = Store(shelf, audiences, opened, self.clock, self.told.release)
        sharing = Sharing({"line": self.channel}, audiences, self.clock)
        tapes = {"line": self.ring}
        recorder = Recorder(tapes, store, self.clock, motion_pictures=3, sharing=sharing)
        recorder.start()
        try:
            yield recorder
        finally:
            assert recorder.close(PATIENCE)

    def clips(self) -> list[Clip]:
        with History(self.path) as history:
            return list(reversed(history.clips()))

    def numbers(self, clip: Clip) -> list[int]:
        with av.open(str(self.video / clip.file)) as film:
            frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
        return [clips.number_in(frame) for frame in frames]

    def names(self) -> set[str]:
        return {p.relative_to(self.video).as_posix() for p in self.video.rglob("*.mp4*")}
