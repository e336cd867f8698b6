"""
Until when is a machine not to be judged, why, and who said so?

`pause.json` in the folder of the machine, so that a tracker that is restarted goes on pausing.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from motion_tracking.record.small import put

NAME = "pause.json"


@dataclass(frozen=True, slots=True)
class Pause:
    """`until` in seconds since 1970; `reason` and `by` are for people."""

    until: float
    reason: str = ""
    by: str = ""


def keep_pause(folder: Path, pause: Pause) -> None:
    """Note a pause, in place of the one before; raise `OSError`."""
    put(folder / NAME, json.dumps(asdict(pause)).encode())


def pause_of(folder: Path) -> Pause | None:
    """Return the pause that was noted, over or not; None where none was, or is legible."""
    try:
        held = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Pause(float(held["until"]), str(held["reason"]), str(held["by"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_pause(folder: Path) -> None:
    """Drop the note; raise `OSError`."""
    (folder / NAME).unlink(missing_ok=True)
