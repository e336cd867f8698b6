"""
What does material look like that creeps through a machine?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import box, cloudy, grainy
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.layer import Layer


class SlowFeed:
    """A web with a faint weave, printed here and there, fed by a hundredth of its box a second."""

    shape: ClassVar[float] = 1.2
    speed: ClassVar[float] = 0.013  # of the box's height, a second
    _length: ClassVar[int] = 3  # of the web, in heights of the box, before it repeats

    def __init__(self, box: Roi, random: np.random.Generator) -> None:
        self._box = box
        self._random = random
        self._width, self._height = round(box.width * 0.74), round(box.height * 0.78)
        length = self._length * self._height
        size = self._width, length
        levels = 118 + 5 * cloudy(size, random, 12) + 6 * grainy(size, random, 1.6)
        for _ in range(9):
            x = int(random.integers(0, max(1, self._width - 8)))
            y = int(random.integers(0, length - 8))
            levels[y : y + int(random.integers(3, 9)), x : x + int(random.integers(5, 22))] -= 38
        self._web = Layer(np.vstack([levels, levels[: self._height]]).astype(np.float32))

    def build(self, hall: Grey) -> None:
        canvas = hall.astype(np.float32)
        here = self._box
        corners = (here.x, here.y, here.x + here.width, here.y + here.height)
        box(canvas, corners, 88, self._random)
        hall[:] = np.clip(canvas, 0, 255).astype(np.uint8)

    def paint(self, picture: Grey, pose: Pose) -> None:
        left, top = round(self._box.width * 0.13), round(self._box.height * 0.11)
        view = self._box.cut(picture)[top : top + self._height, left : left + self._width]
        run = pose.ran * self.speed * self._box.height
        self._web.shift(view, 0.0, -(run % (self._length * self._height)))
