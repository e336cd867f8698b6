"""
Which options do the commands take that have many?

Apart from `cli.py` for their number only.  Nothing heavy is imported: `--help` is to come at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from motion_tracking.commands.stacking import Decorator, stacked

FILE = click.Path(dir_okay=False, path_type=Path)


def check_options() -> Decorator:
    """Give a command the options of `check`."""
    return stacked(
        click.option("--offline", is_flag=True, help="Look at the files only, not at the cameras."),
        click.option(
            "--pictures",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help="Save a picture of each camera with its area drawn in.",
        ),
        click.option("--history", is_flag=True, help="Prove that no recorded change was altered."),
        click.option(
            "--long",
            is_flag=True,
            help="Watch each camera for a minute or two, to see if a frozen picture could be told.",
        ),
        click.option(
            "--cost",
            is_flag=True,
            help="Measure each channel, and say how many like it this computer carries.",
        ),
        click.option(
            "--seconds",
            type=click.FloatRange(2, 600),
            default=20.0,
            show_default=True,
            help="How long --cost measures a channel.",
        ),
    )


def run_options() -> Decorator:
    """Give a command the options of `run`."""
    return stacked(
        click.option(
            "--source", metavar="URL|FILE|webcam", help="Watch this instead of the channel."
        ),
        click.option(
            "--duration", type=click.FloatRange(0), metavar="SECONDS", help="Stop after this."
        ),
        click.option("--once", is_flag=True, help="Judge two frames, print the score, and end."),
        click.option(
            "--dry-run", is_flag=True, help="Keep nothing and tell nobody; print changes only."
        ),
        click.option("--all", "every", is_flag=True, help="Track all; start again what crashes."),
    )


def replay_options(complete_camera: Callable[..., Any]) -> Decorator:
    """Give a command the arguments of `replay`."""
    return stacked(
        click.argument("video", type=click.Path(path_type=Path)),
        click.option("--roi", metavar="X,Y,X2,Y2", help="Area to watch, in pixels of the video."),
        click.option(
            "--camera",
            metavar="NAME",
            shell_complete=complete_camera,
            help="Watch it as this configured camera would.",
        ),
        click.option(
            "--threshold",
            type=click.IntRange(0),
            metavar="N",
            help="Score above which a picture is moving; else the camera's, or 300.",
        ),
        click.option(
            "--window",
            type=click.FloatRange(5, 600),
            metavar="SECONDS",
            help="Seconds over which movement is judged; else the camera's, or 30.",
        ),
        click.option(
            "--share",
            type=click.FloatRange(0.02, 0.8),
            metavar="PART",
            help="Part of the window that must move for running; else the camera's, or 0.5.",
        ),
        click.option(
            "--calibration",
            type=FILE,
            metavar="FILE",
            help="What `init` learned of the machine: config/calibration/NAME.npz.",
        ),
        click.option(
            "--calibrate-running",
            metavar="A-B",
            help="Learn the machine from this span, in which it runs: seconds, or MM:SS.",
        ),
        click.option(
            "--calibrate-stopped",
            metavar="C-D",
            help="And from this span, in which it stands.",
        ),
        click.option(
            "--sampling",
            type=click.Choice(["all", "auto", "head", "keyframes"]),
            default="all",
            show_default=True,
            help="How much of the video is decoded; auto: what calibration has shown to do.",
        ),
        click.option(
            "--start-time",
            metavar="ISO",
            help="When the video begins, as 2026-03-01T06:00:00, to show the time of day too.",
        ),
        click.option(
            "--compare",
            metavar="KEY=VALUE ...",
            help="Show what other settings would have found, such as 'threshold=500 share=0.3'.",
        ),
        click.option(
            "--annotate",
            type=FILE,
            metavar="OUT.mp4",
            help="Write the video with area, score and state drawn into it.",
        ),
    )


def clips_options() -> Decorator:
    """Give a command the options of `clips`."""
    return stacked(
        click.option("--export", type=int, metavar="ID", help="Copy this clip."),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            metavar="FILE|FOLDER",
            help="Where to copy it; else here, under its own name.",
        ),
        click.option(
            "--annotated",
            is_flag=True,
            help="Draw area, contours, score, state and clock into the copy.",
        ),
        click.option(
            "--playable",
            is_flag=True,
            help="Encode the copy as H.264, which plays everywhere; H.265 does not.",
        ),
        click.option(
            "--delete", type=int, multiple=True, metavar="ID", help="Remove this clip; repeatable."
        ),
        click.option(
            "--all", "delete_all", is_flag=True, help="Remove all clips, of CAMERA if it is named."
        ),
        click.option("-y", "--yes", is_flag=True, help="Do not ask before all are removed."),
        click.option(
            "--record",
            type=click.FloatRange(1, 3600),
            metavar="SECONDS",
            help="Have the tracker of CAMERA record so long, from now on.",
        ),
    )


def demo_options() -> Decorator:
    """Give a command the arguments of `demo`."""
    return stacked(
        click.option(
            "--machines",
            type=click.IntRange(1, 16),
            default=4,
            show_default=True,
            metavar="N",
            help="How many machines to simulate.",
        ),
        click.option(
            "--duration",
            type=click.FloatRange(5),
            default=150.0,
            show_default=True,
            metavar="SECONDS",
            help="How long to track.",
        ),
        click.option(
            "--open/--no-open",
            "opens",
            default=True,
            help="Open the live page, and a chart at last.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            help="Port of the live page; else any free one.",
        ),
        click.option(
            "--folder",
            type=click.Path(file_okay=False, path_type=Path),
            help="Where to leave logs and charts; else a new temporary folder.",
        ),
    )


def users_options() -> Decorator:
    """Give a command the arguments of `users`, but for `--json`."""
    return stacked(
        click.argument("action", type=click.Choice(["list", "add", "password", "kiosk", "remove"])),
        click.argument("name", required=False),
        click.option(
            "--role",
            type=click.Choice(["view", "operate", "admin"]),
            default="view",
            show_default=True,
            help="What a new account may do.",
        ),
    )


def serve_options() -> Decorator:
    """Give a command the arguments of `serve`."""
    return stacked(
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            metavar="ADDRESS",
            help="Address to listen at; 0.0.0.0 is all of this computer's.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=8787,
            show_default=True,
            help="Port to listen at; 0 takes any that is free.",
        ),
        click.option(
            "--root-path",
            default="",
            metavar="PATH",
            help="Where a proxy shows it, as in /plant.",
        ),
        click.option(
            "--allow-host",
            "allowed",
            multiple=True,
            metavar="NAME",
            help="Another name by which it may be asked for, as a proxy's; may be repeated.",
        ),
        click.option("--open/--no-open", "opens", default=False, help="Open it in a browser."),
    )


def evaluate_options() -> Decorator:
    """Give a command the arguments of `evaluate`."""
    return stacked(
        click.argument("folder", type=click.Path(path_type=Path)),
        click.option(
            "--calibrate/--no-calibrate",
            default=True,
            show_default=True,
            help="Learn each machine from a minute of each state first; else threshold 300.",
        ),
        click.option(
            "--report", type=FILE, metavar="FILE.md", help="Write the table as Markdown too."
        ),
    )


def service_options() -> Decorator:
    """Give a command the arguments of `service`."""
    return stacked(
        click.argument("manager", type=click.Choice(["pm2", "systemd", "windows", "docker"])),
        click.option(
            "-o",
            "--output",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help="Write the files there.",
        ),
        click.option("--user", help="Account that the systemd service runs under."),
    )
