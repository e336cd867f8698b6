"""Is a stream of which little is decoded read in time, though nobody is woken for each packet?"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.napping import LONGEST, ROOM, Naps
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.core.heads import Attention, Heads, Wanted
from servers.gst import Channel, GstCamera
from waiting import until

FPS = 25
TIME_BASE = Fraction(1, 90_000)
APART = 1 / FPS


@dataclass
class Line:
    """A camera, the network and a clock, as the thread that reads sees them."""

    gop: int = 50
    size: int = 2_500
    jitter: tuple[float, ...] = (0.0,)
    early_keys: frozenset[int] = frozenset()
    at: float = 100.0
    wakes: int = 0
    waiting: int = 0
    late: dict[int, float] = field(default_factory=dict)
    errors: list[float] = field(default_factory=list)

    def arrival(self, n: int) -> float:
        return 100.0 + n * APART + self.jitter[n % len(self.jitter)]

    def now(self) -> Moment:
        return Moment(self.at, self.at + 1e9)

    def wait(self, seconds: float) -> None:
        assert 0 < seconds <= LONGEST
        self.at += seconds
        self.wakes += 1

    def read(self, packets: int, head: int = 2) -> None:
        """Read so many packets, of each group a head of which is wanted."""
        naps, place = Naps(self.now, self.wait, TIME_BASE), 0
        for n in range(packets):
            came = max(self.arrival(m) for m in range(max(0, n - 3), n + 1))
            if came > self.at:
                self.at = came
                self.wakes += 1
            there = sum(self.arrival(m) <= self.at for m in range(n, min(n + 99, packets)))
            self.waiting = max(self.waiting, there * self.size)
            key = n % self.gop == 0 or n in self.early_keys
            place = 0 if key else place + 1
            said = naps.came(round(n * APART * 90_000), self.size, key)
            assert said.at <= self.at
            assert said.utc - said.at == pytest.approx(1e9)
            self.errors.append(abs(said.at - came))
            if key:
                self.late[n] = self.at - came
            if place >= head:
                naps.rest()


def test_most_packets_wake_nobody_and_key_frames_are_read_when_they_come() -> None:
    line = Line()
    line.read(50 * 30)

    assert line.wakes < 0.25 * 50 * 30
    assert max(line.late.values()) < 0.001


def test_it_is_known_when_a_packet_came_that_was_read_later() -> None:
    line = Line(jitter=(0.0, 0.004, 0.001))
    line.read(50 * 30)

    assert max(line.errors) < 0.01


def test_a_key_frame_that_nobody_foresaw_is_late_by_a_nap_at_most() -> None:
    line = Line(early_keys=frozenset({217, 330, 871}))
    line.read(50 * 30)

    assert max(line.late[n] for n in line.early_keys) <= LONGEST
    assert max(line.late[n] for n in line.late if n > 871 + 150 and n % 50 == 0) < 0.001


def test_no_more_waits_than_a_connection_has_room_for() -> None:
    line = Line(size=15_000)
    line.read(50 * 30)

    assert line.waiting <= ROOM + 2 * line.size


def test_a_stream_without_time_stamps_is_read_as_it_comes() -> None:
    line = Line()
    naps = Naps(line.now, line.wait, TIME_BASE)
    for n in range(300):
        assert naps.came(None, 1000, n % 50 == 0) == line.now()
        naps.rest()
    assert line.wakes == 0


@given(
    gop=st.integers(1, 120),
    size=st.integers(50, 30_000),
    jitter=st.lists(st.floats(0, 0.05), min_size=1, max_size=5).map(tuple),
    early=st.frozensets(st.integers(1, 390), max_size=3),
    head=st.integers(1, 6),
)
def test_nothing_is_ever_late_by_more_than_a_nap(
    gop: int, size: int, jitter: tuple[float, ...], early: frozenset[int], head: int
) -> None:
    line = Line(gop=gop, size=size, jitter=jitter, early_keys=early)
    line.read(400, head)

    assert max(line.late.values()) <= LONGEST + 0.001
    assert max(line.errors) <= LONGEST + 0.001


def test_key_frames_may_come_a_little_before_their_time() -> None:
    early, late = 0.0, 0.05
    line = Line(jitter=(late,) * 100 + (early,) * 100)
    line.read(50 * 30)

    assert max(line.late.values()) < 0.02


@pytest.mark.slow
def test_a_real_stream_of_heads_wakes_us_for_few_of_its_packets(
    start_gst_camera: Callable[..., GstCamera],
) -> None:
    """25 times a second and more without naps, 5 to 8 with them."""
    if sys.platform != "linux":
        pytest.skip("only Linux counts them for each thread")
    from resource import RUSAGE_THREAD, getrusage

    camera = start_gst_camera(channels=[Channel(802, gop=50)])
    heads: PacketHeads = Heads(Wanted(0.08), Attention(), unasked=0.0)
    source = RtspSource(camera.address(802), system_now, camera.user, camera.password, heads=heads)
    wakes, began, late = 0, 0, []
    for frame in source.frames():
        if heads.reason or not frame.spared:
            continue
        if frame.key:
            late.append(system_now().at - frame.at)
        if not began:
            began, wakes = heads.came, getrusage(RUSAGE_THREAD).ru_nvcsw
        elif heads.came - began >= 12 * FPS:
            break
    wakes = getrusage(RUSAGE_THREAD).ru_nvcsw - wakes

    assert wakes < 0.6 * (heads.came - began)
    assert median(late) < 0.3


@pytest.mark.slow
def test_a_nap_is_over_when_the_source_is_closed(
    start_gst_camera: Callable[..., GstCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_tracking.capture.napping.LONGEST", 600.0)
    monkeypatch.setattr("motion_tracking.capture.napping.EARLY", -600.0)
    monkeypatch.setattr("motion_tracking.capture.napping.ROOM", 1e12)
    camera = start_gst_camera(channels=[Channel(802, gop=25)])
    heads: PacketHeads = Heads(Wanted(0.08), Attention(), unasked=0.0)
    source = RtspSource(camera.address(802), system_now, camera.user, camera.password, heads=heads)
    over = Event()

    def read() -> None:
        for _ in source.frames():
            pass
        over.set()

    Thread(target=read, daemon=True).start()
    until(lambda: heads.came > 0 and system_now().at - heads.newest > 3.0)
    source.close()
    assert over.wait(20.0)
