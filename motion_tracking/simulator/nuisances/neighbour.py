"""
What does another machine do, just outside the ROI?
"""

from typing import ClassVar

import numpy as np

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.simulator.machines import Pose
from motion_tracking.simulator.machines.flywheel import Flywheel
from motion_tracking.simulator.nuisances import Nuisance, Setting


class Neighbour(Nuisance):
    """A bright wheel right beside the ROI, which runs and stops as it likes."""

    words: ClassVar[str] = "a machine beside the ROI runs"
    gap: ClassVar[tuple[float, float]] = (40.0, 160.0)
    lasts: ClassVar[tuple[float, float]] = (40.0, 160.0)

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__(setting, random)
        self.box = _beside(setting)
        self._machine = Flywheel(self.box, random)
        self._ran = np.cumsum([0.0, *(span.end - span.start for span in self.spans)])

    def furnish(self, hall: Grey) -> None:
        self._machine.build(hall)

    def change(self, picture: Grey, at: float) -> Grey:
        """It stands there all the time; `act` would make it come and go."""
        passed = sum(span.end <= at for span in self.spans)
        n = self.now(at)
        ran = float(self._ran[passed]) + (0.0 if n is None else at - self.spans[n].start)
        self._machine.paint(picture, Pose(at, ran, n is not None))
        return picture


def _beside(setting: Setting) -> Roi:
    """Return a box that begins two pixels from the ROI, on the side that has more room."""
    roi, (width, height) = setting.roi, setting.size
    room = width - roi.x - roi.width - 4
    left = room < roi.x - 4
    side = min(max(room, roi.x - 4), round(height * 0.34))
    x = roi.x - side - 2 if left else roi.x + roi.width + 2
    y = min(max(0, roi.y + (roi.height - side) // 2), height - side)
    return Roi(x, y, side, side)
