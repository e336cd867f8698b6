"""
How do compressed pictures become an MP4, without being touched?

In fragments: each is whole for itself, so a file that was cut off plays up to its last whole
fragment, and `mend` cuts off the rest.  The library gets the file as something to write to, so
that a full disk is an `OSError` of ours, and what is written is known.
"""

import os
from contextlib import suppress
from errno import EINVAL
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from motion_tracking.core.footage import TICK, Packet, Timeline, parameter_sets

if TYPE_CHECKING:
    from av import VideoStream

FRAGMENT = 2.0
"""Seconds after which one ends, if no key picture ends it before: what a kill may cost."""

_OPTIONS = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(round(FRAGMENT * 1e6)),
}
_TAG = "hvc1"
"""For H.265: that which all players know."""


class Film:
    """One MP4 that grows; made by one thread."""

    def __init__(self, path: Path, first: Packet) -> None:
        """Begin a new file with this key picture's format; raise `OSError` if that cannot be."""
        import av

        self.path = path
        self.sets = parameter_sets(first)
        if not self.sets:
            raise OSError(EINVAL, "no MP4 can be made of pictures whose format nobody says")
        self.codec = first.shape.codec
        self._timeline = Timeline()
        self._file = _File(path)
        try:
            with av.open(BytesIO(self.sets + first.data), format=self.codec) as sample:
                template = sample.streams.video[0]
                self.size = (template.width, template.height)
                self._begin(template)
        except (av.error.FFmpegError, IndexError, OSError) as error:
            self._file.close()
            path.unlink()
            raise OSError(EINVAL, f"no MP4 can be made of these pictures: {error}") from None

    @property
    def bytes(self) -> int:
        """How long the file is."""
        return self._file.bytes

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return float(self._timeline.end * TICK)

    def fits(self, packet: Packet) -> bool:
        """Whether a picture may follow: a file has one size and one codec."""
        same = packet.shape.codec == self.codec
        return same and (not packet.key or parameter_sets(packet) == self.sets)

    def add(self, packet: Packet) -> None:
        """Add the next picture; raise `OSError` where the disk does not take it."""
        import av

        out = av.Packet(packet.data)
        out.stream, out.time_base, out.is_keyframe = self._stream, TICK, packet.key
        before = self._timeline.end
        out.dts, out.pts = self._timeline.place(packet)
        out.duration = self._timeline.end - max(before, out.dts or 0)
        try:
            self._container.mux(out)
        except av.error.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from None

    def close(self) -> None:
        """End it, and have it on the disk; raise `OSError` where the disk does not take it."""
        import av

        try:
            self._container.close()
            self._file.settle()
        except av.error.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from None
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Let go of it, and leave nothing behind as far as that can be had."""
        import av

        self._file.deaf = True
        with suppress(OSError, av.error.FFmpegError):
            self._container.close()
        self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _begin(self, template: "VideoStream") -> None:
        import av

        self._container = av.open(self._file, "w", format="mp4", options=_OPTIONS)
        self._stream = self._container.add_stream_from_template(template, opaque=False)
        self._stream.time_base = TICK
        if self.codec == "hevc":
            self._stream.codec_context.codec_tag = _TAG


class _File:
    """What the library writes to: a file whose every byte counts, or an `OSError`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.bytes = 0
        self.deaf = False
        self._file = path.open("xb", buffering=0)

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        while view and not self.deaf:
            written = self._file.write(view) or 0  # a disk that is nearly full takes only a part
            self.bytes += written
            view = view[written:]
        return len(data)

    def settle(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def mend(path: Path) -> float:
    """
    Cut off what is not whole of a file that somebody was killed over; return its seconds.

    0 where nothing can be played, and the file is of no use.  Raises `OSError`.
    """
    whole = _whole_length(path)
    if whole == 0:
        return 0.0
    with path.open("r+b") as file:
        file.truncate(whole)
        os.fsync(file.fileno())
    return length(path)[0]


def length(path: Path) -> tuple[float, tuple[int, int], str]:
    """Return seconds, size and codec of a clip; 0 seconds where it cannot be played."""
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            seconds = 0.0
            for packet in container.demux(stream):
                if packet.dts is not None and packet.time_base is not None:
                    seconds = float((packet.dts + (packet.duration or 0)) * packet.time_base)
            return seconds, (stream.width, stream.height), stream.codec_context.name
    except (av.error.FFmpegError, IndexError):
        return 0.0, (0, 0), ""


def _whole_length(path: Path) -> int:
    """Return where the last whole fragment ends; 0 where there is none."""
    whole = at = 0
    end = path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= end:
            file.seek(at)
            head = file.read(8)
            size = int.from_bytes(head[:4])
            if size < 8 or at + size > end:
                break
            at += size
            if head[4:] == b"mdat":
                whole = at
    return whole
