"""
What was said of a calibration that no longer fits, and with which pictures?

`degraded.json` and `degraded.jpg`, then and now side by side, in the folder of the machine.  They
stay until the machine is tracked with another calibration, so that it is said once.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from motion_tracking.record.small import put

PICTURE, NOTE = "degraded.jpg", "degraded.json"


@dataclass(frozen=True, slots=True)
class Degraded:
    """`calibration` is the profile's key, `misfit` and `words` what does not fit, `at` ISO UTC."""

    calibration: str
    misfit: str
    words: str
    at: str


def keep_degraded(folder: Path, note: Degraded, jpeg: bytes) -> Path:
    """Write picture and note, the note last; return the picture's path, or raise `OSError`."""
    put(folder / PICTURE, jpeg)
    put(folder / NOTE, json.dumps(asdict(note), indent=1).encode())
    return folder / PICTURE


def degraded(folder: Path) -> Degraded | None:
    """Return what was said of the present calibration; None where nothing was, or is legible."""
    try:
        held = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Degraded(**{name: str(held[name]) for name in Degraded.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_degraded(folder: Path) -> None:
    """Drop what was said of an earlier calibration; raise `OSError` if that fails."""
    for name in (NOTE, PICTURE):
        (folder / name).unlink(missing_ok=True)
