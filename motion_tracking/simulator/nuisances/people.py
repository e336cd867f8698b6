"""
What do people do in front of a machine?
"""

from typing import ClassVar

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting

_SHIFT = 4  # OpenCV draws at sixteenths of a pixel
_PARTS = 2**_SHIFT


class People(Nuisance):
    """Somebody walks through the ROI, or up to it, does something there, and walks off."""

    words: ClassVar[str] = "a person crosses the ROI"
    gap: ClassVar[tuple[float, float]] = (15.0, 70.0)
    lasts: ClassVar[tuple[float, float]] = (4.0, 20.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._look = random.uniform(0, 1, (len(self.spans), 6))

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        span, look = self.spans[n], self._look[n]
        part = (at - span.start) / (span.end - span.start)
        roi, width = self.setting.roi, self.setting.size[0]
        tall = self.setting.size[1] * (0.42 + 0.2 * look[0])
        ends = (-0.2 * tall, width + 0.2 * tall)
        start, goal = ends if look[1] < 0.5 else ends[::-1]
        stand = roi.x + roi.width * (0.2 + 0.6 * look[2])
        way = self._way(part, span.end - span.start)
        x = start + (stand - start) * min(1, way) + (goal - stand) * max(0, way - 1)
        foot = min(self.setting.size[1] - 3, roi.y + roi.height + tall * (0.1 + 0.3 * look[3]))
        walking = 0.0 if way == 1 else 1.0
        draw_person(picture, (x, foot), tall, at * 1.9 * walking, look[4])
        return picture

    def _way(self, part: float, seconds: float) -> float:
        """Return the way gone, 0..1 up to the machine and 1..2 away; 3 s each, standing between."""
        walk = min(0.5, 3.0 / seconds)
        if part < walk:
            return part / walk
        return 1.0 if part < 1 - walk else 2 - (1 - part) / walk


class Bystander(People):
    """Somebody stands in front of the machine for minutes, and never quite still."""

    words = "a person stands in front of the ROI"
    gap = (100.0, 240.0)
    lasts = (90.0, 260.0)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        span, look = self.spans[n], self._look[n]
        roi, height = self.setting.roi, self.setting.size[1]
        tall = height * (0.45 + 0.15 * look[0])
        edge = -0.3 * tall if look[1] < 0.5 else self.setting.size[0] + 0.3 * tall
        near = min(1.0, (at - span.start) / 4, (span.end - at) / 4)
        stand = roi.x + roi.width * (0.25 + 0.5 * look[2])
        sway = np.sin(at * 0.7) + np.sin(at * 1.9 + 1) * (np.sin(at / 13) > 0.3)
        x = edge + (stand - edge) * near + sway * tall * 0.012
        foot = min(height - 3, roi.y + roi.height + tall * 0.25)
        draw_person(picture, (x, foot), tall, at * 1.9 if near < 1 else 0.0, look[4])
        return picture


def draw_person(
    picture: Grey, foot: tuple[float, float], tall: float, steps: float, look: float
) -> None:
    """Draw somebody of `tall` pixels who stands on `foot`; `steps` swing the legs and arms."""
    x, y = foot
    swing = float(np.sin(2 * np.pi * steps)) * 0.13 * tall if steps else 0.03 * tall
    trousers, jacket = round(38 + 30 * look), round(60 + 110 * ((look * 7) % 1))
    hip, neck = y - 0.48 * tall, y - 0.82 * tall
    shade = picture[round(max(0, y - 3)) : round(y + 4)]
    shade = shade[:, round(max(0, x - 0.16 * tall)) : round(max(0, x + 0.16 * tall))]
    shade[:] = shade // 2
    for side in (swing, -swing):
        _limb(picture, (x, hip), (x + side, y), 0.085 * tall, trousers)
    _limb(picture, (x, neck + 0.05 * tall), (x - swing * 0.9, hip), 0.06 * tall, jacket - 12)
    _limb(picture, (x, hip), (x, neck + 0.07 * tall), 0.19 * tall, jacket)
    for stripe in (0.62, 0.7):  # the reflecting stripes of the vest
        _limb(
            picture,
            (x - 0.08 * tall, y - stripe * tall),
            (x + 0.08 * tall, y - stripe * tall),
            0.02 * tall,
            215,
        )
    _limb(picture, (x, neck + 0.05 * tall), (x + swing * 0.9, hip), 0.06 * tall, jacket + 10)
    _limb(picture, (x, y - 0.925 * tall), (x, y - 0.9 * tall), 0.115 * tall, 150)
    _limb(picture, (x, y - 0.965 * tall), (x, y - 0.955 * tall), 0.12 * tall, 190)  # the helmet


def _limb(
    picture: Grey, start: tuple[float, float], end: tuple[float, float], thick: float, level: int
) -> None:
    (x, y), (x2, y2) = start, end
    first, last = (round(x * _PARTS), round(y * _PARTS)), (round(x2 * _PARTS), round(y2 * _PARTS))
    cv2.line(picture, first, last, level, max(1, round(thick)), cv2.LINE_AA, _SHIFT)
