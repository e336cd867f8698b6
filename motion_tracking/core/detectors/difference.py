"""
How many pixels of the ROI changed since the last sample, counted as the old tool counted?

Grey, absolute difference, pixel threshold, dilation, count: the chain and its constants are
those of the README of popsware/cctv_motion_tracking, so a `threshold` tuned there keeps its
meaning.  One thing differs on purpose: the old tool compared neighbouring frames, 40 ms apart,
to which slow machines stand still; here a frame is compared with the sample before it.
"""

import cv2
import numpy as np

from motion_tracking.core.motion import Frame, Grey, Roi, grey

PIXEL_THRESHOLD = 50
"""Grey levels by which a pixel must change to count."""

DILATIONS = 6
"""Each grows a changed pixel by one on every side, so six make a square of 13 out of it."""

_SQUARE = np.ones((2 * DILATIONS + 1, 2 * DILATIONS + 1), np.uint8)


def changed_pixels(before: Grey, after: Grey, pixel_threshold: int = PIXEL_THRESHOLD) -> int:
    """
    Count the changed pixels between two grey pictures of one shape, after dilation.

    Both are (height, width) uint8, grey levels 0..255.
    """
    delta = cv2.absdiff(before, after)
    if cv2.minMaxLoc(delta)[1] <= pixel_threshold:
        return 0  # most pictures of a standing machine end here, before the dear dilation
    _, mask = cv2.threshold(delta, pixel_threshold, 255, cv2.THRESH_BINARY)
    return cv2.countNonZero(cv2.dilate(mask, _SQUARE))


class Difference:
    """The old tool's detector: a rectangle and a threshold are all it needs."""

    lags: tuple[float, ...] = ()
    passing = False

    def __init__(self, roi: Roi, pixel_threshold: int = PIXEL_THRESHOLD) -> None:
        self._roi = roi
        self._pixel_threshold = pixel_threshold
        self._before: Grey | None = None

    def score(self, frame: Frame) -> int | None:
        """
        Return the changed pixels since the last sample; None when there is none.

        The last picture of a head is compared with its first, and with the last of the head before.
        """
        if frame.spared:
            return self._of_head(frame)
        before, self._before = self._before, grey(frame, self._roi)
        if before is None:
            return None
        return changed_pixels(before, self._before, self._pixel_threshold)

    def _of_head(self, frame: Frame) -> int | None:
        now, least = grey(frame, self._roi), self._pixel_threshold
        before = [grey(other, self._roi) for other in frame.earlier]
        return max((changed_pixels(other, now, least) for other in before), default=None)

    def forget(self) -> None:
        """Drop the last sample."""
        self._before = None
