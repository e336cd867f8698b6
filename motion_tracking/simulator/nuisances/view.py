"""
What happens to the camera's view: who knocks the camera, covers the lens, or blurs it?
"""

from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting, Stage


class Moved(Nuisance):
    """It is knocked: by 20 pixels or more in some direction, or round its axis by 5 degrees."""

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "the camera was knocked and looks elsewhere"
    gap: ClassVar[tuple[float, float]] = (100.0, 240.0)
    lasts: ClassVar[tuple[float, float]] = (90.0, 200.0)
    hides: ClassVar[bool] = True

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._warps = [self._warp(n % 2 == 1) for n in range(len(self.spans))]

    def _warp(self, turned: bool) -> NDArray[np.float64]:
        random, (width, height) = self.random, self.setting.size
        angle = float(random.uniform(5, 9) * random.choice((-1, 1))) if turned else 0.0
        warp = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        if not turned:
            way = random.uniform(0, 2 * np.pi)
            warp[:, 2] = random.uniform(20, 48) * np.array([np.cos(way), np.sin(way)])
        return np.asarray(warp)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        return np.asarray(
            cv2.warpAffine(
                picture, self._warps[n], self.setting.size, borderMode=cv2.BORDER_REFLECT_101
            )
        )


class Covered(Nuisance):
    """
    Something hides 60 to 95 % of the picture: a hand, a bag, paint, or a truck parked before it.

    It comes in within a few seconds from a side; the closer to the lens, the softer its edge.
    """

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "the lens is covered"
    gap: ClassVar[tuple[float, float]] = (100.0, 240.0)
    lasts: ClassVar[tuple[float, float]] = (90.0, 200.0)
    hides: ClassVar[bool] = True
    softness: ClassVar[tuple[float, ...]] = (0.05, 0.02, 0.015, 0.0)  # of the width, by kind

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        kinds = random.permutation(len(self.softness))
        self._covers = [self._cover(int(kinds[n % len(kinds)])) for n in range(len(self.spans))]

    def _cover(self, kind: int) -> tuple[Grey, NDArray[np.float32]]:
        """Return what is seen of the thing, and how much it hides of each pixel, 0 to 1."""
        random, (width, height) = self.random, self.setting.size
        rows, columns = np.mgrid[0:height, 0:width]
        way = random.uniform(0, 2 * np.pi)
        ramp = np.cos(way) * columns / width + np.sin(way) * rows / height
        if kind < 2:  # a round outline, as of fingers and folds
            ramp += 0.06 * np.sin(14 * columns / width + way) * np.cos(11 * rows / height)
        elif kind == 2:  # paint spreads in blots
            ramp = ramp * 0.3 + self._cloud(9)
        mask = (ramp < np.quantile(ramp, random.uniform(0.6, 0.95))).astype(np.float32)
        soft = self.softness[kind] * width
        if soft:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
        return self._look(kind), mask

    def _look(self, kind: int) -> Grey:
        random, (width, height) = self.random, self.setting.size
        level, folds = random.uniform(15, 190), self._cloud(3 + 4 * kind)
        look = level + (18, 45, 12, 25)[kind] * folds
        if kind == 3:  # plates, posts and stripes of a truck
            for _ in range(14):
                x, y = int(random.uniform(0, width)), int(random.uniform(0, height))
                far = (x + int(random.uniform(0.05, 0.3) * width), y + int(height * 0.3))
                cv2.rectangle(look, (x, y), far, float(random.uniform(20, 220)), -1)
        return np.clip(look, 0, 255).astype(np.uint8)

    def _cloud(self, grain: int) -> NDArray[np.float64]:
        """Return soft noise of about -1 to 1, with so many humps across."""
        width, height = self.setting.size
        seeds = self.random.uniform(-1, 1, (grain, grain))
        return np.asarray(cv2.resize(seeds, (width, height), interpolation=cv2.INTER_CUBIC))

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        look, mask = self._covers[n]
        span = self.spans[n]
        far = max(0.0, 1 - min(at - span.start, span.end - at) / 2.0)
        if far:  # still on its way in, or out again
            slide = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, far * self.setting.size[1]]])
            mask = np.asarray(cv2.warpAffine(mask, slide, self.setting.size), np.float32)
        return np.asarray((picture * (1 - mask) + look * mask).astype(np.uint8))


class Blurred(Nuisance):
    """The lens is out of focus: knocked, wet, or breathed on."""

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "the picture is out of focus"
    gap: ClassVar[tuple[float, float]] = (100.0, 240.0)
    lasts: ClassVar[tuple[float, float]] = (90.0, 200.0)
    hides: ClassVar[bool] = True

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 5.0))
