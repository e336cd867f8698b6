"""
Which part of a picture is compared, and what does it look like without its lighting?

A patch is the ROI with a ring of a fifth of its sides around it, made smaller, as its texture:
luma less the mean of its surroundings.  Slow changes of light are gone from a texture, and the
ring shows what happens to the whole picture, such as noise and shake.
"""

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import cast
from weakref import ref

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import LIMITED_RANGE, Frame, Grey, Roi

Texture = NDArray[np.float32]
"""(height, width) grey levels above or below their surroundings."""

Mask = NDArray[np.bool_]

RING = 0.2
"""Of a side of the ROI: how far the ring reaches on each side."""

SURROUNDINGS = 15
"""Sides of the square whose mean is taken off, in pixels of the patch."""

_SQUARE = (SURROUNDINGS, SURROUNDINGS)

_ACROSS = np.outer((1, 2, 1), (-1, 0, 1)).astype(np.float32) / 8

_SLOPES = _ACROSS, np.ascontiguousarray(_ACROSS.T)
"""Sobel's squares; as whole squares a small picture takes them faster than in two rounds."""

_STIFFNESS = 1e-3 * np.eye(3, dtype=np.float32)
"""Keeps a blank ring from explaining things by nothing."""

MADE = 8
"""Textures that are kept, in case that their frames come again."""

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

    @cached_property
    def ring(self) -> Texture:
        """How much each pixel counts of what surrounds the ROI, shape `shape`; the sum is 1."""
        around = (~self.inside).astype(np.float32)
        return cast(Texture, around / max(1.0, float(around.sum())))

    def texture(self, frame: Frame) -> Texture:
        """Return the texture of a frame, shape `shape`, float32."""
        height, width = self.shape
        # the mean over a square of pixels is finer than whole grey levels
        fine = self.outer.cut(frame.luma).astype(np.float32)
        texture = cast(Texture, cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA))
        texture -= cv2.blur(texture, _SQUARE, borderType=cv2.BORDER_REFLECT)
        if not frame.full_range:
            texture *= LIMITED_RANGE
        return texture


class Textures:
    """
    Makes the textures of one patch, each once.

    What is a sample now is a companion of a later one: with the lag of 1.1 s of many, as two
    steps of the golden ratio take 1.118 s, and on slow cameras, which have few pictures, mostly.
    Told by its array and not by its time: two frames that came at once have the same.
    """

    def __init__(self, patch: Patch) -> None:
        self._patch = patch
        self._made: deque[tuple[ref[Grey], Texture]] = deque(maxlen=MADE)

    def of(self, frame: Frame) -> Texture:
        """Return the texture of a frame; it may be handed out again, so do not write to it."""
        for luma, texture in self._made:
            if luma() is frame.luma:
                return texture
        texture = self._patch.texture(frame)
        self._made.append((ref(frame.luma), texture))
        return texture


class Surroundings:
    """
    Takes out of differences what a shift or another gain of the whole picture explains.

    Both are fitted to the ring, to first order; a shift of more than that bears is taken back
    before.
    """

    def __init__(self, texture: Texture, ring: Texture) -> None:
        """`texture` is the newer picture; `ring` says how much each pixel counts, 1 in all."""
        terms = np.empty((3, *texture.shape), np.float32)
        _steepness(texture, terms)
        terms[2] = texture
        self._texture = texture
        self._terms = terms.reshape(3, -1)
        self._seen = self._terms * ring.ravel()
        self._solved = cv2.invert(self._seen.dot(self._terms.T) + _STIFFNESS)[1]

    @property
    def slopes(self) -> Texture:
        """How steep the newer texture is across and down, (2, height * width)."""
        return self._terms[:2]

    def difference(self, before: Texture) -> Texture:
        """Return what is left of the difference to an earlier texture, shape as it."""
        left, amounts = self._fitted(before)
        across, down = float(amounts[0]), float(amounts[1])
        if across * across + down * down > REGISTERED * REGISTERED:
            back = np.array([[1, 0, -across], [0, 1, -down]], np.float32)
            size, border = before.shape[::-1], cv2.BORDER_REPLICATE
            before = cast(Texture, cv2.warpAffine(before, back, size, borderMode=border))
            left, amounts = self._fitted(before)
        left -= amounts.dot(self._terms)
        return left.reshape(before.shape)

    def _fitted(self, before: Texture) -> tuple[Texture, Texture]:
        """Return the difference, flat, and how much of each of the terms is in it."""
        flat = (self._texture - before).ravel()
        return flat, self._solved.dot(self._seen.dot(flat))


def slopes(texture: Texture) -> Texture:
    """Return how steep a texture is across and down, (2, height * width) grey levels a pixel."""
    found = np.empty((2, *texture.shape), np.float32)
    _steepness(texture, found)
    return found.reshape(2, -1)


def _steepness(texture: Texture, found: Texture) -> None:
    """Write the slopes into the first two layers of `found`."""
    for layer, slope in zip(found, _SLOPES, strict=False):
        cv2.filter2D(texture, cv2.CV_32F, slope, dst=layer)
