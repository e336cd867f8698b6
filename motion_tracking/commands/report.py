"""
How did the machines do in a shift, a day, a week, a month?

Finds out which time is meant, has the report made, and writes it where and how it is wanted.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import configured
from motion_tracking.commands.knowing import working_time
from motion_tracking.commands.mailing import require_mail, send_report
from motion_tracking.commands.parse_logs import show
from motion_tracking.commands.period import Asked, Period, PeriodError, period
from motion_tracking.commands.progress import shown
from motion_tracking.commands.reporting import plant_report
from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure, Settings, say
from motion_tracking.core.digest import PlantReport
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.report import EXTRAS, OUTPUTS, Output, plant_output


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be written: files, and how CSV begins."""

    files: tuple[Path, ...]
    bom: bool


def report(
    settings: Settings,
    machines: Sequence[str],
    output: Path | None,
    formats: Sequence[str],
    bom: bool,
    opens: bool | None,
    email: bool,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Write the report of some machines, or of all, and print where."""
    config = configured(settings)
    if as_json and (output or formats or email):
        raise Failure("--json prints the report and writes no file", "leave it out, or the others")
    now = datetime.fromtimestamp(system_now().utc, UTC)
    meant = _period(config, Asked(**asked), now)
    if email:
        require_mail(config)
    wish = _wish(output, formats, bom, meant)
    with shown("reading the history", None):
        made = plant_report(config, machines, meant.span.start, meant.span.end, now)
    _refuse_empty(made)
    if as_json:
        from motion_tracking.report.document import as_text

        say(as_text(made))
        return
    with _folder(wish, temporary=email and output is None) as files:
        paths = list(_written(made, files))
        if email:
            _send(config, made, paths)
        if files is wish:
            _tell(paths, opens)


@contextmanager
def _folder(wish: _Wish, *, temporary: bool) -> Iterator[_Wish]:
    """Give the wish as it is, or with files that are gone afterwards."""
    if not temporary:
        yield wish
        return
    with TemporaryDirectory(prefix="motion-track-") as folder:
        yield _Wish(tuple(Path(folder, path.name) for path in wish.files), wish.bom)


def _tell(paths: Sequence[Path], opens: bool | None) -> None:
    for path in paths:
        say(str(path))
    page = paths[0].suffix.lower() == ".html"
    if page and (opens or (opens is None and sys.stdout.isatty())):
        show(paths[0])


def _period(config: Config, asked: Asked, now: datetime) -> Period:
    try:
        meant = period(asked, working_time(config).calendar, now)
    except PeriodError as error:
        raise Failure(str(error), error.hint) from None
    if meant.span.start >= now:
        raise Failure("that time is still to come", "--help says how to name another")
    return meant


def _wish(output: Path | None, formats: Sequence[str], bom: bool, meant: Period) -> _Wish:
    suffix = "" if output is None or output.is_dir() else output.suffix.lower()
    if suffix and suffix not in OUTPUTS:
        known = ", ".join(OUTPUTS)
        raise Failure(f"{output}: the name must end in {known}", "or name a folder with -o")
    if suffix and output is not None:
        if any(f".{kind}" != suffix for kind in formats):
            raise Failure(
                f"{output.name} is not {formats[0]}", "leave --format out, or name a folder"
            )
        return _checked(_Wish((output,), bom))
    folder = output or Path()
    kinds = dict.fromkeys(formats or ["html"])
    return _checked(_Wish(tuple(folder / f"report_{meant.name}.{kind}" for kind in kinds), bom))


def _checked(wish: _Wish) -> _Wish:
    """Return a wish that can be fulfilled here; find out before the work is done."""
    suffixes = [path.suffix.lower() for path in wish.files]
    for suffix in suffixes:
        package, extra = EXTRAS.get(suffix, ("", ""))
        if package and find_spec(package) is None:
            raise Failure(
                f"{suffix} needs {package}, which is not installed",
                f'pip install "motion-track[{extra}]"',
                Exit.EXTRA_MISSING,
            )
    if wish.bom and ".csv" not in suffixes:
        raise Failure("--bom is for CSV only", "add --format csv, or leave it out")
    return wish


def _refuse_empty(made: PlantReport) -> None:
    """Raise `Failure` if there is nothing to report: nobody looked in all the time."""
    unwatched = (MachineState.NO_SIGNAL, Reason.NOT_TRACKING)
    tiles = [tile for machine in made.machines for tile in machine.tiles]
    if all((tile.state, tile.reason) == unwatched for tile in tiles):
        from motion_tracking.report.wording import span_text

        raise Failure(
            f"nothing was recorded {span_text(made.start, made.end, made.zone)}",
            "--from and --to name another time; `motion-track status` says what is tracked now",
            Exit.NO_DATA,
        )


def _written(made: PlantReport, wish: _Wish) -> Iterator[Path]:
    for path in wish.files:
        with _writing(path), shown(f"writing {path.name}", None):
            path.parent.mkdir(parents=True, exist_ok=True)
            paths = _output(path, wish.bom)(made, path)
        yield from paths


def _output(path: Path, bom: bool) -> Output:
    if bom and path.suffix.lower() == ".csv":
        from motion_tracking.report.cells import write_cells

        return partial(write_cells, bom=True)
    return plant_output(path)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise Failure(f"cannot write {path}: {reason}", "choose another with -o") from None


def _send(config: Config, made: PlantReport, paths: Sequence[Path]) -> None:
    """Send what was written, with a picture of it in the message."""
    with TemporaryDirectory(prefix="motion-track-") as folder:
        picture = Path(folder, "report.png")
        with _writing(picture):
            plant_output(picture)(made, picture)
        with shown("sending", None):
            recipients = send_report(config, made, paths, picture.read_bytes())
    say(f"sent to {', '.join(recipients)}")
