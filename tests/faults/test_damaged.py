"""Pictures are damaged or lost on their way: what a decoder makes up is not taken for movement."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import cv2
import psutil
import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.file import FileSource
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sampling import Sampler
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.damage import flipped
from motion_tracking.simulator.encode import FPS
from motion_tracking.simulator.faults import Fault, Kind
from motion_tracking.simulator.rtp import split
from motion_tracking.simulator.schedule import Schedule
from motion_tracking.tracker import Scored, Tracker, play
from servers import clips, gst, lively
from servers.child import Child
from servers.gst import Channel as GstChannel
from servers.gst import ClipFolder, GstCamera
from servers.network import network
from servers.watcher import Watcher

START = Moment(0.0, 1_700_000_000.0)
TESTS = Path(__file__).parents[1]
STOPPED = MachineState.STOPPED
VISIBLE = 20
"""Grey levels."""


class Log:
    """Keeps all that is told."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.scores: list[Scored] = []

    def scored(self, scored: Scored) -> None:
        self.scores.append(scored)

    def changed(self, change: Change) -> None:
        self.changes.append(change)

    def judge(self, measured: Measured) -> None:
        """Measure what was false: it was a stopped machine all the time."""
        moving = sum(scored.moving for scored in self.scores)
        measured("% of samples judged", 100 * len(self.scores) / max(1, self.due), at_least=20.0)
        measured("% of samples that seem to move", 100 * moving / len(self.scores), at_most=1.0)
        assert [change.to_state for change in self.changes][:1] == [STOPPED]
        measured("false transitions", len(self.changes) - 1, at_most=0)

    due = 0
    """Samples that there would be of an undamaged film."""


def tracked(path: Path) -> Log:
    """Play a damaged film through the engine."""
    log = Log()
    machine = Machine(0.0)
    tracker = Tracker(
        "press1", lively.ROI, lively.THRESHOLD, Difference(lively.ROI), machine, [log]
    )
    play(frames(path), [tracker], Sampler(0.0))
    return log


def frames(path: Path) -> Iterator[Frame]:
    with suppress(SourceError):
        yield from FileSource(str(path), lambda: START, paced=False).frames()


def falsely_shown(path: Path, film: list[bytes]) -> float:
    """Return which part of the pictures handed out, in percent, is not what was sent."""
    sent = [frame.luma.copy() for frame in frames(lively.write(path.with_name("sent.ts"), film))]
    false = shown = 0
    for frame in frames(path):
        true = sent[round(frame.at * FPS) % len(sent)]
        false += bool((cv2.absdiff(frame.luma, true) > VISIBLE).any())
        shown += 1
    return 100 * false / shown


def hit(unit: bytes, random: Random, share: float) -> bytes:
    """Turn bits over in that share of the slices of a picture."""
    out = b""
    for nal in split(unit):
        is_slice = nal[0] & 31 in (1, 5)
        struck = is_slice and random.random() < share
        out += b"\x00\x00\x00\x01" + (flipped(nal, random) if struck else nal)
    return out


def without_keys(film: Iterable[bytes], random: Random, share: float) -> Iterator[bytes | None]:
    for n, unit in enumerate(film):
        yield None if n % FPS == 0 and n and random.random() < share else unit


@fault(
    "S14",
    "slices are damaged",
    injected="3 bits turned over in 2 % of the slices; 6 min of a stopped machine (long: 1 h)",
    expected="nothing is judged from a damaged picture to the next key frame",
    promised="0 false transitions",
)
def test_damaged_slices_are_no_movement(tmp_path: Path, measured: Measured, rounds: Rounds) -> None:
    """
    Seen to fail where the pictures after a damaged one are handed out: 12.7 % of the samples
    seemed to move, though no transition came of it.
    """
    seconds, random, film = rounds(360, long=3600), Random(1), lively.units()
    damaged = (hit(unit, random, 0.02) for unit in lively.hours(film, seconds))
    path = lively.write(tmp_path / "damaged.ts", damaged)
    log = tracked(path)
    log.due = 2 * seconds
    false = falsely_shown(path, film)
    measured("% of the pictures handed out that are false", false, at_most=2.0)
    log.judge(measured)


@fault(
    "S15",
    "key frames are lost",
    injected="one key frame of five is not sent; 6 min of a stopped machine (long: 1 h)",
    expected="nothing is judged until the next key frame",
    promised="0 false transitions",
)
def test_lost_key_frames_are_no_movement(
    tmp_path: Path, measured: Measured, rounds: Rounds
) -> None:
    """
    Seen to fail where the pictures after a lost key frame were handed out: the decoder holds most
    of them back, flags none, and 2.1 % were false.
    """
    seconds, film = rounds(360, long=3600), lively.units()
    keyless = without_keys(lively.hours(film, seconds), Random(2), 0.2)
    path = lively.write(tmp_path / "keyless.ts", keyless)
    log = tracked(path)
    log.due = 2 * seconds
    false = falsely_shown(path, film)
    measured("% of the pictures handed out that are false", false, at_most=0.0)
    log.judge(measured)


