"""Do simulated machines look as their schedule says, and does the camera say it in good RTP?"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, islice, pairwise
from math import inf

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.machine import Machine, MachineState, Rules
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sampling import Sampler
from motion_tracking.simulator.access import Access, Auth
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.encode import STILL, film
from motion_tracking.simulator.faults import Fault, Faults, Kind
from motion_tracking.simulator.playing import Player, Reel
from motion_tracking.simulator.rtp import LARGEST, Stream, packetise
from motion_tracking.simulator.rtsp import RequestReader, interleaved
from motion_tracking.simulator.scenes import MACHINES, Noise, Scene
from motion_tracking.simulator.schedule import Edge, Schedule
from motion_tracking.simulator.source import SimulatedSource
from motion_tracking.simulator.spec import camera

SMALL = (176, 144)
FPS = 12


@pytest.fixture(params=MACHINES)
def scene(request: pytest.FixtureRequest) -> Scene:
    return MACHINES[request.param](SMALL)


def test_a_machine_is_seen_to_run_and_to_stop(scene: Scene) -> None:
    """With the seed's detector, in the shortest window of the demo and in the usual one."""
    schedule, noise = Schedule(spans=(33,)), Noise(SMALL)
    sampler, detector = Sampler(0.0), Difference(scene.roi)
    machines = [Machine(0.0, Rules(window=window)) for window in (10.0, 30.0)]
    seen: list[list[tuple[MachineState, float]]] = [[], []]
    for n in range(60 * FPS):
        at = n / FPS
        if not sampler.take(at):
            continue
        frame = Frame(noise.add(scene.draw(schedule.ran(at))), at, at)
        score = detector.score(frame)
        moving = None if score is None else score > scene.threshold
        for machine, transitions in zip(machines, seen, strict=True):
            transitions += [(t.to_state, t.occurred_at) for t in machine.see(at, moving)]

    for transitions in seen:
        assert [state for state, _ in transitions] == [MachineState.RUNNING, MachineState.STOPPED]
        assert transitions[1][1] == pytest.approx(33, abs=2)


def test_a_running_machine_moves_most_of_the_time(scene: Scene) -> None:
    detector, sampler, noise = Difference(scene.roi), Sampler(0.0), Noise(SMALL)
    moments = [n / FPS for n in range(24 * FPS) if sampler.take(n / FPS)]
    frames = [Frame(noise.add(scene.draw(at)), at, at) for at in moments]
    scores = [detector.score(frame) or 0 for frame in frames]

    assert np.mean([score > scene.threshold for score in scores]) > 0.65


def test_a_standing_machine_never_moves_wherever_it_stands(scene: Scene) -> None:
    noise = Noise(SMALL)
    for phase in np.arange(0, scene.cycle, 0.25):
        detector, picture = Difference(scene.roi), scene.draw(phase)
        scores = [detector.score(Frame(noise.add(picture), 0.0, 0.0)) for _ in range(5)]
        assert scores == [None, 0, 0, 0, 0]


def test_a_cycle_ends_where_it_begins(scene: Scene) -> None:
    assert (scene.draw(scene.cycle) == scene.draw(0.0)).all()
    assert (scene.draw(scene.cycle / 2) != scene.draw(0.0)).any()
    assert scene.roi.fits(*SMALL)


def test_no_two_noisy_pictures_are_the_same(scene: Scene) -> None:
    noise, picture = Noise(SMALL), scene.draw(0.0)
    first, second = noise.add(picture), noise.add(picture)

    assert (first != second).mean() > 0.5
    assert abs(first.astype(int) - picture).max() < 25
    assert (Noise(SMALL).add(picture) == first).all()


@pytest.mark.parametrize("size", [(95, 288), (352, 5000)])
def test_a_picture_no_camera_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"{size[0]}x{size[1]} cannot be drawn"):
        MACHINES["press"](size)


