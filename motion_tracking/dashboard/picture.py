"""
How does a picture get to the browser?
"""

import cv2
import imutils
import numpy as np

from motion_tracking.core.motion import Frame, Roi, grey

WIDEST = 1280
"""Pixels; wider pictures are sent smaller, and the browser stretches them again."""

QUALITY = 80
"""Of the JPEG, 0..100."""


def jpeg(frame: Frame) -> bytes:
    """Return the whole picture as a grey JPEG."""
    picture = grey(frame, Roi(0, 0, *frame.size))
    if picture.shape[1] > WIDEST:
        picture = imutils.resize(picture, width=WIDEST, inter=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return coded[1].tobytes()
