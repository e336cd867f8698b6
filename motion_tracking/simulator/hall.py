"""
What does an empty machine hall look like, from a camera below its roof?

Everything that never moves: walls with panels and pipes, windows, lamps, cabinets, a floor with
lanes, and the shading of the lens.  Drawn once, at twice the size, so time does not matter here.
"""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey

Floats = NDArray[np.float32]


def cloudy(size: tuple[int, int], random: np.random.Generator, cells: int) -> Floats:
    """Return smooth noise, (height, width), deviation 1: `cells` blotches along each side."""
    width, height = size
    few = random.normal(0, 1, (cells + 2, cells + 2)).astype(np.float32)
    field = cv2.resize(few, size, interpolation=cv2.INTER_CUBIC).reshape(height, width)
    return cast(Floats, (field - field.mean()) / (field.std() + 1e-6))


def grainy(size: tuple[int, int], random: np.random.Generator, blur: float) -> Floats:
    """Return fine noise, (height, width), deviation 1, softened by `blur` pixels."""
    field = random.normal(0, 1, (size[1], size[0])).astype(np.float32)
    soft = cv2.GaussianBlur(field, (0, 0), blur)
    return cast(Floats, soft / soft.std())


def hall(size: tuple[int, int], seed: int) -> Grey:
    """Draw a hall of (width, height); another seed, another hall."""
    random = np.random.default_rng([seed, 77])
    width, height = size[0] * 2, size[1] * 2
    horizon = round(height * random.uniform(0.48, 0.62))
    picture = np.empty((height, width), np.float32)
    _wall(picture[:horizon], random)
    _floor(picture[horizon:], random)
    picture[horizon - 3 : horizon + 2] -= 35  # the skirting
    _furniture(picture, horizon, random)
    picture += 3 * cloudy((width, height), random, 9) + 2.5 * grainy((width, height), random, 1.5)
    picture *= _vignette(width, height, random)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cast(Grey, np.clip(cv2.GaussianBlur(small, (0, 0), 0.6), 8, 250).astype(np.uint8))


def _wall(wall: Floats, random: np.random.Generator) -> None:
    height, width = wall.shape
    level = random.uniform(95, 130)
    wall[:] = level + np.linspace(12, -14, height, dtype=np.float32)[:, None]
    panel = round(width / random.uniform(9, 16))
    for x in range(round(random.uniform(0, panel)), width, panel):
        wall[:, x : x + 2] -= 14
        wall[:, x + 2 : x + panel // 2] += random.uniform(-4, 4)
    _windows(wall, random)
    for y in np.sort(random.uniform(0.25, 0.8, 3)) * height:  # pipes, lit from above
        thick = int(random.integers(5, 12))
        profile = np.sin(np.linspace(0.3, np.pi, thick)) * 55 - 30
        wall[round(y) : round(y) + thick] += profile.astype(np.float32)[: height - round(y), None]
    for x in random.uniform(0.1, 0.9, 2) * width:  # a column carries the roof
        thick = round(width * 0.035)
        column = np.linspace(30, -28, thick, dtype=np.float32)[None, : width - round(x)]
        wall[:, round(x) : round(x) + thick] = level - 10 + column


def _windows(wall: Floats, random: np.random.Generator) -> None:
    height, width = wall.shape
    top, side = round(height * 0.06), round(width * 0.11)
    for x in range(round(random.uniform(0, side)), width - side, round(side * 1.6)):
        bottom = top + round(height * 0.2)
        wall[top:bottom, x : x + side] = random.uniform(175, 215)
        wall[top:bottom, x + side // 2 - 2 : x + side // 2 + 2] = 90
        wall[(top + bottom) // 2 - 1 : (top + bottom) // 2 + 2, x : x + side] = 90


def _floor(floor: Floats, random: np.random.Generator) -> None:
    height, width = floor.shape
    level = random.uniform(80, 105)
    floor[:] = level + np.linspace(-12, 24, height, dtype=np.float32)[:, None]
    vanishing = (random.uniform(0.3, 0.7) * width, -height * 0.5)
    for foot in random.uniform(-0.3, 1.3, 4) * width:  # lane markings run to one point
        top = vanishing[0] + (foot - vanishing[0]) * (0 - vanishing[1]) / (height - vanishing[1])
        corners = np.array([(top - 1, 0), (top + 2, 0), (foot + 9, height), (foot - 9, height)])
        cv2.fillPoly(floor, [corners.round().astype(np.int32)], level + 65, cv2.LINE_AA)
    gloss = cloudy((width, height), random, 3)
    floor += 9 * gloss + 4 * cloudy((width, height), random, 24)


def _furniture(picture: Floats, horizon: int, random: np.random.Generator) -> None:
    """Cabinets, racks and pallets along the wall."""
    height, width = picture.shape
    for _ in range(9):
        x, wide = (
            round(random.uniform(-0.05, 0.95) * width),
            round(random.uniform(0.05, 0.16) * width),
        )
        tall = round(random.uniform(0.08, 0.3) * height)
        foot = horizon + round(random.uniform(-0.02, 0.1) * height)
        box(picture, (x, foot - tall, x + wide, foot), random.uniform(50, 150), random)


def box(
    picture: Floats,
    corners: tuple[int, int, int, int],
    level: float,
    random: np.random.Generator,
) -> None:
    """Put a cabinet with a lit top edge, doors and vents into a float picture."""
    left, top, right, bottom = corners
    shadow = picture[max(0, bottom - 2) : bottom + 8, max(0, left - 6) : max(0, right + 10)]
    shadow *= 0.6
    view = picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if not view.size:
        return
    high, wide = view.shape
    view[:] = level + np.linspace(12, -22, high, dtype=np.float32)[:, None]
    view[: max(2, high // 14)] += 28
    view[:, -max(1, wide // 10) :] -= 25
    for x in np.linspace(0, wide, int(random.integers(2, 5)))[1:-1]:
        view[high // 10 :, round(x) : round(x) + 2] -= 30
    if random.random() < 0.6:
        view[high // 5 : high // 2 : 5, wide // 6 : wide // 2] -= 22


def _vignette(width: int, height: int, random: np.random.Generator) -> Floats:
    """Return the light of the lamps and the lens's fall-off, as a factor."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns / width - 0.5, rows / height - 0.5
    light = 1.06 - 0.55 * (x**2 + y**2)
    for _ in range(3):
        at_x, at_y = random.uniform(-0.5, 0.5, 2)
        light += random.uniform(0.03, 0.12) * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 0.06)
    return cast(Floats, light)
