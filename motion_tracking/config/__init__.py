"""
Configuration: which cameras are there, what is watched in each, and who is told?

`load` reads config_cam.ini, config_stream.ini and the environment into one frozen `Config`, and
never fails for what they hold: every mistake becomes a `Problem` with file, line, section, key and
what to do, and costs only the camera or notifier that needs the value.  Rooms take plain
arguments, so only commands import this room.  To add a key, add a line to `schema.py`.
"""

from motion_tracking.config.address import Address, hidden_in
from motion_tracking.config.cameras import Camera
from motion_tracking.config.directory import find_directory
from motion_tracking.config.loading import Config, load
from motion_tracking.config.notifications import Notifications
from motion_tracking.config.problems import Problem, Severity
from motion_tracking.config.recording import Recording
from motion_tracking.config.writing import WriteError, write_values

__all__ = [
    "Address",
    "Camera",
    "Config",
    "Notifications",
    "Problem",
    "Recording",
    "Severity",
    "WriteError",
    "find_directory",
    "hidden_in",
    "load",
    "write_values",
]
