"""
What has yet to be told, to whom, and what became of it?

A row is written in one step with what it tells of: a transition, or a clip.  Of each machine and
notifier only the oldest pending row may go: what happened first is told first, however often it
is tried.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from motion_tracking.core.changes import Announcement, Delivery, Event
from motion_tracking.record.chain import change_of
from motion_tracking.record.clips import Clips, occasion
from motion_tracking.record.database import marks, transition

FARTHEST = 24 * 3600.0
"""Seconds; a row due later than that was put off by a clock that has been set right since."""

SELECT = """
SELECT outbox.machine, outbox.seq, outbox.id AS delivery_id, outbox.notifier, outbox.event,
       outbox.machineid, outbox.tries, outbox.last_error, outbox.ended, outbox.clip AS clip_id,
       transition.*
FROM outbox LEFT JOIN transition USING (machine, seq)
"""
"""A clip may show what is no transition."""

_OLDEST = """
    outbox.state = 'pending' AND outbox.machine IN ({machines}) AND NOT EXISTS (
        SELECT 1 FROM outbox AS older
        WHERE older.state = 'pending' AND older.machine = outbox.machine
            AND older.notifier = outbox.notifier AND older.id < outbox.id)
"""
_TOGETHER = "state = 'pending' AND (id = ? OR leader = ?)"
"""All rows that are told in one message."""


class DeliveryState(StrEnum):
    """What became of a row of the outbox."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up, why, and when (UTC seconds)."""

    delivery: Delivery
    error: str
    given_up_at: float


class Outbox(Clips):
    """The deliveries of a site; times are UTC seconds."""

    def __init__(self, path: Path, site: str = "site", *, read_only: bool = False) -> None:
        """Open the file; `site` is the first part of each announcement's key."""
        super().__init__(path, read_only=read_only)
        self.site = site

    def due(self, machines: Iterable[str], now: float) -> list[Delivery]:
        """Return what may be sent for these machines: at most one a machine and notifier."""
        names = list(machines)
        where = _OLDEST.format(machines=marks(names))
        with self._reading() as connection:
            rows = connection.execute(
                f"{SELECT} WHERE {where} AND (due <= ? OR due > ?) ORDER BY due, outbox.id",
                (*names, now, now + FARTHEST),
            ).fetchall()
        return [self._delivery(row) for row in rows]

    def next_due(self, machines: Iterable[str]) -> float | None:
        """Return when `due` next has something for these machines; None if nothing is pending."""
        names = list(machines)
        where = _OLDEST.format(machines=marks(names))
        with self._reading() as connection:
            row = connection.execute(f"SELECT min(due) FROM outbox WHERE {where}", names).fetchone()
        return None if row[0] is None else float(row[0])

    def delivered(self, delivery_id: int, now: float) -> None:
        """Take note that it arrived."""
        self._end(delivery_id, DeliveryState.DELIVERED, now, None)

    def given_up(self, delivery_id: int, now: float, error: str) -> None:
        """Take note that it never will; the next one may go."""
        self._end(delivery_id, DeliveryState.DEAD, now, error)

    def postponed(self, delivery_id: int, until: float, error: str) -> None:
        """Take note of a try that failed; the next is due at `until`."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE outbox SET due = ?, tries = tries + 1, last_error = ?, owner = NULL"
                f" WHERE {_TOGETHER}",
                (until, error, delivery_id, delivery_id),
            )

    def outbox_counts(self) -> dict[DeliveryState, int]:
        """Return how many rows are in each state."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT state, count(*) FROM outbox GROUP BY state"
            ).fetchall()
        with self._decoding("the outbox"):
            counts = {DeliveryState(row[0]): int(row[1]) for row in rows}
        return dict.fromkeys(DeliveryState, 0) | counts

    def dead_letters(self) -> list[DeadLetter]:
        """Return what was given up, oldest first; each change, though several were one message."""
        with self._reading() as connection:
            rows = connection.execute(
                f"{self._select} WHERE outbox.state = 'dead' ORDER BY outbox.id"
            ).fetchall()
        return [DeadLetter(self._delivery(row), row["last_error"], row["ended"]) for row in rows]

    def revive(self, delivery_ids: Iterable[int] | None = None) -> int:
        """Make dead letters, by default all, due at once; return how many there were."""
        ids = [letter.delivery.id for letter in self.dead_letters()]
        if delivery_ids is not None:
            ids = [delivery_id for delivery_id in delivery_ids if delivery_id in ids]
        with self._writing() as connection:
            for delivery_id in ids:
                connection.execute(
                    "UPDATE outbox SET state = 'pending', due = 0, tries = 0, ended = NULL,"
                    " owner = NULL"
                    " WHERE id = ? AND state = 'dead'",
                    (delivery_id,),
                )
        return len(ids)

    def forget_delivered(self, machine: str, before: float) -> None:
        """Remove what arrived before that; the transitions that it told of stay."""
        with self._writing(durable=False) as connection:
            connection.execute(
                "DELETE FROM outbox WHERE machine = ? AND state = 'delivered' AND ended < ?",
                (machine, before),
            )

    @property
    def _select(self) -> str:
        # a file of an older version that is only read
        return SELECT if self._has_clips else SELECT.replace("outbox.clip ", "NULL ")

    def _enqueue(
        self,
        transition: tuple[str, int | None],
        event: Event,
        notifiers: Collection[str],
        machineid: int,
        recorder: str,
        clip: int | None = None,
    ) -> None:
        """Add a row for each notifier; only inside the step that adds what it tells of."""
        about = (*transition, event.value, machineid, recorder, clip)
        self._connection.executemany(
            "INSERT INTO outbox (machine, seq, event, machineid, recorder, clip, notifier)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*about, notifier) for notifier in notifiers],
        )

    def _end(self, delivery_id: int, state: DeliveryState, now: float, error: str | None) -> None:
        with self._writing() as connection:
            connection.execute(
                "UPDATE outbox SET state = ?, tries = tries + 1, ended = ?,"
                f" last_error = coalesce(?, last_error) WHERE {_TOGETHER}",
                (state.value, now, error, delivery_id, delivery_id),
            )

    def _delivery(self, row: sqlite3.Row) -> Delivery:
        announcement = self._announcement(row)
        return Delivery(row["delivery_id"], row["notifier"], announcement, row["tries"])

    def _announcement(self, row: sqlite3.Row) -> Announcement:
        clip = None if row["clip_id"] is None else self._clip(row["clip_id"])
        with self._decoding(transition(row)):
            change = change_of(row) if clip is None or row["id"] else occasion(row["machine"], clip)
            event, seq = Event(row["event"]), row["seq"] or 0
        # a deep sleep is seen in the pictures of its stop
        asleep = event is Event.DEEP_SLEEP and change.stopped_since is not None
        shown = change.stopped_since if asleep else change.occurred_at
        pictures = self.pictures(row["machine"], shown or change.occurred_at)
        machineid = row["machineid"]
        return Announcement(self.site, seq, change, event, machineid, clip=clip, pictures=pictures)
