"""
Why did a machine stop, as people said, who said so, and when?

Nothing is altered: who changes a reason adds another, and the newest counts.
"""

from datetime import datetime

from motion_tracking.core.reasons import Assignment
from motion_tracking.record.database import Database
from motion_tracking.record.schema import from_ms, to_ms

REASONS_SINCE = 3
"""The version of the history that first could hold reasons."""


class StopReasons(Database):
    """What people said of stops; a stop is known by its machine and its beginning."""

    def assign(self, assignment: Assignment) -> None:
        """Add what somebody said of a stop; an empty reason takes back what was said before."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO stop_reason (machine, stop_ms, reason, note, who, at_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    assignment.machine,
                    to_ms(assignment.stop_start),
                    assignment.reason,
                    assignment.note,
                    assignment.who,
                    to_ms(assignment.at),
                ),
            )

    def assignments(
        self, machine: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[Assignment]:
        """Return what was said of stops that began from `since` on, before `until`, in order."""
        if self._schema_version() < REASONS_SINCE:
            return []
        between = (
            -(2**62) if since is None else to_ms(since),
            2**62 if until is None else to_ms(until),
        )
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT machine, stop_ms, reason, note, who, at_ms FROM stop_reason"
                " WHERE machine = ? AND stop_ms >= ? AND stop_ms < ? ORDER BY id",
                (machine, *between),
            ).fetchall()
        with self._decoding(f"a reason of {machine}"):
            return [
                Assignment(
                    row["machine"],
                    from_ms(row["stop_ms"]),
                    row["reason"],
                    row["note"],
                    row["who"],
                    from_ms(row["at_ms"]),
                )
                for row in rows
            ]
