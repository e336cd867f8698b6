"""
How do pictures arrive that were damaged on their way?

A few bits of a slice are turned over; its head stays whole, or a decoder would leave the slice out
rather than show what it cannot know.
"""

from random import Random

from motion_tracking.simulator.rtp import Unit

HEAD = 8
"""Bytes at the beginning of a NAL unit that stay as they are."""

BITS = 3
"""Bits that are turned over in each damaged unit."""

_SLICES = (1, 5)
_FRAGMENT = 28


def flipped(nal: bytes, random: Random, bits: int = BITS) -> bytes:
    """Turn some bits over, after the head; what is shorter stays as it is."""
    data = bytearray(nal)
    for _ in range(bits if len(data) > HEAD else 0):
        data[random.randrange(HEAD, len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def damaged(unit: Unit, random: Random) -> Unit:
    """Damage one of the packets in which slices are."""
    slices = [n for n, payload in enumerate(unit.payloads) if _has_slice(payload)]
    if not slices:
        return unit
    payloads = list(unit.payloads)
    hit = random.choice(slices)
    payloads[hit] = flipped(payloads[hit], random)
    return Unit(tuple(payloads), unit.key)


def _has_slice(payload: bytes) -> bool:
    kind = payload[0] & 31
    return kind in _SLICES or (kind == _FRAGMENT and payload[1] & 31 in _SLICES)