def test_a_schedule_runs_and_stops_in_turn() -> None:
    once = Schedule(running=False, spans=(10, 5))
    again = Schedule(spans=(60, 30), repeat=True)

    assert list(once.edges(100)) == [Edge(10, True), Edge(15, False)]
    assert list(islice(again.edges(inf), 3)) == [Edge(60, False), Edge(90, True), Edge(150, False)]
    assert [once.running_at(t) for t in (0, 9.9, 10, 14.9, 15, 1e6)] == [
        *(False, False, True, True, False, False)
    ]
    assert (once.ran(12), once.ran(1e6), again.ran(95), again.ran(900)) == (2, 5, 65, 600)
    assert Schedule().ran(7) == Schedule(repeat=True).ran(7) == 7


spans = st.lists(st.integers(1, 9), max_size=5).map(tuple)


@given(running=st.booleans(), spans=spans, repeat=st.booleans())
def test_edges_are_where_the_state_changes(
    running: bool, spans: tuple[float, ...], repeat: bool
) -> None:
    schedule = Schedule(running, spans, repeat)
    states = [schedule.running_at(t) for t in range(60)]
    edges = list(schedule.edges(60))

    assert states[0] == running
    assert edges == [Edge(t, now) for t, now in enumerate(states) if t and now != states[t - 1]]
    assert [schedule.ran(t) for t in range(61)] == [sum(states[:t]) for t in range(61)]


