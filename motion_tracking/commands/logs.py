"""
Where are the text logs of which machines, and what is in them?
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from glob import escape
from pathlib import Path

from motion_tracking.commands.configuration import configured, history_file, machine_folder
from motion_tracking.commands.progress import shown
from motion_tracking.console import Exit, Failure, Settings, say_warning
from motion_tracking.core.intervals import Interval, intervals
from motion_tracking.record.history import History, HistoryError, NoHistoryError
from motion_tracking.report.logfiles import LOG_KINDS, Log, read_log
from motion_tracking.report.spans import Looked, looked, period

PREFIXES = {f"log_{kind}_": kind for kind in LOG_KINDS}


@dataclass(frozen=True, slots=True)
class LoggedMachine:
    """
    A machine and where its logs are; `files` are given by the user, else found in `folder`.

    `history` is the record that knows better; None for files from who knows where.
    """

    name: str
    folder: Path
    threshold: int | None
    files: tuple[Path, ...] = ()
    history: Path | None = None


def machines_with_logs(
    settings: Settings, names: Sequence[str], files: Sequence[Path]
) -> list[LoggedMachine]:
    """Find the logs of the named machines; machines need not be configured any more."""
    config = configured(settings, needed=not files)
    if files:
        names = names[:1] or [_machine_of(files[0])]
    if not names:
        hint = ", ".join(config.cameras) or "`motion-track cameras` lists them"
        raise Failure("which camera?", f"name one or more: {hint}")
    return [
        LoggedMachine(
            name,
            files[0].parent if files else machine_folder(config, name),
            config.cameras[name].threshold if name in config.cameras else None,
            tuple(files),
            None if files else history_file(config),
        )
        for name in dict.fromkeys(names)
    ]


def looked_back(machine: LoggedMachine, log: Log) -> Looked:
    """Return what is drawn of a machine: its logs, and where it goes back so far its history."""
    start, end = period(log.series, log.events)
    return looked(log.series, log.events, list(_recorded(machine, start, end)))


def _recorded(
    machine: LoggedMachine, start: datetime, end: datetime
) -> Iterator[Interval[datetime]]:
    """Yield what the history says, in naive local time, as the logs have it."""
    if machine.history is None:
        return
    since, until = start.astimezone(), end.astimezone()
    try:
        with History(machine.history, read_only=True) as history:
            tiles = intervals(history.past(machine.name, since, until), since, until)
    except NoHistoryError:
        return
    except HistoryError as error:
        say_warning(str(error), "the states are those of the logs")
        return
    shown = datetime.min
    for tile in tiles:
        begin, finish = (at.astimezone().replace(tzinfo=None) for at in (tile.start, tile.end))
        if max(begin, shown) < finish:  # in autumn an hour is shown once for both
            yield replace(tile, start=max(begin, shown), end=finish)
            shown = finish


def read(machine: LoggedMachine, kind: str) -> Log:
    """Read one kind of log, or `all`; raise `Failure` when there is nothing in them."""
    files = machine.files or log_files(machine.folder, machine.name, kind)
    try:
        with shown(f"reading the logs of {machine.name}") as progress:
            log = read_log(*files, progress=progress)
    except OSError as error:
        raise Failure(f"cannot read {error.filename}: {error.strerror}") from None
    if log.empty:
        raise Failure(
            f"no log lines of {machine.name} in {machine.folder}",
            f"`motion-track run {machine.name}` writes them; --log reads another file",
            Exit.NO_DATA,
        )
    return log


def log_files(folder: Path, machine: str, kind: str = "all") -> list[Path]:
    """Find the logs, and what was rotated away from them: name.log, name.log.1, ..."""
    return [
        path
        for prefix, of_kind in PREFIXES.items()
        if kind in ("all", of_kind)
        for path in sorted(folder.glob(f"{prefix}{escape(machine)}.log*"))
    ]


def for_each(machines: Sequence[LoggedMachine], work: Callable[[LoggedMachine], None]) -> None:
    """Do the work for each machine; one that it cannot be done for does not keep it from others."""
    failures: list[Failure] = []
    for machine in machines:
        try:
            work(machine)
        except Failure as failure:
            if failures:
                failures[-1].show()
            failures.append(failure)
    if failures:
        raise failures[-1]


def _machine_of(file: Path) -> str:
    """Guess the machine from the name of a log: log_motion_press1.log is press1's."""
    stem = file.name.split(".log")[0]
    for prefix in PREFIXES:
        stem = stem.removeprefix(prefix)
    return stem
