"""
What do all parts of the dashboard share: machines, the way to their trackers, and the history?
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.commands.configuration import history_file, machine_folder, to_track
from motion_tracking.config import Camera, Config, load
from motion_tracking.config.plant_schema import PLANT_FILE
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.fleet import RefusedError as TrackerRefusedError
from motion_tracking.fleet.asking import Line, NobodyError
from motion_tracking.record.history import History, HistoryError, NoHistoryError

Json = Any


class Premises:
    """A configuration, its machines, and a line to each; may be shared by threads."""

    def __init__(self, config: Config, now: Now) -> None:
        self._config = config
        self._now = now
        self._cameras: dict[str, Camera] = {}
        self._lines: dict[str, Line] = {}
        self._stamp: tuple[int, ...] = ()
        self._writing = Lock()
        self._settle()

    @property
    def site(self) -> str:
        return self._config.site

    def names(self) -> Sequence[str]:
        return list(self._cameras)

    def close(self) -> None:
        """Hang up on all trackers."""
        for line in self._lines.values():
            line.close()

    def ready(self) -> None:
        with suppress(NothingYetError), self._history() as history:
            history.machines()

    def reload(self) -> None:
        """Read the configuration again, and take up machines that are new."""
        self._config = load(self._config.directory, os.environ)
        self._settle()

    def _settle(self) -> None:
        self._stamp = self._written()
        cameras = {camera.name: camera for camera in to_track(self._config)}
        # threads use what they have: nothing is taken away under them
        self._lines |= {n: Line(self._folder(n)) for n in cameras if n not in self._lines}
        self._cameras = cameras

    def _written(self) -> tuple[int, ...]:
        """Say when the configuration was written; 0 where there is no file."""
        stamps = []
        for name in (CAMERA_FILE, PLANT_FILE):
            try:
                stamps.append((self._config.directory / name).stat().st_mtime_ns)
            except OSError:
                stamps.append(0)
        return tuple(stamps)

    def _camera(self, machine: str) -> Camera:
        """Return a machine that there was just now."""
        if machine not in self._cameras:
            raise NotThereError("there is no such machine any more")
        return self._cameras[machine]

    def _ask(self, machine: str, wish: Mapping[str, Json]) -> tuple[Mapping[str, Json], bytes]:
        try:
            return self._lines[machine].ask({**wish, "machine": machine})
        except NobodyError:
            text = f"no tracker of {machine} answers"
            raise RefusedError(text, f"motion-track run {machine}") from None
        except TrackerRefusedError as error:
            raise RefusedError(str(error), error.hint) from None

    def _said(self, machine: str, wish: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """Ask, where it does not matter much whether a tracker answers."""
        try:
            return self._ask(machine, wish)[0]
        except RefusedError:
            return None

    @contextmanager
    def _history(self, *, read_only: bool = True) -> Iterator[History]:
        path, site = history_file(self._config), self._config.site
        try:
            if not read_only and not path.exists():  # else it would be made
                raise NoHistoryError(str(path))
            with History(path, site, read_only=read_only) as history:
                yield history
        except NoHistoryError:
            raise NothingYetError("nothing has been tracked yet") from None
        except HistoryError as error:
            raise RefusedError(str(error)) from None

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now().utc, UTC)

    def _folder(self, machine: str) -> Path:
        return machine_folder(self._config, machine)


def corners_of(camera: Camera) -> list[int] | None:
    """Return left, top, right and bottom of what is watched; None where no area is drawn."""
    if camera.corners is None:
        return None
    ix, iy, ix2, iy2 = camera.corners
    return [min(ix, ix2), min(iy, iy2), max(ix, ix2), max(iy, iy2)]


class NothingYetError(RefusedError):
    """There is no history."""
