"""
What is ignored of a camera's picture, as the configuration says?
"""

from pathlib import Path

from motion_tracking.config import Camera
from motion_tracking.config.directory import base_folder
from motion_tracking.console import Failure
from motion_tracking.core.masking import Ignored
from motion_tracking.core.motion import Grey


def ignored_of(directory: Path, camera: Camera) -> Ignored:
    """Return what a camera ignores; raise `Failure` where its mask cannot be read."""
    chart = None
    if camera.mask_file is not None:
        chart = _chart(base_folder(directory) / camera.mask_file, camera.name)
    return Ignored(camera.mask or (), chart)


def _chart(path: Path, name: str) -> Grey:
    import cv2
    import numpy as np

    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        why, hint = error.strerror, "a relative path counts from the folder above config"
    else:
        # imread cannot open paths with other than ASCII letters on Windows
        chart = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
        if chart is not None:
            return np.asarray(chart, np.uint8)
        why, hint = "it is no picture", "save it as PGM or PNG"
    raise Failure(f"[{name}] mask_file {path} cannot be used: {why}", hint)
