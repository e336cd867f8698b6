"""
How does a changed INI file get to the disk, so that a crash leaves the old or the new one?
"""

import difflib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from motion_tracking.config import ini

RETRY_AFTER = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds.  Windows refuses to replace a file that Excel or a virus scanner holds open."""


class WriteError(Exception):
    """The file could not be written, and is as it was; the text says why, for people."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def read_bytes(path: Path) -> bytes:
    """Return what the file holds, nothing where there is none; raise `WriteError`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error.strerror}") from None


def changed_bytes(path: Path, read: bytes, section: str, values: Mapping[str, str]) -> bytes:
    """Return what the file would hold after `write_values`; raise `WriteError`."""
    try:
        return ini.edited(ini.scan(read), section, values)
    except ValueError as error:
        raise WriteError(f"{path} cannot be changed: {error}") from None


def difference(path: Path, before: bytes, after: bytes) -> str:
    """Return the unified diff of two versions of a file; empty when they are equal."""
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    return "\n".join(difflib.unified_diff(old, new, str(path), f"{path} (new)", lineterm="", n=2))


def write_values(
    path: Path,
    section: str,
    values: Mapping[str, str],
    read: bytes | None = None,
    retry_after: Sequence[float] = RETRY_AFTER,
) -> str:
    """
    Put values into one section of an INI file, and return the diff.

    `read` is what the file held when the values were decided on: should it hold something else
    by now, nothing is written.  The old file stays beside the new one, as `NAME.bak`.  Raise
    `WriteError`.
    """
    before = read_bytes(path) if read is None else read
    after = changed_bytes(path, before, section, values)
    if after != before:
        try:
            _exchange(path, before, after, retry_after)
        except OSError as error:
            raise WriteError(
                f"{path} cannot be written: {error.strerror or type(error).__name__}",
                "close other programs that have it open, and see that its folder may be written",
            ) from None
    return difference(path, before, after)


def _exchange(path: Path, before: bytes, after: bytes, retry_after: Sequence[float]) -> None:
    def still_ours() -> None:
        if read_bytes(path) != before:
            raise WriteError(
                f"{path} was changed by someone else meanwhile; nothing was written",
                "start again, so that the other change is kept",
            )

    still_ours()
    target = path.resolve()  # a link stays a link
    if target.exists():
        backup = target.with_name(target.name + ".bak")
        _replace(backup, before, target, retry_after, lambda: None)
    _replace(target, after, target, retry_after, still_ours)


def _replace(
    target: Path,
    data: bytes,
    model: Path,
    retry_after: Sequence[float],
    check: Callable[[], None],
) -> None:
    """
    Put `data` where `target` is, all or nothing, with the owner and the mode of `model`.

    `check` is called right before, each time, and may raise.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _take_after(temporary, model)
        for seconds in retry_after:
            check()
            try:
                temporary.replace(target)
            except PermissionError:
                Event().wait(seconds)
            else:
                break
        else:
            check()
            temporary.replace(target)
    except BaseException:
        with suppress(OSError):  # the first trouble is the one to tell of
            temporary.unlink()
        raise
    _sync_directory(target.parent)


def _take_after(temporary: Path, model: Path) -> None:
    """Give a new file the mode of the old, and its owner, so that root does not take it over."""
    if not model.exists():
        temporary.chmod(0o644)
        return
    status = model.stat()
    temporary.chmod(stat.S_IMODE(status.st_mode))
    if sys.platform != "win32":
        with suppress(OSError):  # only root may give files away
            os.chown(temporary, status.st_uid, status.st_gid)


def _sync_directory(directory: Path) -> None:
    """Make the renaming last through a power cut; Windows does so by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
