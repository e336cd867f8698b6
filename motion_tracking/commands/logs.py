"""
Where are the text logs of which machines, and what is in them?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from motion_tracking.commands.configuration import configured, machine_folder
from motion_tracking.commands.progress import shown
from motion_tracking.console import Exit, Failure, Settings
from motion_tracking.report.logfiles import LOG_KINDS, Log, read_log

PREFIXES = {f"log_{kind}_": kind for kind in LOG_KINDS}


@dataclass(frozen=True, slots=True)
class LoggedMachine:
    """A machine and where its logs are; `files` are given by the user, else found in `folder`."""

    name: str
    folder: Path
    threshold: int | None
    files: tuple[Path, ...] = ()


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
        )
        for name in dict.fromkeys(names)
    ]


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


def _machine_of(file: Path) -> str:
    """Guess the machine from the name of a log: log_motion_press1.log is press1's."""
    stem = file.name.split(".log")[0]
    for prefix in PREFIXES:
        stem = stem.removeprefix(prefix)
    return stem
