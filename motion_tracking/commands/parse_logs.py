"""
What did the logs of a machine record?  As an interactive HTML chart, one file a machine.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from motion_tracking.commands.logs import (
    LoggedMachine,
    for_each,
    looked_back,
    machines_with_logs,
    read,
)
from motion_tracking.console import Failure, Settings, say, say_warning
from motion_tracking.report import report
from motion_tracking.report.plot import has_display


def parse_logs(
    settings: Settings,
    cameras: Sequence[str],
    kind: str,
    logs: Sequence[Path],
    output: Path | None,
    opens: bool | None,
) -> None:
    """Write `chart_motion_<machine>.html` for each camera, and print where."""
    machines = machines_with_logs(settings, cameras, logs)
    if output is not None and output.suffix.lower() == ".html" and len(machines) > 1:
        raise Failure("one file cannot hold several charts", "give a folder with -o")
    for_each(machines, lambda machine: _draw(machine, kind, output, opens))


def _draw(machine: LoggedMachine, kind: str, output: Path | None, opens: bool | None) -> None:
    log = read(machine, kind)
    if log.skipped:
        say_warning(f"{machine.name}: {log.skipped} lines were no log lines, and were skipped")
    path = _target(output, machine.folder, machine.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        report(path)(machine.name, looked_back(machine, log), machine.threshold, path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", "choose another with -o") from None
    say(str(path))
    if opens or (opens is None and sys.stdout.isatty()):
        show(path)


def _target(output: Path | None, folder: Path, machine: str) -> Path:
    if output is not None and output.suffix.lower() == ".html":
        return output
    return (output or folder) / f"chart_motion_{machine}.html"


def show(path: Path) -> None:
    """Open a page in the browser, where there can be one."""
    # without a display, the browser might be one that takes over this very terminal
    if has_display(os.environ, sys.platform):
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
