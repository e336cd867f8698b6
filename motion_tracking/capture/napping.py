"""
For how long need nobody look at a stream of which little is decoded?

To be woken for a packet costs ten times what it costs to read it, and most packets of a stream of
which only heads are decoded (`core/heads.py`) are read to be let go of.  So between two heads we
sleep a little, and then read at once what has come.  Never past the next key frame, as far as it
can be foreseen; never for so long that a picture would be old, or that the buffer of the
connection fills up: recorders leave out pictures then.
"""

from collections import deque
from collections.abc import Callable
from fractions import Fraction

from motion_tracking.capture.clock import Moment, Now

LONGEST = 0.4
"""Seconds; a key frame that nobody foresaw is seen so much later."""

EARLY = 0.06
"""Seconds before a key frame at which we want to be awake: networks and clocks are not exact."""

ROOM = 40_000
"""Bytes that may wait for us; a connection begins with room for 64 KB."""

SHORTEST = 2.0
"""Times the time between two packets; to sleep for less saves nobody waking up."""

GROUPS = 3
"""Groups of pictures whose shortest says when the next key frame is to be expected."""


class Naps:
    """Follows the packets of one session, as they are read; `came` first, then perhaps `rest`."""

    def __init__(
        self, now: Now, wait: Callable[[float], object], time_base: Fraction | None
    ) -> None:
        """`wait` sleeps for so many seconds, or less; `time_base` are those of a stamp."""
        self._now = now
        self._wait = wait
        self._time_base = float(time_base or 0)
        self._groups: deque[float] = deque(maxlen=GROUPS)
        self._key: float | None = None  # stamps, in seconds of the stream
        self._stamp: float | None = None
        self._apart = 0.0
        self._rate = 0.0  # bytes a second between key frames
        self._ahead: float | None = None  # of our clock before that of the stream
        self._slept_at: float | None = None

    def came(self, stamp: int | None, size: int, key: bool) -> Moment:
        """Take the packet that was just read; return when it came, which may be a while ago."""
        moment = self._now()
        if stamp is None or not self._time_base:
            self._stamp = self._key = None
            return moment
        seconds, slept_at = stamp * self._time_base, self._slept_at
        self._follow(seconds, size, key)
        ahead = moment.at - seconds
        if slept_at is None:
            known = None if key else self._ahead
            self._ahead = ahead if known is None else min(known, ahead)
            return moment
        assert self._ahead is not None  # else we had not slept
        if moment.at - (self._ahead + seconds) < self._apart:
            self._slept_at = None  # it has only just come: the next one is waited for
        at = min(max(self._ahead + seconds, slept_at), moment.at)
        return Moment(at, moment.utc - (moment.at - at))

    def rest(self) -> None:
        """Sleep a while, if what comes next is not wanted and has not come yet."""
        if self._stamp is None or self._key is None or self._ahead is None or not self._groups:
            return
        at = self._now().at
        if at - (self._ahead + self._stamp) >= self._apart > 0:
            return  # there is more to read
        until_key = self._ahead + self._key + min(self._groups) - EARLY - at
        seconds = min(LONGEST, until_key, ROOM / max(self._rate, 1.0))
        if seconds > SHORTEST * self._apart > 0:
            self._slept_at = at
            self._wait(seconds)

    def _follow(self, seconds: float, size: int, key: bool) -> None:
        before, self._stamp = self._stamp, seconds
        if key:
            if self._key is not None and seconds > self._key:
                self._groups.append(seconds - self._key)
            self._key = seconds
        if before is None or seconds <= before:
            return
        self._apart = seconds - before
        if not key:
            self._rate += 0.1 * (size / self._apart - self._rate)
