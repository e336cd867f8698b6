"""
How does a plant keep the past that the old tool's logs tell of?
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from motion_tracking.commands.configuration import (
    UNREADABLE,
    configured,
    history_file,
    machine_folder,
)
from motion_tracking.commands.knowing import working_time
from motion_tracking.commands.logs import LoggedMachine, log_files, machines_with_logs
from motion_tracking.commands.past import PastOfMachine, read_past
from motion_tracking.commands.progress import shown
from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure, Settings, say
from motion_tracking.core.oldtool import changes
from motion_tracking.record.history import History, HistoryError, NoHistoryError
from motion_tracking.report.appearance import period_in_words, totals_in_words

_NAMED = 5
"""Other machines that are named; a damaged log may hold a name a line."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One machine: its logs, what they say, and when our own record begins."""

    machine: str
    files: tuple[Path, ...]
    past: PastOfMachine
    until: datetime | None


def import_logs(
    settings: Settings,
    cameras: Sequence[str],
    logs: Sequence[Path],
    zone: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Say what the logs are taken to mean, ask, and put it into the history."""
    config = configured(settings, needed=not logs)
    local = working_time(config).calendar.zone if zone is None else _zone(zone)
    machines = _machines(settings, config, cameras, logs)
    found = [_read(config, machine, local) for machine in machines]
    for each in found:
        _say(each, local)
    if dry_run:
        return
    if not (yes or _agreed()):
        say("nothing was written")
        return
    try:
        with History(history_file(config), config.site) as history:
            for each in found:
                tiles = each.past.understood.tiles
                told = changes(tiles, each.until)
                count = history.add_imported(each.machine, told, each.files[0].name)
                say(f"{each.machine}: {_written(count)}")
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failure(f"no time zone called {name!r}", "write it as in Europe/Berlin") from None


def _machines(
    settings: Settings, config: Config, names: Sequence[str], logs: Sequence[Path]
) -> list[LoggedMachine]:
    if logs and len(names) > 1:
        raise Failure("--log is of one machine", "name one, or leave --log out")
    if not names and not logs:
        folder = machine_folder(config, "x").parent
        beside = sorted(path.name for path in folder.glob("*") if path.is_dir())
        names = [n for n in dict.fromkeys((*config.cameras, *beside)) if log_files(folder / n, n)]
        if not names:
            raise Failure(f"no logs in {folder}", "--log names a file", Exit.NO_DATA)
    return machines_with_logs(settings, names, logs)


def _read(config: Config, machine: LoggedMachine, zone: tzinfo) -> _Found:
    files = machine.files or tuple(log_files(machine.folder, machine.name))
    until = None
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            until = history.began(machine.name)
    except NoHistoryError:
        pass
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    try:
        with shown(f"reading the logs of {machine.name}") as progress:
            past = read_past(machine.name, files, zone, until, progress)
    except OSError as error:
        raise Failure(f"cannot read {error.filename}: {error.strerror}") from None
    if not past.understood.tiles and not past.too_late:
        hint = "--log reads another file"
        raise Failure(f"no log lines of {machine.name} in {machine.folder}", hint, Exit.NO_DATA)
    return _Found(machine.name, files, past, until)


def _say(found: _Found, zone: tzinfo) -> None:
    say(click.style(found.machine, bold=True))
    say(f"  read        {', '.join(file.name for file in found.files)}")
    tiles = found.past.understood.tiles
    if tiles:
        start, end = (at.astimezone(zone) for at in (tiles[0].start, tiles[-1].end))
        say(f"  from        {period_in_words(start, end)} ({zone})")
        say(f"  it says     {totals_in_words(tiles) or 'no start and no stop'}")
    if found.past.once:
        say(f"  once called {found.past.once!r}")
    for label, lines in (
        ("left out", _left_out(found)),
        ("not seen", _not_seen(found.past)),
        ("doubtful", _doubtful(found.past)),
    ):
        for number, line in enumerate(lines):
            say(f"  {'' if number else label:12}{line}")


def _left_out(found: _Found) -> Iterator[str]:
    past = found.past
    if past.understood.false_stops:
        stops = _counted(past.understood.false_stops, "stop")
        yield f"{stops} that the old tool told at its start, though the machine ran"
    if past.too_late and found.until is not None:
        yield f"{_counted(past.too_late, 'line')} from {_at(found.until)} on: our own record begins"
    for name, count in list(past.others.items())[:_NAMED]:
        yield f"{_counted(count, 'line')} about {name!r}"
    if len(past.others) > _NAMED:
        more = sum(list(past.others.values())[_NAMED:])
        yield f"{_counted(more, 'line')} about {len(past.others) - _NAMED} more names"
    if past.skipped:
        yield f"{_counted(past.skipped, 'line')} that say nothing"


def _not_seen(past: PastOfMachine) -> Iterator[str]:
    if past.understood.restarts:
        yield f"{_counted(past.understood.restarts, 'time')} the old tool was not running"
    if past.understood.losses:
        yield f"{_counted(past.understood.losses, 'time')} it had no picture"


def _doubtful(past: PastOfMachine) -> Iterator[str]:
    if not past.watched:
        yield "without its log_motion_ file nobody knows when it did not look, or started"
    if past.guessed:
        times = _counted(past.guessed, "time")
        yield f"{times} of the hour that comes twice in autumn, taken for the first"
    if past.moved:
        yield f"{_counted(past.moved, 'time')} that did not exist in spring, taken an hour later"
    if past.unmoved:
        yield "its clock did not follow the summer time of this zone: give another with --zone"


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise Failure("nothing was written: nobody is here to agree", "--yes agrees")
    return click.confirm("Put this into the history?", err=True)


def _written(count: int) -> str:
    return f"{_counted(count, 'change')} written" if count else "the history has it already"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
