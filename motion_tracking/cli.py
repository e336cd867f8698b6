"""
Which commands are there, and what are their arguments?

Nothing heavy is imported before a command runs: `motion-track --help` is to come at once.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem

from motion_tracking import __version__
from motion_tracking.console import Exit, Failure, Settings, say_error, say_traceback

click.rich_click.COMMAND_GROUPS = {
    "*": [
        {"name": "Start here", "commands": ["demo", "check"]},
        {"name": "Track", "commands": ["run", "status"]},
        {"name": "Look back", "commands": ["parse-logs", "plot-log"]},
        {"name": "Admin", "commands": ["cameras", "notify", "service", "completion"]},
    ]
}

REPORT_A_BUG = "this is a fault of motion-track; -v before the command shows where it happened"


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
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "MOTION_TRACK",
        "max_content_width": 100,
    },
    epilog="`motion-track check` says which configuration is in use, and what is wrong with it.",
)
@click.option(
    "-C",
    "--config-dir",
    type=click.Path(file_okay=False, path_type=Path),
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
    if no_color or os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = Settings(config_dir, verbose, quiet, log_format)


@cli.command()
@click.option("--machines", type=click.IntRange(1, 16), default=4, show_default=True)
@click.option(
    "--duration",
    type=click.FloatRange(5),
    default=150.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to track.",
)
@click.option("--open/--no-open", "opens", default=True, help="Open a chart at the end.")
@click.option("--port", type=int, help="Port of the live page, once there is one.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to leave logs and charts; else a new temporary folder.",
)
@click.pass_obj
def demo(settings: Settings, /, **options: Any) -> None:
    """
    Track simulated machines: no camera needed.

    Starts machines as real RTSP cameras, tracks each in a process of its own, prints every change
    of state, and leaves logs and charts.
    """
    call("demo", settings, **options)


@cli.command()
@camera_names
@click.option("--offline", is_flag=True, help="Look at the files only, not at the cameras.")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Save a picture of each camera with its area drawn in.",
)
@click.option("--history", is_flag=True, help="Prove that no recorded change was altered.")
@as_json
@click.pass_obj
def check(settings: Settings, /, **options: Any) -> None:
    """
    Check configuration, cameras, display, disk and notifications.

    Prints a line for each, with a hint where something is wrong; exit code 1 if anything fails.
    """
    call("check", settings, **options)


@cli.command()
@camera_names
@click.option("--source", metavar="URL|FILE|webcam", help="Watch this instead of the channel.")
@click.option("--duration", type=click.FloatRange(0), metavar="SECONDS", help="Stop after this.")
@click.option("--once", is_flag=True, help="Judge two frames, print the score, and end.")
@click.option("--dry-run", is_flag=True, help="Keep nothing and tell nobody; print changes only.")
@click.pass_obj
def run(settings: Settings, /, **options: Any) -> None:
    """
    Track one camera, or several in one process, until stopped.

    Changes of state are printed, logged, kept in the history, and told to the notifiers.
    Cameras on the same channel share one session with the recorder.
    """
    call("run", settings, **options)


@cli.command()
@camera_names
@click.option("-w", "--watch", is_flag=True, help="Refresh every two seconds until Ctrl-C.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if a machine cannot be seen.")
@as_json
@click.pass_obj
def status(settings: Settings, /, **options: Any) -> None:
    """Say what every machine is doing now, and since when."""
    call("status", settings, **options)


@cli.command("parse-logs")
@camera_names
@click.option(
    "--type",
    "kind",
    type=click.Choice(["all", "motion", "globalstatechange", "deepsleep"]),
    default="all",
    show_default=True,
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this log file instead; may be repeated.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder to write to.")
@click.option("--open/--no-open", "opens", default=None, help="Open it in a browser.")
@click.pass_obj
def parse_logs(settings: Settings, /, **options: Any) -> None:
    """
    Make an interactive HTML chart of the logs of a camera.

    Reads the logs of this program and of its predecessor alike.
    """
    call("parse_logs", settings, **options)


@cli.command("plot-log")
@camera_names
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this log file instead; may be repeated.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a .png, .svg or .pdf instead of opening a window.",
)
@click.pass_obj
def plot_log(settings: Settings, /, **options: Any) -> None:
    """
    Plot the motion log of a camera in a window, or into a file.

    Without a display it writes a PNG beside the log and prints where.
    """
    call("plot_log", settings, **options)


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
@click.argument("manager", type=click.Choice(["pm2", "systemd", "windows", "docker"]))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--user", help="Account that the systemd service runs under.")
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


def main() -> None:
    """Run `motion-track`."""
    sys.exit(guarded(cli, sys.argv[1:]))


def parse_logs_main() -> None:
    """Run `parse-logs`, which is `motion-track parse-logs`."""
    sys.exit(guarded(cli, ["parse-logs", *sys.argv[1:]]))


def plot_log_main() -> None:
    """Run `plot-log`, which is `motion-track plot-log`."""
    sys.exit(guarded(cli, ["plot-log", *sys.argv[1:]]))


def guarded(run: Callable[..., Any], arguments: list[str]) -> int:
    """Run a command line; whatever goes wrong becomes two lines and an exit code."""
    try:
        code = run.main(arguments, prog_name="motion-track", standalone_mode=False)  # type: ignore[attr-defined]
    except Failure as failure:
        failure.show()
        return failure.code
    except click.ClickException as error:
        usage = getattr(error, "ctx", None)
        hint = f"{usage.command_path} --help" if usage else "motion-track --help"
        say_error(error.format_message(), hint)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # who reads us has seen enough; Python would complain again while it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - the last line of defence: never a traceback
        say_error(f"{type(error).__name__} where none was expected", REPORT_A_BUG)
        if "-v" in arguments or "--verbose" in arguments:
            say_traceback()
        return Exit.INTERNAL
    return code if isinstance(code, int) else Exit.OK
