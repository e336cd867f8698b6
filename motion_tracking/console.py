"""
How does the program speak?

Data goes to stdout, all else to stderr.  A mistake is `error:` and `hint:`, with an exit code
that says what kind it was.  Logs are text on a terminal and JSON lines elsewhere, and pass the
redactor, so that no secret leaves the process.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO, Literal

import click

from motion_tracking.core.redaction import Redactor

EVENTS = "motion_tracking.events"
"""The logger of state changes: they are what `run` is for, so they go to stdout."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What moves the cursor, begins a line or rings the bell."""


class Exit(IntEnum):
    """The exit codes, documented in the README."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREACHABLE = 3
    NO_DATA = 4
    ALREADY_TRACKED = 5
    EXTRA_MISSING = 6
    INTERNAL = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Settings:
    """The options before the command."""

    config_dir: Path | None = None
    verbose: bool = False
    quiet: bool = False
    log_format: str = "auto"


class Failure(Exception):  # noqa: N818 - for the user it is a failure, not a fault of ours
    """A mistake or mishap the user can do something about; ends the program with `code`."""

    def __init__(self, message: str, hint: str = "", code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code

    def show(self) -> None:
        """Print `error:` and `hint:` on stderr."""
        say_error(str(self), self.hint)


_redactor = Redactor(())


def keep_secret(secrets: Iterable[str]) -> None:
    """Take these values out of all that is said from now on."""
    global _redactor
    _redactor = Redactor(secrets)
    if logging.lastResort is not None:  # prints the warnings of commands that set up no logs
        logging.lastResort.setFormatter(_Redacted(logging.Formatter()))


def say(text: str) -> None:
    """Print data on stdout."""
    click.echo(_redactor.clean(text))


def say_error(message: str, hint: str = "") -> None:
    """Print an error, and what to do about it, on stderr."""
    _say_aside(click.style("error:", fg="red", bold=True), message, hint)


def say_warning(message: str, hint: str = "") -> None:
    """Print a warning, and what to do about it, on stderr."""
    _say_aside(click.style("warning:", fg="yellow"), message, hint)


def say_traceback() -> None:
    """Print where the exception that is being handled came from, on stderr."""
    click.echo(_redactor.clean(traceback.format_exc()), err=True)


def _say_aside(label: str, message: str, hint: str) -> None:
    lines = (_CONTROLS.sub(" ", line) for line in _redactor.clean(message).split("\n"))
    click.echo(f"{label} {chr(10).join(lines)}", err=True)
    if hint:
        click.echo(f"{click.style('hint:', fg='cyan')}  {_redactor.clean(hint)}", err=True)


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Mapping[int, Callable[[str], str]] | None = None,
) -> None:
    """
    Print a table on stdout, as wide as its longest cells; a pipe gets the same without colour.

    `styles` give the style of a cell by the number of its column.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    context = click.get_current_context(silent=True)
    plain = context is not None and context.color is False
    colours: Literal["auto"] | None = None if plain else "auto"
    width = None if sys.stdout.isatty() else 400
    out = Console(color_system=colours, width=width, highlight=False)
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        drawn.add_column(head.upper(), no_wrap=True)
    for row in rows:
        cells = [Text(_CONTROLS.sub(" ", _redactor.clean(cell))) for cell in row]
        for column, style in (styles or {}).items():
            cells[column].stylize(style(row[column]))
        drawn.add_row(*cells)
    out.print(drawn)


def state_style(state: str) -> str:
    """Return the style of a state's word in a table; colour only repeats what the word says."""
    colours = {"RUNNING": "green", "STOPPED": "yellow", "DEEP": "bold red", "NO": "dim"}
    return colours.get(state.split(" ")[0], "")


class _Redacted(logging.Formatter):
    """Another formatter's text, without secrets."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return _redactor.clean(self._inner.format(record))


def start_logging(settings: Settings) -> None:
    """Send logs to stderr and state changes to stdout."""
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if settings.verbose else logging.INFO)
    if settings.quiet:
        root.setLevel(logging.WARNING)
    root.handlers[:] = [_handler(sys.stderr, settings.log_format)]
    events = logging.getLogger(EVENTS)
    events.setLevel(logging.INFO)
    events.handlers[:] = [_handler(sys.stdout, settings.log_format)]
    events.propagate = False
    logging.raiseExceptions = False  # a full disk, or nobody reads us: no reason for a traceback
    logging.getLogger("libav").setLevel(logging.CRITICAL)  # it quotes URLs, and we classify
    logging.getLogger("urllib3").setLevel(logging.WARNING)


def _handler(stream: IO[str], style: str) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    inner = _text() if style == "text" or (style == "auto" and stream.isatty()) else _json()
    handler.setFormatter(_Redacted(inner))
    return handler


class _OneLine(logging.Formatter):
    """What a camera answers, or a file is called, must not look like a line of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], super().formatMessage(record))


def _text() -> logging.Formatter:
    return _OneLine("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S")


def _json() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        "%(levelname)s %(name)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger", "message": "msg"},
        timestamp="ts",
    )
