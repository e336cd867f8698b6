"""
How do the commands and their options become `docs/cli.md`?

`python -m motion_tracking.commands.reference docs/cli.md` writes the page anew.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

import click

from motion_tracking.console import Exit

EXIT_CODES = {
    Exit.OK: "all is well; `run` was stopped by Ctrl-C, SIGTERM or its `--duration`",
    Exit.FINDINGS: "`check` found something wrong, or `status --exit-code` a machine that cannot"
    " be seen",
    Exit.USAGE: "a mistake in the command or the configuration",
    Exit.UNREACHABLE: "the camera, the recorder or, for `report --email`, the mail server cannot be"
    " reached",
    Exit.NO_DATA: "no data to show",
    Exit.ALREADY_TRACKED: "this camera is tracked already; the message has the process",
    Exit.EXTRA_MISSING: "an extra is not installed",
    Exit.INTERNAL: "`run` can keep nothing, and its message says why; else a fault of motion-track:"
    " please report it",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
}

_INTRODUCTION = """\
# Command line

<!-- made by: python -m motion_tracking.commands.reference docs/cli.md -->

Data goes to stdout, all else to stderr, and `--json` prints JSON and nothing else. A mistake is
two lines, `error:` and `hint:`, and an [exit code](#exit-codes). Every command has `--help`.

An option counts more than its environment variable. A switch such as `--once` is set by a
variable of `1`. The keys of the files have variables too: [configuration.md](configuration.md).
"""

_OWN_PROGRAMS = ("parse-logs", "plot-log")


def reference(cli: click.Group) -> str:
    """Return the page: what stands before a command, each command, and the exit codes."""
    # with its settings: a command keeps the option of its help as it is first asked for
    context = click.Context(cli, info_name="motion-track", **cli.context_settings)
    lines = [_INTRODUCTION, *_section("Before the command", cli, context)]
    for name, command in cli.commands.items():
        inner = click.Context(command, parent=context, info_name=name)
        lines += _section(name, command, inner)
    return "\n".join([*lines, "## Exit codes", "", *exit_codes()]) + "\n"


def exit_codes() -> Iterator[str]:
    """Yield the lines of the table of exit codes."""
    yield "| exit code | means |"
    yield "|---|---|"
    for code, meaning in EXIT_CODES.items():
        yield f"| {code.value} | {meaning} |"


def _section(title: str, command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {title}\n"
    pieces = command.collect_usage_pieces(context)
    yield f"```\n{' '.join([context.command_path, *pieces])}\n```\n"
    for paragraph in cleandoc(command.help or "").split("\n\n"):
        yield f"{' '.join(paragraph.split())}\n"
    if title in _OWN_PROGRAMS:
        yield f"It is a program of its own too: `{title}` is `motion-track {title}`.\n"
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        yield "| option | value | what it does | if not given | variable |"
        yield "|---|---|---|---|---|"
        yield from (_row(option) for option in options)
        yield ""


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    variable = f"`{option.envvar}`" if option.envvar else "-"
    cells = (names, _value(option), option.help or "", _default(option), variable)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _value(option: click.Option) -> str:
    """Say what an option takes: its words, or its name with the limits of a number."""
    kind = option.type
    if option.is_flag:
        return "-"
    if isinstance(kind, click.Choice):
        return ", ".join(f"`{choice}`" for choice in kind.choices)
    name = f"`{option.metavar or kind.name.upper()}`"
    if isinstance(kind, click.IntRange | click.FloatRange):
        lowest = "" if kind.min is None else f" from {kind.min:g}"
        highest = "" if kind.max is None else f" to {kind.max:g}"
        return name + lowest + highest
    return name


def _default(option: click.Option) -> str:
    default = option.default
    if option.secondary_opts and isinstance(default, bool):
        return f"`{(option.opts if default else option.secondary_opts)[0]}`"
    if option.is_flag or not option.show_default:
        return "-"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    # by name: this is a tool that looks at the program from outside, though it lies inside
    page = reference(import_module("motion_tracking.cli").cli)
    Path(sys.argv[1]).write_text(page, encoding="utf-8", newline="\n")
