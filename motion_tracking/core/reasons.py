"""
Why did a machine stop, by the word of a person or by a rule?

A person's word wins over the calendar, that over a rule; of several people the newest word wins.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
