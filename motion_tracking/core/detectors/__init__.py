"""
Detectors: how much moved inside the ROI between two samples?

A detector is a class with `score` and `forget`; it keeps what it needs of earlier frames.
To add one, write one file and one line in `DETECTORS`; `tests/test_detectors.py` finds it.
"""

from importlib import import_module
from typing import Protocol, cast

from motion_tracking.core.motion import Frame, Roi


class Detector(Protocol):
    def score(self, frame: Frame) -> int | None:
        """Return the changed pixels of the ROI; None for the first frame, which has no past."""

    def forget(self) -> None:
        """Drop all earlier frames: the next one does not follow them."""


DETECTORS = {
    "difference": "motion_tracking.core.detectors.difference:Difference",
}


def open_detector(name: str, roi: Roi, pixel_threshold: int) -> Detector:
    """Build the detector of a name in `DETECTORS`; `pixel_threshold` in grey levels."""
    module, _, cls = DETECTORS[name].partition(":")
    return cast(Detector, getattr(import_module(module), cls)(roi, pixel_threshold))
