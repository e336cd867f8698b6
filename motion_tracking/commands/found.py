"""
How is told what a replay found, to people and to programs?
"""

import json
from datetime import datetime, timedelta
from typing import Any

from motion_tracking.commands.comparing import compared_fields, print_comparison
from motion_tracking.commands.replaying import Replayed
from motion_tracking.console import say, state_style, table
from motion_tracking.core.changes import human_duration
from motion_tracking.report.appearance import LOOKS, clock_text, totals_in_words


def print_fields(
    found: Replayed, other: Replayed | None, settings: str, start: datetime | None
) -> None:
    """Print JSON; `other` is what other `settings` found."""
    fields = replayed_fields(found, start)
    if other is not None:
        fields["compared"] = compared_fields(found, other, settings)
        fields["compared"] |= replayed_fields(other, start)
    say(json.dumps(fields, indent=2))


def print_found(
    found: Replayed, other: Replayed | None, settings: str, start: datetime | None
) -> None:
    """Print a table; `other` is what other `settings` found."""
    if other is not None:
        print_comparison(found, other, settings)
    else:
        _print_intervals(found, start)


def replayed_fields(found: Replayed, start: datetime | None = None) -> dict[str, Any]:
    """Return the JSON object of a replay; with `start`, wall-clock times too."""

    def moments(**seconds: float) -> dict[str, Any]:
        fields: dict[str, Any] = {f"{key}_s": round(at, 3) for key, at in seconds.items()}
        if start is not None:
            fields |= {key: _wall(start, at).isoformat() for key, at in seconds.items()}
        return fields

    fields: dict[str, Any] = {
        "schema": 1,
        "machine": found.camera.name,
        "threshold": found.camera.threshold,
        "share": found.camera.share,
        "expected_error": found.expected_error,
        "transitions": [
            {"from": t.from_state, "to": t.to_state, "reason": t.reason}
            | moments(occurred_at=t.occurred_at, detected_at=t.detected_at)
            for t in found.transitions
        ],
        "intervals": [
            {"state": tile.state, "reason": tile.reason} | moments(start=tile.start, end=tile.end)
            for tile in found.tiles
        ],
        "samples": len(found.samples),
        "cpu_s": round(found.cpu_s, 3),
    }
    if found.decoded is not None:
        fields["decoded"] = round(found.decoded, 3)
    return fields if start is None else fields | {"start_time": start.isoformat()}


def _print_intervals(found: Replayed, start: datetime | None) -> None:
    told = {transition.occurred_at: transition for transition in found.transitions}
    heads = ["from", "to", "state", "for", "found after"]
    rows = []
    for tile in found.tiles:
        state = LOOKS[tile.state].word
        if tile.reason is not None:
            state += f" ({tile.reason.replace('_', ' ')})"
        cause = told.get(tile.start)
        after = f"{cause.detected_at - cause.occurred_at:.0f}s" if cause else ""
        row = [clock_text(tile.start), clock_text(tile.end), state]
        row += [human_duration(round(tile.end) - round(tile.start)), after]
        if start is not None:
            row = [f"{_wall(start, round(tile.start)):%Y-%m-%d %H:%M:%S}", *row]
        rows.append(row)
    if start is not None:
        heads = ["at", *heads]
    table(heads, rows, {heads.index("state"): state_style})
    say(totals_in_words(found.tiles) or "never seen long enough to say running or stopped")
    watched = f"threshold {found.camera.threshold}, share {found.camera.share:.0%}"
    speed = found.length / found.cpu_s if found.cpu_s else 0.0
    said = [watched, f"{len(found.samples)} samples"]
    if found.decoded is not None:
        said.append(f"{found.decoded:.0%} of the pictures decoded")
    say(", ".join([*said, f"{speed:.0f} times as fast as it happened"]))


def _wall(start: datetime, seconds: float) -> datetime:
    return start + timedelta(milliseconds=round(seconds * 1000))
