"""
What is every machine doing now, since when, and how much did it run today?

Read from the history, so it works whether or not anything runs.  A tracker that is gone cannot
say so itself: who holds no lock is not tracking, whatever its last heartbeat said.  Nor is one
that hangs: it holds its lock, and its heart beats no more.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import click

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import (
    UNREADABLE,
    chosen,
    configured,
    history_file,
    machine_folder,
    to_track,
)
from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure, Settings, say, state_style, table
from motion_tracking.core.changes import Change, human_duration
from motion_tracking.core.heads import ALL_DECODED
from motion_tracking.core.intervals import Totals, intervals, totals
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.pace import TOO_FEW
from motion_tracking.record.degraded import Degraded, degraded
from motion_tracking.record.history import Heartbeat, History, HistoryError, NoHistoryError
from motion_tracking.record.lock import holder

REFRESH = 2.0
"""Seconds between two looks of `--watch`."""

LATE = 30.0
"""Seconds without a heartbeat, of which there is one every five, after which a tracker hangs."""

SPARKS = "▁▂▃▄▅▆▇█"
SPARK_MINUTES = 6


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """
    What is known of a machine at `now`; times are aware, `utilisation` is of today or None.

    `motion` are the moving shares of the last hour in pieces of six minutes, None where unseen.
    `degraded` says what of its calibration no longer fits.
    """

    machine: str
    now: datetime
    state: MachineState
    reason: Reason | None
    since: datetime | None
    pid: int | None
    beat: Heartbeat | None
    utilisation: float | None
    motion: tuple[float | None, ...]
    degraded: Degraded | None = None

    @property
    def seen(self) -> bool:
        """Whether the machine is in view, running or not."""
        return self.state is not MachineState.NO_SIGNAL


def status(
    settings: Settings, cameras: Sequence[str], watch: bool, exit_code: bool, as_json: bool
) -> None:
    """Print a line for each machine, once or until Ctrl-C."""
    config = configured(settings)
    named = [camera.name for camera in chosen(config, cameras)]
    while True:
        machines = _machines(config, named)
        if not machines:
            raise Failure(
                "no camera to track is configured", "`motion-track check` says why", Exit.NO_DATA
            )
        if watch and not as_json:
            click.clear()
        _print(machines, as_json)
        if not watch:
            break
        Event().wait(REFRESH)
    if exit_code and not all(machine.seen for machine in machines):
        raise click.exceptions.Exit(Exit.FINDINGS)


def _machines(config: Config, named: Sequence[str]) -> list[MachineStatus]:
    names = named or [camera.name for camera in to_track(config)]
    now = datetime.fromtimestamp(system_now().utc, UTC)
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            beats = history.heartbeats()
            return [
                _machine(history, name, machine_folder(config, name), beats.get(name), now)
                for name in names
            ]
    except NoHistoryError:
        return [_never_tracked(name, now) for name in names]
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None


def _machine(
    history: History, name: str, folder: Path, beat: Heartbeat | None, now: datetime
) -> MachineStatus:
    last = history.last(name)
    if last is None and beat is None:
        return _never_tracked(name, now)
    pid = None if hangs(beat, now) else holder(folder)
    change = None if last is None else last[1]
    state, reason, since = state_of(change, beat, now, tracked=pid is not None)
    return MachineStatus(
        name,
        now,
        state,
        reason,
        since,
        pid,
        beat,
        today(history, name, beat, now).utilisation,
        motion(history, name, now, 60 // SPARK_MINUTES),
        degraded(folder),
    )


def state_of(
    last: Change | None, beat: Heartbeat | None, now: datetime, *, tracked: bool
) -> tuple[MachineState, Reason | None, datetime]:
    """Return state, reason and since when, by the last change and heartbeat, if there is either."""
    state, reason, since = MachineState.UNKNOWN, None, beat.since if beat else now
    if last is not None:
        state, reason, since = last.to_state, last.reason, last.occurred_at
    if not tracked and reason is not Reason.NOT_TRACKING:
        state, reason = MachineState.NO_SIGNAL, Reason.NOT_TRACKING
        since = beat.at if beat else since
    return state, reason, since


def hangs(beat: Heartbeat | None, now: datetime) -> bool:
    """Whether a tracker has not been heard of for too long."""
    return beat is not None and (now - beat.at).total_seconds() > LATE


def _never_tracked(name: str, now: datetime) -> MachineStatus:
    return MachineStatus(
        name, now, MachineState.NO_SIGNAL, Reason.NOT_TRACKING, None, None, None, None, ()
    )


def today(history: History, name: str, beat: Heartbeat | None, now: datetime) -> Totals:
    """Add up what a machine did since local midnight, as far as it was watched."""
    midnight = midnight_before(now)
    until = min(now, beat.at) if beat else now
    if until <= midnight:
        return totals(())
    before = [c for _, c in history.changes(name, until=midnight, newest_first=True, limit=1)]
    since = [c for _, c in history.changes(name, since=midnight)]
    return totals(intervals([*before, *since], midnight, until))


def midnight_before(now: datetime) -> datetime:
    """Return when the local day of a moment began; where midnight is skipped, the hour after."""
    day = now.astimezone().date()
    # naive, so that the offset is that of midnight and not of now; of two readings the first
    naive = datetime.combine(day, time())
    read = (naive.replace(fold=fold).astimezone(UTC).astimezone() for fold in (0, 1))
    return min(midnight for midnight in read if midnight.date() == day)


def motion(history: History, name: str, now: datetime, pieces: int) -> tuple[float | None, ...]:
    """Return the moving shares of the last hour in so many pieces; None where nothing was seen."""
    start = now - timedelta(minutes=60)
    samples, moving = [0] * pieces, [0] * pieces
    for span in history.motion(name, start, now):
        piece = int((span.start - start.timestamp()) * pieces // 3600)
        samples[piece] += span.samples
        moving[piece] += span.moving
    return tuple(m / s if s else None for s, m in zip(samples, moving, strict=True))


def _print(machines: Sequence[MachineStatus], as_json: bool) -> None:
    if as_json:
        listed = {"schema": 1, "machines": [_fields(machine) for machine in machines]}
        say(json.dumps(listed, indent=2))
        return
    heads = ("machine", "state", "for", "today", "last hour", "score", "threshold", "fps", "seen")
    table(heads, [_row(machine) for machine in machines], {1: state_style})


def _row(machine: MachineStatus) -> tuple[str, ...]:
    beat = machine.beat
    state = machine.state.word
    if machine.reason is not None:
        state += f" ({machine.reason.replace('_', ' ')})"
    if machine.degraded is not None:
        state += ", degraded"
    live = machine.pid is not None
    told = [word for word in (TOO_FEW, ALL_DECODED) if beat and beat.trouble.startswith(word)]
    if live and told:
        state += f", {told[0]}"
    return (
        machine.machine,
        state,
        _ago(machine.since, machine.now),
        "" if machine.utilisation is None else f"{machine.utilisation:.1%}",
        "".join(_spark(share) for share in machine.motion),
        _number(beat.score if beat and live else None),
        _number(beat.threshold if beat else None),
        f"{beat.fps:.1f}" if beat and live and beat.fps is not None else "",
        _ago(beat.seen_at if beat else None, machine.now),
    )


def _ago(when: datetime | None, now: datetime) -> str:
    return "never" if when is None else human_duration((now - when).total_seconds())


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _spark(share: float | None) -> str:
    return " " if share is None else SPARKS[min(int(share * len(SPARKS)), len(SPARKS) - 1)]


def _fields(machine: MachineStatus) -> dict[str, Any]:
    beat = machine.beat
    return {
        "machine": machine.machine,
        "state": machine.state.value,
        "reason": machine.reason.value if machine.reason else None,
        "since": machine.since.isoformat() if machine.since else None,
        "for_s": (machine.now - machine.since).total_seconds() if machine.since else None,
        "pid": machine.pid,
        "utilisation_today": machine.utilisation,
        "score": beat.score if beat else None,
        "threshold": beat.threshold if beat else None,
        "fps": beat.fps if beat else None,
        "seen_at": beat.seen_at.isoformat() if beat and beat.seen_at else None,
        "trouble": beat.trouble if beat else "",
        "degraded": asdict(machine.degraded) if machine.degraded else None,
    }
