"""Replaying a recording: the engine of `run`, on the time of the video."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from motion_tracking.cli import cli, guarded
from motion_tracking.commands.comparing import differences, parse_settings
from motion_tracking.commands.replaying import Replayed, area_camera, replayed
from motion_tracking.commands.tracking import Known
from motion_tracking.console import Failure
from motion_tracking.core.changes import Change
from motion_tracking.core.detectors.difference import Difference
from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import Machine, MachineState, Reason, Transition
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.report.annotation import Changes, Drawn, Watched, draw
from motion_tracking.simulator.scenes import MACHINES, Noise
from motion_tracking.tracker import Scored, Tracker, play, track
from servers.videos import block, write_video

ROI = (12, 12, 84, 52)
AREA = "12,12,84,52"
RUN, STOP = 40.0, 80.0
"""Seconds: runs up to the first, stands up to the second, and runs to the end."""

END = 110.0


def runs(at: float) -> bool:
    return not RUN <= at < STOP


class Notes:
    def __init__(self) -> None:
        self.scores: list[Scored] = []
        self.changes: list[Change] = []

    def scored(self, scored: Scored) -> None:
        self.scores.append(scored)

    def changed(self, change: Change) -> None:
        self.changes.append(change)


def recorded(fps: float, end: float = END) -> Iterator[Frame]:
    for n in range(int(end * fps)):
        at = n / fps
        yield Frame(block(at, runs(at)), at, at)


def tracker(notes: Notes) -> Tracker:
    roi = Roi.from_corners(*ROI)
    return Tracker("press1", roi, 100, Difference(roi), Machine(0.0), [notes])


def played(frames: Iterator[Frame]) -> Notes:
    notes = Notes()
    play(frames, [tracker(notes)], Sampler(0.0))
    return notes


class Live:
    """A mailbox on simulated time: whoever waits is given each sample when it is due."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        sampler = Sampler(0.0)
        self.samples = [frame for frame in frames if sampler.take(frame.at)]
        self.at = 0.0

    def take(self, timeout: float) -> dict[str, Frame]:
        if self.samples[0].at > self.at + timeout:
            self.at += timeout
            return {}
        frame = self.samples.pop(0)
        self.at = frame.at
        return {"802": frame}

    def now(self) -> tuple[float, float]:
        return self.at, self.at

    def over(self, at: float) -> bool:
        return not self.samples


@pytest.mark.parametrize("gap", [0.0, 20.0])
def test_a_recording_is_judged_as_the_live_stream_was(gap: float) -> None:
    def frames() -> Iterator[Frame]:
        for frame in recorded(6):
            late = gap if frame.at > 60 else 0.0
            yield Frame(frame.luma, frame.at + late, frame.utc + late)

    live = Notes()
    mailbox = Live(frames())
    track(mailbox, {"802": [tracker(live)]}, mailbox.now, mailbox.over)
    replay = played(frames())

    assert replay.changes == live.changes
    assert replay.scores == live.scores
    assert len(live.changes) >= 3


def test_a_gap_in_a_recording_is_found_when_it_would_have_been_live() -> None:
    frames = (frame for frame in recorded(6) if not 20 < frame.at < 50)
    lost = next(c for c in played(frames).changes if c.to_state is MachineState.NO_SIGNAL)

    assert lost.reason is Reason.LOST
    assert lost.occurred_at.timestamp() == pytest.approx(20, abs=0.6)
    assert lost.detected_at.timestamp() == pytest.approx(28, abs=1)


def test_time_stamps_that_jump_by_years_do_not_hold_it_up() -> None:
    last = Frame(block(0, moving=False), 1e9, 1e9)
    changes = played(iter([*recorded(6, 30), last])).changes

    assert [change.to_state for change in changes] == ["running", "no_signal", "unknown"]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """110 s at 4 pictures a second."""
    path = tmp_path_factory.mktemp("videos") / "belt.mp4"
    return write_video(path, (frame.luma for frame in recorded(4)), 4)


def motion_track(*arguments: str | Path) -> int:
    return guarded(cli, [str(argument) for argument in arguments])


