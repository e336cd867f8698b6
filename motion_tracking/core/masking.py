"""
Which parts of a picture are none of the machine's business, and how does a detector not see them?

A passage, a lamp, a clock inside the ROI.  Their pixels get the grey of what is around them, in
each picture anew, so that nothing happens there and no edge stands out.  Sight goes on looking at
the whole picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.detectors import Detector
from motion_tracking.core.motion import Frame, Grey, Polygon

_AROUND = np.ones((5, 5), np.uint8)


@dataclass(frozen=True, eq=False)
class Ignored:
    """
    What is ignored: `shapes`, and the dark pixels of a `chart`, a grey picture of any size.

    A rectangle's second corner is exclusive, as that of the ROI.
    """

    shapes: Sequence[Polygon] = ()
    chart: Grey | None = None
    _known: dict[tuple[int, int], tuple[NDArray[np.bool_], NDArray[np.bool_]]] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def key(self) -> str:
        """What tells it from any other; empty where nothing is ignored."""
        if not self.shapes and self.chart is None:
            return ""
        digest = sha256(repr(tuple(self.shapes)).encode())
        if self.chart is not None:
            digest.update(repr(self.chart.shape).encode() + self.chart.tobytes())
        return digest.hexdigest()[:8]

    def pixels(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Return what is ignored of a picture of this (width, height), shape (height, width)."""
        return self._of(size)[0]

    def hide(self, frame: Frame) -> Frame:
        """Return the frame, and those before it, without what is ignored."""
        if not self.key:
            return frame
        earlier = tuple(replace(other, luma=self._hidden(other)) for other in frame.earlier)
        return replace(frame, luma=self._hidden(frame), earlier=earlier)

    def _hidden(self, frame: Frame) -> Grey:
        ignored, around = self._of(frame.size)
        luma = np.array(frame.luma)
        level = cv2.mean(luma, around.view(np.uint8))[0] if around.any() else 128.0
        luma[ignored] = round(level)
        return luma

    def _of(self, size: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        if size not in self._known:
            ignored = self._drawn(size)
            around = (cv2.dilate(ignored, _AROUND) > 0) & (ignored == 0)
            self._known[size] = (ignored > 0, around)
        return self._known[size]

    def _drawn(self, size: tuple[int, int]) -> Grey:
        width, height = size
        drawn = np.zeros((height, width), np.uint8)
        if self.chart is not None:
            chart = cv2.resize(self.chart, size, interpolation=cv2.INTER_NEAREST)
            drawn[chart < 128] = 1
        for shape in self.shapes:
            if len(shape) == 2:
                (left, right), (top, bottom) = (sorted(ends) for ends in zip(*shape, strict=True))
                drawn[max(0, top) : bottom, max(0, left) : right] = 1
            else:
                cv2.fillPoly(drawn, [np.array(shape, np.int32)], 1)
        return drawn


NOTHING = Ignored()


def written(shapes: Sequence[Polygon]) -> str:
    """Return shapes as the INI file has them."""
    return " | ".join(" ".join(f"{x},{y}" for x, y in shape) for shape in shapes)


class Masked:
    """A detector that does not see what is ignored."""

    def __init__(self, detector: Detector, ignored: Ignored) -> None:
        self._detector = detector
        self._ignored = ignored

    @property
    def lags(self) -> tuple[float, ...]:
        return self._detector.lags

    @property
    def passing(self) -> bool:
        return self._detector.passing

    def score(self, frame: Frame) -> int | None:
        """Return the changed pixels of the rest of the ROI."""
        return self._detector.score(self._ignored.hide(frame))

    def forget(self) -> None:
        """Drop all earlier frames."""
        self._detector.forget()


def hatched(picture: NDArray[np.uint8], ignored: NDArray[np.bool_]) -> None:
    """Draw stripes, dark and light, over what is ignored of a (height, width[, 3]) picture."""
    rows, columns = np.nonzero(ignored)
    phase = (rows + columns) % 12
    picture[rows[phase < 3], columns[phase < 3]] = 20
    picture[rows[(phase >= 3) & (phase < 5)], columns[(phase >= 3) & (phase < 5)]] = 235
