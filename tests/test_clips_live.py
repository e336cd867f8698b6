"""Video of what happens, from a real RTSP server to the disk: each picture once, and in time."""

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import av
import pytest

from motion_tracking.core.clips import Clip
from motion_tracking.core.motion import Roi
from motion_tracking.record.history import History
from servers import clips
from servers.gst import Channel, GstCamera
from servers.plant import PATIENCE, Plant, Tracking, area
from servers.webhook import Receiver

pytestmark = pytest.mark.slow

SIZE = (352, 288)
FPS = 25
STOPS = clips.LENGTHS[clips.COUNTED] * FPS // 2
"""The number of the first picture on which the wheel stands."""

Start = Callable[..., GstCamera]


def wheel(channel: int, **more: object) -> dict[str, object]:
    x, y, x2, y2 = clips.machine_roi(*SIZE)
    roi = Roi.from_corners(x, y, x2, y2)
    return {
        "channel": channel,
        "threshold": roi.area // 50,
        "window_seconds": 8,
        **area(roi),
        **more,
    }


def counted(number: int, codec: str = "h264") -> Channel:
    return Channel(number, codec, SIZE, FPS, 50, clips.COUNTED)


def sections(camera: GstCamera, tmp_path: Path, **more: object) -> dict[str, Any]:
    stream = {"ip_address": "127.0.0.1", "port": camera.port}
    stream |= {"username": camera.user, "password": camera.password}
    return {
        "stream": stream,
        "storage": {"video_dir": tmp_path / "video"},
        "clips": {"events": "stop", "reserve": "1 MB", **more},
    }


def kept(plant: Plant) -> list[Clip]:
    with History(plant.history, read_only=True) as history:
        return history.clips()


def wait_for_clips(plant: Plant, tracking: Tracking, count: int = 1) -> list[Clip]:
    deadline = monotonic() + PATIENCE
    while len(found := kept(plant)) < count:
        assert monotonic() < deadline, "".join(tracking.output)
        threading.Event().wait(0.2)
    return found


def numbers(path: Path) -> list[tuple[float, int]]:
    """Return the time and the number of each picture of a clip."""
    with av.open(str(path)) as film:
        return [
            (float(frame.time or 0.0), clips.number_in(frame.to_ndarray(format="gray")))
            for frame in film.decode(video=0)
        ]


def assert_whole(found: list[tuple[float, int]]) -> None:
    """Each picture once, in order, at an even pace."""
    first = found[0][1]
    assert [number for _, number in found] == list(range(first, first + len(found)))
    assert all(abs(at - n / FPS) < 0.3 for n, (at, _) in enumerate(found))


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_clip_of_a_stop_shows_each_picture_from_before_it_really_happened(
    tmp_path: Path, start_gst_camera: Start, codec: str
) -> None:
    camera = start_gst_camera(channels=[counted(802, codec)])
    plant = Plant(tmp_path)
    with Receiver() as receiver:
        hook = {"webhook": {"url": receiver.url}, "notify": {"webhook": "stop clip"}}
        plant.configure({"press1": wheel(802)}, **sections(camera, tmp_path), **hook)
        with plant.tracking("press1") as tracking:
            tracking.wait_for("running")
            tracking.wait_for("stopped")
            [clip] = wait_for_clips(plant, tracking)
            told = [request.json for request in receiver.wait_for(2)]
            assert tracking.stop() == 0

    path = tmp_path / "video" / clip.file
    found = numbers(path)
    assert_whole(found)
    shown = [number for _, number in found]
    assert shown[0] <= STOPS - 3 * FPS
    assert shown[-1] >= STOPS + 3 * FPS
    assert shown[0] >= STOPS - 8 * FPS
    assert abs(clip.seconds - len(found) / FPS) < 0.5
    assert clip.codec == {"h264": "h264", "h265": "hevc"}[codec]

    assert [message["event"] for message in told] == ["stop", "clip"]
    assert told[1]["clip_path"] == path.as_posix()
    assert told[1]["occurred_at"] == told[0]["occurred_at"]
    assert (told[1]["machine"], told[1]["clip_of"]) == ("press1", "stop")

    probe = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path)]
    done = subprocess.run(probe, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    [stream] = json.loads(done.stdout)["streams"]
    assert int(stream["nb_read_packets"]) == len(found)
    assert abs(float(stream["duration"]) - len(found) / FPS) < 0.5
