"""A camera changes its habits: size, time stamps, frame rate, key frames, light."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import av
import pytest
from av.codec.context import Flags2

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture import rtsp
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.decoding import decode
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.pace import TOO_FEW
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Fault, Kind
from servers.plant import Plant, area
from servers.watcher import Watcher

RUNNING, NO_SIGNAL = MachineState.RUNNING, MachineState.NO_SIGNAL


def pause(seconds: float) -> None:
    """Let a camera go on with its habits."""
    threading.Event().wait(seconds)


@fault(
    "S16",
    "the stream is joined in the middle of a group of pictures",
    injected="scripted camera that does not wait for a key frame, joined 8 times (long: 500) by a"
    " decoder that does not wait either",
    expected="nothing is judged before a key frame",
    promised="the first frame is a key frame, 100 %",
)
def test_the_first_frame_is_a_key_frame(
    measured: Measured, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail where `_Health` allows every picture: 25 % began with a key frame."""
    count, keys = rounds(8, long=500), 0
    monkeypatch.setattr(rtsp, "decode", showing_all)
    with Camera([Channel(802, faults=(Fault(Kind.MIDWAY),))]) as camera:
        for n in range(count):
            pause(0.13 * (n % 7))
            with closing(rtsp.RtspSource(camera.url(802), system_now).frames()) as frames:
                keys += next(frames).key
    measured("% that begin with a key frame", 100 * keys / count, at_least=100.0)


def showing_all(
    container: av.container.InputContainer,
    lossy: bool,
    tap: Callable[..., None] | None,
    _thrift: object,
) -> Iterator[av.VideoFrame]:
    """Decode by a decoder that does not wait for a key frame, as today's does of its own accord."""
    container.streams.video[0].codec_context.flags2 |= Flags2.show_all
    return decode(container, lossy, tap)


@fault(
    "S17",
    "key frames are rare, as of a smart codec",
    injected="scripted camera, a key frame every 15 s, for 20 s (long: one a minute, 10 min)",
    expected="no no_signal between them; init warns",
    promised="0 false no_signal; the gap is known",
)
def test_rare_key_frames_are_no_lost_signal(measured: Measured, rounds: Rounds) -> None:
    """
    Seen to fail where only key frames are samples: no_signal between them.  That `init` warns is in
    `test_doubts.py::test_rare_key_frames_are_told`.
    """
    every = rounds(15, long=60)
    channel = Channel(802, "flywheel", key_every=every, faults=(Fault(Kind.MIDWAY),))
    with Camera([channel]) as camera, Watcher.of(camera) as watcher:
        watcher.wait_for_state(RUNNING)  # after the first key frame, and no_signal until then
        told = len(watcher.changes)
        pause(rounds(20, long=600))
        measured("transitions", len(watcher.changes) - told, at_most=0)
        measured("s without a key frame", watcher.reader.keys_apart, at_least=every - 3.0)


@fault(
    "S19",
    "time stamps jump, stand still and wrap",
    injected="scripted camera: +1 h, -10 s, standing for 3 s, 32 bits running over after 12 s",
    expected="the time of a change is when it was seen; no transition",
    promised="error <= 1 s; 0 transitions",
)
def test_time_stamps_that_jump_change_nothing(measured: Measured) -> None:
    """Seen to fail with frames stamped by `picture.time`: the machine was lost for an hour."""
    wrapping = 2**32 - 12 * 90_000
    with (
        Camera([Channel(802, "flywheel", first_timestamp=wrapping)]) as camera,
        Watcher.of(camera) as watcher,
    ):
        watcher.wait_for_state(RUNNING)
        for amount in (3600.0, -10.0):
            camera.inject(Kind.JUMP, 802, amount=amount)
            pause(3.0)
        camera.inject(Kind.CLOCK, 802, seconds=3.0)
        pause(4.0)
        watcher.wait_for_score(8)
        newest, now = watcher.scores[-1], system_now()
        measured("transitions", len(watcher.changes) - 1, at_most=0)
        measured(
            "s that the newest sample is dated wrongly", abs(newest.utc - now.utc), at_most=1.0
        )


@fault(
    "S20",
    "the size of the picture changes in the stream",
    injected="scripted camera, 352x288 becomes 704x576 for 6 s",
    expected="no_signal (geometry) from the first new frame on; the area is never cut from it",
    promised="<= 2 s, the key frame included; 0 other transitions",
)
def test_another_size_is_no_signal_at_once(measured: Measured) -> None:
    """Seen to fail without the comparison in `Tracker.frame`: it went on as running."""
    with Camera([Channel(802, "flywheel")]) as camera, Watcher.of(camera) as watcher:
        watcher.wait_for_state(RUNNING)
        went = system_now().at
        camera.inject(Kind.SIZE, 802, seconds=6.0, size=(704, 576))
        lost = watcher.wait_for_state(NO_SIGNAL)
        watcher.wait_for_state(RUNNING)
        change: Change = watcher.changes[1]
        measured("s to no_signal", lost - went, at_most=2.0)  # it comes with the next key frame
        assert change.reason is Reason.GEOMETRY
        assert watcher.states == [RUNNING, NO_SIGNAL, MachineState.UNKNOWN, RUNNING]
        measured("false transitions", len(watcher.changes) - 4, at_most=0)


@fault(
    "S26",
    "an overloaded recorder sends one picture a second",
    injected="scripted camera, 12 pictures a second become one, for 25 s (long: 10 min)",
    expected="the state stays",
    promised="0 transitions",
)
def test_one_picture_a_second_is_enough(measured: Measured, rounds: Rounds) -> None:
    """Seen to fail with a `gap` of 0.9 s: the window was never full, the machine unknown."""
    with Camera([Channel(802, "flywheel")]) as camera, Watcher.of(camera) as watcher:
        watcher.wait_for_state(RUNNING)
        camera.inject(Kind.SLOW, 802)
        seconds = rounds(25, long=600)
        pause(seconds)
        few = [scored for scored in watcher.scores if scored.at > system_now().at - seconds + 2]
        measured("transitions", len(watcher.changes) - 1, at_most=0)
        measured("samples a second", len(few) / seconds, at_least=0.8)


@fault(
    "S26",
    "an overloaded recorder is told of",
    injected="scripted camera that sends one picture a second",
    expected="one warning in the log; `status` and `check` say so",
    promised="1 warning",
)
def test_too_few_pictures_are_warned_of_once(
    measured: Measured, rounds: Rounds, tmp_path: Path
) -> None:
    """Seen to fail without the `Pace` of the keeper."""
    plant = Plant(tmp_path)
    channel = Channel(802, "flywheel", faults=(Fault(Kind.SLOW),))
    machine = {"channel": 802, "threshold": channel.threshold, **area(channel.roi)}
    with Camera([channel]) as camera:
        plant.configure(
            {"press1": machine}, stream={"ip_address": "127.0.0.1", "port": camera.port}
        )
        with plant.tracking("press1") as tracker:
            start = system_now().at
            while TOO_FEW not in "".join(tracker.output):
                assert system_now().at < start + 180, "".join(tracker.output)
                pause(0.5)
            measured("s until it is told", system_now().at - start, at_most=60.0)
            pause(rounds(20, long=600))  # a heartbeat, and then some
            status, check = plant.run("status"), plant.run("check")
            assert tracker.stop() == 0
    measured("warnings in the log", "".join(tracker.output).count(TOO_FEW), at_most=1)
    assert f"{TOO_FEW}" in status.stdout
    assert f"press1: {TOO_FEW}" in check.stdout
