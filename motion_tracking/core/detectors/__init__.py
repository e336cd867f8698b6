"""
Detectors: how much moved inside the ROI between two samples?

A detector is a class with `score` and `forget`; it keeps what it needs of earlier frames.
To add one, write one file and one line in `DETECTORS`; `tests/test_detectors.py` finds it.
"""

from typing import Protocol

from motion_tracking.core.motion import Frame


class Detector(Protocol):
    def score(self, frame: Frame) -> int | None:
        """Return the changed pixels of the ROI; None for the first frame, which has no past."""

    def forget(self) -> None:
        """Drop all earlier frames: the next one does not follow them."""


DETECTORS = {
    "difference": "motion_tracking.core.detectors.difference:Difference",
}
