"""
Which clips are there, where are their files, and what do they show?

A row is added when its file is safe, never before.  A file that is removed leaves its row, which
says when: whoever was told of the clip may ask.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from motion_tracking.core.changes import Change
from motion_tracking.core.clips import JPEG, Clip, Trigger
from motion_tracking.core.machine import MachineState
from motion_tracking.record.database import Database, marks
from motion_tracking.record.schema import from_ms, to_ms

SINCE = 4
"""The version of the file from which on there are clips."""


@dataclass(frozen=True, slots=True)
class Audience:
    """By which notifiers the clips of a machine are told, and what they want to know of it."""

    notifiers: Collection[str] = ()
    machineid: int = 0
    recorder: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What a clip was made for; `occurred_at` is aware.

    `change` is the transition, where it is one.
    """

    machine: str
    trigger: Trigger
    occurred_at: datetime
    change: Change | None = None
    audience: Audience = Audience()


class Clips(Database):
    """The table of clips."""

    def clips(
        self,
        machines: Iterable[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Clip]:
        """
        Return the clips whose files are kept, newest first; of all machines, or of some.

        With `since` and `until` those that show something of that time, both ends included.
        """
        if not self._has_clips:
            return []
        where, values = "removed_ms IS NULL", []
        if machines is not None:
            values = list(machines)
            where += f" AND id IN (SELECT clip FROM clip_shows WHERE machine IN ({marks(values)}))"
        for column, moment in (("end_ms >=", since), ("start_ms <=", until)):
            if moment is not None:
                where += f" AND {column} {to_ms(moment)}"
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM clip WHERE {where} ORDER BY start_ms DESC, id DESC LIMIT ?",
                (*values, -1 if limit is None else limit),
            ).fetchall()
        return [self._clip_of(row) for row in rows]

    def oldest_clips(self) -> Iterator[Clip]:
        """Yield the clips whose files are kept, oldest first; they may be removed meanwhile."""
        last = (-(2**63), 0)
        while True:
            with self._reading() as connection:
                row = connection.execute(
                    "SELECT * FROM clip WHERE removed_ms IS NULL AND (start_ms, id) > (?, ?)"
                    " ORDER BY start_ms, id LIMIT 1",
                    last,
                ).fetchone()
            if row is None:
                return
            last = (row["start_ms"], row["id"])
            yield self._clip_of(row)

    def clip(self, clip_id: int) -> Clip | None:
        """Return one clip; None where there is none of that number, or its file was removed."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT * FROM clip WHERE id = ? AND removed_ms IS NULL", (clip_id,)
            ).fetchone()
        return None if row is None else self._clip_of(row)

    def pictures(self, machine: str, occurred_at: datetime) -> tuple[Clip, ...]:
        """Return the pictures of what happened to a machine then, oldest first."""
        if not self._has_clips:
            return ()
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM clip WHERE removed_ms IS NULL AND codec = ? AND id IN"
                " (SELECT clip FROM clip_shows WHERE machine = ? AND occurred_ms = ?)"
                " ORDER BY start_ms",
                (JPEG, machine, to_ms(occurred_at)),
            ).fetchall()
        return tuple(self._clip_of(row) for row in rows)

    def surplus_pictures(self, machine: str, trigger: Trigger, most: int) -> list[Clip]:
        """Return all pictures of a machine and trigger but the newest `most`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM clip WHERE removed_ms IS NULL AND codec = ? AND id IN"
                " (SELECT clip FROM clip_shows WHERE machine = ? AND trigger = ?)"
                " ORDER BY start_ms DESC LIMIT -1 OFFSET ?",
                (JPEG, machine, trigger.value, most),
            ).fetchall()
        return [self._clip_of(row) for row in rows]

    def clip_files(self) -> set[str]:
        """Return the files of all clips that are kept."""
        if not self._has_clips:
            return set()
        with self._reading() as connection:
            return {
                row[0]
                for row in connection.execute("SELECT file FROM clip WHERE removed_ms IS NULL")
            }

    def clip_bytes(self) -> int:
        """Return how many bytes all clips have."""
        if not self._has_clips:
            return 0
        with self._reading() as connection:
            return int(
                connection.execute(
                    "SELECT coalesce(sum(bytes), 0) FROM clip WHERE removed_ms IS NULL"
                ).fetchone()[0]
            )

    def clip_removed(self, clip_id: int, at: datetime) -> None:
        """Take note that the file of a clip is gone."""
        with self._writing(durable=False) as connection:
            connection.execute(
                "UPDATE clip SET removed_ms = ? WHERE id = ? AND removed_ms IS NULL",
                (to_ms(at), clip_id),
            )

    @property
    def _has_clips(self) -> bool:
        """Whether the file has the table: one of an older version that is only read has not."""
        return self._schema_version() >= SINCE

    def _insert_clip(self, clip: Clip, shown: Iterable[Shown]) -> int:
        """Add a clip, whatever its number; only inside a step."""
        connection = self._connection
        added = connection.execute(
            "INSERT INTO clip (file, folder, start_ms, end_ms, bytes, codec, width, height)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                clip.file,
                clip.folder,
                to_ms(clip.start),
                to_ms(clip.end),
                clip.bytes,
                clip.codec,
                *clip.size,
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO clip_shows VALUES (?, ?, ?, ?)",
            [(added.lastrowid, s.machine, to_ms(s.occurred_at), s.trigger.value) for s in shown],
        )
        assert added.lastrowid is not None
        return added.lastrowid

    def _clip(self, clip_id: int) -> Clip:
        """Return a clip that a row of another table names, its file kept or not."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM clip WHERE id = ?", (clip_id,)).fetchone()
        return self._clip_of(row)

    def _clip_of(self, row: sqlite3.Row) -> Clip:
        with self._reading() as connection, self._decoding(f"clip {row['id']}"):
            shown = connection.execute(
                "SELECT machine, trigger FROM clip_shows WHERE clip = ?"
                " ORDER BY occurred_ms, machine",
                (row["id"],),
            )
            return Clip(
                row["id"],
                row["file"],
                row["folder"],
                from_ms(row["start_ms"]),
                from_ms(row["end_ms"]),
                row["bytes"],
                row["codec"],
                (row["width"], row["height"]),
                tuple((s["machine"], Trigger(s["trigger"])) for s in shown),
            )


def occasion(machine: str, clip: Clip) -> Change:
    """Return what stands for a change where a clip of a machine shows none."""
    unknown = MachineState.UNKNOWN
    return Change(machine, unknown, unknown, None, clip.start, clip.end, clip.start)
