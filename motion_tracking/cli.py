"""
Which commands are there, and what are their arguments?

Nothing heavy is imported before a command runs: `motion-track --help` is to come at once.
"""

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import rich_click as click
from click.shell_completion import CompletionItem

from motion_tracking import __version__
from motion_tracking.commands.ending import guarded
from motion_tracking.commands.init_options import init_options
from motion_tracking.commands.log_options import import_options, parse_options, plot_options
from motion_tracking.commands.options import (
    check_options,
    clips_options,
    demo_options,
    evaluate_options,
    replay_options,
    run_options,
    serve_options,
    service_options,
    users_options,
)
from motion_tracking.commands.reason_options import reason_options
from motion_tracking.commands.report_options import report_options
from motion_tracking.commands.variables import name_variables
from motion_tracking.console import Exit, Settings

click.rich_click.COMMAND_GROUPS = {
    "*": [
        {"name": "Start here", "commands": ["demo", "check", "init"]},
        {"name": "Track", "commands": ["run", "status", "serve"]},
        {
            "name": "Look back",
            "commands": ["report", "reason", "clips", "parse-logs", "plot-log", "import-logs"],
        },
        {"name": "Is it right?", "commands": ["replay", "evaluate"]},
        {"name": "Admin", "commands": ["cameras", "notify", "users", "service", "completion"]},
    ]
}


def call(command: str, *args: Any, **kwargs: Any) -> Any:
    """Import `commands/NAME.py` now, and call the function of that name in it."""
    module = import_module(f"motion_tracking.commands.{command}")
    return getattr(module, command)(*args, **kwargs)


