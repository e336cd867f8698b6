"""
Why did a machine stop, by the word of a person or by a rule?

A person's word wins over the calendar, that over a rule; of several people the newest word wins,
of several rules the first.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from motion_tracking.core.shifts import PlannedStop

SAME = timedelta(seconds=1)
"""How far the beginning of a stop may be from what was said of it and still be the same."""


class Category(StrEnum):
    """What kind of reason it is; figures tell failures and what was planned from the rest."""

    FAILURE = "failure"
    CHANGEOVER = "changeover"
    MATERIAL = "material"
    BREAK = "break"
    PLANNED = "planned"
    OTHER = "other"
    UNKNOWN = "unknown"  # nobody said


STANDARD = {
    "failure": Category.FAILURE,
    "changeover": Category.CHANGEOVER,
    "material": Category.MATERIAL,
    "break": Category.BREAK,
    "maintenance": Category.PLANNED,
    "planned": Category.PLANNED,
    "other": Category.OTHER,
}
"""The reasons that every plant has."""


class Catalogue:
    """The reasons that a stop can have: those of every plant and the plant's own."""

    def __init__(self, own: Mapping[str, Category] | None = None) -> None:
        self.reasons = {**STANDARD, **{name.lower(): kind for name, kind in (own or {}).items()}}

    def __contains__(self, reason: str) -> bool:
        return reason.lower() in self.reasons

    def category(self, reason: str) -> Category:
        """Return its category; `other` for one that was in the list once, or in a calendar."""
        return self.reasons.get(reason.lower(), Category.OTHER)


class Source(StrEnum):
    """Who says so."""

    PERSON = "person"
    CALENDAR = "calendar"
    RULE = "rule"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    What somebody said of a stop, which is known by its machine and beginning; times are aware.

    An empty reason takes back what was said before.
    """

    machine: str
    stop_start: datetime
    reason: str
    note: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reason of a stop; empty where nobody and no rule says one."""

    reason: str = ""
    category: Category = Category.UNKNOWN
    source: Source = Source.NOBODY
    note: str = ""
    who: str = ""
    at: datetime | None = None


UNEXPLAINED = Explanation()


class Stopped(Protocol):
    """What reasons need to know of a stop; `core.stops.Stop` is one."""

    @property
    def machine(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def seen(self) -> timedelta: ...
    @property
    def closed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A reason for stops that are alike: all that is set must fit.

    `begin` and `end` are local times of day between which the stop began, over midnight if `end`
    is not later; `days` are those of the week, 0 is Monday, and after midnight still that on
    which `begin` was.  `shift` is the one in which it began.  A stop that goes on is not known to
    be `shorter_than` anything.
    """

    reason: str
    machine: str | None = None
    shift: str | None = None
    days: frozenset[int] = frozenset(range(7))
    begin: time | None = None
    end: time | None = None
    longer_than: timedelta | None = None
    shorter_than: timedelta | None = None

    def fits(self, stop: Stopped, wall: datetime, shift: str | None) -> bool:
        """Whether it is about a stop that began in `shift`, at this time of the wall clock."""
        if self.machine not in (None, stop.machine) or self.shift not in (None, shift):
            return False
        if self.longer_than is not None and stop.seen <= self.longer_than:
            return False
        if self.shorter_than is not None and not (stop.closed and stop.seen < self.shorter_than):
            return False
        return self._fits_time(wall)

    def _fits_time(self, wall: datetime) -> bool:
        begin, end, day, at = self.begin or time(), self.end or time(), wall.weekday(), wall.time()
        if begin < end:
            return begin <= at < end and day in self.days
        if at >= begin:
            return day in self.days
        return at < end and (day - 1) % 7 in self.days


class Explainer:
    """Knows all that is said of the stops of one machine."""

    def __init__(
        self,
        catalogue: Catalogue,
        rules: Sequence[Rule] = (),
        assignments: Sequence[Assignment] = (),
        planned: Sequence[PlannedStop] = (),
    ) -> None:
        """
        Take what people said, in the order in which they did, and the rest.

        `planned` are the stops that the calendar plans for this machine.
        """
        self._catalogue = catalogue
        self._rules, self._planned = rules, planned
        self._said = sorted(enumerate(assignments), key=lambda said: said[1].stop_start)
        self._starts = [assignment.stop_start for _, assignment in self._said]

    @property
    def silent(self) -> bool:
        """Whether nothing is said of any stop."""
        return not (self._rules or self._said or self._planned)

    def explain(self, stop: Stopped, wall: datetime, shift: str | None) -> Explanation:
        """Return why it stopped: it began in `shift`, or none, when the clock said `wall`."""
        said = self.last_said(stop)
        if said is not None and said.reason:
            kind = self._catalogue.category(said.reason)
            return Explanation(said.reason, kind, Source.PERSON, said.note, said.who, said.at)
        for planned in self._planned:
            if planned.start <= stop.start < planned.end:
                known = planned.reason in self._catalogue
                kind = self._catalogue.category(planned.reason) if known else Category.PLANNED
                return Explanation(planned.reason, kind, Source.CALENDAR)
        for rule in self._rules:
            if rule.fits(stop, wall, shift):
                return Explanation(rule.reason, self._catalogue.category(rule.reason), Source.RULE)
        return UNEXPLAINED

    def last_said(self, stop: Stopped) -> Assignment | None:
        """Return what was said last of a stop: of its beginning, or of a moment within it."""
        begin = bisect_left(self._starts, stop.start - SAME)
        end = bisect_left(self._starts, max(stop.end, stop.start + SAME))
        return max(self._said[begin:end], default=(0, None), key=lambda said: said[0])[1]
