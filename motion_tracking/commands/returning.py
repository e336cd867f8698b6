"""
How does memory that was needed for a moment go back to the system?

A password takes 16 MB for a fifth of a second.  glibc learns from the first one that such pieces
are usual, and keeps the next in the heap of a thread, for good.
"""

import sys
from contextlib import suppress

MMAP_THRESHOLD = -3
"""What glibc calls the size from which on a piece is mapped, and unmapped when it is freed."""

LARGE = 4_000_000
"""Bytes."""


def return_large_pieces(platform: str = sys.platform) -> None:
    """Have large pieces of memory given back when they are freed; on other systems they are."""
    if platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):  # another C library, which has its own ways
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)
