"""
What goes over a link, byte by byte?

A message is two lengths, a JSON object, and bytes that go with it.  Before the first one both ends
prove that they know the secret, without saying it: whoever has taken over a port that a tracker
left learns nothing.
"""

import hmac
import json
import secrets
import struct
from collections.abc import Mapping
from typing import Any

Json = Any

LENGTHS = struct.Struct(">II")

LONGEST_WISH = 4096
"""Bytes that may be asked in one message."""

LONGEST_ANSWER = 64 * 1024
LARGEST_PICTURE = 8 * 1024 * 1024

ASKS, ANSWERS = b"asks", b"answers"
"""The two ends; the proof of one is none of the other's."""


class GarbageError(Exception):
    """Nobody who knows the link says that."""


def packed(said: Mapping[str, Json], picture: bytes = b"") -> bytes:
    """Return a message as it goes over the link."""
    text = json.dumps(said, separators=(",", ":")).encode()
    return LENGTHS.pack(len(text), len(picture)) + text + picture


def unpacked(held: bytearray, longest: int, largest: int) -> tuple[dict[str, Json], bytes] | None:
    """
    Take the first message out of what has come so far; None where it is not whole yet.

    Raise `GarbageError` as soon as it can be none, or is larger than allowed.
    """
    if len(held) < LENGTHS.size:
        return None
    length, size = LENGTHS.unpack_from(held)
    if length > longest or size > largest:
        raise GarbageError("larger than allowed")
    end = LENGTHS.size + length + size
    if len(held) < end:
        return None
    text, picture = held[LENGTHS.size : LENGTHS.size + length], held[LENGTHS.size + length : end]
    del held[:end]
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, no text at all, or a thousand brackets
        raise GarbageError("no JSON") from None
    if not isinstance(said, dict):
        raise GarbageError("no object")
    return said, bytes(picture)


def new_nonce() -> str:
    """Make up what the other end is to prove itself with."""
    return secrets.token_hex(32)


def proof(secret: str, end: bytes, nonce: str) -> str:
    """Prove that one knows the secret, as one end, to whom made up the nonce."""
    said = end + nonce.encode("utf-8", "replace")
    return hmac.new(secret.encode(), said, "sha256").hexdigest()


def proves(given: Json, secret: str, end: bytes, nonce: str) -> bool:
    """Whether the other end knows the secret."""
    if not isinstance(given, str):
        return False
    wanted = proof(secret, end, nonce)
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
