"""Clips: which wishes become one, what is listed and told, what goes, and what a fault costs."""

import json
import logging
import os
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import cv2
import pytest

from motion_tracking.capture.clock import Moment
from motion_tracking.capture.ring import Ring
from motion_tracking.commands.clipping import Clipper, ask
from motion_tracking.commands.configuration import machine_folder
from motion_tracking.config import load
from motion_tracking.core.changes import Event
from motion_tracking.core.clips import Clip, Extent, Trigger
from motion_tracking.notify import open_notifier
from motion_tracking.notify.sender import Sender
from motion_tracking.notify.webhook import payload
from motion_tracking.record.clips import Audience, Shown
from motion_tracking.record.history import DeliveryState, History
from motion_tracking.record.remux import Film
from motion_tracking.record.retention import DRAFT, DRAFTS, Limits, Shelf, Space
from servers import clips
from servers.desk import PRESS, STREAM, Desk
from servers.footage import FPS, fill, packets
from servers.studio import PATIENCE, PLENTY, START, Clock, Studio, stop, wish
from servers.terminal import Terminal
from servers.webhook import Answer, Receiver
from waiting import until

END = START + timedelta(seconds=16)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_a_clip_shows_what_came_before_the_true_edge_and_after_it_was_found(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    change = stop()
    with History(studio.path) as history:
        assert history.append(change, ["webhook"]) == 1
    studio.clock.at = 40.0
    with studio.recording() as recorder:
        recorder.wish(wish(change))
        assert studio.told.acquire(timeout=PATIENCE)

    [clip] = studio.clips()
    shown = studio.numbers(clip)
    assert shown == list(range(120, 281))  # the key picture of second 12, to 3 s after 25.0
    assert clip.start == START + timedelta(seconds=12)
    assert clip.end == START + timedelta(seconds=28.1)
    assert (clip.codec, clip.size, clip.shown) == ("h264", (96, 64), (("press1", Trigger.STOP),))
    assert clip.file == "press1/press1-20260301T060012000Z-stop.mp4"
    assert clip.bytes == (studio.video / clip.file).stat().st_size
    assert not [*(studio.video / DRAFTS).iterdir()]
    with History(studio.path) as history:
        [first] = history.due(["press1"], 0.0)
        assert first.announcement.event is Event.STOP
        history.delivered(first.id, 1.0)
        [second] = history.due(["press1"], 1.0)
    told = second.announcement
    assert (told.event, told.change, told.seq, told.clip) == (Event.CLIP, change, 1, clip)
    assert (told.key, told.machineid) == (f"site/press1/clip/{clip.id}", 17)
    assert (told.title, told.message) == ("Clip: press1", "16s of stop")
    assert told.clip is not None
    assert told.clip.path == (studio.video / clip.file).as_posix()


def test_machines_that_share_a_channel_are_recorded_once(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 26.0
    changes = [stop(), stop("press2", 13.0, 25.5)]
    with studio.recording() as recorder:
        for change in changes:
            recorder.wish(wish(change))
        studio.clock.at = 40.0

    [clip] = studio.clips()
    assert clip.machines == ("press2", "press1")
    assert studio.numbers(clip) == list(range(100, 286))
    with History(studio.path) as history:
        due = history.due(["press1", "press2"], 0.0)
    assert {d.announcement.key for d in due} == {f"site/press{n}/clip/{clip.id}" for n in (1, 2)}
    assert {d.announcement.clip for d in due} == {clip}


def test_a_fixed_length_and_the_longest_are_kept_to(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop(), Extent(length=10.0)))
        going_on = wish(stop(occurred=27.0, detected=28.0), Extent(longest=12.0))
        for end in (28.0, 29.0, 31.0, 90.0):
            recorder.wish(replace(going_on, trigger=Trigger.MOTION, end=end))

    fixed, cut_off = studio.clips()
    assert studio.numbers(fixed) == list(range(120, 221))
    assert cut_off.seconds == pytest.approx(12.0, abs=0.2)


def test_what_was_recorded_is_not_recorded_again_when_it_goes_on(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
        assert studio.told.acquire(timeout=PATIENCE)
        recorder.wish(wish(stop(), end=39.0))

    [clip] = studio.clips()
    assert studio.numbers(clip) == list(range(120, 281))
    assert not any((studio.video / DRAFTS).iterdir())


def test_another_size_is_another_clip(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 200))
    fill(studio.ring, packets(20.0, 200, size=(128, 96)))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))

    small, large = studio.clips()
    assert (small.size, large.size) == ((96, 64), (128, 96))
    assert studio.numbers(small) == list(range(120, 200))
    assert studio.numbers(large) == list(range(81))
    assert large.shown == small.shown


