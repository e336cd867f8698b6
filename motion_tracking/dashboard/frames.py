"""
How does a picture go over the websocket, with what was judged of it?

A byte for the version, one for flags, two for the length of a JSON header, the header, the JPEG.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

Json = Any

VERSION = 1
MOVING, LOOKED_FOR_CONTOURS = 1, 2
HEAD = struct.Struct(">BBH")

LONGEST = 60_000
"""Bytes of a header; contours that would make it longer are left out."""


def packed(header: Mapping[str, Json], picture: bytes, contours: bool) -> bytes:
    """Return the bytes of one message."""
    flags = MOVING * bool(header.get("moving")) | LOOKED_FOR_CONTOURS * contours
    text = _coded(header)
    if len(text) > LONGEST:
        text = _coded({**header, "contours": []})
    return HEAD.pack(VERSION, flags, len(text)) + text + picture


def unpacked(message: bytes) -> tuple[int, dict[str, Json], bytes]:
    """Return flags, header and JPEG of a message."""
    version, flags, length = HEAD.unpack_from(message)
    assert version == VERSION
    end = HEAD.size + length
    return flags, json.loads(message[HEAD.size : end]), message[end:]


def _coded(header: Mapping[str, Json]) -> bytes:
    return json.dumps(header, separators=(",", ":")).encode()
