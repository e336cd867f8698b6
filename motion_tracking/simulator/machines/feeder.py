"""
What does a machine look like that only shakes, by a pixel?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import box, cloudy, grainy
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.layer import Layer


class Vibration:
    """A sieve full of coarse material; it swings half a pixel to either side, nine times a s."""

    shape: ClassVar[float] = 1.3
    swing: ClassVar[float] = 0.5  # pixels to either side
    rate: ClassVar[float] = 9.3  # a second

    def __init__(self, box: Roi, random: np.random.Generator) -> None:
        self._box = box
        self._random = random
        width, height = round(box.width * 0.8), round(box.height * 0.6)
        levels = (
            112 + 20 * grainy((width, height), random, 1.3) + 8 * cloudy((width, height), random, 5)
        )
        levels[:3] = levels[-3:] = 165
        levels[:, :3] = levels[:, -3:] = 150
        self._sieve = Layer(levels.astype(np.float32))

    def build(self, hall: Grey) -> None:
        canvas = hall.astype(np.float32)
        here = self._box
        middle = here.y + round(here.height * 0.55)
        corners = (here.x, middle, here.x + here.width, here.y + here.height)
        box(canvas, corners, 86, self._random)
        hall[:] = np.clip(canvas, 0, 255).astype(np.uint8)

    def paint(self, picture: Grey, pose: Pose) -> None:
        view = self._box.cut(picture)
        angle = 2 * np.pi * self.rate * pose.ran
        x, y = self.swing * np.cos(angle), 0.7 * self.swing * np.sin(angle)
        self._sieve.shift(view, view.shape[1] * 0.1 + x, view.shape[0] * 0.12 + y)