def complete_camera(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:
    """Offer the names of the configured cameras to the shell."""
    directory = ctx.find_root().params.get("config_dir")
    names: list[str] = call("names", Settings(directory))
    return [CompletionItem(name) for name in names if name.startswith(text)]


camera_names = click.argument(
    "cameras", nargs=-1, metavar="[CAMERA]...", shell_complete=complete_camera
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


@click.group(
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="`motion-track check` says which configuration is in use, and what is wrong with it.",
)
@click.option(
    "-C",
    "--config-dir",
    type=click.Path(file_okay=False, path_type=Path),
    show_envvar=True,
    help="Folder of config_cam.ini and config_stream.ini.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more, and where an error comes from.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
@click.option(
    "--log-format",
    type=click.Choice(["auto", "text", "json"]),
    default="auto",
    show_default=True,
    help="auto: text on a terminal, JSON lines elsewhere.",
)
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.version_option(__version__, prog_name="motion-track")
@click.pass_context
def cli(
    ctx: click.Context,
    config_dir: Path | None,
    verbose: bool,
    quiet: bool,
    log_format: str,
    no_color: bool,
) -> None:
    """Know when your machines run and stop - from the CCTV cameras you already have."""
    if no_color:
        ctx.color = False
    ctx.obj = Settings(config_dir, verbose, quiet, log_format)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(Exit.USAGE)


@cli.command()
@demo_options()
@click.pass_obj
def demo(settings: Settings, /, **options: Any) -> None:
    """
    Track simulated machines: no camera needed.

    Starts machines as real RTSP cameras, tracks each in a process of its own, shows them live in
    the browser, prints every change of state, and leaves logs and charts.
    """
    call("demo", settings, **options)


@cli.command()
@camera_names
@check_options()
@as_json
@click.pass_obj
def check(settings: Settings, /, **options: Any) -> None:
    """
    Check configuration, cameras, display, disk and notifications.

    Prints a line for each, with a hint where something is wrong; exit code 1 if anything fails.
    Without CAMERA all of them are looked at.
    """
    call("check", settings, **options)


@cli.command()
@click.argument("camera", shell_complete=complete_camera)
@init_options()
@click.pass_obj
def init(settings: Settings, /, **options: Any) -> None:
    """
    Calibrate a machine: choose its area, show it running and standing.

    Opens a page on this computer on which the area is drawn and both states are recorded, a minute
    each. What was learned is shown, with the error to be expected, and written when you agree.
    With --channel or --source the camera is a new one, whose section is made then too.
    """
    call("init", settings, **options)


@cli.command()
@camera_names
@run_options()
@click.pass_obj
def run(settings: Settings, /, every: bool, **options: Any) -> None:
    """
    Track one camera, or several in one process, until stopped.

    Changes of state are printed, logged, kept in the history, and told to the notifiers.
    Cameras on the same channel share one session with the recorder.  Without CAMERA it is asked
    for, at a terminal.  With --all each channel has a process of its own, which is started again
    if it crashes or hangs.
    """
    call("run_all" if every else "run", settings, **options)


@cli.command()
@camera_names
@click.option("-w", "--watch", is_flag=True, help="Refresh every two seconds until Ctrl-C.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if a machine cannot be seen.")
@as_json
@click.pass_obj
def status(settings: Settings, /, **options: Any) -> None:
    """
    Say what every machine is doing now, and since when.

    Without CAMERA all are listed that are to be tracked, whether they are or not.
    """
    call("status", settings, **options)


@cli.command()
@serve_options()
@click.pass_obj
def serve(settings: Settings, /, **options: Any) -> None:
    """
    Show every machine in the browser, live and as it was.

    On this computer only, unless --host names another address, for which there must be accounts:
    see `motion-track users`. Trackers do without it; it may be stopped and started at any time.
    """
    call("serve", settings, **options)


@cli.command()
@report_options(complete_camera)
@as_json
@click.pass_obj
def report(settings: Settings, /, **options: Any) -> None:
    """
    Report how machines did in a shift, a day, a week, a month.

    Without MACHINE all are reported, and without a time the last production day that is over, or
    the last 24 hours where config_shifts.ini has no shifts. Writes a page that opens offline, or a
    PDF, picture, CSV, JSON or Excel file.
    """
    call("report", settings, **options)


@cli.command()
@reason_options(complete_camera)
@as_json
@click.pass_obj
def reason(settings: Settings, /, **options: Any) -> None:
    """
    Say why a machine stopped, or list its stops with their reasons.

    Without WHEN the last stop is meant; WHEN is a time within it, such as 07:30, 'yesterday 22:10'
    or 2026-11-30T07:30. Who said what and when is kept; the newest word counts.
    """
    call("reason", settings, **options)


@cli.command()
@camera_names
@clips_options()
@as_json
@click.pass_obj
def clips(settings: Settings, /, **options: Any) -> None:
    """
    List the video that was kept of what happened; export, delete or record some.

    Video is kept where `[clips]` in config_stream.ini says of which events.
    """
    call("clips", settings, **options)


@cli.command("parse-logs")
@camera_names
@parse_options()
@click.pass_obj
def parse_logs(settings: Settings, /, **options: Any) -> None:
    """
    Make an interactive HTML chart of the logs of a camera.

    Reads the logs of this program and of its predecessor alike.
    """
    call("parse_logs", settings, **options)


@cli.command("plot-log")
@camera_names
@plot_options()
@click.pass_obj
def plot_log(settings: Settings, /, **options: Any) -> None:
    """
    Plot the motion log of a camera in a window, or into a file.

    Without a display it writes a PNG beside the log and prints where.
    """
    call("plot_log", settings, **options)


@cli.command("import-logs")
@import_options(complete_camera)
@click.pass_obj
def import_logs(settings: Settings, /, **options: Any) -> None:
    """
    Make the logs of the old tool part of the history.

    It shows what they are taken to mean before it writes. They count only for the time before this
    program's own record of a machine; to import them twice changes nothing.
    """
    call("import_logs", settings, **options)


@cli.command()
@replay_options(complete_camera)
@as_json
@click.pass_obj
def replay(settings: Settings, /, **options: Any) -> None:
    """
    Say what tracking would have found in a recorded video.

    Runs the engine of `run` on the file, as fast as it can, keeps nothing and tells nobody.
    """
    call("replay", settings, **options)


@cli.command()
@evaluate_options()
@as_json
@click.pass_obj
def evaluate(settings: Settings, /, **options: Any) -> None:
    """
    Measure how right tracking is on videos that you have labelled.

    Replays every NAME.mp4 that has a NAME.json beside it and compares with the labels.
    """
    call("evaluate", settings, **options)


@cli.command()
@click.option("--names", is_flag=True, help="Print the names of the cameras to track, no more.")
@as_json
@click.pass_obj
def cameras(settings: Settings, /, **options: Any) -> None:
    """List the configured cameras, and what is wrong with them."""
    call("cameras", settings, **options)


@cli.command()
@click.option("--outbox", is_flag=True, help="Send nothing; show what waits and what failed.")
@click.option("--retry", is_flag=True, help="Try once more what was given up.")
@as_json
@click.pass_obj
def notify(settings: Settings, /, **options: Any) -> None:
    """Send a test message to every notifier, or look after the outbox."""
    call("notify", settings, **options)


@cli.command()
@users_options()
@as_json
@click.pass_obj
def users(settings: Settings, /, **options: Any) -> None:
    """
    Say who may sign in to the dashboard.

    `add` and `password` make up a password and show it this once; `kiosk` lets a screen look on
    without one. `remove` takes an account, or a kiosk by its number.
    """
    call("users", settings, **options)


@cli.command()
@service_options()
@click.pass_obj
def service(settings: Settings, /, **options: Any) -> None:
    """
    Write the files that start tracking at boot.

    Without --output they are printed.
    """
    call("service", settings, **options)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]), required=False)
def completion(shell: str | None) -> None:
    """Print the script that completes commands and camera names in a shell."""
    call("completion", cli, shell)


name_variables(cli)


def main() -> None:
    """Run `motion-track`."""
    start(sys.argv[1:])


def parse_logs_main() -> None:
    """Run `parse-logs`, which is `motion-track parse-logs`."""
    start(["parse-logs", *sys.argv[1:]])


def plot_log_main() -> None:
    """Run `plot-log`, which is `motion-track plot-log`."""
    start(["plot-log", *sys.argv[1:]])


def start(arguments: list[str]) -> NoReturn:
    """Run a command line, and end the process with its exit code."""
    # numpy's library of matrices starts a thread for each core, and has none to multiply here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # a pipe on Windows takes the letters of one country; a ? is better than an error
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(guarded(cli, arguments))
