"""
How does the camera answer one client?
"""

import logging
from asyncio import BaseTransport, Protocol, Transport
from collections.abc import Callable, Mapping, MutableSet
from dataclasses import dataclass, field
from secrets import token_hex
from typing import cast

from motion_tracking.simulator.access import Access
from motion_tracking.simulator.broadcast import PATIENCE, Broadcast, Session
from motion_tracking.simulator.faults import Kind
from motion_tracking.simulator.rtsp import (
    METHODS,
    Request,
    RequestReader,
    answer,
    description,
    interleaved,
)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Premises:
    """What all connections of a camera share; `now` gives seconds since its start."""

    broadcasts: Mapping[int, Broadcast]
    access: Callable[[], Access]
    now: Callable[[], float]
    connections: MutableSet["Connection"] = field(default_factory=set)


class RefusedError(Exception):
    """A request that gets a status other than 200."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class Connection(Protocol):
    """One TCP connection, with at most one session."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._requests = RequestReader()
        self._nonce = token_hex(16)
        self._broadcast: Broadcast | None = None
        self._session: Session | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Take up a client."""
        self._transport = cast(Transport, transport)
        self._transport.set_write_buffer_limits(high=PATIENCE)
        self._premises.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a client go."""
        self._premises.connections.discard(self)
        self._end_session()

    def data_received(self, data: bytes) -> None:
        """Answer what is asked."""
        try:
            for request in self._requests.feed(data):
                self._reply(request)
        except ValueError:
            self._transport.write(answer(400, "0"))
            self._transport.close()

    def close(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    def _reply(self, request: Request) -> None:
        sequence = request.headers.get("cseq", "0")
        try:
            respond = _RESPONSES.get(request.method)
            if respond is None:
                raise RefusedError(501)
            if request.method != "OPTIONS":
                self._check_access(request)
            said = respond(self, request)
        except RefusedError as refusal:
            _log.debug("%s %s: %d", request.method, request.uri, refusal.status)
            self._transport.write(answer(refusal.status, sequence, refusal.headers))
            return
        if said is not None:
            headers, body = said
            self._transport.write(answer(200, sequence, headers, body))

    def _check_access(self, request: Request) -> None:
        access, credentials = self._premises.access(), request.headers.get("authorization")
        if access.admits(request.method, credentials, self._nonce):
            return
        broadcast = self._premises.broadcasts.get(request.channel or 0)
        if broadcast and credentials:
            broadcast.counts.refused += 1
        raise RefusedError(401, {"WWW-Authenticate": access.challenge(self._nonce)})

    def _asked_for(self, request: Request) -> Broadcast:
        broadcast = self._premises.broadcasts.get(request.channel or 0)
        if not broadcast or broadcast.faults.active(Kind.REFUSE, self._premises.now()):
            raise RefusedError(404)
        return broadcast

    def _own_session(self, request: Request) -> Session:
        told = request.headers.get("session", "").partition(";")[0].strip()
        if self._session is None or told != self._session.id:
            raise RefusedError(454)
        return self._session

    def _options(self, request: Request) -> "Said":
        return {"Public": METHODS}, ""

    def _describe(self, request: Request) -> "Said | None":
        broadcast = self._asked_for(request)
        if broadcast.faults.active(Kind.SILENCE, self._premises.now()):
            return None
        headers = {
            "Content-Type": "application/sdp",
            "Content-Base": request.uri.rstrip("/") + "/",
        }
        return headers, description(broadcast.player.sets, broadcast.player.fps)

    def _setup(self, request: Request) -> "Said":
        broadcast = self._asked_for(request)
        channels = interleaved(request.headers.get("transport", ""))
        if channels is None:
            raise RefusedError(461)
        if self._session is not None:
            raise RefusedError(455)
        if broadcast.full(self._premises.now()):
            raise RefusedError(453)
        self._broadcast = broadcast
        self._session = broadcast.join(self._transport, channels)
        transport = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
        return {"Transport": transport, "Session": f"{self._session.id};timeout=60"}, ""

    def _play(self, request: Request) -> "Said":
        session = self._own_session(request)
        session.playing = True
        return {"Session": session.id, "Range": "npt=now-"}, ""

    def _parameter(self, request: Request) -> "Said":
        if "session" not in request.headers:
            return {}, ""
        return {"Session": self._own_session(request).id}, ""

    def _teardown(self, request: Request) -> "Said":
        self._own_session(request)
        if self._broadcast:
            self._broadcast.counts.torn_down += 1
        self._end_session()
        return {}, ""

    def _end_session(self) -> None:
        if self._broadcast and self._session:
            self._broadcast.leave(self._session)
        self._broadcast = self._session = None


Said = tuple[dict[str, str], str]
"""Headers and body of a response."""

_RESPONSES: dict[str, Callable[[Connection, Request], Said | None]] = {
    "OPTIONS": Connection._options,
    "DESCRIBE": Connection._describe,
    "SETUP": Connection._setup,
    "PLAY": Connection._play,
    "GET_PARAMETER": Connection._parameter,
    "SET_PARAMETER": Connection._parameter,
    "TEARDOWN": Connection._teardown,
}
