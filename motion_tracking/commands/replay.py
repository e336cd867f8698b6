"""
What would be found in a recorded video, and what would other settings find?
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from motion_tracking.capture import SourceError
from motion_tracking.capture.recording import describe, pictures
from motion_tracking.commands.comparing import parse_settings
from motion_tracking.commands.configuration import chosen, configured
from motion_tracking.commands.found import print_fields, print_found
from motion_tracking.commands.labels import Spans
from motion_tracking.commands.learning import parse_span, recorded
from motion_tracking.commands.rehearsing import rehearsed
from motion_tracking.commands.replaying import (
    Progress,
    Replayed,
    Unreadable,
    area_camera,
    progress_bar,
    replayed,
)
from motion_tracking.commands.tracking import (
    Known,
    corners_of,
    known_of,
    learned_machine,
)
from motion_tracking.console import Exit, Failure, Settings, say, say_warning
from motion_tracking.core.calibration import CalibrationError
from motion_tracking.core.doubts import separable
from motion_tracking.core.heads import Sampling
from motion_tracking.core.motion import Roi
from motion_tracking.record.profiles import ProfileError, load_profile
from motion_tracking.report.appearance import clock_text


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line; None where it was not."""

    roi: str | None
    camera: str | None
    threshold: int | None
    window: float | None
    share: float | None
    start_time: str | None
    compare: str | None
    annotate: Path | None
    calibration: Path | None
    calibrate_running: str | None
    calibrate_stopped: str | None
    sampling: str
    as_json: bool


def replay(settings: Settings, video: Path, **asked: Any) -> None:
    """Replay a video, print what was found, and draw it into another video if wanted."""
    options = Options(**asked)
    start = _start(options.start_time)
    if options.annotate is not None:
        _require_place(options.annotate, video)
    machine = _machine(settings, video, options)
    machines = [machine]
    if options.compare is not None:
        other_camera = parse_settings(machine.camera, options.compare)
        machines.append(replace(machine, camera=other_camera))
    try:
        with progress_bar(video, "replaying") as progress:
            found, *others = _replayed(video, machines, progress)
    except Unreadable as error:
        raise Failure(str(error), error.hint, error.code) from None
    other = others[0] if others else None
    show = print_fields if options.as_json else print_found
    show(found, other, options.compare or "", start)
    if options.annotate is not None:
        _annotate(video, found, options.annotate, quiet=options.as_json)
    if found.damage:
        say_warning(found.damage, f"only what comes before {clock_text(found.length)} was judged")
        raise click.exceptions.Exit(Exit.FINDINGS)


def _replayed(video: Path, machines: Sequence[Known], progress: Progress) -> list[Replayed]:
    """Replay machines together; of which one needs all pictures and one does not, apart."""
    if len({machine.camera.sampling for machine in machines}) == 1:
        return replayed(video, machines, progress)
    return [found for machine in machines for found in replayed(video, [machine], progress)]


def _start(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            f"--start-time: {text!r} is not a time", "write it as 2026-03-01T06:00:00"
        ) from None
    return start if start.tzinfo else start.astimezone()


def _machine(settings: Settings, video: Path, options: Options) -> Known:
    """Return the machine to watch, as the options want it judged."""
    machine = _chosen(settings, video, options)
    if options.calibrate_running is not None or options.calibrate_stopped is not None:
        machine = _calibrated(machine, video, options)
    given: dict[str, Any] = {
        "threshold": options.threshold,
        "window_seconds": options.window,
        "share": options.share,
        "sampling": options.sampling,
    }
    given = {key: value for key, value in given.items() if value is not None}
    return replace(machine, camera=replace(machine.camera, **given))


def _chosen(settings: Settings, video: Path, options: Options) -> Known:
    """Return a configured machine, an area of the video, or the machine of a profile."""
    if options.camera is not None and options.roi is not None:
        raise Failure("--roi and --camera exclude each other", "a camera brings its own area")
    corners = None if options.roi is None else parse_corners(options.roi)
    if options.calibration is not None:
        return _profiled(video, options.calibration, options.camera or video.stem, corners)
    if options.camera is not None:
        return _configured(settings, video, options.camera)
    if corners is not None:
        return Known(area_camera(video, video.stem, corners))
    raise Failure(
        "which part of the picture is to be watched?",
        "--roi X,Y,X2,Y2 in pixels (left, top, right, bottom), --camera or --calibration",
    )


