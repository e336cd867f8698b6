"""
How do changes that belong together become one message, whichever process sends it?

The machines of one recorder are often tracked by a process each.  Who finds first that its
machine's signal may be told, takes the others' along: their rows get the same `leader`, and keep
it, so that a message tried again is the same message under the same key.  Any process with a
machine in it may send it; a claim, which runs out, keeps two from doing so at once.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from motion_tracking.core.changes import Delivery, Event
from motion_tracking.core.telling import SIGNALS, Told, Waiting, first_message, signals_first
from motion_tracking.record.outbox import FARTHEST, SELECT, Outbox

CLAIM = 60.0
"""Seconds after which a message counts as not being sent any more; a send takes some ten."""

NEAR = 10 * 60.0
"""Seconds between what happens to the machines of a recorder, if it is to be one message."""

MANY = 500
"""Rows of a machine that are looked at, after days without a receiver."""

_TOLD = f"""
SELECT event, ended, max(seq) FROM outbox
WHERE machine = ? AND notifier = ? AND state = 'delivered'
    AND event IN ({",".join(f"'{event}'" for event in sorted(SIGNALS))})
GROUP BY ended ORDER BY ended DESC LIMIT 2
"""
_WAITING = """
SELECT outbox.id, outbox.event, outbox.due, outbox.tries, outbox.leader,
       coalesce(clip.end_ms, detected_ms) AS detected_ms
FROM outbox LEFT JOIN transition USING (machine, seq) LEFT JOIN clip ON clip.id = outbox.clip
WHERE outbox.machine = ? AND notifier = ? AND outbox.state = 'pending' ORDER BY outbox.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """What waits of another machine of the recorder, for the same notifier; only signals."""

    of: tuple[str, str]
    waiting: Sequence[Waiting]

    @property
    def last(self) -> Waiting:
        return self.waiting[-1]

    @property
    def lost(self) -> bool:
        return self.last.event is Event.NO_SIGNAL


class Gathering(Outbox):
    """The outbox of notifiers that gather; times are UTC seconds."""

    def gathered(self, notifier: str, machines: Iterable[str], now: float) -> list[int]:
        """Return, for each machine with news to be told now, the first of the rows it is in."""
        ids = []
        with self._reading(), self._decoding("the outbox"):
            for machine in machines:
                found = self._first(notifier, machine, now)
                ids += [found[0].id] if found else []
        return ids

    def claim(self, delivery_id: int, now: float, owner: str) -> Delivery | None:
        """
        Return the message that a row is told in, all of whose rows are one delivery from now on.

        None where another owner is sending it, or it may not go any more.
        """
        with self._writing() as connection, self._decoding("the outbox"):
            row = connection.execute(
                "SELECT * FROM outbox WHERE id = ? AND state = 'pending'", (delivery_id,)
            ).fetchone()
            if row is None:
                return None
            leader = self._gather(row, now) if row["leader"] is None else row["leader"]
            if leader is None or not self._take(leader, now, owner):
                return None
            rows = connection.execute(
                f"{SELECT} WHERE outbox.leader = ? AND outbox.state = 'pending'"
                " ORDER BY detected_ms, outbox.id",
                (leader,),
            ).fetchall()
        [head] = (self._delivery(row) for row in rows if row["delivery_id"] == leader)
        others = tuple(self._announcement(row) for row in rows if row["delivery_id"] != leader)
        return replace(head, announcement=replace(head.announcement, others=others))

    def _take(self, leader: int, now: float, owner: str) -> bool:
        """Claim a message; one of a single machine is nobody else's anyway."""
        machines, claimed, holder = self._connection.execute(
            "SELECT count(DISTINCT machine), max(claimed), max(owner) FROM outbox"
            " WHERE leader = ? AND state = 'pending'",
            (leader,),
        ).fetchone()
        if machines < 2:
            return True
        if holder not in (None, owner) and 0 < claimed - now <= CLAIM:
            return False
        self._connection.execute(
            "UPDATE outbox SET claimed = ?, owner = ? WHERE leader = ? AND state = 'pending'",
            (now + CLAIM, owner, leader),
        )
        return True

    def _gather(self, row: sqlite3.Row, now: float) -> int | None:
        """Put the rows together that are told with this one; return the one that leads."""
        message = self._first(row["notifier"], row["machine"], now)
        if not message or message[0].id != row["id"]:
            return None
        messages = [message]
        if row["recorder"] and message[-1].event in SIGNALS:
            messages = self._joined(message, list(self._neighbours(row)), now)
        leader = messages[0][-1].id
        self._connection.executemany(
            "UPDATE outbox SET leader = ? WHERE id = ?",
            [(leader, change.id) for message in messages for change in message],
        )
        return leader

    def _joined(
        self, message: Sequence[Waiting], others: list[_Neighbour], now: float
    ) -> list[Sequence[Waiting]]:
        """Return what is told together; the first leads.  An alert takes all news along."""
        near = [o for o in others if abs(o.last.detected - message[-1].detected) <= NEAR]
        if message[-1].event is Event.SIGNAL_BACK:
            ready = next((o for o in near if o.lost and self._first(*o.of, now)), None)
            if ready is None:  # an all-clear takes only its like
                return [message, *(o.waiting for o in near if not o.lost)]
            return [ready.waiting, message, *(o.waiting for o in near if o is not ready)]
        return [message, *(o.waiting for o in near)]

    def _neighbours(self, row: sqlite3.Row) -> Iterator[_Neighbour]:
        """Yield what happened to the signals of the recorder's other machines meanwhile."""
        notifier = row["notifier"]
        machines = self._connection.execute(
            "SELECT DISTINCT machine FROM outbox WHERE state = 'pending' AND notifier = ?"
            " AND recorder = ? AND machine <> ? ORDER BY machine",
            (notifier, row["recorder"], row["machine"]),
        ).fetchall()
        for (machine,) in machines:
            rows = self._rows(notifier, machine)
            waiting = [_waiting(row) for row in rows]
            fresh = not rows[0]["tries"] and all(row["leader"] is None for row in rows)
            if fresh and signals_first(waiting) == waiting:
                yield _Neighbour((notifier, machine), waiting)

    def _first(self, notifier: str, machine: str, now: float) -> Sequence[Waiting]:
        """Return the rows of a machine that may be told now in one message, or none."""
        rows = self._rows(notifier, machine)
        if not rows:
            return ()
        first = rows[0]
        if first["leader"] is not None or first["tries"]:
            due = first["due"] <= now or first["due"] > now + FARTHEST
            return [_waiting(first)] if due else ()
        fresh = [_waiting(row) for row in rows if row["leader"] is None]
        told = self._connection.execute(_TOLD, (machine, notifier)).fetchall()
        return first_message(fresh, [Told(Event(row[0]), row[1]) for row in told], now)

    def _rows(self, notifier: str, machine: str) -> list[sqlite3.Row]:
        return self._connection.execute(_WAITING, (machine, notifier, MANY)).fetchall()


def _waiting(row: sqlite3.Row) -> Waiting:
    return Waiting(row["id"], Event(row["event"]), row["detected_ms"] / 1000)
