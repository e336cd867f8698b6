"""
How is a report made for the dashboard?

`motion-track report` makes it, in a process of its own, and what it writes is sent from the disk.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from motion_tracking.commands.recalling import Recalled, trouble
from motion_tracking.commands.upkeep import Upkeep
from motion_tracking.console import Exit
from motion_tracking.dashboard.plant import File
from motion_tracking.dashboard.refusals import NotThereError, RefusedError

Json = Any

MEDIA = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "intervals": "text/csv; charset=utf-8",
    "json": "application/json",
}

EXCEL = "xlsxwriter"

BESIDE = {"intervals": ("csv", 1)}
"""Of which format and number a file is that comes along with another."""

LONGEST_REPORT = 180.0
"""Seconds; a year of twelve machines takes a tenth of it."""

PERIODS = ("day", "week", "month", "shift", "from", "to")

ELSEWHEN = "choose another time: the Timeline shows when machines were seen"

_OPTION = re.compile(r"(^|\s)--?[a-z]")

_SAID = re.compile(r"(error|hint):\s+(.*)")


class Reported(Recalled, Upkeep):
    """The reports of a plant."""

    def reports(self) -> dict[str, Json]:
        plant = self._working_time()
        return {
            "formats": [form for form in MEDIA if form != "xlsx" or find_spec(EXCEL)],
            "shifts": [shift.name for shift in plant.calendar.shifts],
            "trouble": trouble(plant),
        }

    def report(self, form: str, machines: Sequence[str], period: Mapping[str, str]) -> File:
        if form not in self.reports()["formats"]:
            raise NotThereError("there are no reports of that format")
        try:
            folder = Path(mkdtemp(prefix="motion-track-report-"))
        except OSError as error:
            raise RefusedError(f"it cannot be written: {error.strerror}") from None
        try:
            path = self._made(folder, form, machines, period)
            return File(MEDIA[form], path.name, path=path, passing=folder)
        except BaseException:
            rmtree(folder, ignore_errors=True)
            raise

    def _made(
        self, folder: Path, form: str, machines: Sequence[str], period: Mapping[str, str]
    ) -> Path:
        kind, number = BESIDE.get(form, (form, 0))
        # with = so that no value is an option, and behind -- no name is
        options = [f"--{key}={value}" for key, value in period.items() if key in PERIODS]
        command = ["report", f"--format={kind}", f"--output={folder}", "--no-open", *options]
        named = [self._camera(machine).name for machine in machines]
        code, out, err = self._errands.done(
            self._config.directory, ["--no-color", *command, "--", *named], LONGEST_REPORT
        )
        names = [Path(line).name for line in out.splitlines() if line]
        if code == 0 and len(names) > number and (folder / names[number]).is_file():
            return folder / names[number]
        said = dict(reversed(list(_said(err.replace(f"{self._config.directory}{os.sep}", "")))))
        error, hint = said.get("error", "the report did not end well"), said.get("hint", "")
        raise RefusedError(error, ELSEWHEN if code == Exit.NO_DATA else _without_options(hint))


def _without_options(hint: str) -> str:
    """Return a hint of the command line where it says something to who has none before him."""
    return "" if _OPTION.search(hint) else hint


def _said(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a command of ours said went wrong, and what to do about it."""
    for line in text.splitlines():
        match = _SAID.match(line)
        if match:
            yield match[1], match[2]
