"""
How do clips get onto the disk while detection never waits for them?

One thread takes what the rings of the channels hold and writes it down.  Who wants a clip hands
over a wish and goes on.  A clip is begun when its end has come, or a few seconds after the first
wish, so that the wishes of machines that share a channel become one clip; also of those that other
processes track, see `sharing.py`.  A disk that is full costs clips, and nothing else.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from threading import Condition, Thread

from motion_tracking.core.clips import Trigger
from motion_tracking.core.footage import Packet
from motion_tracking.record.cutting import Cut, Tape, Wish, event_of
from motion_tracking.record.outage import Outage
from motion_tracking.record.remux import Film
from motion_tracking.record.sharing import Sharing
from motion_tracking.record.stills import still
from motion_tracking.record.storing import Store

log = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks at what is being recorded."""

LATE = 2.0
"""Seconds after the end of a clip for which its last pictures are waited for."""

MANY = 100
"""Events that are remembered when their clips are over."""

PIECE = 4 * 10**6
"""Bytes of a clip for which room is made before they are written."""


class Recorder:
    """Records the channels of this process."""

    def __init__(
        self,
        tapes: Mapping[str, Tape],
        store: Store,
        now: Callable[[], tuple[float, float]],
        asked: Callable[[], Iterable[Wish]] = tuple,
        motion_pictures: int = 0,
        sharing: Sharing | None = None,
    ) -> None:
        """
        `now` gives (monotonic, UTC) seconds; `asked` is called in the recorder's thread, a few
        times a second, for wishes from elsewhere.
        """
        self._tapes = tapes
        self._store = store
        self._now = now
        self._asked = asked
        self._motion_pictures = motion_pictures
        self._sharing = sharing or Sharing({}, {}, now)
        store.on_listed = self._sharing.listed
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._news = Condition()
        self._wishes: list[Wish] = []
        self._closing = False
        self._dead = False
        self._cuts: list[Cut] = []
        self._done: deque[tuple[str, Trigger, float]] = deque(maxlen=MANY)
        self._lost = Outage(log, "video", lambda: now()[0])

    def start(self) -> None:
        """Begin; what was left from before comes first."""
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        """Hand over a wish; does not wait.  One that goes on is handed over again, longer."""
        with self._news:
            if not self._dead:  # else wishes would be heaped up for good
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
        try:
            self._record()
        except BaseException:
            log.critical("the recorder died: no clips until tracking is started again")
            raise
        finally:
            with self._news:
                self._dead = True
                self._wishes.clear()

    def _record(self) -> None:
        closing = False
        self._look_after()
        while not closing:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._wishes, TICK)
                wishes, self._wishes = self._wishes, []
                closing = self._closing
            self._done.extend(event_of(wish) for wish in self._sharing.fulfilled())
            for wish in (*wishes, *self._asked()):
                self._take(wish)
            for wish in (*self._sharing.handed(self._reaches), *self._sharing.returned()):
                self._film(wish)
            self._look_after()  # pictures: an alert may wait for them
            for cut in self._cuts:  # one that is parted adds another
                self._advance(cut, closing)
            self._cuts = [cut for cut in self._cuts if not cut.over]
            self._look_after()
            self._sharing.let_go(self._records)
        self._sharing.let_go(lambda _: False)

    def _records(self, channel: str) -> bool:
        """Whether clips of a channel are on their way."""
        return any(wish.channel == channel for cut in self._cuts for wish in cut.wishes) or (
            self._store.lists(channel)
        )

    def _reaches(self, wish: Wish) -> bool:
        """Whether what is wished is on the tape from its beginning on, or being recorded."""
        if any(event_of(wish) == event_of(other) for cut in self._cuts for other in cut.wishes):
            return True
        tape = self._tapes[wish.channel]
        number = tape.first(wish.start)
        found = [] if number is None else tape.read(number)
        return bool(found) and found[0].at <= wish.start

    def _look_after(self) -> None:
        idle = not any(cut.film for cut in self._cuts)
        self._store.look_after(idle, self._motion_pictures)

    def _take(self, wish: Wish) -> None:
        tape = self._tapes[wish.channel]
        for at in wish.stills:
            self._picture(wish, tape, at)
        if wish.film and not self._known(wish) and self._sharing.ours(wish):
            self._film(wish)

    def _known(self, wish: Wish) -> bool:
        """Whether a wish was fulfilled, or is by a clip that goes on longer."""
        same = (cut for cut in self._cuts if any(event_of(o) == event_of(wish) for o in cut.wishes))
        return event_of(wish) in self._done or any(cut.takes(wish) for cut in same)

    def _film(self, wish: Wish) -> None:
        tape = self._tapes[wish.channel]
        if self._known(wish) or any(cut.takes(wish) for cut in self._cuts if cut.tape is tape):
            return
        self._cuts.append(Cut(wish, tape, self._now()[0]))

    def _picture(self, wish: Wish, tape: Tape, at: float) -> None:
        """Keep one picture, if its moment is on the tape."""
        number = tape.first(at)
        found = None if number is None else still(tape.read(number), at)
        if found is None:
            return
        data, size, came = found
        try:
            self._store.keep_picture(data, came, size, wish)
        except OSError as error:
            self._lost.failed(error, "pictures are lost, and nothing else")

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
            self._store.make_room(PIECE)
            cut.room += PIECE
        cut.film.add(packet)

    def _begin(self, cut: Cut, packet: Packet) -> None:
        self._store.make_room(PIECE)
        cut.room = PIECE
        cut.film = Film(self._store.draft(cut.wishes[0], packet.at), packet)
        cut.first = packet

    def _finish(self, cut: Cut) -> None:
        if cut.film is None or cut.first is None:
            log.debug("no pictures of %s", cut.wishes[0])
            return
        self._store.keep(cut.film, cut.first.at, cut.wishes)
        self._lost.over("clips are kept again")
