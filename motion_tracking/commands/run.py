"""
How is a tracker put together, and how does it end?

Main thread: the loop of `tracker.py`.  One thread a channel reads pictures, one writes to disk,
one a notifier sends.  Detection waits for none of them.  The process may be killed at any moment;
asked to stop, it flushes and is gone within a second, even while a library call blocks.
"""

import logging
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import click

from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.commands.attending import Attendants
from motion_tracking.commands.configuration import chosen, configured, machine_folder, to_track
from motion_tracking.commands.frugality import be_thrifty
from motion_tracking.commands.opening import opened
from motion_tracking.commands.signals import asked_to_stop
from motion_tracking.commands.tracking import (
    Known,
    heads_of,
    known_of,
    lags_of,
    tracker_of,
    views_of,
)
from motion_tracking.config import Address, Camera, Config, hidden_in
from motion_tracking.console import (
    Exit,
    Failure,
    Settings,
    keep_secret,
    say,
    say_warning,
    start_logging,
)
from motion_tracking.core.changes import Change
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.record.lock import AlreadyTracked, hold
from motion_tracking.tracker import Scored, Subscriber, Tracker, track

log = logging.getLogger(__name__)

ONCE_TIMEOUT = 20.0
"""Seconds that `--once` waits for two frames."""


def run(
    settings: Settings,
    cameras: Sequence[str],
    source: str | None,
    duration: float | None,
    once: bool,
    dry_run: bool,
) -> None:
    """Track the named cameras until a signal, the end of the source, or `duration` seconds."""
    be_thrifty()
    config = configured(settings)
    watched = [_watchable(camera) for camera in chosen(config, cameras or [_asked(config)])]
    if source is not None:
        keep_secret({*config.secrets, *hidden_in(source)})
        watched = [_watching(camera, source) for camera in watched]
    _warn_of_problems(config, watched)
    known = [known_of(config.directory, camera) for camera in watched]
    start_logging(settings)
    if once:
        _judge_once(known)
    elif dry_run:
        _follow(known, duration, [_Printer()])
    else:
        _keep_following(config, known, duration)


def _asked(config: Config) -> str:
    """Return the camera to track where none was named: the user's choice, at a terminal."""
    names = [camera.name for camera in to_track(config)]
    if not names:
        raise Failure("no camera to track", "`motion-track check` says what is missing")
    if not sys.stdin.isatty():
        raise Failure("which camera?", f"name one or more of: {', '.join(names)}")
    return str(click.prompt("Which camera?", type=click.Choice(names), err=True))


def _watchable(camera: Camera) -> Camera:
    if camera.trackable:
        return camera
    raise Failure(
        f"{camera.name} has no area to watch yet",
        f"motion-track init {camera.name}",
    )


def _watching(camera: Camera, source: str) -> Camera:
    try:
        return camera.watching(source)
    except ValueError as error:
        raise Failure(f"--source: {error}") from None


def _warn_of_problems(config: Config, watched: Sequence[Camera]) -> None:
    """Tell what is wrong with these cameras and with what all of them share."""
    names = {camera.name for camera in watched}
    others = (set(config.cameras) | set(config.broken)) - names
    for problem in config.problems:
        if problem.section not in others:
            say_warning(str(problem), problem.hint)


def _keep_following(config: Config, known: Sequence[Known], duration: float | None) -> None:
    cameras = [machine.camera for machine in known]
    with ExitStack() as stack:
        for camera in cameras:
            _hold(stack, config, camera.name)
        attendants = stack.enter_context(Attendants(config, cameras, system_now))
        known = [replace(one, memory=attendants.memory(one.camera.name)) for one in known]
        ended = _follow(known, duration, attendants.subscribers, attendants)
    if not ended:
        # a library call still blocks; the interpreter would wait for it, or crash into it
        logging.shutdown()
        sys.stdout.flush()
        os._exit(Exit.OK)


def _hold(stack: ExitStack, config: Config, machine: str) -> None:
    folder = machine_folder(config, machine)
    try:
        stack.enter_context(hold(folder, os.getpid()))
    except AlreadyTracked as error:
        hint = "stop that one first; `motion-track status` shows what runs"
        raise Failure(str(error), hint, Exit.ALREADY_TRACKED) from None
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror}") from None


