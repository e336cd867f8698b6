"""
What does a forklift do that drives past the machine?
"""

from typing import ClassVar

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting


class Forklift(Nuisance):
    """It drives along in front of the ROI; its shadow, and its warning lamp, reach into it."""

    words: ClassVar[str] = "a forklift passes, its shadow on the ROI"
    gap: ClassVar[tuple[float, float]] = (25.0, 90.0)
    lasts: ClassVar[tuple[float, float]] = (6.0, 26.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._look = random.uniform(0, 1, (len(self.spans), 4))
        width, height = setting.size
        self._shadow = np.zeros((height, width), np.uint8)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        span, look = self.spans[n], self._look[n]
        width, height = self.setting.size
        part = (at - span.start) / (span.end - span.start)
        if span.end - span.start > 14:  # it stops to unload, and backs off
            part = min(1.0, 2.2 * part) / 2 if part < 0.75 else 0.5 + 2 * (part - 0.75)
        long = width * (0.3 + 0.12 * look[0])
        x = (
            -long + part * (width + 2 * long)
            if look[1] < 0.5
            else width - part * (width + 2 * long)
        )
        roi = self.setting.roi
        foot = min(height - 2.0, roi.y + roi.height + height * (0.12 + 0.2 * look[2]))
        self._darken(picture, x, foot, long)
        self._truck(picture, x, foot, long)
        blink = int(at * 2.5) % 2
        lamp = (round(x + 0.5 * long), round(foot - 0.78 * long))
        cv2.circle(picture, lamp, max(2, round(long * 0.03)), 245 if blink else 120, -1)
        return picture

    def _darken(self, picture: Grey, x: float, foot: float, long: float) -> None:
        """Lay the shadow over everything behind: up the picture, and wider than the truck."""
        self._shadow[:] = 0
        top = max(0, round(self.setting.roi.y - 4))
        corners = [
            *[(x - 0.1 * long, foot), (x + 1.2 * long, foot)],
            *[(x + 1.0 * long, top), (x + 0.1 * long, top)],
        ]
        cv2.fillPoly(self._shadow, [np.array(corners).round().astype(np.int32)], 58)
        shadow = cv2.blur(self._shadow, (13, 13))
        picture[:] = cv2.multiply(picture, 255 - shadow, scale=1 / 255)

    def _truck(self, picture: Grey, x: float, foot: float, long: float) -> None:
        def plate(left: float, top: float, right: float, bottom: float, level: int) -> None:
            corners = (round(x + left * long), round(foot - top * long))
            ends = (round(x + right * long), round(foot - bottom * long))
            cv2.rectangle(picture, corners, ends, level, -1)

        plate(0.2, 0.75, 0.24, 0.3, 55)
        plate(0.74, 0.75, 0.78, 0.3, 55)
        plate(0.18, 0.79, 0.8, 0.73, 70)
        plate(0.1, 0.38, 0.85, 0.1, 165)
        plate(0.1, 0.22, 0.85, 0.14, 60)
        plate(0.88, 0.85, 0.93, 0.04, 48)
        plate(0.93, 0.45, 1.15, 0.08, 128)
        for wheel in (0.25, 0.72):
            centre = (round(x + wheel * long), round(foot - 0.08 * long))
            cv2.circle(picture, centre, round(0.09 * long), 30, -1, cv2.LINE_AA)
            cv2.circle(picture, centre, round(0.04 * long), 110, -1, cv2.LINE_AA)
