"""
How does a picture look to people: as a JPEG, and where in it something moved?
"""

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Frame, Grey, Roi, grey

WIDEST = 1280
"""Pixels; wider pictures are sent smaller, and the browser stretches them again."""

QUALITY = 80
"""Of the JPEG, 0..100."""

SMALLEST = 12.0
"""Pixels of area; what is smaller is noise to the eye."""

MOST = 20
"""Contours, the largest; more of them say no more."""

CORNERS = 24
"""Of a contour: a hint of where, not its coast."""

Contour = list[int]
"""x, y, x, y... in pixels of the picture."""


def jpeg(frame: Frame, widest: int = WIDEST, quality: int = QUALITY) -> bytes:
    """Return the whole picture as a grey JPEG, at most `widest` pixels wide."""
    import imutils  # it brings HTTP and TLS, 8 MB, which a tracker that nobody looks at spares

    picture = grey(frame, Roi(0, 0, *frame.size))
    if picture.shape[1] > widest:
        picture = cast(Grey, imutils.resize(picture, width=widest, inter=cv2.INTER_AREA))
    coded = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return coded[1].tobytes()


def contours(before: Grey, after: Grey, roi: Roi, pixel_threshold: int) -> list[Contour]:
    """
    Outline what changed by more than `pixel_threshold` between two greys of the ROI.

    In pixels of the whole picture, the largest first.
    """
    import imutils

    changed = cv2.threshold(cv2.absdiff(before, after), pixel_threshold, 255, cv2.THRESH_BINARY)[1]
    joined = cv2.dilate(changed, np.ones((3, 3), np.uint8), iterations=2)
    found = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = sorted(imutils.grab_contours(found), key=cv2.contourArea, reverse=True)
    large = [outline for outline in outlines[:MOST] if cv2.contourArea(outline) >= SMALLEST]
    return [_placed(outline, roi) for outline in large]


def _placed(outline: NDArray[Any], roi: Roi) -> Contour:
    tolerance = 1.0
    simple = outline
    while len(simple) > CORNERS:
        simple = cv2.approxPolyDP(outline, tolerance, True)
        tolerance *= 1.6
    return [int(value) for x, y in simple.reshape(-1, 2) for value in (x + roi.x, y + roi.y)]
