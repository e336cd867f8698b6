"""
How right was tracking, on every labelled clip of a folder?
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from motion_tracking.capture import SourceError
from motion_tracking.commands.labels import Area, LabelError, read_labels
from motion_tracking.commands.learning import learned
from motion_tracking.commands.replaying import (
    Replayed,
    Unreadable,
    area_camera,
    progress_bar,
    replayed,
)
from motion_tracking.commands.tracking import Known, learned_machine
from motion_tracking.console import Exit, Failure
from motion_tracking.core.calibration import CalibrationError
from motion_tracking.core.doubts import separable
from motion_tracking.core.machine import MachineState
from motion_tracking.core.scoring import Score, judge


@dataclass(frozen=True, slots=True)
class Judged:
    """One area of a clip: what was found, and how right that was."""

    clip: str
    area: Area
    found: Replayed
    score: Score

    @property
    def falsely_running(self) -> float:
        """Seconds called running while it stood, settled or not."""
        after = self.area.judged_from or 0.0
        return sum(
            max(0.0, min(span.end, tile.end) - max(span.start, tile.start, after))
            for span in self.area.truth
            for tile in self.found.tiles
            if span.state is MachineState.STOPPED and tile.state is MachineState.RUNNING
        )


@dataclass(slots=True)
class Findings:
    """All that came of a folder; `broken` and `unlabelled` are clips that were skipped."""

    judged: list[Judged] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    unlabelled: list[str] = field(default_factory=list)


def evaluated(folder: Path, calibrate: bool = True) -> Findings:
    """
    Replay and judge every clip; raise `Failure` where there is no such folder.

    With `calibrate`, machines are learned first from the spans that the labels name or imply.
    Where these teach nothing, the seed's detector and threshold judge.
    """
    if not folder.is_dir():
        raise Failure(f"no such folder: {folder}")
    findings = Findings()
    for video in sorted(path for path in folder.iterdir() if path.suffix.lower() == ".mp4"):
        labels = video.with_suffix(".json")
        if not labels.is_file():
            findings.unlabelled.append(video.name)
            continue
        try:
            findings.judged += _judged(video, read_labels(labels), calibrate)
        except LabelError as error:
            findings.broken[video.name] = f"{labels.name} {error}"
        except (Unreadable, Failure) as error:
            findings.broken[video.name] = str(error)
    return findings


def _judged(video: Path, areas: Sequence[Area], calibrate: bool) -> list[Judged]:
    machines = [_machine(video, area, calibrate) for area in areas]
    with progress_bar(video, video.stem) as progress:
        found = replayed(video, machines, progress)
    if found[0].damage:
        raise Unreadable(found[0].damage, Exit.UNREACHABLE)
    return [
        Judged(video.stem, area, machine, _score(area, machine))
        for area, machine in zip(areas, found, strict=True)
    ]


def _machine(video: Path, area: Area, calibrate: bool) -> Known:
    camera = area_camera(video, area.name, area.corners)
    if not calibrate or area.calibration is None or camera.roi is None:
        return Known(camera)
    try:
        found = learned(video, camera.roi, area.calibration)
    except (CalibrationError, SourceError, ValueError):
        return Known(camera)  # what is wrong with the video will be said by the replay
    if not separable(found.profile):
        return Known(camera)
    return learned_machine(camera, found.profile)


def _score(area: Area, found: Replayed) -> Score:
    window = found.camera.window_seconds
    return judge(area.truth, found.tiles, found.transitions, window=window, after=area.judged_from)
