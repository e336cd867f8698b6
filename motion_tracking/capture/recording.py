"""
How long is a recorded video, how do its key frames come, and how do its pictures look in colour?
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.file import timed
from motion_tracking.core.heads import REORDERED, UNKNOWN, UNLIKE, Group, Rhythm

Colour = NDArray[np.uint8]
"""A picture as (height, width, 3), blue first, as OpenCV draws it."""


LOOKED_AT = 60.0
"""Seconds by which the rhythm of a video is judged."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What the container says; `seconds` is None where it does not say."""

    seconds: float | None
    fps: Fraction


def describe(location: str) -> Recording:
    """Read the head of a video file; raise `SourceError` where it is none."""
    try:
        with av.open(location) as container:
            stream = container.streams.video[0]
            seconds = None if container.duration is None else container.duration / av.time_base
            if stream.duration is not None and stream.time_base is not None:
                seconds = float(stream.duration * stream.time_base)  # sound may last longer
            return Recording(seconds, stream.average_rate or Fraction(25))
    except av.error.FileNotFoundError:
        raise SourceError(Trouble.NOT_FOUND, f"no such file: {location}") from None
    except (av.error.FFmpegError, OSError, IndexError):
        raise SourceError(Trouble.BROKEN, f"cannot be decoded: {location}") from None


def rhythm(location: str) -> tuple[Group | None, str]:
    """Return how the key frames of a video come, by its first minute; None, and why, if oddly."""
    follows = Rhythm()
    try:
        with av.open(location) as container:
            last: int | None = None
            for packet in container.demux(container.streams.video[0]):
                if packet.pts is None or (last is not None and packet.pts < last):
                    return None, REORDERED
                last, seconds = packet.pts, float(packet.pts * packet.time_base)
                follows.take(seconds, packet.is_keyframe)
                if seconds > LOOKED_AT:
                    break
    except (av.error.FFmpegError, OSError, IndexError):
        return None, UNKNOWN
    return follows.group, UNLIKE if follows.known else UNKNOWN


def pictures(location: str) -> Iterator[tuple[float, Colour]]:
    """
    Yield the seconds and the colours of the pictures that `FileSource` yields the grey of.

    Ends early, without an error, where the file is broken.
    """
    try:
        with av.open(location) as container:
            for seconds, picture in timed(container):
                yield seconds, cast(Colour, cast(Any, picture).to_ndarray(format="bgr24"))
    except (av.error.FFmpegError, OSError, IndexError):
        return
