"""
What did the motion log of a machine record?  As a window, or as a picture file.
"""

from collections.abc import Sequence
from pathlib import Path

from motion_tracking.commands.logs import (
    LoggedMachine,
    for_each,
    looked_back,
    machines_with_logs,
    read,
)
from motion_tracking.console import Failure, Settings, say
from motion_tracking.report.logfiles import Log

SUFFIXES = (".png", ".svg", ".pdf")


def plot_log(
    settings: Settings, cameras: Sequence[str], logs: Sequence[Path], output: Path | None
) -> None:
    """Show the plot of each camera; where no window can be opened, write a PNG beside its log."""
    machines = machines_with_logs(settings, cameras, logs)
    if output is not None and output.suffix.lower() not in SUFFIXES:
        hint = "parse-logs writes .html" if output.suffix == ".html" else "choose another with -o"
        raise Failure(f"{output.name}: the name must end in {', '.join(SUFFIXES)}", hint)
    if output is not None and len(machines) > 1:
        raise Failure("one file cannot hold several plots", "name one camera with -o")
    for_each(machines, lambda machine: _shown(machine, output))


def _shown(machine: LoggedMachine, path: Path | None) -> None:
    from motion_tracking.report.plot import NoDisplayError

    log = read(machine, "all")
    try:
        _plot(machine, log, path)
    except NoDisplayError:
        path = machine.folder / f"chart_motion_{machine.name}.png"
        _plot(machine, log, path)
    if path is not None:
        say(str(path))


def _plot(machine: LoggedMachine, log: Log, path: Path | None) -> None:
    from motion_tracking.report.plot import plot

    try:
        plot(machine.name, looked_back(machine, log), machine.threshold, path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", "choose another with -o") from None
