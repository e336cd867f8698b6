"""
How is a change written as a row, and how does a row that was altered give itself away?

Each row carries the SHA-256 of all its columns, one of which is the hash of the machine's row
before it.  To alter one, all that follow would have to be altered too.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.schema import from_ms, to_ms

FACTS = (
    "occurred_ms",
    "detected_ms",
    "since_ms",
    "stopped_since_ms",
    "monotonic_ns",
    "boot_id",
    "from_state",
    "to_state",
    "reason",
    "woke",
    "score",
    "threshold",
    "moving_share",
)
"""The columns that a change gives."""

HASHED = ("machine", "seq", *FACTS, "prev_hash")
COLUMNS = (*HASHED, "hash")

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The first row of a machine that is not as it was written."""

    machine: str
    seq: int
    what: str


def facts(change: Change, boot_id: str) -> tuple[Value, ...]:
    """Return the values of `FACTS`; exactly what SQLite gives back for them."""
    stopped_since, share = change.stopped_since, change.moving_share
    return (
        to_ms(change.occurred_at),
        to_ms(change.detected_at),
        to_ms(change.since),
        None if stopped_since is None else to_ms(stopped_since),
        round(change.monotonic * 1e9),
        boot_id,
        change.from_state.value,
        change.to_state.value,
        None if change.reason is None else change.reason.value,
        int(change.woke),
        None if change.score is None else int(change.score),
        None if change.threshold is None else int(change.threshold),
        None if share is None else float(share),
    )


def change_of(row: sqlite3.Row | Mapping[str, Any]) -> Change:
    """Turn a row of the table `transition` into the change; `ValueError` where it is damaged."""
    stopped_since_ms = row["stopped_since_ms"]
    return Change(
        machine=row["machine"],
        from_state=MachineState(row["from_state"]),
        to_state=MachineState(row["to_state"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        occurred_at=from_ms(row["occurred_ms"]),
        detected_at=from_ms(row["detected_ms"]),
        since=from_ms(row["since_ms"]),
        stopped_since=None if stopped_since_ms is None else from_ms(stopped_since_ms),
        woke=bool(row["woke"]),
        monotonic=row["monotonic_ns"] / 1e9,
        score=row["score"],
        threshold=row["threshold"],
        moving_share=row["moving_share"],
    )


def digest(values: Sequence[Value]) -> str:
    """Return the hash of the values of `HASHED`, in hexadecimal."""
    return sha256(json.dumps(list(values), separators=(",", ":")).encode("ascii")).hexdigest()


def first_fault(rows: Iterable[sqlite3.Row]) -> Finding | None:
    """Return what is wrong with the rows of one machine, in order of `seq`; None if nothing is."""
    prev_hash = ""
    for seq, row in enumerate(rows, 1):
        if row["seq"] != seq:
            return Finding(row["machine"], seq, f"row is missing, the next is {row['seq']}")
        if row["hash"] != digest([row[column] for column in HASHED]):
            return Finding(row["machine"], seq, "row was altered")
        if row["prev_hash"] != prev_hash:
            return Finding(row["machine"], seq, "row does not follow the one before it")
        prev_hash = row["hash"]
    return None
