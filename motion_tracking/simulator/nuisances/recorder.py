"""
What does a recorder send when it has lost the camera?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.nuisances import Nuisance, Setting, Stage
from motion_tracking.simulator.nuisances.overlay import write


class Frozen(Nuisance):
    """It sends the last picture again and again, freshly encoded."""

    stage: ClassVar[Stage] = Stage.RECORDER
    words: ClassVar[str] = "the picture is frozen"
    gap: ClassVar[tuple[float, float]] = (120.0, 360.0)
    lasts: ClassVar[tuple[float, float]] = (60.0, 240.0)
    hides: ClassVar[bool] = True

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self._held: tuple[int, Grey] | None = None

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        if self._held is None or self._held[0] != n:
            self._held = n, picture.copy()
        return self._held[1].copy()


class Placard(Nuisance):
    """It sends a picture of its own that says so, plain or with a logo, in some with a clock."""

    stage: ClassVar[Stage] = Stage.RECORDER
    words: ClassVar[str] = "the recorder shows NO VIDEO"
    gap: ClassVar[tuple[float, float]] = (150.0, 420.0)
    lasts: ClassVar[tuple[float, float]] = (60.0, 240.0)
    hides: ClassVar[bool] = True

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        width, height = setting.size
        self._card = np.full((height, width), int(random.choice((0, 16, 41, 128))), np.uint8)
        words = str(random.choice(("NO VIDEO", "VIDEO LOSS", "No Signal", "Camera offline")))
        scale = width / 352
        write(self._card, words, (round(width * 0.3), round(height * 0.53)), 0.8 * scale)
        self._ticks = bool(random.random() < 0.5)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        card = self._card.copy()
        if self._ticks:
            clock = f"{int(at) // 3600:02}:{int(at) // 60 % 60:02}:{int(at) % 60:02}"
            write(card, clock, (8, 16), 0.4)
        return card
