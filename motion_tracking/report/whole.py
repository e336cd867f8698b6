"""
How does a file appear whole, or not at all?
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """
    Give a temporary name beside `path`; what was written there takes its place at the end.

    After an error, and after a kill at any moment, `path` is what it was before.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:  # else a power cut may leave an empty file behind
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
