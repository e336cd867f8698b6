"""
How is a part laid over the picture at any fraction of a pixel?
"""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey


class Layer:
    """A part of a machine: grey levels and how much each pixel covers, both (height, width)."""

    def __init__(
        self, levels: NDArray[np.float32], cover: NDArray[np.float32] | None = None
    ) -> None:
        """Take levels 0..255, and cover 0..1; without one the part is a full rectangle."""
        self._levels = np.clip(levels, 0, 255).astype(np.uint8)
        self._cover = np.ones(levels.shape, np.float32) if cover is None else cover

    def put(self, view: Grey, matrix: NDArray[np.float64]) -> None:
        """Lay it over a view of the picture, moved by a 2x3 matrix, its pixels to the view's."""
        size = view.shape[1], view.shape[0]
        levels = cv2.warpAffine(
            self._levels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        cover = cv2.warpAffine(self._cover, matrix, size, flags=cv2.INTER_LINEAR)
        view[:] = cv2.blendLinear(levels, view.copy(), cover, 1.0 - cover)

    def shift(self, view: Grey, x: float, y: float) -> None:
        """Lay it over a view, its upper left corner at (x, y)."""
        self.put(view, np.array([[1.0, 0.0, x], [0.0, 1.0, y]]))


def disc(
    side: int, radius: float, centre: tuple[float, float] | None = None
) -> NDArray[np.float32]:
    """Return a round cover with a soft edge, (side, side)."""
    x, y = centre or ((side - 1) / 2, (side - 1) / 2)
    rows, columns = np.mgrid[0:side, 0:side]
    return cast(
        NDArray[np.float32],
        np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1).astype(np.float32),
    )
