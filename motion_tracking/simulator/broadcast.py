"""
Who watches a channel, and what is sent to each?

All clients of a channel get the same pictures at the same time.  One that is slow loses pictures,
up to the next keyframe; it never holds up the others.
"""

from asyncio import Transport
from dataclasses import dataclass
from math import inf
from secrets import randbits, token_hex

from motion_tracking.simulator.faults import Faults, Kind
from motion_tracking.simulator.playing import Player
from motion_tracking.simulator.rtp import Stream, Unit

PATIENCE = 256 * 1024
"""Bytes that may wait for a client before it loses pictures."""

REPORT_EVERY = 5
"""Seconds between sender reports."""


@dataclass(slots=True)
class Counts:
    """What happened on a channel since the camera started."""

    sessions: int = 0  # now
    sessions_ever: int = 0
    frames_sent: int = 0  # to whomever
    frames_dropped: int = 0  # since a client was too slow
    torn_down: int = 0  # by a client that took its leave
    refused: int = 0  # answers 401 to credentials, that is not to the first question


class Session:
    """One client that has been set up on a channel."""

    def __init__(self, transport: Transport, channels: tuple[int, int], timestamp: int) -> None:
        """Send over `transport` on these interleaved channels, the first stamp being given."""
        self.id = token_hex(8)
        self.playing = False
        self._transport = transport
        self._data, self._reports = channels
        self._stream = Stream(randbits(32), randbits(16), timestamp)
        self._waits_for_key = True
        self._reported = -inf

    def offer(self, unit: Unit, ticks: int, *, midway: bool = False) -> bool | None:
        """
        Send a picture; return False if the client was too slow, None if it must wait.

        It waits for a key frame, unless it may begin `midway`.
        """
        if self._transport.get_write_buffer_size() > PATIENCE:
            self._waits_for_key = True
            return False
        if self._waits_for_key and not unit.key and not midway:
            return None
        self._waits_for_key = False
        packets = self._stream.packets(unit, ticks)
        self._transport.write(b"".join(_framed(self._data, packet) for packet in packets))
        return True

    def report(self, utc: float, ticks: int) -> None:
        """Tell the client now and then which time its stamps mean."""
        if utc - self._reported < REPORT_EVERY:
            return
        self._reported = utc
        self._transport.write(_framed(self._reports, self._stream.report(utc, ticks)))

    def throw_out(self) -> None:
        """Close the connection at once."""
        self._transport.abort()


class Broadcast:
    """One channel on air; lives in the thread of the server."""

    def __init__(self, player: Player, timestamp: int | None = None) -> None:
        self.player = player
        self.counts = Counts()
        self._timestamp = timestamp
        self._sessions: list[Session] = []
        self._told_until = 0.0

    @property
    def faults(self) -> Faults:
        return self.player.faults

    def full(self, now: float) -> bool:
        """Whether no session is left."""
        limit = self.faults.active(Kind.LIMIT, now)
        return limit is not None and len(self._sessions) >= limit.amount

    def join(self, transport: Transport, channels: tuple[int, int]) -> Session:
        """Open a session, which does not play yet."""
        timestamp = randbits(32) if self._timestamp is None else self._timestamp
        session = Session(transport, channels, timestamp)
        self._sessions.append(session)
        self.counts.sessions_ever += 1
        self.counts.sessions = len(self._sessions)
        return session

    def leave(self, session: Session) -> None:
        """Close a session; the connection stays."""
        self._sessions.remove(session)
        self.counts.sessions = len(self._sessions)

    def send(self, n: int, utc: float) -> None:
        """Send frame `n` of the channel to all who play; it is `utc`."""
        now = n / self.player.fps
        if self.faults.happened(Kind.CLOSE, self._told_until, now):
            for session in self._sessions:
                session.throw_out()
        self._told_until = max(self._told_until, now)
        unit, ticks = self.player.unit(n), self.player.ticks(n)
        playing = [session for session in self._sessions if session.playing]
        if unit is None:
            return
        midway = self.faults.active(Kind.MIDWAY, now) is not None
        for session in playing:
            session.report(utc, ticks)
            self._count(session.offer(unit, ticks, midway=midway))

    def _count(self, sent: bool | None) -> None:
        if sent:
            self.counts.frames_sent += 1
        elif sent is False:
            self.counts.frames_dropped += 1


def _framed(channel: int, packet: bytes) -> bytes:
    return b"$" + bytes((channel,)) + len(packet).to_bytes(2) + packet
