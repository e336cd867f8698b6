"""
Which arguments does `init` take?

Apart from `cli.py` for their number only.  Nothing heavy is imported: `--help` is to come at once.
"""

import rich_click as click

from motion_tracking.commands.options import FILE
from motion_tracking.commands.stacking import Decorator, stacked


def init_options() -> Decorator:
    """Give a command the options of `init`."""
    return stacked(
        click.option(
            "--channel", metavar="CHANNEL", help="Set up a new camera on this channel, such as 802."
        ),
        click.option(
            "--source",
            metavar="URL|FILE|webcam",
            help="Set up a new camera that is seen there, instead of on a channel.",
        ),
        click.option(
            "--machine-id",
            type=click.IntRange(0),
            metavar="NUMBER",
            help="Its number in the plant's own system.",
        ),
        click.option("--no-ui", is_flag=True, help="At the terminal, without a page."),
        click.option(
            "--window", is_flag=True, help="Draw the area in a window; the rest at the terminal."
        ),
        click.option("--roi", metavar="X,Y,X2,Y2", help="Area to watch, in pixels."),
        click.option(
            "--snapshot",
            type=FILE,
            metavar="CLIP",
            help="Learn from a recorded video instead of the camera.",
        ),
        click.option(
            "--calibrate-running",
            metavar="A-B",
            help="Span of the clip in which the machine runs: seconds, or MM:SS.",
        ),
        click.option(
            "--calibrate-stopped", metavar="C-D", help="Span of the clip in which it stands."
        ),
        click.option(
            "--seconds",
            type=click.FloatRange(15, 600),
            default=60.0,
            show_default=True,
            help="How long to record each state.",
        ),
        click.option(
            "--learn",
            metavar="TIME",
            help="Watch for a time such as 30m, suppose when it ran and when it stood, and ask.",
        ),
        click.option("--dry-run", is_flag=True, help="Show what would be written, no more."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--force", is_flag=True, help="Write it though both states cannot be told apart."
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=0,
            show_default=True,
            help="Port of the page; 0 takes any that is free.",
        ),
        click.option("--open/--no-open", "opens", default=True, help="Open the page in a browser."),
    )
