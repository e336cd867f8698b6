"""Do scenarios show what they say, the same for the same seed, and nothing while calibrating?"""

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Grey, Roi, grey
from motion_tracking.simulator.filming import describe, shoot
from motion_tracking.simulator.machines import MACHINES, Pose, build_machine
from motion_tracking.simulator.nuisances import NUISANCES, Setting, Stage, build_nuisance
from motion_tracking.simulator.scenarios import SCENARIOS, RoiStyle, Scenario, Turns
from motion_tracking.simulator.staging import CALIBRATION, Staging

LONG = 1800.0
BOX = Roi(120, 110, 100, 90)


@lru_cache
def staged(name: str, disturbed: bool = True) -> Staging:
    """A scenario, in small pictures that are quickly drawn."""
    scenario = replace(SCENARIOS[name], size=(96, 80))
    return Staging(scenario if disturbed else replace(scenario, nuisances=()), 5, LONG)


@pytest.fixture(params=SCENARIOS)
def staging(request: pytest.FixtureRequest) -> Staging:
    return staged(request.param)


def full(level: int = 120) -> Grey:
    return np.full((288, 352), level, np.uint8)


def test_every_machine_and_every_nuisance_is_measured() -> None:
    assert {s.machine for s in SCENARIOS.values()} == set(MACHINES)
    assert {n for s in SCENARIOS.values() for n in s.nuisances} == set(NUISANCES)
    assert RoiStyle.SLOPPY in {s.roi for s in SCENARIOS.values()}


def test_a_scenario_is_the_same_again_for_the_same_seed_only(staging: Staging) -> None:
    again = Staging(staging.scenario, 5, LONG)

    assert describe(again) == describe(staging) != describe(Staging(staging.scenario, 6, LONG))
    first, second = (np.stack(list(islice(s.pictures(), 3))) for s in (staging, again))
    assert (first == second).all()
    moment = staging.nuisances[0].spans[0].start + 1 if staging.nuisances else 300.0
    assert (staging.scene(moment) == again.scene(moment)).all()


def test_pictures_are_of_the_size_asked_for_and_never_the_same(staging: Staging) -> None:
    first, second = islice(staging.pictures(), 2)

    assert first.shape == second.shape == staging.scenario.size[::-1]
    assert first.dtype == np.uint8
    assert (first != second).any()


def test_labels_tile_the_film_and_say_what_the_schedule_does(staging: Staging) -> None:
    truth = staging.truth()

    assert (truth[0].start, truth[-1].end) == (0.0, LONG)
    assert all(a.end == b.start and a.state is not b.state for a, b in pairwise(truth))
    assert truth[0].state is MachineState.RUNNING
    for span in truth:
        running = staging.schedule.running_at((span.start + span.end) / 2)
        if span.state is not MachineState.NO_SIGNAL:
            assert running == (span.state is MachineState.RUNNING)
    assert sum(span.state is MachineState.RUNNING for span in truth) > 3


def test_nothing_disturbs_the_calibration(staging: Staging) -> None:
    spans = [span for nuisance in staging.nuisances for span in nuisance.spans]

    assert all(2 * CALIBRATION <= span.start < span.end <= LONG for span in spans)
    calm = staged(staging.scenario.name, disturbed=False)
    if "neighbour" in staging.scenario.nuisances:  # it stands there, and does not move
        assert (staging.scene(1.0)[:, :2] == calm.scene(1.0)[:, :2]).all()
        return
    for at in (0.0, 60.3, 119.9, 130.0, 239.9):
        assert (staging.scene(at) == calm.scene(at)).all()


def test_every_nuisance_of_a_scenario_acts(staging: Staging) -> None:
    for nuisance in staging.nuisances:
        assert nuisance.spans, nuisance.words
        assert sum(span.end - span.start for span in nuisance.spans) > 30


