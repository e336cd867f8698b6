"""
What was said of a calibration that no longer fits, and with which pictures?

`degraded.json` and `degraded.jpg`, then and now side by side, in the folder of the machine.  They
stay until the machine is tracked with another calibration, so that it is said once.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from motion_tracking.core.motion import Grey

PICTURE, NOTE = "degraded.jpg", "degraded.json"


@dataclass(frozen=True, slots=True)
class Degraded:
    """`calibration` is the profile's key, `misfit` and `words` what does not fit, `at` ISO UTC."""

    calibration: str
    misfit: str
    words: str
    at: str


def keep_degraded(folder: Path, note: Degraded, then: Grey, now: Grey) -> Path:
    """Write note and pictures, the note last; return the picture's path, or raise `OSError`."""
    height = max(then.shape[0], now.shape[0])
    gap = np.full((height, 6), 255, np.uint8)
    both = np.hstack([_padded(then, height), gap, _padded(now, height)])
    picture = folder / PICTURE
    _put(picture, cv2.imencode(".jpg", both)[1].tobytes())
    _put(folder / NOTE, json.dumps(asdict(note), indent=1).encode())
    return picture


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


def _padded(picture: Grey, height: int) -> Grey:
    return np.pad(picture, ((0, height - picture.shape[0]), (0, 0)))


def _put(path: Path, content: bytes) -> None:
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
