"""Of a real recorder's stream, is little decoded while nothing changes, and all when it does?"""

from contextlib import closing
from itertools import islice

import numpy as np
import pytest

from motion_tracking.capture.clock import system_now
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.core.heads import Attention, Heads, Wanted
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Roi
from servers.clips import machine_roi
from servers.gst import GstCamera
from servers.watcher import Watcher

pytestmark = pytest.mark.slow

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED


def source(camera: GstCamera, number: int, heads: PacketHeads | None) -> RtspSource:
    address = camera.address(number)
    return RtspSource(address, system_now, camera.user, camera.password, heads=heads)


class Meter:
    """Which part of the packets since it was last asked was to be decoded?"""

    def __init__(self, heads: PacketHeads) -> None:
        self._heads = heads
        self.begin()

    def begin(self) -> bool:
        self._before = self._heads.came, self._heads.decoded
        return True

    def part(self, least: int) -> float | None:
        """Return it; None before so many packets came, and begin anew after them."""
        came = self._heads.came - self._before[0]
        if came < least:
            return None
        part = (self._heads.decoded - self._before[1]) / came
        self.begin()
        return part


def test_a_change_is_found_by_heads_and_seen_in_full(gst_camera: GstCamera) -> None:
    """Seen to fail where nobody asks for attention: the stop is never found."""
    number = 802
    gst_camera.show("running", number)
    heads: PacketHeads = Heads(Wanted(0.08), Attention(), unasked=0.0)
    roi = Roi.from_corners(*machine_roi(*gst_camera.channels[number].size))
    with Watcher(lambda: source(gst_camera, number, heads), roi) as watcher:
        watcher.tracker.attention = heads.attention
        meter = Meter(heads)

        def cheap(_: Watcher) -> bool:
            part = meter.part(100)
            return part is not None and part < 0.35

        watcher.wait_for_state(RUNNING)
        watcher.wait_for(cheap)
        gst_camera.show("stopped", number)
        meter.begin()
        watcher.wait_for_state(STOPPED)
        part = meter.part(1)
        watcher.wait_for(cheap)
        gst_camera.show("running", number)
        watcher.wait_for_state(RUNNING)

    assert part is not None
    assert part > 0.5
    assert [state for state in watcher.states if state in (RUNNING, STOPPED)] == [
        *(RUNNING, STOPPED, RUNNING)
    ]
    times = [scored.at for scored in watcher.scores]
    assert times == sorted(times)


@pytest.mark.parametrize("number", [802, 702], ids=["h264", "h265"])
def test_what_is_gone_back_to_looks_as_if_it_had_never_been_left_out(
    gst_camera: GstCamera, number: int
) -> None:
    """The clip goes round and round, so that each of its pictures is known from before."""
    gst_camera.show("running", number)
    heads: PacketHeads = Heads(Wanted(0.08), Attention(), unasked=0.0)
    with closing(source(gst_camera, number, None).frames()) as frames:
        known = {np.array(frame.luma).tobytes() for frame in islice(frames, 260)}
    asked_at: float | None = None
    gone_back, strange, last, seen = False, 0, 0.0, 0
    with closing(source(gst_camera, number, heads).frames()) as frames:
        for frame in frames:
            strange += np.array(frame.luma).tobytes() not in known
            gone_back = gone_back or frame.at < last
            last = frame.at
            seen += frame.spared and frame.ends_head
            if asked_at is None and seen == 3:
                heads.attention.ask(frame.at + 2.0)
                asked_at = frame.at
            if asked_at is not None and frame.at > asked_at + 3.0:
                break

    assert gone_back
    assert strange == 0
