"""
How does what happens to a machine become video on the disk?

A `Clipper` gives each channel a ring of what it sends, and tells the recorder's thread which part
of it is to be kept.  Channels of whose machines nobody wants video have no ring, and cost nothing.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.capture.ring import Ring
from motion_tracking.commands.configuration import (
    channel_folder,
    history_file,
    machine_folder,
)
from motion_tracking.commands.keeping import recorder_of
from motion_tracking.commands.shelving import shelf
from motion_tracking.config import Address, Camera, Config
from motion_tracking.core.changes import Change, Event
from motion_tracking.core.clips import Trigger
from motion_tracking.record.clips import Audience
from motion_tracking.record.cutting import Wish
from motion_tracking.record.history import History
from motion_tracking.record.recorder import Recorder
from motion_tracking.record.sharing import Sharing
from motion_tracking.record.storing import Store
from motion_tracking.tracker import Scored

MARGIN = 10.0
"""Seconds that a ring reaches back beyond the window and what is shown before an event."""

CALM = 3.0
"""Seconds without a moving sample after which a movement is over."""

EDGE = 1.0
"""Seconds by which a machine may have changed before the sample that shows it, and some more."""

BEFORE, AFTER = EDGE, 1.0
"""Seconds from an edge to the pictures of it."""

ASKED = "record.json"
"""The file in a machine's folder by which another process asks for a clip."""


FRESH = 10.0
"""Seconds for which somebody who asks waits for a tracker to hear it."""


class Clipper:
    """Keeps video of some cameras; a context manager, and a subscriber of their trackers."""

    def __init__(
        self, config: Config, cameras: Sequence[Camera], now: Now, on_kept: Callable[[], None]
    ) -> None:
        self._config = config
        self._now = now
        self._extent = config.recording.extent
        self._pictures = config.recording.pictures
        self._events = {camera.name: config.recording.of(camera) for camera in cameras}
        self._moving: dict[str, tuple[float, float]] = {}
        self._manual: dict[str, float] = {}
        recorded = [camera for camera in cameras if self._recorded(camera)]
        self._rings = _rings(config, recorded)
        self._channels = {camera.name: self._rings[camera.address].name for camera in recorded}
        audiences = {camera.name: audience(config, camera) for camera in recorded}
        store = Store(
            shelf(config),
            audiences,
            lambda: History(history_file(config), config.site),
            now,
            on_kept,
        )
        tapes = {ring.name: ring for ring in self._rings.values()}
        most = config.recording.motion_pictures
        folders = {
            ring.name: channel_folder(config, address) for address, ring in self._rings.items()
        }
        sharing = Sharing(folders, audiences, now)
        self._recorder = Recorder(tapes, store, now, self._asked, most, sharing)

    def __enter__(self) -> "Clipper":
        if self._channels:
            self._recorder.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._recorder.close()

    def tap(self, address: Address) -> Ring | None:
        """Return who is to be given what a channel sends; None where nobody is."""
        return self._rings.get(address)

    def allowed(self, machine: str) -> bool:
        """Whether video of a machine is kept because somebody asks for it."""
        return machine in self._channels and Trigger.MANUAL in self._events[machine]

    def start(self, machine: str) -> None:
        """Record a machine until `stop`, or for as long as a clip may be."""
        self._manual.setdefault(machine, self._now().at)

    def stop(self, machine: str) -> None:
        """End what `start` began."""
        self._manual.pop(machine, None)

    def keep(self, machine: str, begin: float, end: float) -> None:
        """Keep what was sent of a machine from `begin` to `end`, as far as it is remembered."""
        span = self._span(machine, Trigger.MANUAL, begin, end)
        longest = max(span.longest, end - begin)
        self._recorder.wish(replace(span, start=begin, end=end, longest=longest))

    def active(self, machine: str) -> bool:
        """Whether somebody's recording of a machine goes on."""
        return machine in self._manual

    def scored(self, scored: Scored) -> None:
        """Prolong what goes on: somebody's recording, and movement where movement is kept."""
        machine, at = scored.machine, scored.at
        begin = self._manual.get(machine)
        if begin is not None:
            self._wish(machine, Trigger.MANUAL, begin, at)
            if at - begin >= self._extent.most:
                self.stop(machine)
        self._follow_movement(scored)

    def _follow_movement(self, scored: Scored) -> None:
        machine, at = scored.machine, scored.at
        if machine not in self._channels or not self._wanted(machine, Trigger.MOTION):
            return
        begin, last = self._moving.get(machine, (at, at))
        if scored.moving:
            first = machine not in self._moving
            self._moving[machine] = (begin, at)
            self._wish(machine, Trigger.MOTION, begin, at, stills=(at,) if first else ())
        elif at - last > CALM:
            self._moving.pop(machine, None)

    def changed(self, change: Change) -> None:
        """Keep what a change looked like, from when it really happened on."""
        event, machine = change.event, change.machine
        if event is None or machine not in self._channels:
            return
        trigger = Trigger(event.value)
        if self._wanted(machine, trigger):
            doubt = (change.detected_at - change.occurred_at).total_seconds()
            occurred = change.monotonic - max(0.0, doubt)
            stills = (occurred - BEFORE, min(occurred + AFTER, change.monotonic))
            self._wish(machine, trigger, occurred, change.monotonic, change=change, stills=stills)

    def _wanted(self, machine: str, trigger: Trigger) -> bool:
        return trigger in self._events[machine] or trigger in self._pictures

    def _wish(self, machine: str, trigger: Trigger, begin: float, end: float, **more: Any) -> None:
        """Hand over what is wanted of an event that went from `begin` to `end`."""
        if trigger not in self._pictures:
            more["stills"] = ()
        film = trigger in self._events[machine]
        self._recorder.wish(replace(self._span(machine, trigger, begin, end), film=film, **more))

    def _span(self, machine: str, trigger: Trigger, begin: float, end: float) -> Wish:
        exact = trigger is Trigger.MANUAL
        span = self._extent.span(begin if exact else begin - EDGE, end)
        longest = max(self._extent.longest, self._extent.most)
        return Wish(self._channels[machine], machine, trigger, begin, *span, longest)

    def _recorded(self, camera: Camera) -> bool:
        """Whether video of a camera may be wanted."""
        return bool(self._events[camera.name] or self._pictures)

    def _asked(self) -> Iterator[Wish]:
        """Yield what other processes ask for; called in the recorder's thread."""
        for machine in self._channels:
            seconds = _taken(machine_folder(self._config, machine) / ASKED, self._now().utc)
            if seconds is not None and self.allowed(machine):
                at = self._now().at
                span = self._span(machine, Trigger.MANUAL, at, at)
                # who says how long means it, whatever is the rule for what nobody looks at
                longest = max(span.longest, at + seconds - span.start)
                yield replace(span, end=at + seconds, longest=longest)


