"""
How do outcomes of pytest become rows of a report?

A plugin of pytest, loaded by `scripts/faults.py` only: `--rows S01,S02` chooses rows, `--long`
their long form, and `--outcomes FILE` is where they go, as JSON.
"""

import json
from collections import defaultdict
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path

import pytest

from faults import elsewhere
from faults.catalogue import ROWS

TESTS = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="take the long form of each fault")
    parser.addoption("--rows", default="", help="ids of the faults to inject, with commas")
    parser.addoption("--outcomes", type=Path, required=True, help="the file for what came out")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Outcomes(config), "outcomes of faults")


class Outcomes:
    """Gathers what the tests of each row said."""

    def __init__(self, config: pytest.Config) -> None:
        self._file: Path = config.getoption("--outcomes")
        self._wanted = {name for name in config.getoption("--rows").split(",") if name}
        self._rows: dict[str, str] = {}
        self._said: defaultdict[str, list[dict[str, str]]] = defaultdict(list)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the tests of the wanted rows."""
        chosen = []
        for item in items:
            row = _row_of(item)
            if row is not None and (not self._wanted or row in self._wanted):
                self._rows[item.nodeid] = row
                chosen.append(item)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        said = self._said[self._rows[item.nodeid]]
        if report.when == "teardown":
            measured = dict(item.user_properties).get("measured", "")
            said.append({"test": item.nodeid, "outcome": "measured", "text": str(measured)})
        if report.when == "call" or not report.passed:
            text = "" if report.passed else _reason(report)
            said.append({"test": item.nodeid, "outcome": report.outcome, "text": text})
        return report

    def pytest_sessionfinish(self) -> None:
        """Write what came out, with all rows that there are."""
        rows = sorted(ROWS.values(), key=lambda row: row.order)
        content = [{**asdict(row), "said": self._said.get(row.id, [])} for row in rows]
        self._file.write_text(json.dumps(content), encoding="utf-8")


def _row_of(item: pytest.Item) -> str | None:
    function = getattr(item, "function", None)
    declared = getattr(function, "row", None)
    if declared is not None:
        return str(declared)
    node = f"{item.path.relative_to(TESTS).as_posix()}::{getattr(function, '__name__', '')}"
    return next((row.id for row in elsewhere.PROVEN if node in row.tests), None)


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    lines = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return lines[0] if lines else "error"
