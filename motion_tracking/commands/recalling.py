"""
What has happened to a machine, and why did it stop, as the dashboard asks?
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from motion_tracking.commands import reviewing
from motion_tracking.commands.knowing import plan_of, stops_between
from motion_tracking.commands.premises import Premises
from motion_tracking.commands.status import hangs
from motion_tracking.commands.stopping import reason_fields
from motion_tracking.config.shifts import WorkingTime, read_shifts
from motion_tracking.core.changes import Change
from motion_tracking.core.explaining import Plan
from motion_tracking.core.reasons import SAME, Assignment
from motion_tracking.core.stops import Stop
from motion_tracking.dashboard.plant import Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.history import Heartbeat, History

Json = Any


class Recalled(Premises):
    """The past of the machines, and what people say of it."""

    def timeline(self, machines: Sequence[str], span: Range) -> Sequence[Json]:
        now = self._moment()
        start, end = span.start, max(span.start, min(span.end, now))

        def row(history: History, machine: str, beat: Heartbeat | None) -> Json:
            until = _looked_until(beat, history.last(machine), now)
            return reviewing.row(history, machine, (start, end), until)

        with self._history() as history:
            beats = history.heartbeats()
            return [row(history, name, beats.get(name)) for name in machines]

    def shifts(self, span: Range) -> dict[str, Json]:
        plant = self._working_time()
        found = plant.calendar.shifts_between("", span.start, span.end)
        return {
            "shifts": [
                {
                    "name": shift.name,
                    "day": shift.day.isoformat(),
                    "start": shift.start.isoformat(),
                    "end": shift.end.isoformat(),
                }
                for shift in ([] if plant.errors else found)
            ],
            "trouble": trouble(plant),
        }

    def motion(self, machine: str, span: Range, points: int) -> dict[str, Json]:
        with self._history() as history:
            spans = history.motion(machine, span.start, span.end)
            found = reviewing.curve(spans, span.start, span.end, points)
        return found | {"threshold": self._camera(machine).threshold}

    def stops(self, machine: str, span: Range) -> Sequence[Json]:
        with self._history() as history:
            found = self._stops(history, self._plan(), machine, span.start)
            numbers = _numbers(history, machine, found)
        return [
            _said(stop, numbers.get(stop.start), span.start)
            for stop in reversed(found)
            if stop.start < span.end
        ]

    def reasons(self) -> dict[str, Json]:
        plant = self._working_time()
        reasons = plant.catalogue.reasons.items()
        return {
            "reasons": [{"reason": name, "category": str(kind)} for name, kind in reasons],
            "trouble": trouble(plant),
        }

    def give_reason(self, machine: str, start: datetime, said: Mapping[str, str]) -> Json:
        plant = self._working_time()
        if plant.errors:
            raise RefusedError(trouble(plant), plant.errors[-1].hint)
        reason = said["reason"].lower()
        if reason and reason not in plant.catalogue:
            one_of = ", ".join(plant.catalogue.reasons)
            raise RefusedError("there is no such reason", f"one of: {one_of}")
        with self._history(read_only=False) as history:
            stop = self._stop(history, plan_of(plant), machine, start)
            word = Assignment(machine, stop.start, reason, said["note"], said["by"], self._moment())
            history.assign(word)
            stop = self._stop(history, plan_of(plant), machine, stop.start)
            number = _numbers(history, machine, [stop]).get(stop.start)
        return _said(stop, number, stop.start - SAME)

    def _stops(self, history: History, plan: Plan, machine: str, start: datetime) -> list[Stop]:
        """Return the stops since a moment until now, each whole."""
        now = self._moment()
        if not start < now:
            return []
        return stops_between(history, plan, machine, (start, now), now)

    def _stop(self, history: History, plan: Plan, machine: str, start: datetime) -> Stop:
        """Return the stop that began then."""
        for stop in self._stops(history, plan, machine, start - timedelta(minutes=1)):
            if abs(stop.start - start) <= SAME:
                return stop
        raise NotThereError("no stop began then")

    def _plan(self) -> Plan:
        """Return what the calendar means; where it is wrong, what people said counts alone."""
        plant = self._working_time()
        return Plan(WorkingTime(plant.file).calendar) if plant.errors else plan_of(plant)

    def _working_time(self) -> WorkingTime:
        config = self._config
        return read_shifts(config.directory, [*config.cameras, *config.broken])


def trouble(plant: WorkingTime) -> str:
    """Say what is wrong in the calendar, but not in which folder; empty if nothing is."""
    return str(plant.errors[-1]).replace(f"{plant.file.parent}{os.sep}", "") if plant.errors else ""


def _looked_until(
    beat: Heartbeat | None, last: tuple[int, Change] | None, now: datetime
) -> datetime:
    """
    Return until when a tracker looked at a machine: now, while it does.

    Where no heart ever beat, as in logs of the old tool, it is known up to the last change.
    """
    if beat is not None and not hangs(beat, now) and not beat.ended:
        return now
    known = [beat.at] if beat is not None else []
    if last is not None:
        known.append(last[1].occurred_at)
    return max(known, default=now)


def _numbers(history: History, machine: str, stops: Sequence[Stop]) -> dict[datetime, int]:
    """Return the numbers of the changes with which these stops began."""
    if not stops:
        return {}
    since, until = stops[0].start, stops[-1].start + SAME
    changes = history.changes(machine, since=since, until=until)
    return {change.occurred_at: seq for seq, change in changes}


def _said(stop: Stop, number: int | None, start: datetime) -> Json:
    return {
        "seq": number,
        "start": stop.start.isoformat(),
        "end": None if stop.ongoing else stop.end.isoformat(),
        "duration_s": stop.seconds,
        "open": stop.ongoing,
        "deep_sleep": stop.slept,
        "before": stop.start <= start,
        **reason_fields(stop, UTC),
    }
