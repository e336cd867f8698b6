"""
Do masks help, and do they harm?

    nice python benchmarks/masks.py --seeds 1,2 --minutes 14 --jobs 1

Each case films a simulated machine and what disturbs it, draws an area as somebody in
a hurry would, and a mask as somebody who had enough would, and tracks it with and without: by the
engine of `run`, calibrated as by `init`, and as a plain section with a threshold.  Exit code 1 if a
mask makes anything worse by more than a percent, or makes a false change.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import click
from accuracy import Ours, _percent, frames, judged, numbers, table

from motion_tracking.commands.labels import Spans, read_labels
from motion_tracking.commands.learning import learned
from motion_tracking.commands.replaying import START, area_camera
from motion_tracking.commands.tracking import (
    Known,
    corners_of,
    lags_of,
    learned_machine,
    tracker_of,
    views_of,
)
from motion_tracking.core.masking import NOTHING, Ignored
from motion_tracking.core.motion import Polygon, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.scoring import Score
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.simulator.filming import shoot
from motion_tracking.simulator.nuisances import NUISANCES, Span
from motion_tracking.simulator.nuisances.neighbour import Neighbour
from motion_tracking.simulator.scenarios import RoiStyle, Scenario
from motion_tracking.simulator.staging import CALIBRATION, Staging
from motion_tracking.tracker import Tracker, play

HARM = 0.01
"""Of balanced accuracy, that a mask may cost."""

Shapes = Sequence[Polygon]


def rectangle(roi: Roi, margin: int = 0) -> Polygon:
    x, y, x2, y2 = corners_of(roi)
    return (x - margin, y - margin), (x2 + margin, y2 + margin)


def around(one: Roi, other: Roi) -> Roi:
    a, b = corners_of(one), corners_of(other)
    return Roi.from_corners(*(min(a[n], b[n]) for n in (0, 1)), *(max(a[n], b[n]) for n in (2, 3)))


def neighbour(staging: Staging) -> tuple[Roi, Shapes]:
    """The area is drawn around both machines, and the other one is masked."""
    [other] = [each for each in staging.nuisances if isinstance(each, Neighbour)]
    return around(staging.roi, other.box), [rectangle(other.box, 3)]


def clock(staging: Staging) -> tuple[Roi, Shapes]:
    roi = staging.roi
    return roi, [((roi.x, roi.y), (roi.x + 150, roi.y + 15))]


def surroundings(staging: Staging) -> tuple[Roi, Shapes]:
    """All of a sloppy area is masked but the machine."""
    (x, y, x2, y2), (left, top, right, bottom) = corners_of(staging.roi), corners_of(staging.box)
    strips = ((x, y, x2, top), (x, bottom, x2, y2), (x, y, left, y2), (right, y, x2, y2))
    return staging.roi, [((a, b), (c, d)) for a, b, c, d in strips if c > a and d > b]


def half(staging: Staging) -> tuple[Roi, Shapes]:
    """Half of the machine is masked by mistake."""
    x, y, x2, y2 = corners_of(staging.roi)
    return staging.roi, [((x, y), ((x + x2) // 2, y2))]


class Busy(Neighbour):
    """It runs while the machine's running is learned, too, and not while its standing is."""

    def plan(self) -> list[Span]:
        return [Span(0.0, CALIBRATION), *super().plan()]


NUISANCES["busy"] = f"{Path(__file__).stem}:Busy"

SLOPPY = RoiStyle.SLOPPY
CASES: dict[str, tuple[Scenario, Callable[[Staging], tuple[Roi, Shapes]]]] = {
    "another machine in the area": (Scenario("a", "flywheel", ("neighbour",)), neighbour),
    "one that ran while we learned": (Scenario("b", "flywheel", ("busy",)), neighbour),
    "a clock in the area": (Scenario("c", "flywheel", ("clock",)), clock),
    "people; all but the machine masked": (
        Scenario("d", "flywheel", ("people",), roi=SLOPPY),
        surroundings,
    ),
    "people; half of the machine masked": (Scenario("e", "flywheel", ("people",)), half),
    "a press; half of it masked": (Scenario("f", "dwell_press"), half),
}


@dataclass(frozen=True, slots=True)
class Job:
    case: str
    seed: int
    minutes: float


Scores = dict[tuple[str, bool], Score]
"""By detector, and whether it was masked."""


def work(job: Job) -> Scores:
    """Film, watch four times at once, and judge."""
    scenario, drawn = CASES[job.case]
    staging = Staging(scenario, job.seed, 60 * job.minutes)
    roi, shapes = drawn(staging)
    with tempfile.TemporaryDirectory() as folder:
        clip = shoot(scenario, job.seed, 60 * job.minutes, Path(folder))
        [area] = read_labels(clip.with_suffix(".json"))
        assert area.calibration is not None
        notes: dict[tuple[str, bool], Ours] = {}
        trackers = list[Tracker]()
        for masked in (False, True):
            ignored = Ignored(tuple(shapes)) if masked else NOTHING
            for known in machines(clip, roi, area.calibration, ignored):
                found = notes[known.camera.detector, masked] = Ours()
                sight = Sight(open_watches(views_of([known])))
                trackers.append(tracker_of(known, [found], START, sight))
        play(frames(clip), trackers, Sampler(0.0, lags_of(trackers)))
    return {way: judged(area, found.transitions) for way, found in notes.items()}


def machines(clip: Path, roi: Roi, spans: Spans, ignored: Ignored) -> Iterator[Known]:
    """Yield the machine as a plain section has it, and as `init` leaves it."""
    camera = area_camera(clip, "machine", corners_of(roi), roi.area // 50)
    yield Known(camera, ignored=ignored)
    yield learned_machine(camera, learned(clip, roi, spans, ignored).profile, ignored)


def harm(scores: Scores) -> list[str]:
    """Say where the mask made it worse."""
    found = []
    for detector in ("difference", "calibrated"):
        without, masked = (scores[detector, on] for on in (False, True))
        worse = (without.settled or 0.0) - (masked.settled or 0.0) > HARM
        if worse or masked.false_changes > without.false_changes:
            found.append(detector)
    return found


@click.command(help=(__doc__ or "").strip().partition("\n")[0])
@click.option("--seeds", default="1", callback=numbers, help="Such as 1,2,3.  [default: 1]")
@click.option("--minutes", default=14.0, show_default=True, type=click.FloatRange(min=6))
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1))
def main(seeds: list[int], minutes: float, jobs: int) -> None:
    """Film, judge, and print the table."""
    tasks = [Job(case, seed, minutes) for case in CASES for seed in seeds]
    rows, harmed = [], False
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for task, scores in zip(tasks, pool.map(work, tasks), strict=True):
            harmed = harmed or bool(harm(scores))
            for detector in ("difference", "calibrated"):
                pair = [scores[detector, on] for on in (False, True)]
                settled = " -> ".join(_percent(score.settled) for score in pair)
                false = " -> ".join(f"{score.false_changes}" for score in pair)
                missed = " -> ".join(f"{score.missed} of {score.changes}" for score in pair)
                rows.append([task.case, str(task.seed), detector, settled, false, missed])
            click.echo(f"{task.case} {task.seed}: {harm(scores) or 'no harm'}", err=True)
    click.echo(table(("case", "seed", "detector", "settled %", "false changes", "missed"), rows))
    sys.exit(1 if harmed else 0)


if __name__ == "__main__":
    main()