def _follow(
    known: Sequence[Known],
    duration: float | None,
    subscribers: Sequence[Subscriber],
    attendants: Attendants | None = None,
) -> bool:
    """Read, judge and tell until it is over; return whether all threads that read are gone."""
    mailbox = Mailbox()
    start = system_now()
    trackers, readers = _put_together(known, mailbox, subscribers, start, attendants)
    stopping = asked_to_stop(mailbox.wake)
    if attendants is not None:
        attendants.begin(trackers, readers)

    def over(at: float) -> bool:
        for reader in readers.values():
            reader.watch(at)
        if attendants is not None and attendants.turn(at):
            return True
        timed_out = duration is not None and at - start.at >= duration
        return stopping.is_set() or timed_out or all(r.ended for r in readers.values())

    for reader in readers.values():
        reader.start()
    track(mailbox, trackers, system_now, over)
    ended = [reader.close(0.2) for reader in readers.values()]
    if attendants is not None:
        attendants.finish()
    return all(ended)


def _put_together(
    known: Sequence[Known],
    mailbox: Mailbox,
    subscribers: Sequence[Subscriber],
    start: Moment,
    attendants: Attendants | None = None,
) -> tuple[dict[str, list[Tracker]], dict[str, Reader]]:
    """Make a tracker for each camera, and one reader for each channel that they share."""
    by_address: dict[Address, list[Known]] = defaultdict(list)
    for machine in known:
        by_address[machine.camera.address].append(machine)
    trackers: dict[str, list[Tracker]] = {}
    readers = {}
    for address, machines in by_address.items():
        channel = "+".join(machine.camera.name for machine in machines)
        sight = Sight(open_watches(views_of(machines)))
        for one in machines:
            folder = None if attendants is None else attendants.folder(one.camera.name)
            tracker = tracker_of(one, subscribers, start, sight, folder)
            trackers.setdefault(channel, []).append(tracker)
        lags = lags_of(trackers[channel])
        tap = None if attendants is None else attendants.tap(address)
        heads = heads_of(machines, trackers[channel])
        source = partial(opened, address, tap, heads)
        readers[channel] = Reader(channel, source, mailbox, system_now, lags)
        readers[channel].heads = heads
    return trackers, readers


class _Printer:
    """Prints changes and keeps nothing."""

    def scored(self, scored: Scored) -> None:
        log.debug("%s: score %d", scored.machine, scored.score)

    def changed(self, change: Change) -> None:
        at = change.occurred_at.astimezone().isoformat(" ", "seconds")
        say(f"{change.machine}: {change.to_state} since {at}")


class _First:
    """Keeps the first score of each machine."""

    def __init__(self) -> None:
        self.scores: dict[str, Scored] = {}

    def scored(self, scored: Scored) -> None:
        self.scores.setdefault(scored.machine, scored)

    def changed(self, change: Change) -> None:
        """A state needs more than two frames."""


def _judge_once(known: Sequence[Known]) -> None:
    first = _First()
    mailbox = Mailbox()
    start = system_now()
    trackers, readers = _put_together(known, mailbox, [first], start)
    for reader in readers.values():
        reader.start()

    def over(at: float) -> bool:
        failed = at - start.at > ONCE_TIMEOUT or all(r.trouble for r in readers.values())
        return failed or len(first.scores) == len(known)

    track(mailbox, trackers, system_now, over)
    ended = [reader.close(0.2) for reader in readers.values()]
    for scored in first.scores.values():
        say(f"{scored.machine}: score {scored.score}, {'moving' if scored.moving else 'still'}")
    names = [machine.camera.name for machine in known]
    silent = [name for name in names if name not in first.scores]
    code = Exit.UNREACHABLE if silent else Exit.OK
    if silent:
        troubles = "; ".join(r.trouble for r in readers.values() if r.trouble)
        message = f"no pictures of {', '.join(silent)}: {troubles or 'nothing came in time'}"
        Failure(message, "`motion-track check` looks for the cause").show()
    if not all(ended):
        sys.stdout.flush()
        os._exit(code)
    raise click.exceptions.Exit(code)
