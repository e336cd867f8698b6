"""
Where is video kept, within which limits, and how does a copy of it come elsewhere?
"""

import shutil
from pathlib import Path

from motion_tracking.commands.configuration import video_folder
from motion_tracking.config import Config
from motion_tracking.record.retention import Limits, Shelf


def shelf(config: Config) -> Shelf:
    """Return the folder of video, with its limits."""
    recording = config.recording
    limits = Limits(
        recording.limit.share or 0.0,
        recording.limit.bytes if recording.limit.share is None else None,
        recording.days,
        recording.reserve.bytes,
    )
    return Shelf(video_folder(config), limits)


def copied(path: Path, output: Path) -> None:
    """Copy a file; it is there whole or not at all.  Raise `OSError`."""
    draft = output.with_name(f"{output.name}.draft")
    try:
        shutil.copyfile(path, draft)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
