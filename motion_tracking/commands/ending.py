"""
How does a command line end, whatever goes wrong?

With an exit code that says what kind of thing it was, and two lines on stderr; never a traceback
that nobody asked for.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import Any

import click

from motion_tracking.console import Exit, Failure, say_error, say_traceback

REPORT_A_BUG = "this is a fault of motion-track; -v before the command shows where it happened"


_NOT_OURS = {
    errno.ENOSPC: (Exit.INTERNAL, "free the disk"),  # with a code at which trackers start again
    errno.ENAMETOOLONG: (Exit.USAGE, "choose a shorter name"),
}
"""What goes wrong with the system and not with us, wherever it happens."""


def guarded(run: click.Command, arguments: list[str]) -> int:
    """Run a command line; whatever goes wrong becomes two lines and an exit code."""
    plain = "--no-color" in arguments or bool(os.environ.get("NO_COLOR"))
    # what is said when the command's own context is gone has no colours either
    with click.Context(run, color=False if plain else None):
        return _guarded(run, arguments, plain)


def _guarded(run: click.Command, arguments: list[str], plain: bool) -> int:
    colourless: dict[str, Any] = {"color": False, "rich_help_config": {"color_system": None}}
    extra = colourless if plain else {}
    try:
        code = run.main(arguments, prog_name="motion-track", standalone_mode=False, **extra)
    except Failure as failure:
        failure.show()
        return failure.code
    except click.ClickException as error:
        usage = getattr(error, "ctx", None)
        hint = f"{usage.command_path} --help" if usage else "motion-track --help"
        say_error(" ".join(error.format_message().split()), hint)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit) as end:
        return _ended(end)
    except Exception as error:  # noqa: BLE001 - the last line of defence: never a traceback
        if isinstance(error, OSError) and error.errno in _NOT_OURS:
            code, hint = _NOT_OURS[error.errno]
            say_error(error.strerror or "the disk refuses", hint)
            return code
        say_error(f"{type(error).__name__} where none was expected", REPORT_A_BUG)
        if "-v" in arguments or "--verbose" in arguments:
            say_traceback()
        return Exit.INTERNAL
    return code if isinstance(code, int) else Exit.OK


def _ended(end: BrokenPipeError | SystemExit) -> int:
    """Return the exit code; who reads us and has seen enough is no error."""
    # click and rich turn a broken pipe into the end of the program
    if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
        return end.code if isinstance(end.code, int) else Exit.OK
    with suppress(OSError, ValueError):  # no real file, or closed: then there is nothing to do
        # Python would complain again while it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK
