"""
Looking back: what do the logs of a machine show, and what is there to report of a plant?

`logfiles` reads them, `spans` says which state each stretch of time was in, and a report draws
that into one file, chosen by the file's suffix.  To add a report, write one file and one line in
`REPORTS`; `tests/test_report.py` finds it.  What shifts, days and weeks of a whole plant come to
is computed by `core.digesting` and written by one of `OUTPUTS`, in the same way;
`tests/test_outputs.py` finds it.  matplotlib, plotly and jinja2 are imported only by what draws
with them.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from motion_tracking.core.digest import PlantReport
from motion_tracking.report.spans import Looked


class Report(Protocol):
    """
    Draws one machine's motion and states into a file.

    `threshold` is the score above which a frame is moving, None where it is not known.
    """

    def __call__(self, machine: str, looked: Looked, threshold: int | None, output: Path) -> Path:
        """Write `output` whole or not at all and return it; raise `OSError` where it cannot."""


REPORTS = {
    ".html": "motion_tracking.report.chart:chart",
    ".png": "motion_tracking.report.plot:plot",
    ".svg": "motion_tracking.report.plot:plot",
    ".pdf": "motion_tracking.report.plot:plot",
}


def report(output: Path) -> Report:
    """Find the report that writes such a file; its module is imported here, not before."""
    return cast(Report, _loaded(REPORTS, output))


class Output(Protocol):
    """Writes the report of a plant into a file, and into what must lie beside it."""

    def __call__(self, report: PlantReport, output: Path) -> list[Path]:
        """
        Write `output` whole or not at all; return what was written, `output` first.

        Raise `OSError` where it cannot be written, `ModuleNotFoundError` where an extra is missing.
        """


OUTPUTS = {
    ".html": "motion_tracking.report.page:write_page",
    ".pdf": "motion_tracking.report.printing:write_sheets",
    ".png": "motion_tracking.report.printing:write_picture",
    ".svg": "motion_tracking.report.printing:write_picture",
    ".csv": "motion_tracking.report.cells:write_cells",
    ".json": "motion_tracking.report.document:write_document",
    ".xlsx": "motion_tracking.report.workbook:write_workbook",
}

EXTRAS = {".xlsx": ("xlsxwriter", "excel")}
"""The package that an output needs beyond the usual ones, and the extra that brings it."""


def plant_output(output: Path) -> Output:
    """Find what writes such a file; its module is imported here, not before."""
    return cast(Output, _loaded(OUTPUTS, output))


def _loaded(table: Mapping[str, str], output: Path) -> object:
    target = table.get(output.suffix.lower())
    if target is None:
        raise ValueError(f"{output.name}: must end in {', '.join(table)}")
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
