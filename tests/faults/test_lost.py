"""A camera dies, hangs, hiccups and comes back: told in time, seen in time, and nothing false."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import psutil
import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture.clock import system_now
from motion_tracking.core.machine import MachineState
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Kind
from servers.gst import GstCamera
from servers.network import network
from servers.proxy import Proxy
from servers.watcher import Watcher

RUNNING, STOPPED, NO_SIGNAL, UNKNOWN = (
    MachineState.RUNNING,
    MachineState.STOPPED,
    MachineState.NO_SIGNAL,
    MachineState.UNKNOWN,
)
OUTAGE = [NO_SIGNAL, UNKNOWN, RUNNING]
"""What is told of an outage, and nothing else."""


@pytest.fixture
def watcher(gst_camera: GstCamera) -> Iterator[Watcher]:
    with Watcher.of_recorder(gst_camera) as watcher:
        watcher.wait_for_state(RUNNING)
        yield watcher


@pytest.fixture
def wheel() -> Iterator[Camera]:
    """A scripted camera; its machine always runs."""
    with Camera([Channel(802, "flywheel")]) as camera:
        yield camera


def pause(seconds: float) -> None:
    """Let a fault last; only real time makes a watchdog bark."""
    threading.Event().wait(seconds)


def outage(
    watcher: Watcher, measured: Measured, begin: Callable[[], None], end: Callable[[], None]
) -> None:
    """Go through one outage, and measure it."""
    told = len(watcher.changes)
    went = system_now().at
    begin()
    lost = watcher.wait_for_state(NO_SIGNAL)
    back = system_now().at
    end()
    first = watcher.wait_for_score()
    watcher.wait_for_state(RUNNING)
    assert watcher.states[told:] == OUTAGE
    seen = watcher.changes[told].occurred_at.timestamp() - system_now().utc + system_now().at
    measured("s to no_signal", lost - went, at_most=10.0)
    measured("s from its return to a scored frame", first - back, at_most=5.0)
    measured("s that no_signal is dated wrongly", abs(seen - went), at_most=1.5)


@fault(
    "S01",
    "the recorder hangs, its connection stays open",
    injected="real recorder, SIGSTOP and SIGCONT",
    expected="no_signal (lost) since the last frame; then unknown, running; nothing else",
    promised="<= 10 s; back <= 5 s; 0 other transitions",
)
def test_a_recorder_that_hangs_is_no_signal(
    gst_camera: GstCamera, watcher: Watcher, measured: Measured, rounds: Rounds
) -> None:
    """Seen to fail with `lost_after` of 30 s: found after 15 s, by the library's time-out."""
    for _ in range(rounds(1, long=100)):
        outage(watcher, measured, gst_camera.suspend, gst_camera.wake)


@fault(
    "S01",
    "a channel sends nothing more",
    injected="scripted camera, stall",
    expected="no_signal",
    promised="<= 10 s",
)
def test_a_channel_that_falls_silent_is_no_signal(wheel: Camera, measured: Measured) -> None:
    """Seen to fail with `lost_after` of 30 s: found after 20 s, by the library's time-out."""
    with Watcher.of(wheel) as watcher:
        watcher.wait_for_state(RUNNING)
        outage(
            watcher,
            measured,
            lambda: wheel.inject(Kind.STALL, 802),
            lambda: wheel.resume(802),
        )


@fault(
    "S02",
    "the recorder is killed, and starts again",
    injected="real recorder, SIGKILL; started again on its port",
    expected="no_signal (lost), then unknown, running",
    promised="<= 2 s; back <= 5 s",
)
def test_a_killed_recorder_is_no_signal_at_once(
    gst_camera: GstCamera, watcher: Watcher, measured: Measured
) -> None:
    """Seen to fail where a stream that breaks off is not told: no_signal after 8 s."""
    told, went = len(watcher.changes), system_now().at
    gst_camera.kill()
    measured("s to no_signal", watcher.wait_for_state(NO_SIGNAL) - went, at_most=2.0)
    back = system_now().at
    gst_camera.restart()
    measured("s from its return to a scored frame", watcher.wait_for_score() - back, at_most=5.0)
    watcher.wait_for_state(RUNNING)
    assert watcher.states[told:] == OUTAGE


@fault(
    "S03",
    "the recorder comes back, again and again",
    injected="real recorder, killed and started again, 5 times (long: 100)",
    expected="frames again without a restart of ours; nothing is left behind",
    promised="<= 5 s after the port answers; file descriptors and threads constant, RSS +1 %",
)
def test_nothing_is_left_behind_by_outages(
    gst_camera: GstCamera, watcher: Watcher, measured: Measured, rounds: Rounds
) -> None:
    """Seen to fail with a session that is not closed: five descriptors more."""
    us = psutil.Process()

    def cycle() -> None:
        gst_camera.kill()
        watcher.wait_for_state(NO_SIGNAL)
        gst_camera.restart()
        back = system_now().at
        watcher.wait_for_state(UNKNOWN)
        watcher.wait_for_score(2)
        measured(
            "s from its return to a scored frame", watcher.changes[-1].monotonic - back, at_most=5.0
        )

    cycle()
    before = us.num_fds(), us.num_threads(), us.memory_info().rss
    for _ in range(rounds(5, long=100)):
        cycle()
    measured("descriptors more", us.num_fds() - before[0], at_most=0)
    measured("threads more", us.num_threads() - before[1], at_most=0)
    if rounds.is_long:
        measured("% RSS more", 100 * (us.memory_info().rss / before[2] - 1), at_most=1.0)


