"""
Will tracking work here?  Configuration, cameras, display, disk and notifiers, a line each.
"""

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from motion_tracking.commands.configuration import (
    UNREADABLE,
    chosen,
    configured,
    history_file,
    machine_folder,
    spill_folders,
    to_track,
    video_folder,
)
from motion_tracking.commands.finding import Finding, Mark
from motion_tracking.commands.streams import BRIEF, LONG, camera_findings
from motion_tracking.config import Camera, Config, Problem
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.console import Exit, Failure, Settings, say
from motion_tracking.core.profile import fingerprint
from motion_tracking.notify import extra_missing
from motion_tracking.record.degraded import PICTURE, degraded
from motion_tracking.record.history import DeliveryState, History, HistoryError, NoHistoryError
from motion_tracking.record.spill import Spill

if TYPE_CHECKING:
    from motion_tracking.commands.tracking import Known

SPACE = 1_000_000_000
"""Bytes that should be free: years of history, or a day of whatever else fills a disk."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at besides the files, where pictures are saved, and what cost was found."""

    offline: bool = False
    pictures: Path | None = None
    history: bool = False
    long: bool = False
    cost: bool = False
    seconds: float = 20.0
    costs: list[Any] = field(default_factory=list)


def check(settings: Settings, cameras: Sequence[str], as_json: bool, **scope: Any) -> None:
    """Print what was found; exit with 1 if anything fails."""
    config = configured(settings)
    watched = chosen(config, cameras) if cameras else list(config.cameras.values())
    findings: list[Finding] = []
    asked = Scope(**scope)
    for finding in _all(config, watched, asked):
        findings.append(finding)
        if not as_json:
            _print(finding, findings)
    failed = sum(finding.mark is Mark.FAIL for finding in findings)
    warned = sum(finding.mark is Mark.WARN for finding in findings)
    if as_json:
        listed = [
            {"subject": f.subject, "result": f.mark.lower(), "text": f.text, "hint": f.hint}
            for f in findings
        ]
        more = {"cost": [cost.facts for cost in asked.costs]} if asked.cost else {}
        say(json.dumps({"schema": 1, "findings": listed} | more, indent=2))
    else:
        say(f"{_counted(failed, 'problem')}, {_counted(warned, 'warning')}")
    if failed:
        raise click.exceptions.Exit(Exit.FINDINGS)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _print(finding: Finding, findings: Sequence[Finding]) -> None:
    first = len(findings) == 1 or findings[-2].subject != finding.subject
    colour = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "red", Mark.SKIP: "cyan"}
    mark = click.style(f"{finding.mark:<4}", fg=colour[finding.mark])
    say(f"{finding.subject if first else '':<10} {mark}  {finding.text}")
    if finding.hint and finding.mark is not Mark.OK:
        say(f"{'':<10}       {finding.hint}")


def _all(config: Config, watched: list[Camera], scope: Scope) -> Iterator[Finding]:
    yield from _configuration(config)
    yield from _shifts(config)
    for camera in watched:
        yield from _calibration(config, camera)
        yield from _camera(config, camera, scope)
    if scope.cost and not scope.offline:
        from motion_tracking.commands.costing import cost_findings

        yield from cost_findings(config.directory, watched, scope.seconds, scope.costs)
    yield _display()
    yield from _notifiers(config)
    yield from _disk(config)
    yield from _clips(config)
    yield from _spill(config)
    if scope.history:
        yield from _history(config)


def _configuration(config: Config) -> Iterator[Finding]:
    ready = len(to_track(config))
    where = ", ".join(str(file) for file in config.files) or f"no file in {config.directory}"
    mark = Mark.OK if ready else Mark.FAIL
    hint = f"motion-track init {next(iter(config.cameras), 'CAMERA')}"
    text = f"{where}: {_counted(len(config.cameras), 'camera')}, {ready} to track"
    yield Finding("Config", mark, text, hint)
    yield from _open_secrets(config)
    yield from _problems("Config", config.problems)


