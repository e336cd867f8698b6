"""
How does what was recorded get its place on the disk, its row, and its message?

A file grows as a draft.  When the disk has all of it, it gets its name, and then its row; what the
history refuses waits.  Everything is called in the recorder's thread, and raises `OSError`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from motion_tracking.core.clips import JPEG, Clip, Trigger
from motion_tracking.record.clips import Audience, Shown
from motion_tracking.record.cutting import Wish
from motion_tracking.record.finding import adopt, file_name
from motion_tracking.record.history import History, HistoryError
from motion_tracking.record.outage import Outage
from motion_tracking.record.remux import Film
from motion_tracking.record.retention import DRAFT, DRAFTS, Shelf
from motion_tracking.record.spill import settle

log = logging.getLogger(__name__)

TIDY_EVERY = 60.0
"""Seconds between two looks at the limits while nothing is recorded."""


class Store:
    """The folder of video and the rows of the history, as one."""

    def __init__(
        self,
        shelf: Shelf,
        audiences: Mapping[str, Audience],
        open_history: Callable[[], History],
        now: Callable[[], tuple[float, float]],
        on_kept: Callable[[], None] = lambda: None,
    ) -> None:
        """`audiences` are the machines of this process; `on_kept` is called after each row."""
        self.on_listed: Callable[[Wish], None] = lambda _: None
        """Is called with each wish that a new row fulfils."""
        self._shelf = shelf
        self._audiences = audiences
        self._open_history = open_history
        self._now = now
        self._on_kept = on_kept
        self._unlisted: list[tuple[Clip, Sequence[Wish]]] = []
        self._adopted = False
        self._tidied_at = float("-inf")
        self._outage = Outage(log, "the list of clips", lambda: now()[0])

    def draft(self, wish: Wish, at: float, kind: str = "mp4") -> Path:
        """Return where a file grows whose first picture came `at`."""
        name = file_name(wish.machine, self.wall(at), wish.trigger, kind)
        return self._shelf.folder / DRAFTS / f"{name}{DRAFT}"

    def make_room(self, more: int) -> None:
        """See that so many bytes may be written, at the cost of the oldest clips."""
        try:
            with self._open_history() as history:
                self._shelf.tidy(history, self._moment, more)
        except HistoryError as error:  # it is the video's disk that counts now
            log.debug("clips cannot be counted: %s", error)
        self._shelf.require(more)

    def keep(self, film: Film, at: float, wishes: Sequence[Wish]) -> None:
        """End a film whose first picture came `at`, and list it."""
        film.close()
        end = at + film.seconds
        self._place(film.path, wishes, (at, end), film.bytes, film.codec, film.size)

    def keep_picture(self, data: bytes, at: float, size: tuple[int, int], wish: Wish) -> None:
        """Write a picture that came `at`, and list it."""
        self.make_room(len(data))
        draft = self.draft(wish, at, "jpg")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        self._place(draft, [wish], (at, at), len(data), JPEG, size)

    def look_after(self, idle: bool, motion_pictures: int = 0) -> None:
        """List what is whole, and hold the limits; what the disk refuses is tried again."""
        at, _ = self._now()
        if self._adopted and at - self._tidied_at < TIDY_EVERY:
            return
        self._tidied_at = at
        try:
            with self._open_history() as history:
                self._list(history)
                if idle and not self._adopted:  # else it is our own drafts that are found
                    adopt(self._shelf.folder, self._audiences, history, self._moment)
                    self._adopted = True
                self._shelf.tidy(history, self._moment)
                for machine in self._audiences:
                    surplus = history.surplus_pictures(machine, Trigger.MOTION, motion_pictures)
                    for picture in surplus:
                        self._shelf.remove(history, picture, self._moment)
        except OSError as error:
            self._outage.failed(error, f"{len(self._unlisted)} clips wait to be listed")
        else:
            self._outage.over("none is missing")

    def lists(self, channel: str) -> bool:
        """Whether something of a channel waits to be listed."""
        return any(wish.channel == channel for _, wishes in self._unlisted for wish in wishes)

    def wall(self, at: float) -> datetime:
        """Return the time of day of a moment."""
        now = self._now()
        return datetime.fromtimestamp(now[1] - (now[0] - at), UTC)

    def _place(
        self,
        draft: Path,
        wishes: Sequence[Wish],
        span: tuple[float, float],
        length: int,
        codec: str,
        size: tuple[int, int],
    ) -> None:
        machine, name = wishes[0].machine, draft.name.removesuffix(DRAFT)
        final = self._shelf.folder / machine / name
        final.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(final)
        settle(final.parent)
        start = self.wall(span[0])
        end = start + timedelta(seconds=span[1] - span[0])
        folder = self._shelf.folder.as_posix()
        clip = Clip(0, f"{machine}/{name}", folder, start, end, length, codec, size)
        self._unlisted.append((clip, wishes))
        self._tidied_at = float("-inf")

    def _list(self, history: History) -> None:
        while self._unlisted:
            clip, wishes = self._unlisted[0]
            history.add_clip(clip, [self._shown(wish) for wish in wishes])
            self._unlisted.pop(0)
            for wish in wishes:
                self.on_listed(wish)
            self._on_kept()

    def _shown(self, wish: Wish) -> Shown:
        when = self.wall(wish.event) if wish.change is None else wish.change.occurred_at
        audience = wish.audience or self._audiences[wish.machine]
        return Shown(wish.machine, wish.trigger, when, wish.change, audience)

    @property
    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now()[1], UTC)
