"""A camera refuses, is not there, or never answers: told why, and left in peace."""

import socket
import threading
from collections.abc import Callable

import pytest

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.reader import Mailbox, Reader
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Fault, Kind

CANARY = "canary-p@ss:w#rd"
SMALL = (176, 144)


def failed(source: RtspSource) -> SourceError:
    """Return why a source gives nothing."""
    with pytest.raises(SourceError) as error:
        for _ in source.frames():
            pass
    return error.value


def scripted(*kinds: Fault, **options: str) -> Camera:
    return Camera([Channel(802, size=SMALL, faults=kinds)], **options)


@fault(
    "S04",
    "the connection is accepted, and never answered",
    injected="scripted camera never answers DESCRIBE; and a port where nobody reads",
    expected="the try ends by our own time-out, as silence",
    promised="open <= 5 s, and half a second for a busy machine",
)
def test_a_camera_that_never_answers_is_given_up(measured: Measured) -> None:
    """Seen to fail with time-outs of 9 s: 9.0 s.  Without any it waited for ever."""
    with scripted(Fault(Kind.SILENCE)) as camera, socket.create_server(("127.0.0.1", 0)) as deaf:
        nobody = f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/Streaming/Channels/802"
        for url in (camera.url(802), nobody):
            start = system_now().at
            assert failed(RtspSource(url, system_now)).trouble is Trouble.SILENT
            measured("s until it is given up", system_now().at - start, at_most=5.5)


def kept_asking(camera: Camera, seconds: float, password: str = "") -> tuple[int, Reader]:
    """Read a channel for a while; return the number of tries, and the reader."""
    tries = []

    def source() -> RtspSource:
        tries.append(system_now().at)
        return RtspSource(camera.url(802), system_now, "viewer", password)

    reader = Reader("802", source, Mailbox(), system_now)
    reader.start()
    threading.Event().wait(seconds)
    reader.close(10.0)
    return len(tries), reader


@fault(
    "S08",
    "a wrong password",
    injected="scripted camera with digest auth, asked for 20 s (long: 10 min)",
    expected="asked again after a minute at the earliest: accounts get locked; no password is told",
    promised="<= 1 try / 60 s",
)
def test_a_wrong_password_is_not_hammered(measured: Measured, rounds: Rounds) -> None:
    """Seen to fail with the pause of any other failure: 14 tries in 20 s."""
    seconds = rounds(20, long=600)
    with scripted(username="viewer", password="right") as camera:
        tries, reader = kept_asking(camera, seconds, CANARY)
        refused = camera.counts(802).refused
    measured("tries", tries, at_most=1 + seconds // 60)
    measured("passwords that the camera refused", refused, at_most=1 + seconds // 60)
    assert "refused" in reader.trouble
    assert CANARY not in reader.trouble


@fault(
    "S10",
    "the recorder has no session left",
    injected="scripted camera with a limit of no sessions, asked for 20 s (long: 10 min)",
    expected="told as such; asked again after 30 s; machines on a channel share one session",
    promised="<= 1 try / 30 s; 1 session a channel",
)
def test_a_full_recorder_is_not_hammered(measured: Measured, rounds: Rounds) -> None:
    """
    Seen to fail with the pause of any other failure: 14 tries in 20 s.  That machines share a
    session is in `test_run.py::test_machines_on_one_channel_share_its_session`.
    """
    seconds = rounds(20, long=600)
    with scripted(Fault(Kind.LIMIT, amount=0)) as camera:
        tries, reader = kept_asking(camera, seconds)
    measured("tries", tries, at_most=1 + seconds // 30)
    assert "no session left" in reader.trouble


def unreachable() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return f"rtsp://127.0.0.1:{port}/Streaming/Channels/802"


@fault(
    "S11",
    "seven ways in which a camera gives nothing",
    injected="scripted camera, a closed port, a name that nobody knows",
    expected="each is told by its own reason, never by a traceback",
    promised="7 of 7",
)
def test_each_way_of_giving_nothing_is_told_apart(measured: Measured) -> None:
    """Seen to fail where `_TROUBLES` lacks a line: all become `broken`."""
    scripts: dict[Trouble, Callable[[], Camera]] = {
        Trouble.UNAUTHORIZED: lambda: scripted(username="viewer", password="right"),
        Trouble.NOT_FOUND: lambda: scripted(Fault(Kind.REFUSE)),
        Trouble.BUSY: lambda: scripted(Fault(Kind.LIMIT, amount=0)),
        Trouble.SILENT: lambda: scripted(Fault(Kind.SILENCE)),
        Trouble.BROKEN: lambda: scripted(Fault(Kind.CLOSE, at=2.0)),
    }
    found = []
    for expected, script in scripts.items():
        with script() as camera:
            error = failed(RtspSource(camera.url(802), system_now, "viewer", CANARY))
        assert CANARY not in f"{error!r} {error.__context__!r} {error.__cause__!r}"
        found.append(error.trouble is expected)
    for url in (unreachable(), "rtsp://recorder.invalid/Streaming/Channels/802"):
        found.append(failed(RtspSource(url, system_now)).trouble is Trouble.UNREACHABLE)
    measured("told rightly, of 7", sum(found), at_least=7)


@fault(
    "S12",
    "options for OpenCV in the environment",
    injected="OPENCV_FFMPEG_CAPTURE_OPTIONS asks for UDP; the scripted camera has TCP only",
    expected="TCP, whatever it says",
    promised="frames come",
)
def test_options_of_another_library_change_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, measured: Measured
) -> None:
    """Seen to fail with `rtsp_transport` left to the library: it asks for UDP first."""
    caplog.set_level("DEBUG", "motion_tracking.simulator.connection")
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;udp")
    with scripted() as camera:
        source = RtspSource(camera.url(802), system_now)
        frame = next(source.frames())
    assert frame.size == SMALL
    asked = sum(message.endswith(": 461") for message in caplog.messages)
    measured("times that another transport was asked for", asked, at_most=0)
