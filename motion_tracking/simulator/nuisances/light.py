"""
What does the light do?
"""

from typing import ClassVar

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting


class LightSteps(Nuisance):
    """A row of lamps, or the sun, goes on or off: a part of the picture steps by up to a third."""

    words: ClassVar[str] = "the light of a part of the hall steps"
    gap: ClassVar[tuple[float, float]] = (15.0, 90.0)
    lasts: ClassVar[tuple[float, float]] = (3.0, 120.0)
    depth: ClassVar[tuple[float, float]] = (0.12, 0.34)
    spread: ClassVar[tuple[float, float]] = (0.35, 0.9)  # of the picture's width

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._fields = [self._field() for _ in range(min(6, len(self.spans)))]

    def _field(self) -> Grey:
        """Return the light's factor for each pixel, 128 being none."""
        width, height = self.setting.size
        roi, random = self.setting.roi, self.random
        spread = random.uniform(*self.spread) * width
        x = roi.x + roi.width / 2 + random.uniform(-0.6, 0.6) * spread
        y = roi.y + roi.height / 2 + random.uniform(-0.6, 0.6) * spread
        rows, columns = np.mgrid[0:height, 0:width]
        reach = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * spread**2))
        depth = random.uniform(*self.depth) * random.choice((-1, 1))
        return np.asarray(np.clip(128 * (1 + depth * reach), 0, 255).astype(np.uint8))

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        field = self._fields[n % len(self._fields)]
        return np.asarray(cv2.multiply(picture, field, scale=1 / 128))


class Lamp(LightSteps):
    """A lamp close to the machine goes on or off, and stays so for minutes."""

    words = "a lamp close to the ROI is on, steadily"
    gap = (120.0, 260.0)
    lasts = (120.0, 400.0)
    depth = (0.25, 0.45)
    spread = (0.12, 0.3)


class Flicker(Nuisance):
    """Lamps beat with the shutter: bands of light wander through the picture."""

    words: ClassVar[str] = "lamps flicker"
    gap: ClassVar[tuple[float, float]] = (40.0, 120.0)
    lasts: ClassVar[tuple[float, float]] = (20.0, 180.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._beat = random.uniform(0.3, 4.5, max(1, len(self.spans)))
        self._depth = random.uniform(0.025, 0.08, max(1, len(self.spans)))
        width, height = setting.size
        self._rows = np.linspace(0, random.uniform(0.5, 2.0), height)[:, None]
        self._field = np.empty((height, width), np.uint8)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        wave = np.sin(2 * np.pi * (self._rows + self._beat[n] * at))
        self._field[:] = (128 * (1 + self._depth[n] * wave) + 0.5).astype(np.uint8)
        return np.asarray(cv2.multiply(picture, self._field, scale=1 / 128))
