"""
Which pictures go along with a message, where it can take them?
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from motion_tracking.core.changes import Announcement

LARGEST = 4_000_000
"""Bytes of all pictures of a message; many mail servers take no more than ten."""


def enclosed(announcement: Announcement) -> Iterator[tuple[str, bytes]]:
    """Yield name and data of the JPEGs that go along: that are there, and not too large."""
    left = LARGEST
    for picture in announcement.pictures:
        left -= picture.bytes
        if left < 0:
            return
        path, data = Path(picture.path), None
        with suppress(OSError):
            data = path.read_bytes()
        if data is not None:
            yield path.name, data
