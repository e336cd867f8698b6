"""
What does the camera itself do: its mount, and its exposure?
"""

from typing import ClassVar

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting, Stage

_LEVELS = np.arange(256)


class Shake(Nuisance):
    """Its mount is hit, or trembles with the floor: up to two pixels, for seconds or minutes."""

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "the camera shakes"
    gap: ClassVar[tuple[float, float]] = (20.0, 80.0)
    lasts: ClassVar[tuple[float, float]] = (5.0, 90.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        count = max(1, len(self.spans))
        self._reach = random.uniform(0.4, 1.8, (count, 2))
        self._rate = random.uniform(1.1, 7.9, (count, 2))

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        span = self.spans[n]
        calm = min(1.0, (at - span.start) / 0.3, (span.end - at) / 2.0)
        beat = 0.65 + 0.35 * np.sin(at * 0.9 + n)
        x, y = calm * beat * self._reach[n] * np.sin(2 * np.pi * self._rate[n] * at)
        moved = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
        return np.asarray(
            cv2.warpAffine(picture, moved, self.setting.size, borderMode=cv2.BORDER_REPLICATE)
        )


class Exposure(Nuisance):
    """The exposure hunts: brighter and darker by up to a quarter, swinging until it settles."""

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "the exposure adjusts itself"
    gap: ClassVar[tuple[float, float]] = (10.0, 60.0)
    lasts: ClassVar[tuple[float, float]] = (6.0, 40.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        count = max(1, len(self.spans))
        self._depth = random.uniform(0.08, 0.26, count) * random.choice((-1, 1), count)
        self._swing = random.uniform(1.5, 6.0, count)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        span = self.spans[n]
        passed, left = at - span.start, span.end - at
        ramp = min(1.0, passed / 0.8, left / 1.5)
        swing = 1 + 0.5 * np.cos(2 * np.pi * passed / self._swing[n]) * np.exp(-passed / 8)
        gain = 1 + self._depth[n] * ramp * swing
        return np.asarray(cv2.LUT(picture, np.clip(_LEVELS * gain, 0, 255).astype(np.uint8)))
