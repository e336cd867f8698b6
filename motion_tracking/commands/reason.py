"""
Why did a machine stop?  Somebody says so, or asks what was said.
"""

import getpass
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import UNREADABLE, configured
from motion_tracking.commands.knowing import (
    known_machines,
    open_history,
    plan_of,
    stops_between,
    working_time,
)
from motion_tracking.commands.stopping import stop_fields
from motion_tracking.config import Config
from motion_tracking.config.shifts import WorkingTime
from motion_tracking.console import Exit, Failure, Settings, say, table
from motion_tracking.core.changes import human_duration
from motion_tracking.core.reasons import Assignment, Category
from motion_tracking.core.shifts import local, moment
from motion_tracking.core.stops import Stop
from motion_tracking.record.history import History, HistoryError

NEAR = timedelta(minutes=5)
"""How far from a stop a time may be and still mean it."""

FARTHEST = 366
"""Days within which a stop is looked for."""

LONGEST = 500
"""Characters of a note, or of a name."""

_NO_WORD = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")

_TIME = re.compile(r"(?:(?P<day>yesterday|today)[ T])?(?P<hour>\d{1,2}):(?P<minute>\d\d)(:\d\d)?")


def reason(
    settings: Settings,
    machine: str | None,
    words: Sequence[str],
    note: str,
    by: str | None,
    clear: bool,
    listed: bool,
    days: int,
    as_json: bool,
) -> None:
    """Keep why a machine stopped, or list its stops with their reasons."""
    config = configured(settings)
    plant = working_time(config)
    now = datetime.fromtimestamp(system_now().utc, UTC)
    try:
        if listed:
            with open_history(config) as history:
                _list(config, history, plant, [machine] if machine else [], days, now, as_json)
            return
        if machine is None:
            raise Failure("which machine?", "motion-track reason MACHINE [WHEN] REASON")
        when, why = _asked(plant, machine, words, clear, now)
        with open_history(config, read_only=False) as history:
            [name] = known_machines(config, history, [machine])
            stop = _meant(_stops(history, plant, name, FARTHEST, now), when, plant, name)
            note, who = _plain("--note", note), _plain("--by", by or _login())
            said = Assignment(name, stop.start, why, note, who, now)
            history.assign(said)
            stop = next(
                s for s in _stops(history, plant, name, FARTHEST, now) if s.start == stop.start
            )
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    if as_json:
        say(json.dumps({"schema": 1, "stop": stop_fields(stop, plant.calendar.zone)}, indent=2))
    else:
        _say_kept(stop, said, plant)


def _asked(
    plant: WorkingTime, machine: str, words: Sequence[str], clear: bool, now: datetime
) -> tuple[datetime | None, str]:
    """Return of which moment something is said, if of any, and the reason."""
    most = 1 if clear else 2
    if len(words) > most:
        raise Failure(
            f"too many words: {' '.join(words)}",
            "put a reason or a time of several words in quotes",
        )
    *whens, why = [*words, ""] if clear else words or [""]
    when = _moment(whens[0], plant, now) if whens else None
    if clear:
        return when, ""
    if not why or why not in plant.catalogue:
        one_of = ", ".join(plant.catalogue.reasons)
        wrong = f"there is no reason called {why!r}" if why else f"why did {machine} stop?"
        raise Failure(wrong, f"one of: {one_of}; more of them below [reasons] in {plant.file.name}")
    return when, why.lower()


def _moment(text: str, plant: WorkingTime, now: datetime) -> datetime:
    """Return which moment is meant: a time of day is the last one that is past."""
    zone = plant.calendar.zone
    match = _TIME.fullmatch(text.lower())
    try:
        if match is None:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else moment(at, zone)
        clock = datetime.strptime(text[match.start("hour") :], "%H:%M:%S" if match[4] else "%H:%M")
    except (ValueError, OverflowError):  # the year 1, or 9999
        hint = "a time such as 07:30, 'yesterday 22:10' or 2026-11-30T07:30"
        raise Failure(f"{text!r} is no time", hint) from None
    day = local(now, zone).date()
    if match["day"] == "yesterday":
        day -= timedelta(days=1)
    at = moment(datetime.combine(day, clock.time()), zone)
    if at > now and match["day"] is None:
        at = moment(datetime.combine(day - timedelta(days=1), clock.time()), zone)
    return at


