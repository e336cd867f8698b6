"""
What did a machine do in a span of time, imported past and own record together?

A year of a plant is read at once for a report, so a row becomes no more than its state and time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.database import Database, HistoryError
from motion_tracking.record.schema import from_ms, to_ms

_STATES = {state.value: state for state in MachineState}
_REASONS = {None: None} | {reason.value: reason for reason in Reason}

_RAN = """
SELECT {columns} FROM {table} WHERE machine = ? AND to_state = 'running' AND occurred_ms < ?
ORDER BY occurred_ms DESC LIMIT 1
"""
_OWN = """
SELECT seq, from_state, to_state, reason, occurred_ms, since_ms FROM transition
WHERE machine = ? AND seq >= ? AND occurred_ms < ? ORDER BY seq
"""
_IMPORTED = """
SELECT 0 AS seq, from_state, to_state, reason, occurred_ms, occurred_ms AS since_ms
FROM imported WHERE machine = ? AND occurred_ms >= ? AND occurred_ms < ? ORDER BY occurred_ms
"""

IMPORTS_SINCE = 3
"""The version of the history that first could hold imported changes."""


class PastStep(NamedTuple):
    """One change of state; what `core.intervals` is fed with.  Times are aware, in UTC."""

    from_state: MachineState
    to_state: MachineState
    reason: Reason | None
    occurred_at: datetime
    since: datetime


class Past(Database):
    """Reads changes without their evidence."""

    def past(self, machine: str, since: datetime, until: datetime) -> Iterator[PastStep]:
        """
        Yield the changes of a machine before `until`, in the order in which they were found out.

        They begin with the last before `since` by which it ran, if it ever did, so that what they
        tell holds from `since` on, and a stop that was going on then is there with its beginning.
        Imported changes count only before the machine's first own one.
        """
        first, end = to_ms(since), to_ms(until)
        with self._reading() as connection:
            began = connection.execute(
                "SELECT occurred_ms FROM transition WHERE machine = ? AND seq = 1", (machine,)
            ).fetchone()
            ran = connection.execute(
                _RAN.format(columns="seq", table="transition"), (machine, first)
            ).fetchone()
        if ran is None and self._schema_version() >= IMPORTS_SINCE:
            yield from self._imported(machine, first, end if began is None else min(began[0], end))
        yield from self._steps(_OWN, machine, 1 if ran is None else ran[0], end)

    def imported_until(self, machine: str) -> datetime | None:
        """Return when the last imported change that counts occurred; None where there is none."""
        if self._schema_version() < IMPORTS_SINCE:
            return None
        with self._reading() as connection:
            (last,) = connection.execute(
                "SELECT max(occurred_ms) FROM imported WHERE machine = ? AND occurred_ms < ifnull("
                "(SELECT occurred_ms FROM transition WHERE machine = ? AND seq = 1), ?)",
                (machine, machine, 2**62),
            ).fetchone()
        return None if last is None else from_ms(last)

    def machines_known(self) -> list[str]:
        """Return the names of all machines with a change, own or imported."""
        tables = ["transition"] + ["imported"] * (self._schema_version() >= IMPORTS_SINCE)
        names = " UNION ".join(f"SELECT machine FROM {table}" for table in tables)
        with self._reading() as connection:
            return sorted(row[0] for row in connection.execute(names))

    def _imported(self, machine: str, first: int, end: int) -> Iterator[PastStep]:
        with self._reading() as connection:
            ran = connection.execute(
                _RAN.format(columns="occurred_ms", table="imported"), (machine, min(first, end))
            ).fetchone()
        yield from self._steps(_IMPORTED, machine, -(2**62) if ran is None else ran[0], end)

    def _steps(self, query: str, machine: str, first: int, end: int) -> Iterator[PastStep]:
        with self._reading() as connection:
            for row in connection.execute(query, (machine, first, end)):
                seq, from_state, to_state, reason, occurred_ms, since_ms = row
                try:
                    step = PastStep(
                        _STATES[from_state],
                        _STATES[to_state],
                        _REASONS[reason],
                        from_ms(occurred_ms),
                        from_ms(since_ms),
                    )
                except (KeyError, TypeError, OverflowError) as error:
                    where = f"transition {seq} of {machine}" if seq else f"an import of {machine}"
                    raise HistoryError(f"{self.path}: {where} is damaged: {error}") from error
                yield step
