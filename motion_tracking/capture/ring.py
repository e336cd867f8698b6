"""
What did a channel send in the last minute?

A ring of compressed pictures, filled where they are demuxed.  It begins with a key picture, and
forgets whole groups from one key picture to the next: the oldest as soon as the one after it
reaches back far enough, or when there are too many bytes.  What is held of a group is its bytes
in one piece and twenty bytes for each picture.
"""

import logging
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from copy import copy
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from motion_tracking.core.footage import TICK, Packet, Shape

if TYPE_CHECKING:
    from av import Packet as Demuxed
    from av import VideoStream

    from motion_tracking.capture.clock import Now

log = logging.getLogger(__name__)

CODECS = frozenset({"h264", "hevc"})
"""What can be kept."""

Feed = Callable[[memoryview, float, int | None, int | None, bool], None]

_NONE = -(2**63)


class Tap(Protocol):
    """Is told of all that a stream sends."""

    def session(self, stream: "VideoStream", now: "Now") -> "Callable[[Demuxed[Any]], None] | None":
        """Take note of a new connection; return whom to give its packets, if anybody."""


class _Group:
    """A key picture and those that lean on it."""

    __slots__ = ("at", "data", "dts", "ends", "number", "pts", "shape")

    def __init__(self, shape: Shape, number: int) -> None:
        self.shape = shape
        self.number = number
        self.data: bytes | bytearray = bytearray()
        self.ends = array("Q")
        self.at = array("d")
        self.dts = array("q")
        self.pts = array("q")

    def add(self, data: memoryview, at: float, dts: int | None, pts: int | None) -> None:
        assert isinstance(self.data, bytearray)
        self.data += data
        self.ends.append(len(self.data))
        self.at.append(at)
        self.dts.append(_NONE if dts is None else dts)
        self.pts.append(_NONE if pts is None else pts)

    def settle(self) -> None:
        """Hold no more memory than is needed: nothing will be added."""
        self.data = bytes(self.data)
        for name in ("ends", "at", "dts", "pts"):
            setattr(self, name, copy(getattr(self, name)))  # without what they had to grow

    def packet(self, n: int) -> Packet:
        begin = self.ends[n - 1] if n else 0
        with memoryview(self.data) as view:
            data = bytes(view[begin : self.ends[n]])
        dts, pts = (None if t == _NONE else t for t in (self.dts[n], self.pts[n]))
        return Packet(self.number + n, self.shape, data, self.at[n], dts, pts, n == 0)


class Ring:
    """The last `seconds` of a channel, and up to a group more; any thread may read it."""

    def __init__(self, name: str, seconds: float, largest: int) -> None:
        """Hold at most `largest` bytes, whatever is asked for; `name` is that of the channel."""
        self.name = name
        self._seconds = seconds
        self._largest = largest
        self._lock = Lock()
        self._groups: deque[_Group] = deque()
        self._shape: Shape | None = None
        self._open = False
        self._next = 0
        self._bytes = 0
        self._told = False

    @property
    def bytes(self) -> int:
        """How many bytes of video are held."""
        return self._bytes

    def session(self, stream: "VideoStream", now: "Now") -> "Callable[[Demuxed[Any]], None] | None":
        """Take note of a new connection; return whom to give its packets."""
        context = stream.codec_context
        head = context.extradata or b""
        if context.name not in CODECS:
            log.warning("%s: no clips of a stream that is %s", self.name, context.name)
            return None
        bare = _bare(stream) if head[:1] == b"\x01" else None  # a file has lengths for start codes
        tick = stream.time_base or Fraction(TICK)
        feed = self.begin(Shape(context.name, tick, b"" if bare else head))

        def tap(packet: "Demuxed[Any]") -> None:
            for each in (packet,) if bare is None else bare(packet):
                if each.size:
                    data = memoryview(each)
                    feed(data, now().at, packet.dts, packet.pts, packet.is_keyframe)

        return tap

    def begin(self, shape: Shape) -> Feed:
        """Take note of a new connection; return what takes its pictures, as `add` does."""
        with self._lock:
            self._close_group()
            self._shape = shape

        def feed(data: memoryview, at: float, dts: int | None, pts: int | None, key: bool) -> None:
            # a thread that was stuck, and has been replaced, may come back
            if self._shape is shape:
                self.add(data, at, dts, pts, key)

        return feed

    def add(self, data: memoryview, at: float, dts: int | None, pts: int | None, key: bool) -> None:
        """Take a picture that came `at`; those before the first key picture are of no use."""
        with self._lock:
            if key and self._shape is not None:
                self._close_group()
                self._groups.append(_Group(self._shape, self._next))
                self._open = True
            if not self._open:
                return
            self._groups[-1].add(data, at, dts, pts)
            self._next += 1
            self._bytes += len(data)
            self._forget(at - self._seconds)

    def first(self, at: float) -> int | None:
        """Return the number of the key picture with which a clip begins that is to show `at`."""
        with self._lock:
            numbers = [group.number for group in self._groups if group.at[0] <= at]
            if numbers:
                return numbers[-1]
            return self._groups[0].number if self._groups else None

    def read(self, number: int) -> list[Packet]:
        """
        Return pictures from a number on, up to the next key picture at most; empty if none is.

        Where they are forgotten already, begin with the oldest there are.
        """
        with self._lock:
            for group in self._groups:
                if number < group.number + len(group.ends):
                    first = max(0, number - group.number)
                    return [group.packet(n) for n in range(first, len(group.ends))]
            return []

    def _close_group(self) -> None:
        if self._open:
            self._groups[-1].settle()
        self._open = False

    def _forget(self, until: float) -> None:
        groups = self._groups
        while len(groups) > 1 and (groups[1].at[0] <= until or self._bytes > self._largest):
            if groups[1].at[0] > until:
                self._tell(groups[-1].at[-1] - groups[1].at[0])
            self._bytes -= len(groups.popleft().data)
        if self._bytes > self._largest:
            self._tell(0.0)
            groups.clear()
            self._bytes, self._open = 0, False

    def _tell(self, seconds: float) -> None:
        if not self._told:
            self._told = True
            log.warning(
                "%s: %d MB hold only the last %.0f s of video, so clips may begin late"
                " ([clips] memory)",
                self.name,
                self._largest // 10**6,
                seconds,
            )


def _bare(stream: "VideoStream") -> "Callable[[Demuxed[Any]], Iterable[Demuxed[Any]]]":
    """Return what makes packets of a file such as a camera sends: in Annex B, with their sets."""
    import av
    from av.bitstream import BitStreamFilterContext

    names = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
    made = BitStreamFilterContext(names[stream.codec_context.name], stream)

    def bare(packet: "Demuxed[Any]") -> "Iterable[Demuxed[Any]]":
        if not packet.size:
            return ()
        copy = av.Packet(
            bytes(packet)
        )  # the filter takes what it is given, and it is to be decoded
        copy.dts, copy.pts, copy.is_keyframe = packet.dts, packet.pts, packet.is_keyframe
        try:
            return made.filter(copy)
        except av.error.FFmpegError:  # damaged: the decoder says so too
            return ()

    return bare