@fault(
    "S06",
    "a hiccup of the network, shorter than the limit",
    injected="TCP proxy that passes nothing on for 3 s",
    expected="no transition; the gap empties the window",
    promised="0 transitions",
)
def test_a_hiccup_leaves_no_trace(wheel: Camera, measured: Measured) -> None:
    """Seen to fail with `lost_after` of 2 s."""
    with Proxy(wheel.port) as proxy, Watcher.of(wheel, port=proxy.port) as watcher:
        watcher.wait_for_state(RUNNING)
        proxy.hold(3.0)
        pause(3.5)
        watcher.wait_for_score(12)
        gaps = [b.at - a.at for a, b in pairwise(watcher.scores)]
    measured("transitions", len(watcher.changes) - 1, at_most=0)
    measured("s of the gap", max(gaps), at_least=2.0)


@fault(
    "S06",
    "all clients are thrown out",
    injected="real recorder drops its clients, three times",
    expected="connected again at once; no transition",
    promised="0 transitions",
)
def test_a_recorder_that_comes_back_at_once_leaves_no_trace(
    gst_camera: GstCamera, watcher: Watcher, measured: Measured
) -> None:
    """Seen to fail where a stream that breaks off is told at once: no_signal each time."""
    for _ in range(3):
        gst_camera.kick()
        watcher.wait_for_score(5)

    assert watcher.states == [RUNNING]
    assert all(after.at > before.at for before, after in pairwise(watcher.scores))
    measured("transitions", len(watcher.changes) - 1, at_most=0)


@fault(
    "S07",
    "a camera that flaps: up for 5 s, down for 5 s",
    injected="scripted camera closes and refuses, 3 times (long: 100)",
    expected="one session of ours at a time, all closed; descriptors and threads constant",
    promised="<= 1 session; 0 left behind; TEARDOWN sent",
)
def test_a_flapping_camera_gets_one_session_at_a_time(
    wheel: Camera, measured: Measured, rounds: Rounds
) -> None:
    """Seen to fail with a session that is not closed: two sessions after a stall."""
    us, most, before = psutil.Process(), 0, (0, 0)
    with Watcher.of(wheel) as watcher:
        watcher.wait_for_score()
        for n in range(rounds(3, long=100)):
            wheel.inject(Kind.REFUSE, 802, seconds=5.0)
            wheel.inject(Kind.CLOSE, 802)
            back = system_now().at + 10.0
            while system_now().at < back:
                most = max(most, wheel.counts(802).sessions)
                pause(0.1)
            if n == 0:
                before = us.num_fds(), us.num_threads()
        watcher.wait_for_score()
        measured("descriptors more", us.num_fds() - before[0], at_most=0)
        measured("threads more", us.num_threads() - before[1], at_most=0)
    measured("sessions at a time", most, at_most=1)
    measured("TEARDOWN sent at the end", wheel.counts(802).torn_down, at_least=1)
    assert wheel.counts(802).sessions == 0


@fault(
    "S05",
    "packets vanish, and nobody says so",
    injected="network namespace, iptables drops all of the recorder's packets",
    expected="no_signal (lost), then unknown, running",
    promised="<= 10 s; back <= 5 s after packets pass",
)
def test_a_black_hole_is_no_signal(measured: Measured) -> None:
    """Seen to fail with `lost_after` of 30 s: found after 15 s."""
    with network() as net, Camera([Channel(802, "flywheel")]) as camera:
        with Watcher.of(camera) as watcher:
            watcher.wait_for_state(RUNNING)
            went = system_now().at
            net.drop("tcp", camera.port)
            lost = watcher.wait_for_state(NO_SIGNAL)
            net.pass_all()
            back = system_now().at
            first = watcher.wait_for_score()
            watcher.wait_for_state(RUNNING)
        assert watcher.states == [RUNNING, *OUTAGE]
        measured("s to no_signal", lost - went, at_most=10.0)
        measured("s to a scored frame", first - back, at_most=5.0)


@pytest.mark.slow
def test_a_machine_that_stops_stops_and_is_no_lost_signal(
    gst_camera: GstCamera, watcher: Watcher
) -> None:
    gst_camera.show("stopped")
    watcher.wait_for_state(STOPPED)

    assert watcher.states == [RUNNING, STOPPED]
