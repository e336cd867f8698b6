"""
Looking back: what do the logs of a machine show?

`logfiles` reads them, `spans` says which state each stretch of time was in, and a report draws
that into one file, chosen by the file's suffix.  To add a report, write one file and one line in
`REPORTS`; `tests/test_report.py` finds it.  matplotlib and plotly are imported only by the report
that draws with them.
"""

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

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
    target = REPORTS.get(output.suffix.lower())
    if target is None:
        raise ValueError(f"{output.name}: must end in {', '.join(REPORTS)}")
    module, _, name = target.partition(":")
    return cast(Report, getattr(import_module(module), name))
