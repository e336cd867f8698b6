"""
What does a press look like, at one stroke a second, and at one every ten?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import box, grainy
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.layer import Layer


class Press:
    """A ram between two columns: down and up within `stroke` seconds of each `period`."""

    shape: ClassVar[float] = 0.85
    period: ClassVar[float]
    stroke: ClassVar[float]
    contrast: ClassVar[float] = 70.0

    def __init__(self, box: Roi, random: np.random.Generator) -> None:
        self._box = box
        self._random = random
        width, height = round(box.width * 0.56), round(box.height * 0.26)
        levels = np.full((height, width), 62 + self.contrast, np.float32)
        levels += np.linspace(14, -14, height, dtype=np.float32)[:, None]
        levels[:: max(2, height // 4)] -= self.contrast * 0.35
        levels[:, width // 3 : width // 3 + 2] -= self.contrast * 0.4
        self._ram = Layer(levels + 2 * grainy((width, height), random, 1.0))

    def build(self, hall: Grey) -> None:
        canvas = hall.astype(np.float32)
        here, random = self._box, self._random
        x, y, width, height = here.x, here.y, here.width, here.height
        box(canvas, (x, y, x + width, y + height), 112, random)
        canvas[y + height // 8 : y + height * 7 // 8, x + width // 6 : x + width * 5 // 6] = 58
        box(canvas, (x, y, x + width, y + height // 5), 122, random)
        box(canvas, (x, y + height * 3 // 4, x + width, y + height), 128, random)
        for left in (x + width // 6, x + width * 5 // 6 - 4):  # guide rods
            canvas[y + height // 5 : y + height * 3 // 4, left : left + 4] = (100, 160, 140, 80)
        hall[:] = np.clip(canvas, 0, 255).astype(np.uint8)

    def paint(self, picture: Grey, pose: Pose) -> None:
        left, top = round(self._box.width * 0.22), round(self._box.height * 0.2)
        view = self._box.cut(picture)[top : round(self._box.height * 0.75), left:-left]
        down = self._lowered(pose.ran % self.period)
        self._ram.shift(view, 0.0, down * 0.26 * self._box.height)

    def _lowered(self, seconds: float) -> float:
        """How far down the ram is, 0..1; it waits up, for the rest of the period."""
        return float(0.5 - 0.5 * np.cos(2 * np.pi * min(1.0, seconds / self.stroke)))


class AliasPress(Press):
    """One stroke a second: who looks once a second sees the same pose for ever."""

    period = 1.0
    stroke = 0.55


class DwellPress(Press):
    """A stroke of 1.4 s, and then 8 s of waiting: it moves in a seventh of the time."""

    period = 9.4
    stroke = 1.4
    contrast = 45.0