def test_the_machine_moves_within_its_roi_and_stands_where_it_stopped(staging: Staging) -> None:
    calm = staged(staging.scenario.name, disturbed=False)
    roi = calm.roi
    assert roi.fits(*calm.scenario.size)
    running = [roi.cut(calm.scene(at)) for at in np.arange(10, 40, 0.35)]
    moved = max(int(np.abs(a.astype(int) - running[0]).max()) for a in running)
    assert moved > 8
    stopped = [calm.scene(at) for at in np.arange(121, 239, 7.0)]
    assert all((a == stopped[0]).all() for a in stopped)


def test_a_sloppy_roi_is_two_fifths_too_long() -> None:
    scenario = replace(SCENARIOS["sloppy_vibration"], size=(176, 144))
    for seed in range(4):
        sloppy = Staging(scenario, seed, LONG)
        neat = Staging(replace(scenario, roi=RoiStyle.NEAT), seed, LONG)
        assert neat.box == sloppy.box
        assert sloppy.roi.width / sloppy.box.width == pytest.approx(1.4, abs=0.04)
        assert sloppy.roi.height / sloppy.box.height == pytest.approx(1.4, abs=0.04)
        assert neat.roi.width / neat.box.width == pytest.approx(1.02, abs=0.06)


def test_what_nobody_can_see_is_labelled_no_signal() -> None:
    staging = Staging(SCENARIOS["frozen_placard"], 1, LONG)
    blank = [span for span in staging.truth() if span.state is MachineState.NO_SIGNAL]
    hidden = [span for nuisance in staging.nuisances for span in nuisance.spans]

    assert {nuisance.stage for nuisance in staging.nuisances} == {Stage.RECORDER}
    assert min(span.start for span in blank) == min(span.start for span in hidden)
    for span in hidden:
        assert any(s.start <= span.start and span.end <= s.end for s in blank)


def test_a_coasting_machine_slows_down_until_its_label_says_stopped() -> None:
    staging = Staging(SCENARIOS["coast_down"], 1, LONG)
    stop = staging.truth()[1]

    def moved(at: float) -> int:
        before, after = staging.scene(at).astype(int), staging.scene(at + 0.2)
        return int(np.abs(before - after).sum())

    assert (stop.start, stop.blurred) == (CALIBRATION, 12.0)
    assert moved(119.7) < moved(113) < moved(100)
    assert moved(120.0) == 0
    assert staging.calibration()["running"].end < CALIBRATION - 12


def test_the_label_file_has_the_keys_of_labelled_footage() -> None:
    labels = describe(Staging(SCENARIOS["frozen_placard"], 1, LONG))
    [roi] = labels["rois"]

    assert {"width", "height", "fps", "duration_s", "rois"} <= labels.keys()
    assert {"name", "roi", "states", "nuisance_events_s"} <= roi.keys()
    assert {state for _, _, state in roi["states"]} == {"running", "stopped", "no_signal"}
    assert roi["states"][0] == [0.0, 120.0, "running"]
    assert roi["calibration_s"] == {"running": [2.0, 118.0], "stopped": [122.0, 238.0]}
    assert json.loads(json.dumps(labels)) == labels


@pytest.mark.parametrize("name", NUISANCES)
def test_a_nuisance_changes_pictures_in_its_time_only(name: str) -> None:
    setting = Setting((352, 288), BOX, 100.0, 1500.0)
    nuisance = build_nuisance(name, setting, np.random.default_rng(3))
    span = nuisance.spans[0]
    noise = np.random.default_rng(0).integers(90, 150, (288, 352)).astype(np.uint8)
    pictures = {
        at: nuisance.change(noise.copy() if at < 1 else full(), at)
        for at in (0.5, *np.linspace(span.start + 0.01, span.end - 0.01, 9))
    }

    assert all(picture.shape == (288, 352) for picture in pictures.values())
    if name not in ("neighbour", "clock"):  # these are always there
        assert (pictures[0.5] == noise).all()
        assert (nuisance.change(noise.copy(), span.start - 0.01) == noise).all()
    if name not in ("frozen", "shake"):  # these need a picture that changes, or has structure
        assert any((picture != full()).any() for picture in pictures.values())
    assert nuisance.words


