"""Measuring how right tracking is, on clips with labels."""

import json
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from motion_tracking.cli import cli, guarded
from motion_tracking.commands.labels import LabelError, Spans, read_labels
from motion_tracking.core.machine import MachineState
from servers.videos import block, write_video

FOOTAGE = Path(__file__).parents[2] / "shared" / "footage"
END = 200.0
STOPPED = [(60.0, 130.0)]
AREA = [12, 12, 84, 52]
TAUGHT = {"running": [5, 30], "stopped": [70, 95]}


def states(stopped: list[tuple[float, float]], end: float = END) -> list[list[object]]:
    spans: list[list[object]] = []
    at = 0.0
    for start, until in stopped:
        spans += [[at, start, "running"], [start, until, "stopped"]]
        at = until
    return [*spans, [at, end, "running"]]


LabelClip = Callable[..., Path]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 s at 3 pictures a second."""
    path = tmp_path_factory.mktemp("clip") / "belt.mp4"
    times = (n / 3 for n in range(int(END * 3)))
    moving = ((at, not any(a <= at < b for a, b in STOPPED)) for at in times)
    return write_video(path, (block(at, runs) for at, runs in moving), 3)


@pytest.fixture
def label(clip: Path, tmp_path: Path) -> LabelClip:
    """Copy the clip, and write labels beside it."""

    def write(name: str = "belt", **roi: Any) -> Path:
        labelled(clip, tmp_path, name, **roi)
        return tmp_path

    return write


def labelled(clip: Path, folder: Path, name: str, **roi: Any) -> None:
    (folder / f"{name}.mp4").write_bytes(clip.read_bytes())
    area = {"name": "belt", "roi": AREA, "states": states(STOPPED), "calibration_s": TAUGHT}
    area |= roi
    (folder / f"{name}.json").write_text(json.dumps({"rois": [area]}), encoding="utf-8")


def evaluate(*arguments: str | Path) -> int:
    return guarded(cli, ["evaluate", *(str(argument) for argument in arguments)])


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was said of a folder with a labelled clip and one without labels."""

    found: dict[str, Any]
    report: str