def _configured(settings: Settings, video: Path, name: str) -> Known:
    config = configured(settings)
    [camera] = chosen(config, [name])
    if camera.corners is None:
        raise Failure(f"{name} has no area to watch yet", "--roi X,Y,X2,Y2 names one instead")
    if camera.threshold is None:
        camera = replace(camera, threshold=area_camera(video, "", camera.corners).threshold)
    return known_of(config.directory, camera)


def _profiled(
    video: Path, file: Path, name: str, corners: tuple[int, int, int, int] | None
) -> Known:
    try:
        profile = load_profile(file)
    except FileNotFoundError:
        raise Failure(f"--calibration: no such file: {file}") from None
    except ProfileError as error:
        raise Failure(f"--calibration: {error}") from None
    if corners is not None and Roi.from_corners(*corners) != profile.roi:
        raise Failure("--roi is not the area that the calibration was made for", "leave out --roi")
    return learned_machine(area_camera(video, name, corners_of(profile.roi)), profile)


def _calibrated(machine: Known, video: Path, options: Options) -> Known:
    """Learn the machine from spans of the same video."""
    if options.calibrate_running is None or options.calibrate_stopped is None:
        raise Failure("--calibrate-running and --calibrate-stopped are needed together")
    spans = Spans(parse_span(options.calibrate_running), parse_span(options.calibrate_stopped))
    roi = machine.camera.roi
    assert roi is not None
    try:
        seen = recorded(video, roi, spans, machine.ignored)
        found = seen.learn()
        if options.sampling != Sampling.ALL or options.compare is not None:
            heads = rehearsed(found, seen.running, seen.stopped, seen.group, seen.reason)
            found = replace(found, profile=heads.profile)
    except CalibrationError as error:
        raise Failure(f"nothing could be learned: {error}", "take longer spans") from None
    except SourceError as error:
        raise Failure(str(error), code=Exit.UNREACHABLE) from None
    except ValueError as error:
        raise Failure(str(error)) from None
    if not separable(found.profile):
        say_warning(
            f"running and standing cannot be told apart here (margin {found.profile.margin:.1f}),"
            " so the calibration is not used",
            "draw the area around what moves, and nothing else",
        )
        return machine
    return learned_machine(machine.camera, found.profile, machine.ignored)


def parse_corners(text: str) -> tuple[int, int, int, int]:
    """Read X,Y,X2,Y2; raise `Failure` where it is something else."""
    parts = text.split(",")
    if len(parts) == 4 and all(part.strip().isdecimal() for part in parts):
        x, y, x2, y2 = (int(part) for part in parts)
        if x != x2 and y != y2:
            return x, y, x2, y2
    raise Failure(f"{text!r} is no area", "write X,Y,X2,Y2 in pixels: left, top, right, bottom")


def _require_place(output: Path, video: Path) -> None:
    """Find out before the long work whether its result can be written."""
    if output.resolve() == video.resolve():
        raise Failure("--annotate would overwrite the video itself", "give it another name")
    if output.suffix.lower() != ".mp4":
        raise Failure(f"--annotate {output.name}: the name must end in .mp4")
    if not output.resolve().parent.is_dir():
        raise Failure(f"--annotate: there is no folder {output.parent}", "make it first")


def _annotate(video: Path, found: Replayed, output: Path, quiet: bool) -> None:
    from motion_tracking.report.annotation import Drawn, Watched, annotate

    roi = found.camera.roi
    assert roi is not None
    watched = Watched(
        found.camera.name,
        roi,
        found.camera.threshold or 0,
        [Drawn(s.at, s.score, s.moving, s.share) for s in found.samples],
        found.tiles,
        ignored=found.machine.ignored,
    )
    try:
        with progress_bar(video, "drawing") as progress:
            annotate(pictures(str(video)), describe(str(video)).fps, watched, output, progress)
    except OSError as error:
        raise Failure(f"cannot write {output}: {error.strerror}", "choose another name") from None
    if not quiet:
        say(str(output))
