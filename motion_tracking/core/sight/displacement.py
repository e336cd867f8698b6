"""
By how far, or by which angle, is a known view displaced in a picture?

Found as the peak of the correlation of two fields of slopes.  A view that is where it was has its
peak in the middle; one of which a part is covered has it there too, only lower.
"""

from dataclasses import dataclass, replace
from math import hypot
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.sight.likeness import Field, Reference

LEAST_PEAK = 0.2
"""Correlation of the displaced view that shows that it is the same view."""

BETTER = 1.25
"""Times as well as in its old place must it fit where it is supposed to be now."""

ANGLES = (2.5, -2.5, 5.0, -5.0, 7.5, -7.5, 10.0, -10.0, 15.0, -15.0, 20.0, -20.0)
"""Degrees that are tried."""


Spectrum = NDArray[np.float32]
"""(height, width, 2): that of a field, whose two slopes are taken for one complex number."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """So many pixels of the field, at a correlation of `peak`; `here` is that of the old place."""

    right: int
    down: int
    peak: float
    here: float

    @property
    def far(self) -> float:
        return hypot(self.right, self.down)

    @property
    def sure(self) -> bool:
        return self.peak > max(LEAST_PEAK, BETTER * self.here)


class Place:
    """Finds the view of a reference again."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._spectrum = _spectrum(reference.field)

    def held(self, field: Field) -> bool:
        """Whether it fits so well in its old place that no other can be `BETTER` by enough."""
        here = float(np.vdot(self._reference.field, field))
        return BETTER * here >= _scale(self._reference.total, field)

    def shift(self, field: Field) -> Displacement:
        """Return the shift at which the reference fits best."""
        scale = _scale(self._reference.total, field)
        return _best(self._spectrum, _spectrum(field), scale)

    def turned(self, field: Field) -> Reference | None:
        """Return the reference as it looks turned by some degrees and shifted, if that fits."""
        reference, seen = self._reference, _spectrum(field)
        scale = _scale(reference.total, field)
        here = _best(self._spectrum, seen, scale).here
        fields = [turn(reference.field, angle) for angle in ANGLES]
        tried = [_best(_spectrum(turned), seen, scale) for turned in fields]
        best = max(range(len(tried)), key=lambda n: tried[n].peak)
        if not replace(tried[best], here=here).sure:
            return None
        return shifted(Reference(fields[best], reference.fine), tried[best])


def shifted(reference: Reference, by: Displacement) -> Reference:
    """Return a reference as it looks displaced; what comes in at the edges left on the other."""
    step = (by.down, by.right)
    return Reference(np.roll(reference.field, step, (0, 1)), reference.fine)


def turn(field: Field, angle: float) -> Field:
    """Return the field of a view that is turned by so many degrees round its middle."""
    height, width = field.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(field, matrix, (width, height))
    return cast(Field, cv2.transform(turned, matrix[:, :2]))


def _spectrum(field: Field) -> Spectrum:
    return cast(Spectrum, cv2.dft(field))


def _best(known: Spectrum, seen: Spectrum, scale: float) -> Displacement:
    both = cv2.mulSpectrums(seen, known, 0, conjB=True)
    fit = cv2.dft(both, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)[..., 0]
    place = int(np.argmax(fit))
    height, width = fit.shape
    y, x = divmod(place, width)
    right, down = (x + width // 2) % width - width // 2, (y + height // 2) % height - height // 2
    return Displacement(right, down, float(fit[y, x]) / scale, float(fit[0, 0]) / scale)


def _scale(total: float, field: Field) -> float:
    """Return what fields of these powers would come to if they were alike, the most there is."""
    return cast(float, (total * float(np.vdot(field, field)) + 1e-6) ** 0.5)
