"""
How does everything reach the disk while detection never waits for it?

One thread writes.  Other threads hand over and go on.  What must not be lost, a change, waits in
a spill for as long as the disk refuses it, in order, and in memory if nothing takes it; of samples
the oldest go first when there are too many, and of heartbeats only the newest counts.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Condition, Thread

from motion_tracking.core.changes import Change
from motion_tracking.record.history import Heartbeat, History
from motion_tracking.record.motion import MotionSums
from motion_tracking.record.outage import Outage
from motion_tracking.record.spill import Entry, Spill
from motion_tracking.record.textlogs import TextLogs

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds that samples and heartbeats may wait; changes wait for nothing."""

LONGEST_PAUSE = 30.0
"""Seconds between tries while the disk refuses."""

SAMPLES_HELD = 20_000
"""A quarter of an hour of ten machines, while the disk is too slow to take them."""

KEEP_TENS = timedelta(days=14)
"""After that, motion is kept by the minute."""

KEEP_DELIVERED = timedelta(days=30)
"""After that, nobody asks what became of a message that arrived."""


@dataclass(frozen=True, slots=True)
class _Sample:
    machine: str
    utc: float
    score: int
    moving: bool


def pause_after(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row."""
    return min(TICK * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)


def ignore(_seq: int, _change: Change) -> None:
    """Do nothing about a stored change."""


class Writer:
    """Writes the history and the text logs for all machines of this process."""

    def __init__(
        self,
        open_history: Callable[[], History],
        text_logs: Mapping[str, TextLogs],
        now: Callable[[], float],
        on_stored: Callable[[int, Change], None] = ignore,
        spill: Spill | None = None,
    ) -> None:
        """
        `open_history` is called in the writer's thread, again after each failure.

        `now` gives monotonic seconds.  `on_stored` is called in the writer's thread with each
        change that the disk has, and its number; it must be quick and not raise.  What is left in
        `spill` from before comes first.
        """
        self.dropped = 0
        self._open_history = open_history
        self._text_logs = text_logs
        self._now = now
        self._on_stored = on_stored
        self._spill = spill or Spill((), ())
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._news = Condition()
        self._urgent = False
        self._closing = False
        self._changes: deque[Entry] = deque()
        self._spilt = 0  # so many of them, from the oldest on, are in the spill
        self._spill_used = False
        self._samples: deque[_Sample] = deque()
        self._heartbeats: dict[str, Heartbeat] = {}
        self._history: History | None = None
        self._sums = MotionSums()
        self._outage = Outage(log, "the history", now)
        self._failures = 0
        self._retry_at = 0.0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it writes; if not, though it was started, the program is at fault."""
        return self._thread.is_alive()

    def change(
        self,
        change: Change,
        notifiers: Collection[str] = (),
        machineid: int = 0,
        recorder: str = "",
    ) -> None:
        """Hand over a change, to be announced by `notifiers`; does not wait."""
        with self._news:
            self._changes.append(Entry(change, notifiers, machineid, recorder))
            self._urgent = True
            self._news.notify()

    def sample(self, machine: str, utc: float, score: int, moving: bool) -> None:
        """Hand over the score of the moment `utc`, seconds since 1970; does not wait."""
        with self._news:
            if len(self._samples) >= SAMPLES_HELD:
                self._samples.popleft()
                self.dropped += 1
            self._samples.append(_Sample(machine, utc, score, moving))

    def beat(self, heartbeat: Heartbeat) -> None:
        """Hand over a heartbeat; does not wait."""
        with self._news:
            self._heartbeats[heartbeat.machine] = heartbeat

    def close(self, timeout: float = 1.5) -> list[Change]:
        """
        Write what there is and end; return the changes that could be kept nowhere in time.

        What is handed over later is lost.
        """
        with self._news:
            self._closing = self._urgent = True
            self._news.notify()
        if self.alive:
            self._thread.join(timeout)
        if self.alive:  # the disk hangs, and who waits for it cannot put the rest aside
            log.warning("the history does not answer; %s", self._save_aside())
        with self._news:
            left = [entry.change for entry in list(self._changes)[self._spilt :]]
        for change in left:
            at = change.detected_at.isoformat()
            log.error("%s: %s, seen %s, was not stored", change.machine, change.to_state, at)
        return left

    def _run(self) -> None:
        closing = False
        self._recover()
        try:
            while not closing:
                samples, closing = self._wait()
                self._sum_up(samples, closing)
                self._store(closing)
        finally:
            for logs in self._text_logs.values():
                logs.close()
            self._let_go()

    def _wait(self) -> tuple[list[_Sample], bool]:
        with self._news:
            self._news.wait_for(lambda: self._urgent, TICK)
            self._urgent = False
            samples = list(self._samples)
            self._samples.clear()
            return samples, self._closing

    def _sum_up(self, samples: list[_Sample], closing: bool) -> None:
        for sample in samples:
            self._sums.add(sample.machine, sample.utc, sample.score, sample.moving)
            logs = self._text_logs.get(sample.machine)
            if logs is not None:
                logs.sample(sample.utc, sample.score)
        if closing:
            self._sums.end()
        for logs in self._text_logs.values():
            if closing:
                logs.close()  # now, since storing may take longer than we have
            else:
                logs.settle()

    def _store(self, closing: bool) -> None:
        if not (self._changes or self._heartbeats or self._sums.over):
            return
        if self._failures and self._now() < self._retry_at and not closing:
            self._save_aside()
            return
        try:
            if self._history is None:
                self._history = self._open_history()
            self._store_changes(self._history)
            self._store_heartbeats(self._history)
            self._store_motion(self._history)
        except OSError as error:  # a HistoryError, or what else a strange disk may raise
            self._let_go()
            self._failures += 1
            self._retry_at = self._now() + pause_after(self._failures)
            self._outage.failed(error, self._save_aside())
        else:
            self._failures = 0
            self._outage.over("no change was lost")

    def _store_changes(self, history: History) -> None:
        # no more than there are now: where they come as fast as the disk takes them, heartbeats
        # and samples have their turn too; those that come meanwhile are urgent by themselves
        for _ in range(len(self._changes)):
            entry = self._changes[0]
            # killed between storing it and forgetting it
            known = bool(entry.boot_id) and history.knows(entry.change, entry.boot_id)
            seq = 0 if known else self._append(history, entry)
            with self._news:
                self._changes.popleft()
                self._spilt = max(0, self._spilt - 1)
            if not known:
                logs = self._text_logs.get(entry.change.machine)
                if logs is not None:
                    logs.change(entry.change)
                self._on_stored(seq, entry.change)
        if self._spill_used:
            self._spill.clear()
            self._spill_used = False

    def _append(self, history: History, entry: Entry) -> int:
        return history.append(
            entry.change, entry.notifiers, entry.machineid, entry.recorder, entry.boot_id
        )

    def _recover(self) -> None:
        """Take up what was left in the spill."""
        left = self._spill.read()
        if left:
            log.info("%d changes from before wait for the history", len(left))
            with self._news:
                self._changes.extendleft(reversed(left))
                self._spilt, self._spill_used, self._urgent = len(left), True, True

    def _save_aside(self) -> str:
        """Put what waits into the spill, as far as it goes; say where it waits."""
        with self._news:
            count = len(self._changes)
            waiting = list(self._changes)[self._spilt :]
        try:
            for entry in waiting:
                self._spill.add([entry])
                self._spill_used = True
                with self._news:
                    self._spilt += 1
        except OSError as error:  # nothing takes it: the memory has to do
            return f"{count} changes wait in memory, {self._spilt} of them on disk too: {error}"
        return f"{count} changes wait in {self._spill.where}" if count else "no change waits"

    def _store_heartbeats(self, history: History) -> None:
        with self._news:
            heartbeats = list(self._heartbeats.values())
        for heartbeat in heartbeats:
            history.beat(heartbeat)
            with self._news:
                if self._heartbeats[heartbeat.machine] is heartbeat:
                    del self._heartbeats[heartbeat.machine]

    def _store_motion(self, history: History) -> None:
        over = self._sums.over
        while over:
            history.add_motion(over[0])
            span = over.popleft()
            if span.start % 3600 == 0:
                start = datetime.fromtimestamp(span.start, UTC)
                history.thin_motion(span.machine, start - KEEP_TENS)
                kept_since = (start - KEEP_DELIVERED).timestamp()
                history.forget_delivered(span.machine, kept_since)

    def _let_go(self) -> None:
        if self._history is not None:
            self._history.close()
            self._history = None
