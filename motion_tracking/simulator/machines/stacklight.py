"""
What does a stack light say of the machine below it?
"""

from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.machines import Pose

_LAMPS = 3


class StackLight:
    """Three lamps: the lowest blinks while the machine runs, else the highest glows."""

    shape: ClassVar[float] = 0.5
    period: ClassVar[float] = 1.0

    def __init__(self, box: Roi, _: np.random.Generator) -> None:
        self._box = box
        self._glows = [self._glow(lamp) for lamp in range(_LAMPS)]

    def build(self, hall: Grey) -> None:
        here = self._box
        middle, wide = here.x + here.width // 2, here.width // 4
        hall[here.y + here.height :, middle - 2 : middle + 2] = 58
        round_shade = np.sin(np.linspace(0.5, np.pi - 0.3, 2 * wide))
        for lamp in range(_LAMPS):
            top, bottom = self._rows(lamp)
            lens = (48 + 52 * round_shade - 6 * lamp).astype(np.uint8)
            hall[here.y + top : here.y + bottom, middle - wide : middle + wide] = lens
            hall[here.y + bottom - 1 : here.y + bottom + 2, middle - wide : middle + wide] = 30

    def paint(self, picture: Grey, pose: Pose) -> None:
        view = self._box.cut(picture)
        if not pose.running:
            cv2.add(view, self._glows[0], dst=view)
        elif pose.ran % self.period < self.period / 2:
            cv2.add(view, self._glows[-1], dst=view)

    def _rows(self, lamp: int) -> tuple[int, int]:
        part = self._box.height / _LAMPS
        return round(part * (lamp + 0.12)), round(part * (lamp + 0.9))

    def _glow(self, lamp: int) -> NDArray[np.uint8]:
        glow = np.zeros((self._box.height, self._box.width), np.float32)
        top, bottom = self._rows(lamp)
        glow[top:bottom, self._box.width // 4 : self._box.width * 3 // 4] = 78
        halo = cv2.GaussianBlur(glow, (0, 0), self._box.width * 0.18)
        return np.clip(0.7 * glow + 0.6 * halo, 0, 255).astype(np.uint8)
