"""
What is a stretch of video as a camera sent it, and when is each picture of it shown?

Pictures stay compressed.  A camera's own time stamps jump, stand still, and begin anew with each
connection; a file's must only ever grow.  `Timeline` makes the one out of the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

TICK = Fraction(1, 90_000)
"""Seconds: the unit of the times in a file."""

BELIEVED = 2.0
"""Seconds between two pictures that a camera's stamps may say by themselves."""

AGREEING = 1.0
"""Seconds by which a longer step may differ from the time that passed here."""

REORDERED = 10.0
"""Seconds by which a picture may be shown later than it is decoded; more is no stamp."""

_SETS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_PICTURES = {"h264": frozenset(range(1, 6)), "hevc": frozenset(range(32))}
_START = b"\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What is known of a stream without its pictures; each connection has one of its own.

    `codec` is h264 or hevc; `tick` the unit of its stamps, in seconds; `head` the parameter sets
    that were announced, in Annex B, empty where the pictures bring them.
    """

    codec: str
    tick: Fraction
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class Packet:
    """
    One compressed picture, in Annex B.

    `number` counts on through all connections; `at` is when it came, in monotonic seconds;
    `dts` and `pts` count ticks of the shape, where the camera said them.
    """

    number: int
    shape: Shape
    data: bytes
    at: float
    dts: int | None
    pts: int | None
    key: bool


def parameter_sets(packet: Packet) -> bytes:
    """Return what a decoder needs before this key picture, in Annex B; empty if it is nowhere."""
    codec = packet.shape.codec
    found = [unit for kind, unit in _units(packet.data, codec) if kind in _SETS[codec]]
    return b"".join(b"\x00" + _START + unit for unit in found) or packet.shape.head


def _units(data: bytes, codec: str) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the bytes of what stands before the first slice of a picture."""
    begin = data.find(_START)
    while begin >= 0 and begin + 3 < len(data):
        head = data[begin + 3]
        kind = head & 0x1F if codec == "h264" else head >> 1 & 0x3F
        if kind in _PICTURES[codec]:
            return
        end = data.find(_START, begin + 3)
        unit = data[begin + 3 :] if end < 0 else data[begin + 3 : end]
        yield kind, unit.rstrip(b"\x00")
        begin = end


class Timeline:
    """Gives each picture of a file its time, in `TICK`s from 0 on."""

    def __init__(self) -> None:
        self._before: Packet | None = None
        self._step = 1
        self._dts = 0

    @property
    def end(self) -> int:
        """When the last picture is over, if it lasts as long as the one before."""
        return self._dts + self._step if self._before is not None else 0

    def place(self, packet: Packet) -> tuple[int, int]:
        """Return when the next picture is decoded and when it is shown; the former always grows."""
        before, self._before = self._before, packet
        if before is not None:
            self._step = max(1, round(self._seconds(before, packet) / TICK))
            self._dts += self._step
        if packet.pts is None or packet.dts is None:
            return self._dts, self._dts
        later = (packet.pts - packet.dts) * packet.shape.tick
        return self._dts, self._dts + (round(later / TICK) if 0 < later <= REORDERED else 0)

    def _seconds(self, before: Packet, packet: Packet) -> float:
        """Return the time from one picture to the next."""
        passed = packet.at - before.at
        stamps = (_stamp(before), _stamp(packet))
        if before.shape is packet.shape and None not in stamps:
            said = float((stamps[1] - stamps[0]) * packet.shape.tick)  # type: ignore[operator]
            if said > 0 and (said < BELIEVED or abs(said - passed) < AGREEING):
                return said
        return passed if passed > 0 else float(self._step * TICK)


def _stamp(packet: Packet) -> int | None:
    return packet.pts if packet.dts is None else packet.dts
