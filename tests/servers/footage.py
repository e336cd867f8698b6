"""
What a channel sends, as the ring has it, without a network: numbered pictures, key by key.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from motion_tracking.capture.ring import Ring
from motion_tracking.core.footage import Packet, Shape
from servers import clips

FPS = 10
GROUP = 10
"""Pictures from one key picture to the next: a second."""

TICKS = 90_000 // FPS


@lru_cache
def units(codec: str = "h264", size: tuple[int, int] = (96, 64)) -> tuple[bytes, ...]:
    """Return the compressed pictures of 40 seconds."""
    return tuple(clips.encode(clips.COUNTED, codec, size, FPS, GROUP))


def shape(codec: str = "h264") -> Shape:
    """Return a new connection."""
    return Shape("h264" if codec == "h264" else "hevc", Fraction(1, 90_000))


def packets(
    start: float = 0.0,
    count: int = 40 * FPS,
    codec: str = "h264",
    size: tuple[int, int] = (96, 64),
    first: int = 0,
) -> Iterator[Packet]:
    """Yield pictures from `first` on, which came from `start` on at an even pace."""
    connection, found = shape(codec), units(codec, size)
    for n in range(first, first + count):
        at = start + (n - first) / FPS
        data = found[n % len(found)]
        yield Packet(n, connection, data, at, n * TICKS, n * TICKS, n % GROUP == 0)


def fill(ring: Ring, sent: Iterator[Packet]) -> None:
    """Let a ring have what came."""
    connection = None
    for packet in sent:
        if packet.shape is not connection:
            connection = packet.shape
            ring.begin(connection)
        ring.add(memoryview(packet.data), packet.at, packet.dts, packet.pts, packet.key)


def without_stamps(packet: Packet) -> Packet:
    return replace(packet, dts=None, pts=None)
