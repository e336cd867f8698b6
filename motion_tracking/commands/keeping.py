"""
How is what a tracker finds kept, and told?

A `Keeper` ties the record and the notifiers together: it takes scores and changes from trackers,
hands them to the writer's thread, and wakes the senders when a change is safely on disk.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from motion_tracking.capture.clock import Moment, Now
from motion_tracking.capture.reader import Reader
from motion_tracking.commands.configuration import history_file, machine_folder, spill_folders
from motion_tracking.config import Camera, Config
from motion_tracking.console import EVENTS, Exit, Failure
from motion_tracking.core.changes import Change
from motion_tracking.core.heads import ALL_DECODED, UNKNOWN
from motion_tracking.core.machine import MachineState, Memory, Transition
from motion_tracking.core.pace import RATE_HINT, Pace
from motion_tracking.core.remembering import recall
from motion_tracking.core.telling import SIGNALS
from motion_tracking.notify import open_notifier
from motion_tracking.notify.sender import Sender
from motion_tracking.record.history import Heartbeat, History, HistoryError
from motion_tracking.record.spill import Spill
from motion_tracking.record.textlogs import TextLogs
from motion_tracking.record.writer import Writer
from motion_tracking.tracker import Scored, Tracker

log = logging.getLogger(__name__)

BEAT = 5.0
"""Seconds between heartbeats: what a hard kill may cost of the knowledge when we last looked."""

REMEMBERED = 50
"""Changes that are looked at to find the stop that was going on."""


class Keeper:
    """Keeps and tells what happens to some cameras; a context manager."""

    def __init__(self, config: Config, cameras: Sequence[Camera], now: Now) -> None:
        self._config = config
        self._cameras = {camera.name: camera for camera in cameras}
        self._now = now
        self._beaten_at = float("-inf")
        self._counted: dict[str, tuple[float, int]] = {}
        self._paces: dict[str, Pace] = {}
        notifications = config.notifications
        self._events = notifications.events
        self.hushed: set[str] = set()
        """Machines of which nobody is told that they are not seen, or again: it was asked for."""
        self._sender = Sender(
            self._open_history,
            {
                name: open_notifier(name, **options)
                for name, options in notifications.options.items()
            },
            list(self._cameras),
            lambda: now().utc,
            pictured=frozenset(trigger.value for trigger in config.recording.pictures),
            dashboard=config.dashboard,
        )
        self._spill = Spill(spill_folders(config), list(self._cameras))
        self._writer = Writer(
            self._open_history,
            {
                name: TextLogs(machine_folder(config, name), name, lambda: now().at)
                for name in self._cameras
            },
            lambda: now().at,
            lambda _seq, change: self._stored(change),
            self._spill,
        )

    def __enter__(self) -> "Keeper":
        try:
            with self._open_history() as history:
                log.debug("history of %d machines", len(history.machines()))
        except HistoryError as error:
            hint = "free the disk, or name another folder by [storage] logs in config_stream.ini"
            # no mistake of the user's: whoever starts us again is right to
            raise Failure(str(error), hint, Exit.INTERNAL) from None
        self._writer.start()
        self._sender.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Store what was handed over, and end; any thread may do it."""
        self._writer.close(1.0)
        self._sender.close(0.3)

    @property
    def failed(self) -> bool:
        """Whether nothing is kept any more, by a fault of this program."""
        return not self._writer.alive

    def wake(self) -> None:
        """Say that there is something new to be told; does not wait."""
        self._sender.wake()

    def folder(self, machine: str) -> Path:
        """Return where the logs of a machine are."""
        return machine_folder(self._config, machine)

    def memory(self, machine: str) -> Memory | None:
        """Return what is known of a machine from before, in monotonic seconds of now."""
        moment = self._now()

        def at(when: datetime) -> float:
            return moment.at - max(0.0, moment.utc - when.timestamp())

        # what waits in the spill is newer, and may reach the history while we look
        waiting = [entry.change for entry in self._spill.read(machine)]
        with self._open_history() as history:
            changes = [
                change
                for _, change in history.changes(machine, newest_first=True, limit=REMEMBERED)
            ]
            beat = history.heartbeats().get(machine)
        changes = [*reversed([c for c in waiting if c not in changes]), *changes][:REMEMBERED]
        if not changes:
            return None
        seen = [changes[0].detected_at]
        if beat is not None and beat.seen_at is not None:
            seen.append(beat.seen_at)
        return recall([transition_of(change, at) for change in changes], at(max(seen)))

    def scored(self, scored: Scored) -> None:
        """Take a judged sample."""
        self._writer.sample(scored.machine, scored.utc, scored.score, scored.moving)

    def changed(self, change: Change) -> None:
        """Take a change, and see that it is told to whoever wants to know."""
        event = change.event
        wanted = [name for name, events in self._events.items() if event in events]
        if change.machine in self.hushed and event in SIGNALS:
            wanted = []
        if change.to_state is not MachineState.NO_SIGNAL:
            self.hushed.discard(change.machine)
        camera = self._cameras[change.machine]
        self._writer.change(change, wanted, camera.machineid, recorder_of(camera))

    def beat(
        self,
        moment: Moment,
        trackers: Mapping[str, Sequence[Tracker]],
        readers: Mapping[str, Reader],
    ) -> None:
        """Note every few seconds what is known of each machine."""
        if moment.at - self._beaten_at < BEAT:
            return
        self._beaten_at = moment.at
        for channel, group in trackers.items():
            fps = self._fps(channel, moment.at, readers[channel].frames)
            trouble = self._trouble(channel, moment.at, group, readers[channel])
            for tracker in group:
                self._writer.beat(_heartbeat(tracker, moment, trouble, fps))

    def finish(self, trackers: Mapping[str, Sequence[Tracker]]) -> None:
        """Note that tracking ended in good order."""
        moment = self._now()
        for group in trackers.values():
            for tracker in group:
                self._writer.beat(_heartbeat(tracker, moment, "", None, ended=True))

    def _fps(self, channel: str, at: float, frames: int) -> float | None:
        before = self._counted.get(channel)
        self._counted[channel] = (at, frames)
        if before is None or at <= before[0]:
            return None
        return (frames - before[1]) / (at - before[0])

    def _trouble(self, channel: str, at: float, group: Sequence[Tracker], reader: Reader) -> str:
        """Say what is wrong with a stream, and log it once if too few pictures come."""
        if channel not in self._paces:
            self._paces[channel] = Pace(lag for tracker in group for lag in tracker.lags)
        pace = self._paces[channel]
        if reader.trouble:
            pace.forget()
            return reader.trouble
        if pace.take(at, reader.frames):
            log.warning("%s: %s; %s", channel, pace.trouble, RATE_HINT)
        if pace.trouble or reader.heads is None:
            return pace.trouble
        reason = reader.heads.reason
        return f"{ALL_DECODED}: {reason}" if reason and reason != UNKNOWN else ""

    def _open_history(self) -> History:
        return History(history_file(self._config), self._config.site)

    def _stored(self, change: Change) -> None:
        if change.event is not None:
            self._sender.wake()
            return
        # nobody is told of it, but who reads the log wants to follow what the machine is doing
        logging.getLogger(EVENTS).info(
            "%s: %s", change.machine, change.to_state, extra=_fields(change)
        )


