"""
What has happened to each machine, in which order, and can the record be trusted?

One file holds it for a whole site.  Transitions are only ever added, and each is written in one
step with the rows of the outbox that tell of it: who kills us loses both or neither.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from motion_tracking.core.changes import Change, Event
from motion_tracking.core.clips import Clip
from motion_tracking.record.boot import boot_id
from motion_tracking.record.chain import (
    COLUMNS,
    FACTS,
    Finding,
    Value,
    change_of,
    digest,
    facts,
    first_fault,
)
from motion_tracking.record.clips import Shown
from motion_tracking.record.database import HistoryError, NoHistoryError, transition
from motion_tracking.record.gathering import Gathering
from motion_tracking.record.imported import Imports
from motion_tracking.record.motion import MotionSpan
from motion_tracking.record.outbox import DeadLetter, DeliveryState
from motion_tracking.record.past import Past, PastStep
from motion_tracking.record.pulse import Heartbeat, Pulse
from motion_tracking.record.reasons import StopReasons
from motion_tracking.record.schema import to_ms

__all__ = [
    "DeadLetter",
    "DeliveryState",
    "Finding",
    "Heartbeat",
    "History",
    "HistoryError",
    "MotionSpan",
    "NoHistoryError",
    "PastStep",
]

FOREVER = 2**63 - 1
"""Milliseconds; beyond any time."""


class History(Gathering, Pulse, Past, Imports, StopReasons):
    """The whole file through one connection, which belongs to the thread that made it."""

    def __init__(self, path: Path, site: str = "site", *, read_only: bool = False) -> None:
        """
        Open the file; make it and its folders, unless it is opened `read_only`.

        Raise `NoHistoryError` where there is none to read, `HistoryError` where it cannot be used.
        """
        super().__init__(path, site, read_only=read_only)
        self._boot_id = boot_id()

    def append(
        self,
        change: Change,
        notifiers: Collection[str] = (),
        machineid: int = 0,
        recorder: str = "",
        boot: str = "",
    ) -> int:
        """
        Add a transition, and its event to the outbox of each of `notifiers`; return its number.

        Machines of one `recorder` lose their signal together.  `boot` is that of the change's
        monotonic time, if not the present one.

        When it returns, the disk has it.  Adding a transition once more changes nothing and
        returns the same number, so what may have failed can be tried again.  A change without an
        event is told to nobody.
        """
        values = facts(change, boot or self._boot_id)
        with self._writing() as connection:
            known = self._number_of(change.machine, values)
            if known is not None:
                return known
            last = self._last_row(change.machine)
            seq, prev_hash = (1, "") if last is None else (last["seq"] + 1, last["hash"])
            hashed = (change.machine, seq, *values, prev_hash)
            connection.execute(
                f"INSERT INTO transition ({','.join(COLUMNS)})"
                f" VALUES ({','.join('?' * len(COLUMNS))})",
                (*hashed, digest(hashed)),
            )
            if change.event is not None:
                self._enqueue((change.machine, seq), change.event, notifiers, machineid, recorder)
        return seq

    def changes(
        self,
        machine: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[int, Change]]:
        """
        Yield the numbers and changes of a machine that occurred from `since` on, before `until`.

        They come in the order in which they were found out.
        """
        first = -FOREVER if since is None else to_ms(since)
        end = FOREVER if until is None else to_ms(until)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM transition WHERE machine = ? AND occurred_ms >= ?"
                f" AND occurred_ms < ? ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT ?",
                (machine, first, end, -1 if limit is None else limit),
            )
            for row in rows:
                with self._decoding(transition(row)):
                    change = change_of(row)
                yield row["seq"], change

    def last(self, machine: str) -> tuple[int, Change] | None:
        """Return the newest transition of a machine and its number; None where there is none."""
        return next(self.changes(machine, newest_first=True, limit=1), None)

    def machines(self) -> list[str]:
        """Return the names of all machines that have a transition."""
        with self._reading() as connection:
            rows = connection.execute("SELECT DISTINCT machine FROM transition ORDER BY machine")
            return [row[0] for row in rows]

    def verify(self) -> list[Finding]:
        """Return the first altered or missing row of each machine; an empty list is good news."""
        findings = []
        for machine in self.machines():
            with self._reading() as connection:
                rows = connection.execute(
                    f"SELECT {','.join(COLUMNS)} FROM transition WHERE machine = ? ORDER BY seq",
                    (machine,),
                )
                findings.append(first_fault(rows))
        return [finding for finding in findings if finding is not None]

    def add_clip(self, clip: Clip, shown: Iterable[Shown]) -> int:
        """
        Add a clip whose file is on the disk, and its event to the outbox; return its number.

        Of each machine that it shows its notifiers are told once, with the first of its changes.
        One whose file had gone, and is there again, is told to nobody; nor is a picture, which goes
        along with what it shows.
        """
        with self._writing() as connection:
            row = connection.execute("SELECT id FROM clip WHERE file = ?", (clip.file,)).fetchone()
            if row is not None:
                connection.execute("UPDATE clip SET removed_ms = NULL WHERE id = ?", tuple(row))
                return int(row["id"])
            shown = list(shown)
            number = self._insert_clip(clip, shown)
            told = [] if clip.is_picture else shown
            first = {each.machine: each for each in reversed(told)}
            for machine, each in first.items():
                values = None if each.change is None else facts(each.change, self._boot_id)
                seq = None if values is None else self._number_of(machine, values)
                to = each.audience
                about = (to.notifiers, to.machineid, to.recorder)
                self._enqueue((machine, seq), Event.CLIP, *about, clip=number)
        return number

    def knows(self, change: Change, boot: str = "") -> bool:
        """Whether a transition is in the history already."""
        with self._reading():
            values = facts(change, boot or self._boot_id)
            return self._number_of(change.machine, values) is not None

    def _number_of(self, machine: str, values: tuple[Value, ...]) -> int | None:
        rows = self._connection.execute(
            "SELECT * FROM transition WHERE machine = ? AND occurred_ms = ?", (machine, values[0])
        )
        for row in rows:
            # but for nanoseconds, which may have been rounded on their way through a spill
            same = (row[n] == v for n, v in zip(FACTS, values, strict=True) if n != "monotonic_ns")
            if all(same):
                return int(row["seq"])
        return None

    def _last_row(self, machine: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM transition WHERE machine = ? ORDER BY seq DESC LIMIT 1", (machine,)
        ).fetchone()
        return row
