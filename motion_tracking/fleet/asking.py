"""
How is a tracker asked from another process?

A `Line` belongs to one machine.  It connects when it is first asked, and once more where the
tracker was restarted meanwhile.  Calls block, for a few seconds at most.
"""

import socket
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from motion_tracking.fleet import Answer, Json, RefusedError, wire
from motion_tracking.fleet.note import find

PATIENCE = 3.0
"""Seconds that an answer may take."""

PIECE = 65536


class NobodyError(OSError):
    """No tracker answers; the text is for people."""


class Line:
    """The link to the tracker of one machine; may be shared by threads."""

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        """Take the folder of the machine, in which its tracker says how it is reached."""
        self._folder = folder
        self._patience = patience
        self._socket: socket.socket | None = None
        self._held = bytearray()
        self._alone = Lock()

    def ask(self, wish: Mapping[str, Json]) -> Answer:
        """Ask, and return the answer; raise `NobodyError`, or `RefusedError` where it is no."""
        with self._alone:
            said, picture = self._asked(wish)
        if "error" in said:
            raise RefusedError(str(said["error"]), str(said.get("hint", "")))
        return said, picture

    def close(self) -> None:
        """Hang up; the next question connects again."""
        with self._alone:
            self._hang_up()

    def _asked(self, wish: Mapping[str, Json]) -> tuple[dict[str, Json], bytes]:
        reused = self._socket is not None
        try:
            return self._said(wish)
        except (OSError, wire.GarbageError) as error:
            self._hang_up()
            # another tracker may have taken its place since; one that is silent is not asked twice
            if not reused or isinstance(error, TimeoutError):
                raise NobodyError("no tracker answers") from None
        try:
            return self._said(wish)
        except (OSError, wire.GarbageError):
            self._hang_up()
            raise NobodyError("no tracker answers") from None

    def _said(self, wish: Mapping[str, Json]) -> tuple[dict[str, Json], bytes]:
        connection = self._socket or self._connected()
        connection.sendall(wire.packed(wish))
        return self._heard(connection)

    def _connected(self) -> socket.socket:
        note = find(self._folder)
        if note is None:
            raise ConnectionRefusedError
        self._held.clear()
        connection = socket.create_connection(("127.0.0.1", note.port), self._patience)
        self._socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello, _ = self._heard(connection)
        mine = wire.new_nonce()
        proof = wire.proof(note.secret, wire.ASKS, str(hello.get("nonce", "")))
        connection.sendall(wire.packed({"proof": proof, "nonce": mine}))
        answer, _ = self._heard(connection)
        if not wire.proves(answer.get("proof"), note.secret, wire.ANSWERS, mine):
            raise wire.GarbageError("somebody else answers")
        return connection

    def _heard(self, connection: socket.socket) -> tuple[dict[str, Json], bytes]:
        while True:
            found = wire.unpacked(self._held, wire.LONGEST_ANSWER, wire.LARGEST_PICTURE)
            if found is not None:
                return found
            piece = connection.recv(PIECE)
            if not piece:
                raise ConnectionResetError
            self._held += piece

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._held.clear()
