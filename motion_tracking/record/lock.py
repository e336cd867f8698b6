"""
How is a machine tracked by one process only, and who is that?

The lock is the operating system's: it goes with its holder, however that one dies.  The number
of the process stands in a file of its own, since on Windows a locked file cannot be read.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

PATIENCE = 0.5
"""Seconds to wait for a lock: `holder` takes it for a moment to see whether it is free."""


class AlreadyTracked(Exception):  # noqa: N818 - it is a state of things, not a fault
    """Another process tracks the machine; `pid` is None where it cannot be told."""

    def __init__(self, machine: str, pid: int | None) -> None:
        by = "another process" if pid is None else f"process {pid}"
        super().__init__(f"{machine} is already tracked by {by}")
        self.machine = machine
        self.pid = pid


@contextmanager
def hold(machine_folder: Path, pid: int, patience: float = PATIENCE) -> Iterator[None]:
    """
    Hold the machine that the folder is named after, for the process `pid`.

    Raise `AlreadyTracked` where another process holds it and goes on to for `patience` seconds,
    `OSError` where the folder cannot be written.
    """
    machine_folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = _lock(machine_folder, patience).acquire()
    except Timeout:
        raise AlreadyTracked(machine_folder.name, _noted(machine_folder)) from None
    with lock:
        note = machine_folder / "tracker.pid"
        with suppress(OSError):  # a full disk: tracking matters more than to be known by number
            note.write_text(str(pid), encoding="ascii")
        try:
            yield
        finally:
            with suppress(OSError):  # somebody has it open; it says nothing without the lock
                note.unlink()


def holder(machine_folder: Path) -> int | None:
    """Return the number of the process that tracks the machine; None where none does."""
    if not (machine_folder / "tracker.lock").exists():
        return None
    try:
        with _lock(machine_folder, 0):
            return None
    except Timeout:
        return _noted(machine_folder)
    except OSError:  # a lock file of another user: believe the note
        return _noted(machine_folder)


def _lock(machine_folder: Path, timeout: float) -> FileLock:
    return FileLock(machine_folder / "tracker.lock", timeout, thread_local=False)


def _noted(machine_folder: Path) -> int | None:
    import psutil

    try:
        pid = int((machine_folder / "tracker.pid").read_text(encoding="ascii"))
        return pid if psutil.pid_exists(pid) else None  # else it was killed, and is one behind
    except (OSError, ValueError, OverflowError):  # not yet written, or half, or garbage
        return None
