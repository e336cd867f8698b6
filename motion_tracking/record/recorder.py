"""
How do clips get onto the disk while detection never waits for them?

One thread takes what the rings of the channels hold and writes it down.  Who wants a clip hands
over a wish and goes on.  A clip is begun when its end has come, or a few seconds after the first
wish, so that the wishes of machines that share a channel become one clip.  A disk that is full
costs clips, and nothing else.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Condition, Thread

from motion_tracking.core.clips import Clip, Trigger
from motion_tracking.core.footage import Packet
from motion_tracking.record.clips import Audience, Shown
from motion_tracking.record.cutting import Cut, Tape, Wish, event_of
from motion_tracking.record.finding import DRAFT, adopt, file_name
from motion_tracking.record.history import History, HistoryError
from motion_tracking.record.outage import Outage
from motion_tracking.record.remux import Film
from motion_tracking.record.retention import DRAFTS, Shelf
from motion_tracking.record.spill import settle

log = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks at what is being recorded."""

LATE = 2.0
"""Seconds after the end of a clip for which its last pictures are waited for."""

TIDY_EVERY = 60.0
"""Seconds between two looks at the limits while nothing is recorded."""

MANY = 100
"""Events that are remembered when their clips are over."""

PIECE = 4 * 10**6
"""Bytes of a clip for which room is made before they are written."""