@fault(
    "S14",
    "a camera sends damaged pictures",
    injected="scripted camera: 2 % damaged, one key frame of five lost, for 30 s (long: 10 min)",
    expected="stopped stays stopped",
    promised="0 false transitions",
)
def test_a_camera_that_sends_damaged_pictures_makes_no_movement(
    measured: Measured, rounds: Rounds
) -> None:
    """Over the network, as the rows above are from a file."""
    faults = (Fault(Kind.DAMAGE, amount=0.02), Fault(Kind.KEYLESS, amount=0.2))
    channel = Channel(802, "press", Schedule(running=False), faults=faults)
    with Camera([channel]) as camera, Watcher.of(camera) as watcher:
        watcher.wait_for_state(STOPPED)
        threading.Event().wait(rounds(30, long=600))
        measured("false transitions", len(watcher.changes) - 1, at_most=0)


@fault(
    "S14",
    "streams that nobody meant to send",
    injected="300 mutated streams (long: 10,000), each decoded by a child process",
    expected="no exception but those that are a broken stream; no crash",
    promised="0 crashes",
)
def test_no_mutated_stream_brings_the_decoder_down(measured: Measured, rounds: Rounds) -> None:
    """
    Seen to fail without the limit of pixels: a picture of 16,384 x 16,384 that was announced, and
    never sent, took 430 MB and minutes of a processor.
    """
    count, crashed, uncaught, largest, shown = rounds(300, long=10_000), 0, 0, 0.0, 0
    first = 0
    while first < count:
        batch = min(500, count - first)
        done, code, text, rss = decoded(first, batch)
        largest = max(largest, rss)
        shown += sum(pictures for _, pictures in done)
        crashed += code < 0
        uncaught += code > 0
        assert code <= 0, text
        first += batch if code == 0 else len(done) + 1
    measured("crashes of the child", crashed, at_most=0)
    measured("exceptions that nobody expects", uncaught, at_most=0)
    measured("MB of memory at most", largest, at_most=420.0)
    measured("pictures shown", shown, at_least=1)
    measured.note(f"of {count} streams")


def decoded(first: int, count: int) -> tuple[list[tuple[int, int]], int, str, float]:
    """Return which streams a child lived through, its exit code, its words and its megabytes."""
    with Child(
        [sys.executable, "-m", "faults.mutants", str(first), str(count)],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        lived, rss, us = [], 0.0, psutil.Process(child.pid)
        for line in child.stdout:
            number, shown = line.split()
            lived.append((int(number), int(shown)))
            with suppress(psutil.Error):
                rss = max(rss, us.memory_info().rss / 1e6)
        text = child.stderr.read()
    return lived, child.returncode, text, rss


class Lively(ClipFolder):
    """The clip of a stopped machine in a lively hall, for a real recorder."""

    def files(self, channel: GstChannel) -> dict[str, str]:
        path = self.folder / "lively.units"
        clips.write(path, iter(lively.units()))
        return {channel.clip: str(path)}


class Witness:
    """Compares the pictures that are handed out with those of the film that is sent."""

    def __init__(self, folder: Path) -> None:
        film = lively.write(folder / "sent.ts", lively.units())
        self._sent = [frame.luma.copy() for frame in frames(film)]
        self._next = 0
        self.shown = self.false = 0

    def follow(self, source: RtspSource) -> RtspSource:
        """Return the source; what it hands out is compared from now on."""
        handed_out = source.frames

        def compared() -> Iterator[Frame]:
            for frame in handed_out():
                self.shown += 1
                self.false += not self._was_sent(frame.luma)
                yield frame

        source.frames = compared  # type: ignore[method-assign]
        return source

    def _was_sent(self, luma: Grey) -> bool:
        count = len(self._sent)
        for n in range(count):  # most likely the one after the last
            place = (self._next + n) % count
            if not (cv2.absdiff(luma, self._sent[place]) > VISIBLE).any():
                self._next = place + 1
                return True
        return False


@fault(
    "S13",
    "packets are lost on UDP",
    injected="real recorder over UDP, iptables drops 5 % at random; 40 s stopped (long: 1 h)",
    expected="stopped stays stopped; no picture is handed out that was made up",
    promised="0 false running minutes; <= 2 % of the pictures are false",
)
def test_lost_packets_are_no_movement(tmp_path: Path, measured: Measured, rounds: Rounds) -> None:
    """Seen to fail where a gap in the time stamps says nothing: 26.8 % were false."""
    if gst.interpreter() is None:
        pytest.skip("no gst-rtsp-server")
    witness = Witness(tmp_path)
    with network() as net:
        channel = GstChannel(802, size=lively.SIZE, fps=FPS)
        recorder = GstCamera(tmp_path, Lively(tmp_path), [channel], auth="none")

        def source() -> RtspSource:
            return witness.follow(RtspSource(recorder.address(), system_now, transport="udp"))

        with recorder, Watcher(source, lively.ROI, lively.THRESHOLD) as watcher:
            watcher.wait_for_state(STOPPED)
            scored = len(watcher.scores)
            net.lose("udp", 0.05)
            threading.Event().wait(rounds(40, long=3600))
            lost = net.dropped()
            judged = watcher.scores[scored:]
    measured("packets lost", lost, at_least=20)
    measured("samples judged", len(judged), at_least=1)
    false = 100 * witness.false / witness.shown
    measured("% of the pictures handed out that are false", false, at_most=2.0)
    measured("samples that seem to move", sum(scored.moving for scored in judged))
    measured("false transitions", len(watcher.changes) - 1, at_most=0)
