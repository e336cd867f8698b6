"""
Which part of a picture is compared, and what does it look like without its lighting?

A patch is the ROI with a ring of a fifth of its sides around it, made smaller, as its texture:
luma less the mean of its surroundings.  Slow changes of light are gone from a texture, and the
ring shows what happens to the whole picture, such as noise and shake.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import LIMITED_RANGE, Frame, Roi

Texture = NDArray[np.float32]
"""(height, width) grey levels above or below their surroundings."""

Mask = NDArray[np.bool_]

RING = 0.2
"""Of a side of the ROI: how far the ring reaches on each side."""

SURROUNDINGS = 15
"""Sides of the square whose mean is taken off, in pixels of the patch."""

_SQUARE = (SURROUNDINGS, SURROUNDINGS)

_FINE = 6
"""Bits after the point, of the sixteen in which a patch is made smaller."""

_STIFFNESS = 1e-3 * np.eye(3, dtype=np.float32)
"""Keeps a blank ring from explaining things by nothing."""

REGISTERED = 0.25
"""Pixels of a patch: the shift of a whole picture that first order bears."""

LARGEST = 160
"""Pixels of a patch's longer side; a larger one is made smaller still."""


@dataclass(frozen=True)
class Patch:
    """The patch of a ROI in pictures of `size` (width, height)."""

    roi: Roi
    size: tuple[int, int]

    @cached_property
    def outer(self) -> Roi:
        """The ROI and its ring, as far as the picture goes; whole multiples of `factor`."""
        across, down = round(RING * self.roi.width), round(RING * self.roi.height)
        x, y = max(0, self.roi.x - across), max(0, self.roi.y - down)
        right = min(self.size[0], self.roi.x + self.roi.width + across)
        bottom = min(self.size[1], self.roi.y + self.roi.height + down)
        width, height = (right - x) // self.factor, (bottom - y) // self.factor
        return Roi(x, y, max(1, width) * self.factor, max(1, height) * self.factor)

    @cached_property
    def factor(self) -> int:
        """Pixels of the picture along a side of one of the patch."""
        side = (1 + 2 * RING) * max(self.roi.width, self.roi.height)
        return 1 if min(self.roi.width, self.roi.height) < 8 else max(2, ceil(side / LARGEST))

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Height and width of a texture."""
        return self.outer.height // self.factor, self.outer.width // self.factor

    @cached_property
    def inside(self) -> Mask:
        """Which pixels of the patch are of the ROI."""
        inside = np.zeros(self.shape, np.bool_)
        top = (self.roi.y - self.outer.y) // self.factor
        left = (self.roi.x - self.outer.x) // self.factor
        rows = max(1, self.roi.height // self.factor)
        columns = max(1, self.roi.width // self.factor)
        inside[top : top + rows, left : left + columns] = True
        return inside

    def texture(self, frame: Frame) -> Texture:
        """Return the texture of a frame, shape `shape`, float32."""
        # in 64ths of a grey level: the mean over a square of pixels is finer than whole ones
        fine = np.left_shift(self.outer.cut(frame.luma), _FINE, dtype=np.uint16)
        height, width = self.shape
        small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
        around = cv2.blur(small, _SQUARE, borderType=cv2.BORDER_REFLECT)
        texture = cast(Texture, cv2.subtract(small, around, dtype=cv2.CV_32F))
        texture *= (1 if frame.full_range else LIMITED_RANGE) / (1 << _FINE)
        return texture


class Surroundings:
    """
    Takes out of differences what a shift or another gain of the whole picture explains.

    Both are fitted to the ring, to first order; a shift of more than that bears is taken back
    before.
    """

    def __init__(self, texture: Texture, ring: Texture) -> None:
        """`texture` is the newer picture; `ring` is 1 at pixels that no machine moves, else 0."""
        height, width = texture.shape
        terms = np.empty((3, height, width), np.float32)
        _steepness(texture, terms)
        terms[2] = texture
        self._texture = texture
        self._terms = terms.reshape(3, -1)
        self._seen = self._terms * ring.ravel()
        stiffness = _STIFFNESS * max(1.0, float(np.vdot(ring, ring)))
        self._solved = cv2.invert(self._seen @ self._terms.T + stiffness)[1]

    @property
    def slopes(self) -> Texture:
        """How steep the newer texture is across and down, (2, height * width)."""
        return self._terms[:2]

    def difference(self, before: Texture) -> Texture:
        """Return what is left of the difference to an earlier texture, shape as it."""
        flat = (self._texture - before).ravel()
        amounts = self._solved @ (self._seen @ flat)
        across, down = float(amounts[0]), float(amounts[1])
        if across * across + down * down > REGISTERED * REGISTERED:
            back = np.array([[1, 0, -across], [0, 1, -down]], np.float32)
            height, width = before.shape
            before = cast(
                Texture,
                cv2.warpAffine(before, back, (width, height), borderMode=cv2.BORDER_REPLICATE),
            )
            flat = (self._texture - before).ravel()
            amounts = self._solved @ (self._seen @ flat)
        flat -= amounts @ self._terms
        return flat.reshape(before.shape)


def slopes(texture: Texture) -> Texture:
    """Return how steep a texture is across and down, (2, height * width) grey levels a pixel."""
    found = np.empty((2, *texture.shape), np.float32)
    _steepness(texture, found)
    return found.reshape(2, -1)


def _steepness(texture: Texture, found: Texture) -> None:
    """Write the slopes into the first two layers of `found`."""
    cv2.Sobel(texture, cv2.CV_32F, 1, 0, dst=found[0], ksize=3, scale=1 / 8)
    cv2.Sobel(texture, cv2.CV_32F, 0, 1, dst=found[1], ksize=3, scale=1 / 8)
