"""
How is this computer restarted or shut down, where the dashboard may do that?

By fixed lists of arguments: nothing that came over the network is in them, and there is no shell.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from motion_tracking.dashboard.refusals import RefusedError

LONGEST = 20.0
"""Seconds; a system that obeys answers at once."""

LONGEST_TEXT = 200

UNIX = {
    "restart": (("systemctl", "--no-ask-password", "reboot"), ("shutdown", "-r", "now")),
    "shut down": (("systemctl", "--no-ask-password", "poweroff"), ("shutdown", "-h", "now")),
}

WINDOWS = {
    "restart": (("shutdown.exe", "/r", "/t", "5"),),
    "shut down": (("shutdown.exe", "/s", "/t", "5"),),
}
"""It waits five seconds, in which the page hears of it."""

SYSTEM_FOLDERS = ("/usr/sbin", "/sbin")
"""On Unix also looked into, since the path of a service may not name them."""


class ThisComputer:
    """What we run on; see `dashboard.host.Computer`."""

    def __init__(
        self,
        allowed: bool,
        environ: Mapping[str, str] = os.environ,
        platform: str = sys.platform,
    ) -> None:
        """Take whether the configuration allows it, and where its programs are to be found."""
        self.allowed = allowed
        self.name = socket.gethostname()
        self._environ = environ
        self._windows = platform == "win32"

    def restart(self) -> None:
        """End everything, and come back."""
        self._do("restart")

    def shut_down(self) -> None:
        """End everything; who wants it back goes there and switches it on."""
        self._do("shut down")

    def _do(self, what: str) -> None:
        """Try each way there is; tell of the first that failed."""
        if not self.allowed:
            raise RefusedError("the configuration does not allow that")
        troubles = []
        for name, *arguments in (WINDOWS if self._windows else UNIX)[what]:
            program = self._found(name)
            trouble = None if program is None else _trouble([program, *arguments])
            if program is not None and trouble is None:
                return
            troubles.append(f"there is no {name}" if trouble is None else trouble)
        text = next((t for t in troubles if not t.startswith("there is no")), troubles[0])
        hint = "the account that the dashboard runs under may have to be given the right to"
        raise RefusedError(f"this computer did not {what}: {text}", f"{hint} {what} it")

    def _found(self, name: str) -> str | None:
        """Return the program of a name; on Windows that of the system and no other."""
        if self._windows:
            folder = Path(self._environ.get("SystemRoot", r"C:\Windows"), "System32")
            return str(folder / name) if (folder / name).is_file() else None
        path = os.pathsep.join([self._environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])
        return shutil.which(name, path=path)


def _trouble(command: list[str]) -> str | None:
    """Run a command; return None where it went well, else why it did not."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {LONGEST:.0f} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    said = lines[-1] if lines else f"code {done.returncode}"
    return "".join(letter if letter.isprintable() else " " for letter in said)[:LONGEST_TEXT]
