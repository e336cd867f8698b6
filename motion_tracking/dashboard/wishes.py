"""
What does a page ask for, and does it make sense?
"""

import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

if TYPE_CHECKING:  # `serve` does without the libraries of pictures
    from motion_tracking.core.motion import Polygon

Json = Any

LONGEST = 4096
"""Bytes; what our pages send is a fraction of it."""

LARGEST = 1_000_000_000
"""No number that makes sense is larger."""


class SenselessError(Exception):
    """None of our pages would send that; the text says what is needed."""

    status = 400


class TooLongError(SenselessError):
    """More than any of our pages would send."""

    status = 413


async def wish_of(request: Request) -> dict[str, Json]:
    """Read the JSON object that was sent; raise `SenselessError` for anything else."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LONGEST:
            raise TooLongError("too long")
    try:
        wish = json.loads(raw)
    except (ValueError, RecursionError):  # not JSON, not even text, or a thousand brackets
        wish = None
    if not isinstance(wish, dict):
        raise SenselessError("a JSON object is needed")
    return wish


def shape(name: str, value: Json) -> "Polygon":
    """Return the corners of a shape, two at least; raise `SenselessError` for anything else."""
    if not isinstance(value, list) or len(value) < 2:
        raise SenselessError(f"{name}: two corners at least are needed")
    if not all(isinstance(point, list) and len(point) == 2 for point in value):
        raise SenselessError(f"{name}: a corner is two whole numbers")
    return tuple((whole(name, x), whole(name, y)) for x, y in value)


def whole(name: str, value: Json) -> int:
    """Return a number from 0 up; raise `SenselessError` for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise SenselessError(f"{name}: whole numbers from 0 are needed")
    return value
