"""
What does a page ask for, and does it make sense?
"""

import json
from typing import Any

from starlette.requests import Request

Json = Any

LONGEST = 4096
"""Bytes; what our pages send is a fraction of it."""

LARGEST = 1_000_000_000
"""No number that makes sense is larger."""


class SenselessError(Exception):
    """None of our pages would send that; the text says what is needed."""


async def wish_of(request: Request) -> dict[str, Json]:
    """Read the JSON object that was sent; raise `SenselessError` for anything else."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LONGEST:
            raise SenselessError("too long")
    try:
        wish = json.loads(raw)
    except (ValueError, RecursionError):  # not JSON, not even text, or a thousand brackets
        wish = None
    if not isinstance(wish, dict):
        raise SenselessError("a JSON object is needed")
    return wish


def whole(name: str, value: Json) -> int:
    """Return a number from 0 up; raise `SenselessError` for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise SenselessError(f"{name}: whole numbers from 0 are needed")
    return value
