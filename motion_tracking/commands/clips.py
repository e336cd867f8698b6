"""
Which clips are there, and how does one get at them, or rid of them?
"""

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.clipping import ask
from motion_tracking.commands.configuration import (
    UNREADABLE,
    chosen,
    configured,
    history_file,
    machine_folder,
)
from motion_tracking.commands.shelving import copied, shelf
from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure, Settings, say, table
from motion_tracking.core.changes import human_duration
from motion_tracking.core.clips import Clip, Trigger
from motion_tracking.record.history import History, HistoryError, NoHistoryError
from motion_tracking.record.lock import holder

PLAYABLE = "h264"
"""What every browser plays."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    export: int | None
    output: Path | None
    annotated: bool
    playable: bool
    delete: tuple[int, ...]
    delete_all: bool
    yes: bool
    record: float | None
    as_json: bool


def clips(settings: Settings, cameras: Sequence[str], **asked: Any) -> None:
    """List the clips of all machines, or of some; or export, delete or record some."""
    options = Options(**asked)
    config = configured(settings)
    wanted = [options.export is not None, bool(options.delete), options.delete_all]
    if sum([*wanted, options.record is not None]) > 1:
        raise Failure("--export, --delete, --all and --record exclude each other", "take one")
    for how in ("annotated", "playable"):
        if getattr(options, how) and options.export is None:
            raise Failure(f"--{how} says how to export", f"motion-track clips --export ID --{how}")
    if options.record is not None:
        _ask(config, cameras, options.record)
    elif options.export is not None:
        _export(config, cameras, options)
    elif options.delete or options.delete_all:
        _delete(config, cameras, options)
    else:
        _list(config, cameras, options.as_json)


def _known(config: Config, cameras: Sequence[str], found: Sequence[Clip]) -> None:
    """Raise `Failure` where a name is that of no camera, and of no clip."""
    shown = {machine for clip in found for machine in clip.machines}
    chosen(config, [camera for camera in cameras if camera not in shown])


def _kept(config: Config, cameras: Sequence[str]) -> list[Clip]:
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            found = history.clips(cameras or None)
    except NoHistoryError:
        found = []
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    _known(config, cameras, found)
    return found


def _list(config: Config, cameras: Sequence[str], as_json: bool) -> None:
    found, shelf_of = _kept(config, cameras), shelf(config)
    if as_json:
        listed = [_fields(clip, shelf_of.path(clip)) for clip in found]
        say(json.dumps({"schema": 1, "clips": listed}, indent=2))
        return
    if not found:
        recorded = any(config.recording.of(camera) for camera in config.cameras.values())
        why = "; [clips] events in config_stream.ini says of what video is kept"
        say("no clips" + ("" if recorded else why))
        return
    heads = ("id", "at", "for", "machine", "shows", "MB", "file")
    rows = [
        (
            str(clip.id),
            f"{clip.start.astimezone():%Y-%m-%d %H:%M:%S}",
            "picture" if clip.is_picture else human_duration(round(clip.seconds)),
            ", ".join(clip.machines),
            clip.triggers,
            f"{clip.bytes / 1e6:.1f}",
            str(shelf_of.path(clip)),
        )
        for clip in found
    ]
    table(heads, rows)
    say(f"{_counted(len(found))}, {sum(clip.bytes for clip in found) / 1e6:.1f} MB")


def _fields(clip: Clip, path: Path) -> dict[str, Any]:
    return {
        "id": clip.id,
        "machines": list(clip.machines),
        "shows": [{"machine": machine, "event": trigger.value} for machine, trigger in clip.shown],
        "start": clip.start.isoformat(),
        "end": clip.end.isoformat(),
        "seconds": round(clip.seconds, 3),
        "bytes": clip.bytes,
        "codec": clip.codec,
        "width": clip.size[0],
        "height": clip.size[1],
        "path": path.as_posix(),
    }


def _counted(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"


def _found(config: Config, number: int) -> Clip:
    with suppress(StopIteration):
        return next(clip for clip in _kept(config, ()) if clip.id == number)
    raise Failure(f"there is no clip {number}", "`motion-track clips` lists them", Exit.NO_DATA)


def _export(config: Config, cameras: Sequence[str], options: Options) -> None:
    """Copy a clip, or draw what was found into it."""
    assert options.export is not None
    clip = _found(config, options.export)
    if clip.is_picture and (options.annotated or options.playable):
        how = "--annotated" if options.annotated else "--playable"
        raise Failure(f"{clip.id} is a picture", f"leave out {how}")
    path = shelf(config).path(clip)
    name = path.stem + ("-annotated" if options.annotated else "") + path.suffix
    output = options.output or Path(name)
    output = output / name if output.is_dir() else output
    if output.exists() and output.samefile(path):
        raise Failure("the clip cannot be exported onto itself", "-o names another file")
    if not path.exists():
        raise Failure(
            f"{path} is gone", "VIDEO_DIR may name another folder than before", Exit.NO_DATA
        )
    try:
        if options.annotated:
            from motion_tracking.commands.annotating import annotated

            machine = next((m for m in clip.machines if not cameras or m in cameras), "")
            annotated(config, clip, path, machine, output)
        elif options.playable and clip.codec != PLAYABLE:
            _convert(path, output)
        else:
            copied(path, output)
    except OSError as error:
        raise Failure(f"cannot write {output}: {error.strerror}", "choose another name") from None
    say(str(output))


def _convert(path: Path, output: Path) -> None:
    from motion_tracking.commands.replaying import progress_bar
    from motion_tracking.record.converting import converted

    with progress_bar(path, "converting") as progress:
        converted(path, output, progress)


def _delete(config: Config, cameras: Sequence[str], options: Options) -> None:
    if options.delete_all:
        doomed = _kept(config, cameras)
    else:
        doomed = [_found(config, number) for number in dict.fromkeys(options.delete)]
    if not doomed:
        say("no clips")
        return
    if options.delete_all and not options.yes:
        _confirm(doomed)
    try:
        with History(history_file(config), config.site) as history:
            _remove(config, history, doomed)
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    except OSError as error:
        raise Failure(f"a clip cannot be removed: {error}", "is it being watched?") from None
    say(f"{_counted(len(doomed))} removed, {sum(clip.bytes for clip in doomed) / 1e6:.1f} MB")


def _confirm(doomed: Sequence[Clip]) -> None:
    if not sys.stdin.isatty():
        raise Failure("--all removes all clips, and nobody can be asked here", "add --yes")
    machines = sorted({machine for clip in doomed for machine in clip.machines})
    question = f"Remove {_counted(len(doomed))} of {', '.join(machines)}?"
    if not click.confirm(question, err=True):
        raise click.exceptions.Exit(Exit.OK)


def _remove(config: Config, history: History, doomed: Iterable[Clip]) -> None:
    at = datetime.fromtimestamp(system_now().utc, UTC)
    shelf_of = shelf(config)
    for clip in doomed:
        shelf_of.remove(history, clip, at)


def _ask(config: Config, cameras: Sequence[str], seconds: float) -> None:
    """Ask the processes that track these machines to record them now."""
    if not cameras:
        raise Failure("which camera is to be recorded?", "motion-track clips press1 --record 30")
    for camera in chosen(config, cameras):
        if Trigger.MANUAL not in config.recording.of(camera):
            hint = "add `manual` to events in [clips] of config_stream.ini, and restart its tracker"
            raise Failure(f"{camera.name} is not to be recorded by hand", hint)
        folder = machine_folder(config, camera.name)
        if holder(folder) is None:
            raise Failure(f"no tracker of {camera.name} runs", f"motion-track run {camera.name}")
        try:
            ask(folder, seconds, system_now().utc)
        except OSError as error:
            raise Failure(f"cannot write to {folder}: {error.strerror}") from None
        say(f"{camera.name}: its tracker records {seconds:g} seconds from now on")
