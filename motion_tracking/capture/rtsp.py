"""
How is a channel of an RTSP recorder or camera read?

Over TCP unless told otherwise.  Credentials come apart from the URL, and are joined with it for
the library only; no text of the library is passed on, since it quotes the URL.
"""

from collections.abc import Iterator
from threading import Event
from urllib.parse import quote, urlsplit, urlunsplit

import av

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import Moment, Now
from motion_tracking.capture.decoding import decode, luma
from motion_tracking.capture.napping import Naps
from motion_tracking.capture.ring import Tap
from motion_tracking.capture.thrift import Packet, PacketHeads, Thrift
from motion_tracking.core.motion import Frame

OPEN_TIMEOUT = 5.0
READ_TIMEOUT = 5.0
"""Seconds.  The library notices a dead stream after one to three times this: a second line only."""

PATIENCE = 4.0
"""Seconds; who says within them that nothing can be decoded has seen something."""

SILENCE = 2.0
"""Seconds without a frame after which the next one has to prove that it is new."""

LONGEST_CREDENTIALS = 127
"""Bytes of user, colon and password, quoted for an URL; the library cuts off what is beyond."""

_PLAIN = "!$&'()*+,;="
"""What an URL need not quote in a user or password."""

_TROUBLES: tuple[tuple[type[BaseException], Trouble], ...] = (
    (av.error.HTTPUnauthorizedError, Trouble.UNAUTHORIZED),
    (av.error.HTTPForbiddenError, Trouble.UNAUTHORIZED),
    (av.error.HTTPNotFoundError, Trouble.NOT_FOUND),
    (av.error.HTTPOtherClientError, Trouble.BUSY),  # 453 and its kin
    (av.error.ExitError, Trouble.SILENT),
    (av.error.TimeoutError, Trouble.SILENT),
    (av.error.ConnectionRefusedError, Trouble.UNREACHABLE),
    (av.error.InvalidDataError, Trouble.BROKEN),
    (OSError, Trouble.UNREACHABLE),
)

_WORDS = {
    Trouble.UNREACHABLE: "nothing answers at",
    Trouble.UNAUTHORIZED: "user or password refused by",
    Trouble.NOT_FOUND: "no such channel:",
    Trouble.BUSY: "no session left at",
    Trouble.SILENT: "connected, but nothing comes from",
    Trouble.BROKEN: "the stream broke off or cannot be decoded:",
}


class RtspSource:
    """One session with one channel; `location` is an rtsp URL without credentials."""

    def __init__(
        self,
        location: str,
        now: Now,
        username: str | None = None,
        password: str | None = None,
        transport: str = "tcp",
        tap: Tap | None = None,
        heads: PacketHeads | None = None,
    ) -> None:
        """`tap` is given all that comes; `heads` chooses what is decoded, without it all is."""
        self._location = location
        self._now = now
        self._username = username
        self._password = password
        self._transport = transport
        self._tap = tap
        self._heads = heads
        self._closing = Event()

    def frames(self) -> Iterator[Frame]:
        """Connect and yield frames, stamped when they were decoded; raise `SourceError`."""
        url = with_credentials(self._location, self._username, self._password)
        if len(urlsplit(url).netloc.rpartition("@")[0]) > LONGEST_CREDENTIALS:
            raise SourceError(
                Trouble.UNAUTHORIZED,
                f"user and password are longer than {LONGEST_CREDENTIALS} bytes, of which each odd"
                f" character takes three or more, and cannot be used for {self._location}",
            )
        trouble, start = Trouble.BROKEN, self._now().at
        freshness = Freshness()
        try:
            with self._open(url) as container:
                stream = container.streams.video[0]
                tap = None if self._tap is None else self._tap.session(stream, self._now)
                thrift = self._thrift(stream)
                for picture in decode(container, self._transport == "udp", tap, thrift):
                    if self._closing.is_set():
                        return
                    at, utc = self._now() if thrift is None else thrift.moment
                    if freshness.is_fresh(at, picture.time):
                        grey, full_range = luma(picture)
                        frame = Frame(grey, at, utc, full_range, key=bool(picture.key_frame))
                        yield frame if thrift is None else thrift.marked(frame)
        except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
            trouble = _trouble(error)
        if self._closing.is_set():
            return
        if trouble is Trouble.BROKEN and freshness.unused and self._now().at - start > PATIENCE:
            trouble = Trouble.SILENT  # the library says "invalid data" of an answer that never came
        # outside of the handler: the library's exception quotes the password, and goes no further
        raise SourceError(trouble, f"{_WORDS[trouble]} {self._location}")

    def _thrift(self, stream: av.VideoStream) -> Thrift | None:
        if self._heads is None:
            return None
        decoder, over = stream.codec_context, self._closing.is_set
        # a clip wants to know when each picture came, and what waits too long over UDP is lost
        if self._tap is not None or self._transport == "udp":
            return Thrift(self._heads, decoder, lambda _: self._now(), over)
        naps = Naps(self._now, self._closing.wait, stream.time_base)

        def came(packet: Packet) -> Moment:
            return naps.came(packet.pts, packet.size, packet.is_keyframe)

        return Thrift(self._heads, decoder, came, over, naps.rest)

    def close(self) -> None:
        """Ask `frames` to end at the next packet; a library call in progress ends by itself."""
        self._closing.set()

    def _open(self, url: str) -> av.container.InputContainer:
        return av.open(
            url,
            options={
                "rtsp_transport": self._transport,
                "analyzeduration": "200000",
                "timeout": str(int(READ_TIMEOUT * 1e6)),
                "protocol_whitelist": "rtsp,rtp,tcp,udp,tls",
            },
            timeout=(OPEN_TIMEOUT, READ_TIMEOUT),
        )


class Freshness:
    """
    Tells a new picture from one that was held back.

    When a stream falls silent, the library hands out its last picture once more before it gives
    up: seconds late, but with a time stamp just after the one before.  Taken for news, it would
    hide a dead recorder for as long again.
    """

    def __init__(self) -> None:
        self._at: float | None = None
        self._time: float | None = None

    @property
    def unused(self) -> bool:
        """Whether no picture has come yet."""
        return self._at is None

    def is_fresh(self, at: float, time: float | None) -> bool:
        """Judge a picture that came `at` (monotonic), stamped `time` (seconds of the stream)."""
        before, self._at = self._at, at
        stamped, self._time = self._time, time
        if before is None or at - before < SILENCE:
            return True
        return time is not None and stamped is not None and time - stamped > (at - before) / 2


def with_credentials(location: str, username: str | None, password: str | None) -> str:
    """Join an URL and its credentials; any character is allowed in either."""
    if not username:
        return location
    parts = urlsplit(location)
    secret = f":{quote(password, safe=_PLAIN)}" if password else ""
    netloc = f"{quote(username, safe=_PLAIN)}{secret}@{parts.netloc}"
    return urlunsplit(parts._replace(netloc=netloc))


def _trouble(error: BaseException) -> Trouble:
    for kind, trouble in _TROUBLES:
        if isinstance(error, kind):
            return trouble
    return Trouble.BROKEN
