"""
How do changes that another program's logs tell of become a machine's past?

They stand apart from our own record, outside its chain, and count only before it begins.  Each
import replaces what was imported for the same time, so the same logs once more change nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.database import Database
from motion_tracking.record.schema import from_ms, to_ms

_WITHIN = "machine = ? AND occurred_ms BETWEEN ? AND ?"


class Imported(Protocol):
    """What is kept of a change; the time is aware."""

    @property
    def from_state(self) -> MachineState: ...
    @property
    def to_state(self) -> MachineState: ...
    @property
    def reason(self) -> Reason | None: ...
    @property
    def occurred_at(self) -> datetime: ...


class Imports(Database):
    """Keeps the changes that were imported."""

    def began(self, machine: str) -> datetime | None:
        """Return when our own record of a machine begins; None where there is none."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT occurred_ms FROM transition WHERE machine = ? AND seq = 1", (machine,)
            ).fetchone()
        return None if row is None else from_ms(row[0])

    def add_imported(self, machine: str, changes: Iterable[Imported], source: str) -> int:
        """
        Keep changes, in order of time, in place of those between the first and the last of them.

        Return how many rows are new or other than before, or gone.
        """
        rows = {
            (
                machine,
                to_ms(change.occurred_at),
                change.from_state.value,
                change.to_state.value,
                None if change.reason is None else change.reason.value,
                source,
            )
            for change in changes
        }
        if not rows:
            return 0
        between = (machine, min(row[1] for row in rows), max(row[1] for row in rows))
        with self._writing() as connection:
            before = {
                tuple(row)
                for row in connection.execute(f"SELECT * FROM imported WHERE {_WITHIN}", between)
            }
            if before != rows:
                connection.execute(f"DELETE FROM imported WHERE {_WITHIN}", between)
                connection.executemany("INSERT INTO imported VALUES (?, ?, ?, ?, ?, ?)", rows)
        return len(rows ^ before)
