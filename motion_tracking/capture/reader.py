"""
How does a stream stay open, and how does its newest sample get to the loop?

One daemon thread per channel drains every frame, so that nothing lags, and puts those that the
sampler picks into a mailbox where a newer one replaces an older.  The thread opens the stream
again for as long as the program runs.  A library call that never returns cannot be ended: its
thread is abandoned, and another takes its place.
"""

import logging
from collections.abc import Callable, Sequence
from random import Random
from threading import Condition, Event, Thread

from motion_tracking.capture import Source, SourceError, Trouble
from motion_tracking.capture.clock import Now
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.core.heads import UNKNOWN
from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler

log = logging.getLogger(__name__)

STUCK_AFTER = 20.0
"""Seconds without any sign of life of a thread; the library's own time-outs fire well before."""

REMIND_EVERY = 60.0
"""Seconds between log lines about a failure that goes on."""


def pause(trouble: Trouble, down_for: float, jitter: float) -> float:
    """
    Return seconds to wait before the next try; `jitter` in 0..1 parts the cameras of one recorder.

    A refused password locks accounts, and a recorder without a session left needs time to free
    one, so both are left alone for long.  Else it is quick for two minutes, then slow.
    """
    if trouble is Trouble.UNAUTHORIZED:
        return 60.0 + 10.0 * jitter
    if trouble is Trouble.BUSY:
        return 30.0 + 10.0 * jitter
    if down_for < 120.0:
        return 0.5 + 1.5 * jitter
    return 20.0 + 10.0 * jitter


class Mailbox:
    """Holds the newest news of each channel: a frame, or why there is none."""

    def __init__(self) -> None:
        self._news: dict[str, Frame | SourceError] = {}
        self._arrived = Condition()  # whose lock the thread that has it may take again: `wake`
        self._woken = False

    def put(self, channel: str, news: Frame | SourceError) -> None:
        """Leave news of a channel in place of what was not taken yet."""
        with self._arrived:
            self._news[channel] = news
            self._arrived.notify()

    def wake(self) -> None:
        """Have who waits, or is next to wait, wait no longer; a signal's handler may call it."""
        with self._arrived:
            self._woken = True
            self._arrived.notify()

    def take(self, timeout: float) -> dict[str, Frame | SourceError]:
        """Take all news, waiting up to `timeout` seconds for the first, or for `wake`."""
        with self._arrived:
            if not (self._news or self._woken):
                self._arrived.wait(timeout)
            self._woken = False
            news, self._news = self._news, {}
            return news


class Reader:
    """Keeps one channel open and its newest sample in a mailbox."""

    def __init__(
        self,
        channel: str,
        open_source: Callable[[], Source],
        mailbox: Mailbox,
        now: Now,
        lags: Sequence[float] = (),
        random: Random | None = None,
    ) -> None:
        """Samples bring the frames `lags` seconds before them, as far as there are such."""
        self._lags = lags
        self._channel = channel
        self._open_source = open_source
        self._mailbox = mailbox
        self._now = now
        self._random = random or Random()
        self._stopping = Event()
        self._session: _Session | None = None
        self.heads: PacketHeads | None = None
        """Who chooses what the source decodes, where that is not all; to be set before `start`."""
        self._frames = 0
        self.newest: Frame | None = None
        """The last frame received, sampled or not: for who looks on."""
        self.keys_apart = 0.0
        """Longest time without a key frame so far, seconds; 0 where the source cannot tell."""
        self.trouble = ""
        """Why there are no frames just now; empty while they come."""
        self.ended = False
        """Whether the source is over for good, as a file is at its end."""

    @property
    def frames(self) -> int:
        """Frames received so far, sampled or not, decoded or not."""
        return self._frames if self.heads is None else self.heads.came

    @property
    def thrifty(self) -> bool:
        """Whether only heads are decoded while nobody asks for more."""
        return self.heads is not None and not self.heads.reason

    def want(self, lags: Sequence[float]) -> None:
        """Let samples bring the frames so many seconds before them from now on."""
        self._lags = lags

    def start(self) -> None:
        """Begin to read."""
        self._session = _Session(self)

    def watch(self, at: float) -> None:
        """Replace the thread if it has not shown life for long; to be called now and then."""
        session = self._session
        if session is not None and at - session.alive_at > STUCK_AFTER:
            log.warning("%s: the stream's thread is stuck; another takes its place", self._channel)
            session.abandoned = True
            self.start()

    def close(self, timeout: float = 0.5) -> bool:
        """Stop reading; return whether the thread ended within `timeout` seconds."""
        self._stopping.set()
        return self._session is None or self._session.end(timeout)


class _Session:
    """The thread of a reader, and what it does."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._source: Source | None = None
        self._failing_since: float | None = None
        self._tries = 0
        self._told_at = 0.0
        self._said = UNKNOWN
        self.alive_at = reader._now().at
        self.abandoned = False
        name = f"capture-{reader._channel}"
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def end(self, timeout: float) -> bool:
        source = self._source
        if source is not None:
            source.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def _over(self) -> bool:
        return self.abandoned or self._reader._stopping.is_set()

    def _run(self) -> None:
        while not self._over:
            self.alive_at = self._reader._now().at
            try:
                self._read()
            except SourceError as error:
                if self._over or self._failed(error):
                    return

    def _read(self) -> None:
        reader = self._reader
        lags = reader._lags
        sampler = Sampler(reader._now().at, lags)
        self._source = source = reader._open_source()
        key_at: float | None = None
        try:
            for frame in source.frames():
                if self._over:
                    return
                self.alive_at = reader._now().at
                key_at = frame.at if frame.key else key_at
                if key_at is not None:
                    reader.keys_apart = max(reader.keys_apart, frame.at - key_at)
                reader._frames += 1
                if reader.newest is None or frame.at > reader.newest.at:
                    reader.newest = frame
                self._recovered()
                self._say_what_is_decoded()
                if reader._lags is not lags:
                    lags = reader._lags
                    sampler.want(lags)
                sample = sampler.pick(frame)
                if sample is not None:
                    reader._mailbox.put(reader._channel, sample)
        finally:
            source.close()

    def _say_what_is_decoded(self) -> None:
        heads = self._reader.heads
        if heads is None or heads.reason == self._said or heads.reason == UNKNOWN:
            return
        self._said = heads.reason
        if heads.reason:
            log.info("%s: all pictures are decoded, as %s", self._reader._channel, heads.reason)
        else:
            log.info("%s: only the heads of groups of pictures are decoded", self._reader._channel)

    def _recovered(self) -> None:
        if self._tries:
            log.info("%s: frames again", self._reader._channel)
            self._reader.trouble = ""
        self._failing_since, self._tries = None, 0

    def _failed(self, error: SourceError) -> bool:
        """Tell of a failure and wait; return whether it is the end."""
        reader = self._reader
        at = reader._now().at
        if error.trouble is Trouble.ENDED:
            reader.ended = True
            return True
        dropped = self._failing_since is None and reader.frames > 0
        self._failing_since = at if self._failing_since is None else self._failing_since
        self._tries += 1
        reader.trouble = str(error)
        if not dropped:
            # a stream that broke off is opened again at once, and is lost if that fails too
            reader._mailbox.put(reader._channel, error)
        if self._tries == 1 or at - self._told_at >= REMIND_EVERY:
            log.warning("%s: %s (try %d)", reader._channel, error, self._tries)
            self._told_at = at
        jitter = reader._random.random()
        seconds = (
            0.3 * jitter if dropped else pause(error.trouble, at - self._failing_since, jitter)
        )
        self.alive_at = at + seconds
        return reader._stopping.wait(seconds)