def pictures(units: Iterator[bytes] | list[bytes]) -> list[Grey]:
    """Decode access units; (height, width) luma."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_type = "NONE"
    decoded = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
    decoded += decoder.decode(None)
    return [frame.to_ndarray()[: frame.height] for frame in decoded]


def test_a_film_may_change_at_every_second_without_a_jump(scene: Scene) -> None:
    """From running to standing at any second, and on again: what stands scores nothing."""
    name = next(name for name, kind in MACHINES.items() if isinstance(scene, kind))
    shot = film(name, SMALL, 6)
    assert len(shot.running) == len(shot.stopped) == scene.cycle
    for second in chain(shot.running, *shot.stopped):
        assert [packetise(unit).key for unit in second] == [True] + [False] * 5
    for second, loop in enumerate(shot.stopped):
        assert len(loop) == STILL
        units = [*shot.running[second - 1], *loop[0], *loop[1], *shot.running[second]]
        decoded = pictures(units)
        assert len(decoded) == 4 * 6
        detector = Difference(scene.roi)
        scores = [detector.score(Frame(p, 0.0, 0.0, full_range=False)) for p in decoded[6:19]]
        assert not any(scores)
        assert any(map(detector.score, (Frame(p, 0.0, 0.0, False) for p in decoded[19:])))


def test_pictures_keep_their_grey_levels_through_the_film() -> None:
    [first, *_] = pictures(list(film("press", SMALL, 6).running[0]))
    drawn = MACHINES["press"](SMALL).draw(0.0)

    assert abs(first.astype(float) - (16 + drawn * (219 / 255))).mean() < 3


@given(st.lists(st.integers(1, 4 * LARGEST), min_size=1, max_size=4))
def test_packets_hold_the_whole_picture(lengths: list[int]) -> None:
    nals = [bytes([0x65]) + bytes([n + 1]) * (length - 1) for n, length in enumerate(lengths)]
    unit = packetise(b"".join(b"\0\0\0\1" + nal for nal in nals))

    rebuilt: list[bytes] = []
    for payload in unit.payloads:
        assert len(payload) <= LARGEST
        if payload[0] & 31 != 28:
            rebuilt.append(payload)
        elif payload[1] & 0x80:
            rebuilt.append(bytes([payload[0] & 0xE0 | payload[1] & 31]) + payload[2:])
        else:
            rebuilt[-1] += payload[2:]
            assert bool(payload[1] & 0x40) is (len(rebuilt[-1]) == lengths[len(rebuilt) - 1])
    assert rebuilt == nals
    assert unit.key


def test_packets_are_numbered_stamped_and_marked() -> None:
    unit = packetise(b"\0\0\1\x65" + b"x" * 3000)
    stream = Stream(7, 2**16 - 1, 2**32 - 10)
    packets = stream.packets(unit, 9) + stream.packets(unit, 10)

    assert [int.from_bytes(p[2:4]) for p in packets] == [65535, 0, 1, 2, 3, 4]
    assert [int.from_bytes(p[4:8]) for p in packets] == [2**32 - 1] * 3 + [0] * 3
    assert [p[1] >> 7 for p in packets] == [0, 0, 1] * 2
    report = stream.report(utc=0.5, ticks=10)
    assert int.from_bytes(report[8:12]) == 2_208_988_800
    assert report[12:28].hex() == "80000000" + "00000000" + "00000006" + f"{6 + 6 + 6000:08x}"


@given(st.data())
def test_requests_are_read_however_they_are_torn(data: st.DataObject) -> None:
    sent = (
        b"OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
        b"$\x01\x00\x04\r\n\r\n"
        b"SET_PARAMETER rtsp://h/streaming/channels/802/?x=1 RTSP/1.0\r\n"
        b"CSEQ:2\r\nContent-Length: 3\r\n\r\nabc"
        b"PLAY rtsp://h/Streaming/Channels/802/trackID=1 RTSP/1.0\r\nCSeq: 3\r\n\r\n"
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent) - 1), max_size=9)))
    reader = RequestReader()
    requests = [r for a, b in pairwise([0, *cuts, len(sent)]) for r in reader.feed(sent[a:b])]

    assert [(r.method, r.headers["cseq"], r.channel) for r in requests] == [
        ("OPTIONS", "1", None),
        ("SET_PARAMETER", "2", 802),
        ("PLAY", "3", 802),
    ]


@pytest.mark.parametrize("nonsense", [b"GET / HTTP/1.1\r\n\r\n", b"x" * 70_000, b"\r\n\r\n"])
def test_what_is_no_rtsp_is_refused(nonsense: bytes) -> None:
    with pytest.raises(ValueError, match=r"request"):
        list(RequestReader().feed(nonsense))


@pytest.mark.parametrize(
    ("transport", "channels"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", (0, 1)),
        ("RTP/AVP;unicast;client_port=1-2,RTP/AVP/TCP;interleaved=4-5", (4, 5)),
        ("rtp/avp/tcp", (0, 1)),
        ("RTP/AVP/TCP;interleaved=300-301", None),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("", None),
    ],
)
def test_only_tcp_is_spoken(transport: str, channels: tuple[int, int] | None) -> None:
    assert interleaved(transport) == channels


@given(password=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF)))
def test_whoever_knows_the_password_is_admitted_by_digest(password: str) -> None:
    access = Access(Auth.DIGEST, "viewer", password)

    def credentials(known: str) -> str:
        client = HTTPDigestAuth("viewer", known)
        client.init_per_thread_state()
        client._thread_local.chal = {"realm": "Simulated camera", "nonce": "17"}
        return client.build_digest_header("DESCRIBE", "rtsp://h/Streaming/Channels/802") or ""

    assert access.admits("DESCRIBE", credentials(password), "17")
    assert not access.admits("DESCRIBE", credentials(password + "x"), "17")
    assert not access.admits("SETUP", credentials(password), "17")
    assert not access.admits("DESCRIBE", credentials(password), "18")
    assert len(password) < 3 or password not in repr(access)


@pytest.mark.parametrize("auth", [Auth.DIGEST, Auth.BASIC])
@pytest.mark.parametrize(
    "credentials", [None, "", "Basic", "Basic %%%", "Digest", "Bearer dmlld2VyOnNlY3JldA=="]
)
def test_without_good_credentials_nobody_is_admitted(auth: Auth, credentials: str | None) -> None:
    assert not Access(auth, "viewer", "secret").admits("PLAY", credentials, "17")


def player(schedule: Schedule, *faults: Fault) -> Player:
    reels = {size: Reel(film("flywheel", size, 6)) for size in (SMALL, (160, 128))}
    return Player(reels, SMALL, 6, schedule, Faults(faults))


def test_a_machine_goes_on_where_it_stood() -> None:
    playing, reel = player(Schedule(spans=(3, 2))), Reel(film("flywheel", SMALL, 6))
    seconds = [[playing.unit(6 * second + n) for n in range(6)] for second in range(7)]

    run, still = reel.running, reel.stopped[1]
    assert seconds == [run[0], run[1], run[0], still[1], still[0], run[1], run[0]]


def test_a_stall_sends_nothing_up_to_a_keyframe() -> None:
    playing = player(Schedule(), Fault(Kind.STALL, at=0.5, seconds=1))
    sent = [playing.unit(n) is not None for n in range(18)]

    assert sent == [True] * 3 + [False] * 9 + [True] * 6
    assert playing.ticks(12) - playing.ticks(2) == 150_000


def test_a_freeze_repeats_the_last_keyframe() -> None:
    playing = player(Schedule(), Fault(Kind.FREEZE, at=1.5, seconds=0.1))
    units = [playing.unit(n) for n in range(18)]

    assert units[9:12] == [units[6]] * 3
    assert units[6] is not None
    assert units[6].key
    assert units[12:] == Reel(film("flywheel", SMALL, 6)).running[0]


def test_another_size_comes_with_its_own_parameter_sets() -> None:
    playing = player(Schedule(), Fault(Kind.SIZE, at=1, seconds=1, size=(160, 128)))
    sets = [playing.sets for n in range(18) if playing.unit(n)]

    assert sets[0] == sets[17] != sets[6]
    first = playing.unit(17)
    assert first is not None


def test_who_comes_late_to_a_second_waits_for_the_next_keyframe() -> None:
    playing = player(Schedule())
    playing.unit(0)

    assert [playing.unit(n) is not None for n in (32, 33, 35, 36)] == [False, False, False, True]


def test_time_stamps_jump_and_stay_off() -> None:
    playing = player(Schedule(), Fault(Kind.JUMP, at=1, amount=-10), Fault(Kind.JUMP, 2, amount=3))

    assert [playing.ticks(n) for n in (5, 6, 12)] == [75_000, -810_000, -450_000]


def test_a_fault_can_be_ended_before_its_time() -> None:
    faults = Faults([Fault(Kind.STALL, at=1), Fault(Kind.FREEZE, at=1), Fault(Kind.STALL, at=9)])
    faults.end(2, Kind.STALL)

    assert faults.active(Kind.STALL, 1.5)
    assert not faults.active(Kind.STALL, 2)
    assert faults.active(Kind.STALL, 9)
    assert faults.active(Kind.FREEZE, 2)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "melt"},
        {"kind": "stall", "at": inf},
        {"kind": "stall", "seconds": 0},
        {"kind": "size"},
        {"kind": "stall", "size": (96, 96)},
        {"kind": "jump"},
        {"kind": "limit", "amount": 1.5},
    ],
)
def test_a_fault_without_sense_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"melt|fault|size|jump|limit"):
        Fault(**fault)  # type: ignore[arg-type]


class Clock:
    """A clock that is a little later whenever it is asked."""

    def __init__(self, step: float) -> None:
        self.at, self.step = 50.0, step

    def __call__(self) -> tuple[float, float]:
        self.at += self.step
        return self.at, self.at + 1e9


def test_a_source_follows_its_schedule() -> None:
    clock = Clock(0.05)  # asked twice a frame, so it is always just later than due
    source = SimulatedSource("flywheel?run=2&stop=1.5&fps=10&size=176x144&seed=3", clock)
    frames = list(islice(source.frames(), 70))
    scene = MACHINES["flywheel"](SMALL, seed=3)
    detector = Difference(scene.roi)

    start = frames[0].at - 0.1
    for frame in frames:
        score, ago = detector.score(frame), (frame.at - start + 1e-6) % 3.5
        if score is not None and min(abs(ago - edge) for edge in (0, 2, 3.5)) > 0.15:
            assert (score > 0) is (ago < 2)
    assert all(frame.utc == frame.at + 1e9 for frame in frames)
    assert frames[0].size == SMALL


def test_a_source_leaves_out_what_it_is_late_for() -> None:
    """At two reads a second of a 12 fps machine, the machine turns no slower."""
    source = SimulatedSource("press?run=1&stop=0&fps=12&size=176x144", Clock(0.25))
    frames = list(islice(source.frames(), 8))
    scene = MACHINES["press"](SMALL)

    for frame in frames[1:]:
        drawn = scene.draw(int((frame.at - 50.25) * 12 + 1e-6) / 12)
        assert abs(frame.luma.astype(int) - drawn).max() < 25


def test_a_closed_source_ends_at_once() -> None:
    source = SimulatedSource("press?fps=1", Clock(0.0))
    frames = source.frames()
    next(frames)
    source.close()

    assert list(frames) == []


@pytest.mark.parametrize(
    "location",
    [
        *("", "lathe", "press?speed=3", "press?fps=0", "press?fps=fast", "press?size=352"),
        *("press?run=0&stop=0", "press?run=-1", "press?size=5x5"),
    ],
)
def test_a_location_that_means_nothing_is_told_what_is_allowed(location: str) -> None:
    with pytest.raises(ValueError, match=r"flywheel, press, .* stop=SECONDS"):
        SimulatedSource(location, Clock(0.0))


def test_a_spec_says_all_that_a_camera_can_do() -> None:
    spec = """{"port": 8554, "username": "viewer", "password_from": "SECRET", "channels": [
        {"number": 802, "machine": "conveyor", "size": [704, 576], "fps": 25, "seed": 2,
         "schedule": {"running": false, "spans": [60, 30.5], "repeat": true},
         "faults": [{"kind": "size", "at": 20, "seconds": 5, "size": [96, 128]}]},
        {"number": 101}]}"""
    built = camera(json.loads(spec), {"SECRET": "s3cr3t"})

    assert built.port == 8554
    assert built.password == "s3cr3t"
    assert list(built.channels.values()) == [
        Channel(
            802,
            "conveyor",
            Schedule(False, (60, 30.5), repeat=True),
            (704, 576),
            25,
            (Fault(Kind.SIZE, 20, 5, size=(96, 128)),),
            2,
        ),
        Channel(101),
    ]


def test_a_channel_survives_being_written_down() -> None:
    faults = (Fault(Kind.STALL, at=3), Fault(Kind.SIZE, size=(96, 96)))
    channel = Channel(802, "flywheel", Schedule(spans=(3, 1.5)), faults=faults)
    written = json.dumps({"channels": [asdict(channel)], "password": None})

    assert camera(json.loads(written), {}).channels == {802: channel}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ([], "the camera: an object is needed"),
        ({}, "the camera has no channels"),
        ({"channels": [{}]}, "channel 1: number is missing"),
        ({"channels": [{"number": "802"}]}, "channel 1, number: a whole number is needed"),
        ({"channels": [{"number": 1, "colour": 3}]}, "channel 1: 'colour' is unknown; number,"),
        ({"channels": [{"number": 1, "machine": "lathe"}]}, "channel 1: no machine 'lathe'"),
        ({"channels": [{"number": 1, "size": [353, 288]}]}, "channel 1: 353x288 cannot be shown"),
        ({"channels": [{"number": 1, "size": [353]}]}, "channel 1, size: [width, height]"),
        ({"channels": [{"number": 1, "fps": True}]}, "channel 1, fps: a whole number is needed"),
        (
            {"channels": [{"number": 1, "schedule": {"spans": [0]}}]},
            "channel 1, schedule: spans must be",
        ),
        (
            {"channels": [{"number": 1}, {"number": 2, "faults": [{"kind": "melt"}]}]},
            "channel 2, fault 1: 'melt'",
        ),
        ({"channels": [{"number": 1}, {"number": 1}]}, "two channels have the same number"),
        ({"channels": [{"number": 1}], "auth": "maybe"}, "the camera: 'maybe'"),
        ({"channels": [{"number": 1}], "password_from": "NONE"}, "environment variable NONE"),
        ({"channels": [{"number": 1}], "password": 12345678}, "password: a text is needed"),
    ],
)
def test_a_spec_is_told_its_mistake(spec: object, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)) as failed:
        camera(spec, {})
    assert "12345678" not in str(failed.value)