@pytest.fixture(scope="module")
def evaluated(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    folder = tmp_path_factory.mktemp("evaluated")
    labelled(clip, folder, "belt")
    (folder / "bare.mp4").write_bytes(b"")
    report, out = folder / "report.md", StringIO()
    with redirect_stdout(out):
        assert evaluate(folder, "--json", "--report", report) == 0
    return Evaluated(json.loads(out.getvalue()), report.read_text(encoding="utf-8"))


def test_a_clip_that_is_tracked_rightly(evaluated: Evaluated) -> None:
    found = evaluated.found
    [area] = found["areas"]

    assert (found["schema"], found["broken"], found["unlabelled"]) == (1, [], ["bare.mp4"])
    assert (area["clip"], area["area"]) == ("belt", "belt")
    assert (area["settled"], area["running"], area["stopped"]) == (1.0, 1.0, 1.0)
    assert (area["changes"], area["missed"], area["false_changes"]) == (2, 0, 0)
    assert 10 < area["delay_median_s"] <= area["delay_max_s"] <= 20
    assert area["edge_error_median_s"] < 1
    assert (area["no_signal_recall"], area["falsely_running_s"]) == (None, pytest.approx(0, abs=3))
    assert found["together"]["settled_mean"] == 1.0


def test_each_machine_is_learned_first_unless_that_is_not_wanted(
    evaluated: Evaluated, label: LabelClip, capsys: pytest.CaptureFixture[str]
) -> None:
    [learned] = evaluated.found["areas"]
    assert evaluate(label(), "--no-calibrate", "--json") == 0
    [plain] = json.loads(capsys.readouterr().out)["areas"]

    assert learned["calibrated"]
    assert learned["margin"] > 1.0
    assert learned["expected_error"] == 0.0
    assert (plain["calibrated"], plain["margin"], plain["threshold"]) == (False, None, 300)


def test_labels_that_contradict_the_pictures_are_counted_against_it(
    label: LabelClip, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(label(states=[[0, 200, "stopped"]], calibration_s={}), "--json") == 0
    [area] = json.loads(capsys.readouterr().out)["areas"]

    assert area["false_changes"] == 2
    assert area["false_per_24h"] == pytest.approx(2 * 86400 / 200)
    assert area["falsely_running_s"] == pytest.approx(130, abs=1)
    assert area["settled"] < 0.6


def test_what_was_learned_from_is_not_judged_where_the_labels_say_so(
    label: LabelClip, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(label(judged_from_s=100), "--no-calibrate", "--json") == 0
    [area] = json.loads(capsys.readouterr().out)["areas"]

    assert (area["watched_s"], area["changes"]) == (100, 1)


def test_the_table_names_every_area(label: LabelClip, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(label("press_7"), "--no-calibrate") == 0
    heads, row, summary = capsys.readouterr().out.splitlines()

    assert heads.split()[:4] == ["CLIP", "AREA", "MARGIN", "SETTLED"]
    assert row.split()[0] == "press_7"
    assert "100.0%" in row
    assert "2 of 2 changes found, 0 false" in summary


def test_the_report_holds_the_table_and_its_limits(evaluated: Evaluated) -> None:
    text = evaluated.report
    assert "| clip | area | margin | settled |" in text
    assert re.search(r"\| belt \| belt \| [1-9]\.\d \| 100\.0% \|", text)
    assert "rough guess" in text
    assert "- bare.mp4: no labels" in text


def test_broken_and_unlabelled_clips_are_named_and_skipped(
    label: LabelClip, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = label("sound")
    label("beyond", roi=[0, 0, 500, 500])
    label("turned", states=[[9, 3, "running"]])
    (folder / "bare.mp4").write_bytes(b"")
    (folder / "torn.mp4").write_bytes(b"no video")
    (folder / "torn.json").write_bytes((folder / "sound.json").read_bytes())
    (folder / "odd.mp4").write_bytes(b"")
    (folder / "odd.json").write_text("{", encoding="utf-8")

    assert evaluate(folder, "--no-calibrate", "--json") == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [area["clip"] for area in found["areas"]] == ["sound"]
    assert [broken["clip"] for broken in found["broken"]] == [
        *("beyond.mp4", "odd.mp4", "torn.mp4", "turned.mp4")
    ]
    assert found["unlabelled"] == ["bare.mp4"]
    for told in ("bare.mp4 has no labels", "odd.json is not JSON", "96x64", "cannot be decoded"):
        assert told in err


def test_a_folder_without_labelled_clips_has_no_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(tmp_path) == 4
    assert "no labelled clips" in capsys.readouterr().err
    assert evaluate(tmp_path / "nowhere") == 2


def test_the_labels_say_what_to_learn_from_or_the_first_settled_spans_do(
    label: LabelClip,
) -> None:
    [area] = read_labels(label(calibration_s={}) / "belt.json")
    assert area.calibration == Spans(running=(0.0, 58.0), stopped=(65.0, 125.0))
    assert [span.state for span in area.truth] == ["running", "stopped", "running"]

    named = {"running": [2, 50], "stopped": [70, 120]}
    [area] = read_labels(label(calibration_s=named, judged_from_s=120) / "belt.json")
    assert area.calibration == Spans((2.0, 50.0), (70.0, 120.0))
    assert area.judged_from == 120

    [area] = read_labels(label(states=[[0, 200, "running"]], calibration_s={}) / "belt.json")
    assert area.calibration is None


def test_what_nobody_knows_between_two_labels_is_not_judged(label: LabelClip) -> None:
    spans = [[0, 60, "running"], [66, 130, "stopped"], [130, 200, "no_signal"]]
    [area] = read_labels(label(states=spans, blurred_s=[[128, 130]]) / "belt.json")

    assert [(s.start, s.blurred) for s in area.truth] == [(0, 0), (66, 6), (130, 2)]
    assert area.truth[2].state is MachineState.NO_SIGNAL


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"roi": [1, 2, 3]}, "not enough values"),
        ({"roi": None}, "NoneType"),
        ({"states": []}, "no `states`"),
        ({"states": [[0, 10, "idle"]]}, "'idle'"),
        ({"states": [[0, 10, "running"], [5, 20, "stopped"]]}, "before the one above it ends"),
        ({"calibration_s": {"running": [0, 9]}}, "'stopped'"),
    ],
)
def test_wrong_labels_are_told_where(label: LabelClip, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(LabelError, match=r"area belt.*") as error:
        read_labels(label(**wrong) / "belt.json")
    assert told in str(error.value)


def evaluated_footage(capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str], Any]:
    assert evaluate(FOOTAGE, "--json") == 0
    areas = json.loads(capsys.readouterr().out)["areas"]
    return {(area["clip"], area["area"]): area for area in areas}


if FOOTAGE.is_dir():  # its licences keep it out of the project

    @pytest.mark.slow
    def test_real_machines_are_tracked_rightly(capsys: pytest.CaptureFixture[str]) -> None:
        areas = evaluated_footage(capsys)
        stopping = [area for (clip, _), area in areas.items() if "_runstop" in clip]

        assert len(stopping) >= 8
        for area in stopping:
            assert (area["missed"], area["false_changes"]) == (0, 0), area
            assert area["settled"] == 1.0, area
            assert area["calibrated"] is (area["changes"] > 0)
