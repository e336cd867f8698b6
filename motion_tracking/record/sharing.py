"""
Which process records a channel that several of them read?

Whichever has something to record first.  It holds the channel's lock until its clips are listed,
and the others leave their wishes in the channel's folder, so that a clip of all comes of it.  The
lock is the operating system's and goes with its holder, however that one dies: then whoever left
a wish there fulfils it itself.  So it does if nobody takes it, for two clips are better than none.

A wish is a file: `.json` until the holder takes it, `.taken` until its clip is listed.
"""

import json
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from motion_tracking.core.clips import Trigger
from motion_tracking.record.boot import boot_id
from motion_tracking.record.chain import FACTS, change_of, facts
from motion_tracking.record.clips import Audience
from motion_tracking.record.cutting import Wish, event_of

log = logging.getLogger(__name__)

UNHEARD = 4.0
"""Seconds after which a wish that nobody takes is fulfilled here."""

STALE = 3600.0
"""Seconds after its end for which a wish may lie about."""

MANY = 100
"""Wishes of others that are remembered when their clips are listed."""

LEFT, TAKEN = ".json", ".taken"

_MACHINE = re.compile(r"[A-Za-z0-9_-]{1,64}")

Reaches = Callable[[Wish], bool]


@dataclass(slots=True)
class _Left:
    """A wish of this process that another may fulfil."""

    wish: Wish
    file: Path
    at: float


class Sharing:
    """What the processes that read a channel know of each other; belongs to one thread."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        audiences: Mapping[str, Audience],
        now: Callable[[], tuple[float, float]],
    ) -> None:
        """`folders` are those of the channels, `audiences` of the machines of this process."""
        self._folders = folders
        self._audiences = audiences
        self._now = now
        self._boot = boot_id()
        self._locks: dict[str, FileLock] = {}
        self._left: dict[tuple[str, Trigger, float], _Left] = {}
        self._listed: deque[tuple[str, Trigger, float]] = deque(maxlen=MANY)

    def ours(self, wish: Wish) -> bool:
        """Whether this process is to fulfil a wish of its own; else it is left to another."""
        if wish.channel not in self._folders:
            return True
        free, left = self._hold(wish.channel), self._left.get(event_of(wish))
        if left is not None and self._is_fulfilled(left):
            return False  # it goes on, and is recorded
        if free:
            return True
        try:
            self._leave(wish)
        except OSError as error:
            log.debug("%s: cannot be left to another process: %s", wish.channel, error)
            return True
        return False

    def handed(self, reaches: Reaches) -> Iterator[Wish]:
        """Take what others leave to us, as far as what we have `reaches` back to it."""
        for channel in self._locks:
            for path in sorted(self._folders[channel].glob(f"*{LEFT}")):
                wish = self._read(channel, path)
                if wish is None or wish.machine in self._audiences:
                    continue
                if event_of(wish) in self._listed:  # it goes on
                    self._remove(path)
                elif reaches(wish):
                    with suppress(OSError):  # it is no longer there, or its owner has it open
                        path.replace(path.with_suffix(TAKEN))
                        yield wish

    def returned(self) -> Iterator[Wish]:
        """Take back what nobody fulfils."""
        for left in list(self._left.values()):
            unheard = left.file.exists() and self._now()[0] - left.at > UNHEARD
            free = self._hold(left.wish.channel)
            # only now, since it may have been fulfilled the moment before the lock was free
            if (unheard or free) and not self._is_fulfilled(left):
                self._forget(left.wish)
                yield left.wish

    def fulfilled(self) -> list[Wish]:
        """Return what others have fulfilled, once."""
        found = [left.wish for left in self._left.values() if self._is_fulfilled(left)]
        for wish in found:
            del self._left[event_of(wish)]
        return found

    def listed(self, wish: Wish) -> None:
        """Take note that a clip which shows this is in the history, if it was not cut short."""
        ours = wish.channel not in self._locks or wish.machine in self._audiences
        if not ours and wish.end <= self._now()[0]:
            self._listed.append(event_of(wish))
            self._remove(self._path(wish))

    def let_go(self, busy: Callable[[str], bool]) -> None:
        """Let others record the channels that are not `busy`."""
        for channel in [channel for channel in self._locks if not busy(channel)]:
            self._locks.pop(channel).release()

    def _hold(self, channel: str) -> bool:
        if channel in self._locks:
            return True
        folder = self._folders[channel]
        lock = FileLock(folder / "recorder.lock", 0, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            return False
        except OSError as error:  # then nobody can hold it
            log.debug("%s: no lock can be had: %s", channel, error)
            return True
        self._locks[channel] = lock
        for path in folder.glob(f"*{TAKEN}"):  # of who was killed meanwhile
            self._read(channel, path)
        return True

    def _leave(self, wish: Wish) -> None:
        path, (at, _) = self._path(wish), self._now()
        draft = path.with_suffix(".draft")
        held = _written(replace(wish, audience=self._audiences[wish.machine]), self._boot)
        draft.write_text(json.dumps(held), encoding="utf-8")
        known = self._left.get(event_of(wish))
        heard = known is None or not path.exists()
        draft.replace(path)
        self._left[event_of(wish)] = _Left(wish, path, at if heard or known is None else known.at)

    def _forget(self, wish: Wish) -> None:
        self._remove(self._left.pop(event_of(wish)).file)

    def _remove(self, file: Path) -> None:
        for path in (file, file.with_suffix(TAKEN)):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _is_fulfilled(self, left: _Left) -> bool:
        return not left.file.exists() and not left.file.with_suffix(TAKEN).exists()

    def _path(self, wish: Wish) -> Path:
        moment = round(wish.event * 1000)
        return self._folders[wish.channel] / f"{wish.machine}-{moment}-{wish.trigger}{LEFT}"

    def _read(self, channel: str, path: Path) -> Wish | None:
        """Read a wish of another process; what is no wish, or too old, is removed."""
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            wish = _wish(channel, held)
            fresh = held["boot_id"] == self._boot and self._now()[0] - wish.end < STALE
        except OSError:
            return None
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            fresh = False
        if fresh:
            return wish
        with suppress(OSError):
            path.unlink()
        return None


def _written(wish: Wish, boot: str) -> dict[str, Any]:
    to, change = wish.audience, wish.change
    assert to is not None
    return {
        "boot_id": boot,
        "machine": wish.machine,
        "trigger": wish.trigger.value,
        "event": wish.event,
        "span": [wish.start, wish.end, wish.longest],
        "change": None if change is None else dict(zip(FACTS, facts(change, boot), strict=True)),
        "audience": [[*to.notifiers], to.machineid, to.recorder],
    }


def _wish(channel: str, held: Mapping[str, Any]) -> Wish:
    machine = str(held["machine"])
    if not _MACHINE.fullmatch(machine):  # it becomes part of a path
        raise ValueError
    notifiers, machineid, recorder = held["audience"]
    change = held["change"]
    start, end, longest = (float(seconds) for seconds in held["span"])
    return Wish(
        channel,
        machine,
        Trigger(held["trigger"]),
        float(held["event"]),
        start,
        end,
        longest,
        change=None if change is None else change_of({**change, "machine": machine}),
        audience=Audience(tuple(map(str, notifiers)), int(machineid), str(recorder)),
    )
