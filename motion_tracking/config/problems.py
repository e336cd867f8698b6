"""
What is wrong in the configuration, where, what is allowed, and what to do about it?
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 40
"""Characters of a value that are quoted in a message."""


class Severity(StrEnum):
    """Whether what needs the value can work."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One mistake.  `str()` makes one line of it; what to do stands apart, in `hint`.

    `file` is the path of an INI file, or the name of an environment variable, which has no
    `line`.  What is quoted of the file is cut to what cannot hold a password.
    """

    severity: Severity
    file: str
    line: int | None
    section: str | None
    key: str | None
    value: str | None
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        for name in ("section", "key", "value"):
            text = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, shown(text))

    @property
    def fatal(self) -> bool:
        """Whether what needs the value cannot work."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.section is not None:
            where += f" [{self.section}]"
        if self.key is None:
            return f"{where}: {self.message}"
        if self.value is None:
            return f"{where} {self.key}: {self.message}"
        return f"{where} {self.key} = {self.value}: {self.message}"


def shown(text: str) -> str:
    """
    Cut a text to what may be shown: one short line that cannot hold a password.

    A slip of the keyboard can join a password to the value before it (`554password=...`), or
    put one into an address (`user:...@host`), so nothing is shown after `=` and `:`, and nothing
    at all where there is an `@`.
    """
    if "@" in text:
        return "..."
    head = re.split("[=:]", text, maxsplit=1)[0]
    short = head[:LONGEST]
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)
    return printable if short == text else printable + "..."


def did_you_mean(word: str, known: "Iterable[str]") -> str:
    """Return a hint that names the nearest of the known words; empty when none is near."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
