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

from motion_tracking.commands.configuration import UNREADABLE
from motion_tracking.commands.knowing import (
    known,
    known_machines,
    looked_until,
    open_history,
    plan_of,
    working_time,
)
from motion_tracking.config import Config
from motion_tracking.console import Failure
from motion_tracking.core.digest import PlantReport, ScorePoint
from motion_tracking.core.digesting import Digester
from motion_tracking.record.history import History, HistoryError

CURVE_DAYS = 8
"""Of a longer time no motion curve is drawn."""

CURVE_POINTS = 2000
"""Pieces of a motion curve, each of which has a lowest and a highest score."""


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
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    digester = Digester(plan_of(plant), start, end)
    try:
        with open_history(config) as history, _collecting_no_garbage():
            beats = history.heartbeats()
            machines = []
            for name in known_machines(config, history, names):
                found = known(history, name, start, end)
                until = looked_until(beats.get(name), found, now)
                whole = replace(
                    found,
                    until=until,
                    scores=_scores(history, name, start, end),
                    threshold=_threshold(config, name),
                )
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


def _threshold(config: Config, machine: str) -> int | None:
    camera = config.cameras.get(machine)
    return None if camera is None else camera.threshold
