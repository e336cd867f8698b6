"""
What does the night do to a picture?
"""

from typing import ClassVar, cast

import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting, Span, Stage

_LEVELS = np.arange(256)


class Nightfall(Nuisance):
    """
    Night falls within minutes after the calibration, and stays.

    The hall is lit by few lamps: contrast sinks below a half, the gain and with it the noise
    rise, and the shutter is open longer.
    """

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "night: low contrast, high gain"

    def plan(self) -> list[Span]:
        self._contrast = float(self.random.uniform(0.36, 0.48))
        self._dusk = float(self.random.uniform(60, 150))
        self._noise = float(self.random.uniform(2.4, 3.2))
        start = self.setting.start + float(self.random.uniform(5, 60))
        return [Span(start, self.setting.end)] if start < self.setting.end else []

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        dark = self._dark(at)
        contrast = 1 - (1 - self._contrast) * dark
        table = np.clip(_LEVELS * contrast + 22 * dark, 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(cv2.GaussianBlur(picture, (3, 3), 0.05 + 0.6 * dark), table))

    def noise(self, at: float) -> float:
        return 1 + (self._noise - 1) * self._dark(at)

    def _dark(self, at: float) -> float:
        """How far night has fallen, 0..1."""
        if self.now(at) is None:
            return 0.0
        return min(1.0, (at - self.spans[0].start) / self._dusk)


class Infrared(Nuisance):
    """
    The camera switches to infrared and back, at once: its own lamp lights the middle.

    Insects fly through the light, close to the lens and out of focus.
    """

    stage: ClassVar[Stage] = Stage.LENS
    words: ClassVar[str] = "infrared light, with insects"
    gap: ClassVar[tuple[float, float]] = (60.0, 200.0)
    lasts: ClassVar[tuple[float, float]] = (120.0, 420.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        width, height = setting.size
        rows, columns = np.mgrid[0:height, 0:width]
        x, y = columns / width - 0.5, rows / height - 0.45
        spot = 0.42 + 0.75 * np.exp(-(x**2 + y**2) / 0.09)
        self._spot = np.clip(128 * spot, 0, 255).astype(np.uint8)
        self._insects = random.uniform(0, 1, (97, 6))

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        table = np.clip(40 + 0.62 * _LEVELS, 0, 255).astype(np.uint8)
        lit = cast(Grey, cv2.multiply(cv2.LUT(picture, table), self._spot, scale=1 / 128))
        for insect in range(3):
            self._fly(lit, at + insect * 17.3)
        return np.asarray(cv2.GaussianBlur(lit, (3, 3), 0.6))

    def _fly(self, picture: Grey, at: float) -> None:
        """Draw an insect on its way, which takes it one to three seconds, every few seconds."""
        flight, passed = divmod(at, 4.1)
        look = self._insects[int(flight) % len(self._insects)]
        seconds = 0.8 + 2.2 * look[0]
        if passed > seconds:
            return
        width, height = self.setting.size

        def place(moment: float) -> tuple[int, int]:
            part = moment / seconds
            x = look[1] + (look[2] - look[1]) * part * 1.6 + 0.05 * np.sin(9 * moment + 6 * look[5])
            y = look[3] + (look[4] - look[3]) * part + 0.07 * np.sin(7 * moment)
            return round(x * width), round(y * height)

        thick = max(1, round(height * (0.008 + 0.022 * look[5])))
        cv2.line(picture, place(passed - 0.05), place(passed), 235, thick, cv2.LINE_AA)

    def noise(self, at: float) -> float:
        return 1.0 if self.now(at) is None else 1.9
