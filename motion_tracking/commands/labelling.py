"""
What do people say a machine really did, and does a clip show it, so that `evaluate` can measure?

A clip of such a time is copied beside its labels, for it goes with its age, and labels do not.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motion_tracking.commands.premises import corners_of
from motion_tracking.commands.shelving import copied, shelf
from motion_tracking.commands.showing import Shown
from motion_tracking.core.clips import Clip
from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.plant import Range
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.record.labels import Label, add_label, as_truth, labels
from motion_tracking.record.small import put

Json = Any

LABELLED = "labelled"
"""The folder, beside that of the logs, of clips with their labels."""


class Labelled(Shown):
    """What people said of the machines."""

    def labels(self, machine: str) -> Sequence[Json]:
        return [_label(label) for label in reversed(labels(self._folder(machine)))]

    def add_label(self, machine: str, span: Range, said: Mapping[str, str]) -> Json:
        state = MachineState(said["state"])
        label = Label(span.start, span.end, state, said["note"], said["by"], self._moment())
        with self._writing:
            try:
                add_label(self._folder(machine), label)
            except OSError as error:
                raise RefusedError(f"it cannot be written: {error.strerror}") from None
            return _label(label) | {"evaluation": self._exported(machine, label)}

    def _exported(self, machine: str, label: Label) -> Json:
        """Copy the clips of a label's time beside what was said of it; say what is missing."""
        folder = self._config.logs / LABELLED
        found = [
            clip
            for clip in self._clips(machine, label.start, label.end)
            if not clip.is_picture and min(clip.end, label.end) > max(clip.start, label.start)
        ]
        copies, missing = [], "" if found else "no video was kept of that time"
        for clip in sorted(found, key=lambda clip: clip.start):
            try:
                truth = self._truth(clip)
                copy = folder / Path(clip.file).name
                self._copy(clip, copy)
                put(copy.with_suffix(".json"), json.dumps(truth, indent=1).encode())
                copies.append(copy.name)
            except (RefusedError, OSError) as error:  # what was said is kept all the same
                missing = f"clip {clip.id} was not copied: {_text(error)}"
        window = self._camera(machine).window_seconds
        if copies and not missing and max(clip.seconds for clip in found) < 2 * window:
            missing = f"it is short for a window of {window:g} s: little is measured by it"
        command = f"motion-track evaluate {folder}" if copies else ""
        return {"clips": copies, "folder": LABELLED, "missing": missing, "command": command}

    def _copy(self, clip: Clip, copy: Path) -> None:
        path = self._file(clip)
        if copy.exists() and copy.stat().st_size == path.stat().st_size:
            return
        shelf(self._config).require(clip.bytes)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copied(path, copy)

    def _truth(self, clip: Clip) -> Json:
        """Say of all machines of a clip what people said of its time."""
        areas: list[Json] = []
        for machine in clip.machines:
            camera = self._cameras.get(machine)
            corners = corners_of(camera) if camera is not None else None
            if corners is None:
                continue
            said = labels(self._folder(machine))
            truth = as_truth(said, machine, corners, (clip.start, clip.end))
            areas += truth["rois"] if truth else []
        return {"rois": areas}


def _text(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _label(label: Label) -> Json:
    return {
        "from": label.start.isoformat(),
        "to": label.end.isoformat(),
        "state": label.state.value,
        "note": label.note,
        "by": label.by,
        "at": label.at.isoformat(),
    }
