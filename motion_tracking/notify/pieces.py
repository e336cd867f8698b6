"""
How is a receiver kept from holding us by dripping its answer?

A time-out of a socket begins anew with every byte.  So before each piece of an answer that is
read, the socket is given what is left of the whole time.
"""

import io
from collections.abc import Callable
from socket import socket
from typing import Any


class Pieces(io.RawIOBase):
    """What comes from a socket, as long as there is time left."""

    def __init__(
        self, raw: io.RawIOBase, sock: socket, seconds_left: Callable[[], float | None]
    ) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._seconds_left = seconds_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._seconds_left()
        if not left:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
