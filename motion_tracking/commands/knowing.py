"""
What is known of a machine's past, and of the time in which it should have run?

For reports, reasons and the dashboard; nothing here needs numpy.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from motion_tracking.commands.configuration import UNREADABLE, chosen, history_file, to_track
from motion_tracking.config import Config
from motion_tracking.config.shifts import WorkingTime, read_shifts
from motion_tracking.console import Exit, Failure, say_error
from motion_tracking.core.explaining import Known, Plan, explained_stops
from motion_tracking.core.stops import Stop
from motion_tracking.record.history import Heartbeat, History, HistoryError, NoHistoryError

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


def plan_of(plant: WorkingTime) -> Plan:
    """Return what a calendar means for figures and reasons."""
    return Plan(plant.calendar, plant.limits, plant.catalogue, plant.rules)


def stops_between(
    history: History, plan: Plan, machine: str, span: tuple[datetime, datetime], now: datetime
) -> list[Stop]:
    """Return the stops of a machine in a time that is not to come, with their reasons."""
    start, end = span
    found = known(history, machine, start, end)
    until = looked_until(history.heartbeats().get(machine), found, now)
    return explained_stops(plan, replace(found, until=until), start, end)


def known(history: History, machine: str, start: datetime, end: datetime) -> Known:
    """Return what the history has of a machine from `start` to `end`, but for its scores."""
    steps = list(history.past(machine, start, end))
    since = min([start, *(step.occurred_at for step in steps[:1])])
    return Known(
        machine,
        steps,
        assignments=history.assignments(machine, since, end),
        imported_until=history.imported_until(machine),
    )


def looked_until(beat: Heartbeat | None, found: Known, now: datetime) -> datetime | None:
    """Return until when a tracker looked at a machine; None if one does still, or none ever did."""
    if beat is None or (now - beat.at <= LATE and not beat.ended):
        return None
    return max([beat.at, *(step.occurred_at for step in found.steps[-1:])])