def _problems(subject: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in problems:
        mark = Mark.FAIL if problem.fatal else Mark.WARN
        yield Finding(subject, mark, str(problem), problem.hint)


def _shifts(config: Config) -> Iterator[Finding]:
    """Say what the shift calendar says; no word where there is none."""
    from motion_tracking.config.shifts import read_shifts

    plant = read_shifts(config.directory, [*config.cameras, *config.broken])
    if plant.exists:
        calendar = plant.calendar
        shifts = ", ".join(shift.name for shift in calendar.shifts) or "no shift"
        yield Finding("Shifts", Mark.OK, f"{plant.file}: {shifts}; {calendar.zone}")
    yield from _problems("Shifts", plant.problems)


def _open_secrets(config: Config) -> Iterator[Finding]:
    """Warn of files with secrets that any user of this computer may read; Windows tells no mode."""
    if os.name == "nt" or not config.secrets:
        return
    for file in config.files:
        if file.name != CAMERA_FILE and file.stat().st_mode & stat.S_IROTH:
            text = f"{file}: every user of this computer may read its passwords"
            yield Finding("Config", Mark.WARN, text, f"chmod o-r {file}")


def _camera(config: Config, camera: Camera, scope: Scope) -> Iterator[Finding]:
    """Say what a camera sends, unless it cannot be known what of it is to be ignored."""
    from motion_tracking.commands.ignoring import ignored_of

    try:
        ignored = ignored_of(config.directory, camera)
    except Failure as error:
        yield Finding("Cameras", Mark.FAIL, str(error), error.hint)
        return
    if scope.offline:
        yield Finding("Cameras", Mark.SKIP, f"{camera.name}: not asked for")
        return
    seconds = LONG if scope.long else BRIEF
    yield from camera_findings(camera, seconds, scope.pictures, ignored)


def _decoded(machine: "Known") -> Finding:
    """Say how much of a calibrated camera's video is decoded."""
    from motion_tracking.commands.tracking import wanted_of

    camera, wanted = machine.camera, wanted_of([machine])
    if wanted is None:
        text = "all pictures are decoded"
        if camera.sampling == "auto":
            text += ": calibration did not show that fewer would do"
    elif wanted.proven is not None:
        every = f"a key frame every {wanted.proven:.1f} s"
        text = f"little is decoded while nothing changes, as calibrated with {every}"
    else:
        text = f"sampling = {camera.sampling}: little is decoded, whatever calibration showed"
    return Finding("Cameras", Mark.OK, f"{camera.name}: {text}")


def _calibration(config: Config, camera: Camera) -> Iterator[Finding]:
    """Say whether what was learned of a machine is there and fits; no word where none is needed."""
    from motion_tracking.commands.tracking import Known, profile_of
    from motion_tracking.core.doubts import foretold_error

    try:
        profile = profile_of(config.directory, camera)
    except Failure as error:
        yield Finding("Cameras", Mark.FAIL, str(error), error.hint)
        return
    if profile is None:
        return
    wrong = foretold_error(profile)
    if wrong is None:
        text = f"{camera.name}: calibrated by force: running and standing looked alike"
        yield Finding("Cameras", Mark.WARN, text, f"motion-track init {camera.name}")
    else:
        text = f"{camera.name}: calibrated, expected error {wrong:.1%}"
        yield Finding("Cameras", Mark.OK, text)
        yield _decoded(Known(camera, profile))
        folder = machine_folder(config, camera.name)
        said = degraded(folder)
        if said is not None and said.calibration == fingerprint(profile):
            text = f"{camera.name}: the calibration no longer fits: {said.words}"
            hint = f"compare {folder / PICTURE}, then: motion-track init {camera.name}"
            yield Finding("Cameras", Mark.WARN, text, hint)


def _display() -> Finding:
    from motion_tracking.report.plot import has_display

    if has_display(os.environ, sys.platform):
        return Finding("Display", Mark.OK, "plot-log opens a window")
    return Finding("Display", Mark.SKIP, "no display here; plot-log writes a file")


def _notifiers(config: Config) -> Iterator[Finding]:
    names = ", ".join(config.notifications.events) or "nobody"
    yield Finding("Notify", Mark.OK, f"{names}; motion-track notify sends a test message")
    for name in config.notifications.events:
        if extra := extra_missing(name):
            hint = f'pip install "motion-track[{extra}]"'
            yield Finding("Notify", Mark.WARN, f"{name} tells nobody: it is not installed", hint)
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            counts = history.outbox_counts()
    except NoHistoryError:
        return
    except HistoryError as error:
        yield Finding("Notify", Mark.FAIL, str(error), UNREADABLE)
        return
    if counts[DeliveryState.DEAD]:
        text = f"{_counted(counts[DeliveryState.DEAD], 'message')} refused for good"
        yield Finding("Notify", Mark.WARN, text, "motion-track notify --outbox shows them")


def _disk(config: Config) -> Iterator[Finding]:
    for folder in dict.fromkeys(filter(None, (config.logs, config.video_dir))):
        existing = next((p for p in (folder, *folder.resolve().parents) if p.exists()), None)
        if existing is None:  # a drive of Windows
            yield Finding("Disk", Mark.FAIL, f"{folder}: there is no such drive")
            continue
        free = shutil.disk_usage(existing).free
        text = f"{folder}: {free / 1e9:.0f} GB free"
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            yield Finding("Disk", Mark.FAIL, f"{folder}: cannot be written to")
        elif free < SPACE:
            yield Finding("Disk", Mark.WARN, text, "below 1 GB; the history needs room to grow")
        else:
            yield Finding("Disk", Mark.OK, text)


def _clips(config: Config) -> Iterator[Finding]:
    """Say what clips take; no word where none are kept."""
    recording = config.recording
    if not any(recording.of(camera) or recording.pictures for camera in to_track(config)):
        return
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            taken, count = history.clip_bytes(), len(history.clip_files())
    except HistoryError:
        taken = count = 0  # there is none yet, or the line about the history says why
    folder = video_folder(config)
    text = f"{folder}: {count} files, {taken / 1e9:.1f} GB, at most {recording.limit}"
    yield Finding("Clips", Mark.OK, text)


def _spill(config: Config) -> Iterator[Finding]:
    """Say whether changes wait for the history; no word where none do."""
    spill = Spill(spill_folders(config), list(config.cameras))
    waiting = len(spill.read())
    if waiting:
        text = f"{_counted(waiting, 'change')} wait{'s' * (waiting == 1)} in {spill.where}"
        hint = "the history took none when they occurred; `motion-track run` stores them"
        yield Finding("Disk", Mark.WARN, text, hint)


def _history(config: Config) -> Iterator[Finding]:
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            faults = history.verify()
            machines = len(history.machines())
    except NoHistoryError:
        yield Finding("History", Mark.SKIP, "there is none yet")
        return
    except HistoryError as error:
        yield Finding("History", Mark.FAIL, str(error), UNREADABLE)
        return
    for fault in faults:
        yield Finding("History", Mark.FAIL, str(fault), "somebody changed the record by hand")
    if not faults:
        text = f"the changes of {_counted(machines, 'machine')} are as recorded"
        yield Finding("History", Mark.OK, text)
