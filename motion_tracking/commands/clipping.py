"""
How does what happens to a machine become video on the disk?

A `Clipper` gives each channel a ring of what it sends, and tells the recorder's thread which part
of it is to be kept.  Channels of whose machines nobody wants video have no ring, and cost nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from motion_tracking.capture.clock import Now
from motion_tracking.capture.ring import Ring
from motion_tracking.commands.configuration import history_file, machine_folder, video_folder
from motion_tracking.commands.keeping import recorder_of
from motion_tracking.config import Address, Camera, Config
from motion_tracking.core.changes import Change, Event
from motion_tracking.core.clips import Trigger
from motion_tracking.record.clips import Audience
from motion_tracking.record.cutting import Wish
from motion_tracking.record.history import History
from motion_tracking.record.recorder import Recorder
from motion_tracking.record.retention import Limits, Shelf
from motion_tracking.tracker import Scored

MARGIN = 10.0
"""Seconds that a ring reaches back beyond the window and what is shown before an event."""

CALM = 3.0
"""Seconds without a moving sample after which a movement is over."""

ASKED = "record.json"
"""The file in a machine's folder by which another process asks for a clip."""


class Clipper:
    """Keeps video of some cameras; a context manager, and a subscriber of their trackers."""

    def __init__(
        self, config: Config, cameras: Sequence[Camera], now: Now, on_kept: Callable[[], None]
    ) -> None:
        self._config = config
        self._now = now
        self._extent = config.recording.extent
        self._events = {camera.name: config.recording.of(camera) for camera in cameras}
        self._moving: dict[str, tuple[float, float]] = {}
        recorded = [camera for camera in cameras if self._recorded(camera)]
        self._rings = _rings(config, recorded)
        self._channels = {camera.name: self._rings[camera.address].name for camera in recorded}
        self._recorder = Recorder(
            {ring.name: ring for ring in self._rings.values()},
            {camera.name: audience(config, camera) for camera in recorded},
            shelf(config),
            lambda: History(history_file(config), config.site),
            now,
            on_kept,
            self._asked,
        )

    def __enter__(self) -> "Clipper":
        if self._channels:
            self._recorder.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._recorder.close()

    def tap(self, address: Address) -> Ring | None:
        """Return who is to be given what a channel sends; None where nobody is."""
        return self._rings.get(address)

    def scored(self, scored: Scored) -> None:
        """Follow the movement of a machine of which movement is kept."""
        machine, at = scored.machine, scored.at
        if Trigger.MOTION not in self._events[machine] or machine not in self._channels:
            return
        begin, last = self._moving.get(machine, (at, at))
        if scored.moving:
            self._moving[machine] = (begin, at)
            self._wish(machine, Trigger.MOTION, begin, at)
        elif at - last > CALM:
            self._moving.pop(machine, None)

    def changed(self, change: Change) -> None:
        """Keep what a change looked like, from when it really happened on."""
        event, machine = change.event, change.machine
        if event is None or machine not in self._channels:
            return
        trigger = Trigger(event.value)
        if trigger in self._events[machine]:
            doubt = (change.detected_at - change.occurred_at).total_seconds()
            occurred = change.monotonic - max(0.0, doubt)
            self._wish(machine, trigger, occurred, change.monotonic, change)

    def _wish(
        self, machine: str, trigger: Trigger, begin: float, end: float, change: Change | None = None
    ) -> None:
        self._recorder.wish(self._wished(machine, trigger, begin, end, change))

    def _wished(
        self, machine: str, trigger: Trigger, begin: float, end: float, change: Change | None = None
    ) -> Wish:
        span = self._extent.span(begin, end)
        longest = max(self._extent.longest, self._extent.most)
        channel = self._channels[machine]
        return Wish(channel, machine, trigger, begin, *span, longest, change)

    def _recorded(self, camera: Camera) -> bool:
        """Whether video of a camera may be wanted, and comes in a form that can be kept."""
        return bool(self._events[camera.name]) and camera.address.kind == "rtsp"

    def _asked(self) -> Iterator[Wish]:
        """Yield what other processes ask for; called in the recorder's thread."""
        for machine in self._channels:
            seconds = _taken(machine_folder(self._config, machine) / ASKED)
            if seconds is not None and Trigger.MANUAL in self._events[machine]:
                at = self._now().at
                yield self._wished(machine, Trigger.MANUAL, at, at + seconds - self._extent.after)


def audience(config: Config, camera: Camera) -> Audience:
    """Return who is told of the clips of a camera."""
    events = config.notifications.events
    wanted = tuple(name for name, chosen in events.items() if Event.CLIP in chosen)
    return Audience(wanted, camera.machineid, recorder_of(camera))


def shelf(config: Config) -> Shelf:
    """Return the folder of video, with its limits."""
    recording = config.recording
    limits = Limits(
        recording.limit.share or 0.0,
        recording.limit.bytes if recording.limit.share is None else None,
        recording.days,
        recording.reserve.bytes,
    )
    return Shelf(video_folder(config), limits)


def _rings(config: Config, cameras: Sequence[Camera]) -> dict[Address, Ring]:
    """Make a ring for each channel; machines that share one are recorded once."""
    sharing: dict[Address, list[Camera]] = defaultdict(list)
    for camera in cameras:
        sharing[camera.address].append(camera)
    recording = config.recording
    return {
        address: Ring(
            "+".join(camera.name for camera in group),
            max(camera.window_seconds for camera in group) + recording.extent.before + MARGIN,
            recording.memory,
        )
        for address, group in sharing.items()
    }


def _taken(path: Path) -> float | None:
    """Return for how many seconds another process asks, and take its file away."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path.exists():
            text = path.read_text(encoding="utf-8")
            path.unlink()
            return float(json.loads(text)["seconds"])
    return None
