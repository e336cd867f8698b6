"""What is a row of the fault suite, and what is measured by one?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Row:
    """
    One fault of the catalogue; several tests may prove the same one.

    `tests` are node ids below `tests/`, for a row that is proven outside of this folder; `because`
    says why a row does not apply.
    """

    id: str
    title: str
    injected: str = ""
    expected: str = ""
    promised: str = ""
    tests: tuple[str, ...] = ()
    because: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """As in the catalogue: streams, time, processes, disk, notifying, configuration."""
        return "STPDNC".find(self.id[0]), self.id


ROWS: dict[str, Row] = {}
"""All rows that were declared by what has been imported so far."""


def declare(row: Row) -> Row:
    """Add a row; the first to declare an id describes it."""
    return ROWS.setdefault(row.id, row)


def fault(
    id: str,  # noqa: A002 - it is read as the first column of a table
    title: str,
    *,
    injected: str,
    expected: str,
    promised: str,
) -> Callable[[Test], Test]:
    """Make a test the proof of a row; it is `slow`, since faults take their time."""

    def mark(test: Test) -> Test:
        declare(Row(id, title, injected, expected, promised))
        test.row = id  # type: ignore[attr-defined]
        return pytest.mark.slow(test)

    return mark


@dataclass(slots=True)
class Measured:
    """
    Takes what was measured, and compares it with what was promised.

    The figure reaches the report even if it breaks the promise; of several of one name the worst
    does, with their number.  `patience` is by how many times a limit in seconds (of figures named
    `s ...`) may be passed: 1 for the report, more where the machine is busy with other tests.
    """

    patience: float = 1.0
    figures: dict[str, list[float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __call__(
        self,
        what: str,
        value: float,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        """Record a figure; fail the test where it is beyond a limit."""
        if at_most is not None and what.startswith("s "):
            at_most *= self.patience
        values = self.figures.setdefault(what, [])
        values.append(value)
        values.sort(reverse=at_least is None)  # the worst first
        assert at_most is None or value <= at_most, f"{what}: {value:g}, promised: {at_most:g}"
        assert at_least is None or value >= at_least, f"{what}: {value:g}, promised: {at_least:g}"

    def note(self, text: str) -> None:
        """Record a fact that is no number."""
        self.notes.append(text)

    def __str__(self) -> str:
        worst = [
            f"{what} {values[0]:.3g}" + (f" (worst of {len(values)})" if len(values) > 1 else "")
            for what, values in self.figures.items()
        ]
        return "; ".join(worst + self.notes)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Chooses between the form of a test for every day and that for a long night."""

    is_long: bool

    def __call__(self, short: int, *, long: int) -> int:
        """Return how often to do something."""
        return long if self.is_long else short