def test_a_frozen_picture_stays_and_then_goes_on() -> None:
    setting = Setting((352, 288), BOX, 100.0, 1500.0)
    frozen = build_nuisance("frozen", setting, np.random.default_rng(3))
    start, end = frozen.spans[0]

    held = [frozen.change(full(level), start + level) for level in (1, 2, 3)]
    assert [int(picture.max()) for picture in held] == [1, 1, 1]
    assert int(frozen.change(full(4), end).max()) == 4
    assert int(frozen.change(full(5), frozen.spans[1].start).max()) == 5


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_draws_the_same_for_the_same_pose(name: str) -> None:
    machine = build_machine(name, BOX, np.random.default_rng(1))
    hall = full()
    machine.build(hall)

    def drawn(ran: float) -> Grey:
        picture = hall.copy()
        machine.paint(picture, Pose(at=9.0, ran=ran, running=True))
        return picture

    assert (drawn(3.21) == drawn(3.21)).all()
    assert any((drawn(3.21) != drawn(3.21 + more)).any() for more in (0.04, 0.5, 2.0, 6.5))


@pytest.mark.parametrize(
    ("name", "period"), [("alias_flywheel", 0.5), ("alias_flywheel", 1.0), ("alias_press", 1.0)]
)
def test_a_fixed_rate_does_not_see_what_aliases(name: str, period: float) -> None:
    machine = build_machine(name, BOX, np.random.default_rng(1))
    first, then, soon = full(), full(), full()
    for picture, ran in ((first, 7.3), (then, 7.3 + 3 * period), (soon, 7.5)):
        machine.paint(picture, Pose(9.0, ran, True))

    assert np.abs(first.astype(int) - then).mean() < np.abs(first.astype(int) - soon).mean() / 4


def test_a_scenario_of_what_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no loom, no rain"):
        Scenario("x", "loom", ("people", "rain"))
    with pytest.raises(ValueError, match="too short"):
        Staging(SCENARIOS["flywheel"], 1, 200)


@pytest.mark.slow
def test_a_film_can_be_read_back_and_keeps_to_its_bit_rate(tmp_path: Path) -> None:
    scenario = replace(SCENARIOS["frozen_placard"], turns=Turns((30, 40), (30, 40)))
    path = shoot(scenario, 2, 400.0, tmp_path)
    labels = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rate = path.stat().st_size * 8 / (400 * 12 * 352 * 288)
    with av.open(str(path)) as container:
        film = [f.to_ndarray()[:288].copy() for f in container.decode(video=0)]

    assert labels["file"] == path.name
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.with_suffix(".json").name, path.name]
    assert len(film) == 400 * 12
    assert 0.025 < rate < 0.06
    drawn = Staging(scenario, 2, 400.0).scene(60.0)
    seen = grey(Frame(film[60 * 12], 0, 0, full_range=False), Roi(0, 0, 352, 288))
    assert np.abs(drawn.astype(int) - seen).mean() < 4


@pytest.mark.slow
def test_the_benchmark_prints_its_table(tmp_path: Path) -> None:
    program = Path(__file__).parents[1] / "benchmarks" / "accuracy.py"
    options = ["--minutes", "7", "--scenarios", "flywheel", "--output", tmp_path / "table.md"]
    done = subprocess.run(
        [sys.executable, program, *options], capture_output=True, encoding="utf-8", check=False
    )

    assert done.returncode == 0, done.stderr
    assert "settled mean" in done.stdout
    assert (tmp_path / "table.md").read_text(encoding="utf-8") in done.stdout
    [old] = [
        line for line in done.stdout.splitlines() if re.match(r"\| flywheel +\| 1 +\| old", line)
    ]
    assert float(old.split("|")[4]) > 95
