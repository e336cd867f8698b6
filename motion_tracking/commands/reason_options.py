"""
Which arguments does `reason` take?

Apart from `cli.py` for their number only.  Nothing heavy is imported: `--help` is to come at once.
"""

from collections.abc import Callable
from typing import Any

import rich_click as click

from motion_tracking.commands.stacking import Decorator, stacked


def reason_options(complete_camera: Callable[..., Any]) -> Decorator:
    """Give a command the arguments of `reason`."""
    return stacked(
        click.argument("machine", required=False, shell_complete=complete_camera),
        click.argument("words", nargs=-1, metavar="[WHEN] [REASON]"),
        click.option("--note", default="", metavar="TEXT", help="Say more in your own words."),
        click.option("--by", metavar="NAME", help="Who says so; else your login name."),
        click.option("--clear", is_flag=True, help="Take back what was said of the stop."),
        click.option("--list", "listed", is_flag=True, help="List stops with their reasons."),
        click.option(
            "--days",
            type=click.IntRange(1, 366),
            default=7,
            show_default=True,
            metavar="N",
            help="How many days to list.",
        ),
    )
