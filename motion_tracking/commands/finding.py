"""
What is a line of `check`?
"""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it went, what was seen, and what to do about it."""

    subject: str
    mark: Mark
    text: str
    hint: str = ""
