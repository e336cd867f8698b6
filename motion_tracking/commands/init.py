"""
How does a person calibrate a machine: on a page, at the terminal, or from a recording?
"""

import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import click

from motion_tracking.capture import SourceError
from motion_tracking.commands.calibrating import (
    Calibration,
    CalibrationNotKeptError,
    CameraError,
    Outcome,
    View,
    changes,
    keep,
    outcome,
)
from motion_tracking.commands.configuration import chosen, configured
from motion_tracking.commands.labels import Spans
from motion_tracking.commands.learning import parse_span, recorded
from motion_tracking.commands.replay import parse_corners
from motion_tracking.config import Camera, Config
from motion_tracking.console import Exit, Failure, Settings, say, say_warning
from motion_tracking.core.calibration import CalibrationError, Learned
from motion_tracking.core.doubts import Doubt, doubts
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi

BAR = 40
"""Characters of the longest bar."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line; None where it was not."""

    no_ui: bool
    roi: str | None
    snapshot: Path | None
    calibrate_running: str | None
    calibrate_stopped: str | None
    seconds: float
    dry_run: bool
    yes: bool
    force: bool
    port: int
    opens: bool


def init(settings: Settings, camera: str, **asked: Any) -> None:
    """Calibrate a machine, show what was found, and write it after asking."""
    options = Options(**asked)
    config = configured(settings)
    [machine] = chosen(config, [camera])
    roi = None if options.roi is None else Roi.from_corners(*parse_corners(options.roi))
    if options.snapshot is not None:
        _from_clip(config, machine, roi, options.snapshot, options)
        return
    if options.calibrate_running or options.calibrate_stopped:
        raise Failure("--calibrate-running and --calibrate-stopped need --snapshot CLIP")
    with _calibration(config, machine) as calibration:
        if roi is not None:
            _choose(calibration, roi)
        if options.no_ui:
            _at_terminal(config, calibration, options)
        else:
            _in_browser(calibration, options)


@contextmanager
def _calibration(config: Config, camera: Camera) -> Iterator[Calibration]:
    view = View(camera)
    try:
        yield Calibration(config, camera, view)
    except CameraError as error:
        hint = "`motion-track check` looks for the cause"
        raise Failure(str(error), hint, Exit.UNREACHABLE) from None
    except CalibrationNotKeptError as error:
        raise Failure(str(error), error.hint) from None
    except CalibrationError as error:
        raise Failure(str(error)) from None
    finally:
        view.close()


def _choose(calibration: Calibration, roi: Roi) -> None:
    try:
        calibration.choose(roi)
    except ValueError as error:
        raise Failure(f"--roi: {error}") from None


def _in_browser(calibration: Calibration, options: Options) -> None:
    from motion_tracking.dashboard.serving import Door, serve_calibration

    if options.dry_run or options.yes:
        raise Failure("--dry-run and --yes are for --no-ui and --snapshot")
    door = Door(port=options.port, ssh_connection=os.environ.get("SSH_CONNECTION", ""))

    def ready(url: str, tunnel: str) -> None:
        say(f"calibrate {calibration.machine} on this page:\n{url}")
        if tunnel:
            say(f"from the computer you sit at, first call:\n{tunnel}")
        elif options.opens:
            webbrowser.open(url)

    try:
        saved = serve_calibration(calibration, door, ready, Event(), options.seconds)
    except CameraError:
        raise
    except OSError as error:
        raise Failure(f"port {options.port} cannot be used: {error.strerror}") from None
    for name in saved:
        say(f"{name}: saved")
    if not saved:
        say("nothing was saved")


def _at_terminal(config: Config, calibration: Calibration, options: Options) -> None:
    if not sys.stdin.isatty() and not options.yes:
        raise Failure(
            "--no-ui asks when the machine runs and when it stands, and there is no terminal",
            "--yes records at once, first running, then standing; --snapshot learns from a clip",
        )
    if calibration.roi is None:
        _choose(calibration, _proposed(calibration))
    for state in (MachineState.RUNNING, MachineState.STOPPED):
        _record(calibration, state, options)
    found = calibration.judge()
    show(found)
    _finish(
        calibration.diff(),
        lambda: calibration.save(options.force),
        found.separable,
        options,
    )


