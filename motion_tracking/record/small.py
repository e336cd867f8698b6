"""
How does a small file get to the disk: all or nothing, and, where it must be, for its owner only?
"""

import getpass
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file that appears whole, or not at all; raise `OSError`."""
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if not mode & 0o077:
                shut(Path(aside))  # before a secret is in it
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(mode)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def put_private(path: Path, content: bytes) -> None:
    """Write a file that nobody but the present user may read; raise `OSError`."""
    put(path, content, 0o600)


def shut(path: Path, platform: str = sys.platform) -> None:
    """
    Keep other users of this computer from reading a file; raise `OSError`.

    Elsewhere `mkstemp` has done so.  On Windows a file takes after its folder, which may be open
    to all: there it is given to the present user alone.
    """
    if platform != "win32":
        return
    command = ["icacls", str(path), "/inheritance:r", "/grant:r", f"{getpass.getuser()}:F"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise PermissionError(f"{path.name}: other users could not be shut out")