def test_a_lost_connection_leaves_a_gap_and_one_clip(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 180))
    fill(studio.ring, packets(20.0, 200))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))

    [clip] = studio.clips()
    assert studio.numbers(clip) == [*range(120, 180), *range(81)]
    assert clip.seconds == pytest.approx(16.1, abs=0.2)


@pytest.mark.slow
def test_a_long_clip_is_written_while_it_goes_on(studio: Studio) -> None:
    sent = list(packets(0.0, 400))
    fill(studio.ring, iter(sent[:200]))
    studio.clock.at = 20.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop(occurred=15.0, detected=35.0), end=38.0))

        def begun() -> bool:
            studio.clock.at = min(37.0, studio.clock.at + 0.1)
            return any((studio.video / DRAFTS).glob("*.part"))

        until(begun)
        draft = next((studio.video / DRAFTS).iterdir())
        until(lambda: draft.stat().st_size > 5000)
        assert studio.clips() == []
        fill(studio.ring, (replace(p) for p in sent[200:]))
        studio.clock.at = 39.0
        assert studio.told.acquire(timeout=PATIENCE)

    [clip] = studio.clips()
    assert studio.numbers(clip) == list(range(120, 381))


class Broken(Ring):
    """A channel with a fault of ours."""

    def first(self, at: float) -> int | None:
        raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_recorder_that_dies_says_so_and_takes_no_more(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    studio.ring = Broken("line", 60.0, 10**8)
    studio.clock.at = 40.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
        until(lambda: "the recorder died" in caplog.text)
        recorder.wish(wish(stop()))

    assert studio.clips() == []


def test_asked_to_stop_it_keeps_what_there_is(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 200))
    studio.clock.at = 20.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop(detected=35.0)))

    [clip] = studio.clips()
    assert studio.numbers(clip) == list(range(120, 200))


def test_no_pictures_are_no_clip(studio: Studio) -> None:
    studio.clock.at = 40.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
    assert studio.clips() == []
    assert studio.names() == set()


