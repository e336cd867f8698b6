"""
How is a machine calibrated from the dashboard?
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from motion_tracking.commands.calibrating import Calibration, CameraError, View
from motion_tracking.commands.newcomer import Place, introduced
from motion_tracking.console import Failure, Settings
from motion_tracking.dashboard.refusals import RefusedError


@contextmanager
def recalibrated(directory: Path, machine: str, place: Mapping[str, str]) -> Iterator[Calibration]:
    """Hold the camera of a machine open; of a new one `place` has `channel` or `source`."""
    try:
        config, camera = introduced(
            Settings(directory), machine, Place(place.get("channel"), place.get("source"))
        )
    except Failure as failure:
        raise RefusedError(str(failure), failure.hint) from None
    view = View(camera)
    try:
        try:
            calibration = Calibration(config, camera, view)
        except CameraError as error:
            raise RefusedError(str(error), f"motion-track check {machine}") from None
        yield calibration
    finally:
        view.close()
