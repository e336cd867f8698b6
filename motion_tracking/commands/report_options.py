"""
Which arguments does `report` take?

Apart from `cli.py` for their number only.  Nothing heavy is imported: `--help` is to come at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from motion_tracking.commands.stacking import Decorator, stacked

FORMATS = ("html", "pdf", "png", "svg", "csv", "json", "xlsx")


def report_options(complete_camera: Callable[..., Any]) -> Decorator:
    """Give a command the arguments of `report`."""
    return stacked(
        click.argument(
            "machines", nargs=-1, metavar="[MACHINE]...", shell_complete=complete_camera
        ),
        click.option("--day", metavar="DAY", help="A day: 2026-11-16, today, yesterday."),
        click.option("--week", metavar="WEEK", help="A week: 2026-W47, this, last."),
        click.option("--month", metavar="MONTH", help="A month: 2026-11, this, last."),
        click.option(
            "--shift", metavar="SHIFT", help="The last one of this name that is over, or `last`."
        ),
        click.option(
            "--from", "begin", metavar="TIME", help="From then on: 2026-11-16T06:00, or a day."
        ),
        click.option(
            "--to", "end", metavar="TIME", help="Until then, a day included; else until now."
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            metavar="FILE|FOLDER",
            help="Where to write it; else this folder.",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=click.Choice(FORMATS),
            help="What to write, by the suffix of FILE or else html; may be repeated.",
        ),
        click.option("--bom", is_flag=True, help="Begin CSV in the way that Excel expects."),
        click.option(
            "--open/--no-open",
            "opens",
            default=None,
            help="Open it in a browser; if neither is given, at a terminal only.",
        ),
        click.option("--email", is_flag=True, help="Send it to the recipients of [email]."),
    )
