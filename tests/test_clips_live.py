"""Video of what happens, from a real RTSP server to the disk: each picture once, and in time."""

import json
import subprocess
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import av
import cv2
import pytest
from playwright.sync_api import Browser

from faults.test_disk import fill as fill_up
from faults.test_disk import small_disk
from motion_tracking.core.clips import Clip, Trigger
from motion_tracking.core.motion import Roi
from motion_tracking.record.history import History
from motion_tracking.record.remux import Film
from servers import clips
from servers.footage import packets
from servers.gst import Channel, GstCamera
from servers.plant import PATIENCE, Plant, Tracking, area
from servers.webhook import Receiver
from waiting import until

pytestmark = pytest.mark.slow

SIZE = (352, 288)
FPS = 25
STOPS = clips.LENGTHS[clips.BRIEF] * FPS // 2
"""The number of the first picture of the brief film on which the wheel stands."""

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


def counted(number: int, codec: str = "h264", film: str = clips.COUNTED) -> Channel:
    return Channel(number, codec, SIZE, FPS, 50, film)


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
        return [clip for clip in history.clips() if not clip.is_picture]


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


def test_a_clip_of_a_stop_shows_each_picture_from_before_it_really_happened(
    tmp_path: Path, start_gst_camera: Start
) -> None:
    codecs = {"press1": (802, "h264"), "press2": (702, "h265")}
    camera = start_gst_camera(channels=[counted(*each, clips.BRIEF) for each in codecs.values()])
    plant = Plant(tmp_path)
    with Receiver() as receiver:
        hook = {"webhook": {"url": receiver.url}, "notify": {"webhook": "stop clip"}}
        shown = sections(camera, tmp_path, pictures="stop")
        plant.configure({name: wheel(n) for name, (n, _) in codecs.items()}, **shown, **hook)
        with plant.tracking(*codecs) as tracking:
            told = [request.json for request in receiver.wait_for(4, 2 * PATIENCE)]
            assert tracking.stop() == 0

    found = {clip.machines[0]: clip for clip in kept(plant)}
    assert sorted(found) == ["press1", "press2"]
    assert [found[name].codec for name in codecs] == ["h264", "hevc"]
    for name, clip in found.items():
        path = tmp_path / "video" / clip.file
        pictures = numbers(path)
        assert_whole(pictures)
        assert pictures[0][1] <= STOPS - 3 * FPS
        assert pictures[-1][1] >= STOPS + 3 * FPS
        assert pictures[0][1] >= STOPS - 8 * FPS
        assert abs(clip.seconds - len(pictures) / FPS) < 0.5
        assert_told([message for message in told if message["machine"] == name], path)
        assert_probed(path, len(pictures))


def assert_told(told: list[Any], path: Path) -> None:
    """First the stop, with a picture of the moving and of the standing wheel; then the clip."""
    assert [message["event"] for message in told] == ["stop", "clip"]
    assert told[1]["clip_path"] == path.as_posix()
    assert told[1]["occurred_at"] == told[0]["occurred_at"]
    assert told[1]["clip_of"] == "stop"
    stood = [
        clips.number_in(cv2.imread(picture["path"], cv2.IMREAD_GRAYSCALE))
        for picture in told[0]["pictures"]
    ]
    assert len(stood) == 2
    assert STOPS - 2 * FPS < stood[0] < STOPS <= stood[1] < STOPS + 3 * FPS


