"""
A person at the command line, in the process of the test.

    desk.configure({"press1": {"channel": 802, ...}})
    assert desk.run("cameras", "--names").stdout == "press1\n"
"""

import os
import subprocess
from pathlib import Path

import pytest

from motion_tracking.cli import cli
from motion_tracking.commands.ending import guarded
from servers.plant import PATIENCE, Plant

AREA = {"ix": 10, "iy": 20, "ix2": 110, "iy2": 70}
PRESS = {"channel": 802, "threshold": 300, **AREA}
"""A camera that can be tracked, if it answers."""

STREAM = {"ip_address": "127.0.0.1", "port": 1, "username": "viewer", "password": "hunter2"}
"""A recorder that does not answer."""


class Desk(Plant):
    """The folder of a user, who is in it and whose environment says nothing."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str]
    ) -> None:
        super().__init__(folder)
        self._printed = printed
        for name in os.environ:
            if name.startswith("MOTION_TRACK_") or name in ("RTSP_URL", "VIDEO_DIR", "NO_COLOR"):
                patch.delenv(name)
        # whoever runs the tests has no configuration at home either
        for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder / "home"))
        patch.chdir(folder)

    def run(self, *arguments: str, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, here and not in a process of its own."""
        self._printed.readouterr()
        code = guarded(cli, list(arguments))
        out, err = self._printed.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)
