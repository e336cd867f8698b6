"""
Where are changes safe while the history refuses them?

In a file elsewhere, best on another disk: a line of JSON for each, behind its CRC, on the disk
before anything else is done.  Each machine has a file of its own, which only the process that
tracks it touches.  A file that was cut, zeroed or scribbled over gives back each whole line.
"""

import json
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from errno import ENOSPC
from pathlib import Path
from typing import Any
from zlib import crc32

from motion_tracking.core.changes import Change
from motion_tracking.record.boot import boot_id
from motion_tracking.record.chain import FACTS, change_of, facts

log = logging.getLogger(__name__)

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_OWN = getattr(os, "O_NOFOLLOW", 0)
"""In a folder that others write to, a link may lead anywhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A change on its way into the history, and who is to be told of it.

    `boot_id` is that of its monotonic time, where it is not this one; `number` its place in the
    file that it comes from.
    """

    change: Change
    notifiers: Collection[str] = ()
    machineid: int = 0
    recorder: str = ""
    boot_id: str = ""
    number: int = 0


class Spill:
    """The files of some machines, in the first of some folders that takes them."""

    def __init__(self, folders: Sequence[Path], machines: Collection[str]) -> None:
        """Make nothing yet; the folders are made where they are needed."""
        self.where = ""
        self._folders = folders
        self._machines = machines
        self._boot_id = boot_id()
        self._number = 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Write changes down; when it returns, a disk has them.  Raise `OSError` if none does."""
        for entry in entries:
            self._number += 1
            line = _line(replace(entry, number=self._number), entry.boot_id or self._boot_id)
            self._write(f"{entry.change.machine}.jsonl", line)

    def read(self, machine: str | None = None) -> list[Entry]:
        """Return what waits, in order; of all machines, or of one.  Never raises."""
        entries: list[Entry] = []
        for name in self._machines if machine is None else [machine]:
            found = [entry for path in self._files(name) for entry in _entries(path)]
            entries += sorted(found, key=lambda entry: entry.number)
        self._number = max([self._number, *(entry.number for entry in entries)])
        return entries

    def clear(self) -> None:
        """Forget everything; what cannot be removed is known to the history anyway."""
        for name in self._machines:
            for path in self._files(name):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _files(self, machine: str) -> Iterator[Path]:
        for folder in self._folders:
            path = folder / f"{machine}.jsonl"
            with suppress(OSError):
                if path.exists() and _ours(folder.stat()):
                    self.where = self.where or str(folder)
                    yield path

    def _write(self, name: str, line: bytes) -> None:
        refused: OSError = OSError(ENOSPC, "there is no folder to write to")
        for folder in self._folders:
            try:
                _append(folder, name, line)
            except OSError as error:
                refused = error
            else:
                self.where = str(folder)
                return
        raise refused


def _append(folder: Path, name: str, line: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _ours(folder.stat()):
        raise PermissionError(f"{folder} belongs to somebody else")
    path = folder / name
    new = not path.exists()
    handle = os.open(path, _APPEND | _OWN, 0o600)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        # a power cut may have left half a line
        data = line if _ends_well(handle, size) else b"\n" + line
        try:
            if os.write(handle, data) < len(data):  # a disk that is nearly full takes only a part
                raise OSError(ENOSPC, os.strerror(ENOSPC), str(path))
            os.fsync(handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    if new:
        settle(folder)


def _ends_well(handle: int, size: int) -> bool:
    if size == 0:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def settle(folder: Path) -> None:
    """Put the name of a new file on the disk too; Windows has no such call."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _ours(about: os.stat_result) -> bool:
    """Whether a folder is our own: nobody else may put changes into our history."""
    return not hasattr(os, "geteuid") or about.st_uid == os.geteuid()


def _line(entry: Entry, boot: str) -> bytes:
    values = dict(zip(FACTS, facts(entry.change, boot), strict=True))
    held = {
        "number": entry.number,
        "machine": entry.change.machine,
        **values,
        "notifiers": [*entry.notifiers],
        "machineid": entry.machineid,
        "recorder": entry.recorder,
    }
    text = json.dumps(held, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (crc32(text), text)


def _entries(path: Path) -> Iterator[Entry]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        log.warning("%s cannot be read: %s", path, error)
        return
    damaged = 0
    for line in filter(None, lines):
        entry = parse(line)
        if entry is None:
            damaged += 1
        else:
            yield entry
    if damaged:
        log.warning("%s: %d damaged lines are left out", path, damaged)


def parse(line: bytes) -> Entry | None:
    """Read a line without its end; None for anything but a whole one.  Never raises."""
    crc, _, text = line.partition(b" ")
    if crc != b"%08x" % crc32(text):
        return None
    try:
        return _entry(json.loads(text))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None  # somebody made the sum fit


def _entry(held: dict[str, Any]) -> Entry:
    return Entry(
        change_of(held),
        tuple(str(name) for name in held["notifiers"]),
        int(held["machineid"]),
        str(held["recorder"]),
        str(held["boot_id"]),
        int(held["number"]),
    )
