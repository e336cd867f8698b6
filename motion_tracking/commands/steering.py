"""
What may a tracker be told while it runs, and how is that done without disturbing the loop?

Whoever knows the secret of the link asks in its thread; what changes a machine is put into a queue,
and done by the loop itself, between two samples.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol, Self

from motion_tracking.capture.clock import Moment, Now
from motion_tracking.capture.reader import Reader
from motion_tracking.commands.configuration import machine_folder
from motion_tracking.commands.keeping import Keeper
from motion_tracking.commands.looking import Viewfinder
from motion_tracking.config import Camera, Config
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.fleet import Answer, RefusedError, note
from motion_tracking.fleet.answering import Answering
from motion_tracking.record.pausing import Pause, forget_pause, keep_pause, pause_of
from motion_tracking.record.small import put_private
from motion_tracking.tracker import Scored, Tracker

log = logging.getLogger(__name__)

Json = Any

LARGEST = 1_000_000_000
LONGEST_PAUSE = 24 * 60 * 60.0
LONGEST_TEXT = 200

REMEMBERED = 30.0
"""Seconds of a channel that are surely in memory, where anything of it is kept."""

NOT_BY_HAND = "`events` in [clips] of config_stream.ini does not have `manual`"


class Recording(Protocol):
    """What records a machine on demand; called by the loop, and must not block."""

    def allowed(self, machine: str) -> bool: ...

    def start(self, machine: str) -> None: ...

    def stop(self, machine: str) -> None: ...

    def active(self, machine: str) -> bool: ...

    def keep(self, machine: str, begin: float, end: float) -> None: ...


@dataclass(eq=False)
class _Steered:
    tracker: Tracker
    folder: Path
    view: Viewfinder
    pause: Pause | None = None


class Steering:
    """The machines of this process, as they can be looked at and steered; a context manager."""

    def __init__(
        self,
        config: Config,
        cameras: Sequence[Camera],
        now: Now,
        keeper: Keeper,
        recording: Recording | None = None,
    ) -> None:
        self.ending = False
        """Whether somebody asked this process to end."""
        self._cameras = {camera.name: camera for camera in cameras}
        self._folders = {name: machine_folder(config, name) for name in self._cameras}
        self._now = now
        self._keeper = keeper
        self._recording = recording
        self._steered: dict[str, _Steered] = {}
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._answering: Answering | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._answering is None:
            return
        self._answering.close()
        for folder in self._folders.values():
            with suppress(OSError):  # a stale note is survived
                note.take_away(folder, self._answering.secret)

    def take(
        self, trackers: Mapping[str, Sequence[Tracker]], readers: Mapping[str, Reader]
    ) -> None:
        """Begin to answer for these; a tracker that cannot be reached tracks all the same."""
        for channel, group in trackers.items():
            for tracker in group:
                name = tracker.name
                view = Viewfinder(self._cameras[name], tracker, readers[channel], self._now)
                folder = self._folders[name]
                self._steered[name] = _Steered(tracker, folder, view)
                pause = pause_of(folder)
                if pause is not None and pause.until > self._now().utc:
                    self._pause(self._steered[name], pause)
        try:
            self._answering = Answering(self.answer, lambda: self._now().at)
            mine = note.Note(self._answering.port, os.getpid(), self._answering.secret)
            for folder in self._folders.values():
                note.leave(folder, mine, put_private)
        except OSError as error:
            log.warning("nobody can look on: %s", error.strerror or error)
        else:
            self._answering.start()

    def scored(self, scored: Scored) -> None:
        """Pass a judged sample on to who looks."""
        if scored.machine in self._steered:
            self._steered[scored.machine].view.scored(scored)

    def changed(self, change: Change) -> None:
        """The state is asked of the machine itself."""

    def work(self, moment: Moment) -> None:
        """Do what was ordered, and end the pauses that are over; called by the loop."""
        with suppress(Empty):
            while True:
                self._orders.get_nowait()()
        for steered in self._steered.values():
            if steered.pause is not None and moment.utc >= steered.pause.until:
                self._resume(steered)

    def answer(self, wish: dict[str, Json]) -> Answer:
        """Answer what is asked over the link; raise `RefusedError`."""
        steered = self._steered.get(str(wish.get("machine")))
        if steered is None:
            raise RefusedError("no such machine here")
        asked = {
            "look": self._look,
            "threshold": self._wish_threshold,
            "pause": self._wish_pause,
            "resume": self._wish_resume,
            "record": self._wish_record,
            "keep": self._wish_keep,
            "end": self._wish_end,
        }.get(str(wish.get("do")))
        if asked is None:
            raise RefusedError("no such order")
        try:
            return asked(steered, wish)
        except (ValueError, TypeError, KeyError):  # what no dashboard of ours says
            raise RefusedError("the order makes no sense") from None

    def _look(self, steered: _Steered, wish: Mapping[str, Json]) -> Answer:
        view = steered.view
        said, picture = self._facts(steered), b""
        if wish.get("picture") and (view.moving or not wish.get("moving_only")):
            seen, picture = view.picture(wish)
            said |= seen
        return said, picture

    def _facts(self, steered: _Steered) -> dict[str, Json]:
        pause, recording, name = steered.pause, self._recording, steered.tracker.name
        return steered.view.facts() | {
            "paused": pause and {"until": pause.until, "reason": pause.reason, "by": pause.by},
            "can_record": recording is not None and recording.allowed(name),
            "recording": recording is not None and recording.active(name),
        }

    def _wish_threshold(self, steered: _Steered, wish: Mapping[str, Json]) -> Answer:
        threshold = _whole(wish["threshold"], LARGEST)

        def order() -> None:
            log.info("%s: threshold %d, was %d", steered.tracker.name, threshold, was)
            steered.tracker.threshold = threshold

        was = steered.tracker.threshold
        self._orders.put(order)
        return {"threshold": threshold, "was": was}, b""

    def _wish_pause(self, steered: _Steered, wish: Mapping[str, Json]) -> Answer:
        seconds = float(wish["seconds"])
        if not 0 < seconds <= LONGEST_PAUSE:
            raise ValueError
        reason, by = (str(wish.get(key, ""))[:LONGEST_TEXT] for key in ("reason", "by"))
        pause = Pause(self._now().utc + seconds, reason, by)
        self._orders.put(lambda: self._pause(steered, pause))
        return {"paused": {"until": pause.until, "reason": reason, "by": by}}, b""

    def _wish_resume(self, steered: _Steered, _wish: Mapping[str, Json]) -> Answer:
        self._orders.put(lambda: self._resume(steered))
        return {"paused": None}, b""

    def _wish_record(self, steered: _Steered, wish: Mapping[str, Json]) -> Answer:
        recording, name, on = self._recording, steered.tracker.name, bool(wish["on"])
        if recording is None or not recording.allowed(name):
            raise RefusedError("nothing is recorded here", NOT_BY_HAND)
        self._orders.put(lambda: recording.start(name) if on else recording.stop(name))
        return {"recording": on}, b""

    def _wish_keep(self, steered: _Steered, wish: Mapping[str, Json]) -> Answer:
        recording, name = self._recording, steered.tracker.name
        ago, seconds = self._now().utc - float(wish["at"]), float(wish["seconds"])
        if recording is None or not recording.allowed(name):
            raise RefusedError("nothing is recorded here", NOT_BY_HAND)
        if not 0 < seconds <= REMEMBERED:
            raise ValueError
        if not 0 <= ago <= REMEMBERED:
            raise RefusedError("that is not remembered any more", "only the last half minute is")
        at = self._now().at - ago
        self._orders.put(lambda: recording.keep(name, at - seconds, at + seconds))
        return {"keeping": True}, b""

    def _wish_end(self, _steered: _Steered, _wish: Mapping[str, Json]) -> Answer:
        self.ending = True
        return {"ending": True}, b""

    def _pause(self, steered: _Steered, pause: Pause) -> None:
        tracker, moment = steered.tracker, self._now()
        steered.pause = pause
        if tracker.machine.state is not MachineState.NO_SIGNAL:
            self._keeper.hushed.add(tracker.name)
        tracker.pause(moment.at, moment.utc)
        log.info("%s: paused by %s: %s", tracker.name, pause.by or "nobody", pause.reason)
        try:
            keep_pause(steered.folder, pause)
        except OSError as error:
            log.warning("%s: the pause ends with this process: %s", tracker.name, error.strerror)

    def _resume(self, steered: _Steered) -> None:
        if steered.pause is None:
            return
        steered.pause = None
        steered.tracker.resume()
        log.info("%s: goes on", steered.tracker.name)
        with suppress(OSError):  # it is over by its own time, too
            forget_pause(steered.folder)


def _whole(value: Json, largest: int) -> int:
    if type(value) is not int or not 0 <= value <= largest:
        raise ValueError
    return value
