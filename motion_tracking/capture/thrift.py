"""
How are only those packets decoded that are wanted?

What is wanted says `core.heads`.  A decoder that skipped some packets, or goes back, begins anew.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from motion_tracking.capture.clock import Moment
from motion_tracking.core.heads import Chosen, Heads
from motion_tracking.core.motion import Frame

if TYPE_CHECKING:
    import av

    Packet = av.Packet[Any]
    PacketHeads = Heads[Packet]
else:
    Packet = Any
    PacketHeads = Heads[Any]

UNSTAMPED = 25
"""Packets without a time stamp from which on nothing is known of their order."""


class Thrift:
    """Chooses the packets of one session; between two it says what the pictures are."""

    def __init__(
        self,
        heads: PacketHeads,
        decoder: "av.VideoCodecContext",
        arrived: Callable[[Packet], Moment],
        over: Callable[[], bool] = lambda: False,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        """
        `arrived` says when a packet came, and may wait for it; `over` ends it early.

        `rest` is called after each packet that nobody wanted.
        """
        self._heads = heads
        self._decoder = decoder
        self._arrived = arrived
        self.over = over
        self._rest = rest
        self._stamp: int | None = None
        self._unstamped = 0
        self._chosen: Chosen[Packet] | None = None
        self._offset = 0.0
        heads.begin()

    def lose(self) -> None:
        """Take note that packets are missing before the next."""
        self._heads.lose()

    def due(self, packet: Packet) -> Iterator[Packet]:
        """Yield what is to be decoded now that a packet came."""
        if not packet.size:  # the end of a file: what the decoder holds back
            yield packet
            return
        moment = self._arrived(packet)
        self._offset = moment.utc - moment.at
        if self._shuffled(packet.pts):
            self._heads.reorder()
        wanted = self._heads.take(packet, packet.is_keyframe, moment.at)
        if not wanted:
            self._rest()
        for chosen in wanted:
            if self.over():
                return
            if chosen.restarts:
                self._decoder.flush_buffers()
            self._chosen = chosen
            yield chosen.packet

    def _shuffled(self, stamp: int | None) -> bool:
        """Whether pictures are shown in another order than they come in, as far as can be told."""
        if stamp is None:  # the first ones of a recorder have none, either
            self._unstamped += 1
            return self._unstamped > UNSTAMPED
        before, self._stamp = self._stamp, stamp
        return bool(self._decoder.has_b_frames) or (before is not None and stamp < before)

    @property
    def moment(self) -> Moment:
        """When that came which is decoded just now."""
        assert self._chosen is not None
        return Moment(self._chosen.at, self._chosen.at + self._offset)

    def marked(self, frame: Frame) -> Frame:
        """Return a picture of that which is decoded just now, with its place in the stream."""
        return frame if self._chosen is None else self._chosen.marked(frame)