def _proposed(calibration: Calibration) -> Roi:
    """Return the area that separates best, after asking for it."""
    proposals = calibration.proposals()
    if not proposals:
        raise Failure("nothing moves in the picture", "--roi X,Y,X2,Y2 names the area")
    for number, proposal in enumerate(proposals, 1):
        roi = proposal.roi
        corners = f"{roi.x},{roi.y},{roi.x + roi.width},{roi.y + roi.height}"
        say(f"{number}: {corners}  movement {proposal.separation:.1f} times the noise")
    if not sys.stdin.isatty():
        return proposals[0].roi
    number = click.prompt(
        "Which area?", type=click.IntRange(1, len(proposals)), default=1, err=True
    )
    return proposals[number - 1].roi


def _record(calibration: Calibration, state: MachineState, options: Options) -> None:
    doing = "RUNNING" if state is MachineState.RUNNING else "STOPPED"
    if sys.stdin.isatty() and not options.yes:
        click.prompt(
            f"When the machine is {doing}, press Enter to record {options.seconds:.0f} s",
            default="",
            show_default=False,
            prompt_suffix=" ",
            err=True,
        )
    recording = calibration.record(state, options.seconds)
    if not sys.stderr.isatty():
        for _ in recording:
            pass
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=1.0)
        for progress in recording:
            bar.update(task, completed=progress.part)


def _from_clip(
    config: Config, camera: Camera, roi: Roi | None, clip: Path, options: Options
) -> None:
    if options.calibrate_running is None or options.calibrate_stopped is None:
        raise Failure(
            "--snapshot needs to know when the machine ran, and when it stood",
            "--calibrate-running A-B --calibrate-stopped C-D, in seconds or MM:SS of the clip",
        )
    spans = Spans(parse_span(options.calibrate_running), parse_span(options.calibrate_stopped))
    roi = roi or camera.roi
    if roi is None:
        raise Failure(f"{camera.name} has no area to watch yet", "--roi X,Y,X2,Y2 names one")
    found, warnings = _learned(clip, roi, spans, camera.window_seconds)
    result = outcome(found, warnings)
    show(result)
    try:
        _finish(
            changes(config, camera.name, found.profile),
            lambda: keep(config, camera.name, found.profile, options.force),
            result.separable,
            options,
        )
    except CalibrationNotKeptError as error:
        raise Failure(str(error), error.hint) from None
    except OSError as error:
        raise Failure(f"cannot be written: {error.strerror}") from None


def _learned(clip: Path, roi: Roi, spans: Spans, window: float) -> tuple[Learned, list[Doubt]]:
    try:
        samples = recorded(clip, roi, spans)
        found = samples.learn()
    except SourceError as error:
        raise Failure(str(error), code=Exit.UNREACHABLE) from None
    except CalibrationError as error:
        raise Failure(f"nothing could be learned: {error}", "take longer spans") from None
    except ValueError as error:
        raise Failure(str(error)) from None
    return found, list(doubts(found, samples.running, samples.stopped, window))


def show(found: Outcome) -> None:
    """Print both histograms, what was learned, and what is doubtful."""
    most = max(*found.running, *found.stopped, 1)
    say(f"{'score':>15}  running".ljust(25 + BAR) + "stopped")
    for low, high, ran, stood in zip(
        found.edges, found.edges[1:], found.running, found.stopped, strict=False
    ):
        mark = "<- threshold" if low <= found.threshold < high else ""
        bars = ["#" * round(BAR * count / most) for count in (ran, stood)]
        say(f"{low:>6.0f} - {high:>6.0f}  {bars[0]:<{BAR}}  {bars[1]:<{BAR}} {mark}".rstrip())
    say(
        f"{found.verdict}: threshold {found.threshold}, share {found.share:.0%}, "
        f"margin {found.margin:.1f}, expected error {found.expected_error:.1%}"
    )
    for doubt in found.warnings:
        say_warning(doubt.text, doubt.hint)


def _finish(diff: str, save: Callable[[], None], separable: bool, options: Options) -> None:
    """Show what would be written, ask, and write it."""
    say(diff or "config_cam.ini stays as it is")
    if not separable and not options.force:
        raise Failure(
            "running and standing look alike here: nothing was written",
            "draw the area around a part that moves; --force writes it all the same",
            Exit.FINDINGS,
        )
    if options.dry_run:
        say("nothing was written")
        return
    if not options.yes and not _agreed():
        say("nothing was written")
        return
    save()
    say("saved")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise Failure("nobody is there to be asked", "--yes writes it, --dry-run does not")
    return click.confirm("Write this?", default=True, err=True)
