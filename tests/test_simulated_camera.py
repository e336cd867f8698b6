"""Does our camera behave as real ones do, to a real client?  PyAV, and bare sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice, pairwise, takewhile
from pathlib import Path
from urllib.parse import quote

import av
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Fault, Kind
from motion_tracking.simulator.scenes import MACHINES
from motion_tracking.simulator.schedule import Schedule
from servers.child import Child
from waiting import until

pytestmark = pytest.mark.slow

USER, PASSWORD = "viewer", 'p@:/#?% "\\=&+ü'
FPS = 12
STEP = 90_000 // FPS
SEQUENCE_SET = 7  # the kind of NAL unit that a keyframe begins with
PATIENCE = 10.0
"""Seconds that nothing here should need."""


def shortly_before_a_second() -> float:
    """Return an origin that makes the first keyframe come soon."""
    return time.monotonic() - 0.8


def with_password(url: str, password: str = PASSWORD) -> str:
    return url.replace("rtsp://", f"rtsp://{USER}:{quote(password, safe='')}@")


@contextmanager
def opened(
    url: str, transport: str = "tcp", timeout: float = 5.0
) -> Iterator[av.container.InputContainer]:
    options = {"rtsp_transport": transport, "analyzeduration": "200000"}
    with av.open(url, options=options, timeout=(timeout, timeout)) as container:
        container.streams.video[0].codec_context.thread_type = "NONE"
        yield container


def frames(url: str) -> Iterator[av.VideoFrame]:
    with opened(url) as container:
        yield from container.decode(video=0)


def pictures(url: str, count: int) -> list[Grey]:
    """Return the luma of the first pictures, (height, width)."""
    with closing(frames(url)) as decoded:
        return [luma(frame) for frame in islice(decoded, count)]


def luma(frame: av.VideoFrame) -> Grey:
    return frame.to_ndarray()[: frame.height]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Camera]:
    """A camera that asks for a password; its channel 1 has no session to give."""
    full = Channel(1, faults=(Fault(Kind.LIMIT, amount=0),))
    with Camera([full], username=USER, password=PASSWORD) as camera:
        yield camera


@pytest.fixture
def camera() -> Iterator[Camera]:
    """A camera for everyone, with a wheel that always turns."""
    with Camera([Channel(802, "flywheel")], origin=shortly_before_a_second()) as camera:
        yield camera


@pytest.mark.parametrize("auth", ["digest", "basic"])
def test_the_right_password_is_let_in(auth: str) -> None:
    with Camera([Channel(802)], username=USER, password=PASSWORD, auth=auth) as camera:
        assert [p.shape for p in pictures(with_password(camera.url(802)), 3)] == [(288, 352)] * 3
        assert camera.counts(802).refused == 0
        with pytest.raises(av.error.HTTPUnauthorizedError):
            pictures(with_password(camera.url(802), "wrong"), 1)
        with pytest.raises(av.error.HTTPUnauthorizedError):
            pictures(camera.url(802), 1)
        assert camera.counts(802).refused >= 1
        assert PASSWORD not in repr(camera) + repr(vars(camera))


@settings(max_examples=15)
@given(
    password=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
)
def test_any_printable_password_is_let_in(guarded: Camera, password: str) -> None:
    """To channel 1, which then says that it is full: that is quicker than a picture."""
    guarded.password = password
    with pytest.raises(av.error.HTTPOtherClientError):
        pictures(with_password(guarded.url(1), password), 1)
    with pytest.raises(av.error.HTTPUnauthorizedError):
        pictures(with_password(guarded.url(1), password + "x"), 1)


def test_an_unknown_channel_is_not_found(camera: Camera) -> None:
    for url in (camera.url(803), camera.url(802) + "0", camera.url(802).replace("Str", "")):
        with pytest.raises(av.error.HTTPNotFoundError):
            pictures(url, 1)


def test_the_path_may_be_written_in_any_case(camera: Camera) -> None:
    assert pictures(camera.url(802).replace("S", "s").replace("C", "c") + "?transport=tcp", 1)


def test_over_udp_nothing_is_to_be_had(camera: Camera) -> None:
    with pytest.raises(av.error.FFmpegError), opened(camera.url(802), "udp"):
        pass
    with opened(camera.url(802), "udp+tcp") as container:
        assert next(container.decode(video=0))


def test_time_stamps_are_even_over_the_seams_of_the_film(camera: Camera) -> None:
    """Every second a keyframe, after two seconds the film begins again."""
    with opened(camera.url(802)) as container:
        packets = list(islice(container.demux(video=0), 4 * FPS))

    stamps = [packet.pts for packet in packets if packet.pts is not None]
    assert len(stamps) > 3 * FPS
    assert {after - before for before, after in pairwise(stamps)} == {STEP}
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == [
        *range(0, 4 * FPS, FPS)
    ]


def test_time_stamps_may_wrap() -> None:
    with (
        Camera([Channel(802, first_timestamp=2**32 - 135_000)]) as camera,
        opened(camera.url(802)) as container,
    ):
        stamps = [packet.pts for packet in islice(container.demux(video=0), FPS)]

    assert {b - a for a, b in pairwise(stamps[1:]) if a is not None and b is not None} == {STEP}


def test_the_pictures_follow_the_schedule() -> None:
    channel = Channel(802, "flywheel", Schedule(spans=(2, 1)))
    detector, seen = Difference(channel.roi), []
    with Camera([channel]) as camera:
        for frame in takewhile(lambda _: camera.now() < 4, frames(camera.url(802))):
            score = detector.score(Frame(luma(frame), 0.0, 0.0, full_range=False))
            seen.append((camera.now(), score))

    # how long a picture is under way differs; a picture says what moved since the one before it
    settled = [
        (channel.schedule.running_at(at), score)
        for at, score in seen[2:]
        if score is not None and all(abs(at - edge) > 0.35 for edge in (2, 3))
    ]
    assert len(settled) >= FPS
    assert {running for running, _ in settled} == {True, False}
    assert all((score > channel.threshold) is running for running, score in settled)


def test_all_clients_of_a_channel_see_the_same(camera: Camera) -> None:
    with opened(camera.url(802)) as one, opened(camera.url(802)) as other:
        assert camera.counts(802).sessions == 2
        seen = [
            {luma(frame).tobytes() for frame in islice(container.decode(video=0), 2 * FPS)}
            for container in (one, other)
        ]

    assert len(seen[0] & seen[1]) > FPS
    until(lambda: camera.counts(802).sessions == 0)
    counts = camera.counts(802)
    assert (counts.sessions_ever, counts.frames_dropped) == (2, 0)
    assert counts.frames_sent >= 4 * FPS


def test_a_channel_has_only_so_many_sessions(camera: Camera) -> None:
    camera.inject(Kind.LIMIT, 802, amount=1)
    with opened(camera.url(802)):
        with pytest.raises(av.error.HTTPOtherClientError):
            pictures(camera.url(802), 1)
        camera.resume(802)
        assert pictures(camera.url(802), 1)


def test_a_channel_can_be_gone_for_a_while(camera: Camera) -> None:
    camera.inject(Kind.REFUSE, 802)
    with pytest.raises(av.error.HTTPNotFoundError):
        pictures(camera.url(802), 1)
    camera.resume(802, Kind.REFUSE)
    assert pictures(camera.url(802), 1)


def test_a_stalled_channel_sends_nothing_and_comes_back(camera: Camera) -> None:
    waits = []
    with opened(camera.url(802)) as container:
        packets = container.demux(video=0)
        next(packets)
        camera.inject(Kind.STALL, 802, seconds=0.5)
        seen = [next(packets)]
        while len(seen) < FPS:
            before = time.monotonic()
            seen.append(next(packets))
            waits.append(time.monotonic() - before)

    assert 0.4 < max(waits) < 2.5
    [(gap, after)] = [
        (after.pts - before.pts, after)
        for before, after in pairwise(seen)
        if after.pts - before.pts > STEP
    ]
    assert gap > 0.5 * 90_000
    assert after.is_keyframe


def test_a_frozen_channel_sends_the_same_picture(camera: Camera) -> None:
    with closing(frames(camera.url(802))) as decoded:
        next(decoded)
        camera.inject(Kind.FREEZE, 802, seconds=0.5)
        seen = [luma(frame) for frame in islice(decoded, 2 * FPS)]

    same = [bool((one == other).all()) for one, other in pairwise(seen)]
    assert same.count(True) >= 0.4 * FPS
    assert not any(same[-FPS // 2 :])


def test_clients_can_be_thrown_out_and_come_back(camera: Camera) -> None:
    with opened(camera.url(802)) as container:
        packets = container.demux(video=0)
        next(packets)
        camera.inject(Kind.CLOSE, 802)
        assert len(list(packets)) < 2 * FPS

    until(lambda: camera.counts(802).sessions == 0)
    assert pictures(camera.url(802), 1)


def test_a_silent_channel_never_describes_itself(camera: Camera) -> None:
    camera.inject(Kind.SILENCE, 802)
    with (
        pytest.raises((av.error.ExitError, av.error.InvalidDataError)),  # its word for a time-out
        opened(camera.url(802), timeout=1),
    ):
        pass
    camera.resume()
    assert pictures(camera.url(802), 1)


def test_a_channel_can_change_the_size_of_its_picture(camera: Camera) -> None:
    with closing(frames(camera.url(802))) as decoded:
        next(decoded)
        camera.inject(Kind.SIZE, 802, seconds=1, size=(704, 576))
        sizes = [(frame.width, frame.height) for frame in islice(decoded, 3 * FPS)]

    changes = [one for one, other in pairwise([*sizes, None]) if one != other]
    assert changes == [(352, 288), (704, 576), (352, 288)]
    with pytest.raises(ValueError, match="even sides"):
        camera.inject(Kind.SIZE, 802, size=(353, 288))


def test_time_stamps_can_jump(camera: Camera) -> None:
    with opened(camera.url(802)) as container:
        packets = container.demux(video=0)
        stamps = [packet.pts for packet in islice(packets, 4)]
        for amount in (3600, -10):
            camera.inject(Kind.JUMP, 802, amount=amount)
            stamps += [packet.pts for packet in islice(packets, 4)]

    steps = [after - before for before, after in pairwise(stamps[1:])]
    jumps = [step - STEP for step in steps if step != STEP]
    assert jumps == [3600 * 90_000, -10 * 90_000]


def test_faults_can_be_scripted() -> None:
    faults = (Fault(Kind.REFUSE, at=0, seconds=0.5), Fault(Kind.CLOSE, at=2.5))
    with Camera([Channel(802, faults=faults)]) as camera:
        with pytest.raises(av.error.HTTPNotFoundError):
            pictures(camera.url(802), 1)
        until(lambda: camera.now() > 0.5)
        assert 1 <= len(list(frames(camera.url(802)))) <= 2.5 * FPS
        assert 2.4 < camera.now() < 3.5


class BareClient:
    """A client made of a socket, to be as odd as we like."""

    def __init__(self, camera: Camera) -> None:
        self.socket = socket.create_connection(("127.0.0.1", camera.port), PATIENCE)
        self.url, self.sequence = camera.url(802), 0

    def ask(self, method: str, *headers: str, path: str = "") -> tuple[int, str]:
        self.sequence += 1
        lines = [f"{method} {self.url}{path} RTSP/1.0", f"CSeq: {self.sequence}", *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.receive(1)
        assert f"CSeq: {self.sequence}" in head.decode()
        return int(head.split()[1]), head.decode()

    def receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def set_up(self) -> str:
        status, head = self.ask(
            "SETUP", "Transport: RTP/AVP/TCP;interleaved=4-5", path="/trackID=1"
        )
        assert status == 200
        return head.partition("Session: ")[2].partition(";")[0]

    def packet(self) -> tuple[int, bytes]:
        """Return the next packet, and on which channel it came."""
        sign, channel, high, low = self.receive(4)
        assert sign == ord("$")
        return channel, self.receive(high * 256 + low)


@pytest.fixture
def client(camera: Camera) -> Iterator[BareClient]:
    client = BareClient(camera)
    with client.socket:
        yield client


def test_a_session_is_known_by_its_name(client: BareClient) -> None:
    assert client.ask("PLAY")[0] == 454
    session = client.set_up()
    for method in ("PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN"):
        assert client.ask(method, "Session: another")[0] == 454
    assert client.ask("SETUP", "Transport: RTP/AVP/TCP", path="/trackID=1")[0] == 455
    assert client.ask("GET_PARAMETER", f"Session: {session}")[0] == 200
    assert client.ask("TEARDOWN", f"Session: {session}")[0] == 200
    assert client.ask("PLAY", f"Session: {session}")[0] == 454


def test_requests_no_camera_knows_are_refused(client: BareClient) -> None:
    assert "DESCRIBE" in client.ask("OPTIONS")[1]
    assert client.ask("GET_PARAMETER")[0] == 200
    assert client.ask("RECORD")[0] == 501
    assert client.ask("SETUP", "Transport: RTP/AVP;client_port=9-10")[0] == 461
    client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert b"400 Bad Request" in client.receive(24)
    assert client.socket.recv(100).endswith(b"\r\n\r\n")
    assert client.socket.recv(1) == b""


def test_reports_say_which_time_the_stamps_mean(camera: Camera, client: BareClient) -> None:
    session = client.set_up()
    client.ask("PLAY", f"Session: {session}")
    channel, report = client.packet()
    assert channel == 5
    channel, picture = client.packet()
    assert channel == 4
    now, stamp = time.time(), int.from_bytes(picture[4:8])

    utc = int.from_bytes(report[8:12]) - 2_208_988_800 + int.from_bytes(report[12:16]) / 2**32
    assert report[1] == 200
    later = (stamp - int.from_bytes(report[16:20])) % 2**32 / 90_000
    assert utc + later == pytest.approx(now, abs=0.5)


def test_a_slow_client_loses_pictures_and_holds_nobody_up() -> None:
    """A frozen channel sends nothing but keyframes, so buffers are soon full."""
    with Camera([Channel(802, size=(704, 576))]) as camera:
        slow, stamps = BareClient(camera), []
        with slow.socket, opened(camera.url(802)) as container:
            slow.ask("PLAY", f"Session: {slow.set_up()}")
            camera.inject(Kind.FREEZE)
            for packet in container.demux(video=0):
                stamps.append(packet.pts)
                if camera.counts(802).frames_dropped == 1:
                    camera.resume()
                if camera.counts(802).frames_dropped > 1.5 * FPS:
                    break
            assert first_after_a_gap(slow)[12] & 31 == SEQUENCE_SET

    assert {after - before for before, after in pairwise(stamps[1:])} == {STEP}


def first_after_a_gap(client: BareClient) -> bytes:
    """Return the first packet after pictures are missing."""
    before = None
    while True:
        channel, packet = client.packet()
        stamp = int.from_bytes(packet[4:8])
        if channel == 4 and before is not None and (stamp - before) % 2**32 > STEP:
            return packet
        before = stamp if channel == 4 else before


def test_a_closed_camera_leaves_nothing_behind() -> None:
    threads, sockets = set(threading.enumerate()), psutil.Process().net_connections()
    camera = Camera([Channel(802), Channel(702)])
    camera.close()
    for _ in range(2):  # it can be started again, on the same port, with clients on it
        camera.start()
        port = camera.port
        with opened(camera.url(802)) as container, BareClient(camera).socket as idle:
            packets = container.demux(video=0)
            next(packets)
            camera.close()
            assert set(threading.enumerate()) == threads
            camera.close()
            assert len(list(packets)) < 2 * FPS
            assert idle.recv(1) == b""
        with pytest.raises(OSError, match=r"refused|10061"):
            socket.create_connection(("127.0.0.1", port), 1)
        assert camera.port == port
        assert camera.counts(802).sessions_ever == 1

    assert len(psutil.Process().net_connections()) == len(sockets)


def test_a_port_that_is_taken_is_told(camera: Camera) -> None:
    second = Camera([Channel(802)], port=camera.port)
    with pytest.raises(OSError, match=r"in use|10048"):
        second.start()
    second.close()


@contextmanager
def process(tmp_path: Path, spec: object, *flags: str) -> Iterator[Child]:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    command = [sys.executable, "-m", "motion_tracking.simulator", *flags, str(path)]
    with Child(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "CAMERA_PASSWORD": PASSWORD},
    ) as running:
        try:
            yield running
        finally:
            running.kill()


SPEC = {
    "username": USER,
    "password_from": "CAMERA_PASSWORD",
    "channels": [{"number": 802, "size": [176, 144]}],
}


def test_a_camera_can_be_a_process_and_ends_with_its_parent(tmp_path: Path) -> None:
    with process(tmp_path, SPEC, "--with-parent") as running:
        assert running.stdout is not None
        assert running.stdin is not None
        ready = json.loads(running.stdout.readline())
        assert ready["ready"] is True
        assert ready["pid"] == running.pid
        assert ready["started"] == pytest.approx(time.time(), abs=PATIENCE)
        url = f"rtsp://127.0.0.1:{ready['port']}/Streaming/Channels/802"
        assert pictures(with_password(url), 2)[0].shape == (144, 176)
        running.stdin.close()
        assert running.wait(PATIENCE) == 0
        assert running.stdout.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end others with")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("flags", [(), ("--with-parent",)])
def test_a_camera_process_ends_when_told(
    tmp_path: Path, ending: signal.Signals, flags: tuple[str, ...]
) -> None:
    with process(tmp_path, SPEC, *flags) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.send_signal(ending)
        assert running.wait(PATIENCE) == 0
        assert running.stderr.read() == ""


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"channels": []}, "the camera has no channels"),
        ({**SPEC, "password_from": "MISSING"}, "no environment variable MISSING"),
        ({"password": {"canary": 1}, "channels": [{"number": 1}]}, "password: a text is needed"),
    ],
)
def test_a_camera_process_says_what_is_wrong_with_its_spec(
    tmp_path: Path, spec: object, told: str
) -> None:
    with process(tmp_path, spec) as running:
        said, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 2
    assert said == ""
    assert told in errors
    assert len(errors.splitlines()) == 1
    assert "canary" not in errors


def test_a_camera_process_says_when_its_port_is_taken(tmp_path: Path, camera: Camera) -> None:
    with process(tmp_path, {**SPEC, "port": camera.port}) as running:
        _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 3
    assert f"port {camera.port} cannot be had" in errors


def test_four_machines_are_encoded_in_no_time() -> None:
    """By the processor's clock, so that busy neighbours do not matter."""
    before = time.process_time()
    with Camera([Channel(n + 1, name, seed=99) for n, name in enumerate(MACHINES)]):
        assert time.process_time() - before < 3


