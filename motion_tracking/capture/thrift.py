"""
How are only those packets decoded that are wanted?

What is wanted says `core.heads`.  A decoder that skipped some packets, or goes back, begins anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import av

from motion_tracking.capture.clock import Moment
from motion_tracking.core.heads import Chosen, Heads
from motion_tracking.core.motion import Frame

if TYPE_CHECKING:
    Packet = av.Packet[Any]
else:
    Packet = av.Packet

PacketHeads = Heads[Packet]


class Thrift:
    """Chooses the packets of one session; between two it says what the pictures are."""

    def __init__(
        self,
        heads: PacketHeads,
        decoder: av.VideoCodecContext,
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
        self._over = over
        self._rest = rest
        self._stamp: int | None = None
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
        before, self._stamp = self._stamp, packet.pts
        shuffled = before is not None and packet.pts is not None and packet.pts < before
        if shuffled or packet.pts is None or self._decoder.has_b_frames:
            self._heads.reorder()
        wanted = self._heads.take(packet, packet.is_keyframe, moment.at)
        if not wanted:
            self._rest()
        for chosen in wanted:
            if self._over():
                return
            if chosen.restarts:
                self._decoder.flush_buffers()
            self._chosen = chosen
            yield chosen.packet

    @property
    def moment(self) -> Moment:
        """When that came which is decoded just now."""
        assert self._chosen is not None
        return Moment(self._chosen.at, self._chosen.at + self._offset)

    def marked(self, frame: Frame) -> Frame:
        """Return a picture of that which is decoded just now, with its place in the stream."""
        chosen = self._chosen
        if chosen is None:
            return frame
        return replace(
            frame,
            ends_head=chosen.ends,
            spared=chosen.spared,
            passed_over=chosen.passed_over,
        )
