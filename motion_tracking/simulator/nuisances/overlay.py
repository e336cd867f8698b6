"""
What does the camera write into the picture?
"""

from typing import ClassVar

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting, Span, Stage


class Clock(Nuisance):
    """A clock that ticks within the ROI, and before the calibration too: it is never off."""

    stage: ClassVar[Stage] = Stage.CAMERA
    words: ClassVar[str] = "a clock ticks in the ROI"

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._began = int(random.integers(0, 86_400))

    def plan(self) -> list[Span]:
        return [Span(self.setting.start, self.setting.end)]

    def change(self, picture: Grey, at: float) -> Grey:
        return self.act(picture, at, 0)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        roi = self.setting.roi
        write(picture, self.text(at), (roi.x + 2, roi.y + 11), 0.36)
        return picture

    def text(self, at: float) -> str:
        seconds = self._began + int(at)
        return f"2024-03-14 {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def write(picture: Grey, text: str, place: tuple[int, int], scale: float) -> None:
    """Write as recorders do: white with a black outline, its lower left corner at `place`."""
    for level, thick in ((0, 3), (245, 1)):
        cv2.putText(
            picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, level, thick, cv2.LINE_AA
        )