def _stops(
    history: History, plant: WorkingTime, machine: str, days: int, now: datetime
) -> list[Stop]:
    """Return the stops of the last days, with their reasons."""
    span = now - timedelta(days=days), now
    return stops_between(history, plan_of(plant), machine, span, now)


def _meant(stops: list[Stop], when: datetime | None, plant: WorkingTime, machine: str) -> Stop:
    """Return the stop at or next to a moment, or the last that was long enough to count."""
    if when is None:
        counted = [stop for stop in stops if stop.ongoing or stop.seen >= plant.limits.shortest]
        if counted:
            return counted[-1]
        raise Failure(f"{machine} has not stopped yet", code=Exit.NO_DATA)
    near = sorted(stops, key=lambda stop: _distance(stop, when))[:1]
    if near and _distance(near[0], when) <= NEAR:
        return near[0]
    at = _wall(when, plant.calendar.zone)
    raise Failure(
        f"{machine} did not stop at {at}",
        f"motion-track reason {machine} --list shows when it did",
        Exit.NO_DATA,
    )


def _distance(stop: Stop, when: datetime) -> timedelta:
    return max(stop.start - when, when - stop.end, timedelta())


def _plain(option: str, text: str) -> str:
    """Return a text as one line of a table; raise `Failure` where it is too long for one."""
    line = " ".join(word for word in _NO_WORD.split(text) if word)
    if len(line) > LONGEST:
        raise Failure(f"{option} has {len(line)} characters", f"{LONGEST} at most")
    return line


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return ""


def _say_kept(stop: Stop, said: Assignment, plant: WorkingTime) -> None:
    of = f"{stop.machine}, stopped {_wall(stop.start, plant.calendar.zone)} for {_length(stop)}"
    if said.reason:
        say(f"{of}: {stop.reason} ({stop.category}), says {said.who or 'somebody'}")
    else:
        say(f"{of}: taken back by {said.who or 'somebody'}; now {stop.reason or 'no reason'}")


def _list(
    config: Config,
    history: History,
    plant: WorkingTime,
    names: list[str],
    days: int,
    now: datetime,
    as_json: bool,
) -> None:
    machines = known_machines(config, history, names)
    stops = [stop for name in machines for stop in _stops(history, plant, name, days, now)]
    stops = [stop for stop in stops if stop.ongoing or stop.seen >= plant.limits.shortest]
    zone = plant.calendar.zone
    if as_json:
        listed = {
            "schema": 1,
            "reasons": {name: str(kind) for name, kind in plant.catalogue.reasons.items()},
            "stops": [stop_fields(stop, zone) for stop in stops],
        }
        say(json.dumps(listed, indent=2))
        return
    if not stops:
        say(f"no stops in the last {days} days; reasons: {', '.join(plant.catalogue.reasons)}")
        return
    heads = ("machine", "stopped", "for", "reason", "by", "note")
    table(heads, [_row(stop, zone) for stop in stops])


def _row(stop: Stop, zone: tzinfo) -> tuple[str, ...]:
    why = stop.why
    by = why.who or ("" if why.category is Category.UNKNOWN else str(why.source))
    return (stop.machine, _wall(stop.start, zone), _length(stop), why.reason, by, why.note)


def _length(stop: Stop) -> str:
    length = human_duration(stop.seconds)
    return length if stop.closed else f"{length} or more"


def _wall(at: datetime, zone: tzinfo) -> str:
    return f"{local(at, zone):%Y-%m-%d %H:%M:%S}"
