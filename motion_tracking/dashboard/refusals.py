"""
How is it said to a page that something cannot be?
"""

from typing import Any

Json = Any


class RefusedError(Exception):
    """It cannot be done, or not now; the text is for people."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class NotThereError(RefusedError):
    """There is no such thing."""


def said(error: RefusedError) -> Json:
    """Say what cannot be done, and what to do instead."""
    return {"schema": 1, "error": str(error), "hint": error.hint}
