"""
How do the packets of a container become frames that may be judged?

By PyAV, with one thread: its default slice threading loses the decoder's word that a picture is
damaged.  The luma plane is handed out as a view, without a copy or a colour conversion.
Pictures before the first keyframe are grey smear, and after a damaged one the smear lasts until
the next keyframe: neither is handed out.  Nor is what follows a packet that cannot be decoded, or
a keyframe that was lost: then the decoder holds pictures back, and says nothing of the next one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, cast

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from motion_tracking.capture.thrift import Thrift
from motion_tracking.core.motion import Grey

LARGEST = 8192
"""Pixels a side; more than that is not a camera."""

HELD_BACK = 3
"""Packets in a row without a picture, of a stream that gives one for each, or for every other."""

MISSING = 1.5
"""Times the usual time between two packets, in which one more would have had its place."""

_PLANAR = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray"})
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG


def decode(
    container: InputContainer,
    lossy: bool = False,
    tap: "Callable[[av.Packet[Any]], None] | None" = None,
    thrift: Thrift | None = None,
) -> Iterator[VideoFrame]:
    """
    Yield the sound pictures of the first video stream; raise `av.error.FFmpegError`.

    Of a `lossy` one packets may be missing, each as likely as not a whole picture.  `tap` is given
    each packet, before it is decoded.  With `thrift` not all are, and some later than they came.
    """
    stream = container.streams.video[0]
    stream.codec_context.thread_type = "NONE"
    # before it takes memory for a picture, not when it has drawn one
    stream.codec_context.options = {"max_pixels": str(LARGEST * LARGEST)}
    health = _Health()
    pauses = _Pauses()
    for packet in container.demux(stream):
        if lossy and pauses.missing(packet.pts):
            health.doubt()
            if thrift is not None:
                thrift.lose()
        if tap is not None:
            tap(packet)
        for due in (packet,) if thrift is None else thrift.due(packet):
            for picture in health.pictures(due):
                if picture.width > LARGEST or picture.height > LARGEST:
                    raise av.error.InvalidDataError(0, "the picture is too large")
                if health.allows(picture):
                    yield picture
        if thrift is not None and thrift.over():
            return  # else nobody would ask before the next picture, and there may be none


class _Health:
    """Tells pictures that lean on sound ones only from those that may be smeared."""

    def __init__(self) -> None:
        self._sound = False
        self._held_back = 0

    def doubt(self) -> None:
        """Take note that something is missing before the next packet."""
        self._sound = False

    def pictures(self, packet: "av.Packet[Any]") -> list[VideoFrame]:
        """Decode a packet; whatever it does not tell heals with the next keyframe."""
        try:
            pictures = [picture for picture in packet.decode() if isinstance(picture, VideoFrame)]
        except av.error.InvalidDataError:
            self._sound = False
            return []
        self._held_back = 0 if pictures else self._held_back + 1
        if self._held_back >= HELD_BACK:
            self._sound = False
        return pictures

    def allows(self, picture: VideoFrame) -> bool:
        """Judge the next picture."""
        if picture.is_corrupt:
            self._sound = False
        elif picture.key_frame:
            self._sound = True
        return self._sound


class _Pauses:
    """Finds pictures that are missing, which the decoder does not tell: by the gap they leave."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._apart: deque[int] = deque(maxlen=25)

    def missing(self, stamp: int | None) -> bool:
        """Take the time stamp of the next packet; return whether one before it is missing."""
        last, self._last = self._last, stamp
        if stamp is None or last is None or stamp <= last:
            return False
        self._apart.append(stamp - last)
        return stamp - last > MISSING * median(self._apart)


def luma(picture: VideoFrame) -> tuple[Grey, bool]:
    """Return the (height, width) luma as a view, and whether it spans 0..255."""
    if picture.format.name not in _PLANAR:
        colour = picture.to_ndarray(format="bgr24")
        return cast(Grey, cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)), True
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(cast(Any, plane)), np.uint8).reshape(-1, plane.line_size)
    full_range = (
        picture.format.name in ("yuvj420p", "yuvj422p", "gray")
        or picture.color_range == _FULL_RANGE
    )
    return rows[: picture.height, : picture.width], full_range
