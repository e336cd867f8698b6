"""
Which files of video has nobody put into the history yet?

Those of somebody who was killed: in the midst of a clip, or between its last byte and its row.
Their names say what they are.  Nothing else in the folder is touched, and of a machine only by
who tracks it.
"""

import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from motion_tracking.core.clips import JPEG, Clip, Trigger
from motion_tracking.record.clips import Audience, Shown
from motion_tracking.record.history import History
from motion_tracking.record.remux import length, mend
from motion_tracking.record.retention import DRAFT, DRAFTS

log = logging.getLogger(__name__)

_NAME = re.compile(
    r"(?P<machine>[A-Za-z0-9_-]{1,64})-(?P<at>\d{8}T\d{9})Z-(?P<trigger>[a-z_]+)\.(?:mp4|jpg)"
)
_STAMP = "%Y%m%dT%H%M%S%f"


def file_name(machine: str, start: datetime, trigger: Trigger, kind: str = "mp4") -> str:
    """Return the name of a clip or, of kind `jpg`, a picture; to the millisecond, in UTC."""
    return f"{machine}-{start.astimezone(UTC).strftime(_STAMP)[:-3]}Z-{trigger}.{kind}"


def adopt(folder: Path, machines: Mapping[str, Audience], history: History, at: datetime) -> int:
    """
    Put what was left of these machines in order, and into the history; return how many there were.

    Rows whose file has gone say so from now on.  Raises `OSError`.
    """
    mended = list(_mended(folder, machines))
    known = history.clip_files()
    found = [
        path
        for machine in machines
        for path in sorted((folder / machine).glob("*-*Z-*.*"))
        if f"{machine}/{path.name}" not in known and _NAME.fullmatch(path.name)
    ]
    for path in found:
        clip, shown = _described(folder, path)
        if clip.seconds > 0 or clip.is_picture:
            history.add_clip(clip, [replace(shown, audience=machines[shown.machine])])
            log.info("clip %s was left from before", clip.file)
    if folder.is_dir():  # else the disk has gone, and may come back
        for clip in history.clips(machines):
            if not (folder / clip.file).exists() and not (Path(clip.folder) / clip.file).exists():
                history.clip_removed(clip.id, at)
    return len({*mended, *found})


def _mended(folder: Path, machines: Collection[str]) -> Iterator[Path]:
    """Make clips of drafts, as far as they can be played, and remove the rest."""
    for path in sorted((folder / DRAFTS).glob(f"*{DRAFT}")):
        name = path.name.removesuffix(DRAFT)
        parts = _NAME.fullmatch(name)
        if parts is None or parts["machine"] not in machines:
            continue
        if name.endswith(".jpg") or mend(path) == 0:
            path.unlink()
            continue
        final = folder / parts["machine"] / name
        final.parent.mkdir(parents=True, exist_ok=True)
        path.replace(final)
        yield final


def _described(folder: Path, path: Path) -> tuple[Clip, Shown]:
    parts = _NAME.fullmatch(path.name)
    assert parts is not None
    start = datetime.strptime(parts["at"] + "000", _STAMP).replace(tzinfo=UTC)
    seconds, size, codec = length(path)
    if path.suffix == ".jpg":
        seconds, codec = 0.0, JPEG
    trigger = Trigger(parts["trigger"]) if parts["trigger"] in {*Trigger} else Trigger.MANUAL
    machine = parts["machine"]
    clip = Clip(
        0,
        f"{path.parent.name}/{path.name}",
        folder.as_posix(),
        start,
        start + timedelta(seconds=seconds),
        path.stat().st_size,
        codec,
        size,
    )
    return clip, Shown(machine, trigger, start)