def test_damaged_pictures_are_flagged_and_the_others_are_not(camera: Camera) -> None:
    with closing(frames(camera.url(802))) as decoded:
        sound = [frame.is_corrupt for frame in islice(decoded, 2 * FPS)]
        camera.inject(Kind.DAMAGE, 802, amount=1.0)
        damaged = [frame.is_corrupt for frame in islice(decoded, 2 * FPS)]

    assert not any(sound)
    assert any(damaged)


def test_a_camera_can_lose_its_key_frames(camera: Camera) -> None:
    with opened(camera.url(802)) as container:
        packets = container.demux(video=0)
        next(packets)
        camera.inject(Kind.KEYLESS, 802, amount=1.0)
        seen = list(islice(packets, 3 * FPS))

    assert not any(packet.is_keyframe for packet in seen)


def test_a_client_can_be_let_in_midway() -> None:
    with Camera([Channel(802, faults=(Fault(Kind.MIDWAY),))]) as camera:
        begins = []
        for _ in range(4):
            with opened(camera.url(802)) as container:
                begins.append(next(container.demux(video=0)).is_keyframe)

    assert not all(begins)


def test_a_slow_camera_sends_one_picture_a_second(camera: Camera) -> None:
    with opened(camera.url(802)) as container:
        packets = container.demux(video=0)
        next(packets)
        camera.inject(Kind.SLOW, 802, seconds=3)
        stamps = [packet.pts for packet in islice(packets, 2 * FPS)]

    steps = [after - before for before, after in pairwise(stamps)]
    assert steps.count(90_000) >= 2
    assert set(steps[-FPS // 2 :]) == {STEP}


def test_time_stamps_can_stand_still(camera: Camera) -> None:
    client = BareClient(camera)
    with client.socket:
        client.ask("PLAY", f"Session: {client.set_up()}")
        camera.inject(Kind.CLOCK, 802)
        stamps = []
        while len(stamps) < 60:
            channel, packet = client.packet()
            if channel == 4:
                stamps.append(packet[4:8])

    assert len(set(stamps[-20:])) == 1
