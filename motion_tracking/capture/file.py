"""
How is a recorded video read, at its own pace or as fast as it goes?
"""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import av

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import Moment, Now
from motion_tracking.capture.decoding import decode, luma
from motion_tracking.capture.ring import Tap
from motion_tracking.capture.thrift import Packet, PacketHeads, Thrift
from motion_tracking.core.motion import Frame


class FileSource:
    """
    A video file as a camera.

    Frames are stamped with the moment of opening plus their time in the video.  `paced` hands
    each out when that moment comes; otherwise they come as fast as they are decoded.  `heads`
    chooses what is decoded; without it all is.
    """

    def __init__(
        self,
        location: str,
        now: Now,
        paced: bool = True,
        tap: Tap | None = None,
        heads: PacketHeads | None = None,
    ) -> None:
        self._location = location
        self._now = now
        self._paced = paced
        self._tap = tap
        self._heads = heads
        self._closing = Event()

    def frames(self) -> Iterator[Frame]:
        """Yield the frames of the file; raise `SourceError` at its end, or where it is broken."""
        start = self._now()
        try:
            with av.open(self._location) as container:
                tap = None
                if self._tap is not None:
                    tap = self._tap.session(container.streams.video[0], self._now)
                thrift = self._thrift(container, start)
                for seconds, picture in timed(container, thrift, tap):
                    if self._wait(start.at + seconds):
                        return
                    grey, full_range = luma(picture)
                    at, utc = start.at + seconds, start.utc + seconds
                    frame = Frame(grey, at, utc, full_range, key=bool(picture.key_frame))
                    yield frame if thrift is None else thrift.marked(frame)
        except av.error.FileNotFoundError:
            raise SourceError(Trouble.NOT_FOUND, f"no such file: {self._location}") from None
        except (av.error.FFmpegError, OSError, IndexError):
            raise SourceError(Trouble.BROKEN, f"cannot be decoded: {self._location}") from None
        raise SourceError(Trouble.ENDED, f"the end of {self._location}")

    def close(self) -> None:
        """End `frames` before its next frame."""
        self._closing.set()

    def _thrift(self, container: av.container.InputContainer, start: Moment) -> Thrift | None:
        if self._heads is None:
            return None
        stream = container.streams.video[0]
        first = (stream.start_time or 0) * float(stream.time_base or 0)

        def arrived(packet: Packet) -> Moment:
            seconds = float((packet.pts or 0) * packet.time_base) - first
            self._wait(start.at + seconds)
            return Moment(start.at + seconds, start.utc + seconds)

        return Thrift(self._heads, stream.codec_context, arrived)

    def _wait(self, until: float) -> bool:
        """Wait for a frame's moment; return whether the source was closed."""
        if self._paced:
            return self._closing.wait(max(0.0, until - self._now().at))
        return self._closing.is_set()


def timed(
    container: av.container.InputContainer,
    thrift: Thrift | None = None,
    tap: Callable[["av.Packet[Any]"], None] | None = None,
) -> Iterator[tuple[float, av.VideoFrame]]:
    """
    Yield seconds since the first picture, and the picture.

    They never go back, unless `thrift` does, to decode what it passed over.
    """
    step = 1.0 / float(container.streams.video[0].average_rate or 25)
    first: float | None = None
    last = -step
    for picture in decode(container, tap=tap, thrift=thrift):
        if picture.time is None:
            seconds = last + step  # a raw stream without time stamps
        else:
            first = picture.time if first is None else first
            seconds = picture.time - first
            seconds = max(seconds, last) if thrift is None else seconds
        last = seconds
        yield seconds, picture