def test_what_was_left_by_a_kill_is_found_mended_and_told(studio: Studio) -> None:
    """The three places where one may be killed: in the midst, before the name, before the row."""
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
    [whole] = studio.clips()
    data = (studio.video / whole.file).read_bytes()
    (studio.video / whole.file).rename(studio.video / "press1/press1-20260301T070000000Z-stop.mp4")
    drafts = studio.video / DRAFTS
    (drafts / f"press2-20260301T080000500Z-start.mp4{DRAFT}").write_bytes(
        data[: len(data) * 2 // 3]
    )
    (drafts / f"press1-20260301T090000000Z-stop.mp4{DRAFT}").write_bytes(data[:500])
    (drafts / f"saw-20260301T090000000Z-stop.mp4{DRAFT}").write_bytes(data[:500])
    (studio.video / "press1" / "holiday.mp4").write_bytes(data)
    with studio.recording():
        pass

    found = studio.clips()
    assert [clip.start.hour for clip in found] == [7, 8]
    assert found[1].shown == (("press2", Trigger.START),)
    shown = studio.numbers(found[1])
    assert shown == list(range(120, 120 + len(shown)))
    assert found[1].seconds == pytest.approx(len(shown) / FPS)
    # of another process, and of another program; the rest could not be played
    others = {f"{DRAFTS}/saw-20260301T090000000Z-stop.mp4{DRAFT}", "press1/holiday.mp4"}
    assert studio.names() == others | {clip.file for clip in found}
    with History(studio.path) as history:
        keys = [d.announcement.key for d in history.due(["press2"], 0.0)]
    assert keys == [f"site/press2/clip/{found[1].id}"]


def test_a_file_that_comes_back_is_listed_again_and_told_once(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
    [clip] = studio.clips()
    path = studio.video / clip.file
    path.rename(studio.video / "elsewhere")
    with studio.recording():
        pass
    assert studio.clips() == []
    (studio.video / "elsewhere").rename(path)
    with studio.recording():
        pass

    assert [found.id for found in studio.clips()] == [clip.id]
    with History(studio.path) as history:
        assert len(history.due(["press1"], 0.0)) == 1


def test_a_full_disk_costs_clips_until_there_is_room(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    studio.space = Space(10**9, 500)
    with studio.recording() as recorder, caplog.at_level(logging.INFO):
        recorder.wish(wish(stop()))
        until(lambda: "clips are lost" in caplog.text)
        studio.space = PLENTY
        recorder.wish(wish(stop(occurred=20.0)))
        assert studio.told.acquire(timeout=PATIENCE)

    assert len(studio.clips()) == 1
    assert "clips are kept again" in caplog.text
    assert not any((studio.video / DRAFTS).iterdir())


def test_while_the_history_refuses_clips_wait_to_be_listed(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 50.0
    studio.path.mkdir()
    with studio.recording() as recorder:
        recorder.wish(wish(stop()))
        until(lambda: any((studio.video / "press1").glob("*.mp4")))
        studio.path.rmdir()
        studio.clock.at = 200.0
        assert studio.told.acquire(timeout=PATIENCE)

    assert len(studio.clips()) == 1


@pytest.mark.slow
def test_a_week_of_events_stays_within_the_limits_and_the_oldest_go(tmp_path: Path) -> None:
    """A clip every ten minutes, of any size, on a disk that others fill too."""
    video, most, days = tmp_path / "video", 1_000_000, 3.0
    total, others = 3_000_000, 500_000

    def used() -> int:
        return sum(path.stat().st_size for path in video.rglob("*.mp4"))

    shelf = Shelf(
        video,
        Limits(bytes=most, days=days, reserve=400_000),
        lambda _: Space(total, total - others - used()),
    )
    (video / "press1").mkdir(parents=True)
    with History(tmp_path / "history.sqlite3") as history:
        writing = history._writing
        history._writing = lambda **_: writing(durable=False)  # type: ignore[method-assign]
        for n in range(7 * 24 * 6):
            at = START + timedelta(minutes=10 * n)
            size = 2_000 + n * 7919 % 30_000
            file = f"press1/press1-{n:06}.mp4"
            (video / file).write_bytes(bytes(size))
            end = at + timedelta(seconds=20)
            clip = Clip(0, file, video.as_posix(), at, end, size, "h264", (96, 64))
            history.add_clip(clip, [Shown("press1", Trigger.STOP, at)])
            assert used() <= most + size
            if n == 700:
                others = 1_900_000  # somebody else fills the disk
            shelf.tidy(history, end)
            assert used() <= most
            assert total - others - used() >= 400_000
        left = history.clips()
        assert {clip.file for clip in left} == {
            path.relative_to(video).as_posix() for path in video.rglob("*.mp4")
        }
        assert history.clip_bytes() == used()
    newest = [clip.file for clip in left]
    assert newest == sorted(newest, reverse=True)
    assert len(left) > 20
    assert all(at - clip.start <= timedelta(days=days) for clip in left)


def test_an_old_clip_goes_though_there_is_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Limits(bytes=10**9, days=2.0, reserve=0), lambda _: PLENTY)
    with History(tmp_path / "history.sqlite3") as history:
        for day in range(5):
            at = START + timedelta(days=day)
            path = tmp_path / f"{day}.mp4"
            path.write_bytes(b"film")
            clip = Clip(0, path.name, tmp_path.as_posix(), at, at, 4, "h264", (96, 64))
            history.add_clip(clip, [Shown("press1", Trigger.STOP, at)])
        assert shelf.tidy(history, START + timedelta(days=4)) == 2
        assert [clip.file for clip in history.clips()] == ["4.mp4", "3.mp4", "2.mp4"]


def test_what_nobody_comes_back_to_goes_as_old_clips_do(tmp_path: Path) -> None:
    """Half a clip of a machine that has another name by now is found by nobody."""
    shelf = Shelf(tmp_path, Limits(bytes=10**9, days=2.0, reserve=0), lambda _: PLENTY)
    (tmp_path / DRAFTS).mkdir()
    old, new, other = (
        tmp_path / DRAFTS / name
        for name in (f"old-1-stop.mp4{DRAFT}", f"new-1-stop.mp4{DRAFT}", "holiday.mp4")
    )
    for path, day in ((old, 0), (new, 2), (other, 0)):
        path.write_bytes(b"film")
        at = (START + timedelta(days=day)).timestamp()
        os.utime(path, (at, at))
    with History(tmp_path / "history.sqlite3") as history:
        shelf.tidy(history, START + timedelta(days=3))
    assert [path.exists() for path in (old, new, other)] == [False, True, True]


def test_a_clip_that_shows_no_change_is_told_too(tmp_path: Path) -> None:
    with History(tmp_path / "history.sqlite3") as history:
        clip = Clip(0, "a.mp4", "/video", START, START + timedelta(seconds=30), 4, "h264", (96, 64))
        shown = Shown("press1", Trigger.MANUAL, START, None, Audience(("log", "webhook")))
        number = history.add_clip(clip, [shown, replace(shown, trigger=Trigger.MOTION)])
        assert history.add_clip(clip, [shown]) == number
        due = history.due(["press1"], 0.0)
        [row] = history.gathered("webhook", ["press1"], START.timestamp())
        message = history.claim(row, START.timestamp(), "us")
    assert len(due) == 2
    told = due[0].announcement
    assert (told.seq, told.message) == (0, "30s of manual, motion")
    assert (told.change.from_state, told.machinestatus) == (told.change.to_state, None)
    assert message is not None
    assert json.dumps(message.announcement.key) == '"site/press1/clip/1"'


def test_pictures_of_a_stop_show_the_last_movement_and_the_standing_machine(
    studio: Studio,
) -> None:
    fill(studio.ring, packets(0.0, 400, size=(320, 240)))
    change = stop()
    with History(studio.path) as history:
        history.append(change, ["webhook"])
    studio.clock.at = 26.0
    with studio.recording() as recorder:
        recorder.wish(wish(change, stills=(14.5, 16.0), film=False))
        assert studio.told.acquire(timeout=PATIENCE)
        assert studio.told.acquire(timeout=PATIENCE)

    before, after = studio.clips()
    assert (before.is_picture, before.size, before.seconds) == (True, (320, 240), 0.0)
    assert after.start == START + timedelta(seconds=16)
    for picture, number in ((before, 145), (after, 160)):
        shown = cv2.imread(str(studio.video / picture.file), cv2.IMREAD_GRAYSCALE)
        assert clips.number_in(shown) == number
    with History(studio.path) as history:
        [delivery] = history.due(["press1"], 0.0)
        # nobody is told of the pictures alone
        assert history.outbox_counts()[DeliveryState.PENDING] == 1
    assert delivery.announcement.pictures == (before, after)
    assert [p["path"] for p in payload(delivery.announcement)["pictures"]] == [
        before.path,
        after.path,
    ]


def test_of_pictures_of_movement_the_newest_are_kept(studio: Studio) -> None:
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 40.0
    with studio.recording() as recorder:
        for at in range(2, 12):
            moved = replace(wish(stop()), trigger=Trigger.MOTION, event=float(at), change=None)
            recorder.wish(replace(moved, stills=(float(at),), film=False))
        for _ in range(10):
            assert studio.told.acquire(timeout=PATIENCE)

    assert [(clip.start - START).total_seconds() for clip in studio.clips()] == [9.0, 10.0, 11.0]
    assert len(list((studio.video / "press1").iterdir())) == 3


def test_a_moment_that_is_forgotten_has_the_oldest_picture_there_is(studio: Studio) -> None:
    fill(studio.ring, packets(100.0, 50))
    studio.clock.at = 110.0
    with studio.recording() as recorder:
        recorder.wish(wish(stop(), stills=(14.5,), film=False))
        assert studio.told.acquire(timeout=PATIENCE)

    [picture] = studio.clips()
    assert picture.start == START + timedelta(seconds=100)


@pytest.fixture
def manned(desk: Desk) -> Desk:
    desk.configure({"press1": PRESS}, stream=STREAM, clips={"events": "manual", "longest": 5})
    return desk


def test_who_asks_for_a_minute_gets_it_whatever_is_the_rule_for_other_clips(manned: Desk) -> None:
    now = lambda: Moment(*clock())  # noqa: E731
    clock = Clock()
    config = load(manned.config, {})
    kept = threading.Semaphore(0)
    clipper = Clipper(config, list(config.cameras.values()), now, kept.release)
    ring = clipper.tap(config.cameras["press1"].address)
    assert ring is not None
    sent = list(packets(0.0, 400))
    fill(ring, iter(sent[:100]))
    clock.at = 10.0
    folder = machine_folder(config, "press1")
    folder.mkdir(parents=True)
    ask(folder, 20.0, clock()[1])
    with clipper:
        until(lambda: not [*folder.glob("record.json*")])
        for packet in sent[100:]:
            ring.add(memoryview(packet.data), packet.at, packet.dts, packet.pts, packet.key)
        clock.at = 40.0
        assert kept.acquire(timeout=PATIENCE)

    with History(manned.history) as history:
        [clip] = history.clips()
    assert (clip.start, clip.end) == (
        START + timedelta(seconds=7),
        START + timedelta(seconds=30.1),
    )


def test_a_clip_begins_early_enough_however_late_the_sample_was_that_shows_the_edge(
    desk: Desk,
) -> None:
    """Samples are half a second apart and more: the machine changed since the one before."""
    desk.configure({"press1": PRESS}, stream=STREAM, clips={"events": "stop"})
    config, clock, kept = load(desk.config, {}), Clock(), threading.Semaphore(0)
    cameras = list(config.cameras.values())
    with Clipper(config, cameras, lambda: Moment(*clock()), kept.release) as clipper:
        ring = clipper.tap(cameras[0].address)
        assert ring is not None
        fill(ring, packets(0.0, 400))
        clock.at = 40.0
        clipper.changed(stop(occurred=15.0, detected=25.0))
        assert kept.acquire(timeout=PATIENCE)

    with History(desk.history) as history:
        [clip] = history.clips()
    really = START + timedelta(seconds=14.2)
    assert (really - clip.start).total_seconds() >= config.recording.extent.before
    assert clip.end >= START + timedelta(seconds=28)


def test_what_was_asked_of_a_tracker_that_is_gone_is_not_asked_of_the_next(manned: Desk) -> None:
    config, clock = load(manned.config, {}), Clock()
    folder = machine_folder(config, "press1")
    folder.mkdir(parents=True)
    ask(folder, 20.0, clock()[1] - 3600)
    cameras = list(config.cameras.values())
    with Clipper(config, cameras, lambda: Moment(*clock()), lambda: None) as clipper:
        ring = clipper.tap(cameras[0].address)
        assert ring is not None
        fill(ring, packets(0.0, 100))
        clock.at = 10.0
        until(lambda: not [*folder.glob("record.json*")])
        clock.at = 60.0

    with History(manned.history) as history:
        assert history.clips() == []


def test_nobody_is_asked_to_record_where_nobody_tracks(manned: Desk) -> None:
    done = manned.run("clips", "press1", "--record", "5")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no tracker of press1 runs" in done.stderr


def test_a_clip_that_not_everybody_plays_is_exported_so_that_everybody_does(manned: Desk) -> None:
    video = manned.folder / "logs" / "video"
    sent = list(packets(0.0, 45, "h265"))
    with History(manned.history) as history:
        film = Film(video / "press1" / "a.mp4", sent[0])
        for packet in sent:
            film.add(replace(packet, at=packet.at + 3.0 * (packet.number > 20)))
        film.close()
        end = START + timedelta(seconds=4.5)
        kept = Clip(0, "press1/a.mp4", video.as_posix(), START, end, film.bytes, "hevc", film.size)
        history.add_clip(kept, [Shown("press1", Trigger.MANUAL, START)])
        still = replace(kept, file="press1/a.jpg", codec="jpeg")
        history.add_clip(still, [Shown("press1", Trigger.MANUAL, START)])

    def seen(name: str) -> tuple[str, list[tuple[float, int]]]:
        with av.open(str(manned.folder / name)) as made:
            frames = [(f.time, clips.number_in(f.to_ndarray(format="gray"))) for f in made.decode()]
            return made.streams.video[0].codec_context.name, frames  # type: ignore[return-value]

    assert manned.run("clips", "--export", "1", "-o", "as-sent.mp4").returncode == 0
    done = manned.run("clips", "--export", "1", "--playable", "-o", "for-all.mp4")
    assert (done.returncode, done.stdout) == (0, "for-all.mp4\n"), done.stderr
    (sent_as, frames), (plays_as, copies) = seen("as-sent.mp4"), seen("for-all.mp4")
    assert (sent_as, plays_as) == ("hevc", "h264")
    assert [number for _, number in copies] == [number for _, number in frames] == list(range(45))
    assert [at for at, _ in copies] == pytest.approx([at for at, _ in frames], abs=0.001)

    assert manned.run("clips", "--export", "2", "--playable").returncode == 2
    assert manned.run("clips", "--playable").returncode == 2
    film.path.write_bytes(film.path.read_bytes()[:300])
    done = manned.run("clips", "--export", "1", "--playable", "-o", "broken.mp4")
    assert (done.returncode, done.stdout) == (2, "")
    assert not list(manned.folder.glob("broken*"))


def told_of(desk: Desk, *notifiers: str) -> Clip:
    """Put a clip that shows a stop on the disk, and into the history."""
    video = desk.folder / "logs" / "video"
    (video / "press1").mkdir(parents=True)
    (video / "press1" / "a.mp4").write_bytes(b"film")
    change = stop()
    with History(desk.history) as history:
        history.append(change)
        clip = Clip(0, "press1/a.mp4", video.as_posix(), START, END, 4, "h264", (96, 64))
        audience = Audience(notifiers, 17)
        shown = Shown("press1", Trigger.STOP, change.occurred_at, change, audience)
        return replace(clip, id=history.add_clip(clip, [shown]))


def test_a_clip_that_is_refused_is_a_dead_letter_and_is_told_when_it_is_revived(
    manned: Desk,
) -> None:
    clip, clock = told_of(manned, "webhook"), Clock()
    with Receiver() as receiver:
        receiver.plan.extend([Answer(503), Answer(404)])
        webhook = {"webhook": open_notifier("webhook", url=receiver.url)}
        opened = lambda: History(manned.history)  # noqa: E731
        browser = "http://plant-pc:8787"
        sender = Sender(opened, webhook, ["press1"], lambda: clock()[1], dashboard=browser)
        sender.start()
        receiver.wait_for(1)
        with History(manned.history) as history:
            until(lambda: (history.next_due(["press1"]) or 0.0) > clock()[1])
        assert "1 pending" in manned.run("notify", "--outbox").stdout
        clock.at = 3600.0
        sender.wake()
        until(lambda: "1 dead" in manned.run("notify", "--outbox").stdout)
        assert "site/press1/clip/1" in manned.run("notify", "--outbox").stdout
        assert manned.run("notify", "--retry").returncode == 0
        sender.wake()
        requests = receiver.wait_for(3)
        until(lambda: "1 delivered" in manned.run("notify", "--outbox").stdout)
        sender.close(PATIENCE)

    assert {request.headers["idempotency-key"] for request in requests} == {"site/press1/clip/1"}
    told = requests[-1].json
    assert (told["event"], told["machine"], told["machineid"]) == ("clip", "press1", 17)
    assert (told["clip_path"], told["clip_bytes"]) == (clip.path, 4)
    assert (told["clip_start"], told["clip_end"]) == (START.isoformat(), END.isoformat())
    moment = round(stop().occurred_at.timestamp() * 1000)
    assert told["link"] == f"http://plant-pc:8787/m/press1?at={moment}"
    assert (told["clip_of"], told["occurred_at"]) == ("stop", stop().occurred_at.isoformat())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_who_removes_all_clips_at_a_terminal_is_asked(manned: Desk) -> None:
    path = Path(told_of(manned).path)
    for answer, left in (("n", True), ("y", False)):
        with Terminal("clips", "--all", folder=manned.config) as terminal:
            terminal.wait_for("Remove 1 clip of press1?")
            terminal.enter(answer)
            assert terminal.end() == 0
        assert path.exists() is left
        assert ("1 clip removed" in terminal.text) is not left


@pytest.mark.parametrize("more", [(), ("--json",), ("--all", "--yes")])
def test_clips_of_a_camera_that_is_not_there_are_a_mistake(
    manned: Desk, more: tuple[str, ...]
) -> None:
    assert manned.run("clips", "press1", *more).returncode == 0
    done = manned.run("clips", "pres1", *more)

    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean press1?" in done.stderr
