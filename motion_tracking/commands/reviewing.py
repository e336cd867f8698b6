"""
What does the history say of a time, in the words of `docs/api.md`?
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from math import ceil
from typing import Any

from motion_tracking.core.changes import Change
from motion_tracking.core.explaining import Known, tiles_of
from motion_tracking.core.intervals import Interval, totals
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from motion_tracking.record.motion import SPAN, MotionSpan

Json = Any

STANDING = (MachineState.STOPPED, MachineState.DEEP_SLEEP)


def tiles_between(
    history: History, machine: str, span: tuple[datetime, datetime], until: datetime
) -> list[Interval[datetime]]:
    """Tile a time with what is known of a machine; from `until` on nobody looked."""
    start, end = span
    before = [c for _, c in history.changes(machine, until=start, newest_first=True, limit=1)]
    since = [c for _, c in history.changes(machine, since=start, until=end)]
    tiles = tiles_of(Known(machine, [*before, *since], until), start, end)
    return [replace(tile, start=max(tile.start, start)) for tile in tiles if tile.end > start]


def row(history: History, machine: str, span: tuple[datetime, datetime], until: datetime) -> Json:
    """Say what a machine did, interval by interval, and all together."""
    tiles = tiles_between(history, machine, span, until)
    summed = totals(tiles)
    return {
        "machine": machine,
        "intervals": [
            {
                "state": tile.state.value,
                "reason": None if tile.reason is None else tile.reason.value,
                "start": tile.start.isoformat(),
                "end": tile.end.isoformat(),
                "open": tile.open,
            }
            for tile in tiles
        ],
        "totals": {f"{state.value}_s": seconds for state, seconds in summed.seconds.items()}
        | {
            "stops": summed.stops,
            "utilisation": summed.utilisation,
            "coverage": summed.coverage,
        },
    }


def curve(
    spans: Iterable[MotionSpan], start: datetime, end: datetime, points: int
) -> dict[str, Json]:
    """Put spans of movement into at most `points` columns; no lowest or highest is lost."""
    first, last = int(start.timestamp()), ceil(end.timestamp())
    step = max(SPAN, ceil((last - first) / points / SPAN) * SPAN)
    first -= first % step
    columns: dict[int, MotionSpan] = {}
    for span in spans:
        at = (span.start - first) // step
        before = columns.get(at)
        columns[at] = span if before is None else before.plus(span)
    whole: Sequence[MotionSpan | None] = [
        columns.get(n) for n in range(ceil((last - first) / step))
    ]
    return {
        "step_s": step,
        "start": [first + n * step for n in range(len(whole))],
        "lowest": [span and span.lowest for span in whole],
        "highest": [span and span.highest for span in whole],
        "mean": [span and round(span.total / span.samples, 1) for span in whole],
        "moving": [span and round(span.moving / span.samples, 4) for span in whole],
    }


def stopped_since(state: MachineState, last: Change | None) -> str | None:
    """Say when the stop began that goes on; None where there is none."""
    if state not in STANDING or last is None or last.stopped_since is None:
        return None
    return last.stopped_since.isoformat()
