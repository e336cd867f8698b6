"""
Who changed what by way of the dashboard, and when?

One line of JSON for each change that was let in, with what became of it; what was typed is not in
it, for some of that is secret.  Of the file before it one is kept, so that it never fills the disk.
"""

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motion_tracking.dashboard.rules import WHO, apart
from motion_tracking.dashboard.sessions import Who

log = logging.getLogger(__name__)

LARGEST = 1_000_000
"""Bytes of a file, some five thousand changes."""

LONGEST = 500
"""Letters of a path that are kept."""

_HARMLESS = ("GET", "HEAD")
_TOO_MANY = 429  # else who guesses passwords would wash out what was noted before


class Audit:
    """The file of what was changed; may be shared by threads."""

    def __init__(self, path: Path, utc: Callable[[], float]) -> None:
        """`utc` are seconds since 1970."""
        self._path = path
        self._utc = utc
        self._alone = Lock()

    def note(self, who: Who | None, client: str, what: str, outcome: str) -> None:
        """Add a line, and have it on the disk; say so in the log where that cannot be."""
        line = {
            "at": datetime.fromtimestamp(self._utc(), UTC).isoformat(timespec="milliseconds"),
            "by": "" if who is None else who.name,
            "kind": "nobody" if who is None else who.kind,
            "from": client,
            "what": what[:LONGEST],
            "outcome": outcome,
        }
        with self._alone:
            try:
                self._add(json.dumps(line).encode() + b"\n")
            except OSError as error:
                log.warning("cannot note who changed what: %s", error.strerror or error)

    def _add(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > LARGEST:
            self._path.replace(self._path.with_suffix(".before.jsonl"))
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


class Audited:
    """ASGI middleware that has each change noted; it stands behind the guard."""

    def __init__(self, app: ASGIApp, audit: Audit) -> None:
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _HARMLESS:
            await self._app(scope, receive, send)
            return
        status = 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            if status != _TOO_MANY:
                what = f"{scope['method']} {scope['path']}"
                await apart(self._audit.note, scope.get(WHO), client_of(scope), what, str(status))


def client_of(scope: Any) -> str:
    """Return the address that asks, as far as it is known."""
    client = scope.get("client")
    return client[0] if client else ""
