"""
What is there to report of which machines, by the history and by the plant's calendar?

The data only; how it looks is a matter of `report`.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil

from motion_tracking.commands.configuration import UNREADABLE, chosen, history_file, to_track
from motion_tracking.config import Config
from motion_tracking.config.shifts import WorkingTime, read_shifts
from motion_tracking.console import Exit, Failure, say_error
from motion_tracking.core.digest import PlantReport, ScorePoint
from motion_tracking.core.digesting import Digester, Known, Plan
from motion_tracking.record.history import Heartbeat, History, HistoryError, NoHistoryError

CURVE_DAYS = 8
"""Of a longer time no motion curve is drawn."""

CURVE_POINTS = 2000
"""Pieces of a motion curve, each of which has a lowest and a highest score."""

LATE = timedelta(seconds=30)
"""Without a heartbeat for so long, nobody tracks; there is one every five seconds."""


def working_time(config: Config) -> WorkingTime:
    """Return what the plant's calendar says; raise `Failure` where something in it is wrong."""
    plant = read_shifts(config.directory, [*config.cameras, *config.broken])
    if plant.errors:
        *others, last = plant.errors
        for problem in others:
            say_error(str(problem), problem.hint)
        raise Failure(str(last), last.hint or "motion-track check names all mistakes")
    return plant


def open_history(config: Config, *, read_only: bool = True) -> History:
    """Open the history for a command that looks back; raise `Failure` where it cannot be read."""
    path = history_file(config)
    try:
        if not read_only and not path.exists():  # else it would be made
            raise NoHistoryError(str(path))
        return History(path, config.site, read_only=read_only)
    except NoHistoryError:
        raise Failure(
            "nothing was recorded yet",
            "`motion-track run` tracks, and keeps what it finds",
            Exit.NO_DATA,
        ) from None
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None


def known_machines(config: Config, history: History, names: Sequence[str]) -> list[str]:
    """
    Return the machines to report: those named, else all that are to be tracked or ever were.

    One that is configured no more may be named if the history has it; else raise `Failure`.
    """
    recorded = history.machines_known()
    if names:
        unknown = [name for name in names if name not in recorded]
        chosen(config, unknown)
        return list(dict.fromkeys(names))
    return list(dict.fromkeys([*(camera.name for camera in to_track(config)), *recorded]))


def plant_report(
    config: Config, names: Sequence[str], start: datetime, end: datetime, now: datetime
) -> PlantReport:
    """
    Make the report of some machines, or of all, from `start` to `end`, but not beyond `now`.

    All three are aware.  Raise `Failure` where the calendar is wrong, a machine is not known, the
    time is still to come, or nothing was recorded in it.
    """
    plant = working_time(config)
    end = min(end, now)
    if not start < end:
        raise Failure("there is nothing to report of a time that is still to come")
    plan = Plan(plant.calendar, plant.limits, plant.catalogue, plant.rules)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    digester = Digester(plan, start, end)
    try:
        with open_history(config) as history, _collecting_no_garbage():
            beats = history.heartbeats()
            machines = []
            for name in known_machines(config, history, names):
                found = known(history, name, start, end)
                until = looked_until(beats.get(name), found, now)
                whole = replace(found, until=until, threshold=_threshold(config, name))
                machines.append(digester.machine(whole))
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    return PlantReport(
        site=config.site,
        zone=plant.calendar.zone,
        start=start,
        end=end,
        made_at=now.astimezone(UTC),
        has_calendar=plant.calendar.scheduled,
        machines=tuple(machines),
        limits=plant.limits,
    )


def known(history: History, machine: str, start: datetime, end: datetime) -> Known:
    """Return what the history has of a machine, for a report from `start` to `end`."""
    steps = list(history.past(machine, start, end))
    since = min([start, *(step.occurred_at for step in steps[:1])])
    return Known(
        machine,
        steps,
        assignments=history.assignments(machine, since, end),
        scores=_scores(history, machine, start, end),
        imported_until=history.imported_until(machine),
    )


def _scores(
    history: History, machine: str, start: datetime, end: datetime
) -> tuple[ScorePoint, ...]:
    if end - start > timedelta(days=CURVE_DAYS):
        return ()
    piece = 60 * ceil((end - start).total_seconds() / CURVE_POINTS / 60)
    return tuple(
        ScorePoint(
            datetime.fromtimestamp(span.start, UTC),
            span.lowest,
            span.highest,
            span.total / span.samples,
            span.moving / span.samples,
        )
        for span in history.motion_summed(machine, start, end, piece)
    )


@contextmanager
def _collecting_no_garbage() -> Iterator[None]:
    """
    Hold the search for cycles, of which none are made here.

    It would go through a year of intervals again and again: a quarter of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def looked_until(beat: Heartbeat | None, found: Known, now: datetime) -> datetime | None:
    """Return until when a tracker looked at a machine; None if one does still, or none ever did."""
    if beat is None or (now - beat.at <= LATE and not beat.ended):
        return None
    return max([beat.at, *(step.occurred_at for step in found.steps[-1:])])


def _threshold(config: Config, machine: str) -> int | None:
    camera = config.cameras.get(machine)
    return None if camera is None else camera.threshold
