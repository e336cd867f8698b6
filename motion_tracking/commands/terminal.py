"""
How is a machine calibrated by a person at a terminal?
"""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from motion_tracking.capture import SourceError
from motion_tracking.commands.calibrating import Calibration, CameraError, Progress
from motion_tracking.commands.outcomes import CalibrationNotKeptError, Outcome
from motion_tracking.commands.progress import shown
from motion_tracking.commands.tracking import corners_of
from motion_tracking.console import Exit, Failure, say, say_warning
from motion_tracking.core.calibration import CalibrationError
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi
from motion_tracking.core.proposals import Proposal

BAR = 40
"""Characters of the longest bar."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line; None where it was not."""

    no_ui: bool
    window: bool
    roi: str | None
    snapshot: Path | None
    calibrate_running: str | None
    calibrate_stopped: str | None
    seconds: float
    learn: str | None
    dry_run: bool
    yes: bool
    force: bool
    port: int
    opens: bool


@contextmanager
def told() -> Iterator[None]:
    """Say what may go wrong in calibrating as a mishap that the person can do something about."""
    try:
        yield
    except CameraError as error:
        hint = "`motion-track check` looks for the cause"
        raise Failure(str(error), hint, Exit.UNREACHABLE) from None
    except SourceError as error:
        raise Failure(str(error), code=Exit.UNREACHABLE) from None
    except CalibrationNotKeptError as error:
        raise Failure(str(error), error.hint) from None
    except OSError as error:
        raise Failure(f"cannot be written: {error.filename}: {error.strerror}") from None
    except CalibrationError as error:
        hint = "record for longer, and draw the area around a part that moves"
        raise Failure(f"nothing could be learned: {error}", hint) from None
    except ValueError as error:
        raise Failure(str(error)) from None


def at_terminal(calibration: Calibration, options: Options) -> None:
    """Record both states, a key press each, show what was found, and write it after asking."""
    if not sys.stdin.isatty() and not options.yes:
        raise Failure(
            "--no-ui asks when the machine runs and when it stands, and there is no terminal",
            "--yes records at once, first running, then standing; --snapshot learns from a clip",
        )
    choose_proposed(calibration)
    for state in (MachineState.RUNNING, MachineState.STOPPED):
        _record(calibration, state, options)
    conclude(calibration, options)


def conclude(calibration: Calibration, options: Options) -> None:
    """Learn from what was recorded, show it, and write it after asking."""
    found = calibration.judge()
    show(found)
    finish(calibration.diff(), lambda: calibration.save(options.force), found.separable, options)


def chosen_proposal(proposals: Sequence[Proposal]) -> Roi:
    """Return the area that separates best, or that which the person prefers."""
    if not proposals:
        raise Failure("nothing moves in the picture", "--roi X,Y,X2,Y2 names the area")
    for number, proposal in enumerate(proposals, 1):
        corners = ",".join(map(str, corners_of(proposal.roi)))
        say(f"{number}: --roi {corners}  movement {proposal.separation:.1f} times the noise")
    if not sys.stdin.isatty():
        return proposals[0].roi
    number = click.prompt(
        "Which area?", type=click.IntRange(1, len(proposals)), default=1, err=True
    )
    return proposals[number - 1].roi


def choose_proposed(calibration: Calibration) -> None:
    """See to it that there is an area to watch."""
    if calibration.roi is not None:
        return
    if sys.stdin.isatty():
        _wait_for_enter("When the machine is RUNNING, press Enter to see where it moves")
    calibration.choose(chosen_proposal(calibration.proposals()))


def _record(calibration: Calibration, state: MachineState, options: Options) -> None:
    doing = "RUNNING" if state is MachineState.RUNNING else "STOPPED"
    if sys.stdin.isatty() and not options.yes:
        _wait_for_enter(
            f"When the machine is {doing}, press Enter to record {options.seconds:.0f} s"
        )
    followed(calibration.record(state, options.seconds), doing)


def _wait_for_enter(text: str) -> None:
    click.prompt(text, default="", show_default=False, prompt_suffix=" ", err=True)


def followed(work: Generator[Progress, None, Found], what: str) -> Found:
    """Show how far the work is, on a terminal only; return what it returns."""
    with shown(what) as show_part:
        while True:
            try:
                show_part(next(work).part)
            except StopIteration as end:
                found: Found = end.value
                return found


def show(found: Outcome) -> None:
    """Print both histograms, what was learned, and what is doubtful."""
    most = max(*found.running, *found.stopped, 1)
    say(f"{'score':>15}  running".ljust(19 + BAR) + "stopped")
    for low, high, ran, stood in zip(
        found.edges, found.edges[1:], found.running, found.stopped, strict=False
    ):
        mark = "<- threshold" if low <= found.threshold < high else ""
        bars = ["#" * round(BAR * count / most) for count in (ran, stood)]
        say(f"{low:>6.0f} - {high:>6.0f}  {bars[0]:<{BAR}}  {bars[1]:<{BAR}} {mark}".rstrip())
    error = "not known" if found.expected_error is None else f"{found.expected_error:.1%}"
    say(
        f"{found.verdict}: threshold {found.threshold}, share {found.share:.0%}, "
        f"margin {found.margin:.1f}, expected error {error}"
    )
    if found.decoded and found.separable:
        say(found.decoded)
    for doubt in found.warnings:
        say_warning(doubt.text, doubt.hint)


def finish(diff: str, save: Callable[[], None], separable: bool, options: Options) -> None:
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
