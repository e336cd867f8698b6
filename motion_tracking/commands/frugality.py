"""
How does a tracker take no more of the computer than it needs?

There is one for each channel, beside eleven others: what a library sets up for the whole computer
it sets up twelve times.
"""

import ctypes
import sys

import cv2

_ARENAS = -8
"""What glibc calls M_ARENA_MAX."""


def be_thrifty() -> None:
    """
    Have OpenCV work in the thread that asks it, and all threads share one heap.

    OpenCV's own threads wait for work by spinning, which for areas of a few hundred pixels costs
    more than the work.  A heap for each thread is memory that is given back to nobody.
    """
    cv2.setNumThreads(1)
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries than glibc have none
    if mallopt is not None:
        mallopt(_ARENAS, 1)
