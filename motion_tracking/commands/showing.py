"""
Which clips and pictures of a machine can the dashboard show, and how does one get rid of them?

Files are found by their number in the history, or by their name in a list; never by a path.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from motion_tracking.commands.ordering import Ordered
from motion_tracking.commands.premises import NothingYetError
from motion_tracking.commands.shelving import shelf
from motion_tracking.core.clips import Clip
from motion_tracking.dashboard.plant import File, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.small import put

Json = Any

SNAPSHOTS = 200
"""Of a machine, that are kept; the oldest go."""

SNAPSHOT = {"picture": True, "width": 1920, "quality": 90}

MOST = 20
"""Of each kind, that are shown of a moment."""

LONGEST_NUMBER = 15
"""Digits."""


class Shown(Ordered):
    """What was kept of what the cameras saw."""

    def clips(self, machine: str, span: Range) -> dict[str, Json]:
        found = self._clips(machine, span.start, span.end)
        return {
            "available": self._is_filmed(machine) or bool(found),
            "clips": [_clip(machine, clip) for clip in found if not clip.is_picture],
            "pictures": [_clip(machine, clip) for clip in found if clip.is_picture],
        }

    def clip(self, machine: str, number: str) -> File:
        clip = self._numbered(machine, number)
        kind = "image/jpeg" if clip.is_picture else "video/mp4"
        return File(kind, Path(clip.file).name, path=self._file(clip))

    def around(self, machine: str, at: datetime, seconds: float) -> dict[str, Json]:
        reach = timedelta(seconds=seconds)
        found = sorted(
            self._clips(machine, at - reach, at + reach), key=lambda clip: _distance(clip, at)
        )
        shots = [(path, _taken_at(path)) for path in self._pictures(machine)]
        near = sorted((abs(when - at), path) for path, when in shots if abs(when - at) <= reach)
        return {
            "available": self._is_filmed(machine) or bool(found),
            "clips": [
                _clip(machine, clip) | {"offset_s": round(_offset(clip, at), 3)}
                for clip in found
                if not clip.is_picture
            ][:MOST],
            "pictures": [_clip(machine, clip) for clip in found if clip.is_picture][:MOST],
            "snapshots": [_snapshot(path) for _, path in near[:MOST]],
        }

    def delete_clips(self, machine: str) -> int:
        try:
            return self._remove(list(self._all(machine)))
        except NothingYetError:
            return 0

    def delete_clip(self, machine: str, number: str) -> None:
        self._remove([self._numbered(machine, number)])

    def snapshots(self, machine: str) -> Sequence[Json]:
        return [_snapshot(path) for path in reversed(self._pictures(machine))]

    def snapshot(self, machine: str, number: str) -> File:
        for path in self._pictures(machine):
            if path.stem == number:
                return File("image/jpeg", f"{machine}-{path.name}", path=path)
        raise NotThereError("there is no such picture")

    def take_snapshot(self, machine: str) -> Json:
        _, picture = self.look(machine, SNAPSHOT)
        if not picture:
            raise RefusedError("there is no picture just now")
        folder = self._folder(machine) / "snapshots"
        path = folder / f"{self._moment():%Y%m%dT%H%M%S%f}Z.jpg"
        try:
            folder.mkdir(exist_ok=True)
            put(path, picture)
            for old in self._pictures(machine)[:-SNAPSHOTS]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise RefusedError(f"it cannot be written: {error.strerror}") from None
        return _snapshot(path)

    def _is_filmed(self, machine: str) -> bool:
        """Whether anything is kept of what a machine's camera sends."""
        camera, recording = self._camera(machine), self._config.recording
        return bool(recording.of(camera) or recording.pictures)

    def _clips(self, machine: str, start: datetime, end: datetime) -> list[Clip]:
        """Return clips and pictures of a time whose files are there, newest first."""
        found: list[Clip] = []
        with suppress(NothingYetError), self._history() as history:
            found = history.clips([machine], since=start, until=end)
        shelved = shelf(self._config)
        return [clip for clip in found if shelved.path(clip).is_file()]

    def _all(self, machine: str) -> Iterator[Clip]:
        with self._history() as history:
            yield from history.clips([machine])

    def _numbered(self, machine: str, number: str) -> Clip:
        if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
            with suppress(NothingYetError), self._history() as history:
                clip = history.clip(int(number))
                if clip is not None and machine in clip.machines:
                    return clip
        raise NotThereError("there is no such clip")

    def _file(self, clip: Clip) -> Path:
        """Return the file of a clip; the history may be anybody's, so not of anything else."""
        shelved = shelf(self._config)
        path = shelved.path(clip)
        right = path.suffix == (".jpg" if clip.is_picture else ".mp4")
        below = any(
            path.resolve().is_relative_to(folder.resolve())
            for folder in (shelved.folder, Path(clip.folder))
        )
        if not (right and below and path.is_file()):
            raise NotThereError("the file of this clip is gone")
        return path

    def _remove(self, doomed: Sequence[Clip]) -> int:
        shelved, at, removed = shelf(self._config), self._moment(), 0
        try:
            with self._history(read_only=False) as history:
                for clip in doomed:
                    self._file_if_any(clip)
                    shelved.remove(history, clip, at)
                    removed += 1
        except OSError as error:  # on Windows while somebody watches it
            text = f"a clip cannot be removed: {error.strerror}"
            raise RefusedError(text, f"{removed} of {len(doomed)} were removed") from None
        return removed

    def _file_if_any(self, clip: Clip) -> None:
        """Refuse to remove a file that is no clip."""
        if shelf(self._config).path(clip).exists():
            self._file(clip)

    def _pictures(self, machine: str) -> list[Path]:
        return sorted((self._folder(machine) / "snapshots").glob("*Z.jpg"))


def _clip(machine: str, clip: Clip) -> Json:
    return {
        "id": str(clip.id),
        "start": clip.start.isoformat(),
        "end": clip.end.isoformat(),
        "bytes": clip.bytes,
        "why": clip.triggers,
        "machines": list(clip.machines),
        "codec": clip.codec,
        "size": list(clip.size),
        "url": f"api/machines/{machine}/clips/{clip.id}",
    }


def _offset(clip: Clip, at: datetime) -> float:
    """Return how many seconds of a clip come before a moment."""
    return min(max(0.0, (at - clip.start).total_seconds()), clip.seconds)


def _distance(clip: Clip, at: datetime) -> timedelta:
    return max(clip.start - at, at - clip.end, timedelta())


def _taken_at(path: Path) -> datetime:
    return datetime.strptime(path.stem, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def _snapshot(path: Path) -> Json:
    url = f"api/machines/{path.parents[1].name}/snapshots/{path.stem}"
    return {"id": path.stem, "at": _taken_at(path).isoformat(), "url": url}
