"""
What can the dashboard see of the plant, and do to it?

The history is read, trackers are asked over their links, and two files are written: the threshold
into config_cam.ini, and labels.  No wish brings a path, a command or an address with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.commands import reviewing
from motion_tracking.commands.configuration import history_file, machine_folder, to_track
from motion_tracking.commands.status import hangs, motion, state_of, today
from motion_tracking.commands.upkeep import Upkeep
from motion_tracking.config import Camera, Config, WriteError, write_values
from motion_tracking.config.plant_schema import PLANT_FILE
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.plant import File, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.fleet import RefusedError as TrackerRefusedError
from motion_tracking.fleet.asking import Line, NobodyError
from motion_tracking.record.degraded import degraded
from motion_tracking.record.history import Heartbeat, History, HistoryError, NoHistoryError
from motion_tracking.record.labels import Label, add_label, labels
from motion_tracking.record.lock import holder
from motion_tracking.record.pausing import Pause, pause_of
from motion_tracking.record.small import put

Json = Any

PIECES = 30
"""Of the last hour."""

FIGURED = 15.0
"""Seconds for which the figures of a machine are kept."""

SNAPSHOTS = 200
"""Of a machine, that are kept; the oldest go."""

SNAPSHOT = {"picture": True, "width": 1920, "quality": 90}


class Overseen(Upkeep):
    """The machines of a configuration; may be shared by threads.  See `dashboard.plant.Plant`."""

    def __init__(self, config: Config, now: Now) -> None:
        super().__init__(config)
        self._now = now
        self._cameras: dict[str, Camera] = {}
        self._lines: dict[str, Line] = {}
        self._stamp: tuple[int, ...] = ()
        self._settle()
        self._figures: dict[str, tuple[float, dict[str, Json]]] = {}
        self._writing = Lock()

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

    def tiles(self) -> Sequence[dict[str, Json]]:
        if self._written() != self._stamp:
            self.reload()
        now = self._moment()
        try:
            with self._history() as history:
                beats = history.heartbeats()
                found = []
                for name in list(self._cameras):
                    last = history.last(name)
                    tile = self._tile(name, last, beats.get(name), now)
                    found.append(tile | self._figures_of(history, name, beats.get(name), now))
                return found
        except NothingYetError:
            return [self._tile(name, None, None, now) | _no_figures() for name in self._cameras]

    def machine(self, machine: str) -> dict[str, Json]:
        camera = self._camera(machine)
        answers = self._said(machine, {"do": "look"})
        return {
            "roi": _in_order(camera),
            "size": answers["size"] if answers else camera.frame,
            "detector": camera.detector,
            "share": camera.share,
            "window_s": camera.window_seconds,
            "deep_sleep_s": camera.deep_sleep_minutes * 60,
            "machineid": camera.machineid,
            "can": {"record": bool(answers and answers["can_record"]), "live": answers is not None},
        }

    def timeline(self, machines: Sequence[str], span: Range) -> Sequence[Json]:
        now = self._moment()
        with self._history() as history:
            beats = history.heartbeats()
            return [
                reviewing.row(history, name, (span.start, span.end), _known(beats.get(name), now))
                for name in machines
            ]

    def motion(self, machine: str, span: Range, points: int) -> dict[str, Json]:
        with self._history() as history:
            spans = history.motion(machine, span.start, span.end)
            found = reviewing.curve(spans, span.start, span.end, points)
        return found | {"threshold": self._camera(machine).threshold}

    def stops(self, machine: str, span: Range) -> Sequence[Json]:
        now = self._moment()
        with self._history() as history:
            known = _known(history.heartbeats().get(machine), now)
            return reviewing.stops(history, machine, (span.start, span.end), known)

    def labels(self, machine: str) -> Sequence[Json]:
        return [_label(label) for label in reversed(labels(self._folder(machine)))]

    def add_label(self, machine: str, span: Range, said: Mapping[str, str]) -> Json:
        state = MachineState(said["state"])
        label = Label(span.start, span.end, state, said["note"], said["by"], self._moment())
        try:
            with self._writing:
                add_label(self._folder(machine), label)
        except OSError as error:
            raise RefusedError(f"it cannot be written: {error.strerror}") from None
        return _label(label)

    def clips(self, machine: str, span: Range) -> tuple[bool, Sequence[Json]]:
        return False, []

    def clip(self, machine: str, number: str) -> File:
        raise NotThereError("there is no such clip")

    def delete_clips(self, machine: str) -> int:
        raise RefusedError("nothing is recorded here")

    def snapshots(self, machine: str) -> Sequence[Json]:
        return [_snapshot(path) for path in reversed(self._pictures(machine))]

    def snapshot(self, machine: str, number: str) -> File:
        for path in self._pictures(machine):
            if path.stem == number:
                return File("image/jpeg", f"{machine}-{path.name}", path=path)
        raise NotThereError("there is no such picture")

    def take_snapshot(self, machine: str) -> Json:
        _, picture = self.look(machine, SNAPSHOT)
        if not picture:
            raise RefusedError("there is no picture just now")
        folder = self._folder(machine) / "snapshots"
        path = folder / f"{self._moment():%Y%m%dT%H%M%S%f}Z.jpg"
        try:
            folder.mkdir(exist_ok=True)
            put(path, picture)
            for old in self._pictures(machine)[:-SNAPSHOTS]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise RefusedError(f"it cannot be written: {error.strerror}") from None
        return _snapshot(path)

    def look(self, machine: str, wish: Mapping[str, Json]) -> tuple[Mapping[str, Json], bytes]:
        return self._ask(machine, {**wish, "do": "look"})

    def set_threshold(self, machine: str, threshold: int) -> Json:
        path = self._config.directory / CAMERA_FILE
        was = self._camera(machine).threshold
        try:
            with self._writing:
                diff = write_values(path, machine, {"threshold": str(threshold)})
        except WriteError as error:
            raise RefusedError(str(error), error.hint) from None
        self.reload()
        applied = self._said(machine, {"do": "threshold", "threshold": threshold})
        return {
            "threshold": threshold,
            "was": applied["was"] if applied else was,
            "applied": applied is not None,
            "diff": diff,
        }

    def pause(self, machine: str, seconds: float, reason: str, by: str) -> Json:
        wish = {"do": "pause", "seconds": seconds, "reason": reason, "by": by}
        said, _ = self._ask(machine, wish)
        held = said["paused"]
        return _paused(Pause(held["until"], held["reason"], held["by"]))

    def resume(self, machine: str) -> None:
        self._ask(machine, {"do": "resume"})

    def record(self, machine: str, on: bool) -> None:
        self._ask(machine, {"do": "record", "on": on})

    def restart(self, machine: str) -> None:
        self._ask(machine, {"do": "end"})

    def reload(self) -> None:
        """Read the configuration again, and take up machines that are new."""
        super().reload()
        self._settle()

    def _settle(self) -> None:
        self._stamp = self._written()
        cameras = {camera.name: camera for camera in to_track(self._config)}
        # threads use what they have: nothing is taken away under them
        self._lines |= {n: Line(self._folder(n)) for n in cameras if n not in self._lines}
        self._cameras = cameras

    def _camera(self, machine: str) -> Camera:
        """Return a machine that there was just now."""
        if machine not in self._cameras:
            raise NotThereError("there is no such machine any more")
        return self._cameras[machine]

    def _written(self) -> tuple[int, ...]:
        """Say when the configuration was written; 0 where there is no file."""
        stamps = []
        for name in (CAMERA_FILE, PLANT_FILE):
            try:
                stamps.append((self._config.directory / name).stat().st_mtime_ns)
            except OSError:
                stamps.append(0)
        return tuple(stamps)

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

    def _tile(
        self, name: str, last: tuple[int, Change] | None, beat: Heartbeat | None, now: datetime
    ) -> dict[str, Json]:
        folder, seq, change = self._folder(name), None, None
        if last is not None:
            seq, change = last
        held = holder(folder) is not None
        late = held and hangs(beat, now)
        state, reason, since = state_of(change, beat, now, tracked=held and not late)
        pause = pause_of(folder)
        misfit = degraded(folder)
        live = held and not late
        return {
            "machine": name,
            "state": state.value,
            "reason": None if reason is None else reason.value,
            "since": None if last is None and beat is None else since.isoformat(),
            "detected_at": None if change is None else change.detected_at.isoformat(),
            "seq": seq,
            "stopped_since": reviewing.stopped_since(state, change),
            "tracking": held,
            "late": late,
            "score": beat.score if beat and live else None,
            "threshold": self._camera(name).threshold,
            "moving_share": beat.moving_share if beat and live else None,
            "fps": beat.fps if beat and live else None,
            "seen_at": beat.seen_at.isoformat() if beat and beat.seen_at else None,
            "trouble": beat.trouble if beat and live else "",
            "degraded": None if misfit is None else asdict(misfit),
            "paused": _paused(pause) if pause and pause.until > now.timestamp() else None,
            "recording": False,
        }

    def _figures_of(
        self, history: History, name: str, beat: Heartbeat | None, now: datetime
    ) -> dict[str, Json]:
        at = self._now().at
        made_at, figures = self._figures.get(name, (float("-inf"), {}))
        if at - made_at > FIGURED:
            summed = today(history, name, beat, now)
            figures = {
                "utilisation_today": summed.utilisation,
                "coverage_today": summed.coverage,
                "spark": motion(history, name, now, PIECES),
            }
            self._figures[name] = at, figures
        return figures

    @contextmanager
    def _history(self) -> Iterator[History]:
        path, site = history_file(self._config), self._config.site
        try:
            with History(path, site, read_only=True) as history:
                yield history
        except NoHistoryError:
            raise NothingYetError("nothing has been tracked yet") from None
        except HistoryError as error:
            raise RefusedError(str(error)) from None

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now().utc, UTC)

    def _folder(self, machine: str) -> Path:
        return machine_folder(self._config, machine)

    def _pictures(self, machine: str) -> list[Path]:
        return sorted((self._folder(machine) / "snapshots").glob("*Z.jpg"))


class NothingYetError(RefusedError):
    """There is no history."""


def _known(beat: Heartbeat | None, now: datetime) -> datetime:
    """Return until when a machine's state is known: while it is tracked, now."""
    return beat.at if beat is not None and hangs(beat, now) else now


def _no_figures() -> dict[str, Json]:
    return {"utilisation_today": None, "coverage_today": 0.0, "spark": [None] * PIECES}


def _in_order(camera: Camera) -> list[int] | None:
    if camera.corners is None:
        return None
    ix, iy, ix2, iy2 = camera.corners
    return [min(ix, ix2), min(iy, iy2), max(ix, ix2), max(iy, iy2)]


def _paused(pause: Pause) -> Json:
    until = datetime.fromtimestamp(pause.until, UTC).isoformat()
    return {"until": until, "reason": pause.reason, "by": pause.by}


def _label(label: Label) -> Json:
    return {
        "from": label.start.isoformat(),
        "to": label.end.isoformat(),
        "state": label.state.value,
        "note": label.note,
        "by": label.by,
        "at": label.at.isoformat(),
    }


def _snapshot(path: Path) -> Json:
    at = datetime.strptime(path.stem, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    url = f"api/machines/{path.parents[1].name}/snapshots/{path.stem}"
    return {"id": path.stem, "at": at.isoformat(), "url": url}
