"""
How pale is the picture now, as a multiple of how it was at calibration?

Judged by how steep its still parts are: as a regression on how steep they were, so that noise,
which is in the new picture only, does not count.
"""

import numpy as np

from motion_tracking.core.patches import Mask, Texture, slopes

LEAST_STATIC = 50
"""Pixels of a patch below which nothing is said of its contrast."""

LEAST_DEVIATION = 1.0
"""Grey levels of a texture, likewise: a blank wall is not pale, it is blank."""


class Contrast:
    """Compares with the texture of the still parts as they were."""

    def __init__(self, texture: Texture, static: Mask, least: float = 1.0) -> None:
        """`least` is the contrast that counts as 1: the least of what calibration saw."""
        known = slopes(texture) * static.ravel()
        count = np.count_nonzero(static)
        blank = count < LEAST_STATIC or float(np.std(texture[static])) < LEAST_DEVIATION
        self._known = None if blank else (known / (float(np.vdot(known, known)) * least)).ravel()

    def of(self, seen: Texture) -> float:
        """Return the contrast of a picture with these slopes, (2, height * width)."""
        return 1.0 if self._known is None else float(np.dot(self._known, seen.ravel()))
