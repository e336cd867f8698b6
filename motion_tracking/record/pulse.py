"""
Is a machine being watched right now, and how much did it move when?

Heartbeats say what a tracker knew a few seconds ago; each replaces the one before it.  Motion
is kept as ten-second sums, and as one-minute sums once it is old, so that a year of a machine
stays below 50 MB.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import floor

from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.boot import boot_id
from motion_tracking.record.database import Database
from motion_tracking.record.motion import SPAN, MotionSpan
from motion_tracking.record.schema import from_ms, to_ms

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    What a tracker knows of its machine.  Times are aware; `size` is width and height in pixels.

    `seen_at` is the last frame.  `trouble` says what is wrong with the stream, if anything is.
    `ended` tells a tracker that stopped in good order from one that was killed.  `boot_id` is
    filled in where it is stored.
    """

    machine: str
    at: datetime
    pid: int
    state: MachineState
    reason: Reason | None
    since: datetime
    seen_at: datetime | None = None
    score: int | None = None
    threshold: int | None = None
    moving_share: float | None = None
    fps: float | None = None
    trouble: str = ""
    size: tuple[int, int] | None = None
    ended: bool = False
    boot_id: str = ""


_ADD_UP = """
ON CONFLICT (machine, start_s) DO UPDATE SET
    samples = samples + excluded.samples,
    moving = moving + excluded.moving,
    lowest = min(lowest, excluded.lowest),
    highest = max(highest, excluded.highest),
    total = total + excluded.total
"""
_BEAT = """
INSERT OR REPLACE INTO heartbeat (
    machine, at_ms, pid, boot_id, state, reason, since_ms, seen_ms, score, threshold,
    moving_share, fps, trouble, width, height, ended
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Pulse(Database):
    """Heartbeats and motion; a power cut may cost their last seconds."""

    def beat(self, heartbeat: Heartbeat) -> None:
        """Replace the machine's heartbeat."""
        width, height = heartbeat.size or (None, None)
        values = (
            heartbeat.machine,
            to_ms(heartbeat.at),
            heartbeat.pid,
            boot_id(),
            heartbeat.state.value,
            None if heartbeat.reason is None else heartbeat.reason.value,
            to_ms(heartbeat.since),
            None if heartbeat.seen_at is None else to_ms(heartbeat.seen_at),
            heartbeat.score,
            heartbeat.threshold,
            heartbeat.moving_share,
            heartbeat.fps,
            heartbeat.trouble,
            width,
            height,
            int(heartbeat.ended),
        )
        with self._writing(durable=False) as connection:
            connection.execute(_BEAT, values)

    def heartbeats(self) -> dict[str, Heartbeat]:
        """Return the newest heartbeat of each machine that was ever tracked."""
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM heartbeat ORDER BY machine").fetchall()
        with self._decoding("a heartbeat"):
            return {row["machine"]: _heartbeat_of(row) for row in rows}

    def add_motion(self, span: MotionSpan) -> None:
        """Add a span to what is known of the same ten seconds."""
        with self._writing(durable=False) as connection:
            connection.execute(
                f"INSERT INTO motion VALUES (?, ?, ?, ?, ?, ?, ?) {_ADD_UP}",
                (
                    span.machine,
                    span.start,
                    span.samples,
                    span.moving,
                    span.lowest,
                    span.highest,
                    span.total,
                ),
            )

    def motion(self, machine: str, since: datetime, until: datetime) -> Iterator[MotionSpan]:
        """Yield the spans that start from `since` on and before `until`, in order of time."""
        between = (machine, since.timestamp(), until.timestamp())
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT *, 60 FROM motion_minute"
                " WHERE machine = ? AND start_s >= ? AND start_s < ?"
                f" UNION ALL SELECT *, {SPAN} FROM motion"
                " WHERE machine = ? AND start_s >= ? AND start_s < ? ORDER BY start_s",
                between * 2,
            )
            for row in rows:
                yield MotionSpan(*row)

    def motion_summed(
        self, machine: str, since: datetime, until: datetime, seconds: int
    ) -> list[MotionSpan]:
        """Return the spans of a time summed up to pieces of so many seconds; a minute or more."""
        columns = "machine, start_s, samples, moving, lowest, highest, total"
        asked = "WHERE machine = :machine AND start_s >= :since AND start_s < :until"
        values = {
            "machine": machine,
            "since": since.timestamp(),
            "until": until.timestamp(),
            "seconds": seconds,
        }
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT machine, start_s - start_s % :seconds, sum(samples), sum(moving),"
                " min(lowest), max(highest), sum(total), :seconds"
                f" FROM (SELECT {columns} FROM motion_minute {asked}"
                f" UNION ALL SELECT {columns} FROM motion {asked}) GROUP BY 2 ORDER BY 2",
                values,
            ).fetchall()
        return [MotionSpan(*row) for row in rows]

    def thin_motion(self, machine: str, before: datetime) -> None:
        """Turn spans older than `before` into minutes; at most a day of them, to be quick."""
        with self._writing(durable=False) as connection:
            (oldest,) = connection.execute(
                "SELECT min(start_s) FROM motion WHERE machine = ?", (machine,)
            ).fetchone()
            if oldest is None:
                return
            until = floor(min(before.timestamp(), oldest + _DAY) / 60) * 60
            connection.execute(
                "INSERT INTO motion_minute SELECT machine, start_s - start_s % 60, sum(samples),"
                " sum(moving), min(lowest), max(highest), sum(total) FROM motion"
                f" WHERE machine = ? AND start_s < ? GROUP BY start_s - start_s % 60 {_ADD_UP}",
                (machine, until),
            )
            connection.execute(
                "DELETE FROM motion WHERE machine = ? AND start_s < ?", (machine, until)
            )


def _heartbeat_of(row: sqlite3.Row) -> Heartbeat:
    return Heartbeat(
        machine=row["machine"],
        at=from_ms(row["at_ms"]),
        pid=row["pid"],
        state=MachineState(row["state"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        since=from_ms(row["since_ms"]),
        seen_at=None if row["seen_ms"] is None else from_ms(row["seen_ms"]),
        score=row["score"],
        threshold=row["threshold"],
        moving_share=row["moving_share"],
        fps=row["fps"],
        trouble=row["trouble"],
        size=None if row["width"] is None else (row["width"], row["height"]),
        ended=bool(row["ended"]),
        boot_id=row["boot_id"],
    )
