"""Our RTSP source against a real recorder: gst-rtsp-server with digest auth and Hikvision paths."""

import socket
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.rtsp import Freshness, RtspSource
from motion_tracking.core.detectors.difference import changed_pixels
from motion_tracking.core.motion import Frame, Roi, grey
from servers.gst import GstCamera

pytestmark = pytest.mark.slow

AWKWARD = "p@ss:w#rd/1?%20 &=+ü"


def source(camera: GstCamera, channel: int = 802, **options: str) -> RtspSource:
    credentials = {"username": camera.user, "password": camera.password} | options
    return RtspSource(camera.address(channel), system_now, **credentials)


def frames(source: RtspSource, count: int) -> list[Frame]:
    taken = list(islice(source.frames(), count))
    source.close()
    return taken


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("channel", [802, 702], ids=["h264", "h265"])
def test_frames_come(gst_camera: GstCamera, channel: int, transport: str) -> None:
    taken = frames(source(gst_camera, channel, transport=transport), 40)

    assert len(taken) == 40
    assert {frame.size for frame in taken} == {gst_camera.channels[channel].size}
    whole = Roi(0, 0, *taken[0].size)
    assert changed_pixels(grey(taken[0], whole), grey(taken[30], whole)) > 1000


@pytest.mark.parametrize(
    "password",
    [AWKWARD, "@:/#?%", "with space", "100%", "''\"\\", "!$&'()*+,;=", "long" * 29, "!$&()*+" * 16],
)
def test_any_printable_password_connects(
    start_gst_camera: Callable[..., GstCamera], password: str
) -> None:
    assert len(frames(source(start_gst_camera(password=password)), 3)) == 3


def test_a_password_that_would_be_cut_off_is_told(gst_camera: GstCamera) -> None:
    error = trouble(source(gst_camera, password="ü" * 22))

    assert error.trouble is Trouble.UNAUTHORIZED
    assert "longer than 127 bytes" in str(error)
    assert "ü" not in str(error)


def trouble(source: RtspSource) -> SourceError:
    with pytest.raises(SourceError) as failed:
        next(source.frames())
    return failed.value


def test_a_wrong_password_is_unauthorized(gst_camera: GstCamera) -> None:
    error = trouble(source(gst_camera, password="canary-93617"))

    assert error.trouble is Trouble.UNAUTHORIZED
    assert "canary-93617" not in f"{error} {error!r} {error.__context__!r} {error.__cause__!r}"


def test_an_unknown_channel_is_not_found(gst_camera: GstCamera) -> None:
    assert trouble(source(gst_camera, 9902)).trouble is Trouble.NOT_FOUND


def test_a_closed_port_is_unreachable(gst_camera: GstCamera) -> None:
    closed = source(gst_camera)
    gst_camera.kill()
    assert trouble(closed).trouble is Trouble.UNREACHABLE


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    nowhere = RtspSource("rtsp://recorder.invalid/Streaming/Channels/802", system_now)
    assert trouble(nowhere).trouble is Trouble.UNREACHABLE


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_recorder_that_never_answers_is_given_up(silent_port: int) -> None:
    start = system_now().at
    silent = RtspSource(f"rtsp://127.0.0.1:{silent_port}/Streaming/Channels/802", system_now)

    assert trouble(silent).trouble is Trouble.SILENT
    assert system_now().at - start < 20


def test_a_recorder_that_throws_us_out_is_a_broken_stream(gst_camera: GstCamera) -> None:
    open_source = source(gst_camera)
    stream = open_source.frames()
    next(stream)
    gst_camera.kick()
    with pytest.raises(SourceError) as failed:
        for _ in stream:
            pass

    assert failed.value.trouble is Trouble.BROKEN


@pytest.mark.parametrize(
    ("silence", "step", "fresh"),
    [
        pytest.param(0.04, 0.04, True, id="the next picture"),
        pytest.param(0.04, -3600.0, True, id="the camera set its clock"),
        pytest.param(1.5, 0.04, True, id="a hiccup"),
        pytest.param(5.0, 0.04, False, id="held back through a silence"),
        pytest.param(5.0, 5.0, True, id="new, after a silence"),
        pytest.param(5.0, None, False, id="without a time stamp, after a silence"),
    ],
)
def test_a_picture_held_back_is_no_news(silence: float, step: float | None, fresh: bool) -> None:
    freshness = Freshness()
    assert freshness.is_fresh(100.0, 7.0)
    assert freshness.is_fresh(100.0 + silence, None if step is None else 7.0 + step) is fresh