def assert_probed(path: Path, count: int) -> None:
    probe = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path)]
    done = subprocess.run(probe, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    [stream] = json.loads(done.stdout)["streams"]
    assert int(stream["nb_read_packets"]) == count
    assert abs(float(stream["duration"]) - count / FPS) < 0.5


def runs(found: list[tuple[float, int]]) -> list[list[int]]:
    """Return the numbers of the pictures, parted where they do not go on."""
    parted: list[list[int]] = []
    for _, number in found:
        if parted and number == parted[-1][-1] + 1:
            parted[-1].append(number)
        else:
            parted.append([number])
    return parted


def test_two_processes_on_one_channel_record_it_once_and_clips_are_at_hand(
    tmp_path: Path, start_gst_camera: Start
) -> None:
    camera = start_gst_camera(channels=[counted(802, film=clips.BRIEF)])
    plant = Plant(tmp_path)
    machines = {"press1": wheel(802), "press2": wheel(802, window_seconds=7)}
    with Receiver() as receiver:
        hook = {"webhook": {"url": receiver.url}, "notify": {"webhook": "clip"}}
        # on a busy computer one may find the stop seconds after the other
        plant.configure(machines, **sections(camera, tmp_path, limit="50 MB", after=6), **hook)
        with plant.tracking("press1") as one, plant.tracking("press2") as other:
            one.wait_for("stopped")
            other.wait_for("stopped")
            told = [request.json for request in receiver.wait_for(2, PATIENCE)]
            assert (one.stop(), other.stop()) == (0, 0)
    [clip] = kept(plant)
    [path] = (tmp_path / "video").rglob("*.mp4")

    assert sorted(clip.machines) == ["press1", "press2"]
    assert sorted(message["machine"] for message in told) == ["press1", "press2"]
    assert {message["clip_path"] for message in told} == {path.as_posix()}
    found = numbers(path)
    assert_whole(found)
    assert found[0][1] <= STOPS - 3 * FPS
    [listed] = json.loads(plant.run("clips", "press2", "--json").stdout)["clips"]
    assert (listed["id"], listed["path"]) == (clip.id, (tmp_path / "video" / clip.file).as_posix())
    assert ", ".join(clip.machines) in plant.run("clips").stdout

    assert plant.run("clips", "--export", str(clip.id), "-o", "copy.mp4").returncode == 0
    assert (tmp_path / "copy.mp4").read_bytes() == Path(listed["path"]).read_bytes()
    done = plant.run("clips", "press1", "--export", str(clip.id), "--annotated", "-o", "drawn.mp4")
    assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "drawn.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == len(numbers(tmp_path / "copy.mp4"))

    assert plant.run("clips", "--all").returncode == 2
    assert plant.run("clips", "--all", "--export", "1").returncode == 2
    assert plant.run("clips", "--delete", "99").returncode == 4
    done = plant.run("clips", "--all", "--yes")
    assert (done.returncode, done.stdout.startswith("1 clip removed")) == (0, True)
    assert not Path(listed["path"]).exists()
    assert json.loads(plant.run("clips", "--json").stdout) == {"schema": 1, "clips": []}


def test_a_recording_asked_for_goes_on_over_a_reconnection(
    tmp_path: Path, start_gst_camera: Start
) -> None:
    camera = start_gst_camera(channels=[counted(802)])
    plant = Plant(tmp_path)
    plant.configure({"press1": wheel(802)}, **sections(camera, tmp_path, events="manual"))
    with plant.tracking("press1") as tracking:
        tracking.wait_for("running")
        assert plant.run("clips", "press1", "--record", "10").returncode == 0
        until(lambda: any((tmp_path / "video").rglob("*.part")))  # some seconds of it
        camera.kick()
        [clip] = wait_for_clips(plant, tracking)
        assert tracking.stop() == 0

    found = numbers(tmp_path / "video" / clip.file)
    before, after = runs(found)
    assert len(before) > 5 * FPS
    assert after[0] == 0
    assert len(after) > 2 * FPS
    times = [at for at, _ in found]
    assert all(later > earlier for earlier, later in pairwise(times))
    assert 9 < clip.seconds < 16
    assert clip.shown == (("press1", Trigger.MANUAL),)


def test_killed_while_it_records_a_playable_file_is_left(
    tmp_path: Path, start_gst_camera: Start
) -> None:
    camera = start_gst_camera(channels=[counted(802)])
    video = tmp_path / "elsewhere"
    plant = Plant(tmp_path, {"VIDEO_DIR": str(video)})
    plant.configure({"press1": wheel(802)}, **sections(camera, tmp_path, events="manual"))
    with plant.tracking("press1") as tracking:
        tracking.wait_for("running")
        assert plant.run("clips", "press1", "--record", "60").returncode == 0
        until(lambda: any(path.stat().st_size > 50_000 for path in video.rglob("*.part")))
        tracking.kill()
    [draft] = video.rglob("*.part")
    as_it_is = numbers(draft)
    assert_whole(as_it_is)
    assert len(as_it_is) > 2 * FPS
    assert list(video.rglob("*.mp4")) == []

    with plant.tracking("press1") as tracking:
        [clip] = wait_for_clips(plant, tracking)
        assert tracking.stop() == 0
    found = numbers(video / clip.file)
    assert_whole(found)
    assert len(found) == len(as_it_is)
    assert clip.shown == (("press1", Trigger.MANUAL),)
    assert list(video.rglob("*.part")) == []


def test_a_full_disk_stops_clips_and_not_tracking(tmp_path: Path, start_gst_camera: Start) -> None:
    camera = start_gst_camera(channels=[counted(802)])
    plant = Plant(tmp_path)
    with small_disk(tmp_path / "video", "2m") as disk:
        fill_up(disk)
        plant.configure(
            {"press1": wheel(802)}, **sections(camera, tmp_path, events="manual stop", reserve="0")
        )
        with plant.tracking("press1") as tracking:
            tracking.wait_for("running")
            assert plant.run("clips", "press1", "--record", "2").returncode == 0
            until(lambda: "clips are lost" in "".join(tracking.output))
            camera.show("stopped")
            tracking.wait_for("stopped")
            assert tracking.stop() == 0
        assert kept(plant) == []
        assert not [path for path in disk.rglob("*") if path.suffix in (".mp4", ".part")]


def test_a_clip_plays_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    sent = list(packets(0.0, 45, size=(160, 128)))
    film = Film(tmp_path / "film.mp4", sent[0])
    for packet in sent:
        film.add(packet)
    film.close()
    (tmp_path / "page.html").write_text("<video src='film.mp4' muted></video>", encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    shown = tab.evaluate(
        """() => new Promise((done, failed) => {
            const video = document.querySelector("video");
            video.onerror = () => failed(video.error.message);
            video.onended = () => done([
                video.duration, video.videoWidth, video.videoHeight, video.currentTime,
                video.getVideoPlaybackQuality().totalVideoFrames]);
            video.play().catch(failed);
        })"""
    )
    tab.close()
    duration, width, height, at, frames = shown
    assert (width, height) == (160, 128)
    assert duration == pytest.approx(4.5, abs=0.1)
    assert at == pytest.approx(duration, abs=0.2)
    assert frames >= 40
