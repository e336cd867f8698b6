"""
What do the simulated machines look like?

Each is drawn at a moment of its cycle, over a hall that never moves, in grey levels 0..255.  The
ROI is where a person would draw it.  Cycles last whole seconds, since films of them are cut by
the second.
"""

from functools import cached_property
from typing import ClassVar, cast

import cv2
import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.hall import hall

SIZE = (352, 288)
"""Width and height of a small sub-stream."""

SMALLEST, LARGEST = 96, 4096
"""Pixels a side; on less the machines cannot be told, on more drawing takes for ever."""

NOISE = 3.0
"""Standard deviation of the camera's noise, in grey levels."""

_SHIFT = 4  # OpenCV draws at sixteenths of a pixel


class Scene:
    """
    One machine in its hall.

    `cycle` is in seconds.  Samples of the running machine score above `threshold` (for the
    `difference` detector) most of the time, those of the stopped one below it.
    """

    cycle: ClassVar[int]
    _corners: ClassVar[tuple[float, float, float, float]]  # of the ROI, in parts of the picture

    def __init__(self, size: tuple[int, int] = SIZE, seed: int = 0) -> None:
        """Set up the hall; `size` is (width, height), and `seed` changes its texture."""
        if not all(SMALLEST <= side <= LARGEST for side in size):
            raise ValueError(
                f"{size[0]}x{size[1]} cannot be drawn: sides from {SMALLEST} to {LARGEST} can"
            )
        self.size = size
        left, top, right, bottom = (
            round(part * side) for part, side in zip(self._corners, size * 2, strict=True)
        )
        self.roi = Roi.from_corners(left, top, right, bottom)
        self.threshold = self.roi.area // 50
        self._seed = seed

    @cached_property
    def _hall(self) -> Grey:
        return hall(self.size, self._seed)

    def draw(self, phase: float) -> Grey:
        """Return the picture `phase` seconds into the cycle: (height, width) uint8, no noise."""
        picture = self._hall.copy()
        self._machine(picture, phase % self.cycle / self.cycle)
        return picture

    def _machine(self, picture: Grey, turn: float) -> None:
        """Draw the machine `turn` of a cycle (0..1) after its start."""
        raise NotImplementedError

    def _box(self, picture: Grey, corners: tuple[float, float, float, float], level: int) -> None:
        """Fill a rectangle whose corners are given in parts of the picture."""
        width, height = self.size
        left, top, right, bottom = corners
        x, y = max(0, round(left * width)), max(0, round(top * height))
        picture[y : max(y, round(bottom * height)), x : max(x, round(right * width))] = level


class Flywheel(Scene):
    """A dark wheel with two light sectors, unlike each other, turning evenly."""

    cycle = 2
    _corners = (0.24, 0.14, 0.76, 0.86)
    _sectors: ClassVar = (  # from, to (turns), reach (parts of the shorter side), grey level
        (0.0, 1.0, 0.33, 60),
        (0.0, 0.2, 0.30, 205),
        (0.45, 0.56, 0.30, 170),
        (0.0, 1.0, 0.07, 120),
    )

    def _machine(self, picture: Grey, turn: float) -> None:
        for start, end, reach, level in self._sectors:
            angles = np.linspace(start + turn, end + turn, 64) * (2 * np.pi)
            rim = reach * min(self.size) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            corners = np.vstack([rim, [(0, 0)]]) + np.array(self.size) / 2
            points = (corners * 2**_SHIFT).round().astype(np.int32)
            cv2.fillPoly(picture, [points], level, cv2.LINE_AA, _SHIFT)


class Press(Scene):
    """A ram that goes down, dwells on the die, goes up, and dwells while it is fed."""

    cycle = 3
    _corners = (0.28, 0.18, 0.72, 0.82)

    def _machine(self, picture: Grey, turn: float) -> None:
        self._box(picture, (0.22, 0.10, 0.78, 0.20), 120)
        self._box(picture, (0.22, 0.20, 0.30, 0.86), 110)
        self._box(picture, (0.70, 0.20, 0.78, 0.86), 110)
        self._box(picture, (0.22, 0.78, 0.78, 0.90), 130)
        self._box(picture, (0.30, 0.20, 0.70, 0.78), 50)
        low = 0.30 * self._lowered(turn * self.cycle)
        self._box(picture, (0.45, 0.20, 0.55, 0.30 + low), 150)
        self._box(picture, (0.36, 0.30 + low, 0.64, 0.44 + low), 215)

    @staticmethod
    def _lowered(seconds: float) -> float:
        """How far down the ram is, 0..1: 1 s down, 0.4 s dwell, 0.8 s up, 0.8 s dwell."""
        down = min(1.0, seconds)
        up = min(1.0, max(0.0, (seconds - 1.4) / 0.8))
        return float(np.cos(np.pi * up) - np.cos(np.pi * down)) / 2


class Conveyor(Scene):
    """A belt that carries parts from left to right, three at a time, and then a gap."""

    cycle = 4
    _corners = (0.30, 0.40, 0.72, 0.76)
    _parts: ClassVar = (  # start, length (parts of the picture's width), grey level
        (0.0, 0.12, 205),
        (0.21, 0.09, 175),
        (0.46, 0.15, 225),
    )
    _pitch: ClassVar = 1.2  # from the first part of a group to the first of the next

    def _machine(self, picture: Grey, turn: float) -> None:
        self._box(picture, (0.0, 0.64, 1.0, 0.72), 60)
        self._box(picture, (0.0, 0.72, 1.0, 0.75), 35)
        for start, length, level in self._parts:
            left = (start + turn * self._pitch) % self._pitch - length
            self._box(picture, (left, 0.46, left + length, 0.64), level)
            self._box(picture, (left + 0.4 * length, 0.46, left + 0.6 * length, 0.64), 70)


class StackLight(Scene):
    """Four lamps that light up in turn; when the machine stops, the one that is lit stays lit."""

    cycle = 2
    _corners = (0.40, 0.14, 0.60, 0.70)

    def _machine(self, picture: Grey, turn: float) -> None:
        self._box(picture, (0.485, 0.70, 0.515, 1.0), 90)
        self._box(picture, (0.43, 0.17, 0.57, 0.70), 45)
        for lamp in range(4):
            top = 0.19 + 0.125 * lamp
            lit = int(turn * 4 + 1e-6) == lamp
            self._box(picture, (0.44, top, 0.56, top + 0.105), 235 if lit else 85)


MACHINES: dict[str, type[Scene]] = {
    "flywheel": Flywheel,
    "press": Press,
    "conveyor": Conveyor,
    "stack_light": StackLight,
}


class Noise:
    """The noise of a camera: another in every picture, the same on every run."""

    def __init__(self, size: tuple[int, int], seed: int = 0, deviation: float = NOISE) -> None:
        self._random = np.random.default_rng(seed)
        width, height = size
        grain = self._random.normal(0.0, deviation, (height + 64, width + 64))
        self._grain = grain.round().astype(np.int16)

    def add(self, picture: Grey) -> Grey:
        """Return the picture with fresh noise."""
        height, width = picture.shape
        x, y = self._random.integers(0, 64, 2)
        # shifting one large sheet of grain is fifty times cheaper than drawing new grain
        grain = self._grain[y : y + height, x : x + width]
        return cast(Grey, cv2.add(picture, grain, dtype=cv2.CV_8U))
