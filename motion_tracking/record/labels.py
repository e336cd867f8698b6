"""
What did people say a machine really did, when the tracker was wrong?

A line each in `labels.jsonl`, in the folder of the machine, only ever added to.  Beside a clip of
the time they become the labels that `evaluate` measures by.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from motion_tracking.core.machine import MachineState

NAME = "labels.jsonl"


@dataclass(frozen=True, slots=True)
class Label:
    """It was so from `start` to `end`, says `by` at the time `at`; times are aware, in UTC."""

    start: datetime
    end: datetime
    state: MachineState
    note: str
    by: str
    at: datetime


def add_label(folder: Path, label: Label) -> None:
    """Note what somebody said; raise `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {key: getattr(label, key).isoformat() for key in ("start", "end", "at")}
    line = json.dumps(asdict(label) | held | {"state": label.state.value}) + "\n"
    with (folder / NAME).open("ab") as file:
        if file.tell() and not _ends_well(folder / NAME):
            file.write(b"\n")  # a kill has left half a line
        file.write(line.encode())


def labels(folder: Path) -> list[Label]:
    """Return what was said, oldest first; lines that are damaged are left out."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # nobody said anything
        return []
    return [label for label in map(_label, lines) if label is not None]


def as_truth(
    said: Iterable[Label],
    machine: str,
    corners: Sequence[int],
    span: tuple[datetime, datetime],
) -> dict[str, Any] | None:
    """
    Say in the form that `evaluate` reads, in seconds of a clip, what was said of its time.

    Of two labels of the same time the later one counts.  None where nothing was said.
    """
    start, end = span
    whole = (end - start).total_seconds()
    states: list[tuple[float, float, str]] = []
    for label in said:
        first = max(0.0, (label.start - start).total_seconds())
        last = min(whole, (label.end - start).total_seconds())
        if first < last:
            states = [piece for held in states for piece in _without(held, first, last)]
            states.append((first, last, label.state.value))
    if not states:
        return None
    ordered = [[round(a, 3), round(b, 3), state] for a, b, state in sorted(states)]
    return {"rois": [{"name": machine, "roi": list(corners), "states": ordered}]}


def _without(
    held: tuple[float, float, str], first: float, last: float
) -> Iterable[tuple[float, float, str]]:
    start, end, state = held
    pieces = ((start, min(end, first), state), (max(start, last), end, state))
    return [piece for piece in pieces if piece[0] < piece[1]]


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _label(line: str) -> Label | None:
    try:
        held = json.loads(line)
        start, end, at = (datetime.fromisoformat(held[key]) for key in ("start", "end", "at"))
        state = MachineState(held["state"])
        return Label(start, end, state, str(held["note"]), str(held["by"]), at)
    except (ValueError, KeyError, TypeError):
        return None