def _fields(change: Change) -> dict[str, object]:
    return {
        "camera": change.machine,
        "state": change.to_state.value,
        "was": change.from_state.value,
        "reason": change.reason.value if change.reason else None,
        "occurred_at": change.occurred_at.isoformat(),
    }


def recorder_of(camera: Camera) -> str:
    """Return what a camera shares with others that go when it goes; empty where it is alone."""
    address = camera.address
    return urlsplit(address.location).hostname or "" if address.kind == "rtsp" else ""


def transition_of(change: Change, at: Callable[[datetime], float]) -> Transition:
    """Turn a stored change back into a transition on the clock of this process."""
    stopped_since = change.stopped_since
    return Transition(
        change.from_state,
        change.to_state,
        change.reason,
        at(change.occurred_at),
        at(change.detected_at),
        at(change.since),
        None if stopped_since is None else at(stopped_since),
        change.woke,
    )


def _heartbeat(
    tracker: Tracker, moment: Moment, trouble: str, fps: float | None, *, ended: bool = False
) -> Heartbeat:
    memory = tracker.machine.memory

    def date(at: float) -> datetime:
        return datetime.fromtimestamp(moment.utc - (moment.at - at), UTC)

    return Heartbeat(
        machine=tracker.name,
        at=datetime.fromtimestamp(moment.utc, UTC),
        pid=os.getpid(),
        state=memory.state,
        reason=memory.reason,
        since=date(memory.since),
        seen_at=None if memory.seen_at is None else date(memory.seen_at),
        score=tracker.score,
        threshold=tracker.threshold,
        moving_share=tracker.machine.moving_share,
        fps=fps,
        trouble=trouble,
        size=tracker.size,
        ended=ended,
    )
