"""Does calibration say rightly of which machines the heads of groups of pictures tell enough?"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from motion_tracking.cli import cli, guarded
from motion_tracking.commands.labels import Spans
from motion_tracking.commands.learning import Recorded, recorded
from motion_tracking.commands.rehearsing import Verdict, rehearsed
from motion_tracking.core.heads import REORDERED, Group
from motion_tracking.core.motion import Roi
from motion_tracking.record.profiles import load_profile, save_profile
from motion_tracking.simulator.filming import shoot
from motion_tracking.simulator.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

SPANS = Spans((2.0, 62.0), (125.0, 185.0))

Filmed = Callable[[str], Path]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    folder, films = tmp_path_factory.mktemp("films"), dict[str, Path]()

    def film(name: str) -> Path:
        if name not in films:
            films[name] = shoot(SCENARIOS[name], 3, 420.0, folder)
        return films[name]

    return film


def roi_of(film: Path) -> tuple[int, int, int, int]:
    x, y, x2, y2 = json.loads(film.with_suffix(".json").read_text("utf-8"))["rois"][0]["roi"]
    return x, y, x2, y2


def learned_from(film: Path) -> tuple[Recorded, Verdict]:
    seen = recorded(film, Roi.from_corners(*roi_of(film)), SPANS)
    return seen, rehearsed(seen.learn(), seen.running, seen.stopped, seen.group, seen.reason)


def test_heads_do_for_what_moves_all_the_time(filmed: Filmed, tmp_path: Path) -> None:
    _, verdict = learned_from(filmed("flywheel"))

    assert verdict.words.startswith("decoded: one picture of ")
    assert verdict.part < 0.3
    assert verdict.profile.group == pytest.approx(4.0)
    save_profile(tmp_path / "press1.npz", verdict.profile)
    kept = load_profile(tmp_path / "press1.npz")
    assert [lag.seconds for lag in kept.heads] == [lag.seconds for lag in verdict.profile.heads]
    assert kept.group == verdict.profile.group


def test_a_press_that_dwells_could_hide_and_is_decoded_in_full(filmed: Filmed) -> None:
    """Its strokes fall on the same place of each group, or beside each head."""
    _, verdict = learned_from(filmed("dwell_press"))

    assert verdict.profile.heads == ()
    assert verdict.words.startswith("decoded: all pictures, since ")


def test_what_the_stream_forbids_is_said(filmed: Filmed) -> None:
    seen, _ = learned_from(filmed("flywheel"))
    found = seen.learn()
    rare = rehearsed(found, seen.running, seen.stopped, Group(120, 10.0))
    odd = rehearsed(found, seen.running, seen.stopped, None, REORDERED)

    assert "only every 10 s" in rare.words
    assert REORDERED in odd.words
    assert rare.profile.heads == odd.profile.heads == ()


def test_what_nobody_calibrated_has_no_heads(filmed: Filmed) -> None:
    seen, verdict = learned_from(filmed("flywheel"))
    few = rehearsed(seen.learn(), seen.running[:30], seen.stopped[:10], seen.group)

    assert few.profile.heads == ()
    assert replace(verdict.profile, heads=(), group=0.0).heads == ()


def test_replay_finds_the_same_with_a_part_of_the_pictures(
    filmed: Filmed, capsys: pytest.CaptureFixture[str]
) -> None:
    film = filmed("flywheel")
    spans = ["--calibrate-running", "2-62", "--calibrate-stopped", "125-185"]
    area = ["--roi", ",".join(map(str, roi_of(film)))]
    found = {}
    for sampling in ("all", "auto"):
        guarded(cli, ["replay", str(film), *area, *spans, "--sampling", sampling, "--json"])
        found[sampling] = json.loads(capsys.readouterr().out)
    everything, little = found["all"], found["auto"]

    assert "decoded" not in everything
    assert little["decoded"] < 0.5
    changes = zip(everything["transitions"], little["transitions"], strict=True)
    for one, other in changes:
        assert (one["from"], one["to"]) == (other["from"], other["to"])
        assert other["occurred_at_s"] == pytest.approx(one["occurred_at_s"], abs=2.0)
        assert other["detected_at_s"] == pytest.approx(one["detected_at_s"], abs=4.0)
    ends = [fields["intervals"][-1]["end_s"] for fields in (everything, little)]
    assert ends[1] == pytest.approx(ends[0], abs=0.2)
