"""
How are all cameras tracked by one command, and what crashes started again?

A process for each channel, so that a crash is of one recorder's channel only.  What ends by a
fault is started again, ever more slowly; what is wrong with the configuration stays away.
"""

import logging
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import configured, to_track
from motion_tracking.commands.signals import asked_to_stop
from motion_tracking.commands.supervisor import Supervisor
from motion_tracking.config import Address, Config
from motion_tracking.console import Exit, Failure, Settings, start_logging

log = logging.getLogger(__name__)

AT_ONCE, APART = 8, 1.0
"""Processes that are started at once, and seconds between two of the others: each takes a second
of a core to begin, and decodes all of its stream until it knows what its machines do."""

LOOK_EVERY = 0.2
"""Seconds between two looks at the processes."""

FIRST_PAUSE, LONGER, LONGEST_PAUSE = 0.5, 4, 15.0
"""Seconds before a crashed process is started again: at first, times what, and at most."""

SOUND = 60.0
"""Seconds after which a process has not crashed at its start."""

LEFT_TO_END = 5.0
"""Seconds that the processes have to end when they are asked to."""

OVER = frozenset({Exit.OK, Exit.USAGE, Exit.EXTRA_MISSING})
"""The exit codes after which another start changes nothing."""


@dataclass(slots=True)
class _Channel:
    """
    The machines of a channel, and the process that tracks them; `due` is its next start.

    What is `endless` ends well only because somebody asked for it, to have it start anew.
    """

    names: Sequence[str]
    due: float | None
    endless: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    code: int = Exit.OK

    @property
    def over(self) -> bool:
        return self.process is None and self.due is None


def run_all(settings: Settings, duration: float | None, **others: object) -> None:
    """Track all cameras that can be, until a signal, or until none is left to be tracked."""
    if any(others.values()):
        raise Failure("--all goes with --duration only", "motion-track run --help")
    config = configured(settings)
    start = system_now().at
    channels = [
        _Channel(
            names,
            start + APART * max(0, n - AT_ONCE),
            duration is None and address.kind != "file",
        )
        for n, (address, names) in enumerate(_by_channel(config), 1)
    ]
    if not channels:
        raise Failure("no camera to track", "`motion-track check` says what is missing")
    start_logging(settings)
    stopping, supervisor = asked_to_stop(), Supervisor(os.environ)
    command = [*_command(settings, config), "run"]
    options = [] if duration is None else ["--duration", str(duration)]
    try:
        while not (stopping.is_set() or all(channel.over for channel in channels)):
            at = system_now().at
            for channel in channels:
                _look_after(channel, [*command, *channel.names, *options], at)
            supervisor.turned(at)
            stopping.wait(LOOK_EVERY)
    finally:
        supervisor.stopping()
        _end(channels)
    raise click.exceptions.Exit(max(channel.code for channel in channels))


def _by_channel(config: Config) -> Iterator[tuple[Address, list[str]]]:
    """Yield the cameras that share an address, which is a session with the recorder."""
    names: defaultdict[Address, list[str]] = defaultdict(list)
    for camera in to_track(config):
        names[camera.address].append(camera.name)
    yield from names.items()


def _command(settings: Settings, config: Config) -> list[str]:
    command = [sys.executable, "-m", "motion_tracking", "-C", str(config.directory)]
    flags = {"--verbose": settings.verbose, "--quiet": settings.quiet}
    command += [flag for flag, is_set in flags.items() if is_set]
    return [*command, "--log-format", settings.log_format]


def _look_after(channel: _Channel, command: list[str], at: float) -> None:
    """Start the process of a channel if it is due, and take note of its end."""
    if channel.process is not None and channel.process.poll() is not None:
        _ended(channel, channel.process.returncode, at)
    if channel.due is not None and at >= channel.due:
        channel.due, channel.started_at = None, at
        try:
            channel.process = _started(command)
        except OSError as error:  # no memory, too many processes: those that run go on
            _again(channel, f"cannot be started: {error.strerror}", at)


def _started(command: list[str]) -> "subprocess.Popen[bytes]":
    # it is we who tell systemd, and who track all
    ours = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "MOTION_TRACK_RUN_EVERY")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    # Windows can ask only a group of processes to stop
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=inherited, creationflags=group)


def _ended(channel: _Channel, code: int, at: float) -> None:
    names = ", ".join(channel.names)
    channel.process = None
    if code in OVER and not (channel.endless and code == Exit.OK):
        channel.code = code
        log.log(logging.ERROR if code else logging.INFO, "%s: ended for good (%d)", names, code)
        return
    if at - channel.started_at >= SOUND:
        channel.pause = FIRST_PAUSE
    _again(channel, f"ended ({code})", at)


def _again(channel: _Channel, why: str, at: float) -> None:
    """Have a process started once more, later each time."""
    names = ", ".join(channel.names)
    log.error("%s: %s; started again in %.1f s", names, why, channel.pause)
    channel.due = at + channel.pause
    channel.pause = min(LONGER * channel.pause, LONGEST_PAUSE)


def _end(channels: Sequence[_Channel]) -> None:
    """Ask all processes to stop, and kill those that do not in time."""
    processes = [channel.process for channel in channels if channel.process is not None]
    for process in processes:
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
    until = system_now().at + LEFT_TO_END
    for process in processes:
        try:
            process.wait(max(0.1, until - system_now().at))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
