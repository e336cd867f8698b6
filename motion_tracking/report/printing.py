"""
How does a report get onto sheets of paper, or into one picture?

matplotlib draws it, so neither a browser nor a display is needed.  A PDF has sheets in A4; a PNG
or SVG is one picture as long as what is on it, small enough for a message.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motion_tracking.core.digest import PlantReport
from motion_tracking.report.paper import ENDLESS, HEIGHT, Paper
from motion_tracking.report.paper_charts import FILLS
from motion_tracking.report.sheets import draw_everything, draw_picture
from motion_tracking.report.whole import whole
from motion_tracking.report.wording import heading


def write_sheets(report: PlantReport, output: Path) -> list[Path]:
    """Write a PDF with a sheet of all machines and sheets of each; raise `OSError`."""
    from matplotlib.backends.backend_pdf import PdfPages

    paper = Paper(HEIGHT, f"{heading(report.site)} · motion-track")
    draw_everything(paper, report)
    paper.finish(FILLS)
    with _written(output) as temporary, PdfPages(temporary) as book:
        book.infodict().update({"Title": heading(report.site), "Creator": "motion-track"})
        for sheet in paper.sheets:
            book.savefig(sheet.figure)
    return [output]


def write_picture(report: PlantReport, output: Path) -> list[Path]:
    """Write a PNG or SVG of all machines, or of the one there is; raise `OSError`."""
    paper = Paper(ENDLESS, "")
    draw_picture(paper, report)
    paper.finish(FILLS)
    kind = output.suffix.lower().removeprefix(".")
    with _written(output) as temporary:
        paper.sheets[0].figure.savefig(temporary, format=kind, bbox_inches=paper.used())
    return [output]


@contextmanager
def _written(output: Path) -> Iterator[Path]:
    with whole(output) as temporary, warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes; that is told by the picture
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield temporary
