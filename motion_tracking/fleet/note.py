"""
How does one find the tracker of a machine, and prove that one may ask it?

`link.json` in the folder of the machine, for the owner's eyes only, beside the lock.  It may be
stale: a killed tracker leaves it.  Then nobody answers, or somebody who does not know the secret.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

NAME = "link.json"

PutPrivate = Callable[[Path, bytes], None]
"""Writes a file that only its owner may read, all or nothing; raises `OSError`."""


@dataclass(frozen=True, slots=True)
class Note:
    """Where a tracker answers, on loopback, and to whom; `pid` is the process that does."""

    port: int
    pid: int
    secret: str = field(repr=False)


def leave(folder: Path, note: Note, put_private: PutPrivate) -> None:
    """Say in the folder of a machine how its tracker is reached; raise `OSError`."""
    said = {"port": note.port, "pid": note.pid, "secret": note.secret}
    put_private(folder / NAME, json.dumps(said).encode("ascii"))


def find(folder: Path) -> Note | None:
    """Return what was said; None where nothing was, or is legible."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="ascii"))
        note = Note(int(said["port"]), int(said["pid"]), str(said["secret"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return note if 0 < note.port < 65536 and note.secret else None


def take_away(folder: Path, secret: str) -> None:
    """Drop the note, if it is still the one with this secret; raise `OSError`."""
    note = find(folder)
    if note is not None and note.secret == secret:
        (folder / NAME).unlink(missing_ok=True)
