"""Is the test recorder a real one?  Plain PyAV against it, none of our own code."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from servers.child import Child
from servers.clips import machine_roi
from servers.gst import Channel, ClipFolder, GstCamera

pytestmark = pytest.mark.slow

AWKWARD = "p@ss:w/0#r?d%41 &=+ü\\\"'"


def pictures(url: str, count: int, transport: str = "tcp") -> list[np.ndarray]:
    """Open, return the luma of the first frames, close."""
    options = {"rtsp_transport": transport, "analyzeduration": "200000"}
    with av.open(url, options=options, timeout=(10, 10)) as container:
        frames = islice(container.decode(video=0), count)
        return [frame.to_ndarray()[: frame.height, : frame.width] for frame in frames]


def changed(one: np.ndarray, other: np.ndarray) -> int:
    """Count the pixels of the machine's ROI that differ clearly."""
    x, y, x2, y2 = machine_roi(one.shape[1], one.shape[0])
    difference = one[y:y2, x:x2].astype(int) - other[y:y2, x:x2]
    return int((abs(difference) > 50).sum())


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("number", "shape"), [(802, (576, 704)), (801, (720, 1280)), (702, (576, 704))]
)
def test_every_channel_gives_frames(
    gst_camera: GstCamera, number: int, shape: tuple[int, int], transport: str
) -> None:
    seen = pictures(gst_camera.url(number), 20, transport)

    assert [picture.shape for picture in seen] == [shape] * 20
    assert max(changed(seen[0], picture) for picture in seen) > 1000


def test_the_channels_have_the_codecs_they_name(gst_camera: GstCamera) -> None:
    for number, codec in ((802, "h264"), (702, "hevc")):
        with av.open(gst_camera.url(number), timeout=(10, 10)) as container:
            assert container.streams.video[0].codec_context.name == codec


def test_a_wrong_password_is_refused(gst_camera: GstCamera) -> None:
    with pytest.raises(av.error.HTTPUnauthorizedError):
        pictures(gst_camera.url(802, password="wrong"), 1)


def test_an_unknown_path_is_not_found(gst_camera: GstCamera) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        pictures(gst_camera.url(1602), 1)


@pytest.mark.parametrize("auth", ["digest", "basic"])
def test_an_awkward_password_is_let_in(
    start_gst_camera: Callable[..., GstCamera], auth: str
) -> None:
    camera = start_gst_camera(password=AWKWARD, auth=auth, channels=[Channel(802)])

    assert len(pictures(camera.url(802), 3)) == 3


def test_without_auth_everyone_is_let_in(start_gst_camera: Callable[..., GstCamera]) -> None:
    camera = start_gst_camera(auth="none", channels=[Channel(802)])

    assert len(pictures(camera.address(802), 3)) == 3


def test_the_machine_stops_and_runs_on_command(gst_camera: GstCamera) -> None:
    gst_camera.show("stopped")
    still = pictures(gst_camera.url(802), 30)
    gst_camera.show("running")
    moving = pictures(gst_camera.url(802), 30)

    assert max(changed(still[0], picture) for picture in still) == 0
    assert all((one != other).any() for one, other in pairwise(still))
    assert changed(moving[0], moving[15]) > 1000


def test_time_goes_on_evenly_over_the_seam_of_the_clip(gst_camera: GstCamera) -> None:
    with av.open(gst_camera.url(802), timeout=(10, 10)) as container:
        times = [packet.pts for packet in islice(container.demux(video=0), 75)]

    steps = np.diff([pts for pts in times if pts is not None])
    assert len(steps) > 70
    assert set(steps) == {3600}


def test_a_frozen_channel_sends_nothing_until_it_resumes(gst_camera: GstCamera) -> None:
    with av.open(gst_camera.url(802), timeout=(10, 10)) as container:
        packets = container.demux(video=0)
        next(packets)
        gst_camera.freeze()
        threading.Timer(0.8, gst_camera.resume).start()
        seen = [(time.monotonic(), packet.pts) for packet in islice(packets, 60)]

    times, stamps = zip(*((at, pts) for at, pts in seen if pts is not None), strict=True)
    assert max(np.diff(times)) > 0.5
    assert max(np.diff(stamps)) > 0.5 * 90_000


def test_kicked_clients_see_the_stream_end(gst_camera: GstCamera) -> None:
    with av.open(gst_camera.url(802), timeout=(10, 10)) as container:
        packets = container.demux(video=0)
        next(packets)
        gst_camera.kick()

        assert sum(1 for _ in packets) < 100


def test_a_killed_server_comes_back_on_its_port(gst_camera: GstCamera) -> None:
    port = gst_camera.port
    gst_camera.kill()
    with pytest.raises(ConnectionRefusedError):
        pictures(gst_camera.url(802), 1)
    gst_camera.restart()

    assert gst_camera.port == port
    assert len(pictures(gst_camera.url(802), 3)) == 3


def test_a_suspended_server_answers_nobody_and_wakes(gst_camera: GstCamera) -> None:
    gst_camera.suspend()
    with pytest.raises(av.error.FFmpegError), av.open(gst_camera.url(802), timeout=(1, 1)):
        pass
    gst_camera.wake()

    assert len(pictures(gst_camera.url(802), 3)) == 3


def test_an_unknown_clip_is_an_error_of_the_test(gst_camera: GstCamera) -> None:
    with pytest.raises(RuntimeError, match="KeyError"):
        gst_camera.show("dancing")


ORPHAN = """
import sys
from pathlib import Path
from servers.gst import Channel, ClipFolder, GstCamera
camera = GstCamera(Path(sys.argv[1]), ClipFolder(Path(sys.argv[2])), [Channel(802)])
camera.start()
if sys.argv[3] == "suspended":
    camera.suspend()
print(camera.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("server", ["serving", "suspended"])
def test_the_server_does_not_outlive_the_tests(
    gst_camera: GstCamera, clip_folder: ClipFolder, tmp_path: Path, server: str
) -> None:
    gst_camera.close()
    with Child(
        [sys.executable, "-c", ORPHAN, str(tmp_path), str(clip_folder.folder), server],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as tests:
        assert tests.stdout is not None
        orphan = psutil.Process(int(tests.stdout.readline()))
        tests.kill()

    assert psutil.wait_procs([orphan], timeout=20)[1] == []
