"""
Which arguments do the commands take that read the text logs?

Apart from `cli.py` for their number only.  Nothing heavy is imported: `--help` is to come at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from motion_tracking.commands.stacking import Decorator, stacked

_LOGS = click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this log file instead; may be repeated.",
)


def parse_options() -> Decorator:
    """Give a command the options of `parse-logs`."""
    return stacked(
        click.option(
            "--type",
            "kind",
            type=click.Choice(["all", "motion", "globalstatechange", "deepsleep"]),
            default="all",
            show_default=True,
            help="Which of the three logs to read.",
        ),
        _LOGS,
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), help="File or folder to write to."
        ),
        click.option(
            "--open/--no-open",
            "opens",
            default=None,
            help="Open it in a browser; if neither is given, at a terminal only.",
        ),
    )


def plot_options() -> Decorator:
    """Give a command the options of `plot-log`."""
    return stacked(
        _LOGS,
        click.option(
            "-o",
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write a .png, .svg or .pdf instead of opening a window.",
        ),
    )


def import_options(complete_camera: Callable[..., Any]) -> Decorator:
    """Give a command the arguments of `import-logs`."""
    return stacked(
        click.argument("cameras", nargs=-1, metavar="[MACHINE]...", shell_complete=complete_camera),
        _LOGS,
        click.option(
            "--zone",
            help="Time zone of the logs, as Europe/Berlin; else that of config_shifts.ini.",
        ),
        click.option("--dry-run", is_flag=True, help="Only show what the logs are taken to mean."),
        click.option("--yes", is_flag=True, help="Write it without asking."),
    )