def test_the_json_is_what_the_design_says(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert motion_track("replay", video, "--roi", AREA, "--threshold", 100, "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)

    assert err == ""
    assert [*found] == [
        *("schema", "machine", "threshold", "share", "expected_error"),
        *("transitions", "intervals", "samples", "cpu_s"),
    ]
    assert (found["schema"], found["machine"], found["threshold"]) == (1, "belt", 100)
    assert (found["share"], found["expected_error"]) == (0.5, None)
    assert found["samples"] == pytest.approx(2 * END, abs=4)
    assert 0 < found["cpu_s"] < END
    for transition in found["transitions"]:
        assert [*transition] == ["from", "to", "reason", "occurred_at_s", "detected_at_s"]
    tiles = found["intervals"]
    assert [tile["state"] for tile in tiles] == ["running", "stopped", "running"]
    assert [tile["start_s"] for tile in tiles] == pytest.approx([0, RUN, STOP], abs=1)
    assert [tile["end_s"] for tile in tiles[:-1]] == [tile["start_s"] for tile in tiles[1:]]
    assert tiles[-1]["end_s"] == END


def test_a_clip_too_short_to_decide_is_unknown_and_not_untracked(tmp_path: Path) -> None:
    short = write_video(tmp_path / "short.mp4", (f.luma for f in recorded(5, 6)), 5)
    [found] = replayed(short, [Known(area_camera(short, "belt", ROI))])

    assert found.tiles == (Interval(MachineState.UNKNOWN, None, 0.0, 6.0, open=True),)
    assert found.transitions == ()


def test_the_time_of_day_is_shown_where_it_is_known(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ("--start-time", "2026-03-01T06:00:00+01:00")
    assert motion_track("replay", video, "--roi", AREA, *begin) == 0
    table = capsys.readouterr().out
    assert motion_track("replay", video, "--roi", AREA, *begin, "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert "2026-03-01 06:00:40  0:40" in table
    assert "utilisation 63" in table
    stop = datetime.fromisoformat(found["intervals"][1]["start"])
    assert abs((stop - datetime(2026, 3, 1, 5, 0, 40, tzinfo=UTC)).total_seconds()) < 1


def test_another_setting_is_compared_side_by_side(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("replay", video, "--roi", AREA, "--threshold", 100, "--compare", "threshold=99999")
    assert motion_track(*asked) == 0
    text = capsys.readouterr().out
    assert motion_track(*asked, "--json") == 0
    compared = json.loads(capsys.readouterr().out)["compared"]

    assert "1 stop instead of 1 with threshold=99999; they differ for 1m 10s:" in text
    assert [line.split() for line in text.splitlines() if line.startswith("longest")] == [
        ["longest", "stop", "40s", "1m", "50s"]
    ]
    assert compared["threshold"] == 99999
    assert [(d["state"], d["compared"]) for d in compared["differences"]] == [
        ("running", "stopped"),
        ("running", "stopped"),
    ]


def test_an_annotated_video_can_be_played_and_has_every_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = write_video(tmp_path / "belt.mp4", (frame.luma for frame in recorded(5, 2)), 5)
    output = tmp_path / "shared.mp4"
    assert motion_track("replay", video, "--roi", AREA, "--annotate", output) == 0

    assert capsys.readouterr().out.splitlines()[-1] == str(output)
    with av.open(str(output)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert film.streams.video[0].width >= 640, "room for words"
        assert sum(1 for _ in film.decode(video=0)) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["belt.mp4", "shared.mp4"]


@pytest.mark.parametrize("background", [0, 255])
@pytest.mark.parametrize("state", list(MachineState))
def test_notes_can_be_read_on_dark_and_on_light_pictures(
    background: int, state: MachineState
) -> None:
    import numpy as np

    picture = np.full((360, 640, 3), background, np.uint8)
    tiles = [Interval(state, None, 0.0, 10.0)]
    watched = Watched("press1", Roi(300, 120, 200, 150), 300, [], tiles)
    drawn = draw(picture, 5.0, watched, Drawn(5.0, 400, True, 0.7))

    edge = drawn[120:270, 295:305].astype(int)
    assert edge.max() - edge.min() > 150, "the outline has light and dark lines"
    words = drawn[:60, :200].astype(int).sum(axis=2)
    assert words.max() - words.min() > 300
    assert (picture == background).all(), "the given picture is left alone"


def test_contours_are_drawn_around_what_changed_and_the_clock_is_readable() -> None:
    import numpy as np

    still, moved = (np.full((360, 640, 3), 90, np.uint8) for _ in range(2))
    moved[200:220, 400:430] = 240
    tiles = [Interval(MachineState.RUNNING, None, 0.0, 10.0)]
    started = datetime(2026, 3, 1, 6, tzinfo=UTC)
    watched = Watched("press1", Roi(300, 120, 200, 150), 300, [], tiles, started, 50)
    changes = Changes(watched)

    assert len(changes.since_before(0.0, still)) == 0
    [contour] = changes.since_before(0.5, moved)
    assert contour.reshape(-1, 2).min(axis=0) == pytest.approx([100, 80], abs=3)
    assert len(changes.since_before(1.0, moved)) == 0
    plain = draw(moved, 5.0, watched, Drawn(5.0, 400, True, 0.7))
    drawn = draw(moved, 5.0, watched, Drawn(5.0, 400, True, 0.7, [contour]))
    changed = np.argwhere((plain != drawn).any(axis=2))
    assert changed.min(axis=0) == pytest.approx([200, 400], abs=6)
    assert changed.max(axis=0) == pytest.approx([219, 429], abs=6)
    later = draw(moved, 6.0, watched, Drawn(5.0, 400, True, 0.7))
    assert (later[:120, :300] != plain[:120, :300]).any(), "a second later"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("nowhere.mp4", "--roi", AREA), 3, "no such file"),
        (("text.mp4", "--roi", AREA), 3, "cannot be decoded"),
        (("empty.mp4", "--roi", AREA), 4, "no pictures"),
        (("belt.mp4",), 2, "which part"),
        (("belt.mp4", "--roi", "1,2,3"), 2, "is no area"),
        (("belt.mp4", "--roi", "5,5,5,9"), 2, "is no area"),
        (("belt.mp4", "--roi", "0,0,97,64"), 2, "the picture, which is 96x64"),
        (("belt.mp4", "--roi", AREA, "--camera", "press1"), 2, "exclude"),
        (("belt.mp4", "--roi", AREA, "--start-time", "noon"), 2, "not a time"),
        (("belt.mp4", "--roi", AREA, "--compare", "speed=2"), 2, "sets nothing"),
        (("belt.mp4", "--roi", AREA, "--compare", "share=2"), 2, "a share from 0.02"),
        (("belt.mp4", "--roi", AREA, "--annotate", "belt.mp4"), 2, "overwrite"),
        (("belt.mp4", "--roi", AREA, "--annotate", "no/where.mp4"), 2, "no folder"),
    ],
)
def test_a_mistake_is_told_in_two_lines(
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: Sequence[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "belt.mp4").write_bytes(video.read_bytes())
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()

    assert motion_track("replay", *arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert told in err


def test_a_configured_camera_brings_its_area_and_settings(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corners = "ix = 12\niy = 12\nix2 = 84\niy2 = 52\n"
    section = f"[belt7]\nchannel = webcam\n{corners}threshold = 120\nshare = 0.4\nframe = 96x64\n"
    (tmp_path / "config_cam.ini").write_text(section, encoding="utf-8")
    asked = ("replay", video, "--camera", "belt7", "--json")

    assert motion_track("-C", tmp_path, *asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["machine"], found["threshold"], found["share"]) == ("belt7", 120, 0.4)
    assert motion_track("-C", tmp_path, *asked, "--threshold", 99999) == 0
    assert json.loads(capsys.readouterr().out)["intervals"][0]["state"] == "stopped"

    (tmp_path / "config_cam.ini").write_text(section.replace("96x64", "704x576"), encoding="utf-8")
    assert motion_track("-C", tmp_path, *asked) == 2
    assert "drawn in a picture of 704x576, this one is 96x64" in capsys.readouterr().err


def test_a_video_that_breaks_off_is_judged_up_to_there(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.mp4"
    head_first = {"movflags": "faststart"}
    with av.open(str(video)) as whole, av.open(str(torn), "w", options=head_first) as film:
        stream = film.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                film.mux(packet)
    torn.write_bytes(torn.read_bytes()[: torn.stat().st_size // 2])

    assert motion_track("replay", torn, "--roi", AREA, "--json") == 1
    out, err = capsys.readouterr()
    assert 10 < json.loads(out)["intervals"][-1]["end_s"] < END - 10
    assert "torn.mp4 ends early: it says it lasts 1:50" in err


def seen(*tiles: tuple[str, float, float]) -> Replayed:
    made = tuple(Interval(MachineState(state), None, start, end) for state, start, end in tiles)
    camera = area_camera(Path("x.mp4"), "x", ROI)
    return Replayed(camera, (), made, (), made[-1].end, 0.0)


def test_differences_are_joined_and_leave_out_what_agrees() -> None:
    one = seen(("running", 0, 50), ("stopped", 50, 100))
    other = seen(("running", 0, 20), ("stopped", 20, 30), ("running", 30, 60), ("stopped", 60, 100))

    assert [(d.start, d.end, d.state, d.other) for d in differences(one, other)] == [
        (20, 30, "running", "stopped"),
        (50, 60, "stopped", "running"),
    ]
    assert list(differences(one, one)) == []


def test_the_longest_stop_goes_on_in_deep_sleep() -> None:
    found = seen(
        ("stopped", 0, 50), ("running", 50, 60), ("stopped", 60, 90), ("deep_sleep", 90, 130)
    )

    assert found.longest_stop == 70


def test_settings_to_compare_are_read_as_the_configuration_reads_them() -> None:
    camera = area_camera(Path("x.mp4"), "x", ROI)
    changed = parse_settings(camera, "threshold=77 share=40% window=20")

    assert (changed.threshold, changed.share, changed.window_seconds) == (77, 0.4, 20.0)
    with pytest.raises(Failure, match="a whole number"):
        parse_settings(camera, "threshold=many")


@pytest.mark.slow
def test_the_frame_rate_changes_nothing(tmp_path: Path) -> None:
    """One machine, filmed at 5, 12 and 25 pictures a second."""
    scene = MACHINES["flywheel"]((176, 144))

    def filmed(fps: int) -> tuple[Transition, ...]:
        noise = Noise(scene.size)
        times = [n / fps for n in range(int(END * fps))]
        turned = (min(at, RUN) + max(0.0, at - STOP) for at in times)
        path = tmp_path / f"{fps}.mp4"
        write_video(path, (noise.add(scene.draw(phase)) for phase in turned), fps)
        roi = scene.roi
        corners = (roi.x, roi.y, roi.x + roi.width, roi.y + roi.height)
        [found] = replayed(path, [Known(area_camera(path, "wheel", corners, scene.threshold))])
        return found.transitions

    films = [filmed(fps) for fps in (5, 12, 25)]
    for transitions in films:
        assert [t.to_state for t in transitions] == ["running", "stopped", "running"]
        for one, other in zip(transitions, films[0], strict=True):
            assert one.occurred_at == pytest.approx(other.occurred_at, abs=1)
            assert one.detected_at == pytest.approx(other.detected_at, abs=1)


def test_a_machine_is_learned_from_spans_of_the_same_video(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spans = ["--calibrate-running", "2-38", "--calibrate-stopped", "0:42-1:18"]
    assert guarded(cli, ["replay", str(video), "--roi", AREA, *spans, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert found["expected_error"] == 0.0
    assert [tile["state"] for tile in found["intervals"] if tile["state"] != "unknown"] == [
        *("running", "stopped", "running")
    ]
    stop, start = [change["occurred_at_s"] for change in found["transitions"]][1:]
    assert 0 <= stop - RUN < 3  # it may look back for two seconds, and sees movement for so long
    assert start == pytest.approx(STOP, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--calibrate-running", "2-38"], "are needed together"),
        (["--calibrate-running", "x", "--calibrate-stopped", "1-2"], "'x' is no span"),
        (["--calibrate-running", "9-2", "--calibrate-stopped", "1-2"], "'9-2' is no span"),
        (["--calibrate-running", "2-38", "--calibrate-stopped", "42-44"], "are too few"),
        (["--calibration", "none.npz"], "no such file"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_told(
    video: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(cli, ["replay", str(video), "--roi", AREA, *arguments]) == 2
    error = capsys.readouterr().err
    assert "error:" in error
    assert said in error


def test_an_area_that_cannot_be_told_apart_is_not_calibrated(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spans = ["--calibrate-running", "42-58", "--calibrate-stopped", "60-78"]
    assert guarded(cli, ["replay", str(video), "--roi", AREA, *spans, "--json"]) == 0
    said = capsys.readouterr()

    assert "cannot be told apart" in said.err
    assert json.loads(said.out)["expected_error"] is None