class Recorder:
    """Records the channels of this process."""

    def __init__(
        self,
        tapes: Mapping[str, Tape],
        audiences: Mapping[str, Audience],
        shelf: Shelf,
        open_history: Callable[[], History],
        now: Callable[[], tuple[float, float]],
        on_kept: Callable[[], None] = lambda: None,
        asked: Callable[[], Iterable[Wish]] = tuple,
    ) -> None:
        """
        `audiences` are the machines; `now` gives (monotonic, UTC) seconds.

        In the recorder's thread `open_history` is called, `on_kept` after each clip, and `asked`
        a few times a second, for wishes from elsewhere.
        """
        self._tapes = tapes
        self._audiences = audiences
        self._shelf = shelf
        self._open_history = open_history
        self._now = now
        self._on_kept = on_kept
        self._asked = asked
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._news = Condition()
        self._wishes: list[Wish] = []
        self._closing = False
        self._cuts: list[Cut] = []
        self._done: deque[tuple[str, Trigger, float]] = deque(maxlen=MANY)
        self._unlisted: list[tuple[Clip, list[Shown]]] = []
        self._found = False
        self._tidied_at = float("-inf")
        self._lost = Outage(log, "video", lambda: now()[0])
        self._unkept = Outage(log, "the list of clips", lambda: now()[0])

    def start(self) -> None:
        """Begin; what was left from before comes first."""
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        """Hand over a wish; does not wait.  One that goes on is handed over again, longer."""
        with self._news:
            self._wishes.append(wish)
            self._news.notify()

    def close(self, timeout: float = 1.0) -> bool:
        """End all clips where they are; return whether that was done in time."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        closing = False
        self._keep_order()
        while not closing:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._wishes, TICK)
                wishes, self._wishes = self._wishes, []
                closing = self._closing
            for wish in (*wishes, *self._asked()):
                self._take(wish)
            for cut in self._cuts:  # one that is parted adds another
                self._advance(cut, closing)
            self._cuts = [cut for cut in self._cuts if not cut.over]
            self._keep_order()

    def _take(self, wish: Wish) -> None:
        tape = self._tapes[wish.channel]
        taken = any(cut.takes(wish) for cut in self._cuts if cut.tape is tape)
        if not taken and event_of(wish) not in self._done:
            self._cuts.append(Cut(wish, tape, self._now()[0]))

    def _advance(self, cut: Cut, closing: bool) -> None:
        """Write what there is of a clip, and end it if that is all."""
        at, _ = self._now()
        if not (closing or cut.due(at)):
            return
        try:
            over = self._write(cut)
            if over or closing or at > cut.end + LATE:
                self._let_go(cut)
                self._finish(cut)
        except OSError as error:  # the disk is full, or gone
            if cut.film is not None:
                cut.film.abandon()
            self._let_go(cut)
            self._lost.failed(error, "clips are lost, and nothing else")

    def _let_go(self, cut: Cut) -> None:
        cut.over = True
        self._done.extend(event_of(wish) for wish in cut.wishes)

    def _write(self, cut: Cut) -> bool:
        """Write the pictures that have come; return whether the end was among them."""
        if cut.next is None:
            cut.next = cut.tape.first(cut.start)
        while cut.next is not None and (packets := cut.tape.read(cut.next)):
            for packet in packets:
                if packet.at > cut.end:
                    return True
                if cut.film is None and not packet.key:
                    continue  # what it leans on is forgotten already
                if cut.film is not None and not cut.film.fits(packet):
                    self._part(cut, packet)
                    return True
                self._add(cut, packet)
            cut.next = packets[-1].number + 1
        return False

    def _part(self, cut: Cut, packet: Packet) -> None:
        """Go on in another clip, from the key picture on that has another size or codec."""
        rest = Cut(cut.wishes[0], cut.tape, self._now()[0])
        rest.wishes, rest.start, rest.end, rest.next = cut.wishes, packet.at, cut.end, packet.number
        self._cuts.append(rest)

    def _add(self, cut: Cut, packet: Packet) -> None:
        if cut.film is None:
            self._begin(cut, packet)
        assert cut.film is not None
        if cut.film.bytes + len(packet.data) > cut.room:
            self._make_room(PIECE)
            cut.room += PIECE
        cut.film.add(packet)

    def _begin(self, cut: Cut, packet: Packet) -> None:
        self._make_room(PIECE)
        cut.room = PIECE
        wish = cut.wishes[0]
        cut.name = file_name(wish.machine, self._wall(packet.at), wish.trigger)
        cut.film = Film(self._shelf.folder / DRAFTS / f"{cut.name}{DRAFT}", packet)
        cut.first = packet

    def _finish(self, cut: Cut) -> None:
        """Put a whole clip where it belongs, and into the history when the disk has it."""
        film, first = cut.film, cut.first
        if film is None or first is None:
            log.debug("no pictures of %s", cut.wishes[0])
            return
        film.close()
        machine = cut.wishes[0].machine
        final = self._shelf.folder / machine / cut.name
        final.parent.mkdir(parents=True, exist_ok=True)
        film.path.replace(final)
        settle(final.parent)
        start = self._wall(first.at)
        clip = Clip(
            0,
            f"{machine}/{cut.name}",
            self._shelf.folder.as_posix(),
            start,
            start + timedelta(seconds=film.seconds),
            film.bytes,
            film.codec,
            film.size,
        )
        self._unlisted.append((clip, [self._shown(wish) for wish in cut.wishes]))
        self._tidied_at = float("-inf")
        self._lost.over("clips are kept again")

    def _keep_order(self) -> None:
        """List what is whole, and hold the limits; what the disk refuses is tried again."""
        at, utc = self._now()
        if self._found and at - self._tidied_at < TIDY_EVERY:
            return
        self._tidied_at = at
        try:
            with self._open_history() as history:
                moment = datetime.fromtimestamp(utc, UTC)
                while self._unlisted:
                    history.add_clip(*self._unlisted[0])
                    self._unlisted.pop(0)
                    self._on_kept()
                if not (self._found or any(cut.film for cut in self._cuts)):
                    adopt(self._shelf.folder, self._audiences, history, moment)
                    self._found = True
                self._shelf.tidy(history, moment)
        except OSError as error:
            self._unkept.failed(error, f"{len(self._unlisted)} clips wait to be listed")
        else:
            self._unkept.over("none is missing")

    def _make_room(self, more: int) -> None:
        try:
            with self._open_history() as history:
                self._shelf.tidy(history, datetime.fromtimestamp(self._now()[1], UTC), more)
        except HistoryError as error:  # it is the video's disk that counts now
            log.debug("clips cannot be counted: %s", error)
        self._shelf.require(more)

    def _shown(self, wish: Wish) -> Shown:
        when = self._wall(wish.event) if wish.change is None else wish.change.occurred_at
        audience = self._audiences[wish.machine]
        return Shown(wish.machine, wish.trigger, when, wish.change, audience)

    def _wall(self, at: float) -> datetime:
        now = self._now()
        return datetime.fromtimestamp(now[1] - (now[0] - at), UTC)
