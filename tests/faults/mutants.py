"""
Do mutated streams bring a decoder down?  The process that finds out.

    python -m faults.mutants FIRST COUNT

It decodes streams FIRST .. FIRST + COUNT - 1, each ruined in its own way, as a camera's are
decoded, and prints the number of each that it lived through.
"""

import io
import sys
from collections.abc import Iterator
from random import Random

import av

from motion_tracking.capture.decoding import decode, luma
from motion_tracking.simulator.damage import flipped
from motion_tracking.simulator.rtp import split
from servers.lively import units

SIZE = (176, 144)
LENGTH = 24
"""Pictures in a stream: two groups that each begin with a key frame."""


def mutant(number: int, film: list[bytes]) -> bytes:
    """Ruin a stream; the same number always in the same way."""
    random = Random(number)
    nals = [nal for unit in film for nal in split(unit)]
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(nals))
        nal = nals[at]
        how = random.randrange(7)
        if how == 0:
            nals[at] = flipped(nal, random, random.randint(1, 40))
        elif how == 1:  # the head too: another kind, another size of the picture
            data = bytearray(nal)
            data[random.randrange(min(16, len(data)))] ^= 1 << random.randrange(8)
            nals[at] = bytes(data)
        elif how == 2:
            nals[at] = nal[: random.randrange(1, len(nal) + 1)]
        elif how == 3:
            nals[at] = nal + random.randbytes(random.randrange(1, 200))
        elif how == 4:
            nals.insert(random.randrange(len(nals)), nal)
        elif how == 5:
            nals[at] = random.randbytes(random.randrange(1, 400))
        elif len(nals) > 2:
            del nals[at]
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)


def bomb(number: int, film: list[bytes]) -> bytes:
    """Announce pictures of 16,384 x 16,384, which nobody has the memory for."""
    side = 1023 if number % 8 == 3 else 500 + number % 300
    announced = parameter_set(side, side)
    begin = [nal for unit in film[:3] for nal in split(unit)]
    nals = [announced if nal[0] & 31 == 7 else nal for nal in begin]
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)


def parameter_set(width: int, height: int) -> bytes:
    """Write a sequence parameter set; sides in macro blocks, less one (H.264, 7.3.2.1)."""
    fields = (0, 0, 2, 1)  # its id, frame numbers of 4 bits, no picture order, one reference
    bits = "".join(map(_coded, fields)) + "0" + _coded(width) + _coded(height) + "1100" + "1"
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8)
    return bytes((0x67, 66, 0xC0, 60)) + body


def _coded(number: int) -> str:
    """Code a number as Exp-Golomb bits."""
    binary = f"{number + 1:b}"
    return "0" * (len(binary) - 1) + binary


def lives_through(stream: bytes) -> Iterator[int]:
    """Decode a stream as a camera's; yield the brightness of each sound picture."""
    try:
        with av.open(io.BytesIO(stream), format="h264") as container:
            for picture in decode(container):
                grey, _ = luma(picture)
                yield int(grey[0, 0])
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        return  # what `RtspSource` takes for a stream that broke off


def main(first: int, count: int) -> None:
    film = units(SIZE)[:LENGTH]
    for number in range(first, first + count):
        stream = bomb(number, film) if number % 4 == 3 else mutant(number, film)
        shown = sum(1 for _ in lives_through(stream))
        sys.stdout.write(f"{number} {shown}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    av.logging.set_level(None)
    main(int(sys.argv[1]), int(sys.argv[2]))
