"""
What did the camera show at a moment, as a picture that everybody can open?
"""

from collections.abc import Sequence
from typing import Any, cast

from motion_tracking.core.footage import Packet, parameter_sets

QUALITY = 85
"""Of JPEG, 0..100: a small picture is some 40 KB."""


def still(packets: Sequence[Packet], at: float) -> tuple[bytes, tuple[int, int], float] | None:
    """
    Return a JPEG of the last picture that had come by `at`, its size, and when it came.

    The packets begin with a key picture; None where none of them can be decoded.
    """
    import av
    import cv2

    decoder = cast(av.VideoCodecContext, av.CodecContext.create(packets[0].shape.codec, "r"))
    decoder.thread_type = "NONE"
    decoder.extradata = parameter_sets(packets[0]) or None
    found, came = None, at
    for packet in packets:
        if packet.at > at and found is not None:
            break
        try:
            for picture in decoder.decode(av.Packet(packet.data)):
                found, came = picture, packet.at
        except av.error.FFmpegError:
            continue  # a damaged one: the one before it has to do
    if found is None:
        return None
    colour = cast(Any, found).to_ndarray(format="bgr24")
    done, data = cv2.imencode(".jpg", colour, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return (data.tobytes(), (colour.shape[1], colour.shape[0]), came) if done else None
