"""
What does a flywheel look like, in good light, in poor light, and at a speed that fools samplers?
"""

from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import box, grainy
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.layer import Layer, disc


class Flywheel:
    """A spoked wheel in a housing; `contrast` is between its spokes and what is behind them."""

    shape: ClassVar[float] = 1.0
    period: ClassVar[float] = 1.7
    spokes: ClassVar[int] = 5
    contrast: ClassVar[float] = 95.0
    mark: ClassVar[float] = 0.5  # of the contrast: one spoke is darker than the others

    def __init__(self, box: Roi, random: np.random.Generator) -> None:
        self._box = box
        self._random = random
        self._side = min(box.width, box.height)
        self._wheel = Layer(self._drawn(), disc(self._side, self._side * 0.42))

    def build(self, hall: Grey) -> None:
        canvas = hall.astype(np.float32)
        here = self._box
        corners = (here.x, here.y, here.x + here.width, here.y + here.height)
        box(canvas, corners, 98, self._random)
        hall[:] = np.clip(canvas, 0, 255).astype(np.uint8)

    def paint(self, picture: Grey, pose: Pose) -> None:
        view = self._box.cut(picture)
        middle = (self._side - 1) / 2
        turn = -360.0 * pose.ran / self.period
        matrix = cv2.getRotationMatrix2D((middle, middle), turn, 1.0)
        matrix[0, 2] += (self._box.width - self._side) / 2
        matrix[1, 2] += (self._box.height - self._side) / 2
        self._wheel.put(view, np.asarray(matrix, np.float64))

    def _drawn(self) -> NDArray[np.float32]:
        scale = 4
        side = self._side * scale
        middle = side / 2
        dark = 92 - self.contrast / 2
        wheel = np.full((side, side), dark, np.float32)
        for spoke in range(self.spokes):
            level = dark + self.contrast * (self.mark if spoke == 0 else 1.0)
            angle = 2 * np.pi * spoke / self.spokes
            tip = (
                round(middle + np.cos(angle) * side * 0.4),
                round(middle + np.sin(angle) * side * 0.4),
            )
            cv2.line(wheel, (round(middle), round(middle)), tip, level, round(side * 0.075))
        rim, hub = dark + self.contrast * 0.8, dark + self.contrast * 0.6
        cv2.circle(wheel, (round(middle),) * 2, round(side * 0.39), rim, round(side * 0.06))
        cv2.circle(wheel, (round(middle),) * 2, round(side * 0.09), hub, -1)
        wheel += self.contrast * 0.04 * grainy((side, side), self._random, scale)
        return np.asarray(cv2.resize(wheel, (self._side,) * 2, interpolation=cv2.INTER_AREA))


class DimFlywheel(Flywheel):
    """A wheel painted like what is behind it: under the grey levels that the old tool sees."""

    period = 2.3
    contrast = 26.0


class AliasFlywheel(Flywheel):
    """Two like spokes a second: at fixed samples, once or twice a second, it stands still."""

    period = 3.0
    spokes = 6
    contrast = 42.0
    mark = 1.0
