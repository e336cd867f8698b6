"""
The link: how is a tracker looked at and steered while it runs, from another process?

`answering` is the tracker's end: one thread on loopback, that answers when asked and does nothing
else.  `asking` is the other end.  `wire` is what goes between them, `note` where the tracker says
how it can be reached: who may read that file may ask.  Only the standard library is needed.
"""

from collections.abc import Mapping
from typing import Any

Json = Any


class RefusedError(Exception):
    """It cannot be done, or not now; the text is for people."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


Answer = tuple[Mapping[str, Json], bytes]
"""What is said, and a picture that goes with it; empty where there is none."""