def audience(config: Config, camera: Camera) -> Audience:
    """Return who is told of the clips of a camera."""
    events = config.notifications.events
    wanted = tuple(name for name, chosen in events.items() if Event.CLIP in chosen)
    return Audience(wanted, camera.machineid, recorder_of(camera))


def _rings(config: Config, cameras: Sequence[Camera]) -> dict[Address, Ring]:
    """Make a ring for each channel; machines that share one are recorded once."""
    sharing: dict[Address, list[Camera]] = defaultdict(list)
    for camera in cameras:
        sharing[camera.address].append(camera)
    recording = config.recording

    def window(address: Address) -> float:
        # of other processes' machines too, which may be recorded here
        every = (*cameras, *config.cameras.values())
        return max(camera.window_seconds for camera in every if camera.address == address)

    return {
        address: Ring(
            "+".join(camera.name for camera in group),
            window(address) + recording.extent.before + MARGIN,
            recording.memory,
        )
        for address, group in sharing.items()
    }


def ask(folder: Path, seconds: float, utc: float) -> None:
    """Ask the process that tracks a machine, whose folder this is, to record it; may raise."""
    draft = folder / f"{ASKED}.{os.getpid()}"
    draft.write_text(json.dumps({"seconds": seconds, "utc": utc}), encoding="utf-8")
    draft.replace(folder / ASKED)


def _taken(path: Path, utc: float) -> float | None:
    """Return for how many seconds another process asks just now, and take its file away."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path.exists():
            text = path.read_text(encoding="utf-8")
            path.unlink()
            asked = json.loads(text)
            if abs(utc - float(asked["utc"])) < FRESH:  # else the tracker that was asked is gone
                return float(asked["seconds"])
    return None
