"""
How does an access unit become RTP packets?  (RFC 3550, and RFC 6184 in its non-interleaved mode)
"""

import re
import struct
from dataclasses import dataclass

CLOCK = 90_000
"""Ticks a second."""

PAYLOAD_TYPE = 96
LARGEST = 1400
"""Bytes of payload in one packet, as on an Ethernet."""

_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_FRAGMENT = 28  # type of a fragmentation unit, FU-A
_SEQUENCE_SET, _PICTURE_SET, _KEYFRAME = 7, 8, 5
_SENT = (1, 5, _SEQUENCE_SET, _PICTURE_SET)  # not the encoder's advertisement
_NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
_WRAP = 2**32


@dataclass(frozen=True, slots=True, repr=False)
class Unit:
    """One picture as the payloads of its packets; `key` says that decoding can begin here."""

    payloads: tuple[bytes, ...]
    key: bool


def split(access_unit: bytes) -> list[bytes]:
    """Cut an Annex-B access unit into its NAL units."""
    return [nal for nal in _START_CODE.split(access_unit) if nal]


def parameter_sets(access_unit: bytes) -> tuple[bytes, bytes]:
    """Return the sequence and the picture parameter set of a keyframe."""
    found = {nal[0] & 31: nal for nal in split(access_unit)}
    return found[_SEQUENCE_SET], found[_PICTURE_SET]


def packetise(access_unit: bytes) -> Unit:
    """Make the payloads of one picture."""
    nals = [nal for nal in split(access_unit) if nal[0] & 31 in _SENT]
    payloads = tuple(payload for nal in nals for payload in _fragments(nal))
    return Unit(payloads, any(nal[0] & 31 == _KEYFRAME for nal in nals))


def _fragments(nal: bytes) -> list[bytes]:
    if len(nal) <= LARGEST:
        return [nal]
    indicator, kind = nal[0] & 0xE0 | _FRAGMENT, nal[0] & 31
    room = LARGEST - 2
    pieces = [nal[n : n + room] for n in range(1, len(nal), room)]
    marks = [0x80, *[0] * (len(pieces) - 2), 0x40]
    return [
        bytes((indicator, mark | kind)) + piece for mark, piece in zip(marks, pieces, strict=True)
    ]


class Stream:
    """The packets of one session, numbered, stamped and counted."""

    def __init__(self, source: int, sequence: int, first_timestamp: int) -> None:
        """Start with these numbers of 32, 16 and 32 bits; whoever serves draws them at random."""
        self._source = source % _WRAP
        self._sequence = sequence
        self._first = first_timestamp
        self._packets = 0
        self._bytes = 0

    def packets(self, unit: Unit, ticks: int) -> list[bytes]:
        """Return the RTP packets of a picture that is `ticks` after the start of the camera."""
        stamp = (self._first + ticks) % _WRAP
        last = len(unit.payloads) - 1
        packets = []
        for n, payload in enumerate(unit.payloads):
            marked = PAYLOAD_TYPE | (0x80 if n == last else 0)
            number = (self._sequence + n) % 2**16
            packets.append(
                struct.pack(">BBHII", 0x80, marked, number, stamp, self._source) + payload
            )
            self._bytes += len(payload)
        self._sequence = (self._sequence + len(packets)) % 2**16
        self._packets += len(packets)
        return packets

    def report(self, utc: float, ticks: int) -> bytes:
        """Return an RTCP sender report: at `utc` (seconds since 1970) it was `ticks`."""
        whole, part = divmod(utc + _NTP_EPOCH, 1)
        return struct.pack(
            ">BBHIIIIII",
            0x80,
            200,
            6,
            self._source,
            int(whole) % _WRAP,
            int(part * _WRAP),
            (self._first + ticks) % _WRAP,
            self._packets % _WRAP,
            self._bytes % _WRAP,
        )
