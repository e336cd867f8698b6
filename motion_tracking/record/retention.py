"""
How many clips may be kept, and which go first?

The oldest, of all machines of the site: when they are too old, too many bytes together, or when
the disk has less free than the history needs to go on.  A file goes before its row says so, so a
kill in between leaves a row without a file, which is found at the next start.
"""

import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import NamedTuple

from motion_tracking.core.clips import Clip
from motion_tracking.record.clips import Clips

log = logging.getLogger(__name__)

DRAFTS = "recording"
"""The folder, below that of video, of what is not whole yet."""

DRAFT = ".part"
"""Behind the name of what is not whole."""


class Space(NamedTuple):
    """What a disk holds, in bytes."""

    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What clips may take.

    `share` of their disk or `bytes`, where that is not None; `days` of age; and `reserve` bytes of
    their disk stay free.
    """

    share: float = 0.1
    bytes: int | None = None
    days: float = 30.0
    reserve: int = 10**9

    def most(self, total: int) -> int:
        """Return how many bytes all clips may have on a disk of that size."""
        return int(total * self.share) if self.bytes is None else self.bytes


def space(folder: Path) -> Space:
    """Return how large the disk of a folder is, and how much of it is free."""
    found = shutil.disk_usage(folder)
    return Space(found.total, found.free)


class Shelf:
    """The folder of video, held within its limits; raises `OSError`."""

    def __init__(
        self, folder: Path, limits: Limits, space: Callable[[Path], Space] = space
    ) -> None:
        self.folder = folder
        self._limits = limits
        self._space = space

    def tidy(self, clips: Clips, at: datetime, more: int = 0) -> int:
        """
        Remove the oldest until the rest is within its limits; return how many.

        What is being recorded counts.  `more` bytes are to fit beside the reserve, if they can.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        young = at - timedelta(days=self._limits.days)
        self._forget_drafts(young)
        drafts, removed = self.drafts(), 0
        for clip in clips.oldest_clips():
            disk = self._space(self.folder)
            most, kept = self._limits.most(disk.total), clips.clip_bytes() + drafts
            short = disk.free - more < self._limits.reserve
            if clip.start >= young and kept <= most and not short:
                break
            try:
                self.remove(clips, clip, at)
            except PermissionError as error:  # on Windows while somebody watches it
                log.warning("%s cannot be removed: %s", clip.file, error.strerror)
            else:
                removed += 1
        return removed

    def require(self, more: int) -> None:
        """Raise `OSError` where `more` bytes would take from the reserve."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._space(self.folder).free - more < self._limits.reserve:
            raise OSError(ENOSPC, f"less than {self._limits.reserve // 10**6} MB would be free")

    def remove(self, clips: Clips, clip: Clip, at: datetime) -> None:
        """Remove one clip; raise `OSError` where its file cannot be."""
        self.path(clip).unlink(missing_ok=True)
        clips.clip_removed(clip.id, at)
        log.info("clip %s was removed", clip.file)

    def path(self, clip: Clip) -> Path:
        """Return where the file of a clip is: in this folder, or where it was made."""
        here = self.folder / clip.file
        there = Path(clip.folder) / clip.file
        return there if not here.exists() and there.exists() else here

    def _forget_drafts(self, young: datetime) -> None:
        """Remove what was left by who never came back, as a machine that was renamed."""
        for path in (self.folder / DRAFTS).glob(f"*{DRAFT}"):
            with suppress(OSError):
                if path.stat().st_mtime < young.timestamp():
                    path.unlink()
                    log.info("%s was removed: nobody came back to it", path.name)

    def drafts(self) -> int:
        """Return how many bytes are being recorded, by whatever process."""
        total = 0
        with suppress(FileNotFoundError):
            for path in (self.folder / DRAFTS).iterdir():
                with suppress(FileNotFoundError):  # it has just become a clip
                    total += path.stat().st_size
        return total
