"""
How is a camera of this computer read?
"""

import sys
from collections.abc import Callable, Iterator
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import Now
from motion_tracking.core.motion import Frame, Grey


class WebcamSource:
    """
    A local camera; `location` is its number, or whatever else OpenCV can open.

    `show` is given each picture in colour, and when it came.
    """

    def __init__(
        self,
        location: str,
        now: Now,
        show: Callable[[NDArray[np.uint8], float], None] | None = None,
    ) -> None:
        self._location = location
        self._now = now
        self._show = show
        self._closing = False

    def frames(self) -> Iterator[Frame]:
        """Open the device and yield frames; raise `SourceError` when it gives none."""
        capture = self._open()
        try:
            if not capture.isOpened():
                raise SourceError(Trouble.UNREACHABLE, f"no camera {self._location} here")
            while not self._closing:
                seen, picture = capture.read()
                if not seen:
                    raise SourceError(Trouble.BROKEN, f"camera {self._location} went away")
                at, utc = self._now()
                if self._show is not None:
                    self._show(cast(NDArray[np.uint8], picture), at)
                yield Frame(cast(Grey, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)), at, utc)
        finally:
            capture.release()

    def close(self) -> None:
        """End `frames` after the picture that is being read."""
        self._closing = True

    def _open(self) -> cv2.VideoCapture:
        if not self._location.isdigit():
            return cv2.VideoCapture(self._location)
        # Windows' newer default takes up to a minute to open some cameras
        backend = cv2.CAP_DSHOW if sys.platform == "win32" else cv2.CAP_ANY
        return cv2.VideoCapture(int(self._location), backend)
