"""
Detectors: how much moved inside the ROI between two samples?

A detector is a class with `lags`, `passing`, `score` and `forget`; it keeps what it needs of
earlier frames.
To add one, write one file and one line in `DETECTORS`; `tests/test_detectors.py` finds it.
"""

from importlib import import_module
from typing import Protocol, cast

from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.profile import Profile


class Detector(Protocol):
    @property
    def lags(self) -> tuple[float, ...]:
        """Seconds: samples are to bring the frames so long before them in `Frame.earlier`."""

    @property
    def passing(self) -> bool:
        """Whether the last sample shows something that passes, and is no part of the machine."""

    def score(self, frame: Frame) -> int | None:
        """Return the changed pixels of the ROI; None for a sample that has no past."""

    def forget(self) -> None:
        """Drop all earlier frames: the next one does not follow them."""


DETECTORS = {
    "difference": "motion_tracking.core.detectors.difference:Difference",
    "calibrated": "motion_tracking.core.detectors.calibrated:Calibrated",
}
"""`difference` needs no more than a ROI; `calibrated` is built from a `Profile`."""


def open_detector(
    name: str, roi: Roi, pixel_threshold: int, profile: Profile | None = None
) -> Detector:
    """
    Build the detector of a name in `DETECTORS`; `pixel_threshold` in grey levels.

    Raise `ValueError` where a profile is needed and there is none.
    """
    module, _, cls = DETECTORS[name].partition(":")
    detector = getattr(import_module(module), cls)
    if name != "calibrated":
        return cast(Detector, detector(roi, pixel_threshold))
    if profile is None:
        raise ValueError("the calibrated detector needs a profile")
    return cast(Detector, detector(profile))
