"""
How does a camera's picture look, with its area drawn in?
"""

from pathlib import Path
from typing import cast

import cv2
import imutils
import numpy as np

from motion_tracking.config import Camera
from motion_tracking.core.masking import NOTHING, Ignored, hatched
from motion_tracking.core.motion import Frame, Grey

WIDEST = 1280
"""Pixels; wider pictures are shown smaller."""

AREA = (0, 220, 255)  # blue, green, red: a yellow that stands out in grey pictures


def save_picture(folder: Path, camera: Camera, frame: Frame, ignored: Ignored = NOTHING) -> Path:
    """
    Save CAMERA.jpg in a folder: grey, the area as a yellow frame with its size beside it.

    What is ignored is striped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = cv2.cvtColor(np.ascontiguousarray(frame.luma), cv2.COLOR_GRAY2BGR)
    if ignored.key:
        hatched(cast(Grey, picture), ignored.pixels(frame.size))
    roi = camera.roi
    if roi is not None:
        corner = (roi.x + roi.width, roi.y + roi.height)
        cv2.rectangle(picture, (roi.x, roi.y), corner, AREA, 2)
        text = f"{camera.name} {roi.width}x{roi.height}"
        cv2.putText(picture, text, (roi.x, max(roi.y - 6, 14)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, AREA)
    if picture.shape[1] > WIDEST:
        picture = imutils.resize(picture, width=WIDEST, inter=cv2.INTER_AREA)
    path = folder / f"{camera.name}.jpg"
    # imwrite cannot open paths with other than ASCII letters on Windows
    path.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return path
