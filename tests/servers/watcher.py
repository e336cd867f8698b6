"""
A tracker that a test watches: one machine of a real camera, judged in a thread of its own.

    with Watcher.of(camera, 802) as watcher:
        watcher.wait_for(lambda w: w.states[-1:] == [MachineState.RUNNING])
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from motion_tracking.capture import Source
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState, Rules
from motion_tracking.core.motion import Roi
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.simulator.camera import Camera
from motion_tracking.tracker import Scored, Tracker, track
from servers.clips import machine_roi
from servers.gst import GstCamera

SOON = 60.0
"""Seconds that a busy machine may take for what takes a few."""


@dataclass
class Watcher:
    """Tracks a machine under a window of six seconds; a context manager."""

    open_source: Callable[[], Source]
    roi: Roi
    threshold: int = 500
    changes: list[Change] = field(default_factory=list)
    scores: list[Scored] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    stopping: bool = False

    @classmethod
    def of_recorder(cls, camera: GstCamera, number: int = 802, transport: str = "tcp") -> Self:
        """Watch the wheel of a real recorder."""

        def source() -> Source:
            address = camera.address(number)
            return RtspSource(address, system_now, camera.user, camera.password, transport)

        size = camera.channels[number].size
        return cls(source, Roi.from_corners(*machine_roi(*size)))

    @classmethod
    def of(cls, camera: Camera, number: int = 802, port: int | None = None) -> Self:
        """Watch a channel of the scripted camera, through another `port` if there is one."""
        channel = camera.channels[number]
        address = camera.url(number)
        if port is not None:
            address = address.replace(f":{camera.port}/", f":{port}/")
        return cls(lambda: RtspSource(address, system_now), channel.roi, channel.threshold)

    def __enter__(self) -> Self:
        mailbox = Mailbox()
        machine = Machine(system_now().at, Rules(window=6.0))
        self.tracker = Tracker(
            "press1",
            self.roi,
            self.threshold,
            Difference(self.roi),
            machine,
            [self],
            sight=Sight(open_watches()),
        )
        self.reader = Reader("802", self.open_source, mailbox, system_now)
        self._thread = threading.Thread(target=self._follow, args=(mailbox,))
        self.reader.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        self._thread.join()
        self.reader.close(15.0)

    def scored(self, scored: Scored) -> None:
        with self.news:
            self.scores.append(scored)
            self.news.notify_all()

    def changed(self, change: Change) -> None:
        with self.news:
            self.changes.append(change)
            self.news.notify_all()

    @property
    def states(self) -> list[MachineState]:
        return [change.to_state for change in self.changes]

    def wait_for(self, told: Callable[["Watcher"], bool], timeout: float = SOON) -> float:
        """Wait until something is true, and return the monotonic time then."""
        with self.news:
            assert self.news.wait_for(lambda: told(self), timeout), self.states
        return system_now().at

    def wait_for_state(self, state: MachineState) -> float:
        """Wait until the machine is in a state; return the monotonic time then."""
        return self.wait_for(lambda w: w.states[-1:] == [state])

    def wait_for_score(self, count: int = 1) -> float:
        """Wait for so many more samples; return the monotonic time then."""
        scored = len(self.scores)
        return self.wait_for(lambda w: len(w.scores) >= scored + count)

    def _follow(self, mailbox: Mailbox) -> None:
        track(mailbox, {"802": [self.tracker]}, system_now, lambda _at: self.stopping)
