"""
What does a conveyor look like that is mostly empty?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import box, grainy
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.layer import Layer

_PARTS = 64
"""Parts on the belt before their distances repeat."""


class SparseConveyor:
    """A plain dark belt; cartons pass after uneven gaps, and in the gaps nothing seems to move."""

    shape: ClassVar[float] = 1.7
    crossing: ClassVar[float] = 2.6  # seconds from one end of the box to the other
    gaps: ClassVar[tuple[float, float]] = (3.0, 9.0)  # seconds from one part to the next

    def __init__(self, box: Roi, random: np.random.Generator) -> None:
        self._box = box
        self._random = random
        self._starts = np.cumsum(random.uniform(*self.gaps, _PARTS))
        self._parts = [self._carton() for _ in range(6)]

    def build(self, hall: Grey) -> None:
        canvas = hall.astype(np.float32)
        here = self._box
        left, right = here.x - here.width, here.x + here.width * 2
        belt = here.y + round(here.height * 0.66)
        for leg in (here.x - 8, here.x + here.width + 2):
            box(canvas, (leg, belt, leg + 7, here.y + round(here.height * 1.5)), 80, self._random)
        canvas[belt : belt + here.height // 8, max(0, left) : right] = 52
        canvas[belt + here.height // 8 : belt + here.height // 4, max(0, left) : right] = 120
        canvas[belt + here.height // 4 : belt + here.height // 4 + 2, max(0, left) : right] = 60
        hall[:] = np.clip(canvas, 0, 255).astype(np.uint8)

    def paint(self, picture: Grey, pose: Pose) -> None:
        here = self._box
        before, after = min(here.x, here.width), here.width  # seen beyond the box, on either side
        view = picture[:, here.x - before : here.x + here.width + after]
        belt = here.y + round(here.height * 0.68)
        loop = float(self._starts[-1])
        moment = (pose.ran + 2 * self.crossing) % loop
        for n, start in enumerate(self._starts):
            since = (moment - start) % loop
            part, (width, height) = self._parts[n % len(self._parts)]
            x = (since / self.crossing - 1.0) * here.width - width + before
            if -width < x < view.shape[1]:
                part.shift(view[belt - height : belt], x, 0.0)

    def _carton(self) -> tuple[Layer, tuple[int, int]]:
        width = round(self._box.width * self._random.uniform(0.13, 0.26))
        height = round(self._box.height * self._random.uniform(0.3, 0.5))
        levels = np.full((height, width), self._random.uniform(125, 175), np.float32)
        levels[: height // 6 + 1] += 20
        levels[:, width // 2 - 1 : width // 2 + 2] -= 30
        levels[height // 2 : height * 3 // 4, width // 8 : width // 3] = 215
        return Layer(levels + 3 * grainy((width, height), self._random, 1.0)), (width, height)
