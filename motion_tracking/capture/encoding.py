"""
How do pictures that come uncompressed become packets that can be kept?

A webcam and a simulated machine send no packets, so they are made here, but only where somebody
wants video of them: H.264 by the fastest way there is, ten pictures a second at most.
"""

import logging
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.footage import TICK, Shape

if TYPE_CHECKING:
    from av import VideoCodecContext

    from motion_tracking.capture.ring import Ring

log = logging.getLogger(__name__)

RATE = 10
"""Pictures a second that are kept at most; from one key picture to the next there are as many."""

_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "27"}
_GREY = 128

Picture = NDArray[np.uint8]


class Encoder:
    """Puts the pictures of one connection into a ring."""

    def __init__(self, ring: "Ring") -> None:
        self._ring = ring
        self._encoder: VideoCodecContext | None = None
        self._size = (0, 0)
        self._first = self._due = float("-inf")
        self._broken = False

    def show(self, picture: Picture, at: float) -> None:
        """Take (height, width) grey or (height, width, 3) blue first, seen `at` (monotonic)."""
        if self._broken or at < self._due:
            return
        import av

        # the due times go on evenly, so that twelve a second become ten and not six
        self._due = max(self._due, at - 0.5 / RATE) + 1 / RATE
        try:
            self._encode(picture, at)
        except (av.error.FFmpegError, ValueError) as error:  # no such encoder, or no such size
            self._broken = True
            log.warning("%s: no clips, its pictures cannot be encoded: %s", self._ring.name, error)

    def _encode(self, picture: Picture, at: float) -> None:
        import av

        height, width = (side - side % 2 for side in picture.shape[:2])
        if self._encoder is None or self._size != (width, height):
            self._begin((width, height), at)
        frame = av.VideoFrame.from_ndarray(_planes(picture[:height, :width]), format="yuv420p")
        frame.pts, frame.time_base = round((at - self._first) / TICK), TICK
        assert self._encoder is not None
        for packet in self._encoder.encode(frame):
            self._feed(
                memoryview(cast(Any, packet)), at, packet.dts, packet.pts, packet.is_keyframe
            )

    def _begin(self, size: tuple[int, int], at: float) -> None:
        import av

        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = self._size = size
        encoder.pix_fmt, encoder.options = "yuv420p", dict(_OPTIONS)
        encoder.time_base, encoder.framerate = TICK, Fraction(RATE)
        encoder.gop_size, encoder.max_b_frames, encoder.thread_count = RATE, 0, 1
        self._encoder, self._first = encoder, at
        self._feed = self._ring.begin(Shape("h264", TICK))


def _planes(picture: Picture) -> Picture:
    """Return (height * 3/2, width): luma, then the two planes of colour."""
    if picture.ndim == 3:
        return cast(Picture, cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420))
    height, width = picture.shape
    planes = np.full((height * 3 // 2, width), _GREY, np.uint8)
    planes[:height] = picture
    return planes
