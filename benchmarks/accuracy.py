"""
How often are the old tool's method and ours right, over simulated machines and nuisances?

    python benchmarks/accuracy.py --seeds 1,2 --minutes 30 --jobs 2 --output accuracy.md

Each scenario of `motion_tracking.simulator.scenarios` is filmed for each seed, through a real
encoder, and watched by both methods in one decoding.  Ours is the engine of `run`, with the
detector that `ours` chooses.  Films are thrown away unless `--keep` names a folder for them.
With `--sampling auto` ours decodes as little as calibration has shown to do, in a pass of its own.
"""

import hashlib
import os
import platform
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isnan
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import click
from old_method import OldMethod

import motion_tracking.simulator
from motion_tracking.capture import SourceError, Trouble
from motion_tracking.capture.file import FileSource
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.commands.keeping import transition_of
from motion_tracking.commands.labels import Area, Span, Spans, read_labels
from motion_tracking.commands.learning import recorded
from motion_tracking.commands.rehearsing import rehearsed
from motion_tracking.commands.replaying import FIRST_KNOWN, START, area_camera
from motion_tracking.commands.tracking import heads_of, learned_machine, tracker_of, views_of
from motion_tracking.core.changes import Change
from motion_tracking.core.heads import Sampling
from motion_tracking.core.intervals import intervals
from motion_tracking.core.machine import Transition
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.scoring import Score, judge, together
from motion_tracking.core.sight import Sight, open_watches
from motion_tracking.simulator.filming import shoot
from motion_tracking.simulator.scenarios import SCENARIOS
from motion_tracking.tracker import Scored, Tracker, play

OLD, OURS = "old", "ours"
METHODS = OLD, OURS


@dataclass(slots=True)
class Ours:
    """What the engine of `run` says of a film."""

    transitions: list[Transition] = field(default_factory=list)
    heads: PacketHeads | None = None

    def scored(self, _: Scored) -> None:
        """Scores are not judged, only what comes of them."""

    def changed(self, change: Change) -> None:
        self.transitions.append(transition_of(change, lambda when: when.timestamp()))


def ours(
    clip: Path, roi: Roi, calibration: Spans, sampling: str = Sampling.ALL
) -> tuple[Tracker, Sampler, Ours]:
    """
    Return a tracker for the machine in the ROI, the sampler that it wants, and its notes.

    It is what `run` makes of a camera as `init` would leave it.  What is to be decoded choose the
    `heads` of the notes.
    """
    notes = Ours()
    corners = roi.x, roi.y, roi.x + roi.width, roi.y + roi.height
    seen = recorded(clip, roi, calibration)
    found = seen.learn()
    if sampling != Sampling.ALL:
        heads = rehearsed(found, seen.running, seen.stopped, seen.group, seen.reason)
        found = replace(found, profile=heads.profile)
    camera = replace(area_camera(clip, "machine", corners), sampling=sampling)
    machine = learned_machine(camera, found.profile)
    sight = Sight(open_watches(views_of([machine])))
    tracker = tracker_of(machine, [notes], START, sight)
    notes.heads = heads_of([machine], [tracker])
    return tracker, Sampler(0.0, tracker.lags), notes


@dataclass(frozen=True, slots=True)
class Job:
    """One film to make and to judge; `learned` seconds of each state are for calibration."""

    scenario: str
    seed: int
    minutes: float
    folder: Path
    flags: int
    learned: float
    sampling: str = Sampling.ALL

    @property
    def key(self) -> str:
        """What the film's pictures depend on: the scenario, and the simulator's own text."""
        digest = hashlib.sha256(f"{SCENARIOS[self.scenario]} {self.minutes}".encode())
        for module in sorted(Path(motion_tracking.simulator.__file__).parent.rglob("*.py")):
            digest.update(module.read_bytes())
        return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Result:
    scenario: str
    seed: int
    scores: dict[str, Score]
    decoded: float = 1.0
    """Part of the pictures that ours decoded."""


def work(job: Job) -> Result:
    """Film, watch and judge."""
    folder = job.folder / job.key
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / f"{job.scenario}_{job.seed}.mp4"
    if not clip.exists():
        shoot(SCENARIOS[job.scenario], job.seed, 60 * job.minutes, folder)
    area = read_labels(clip.with_suffix(".json"))[0]
    roi = Roi.from_corners(*area.corners)
    spans = area.calibration
    assert spans is not None
    learned = Spans(_first(spans.running, job.learned), _first(spans.stopped, job.learned))
    old = OldMethod(roi, flags=job.flags)
    tracker, sampler, notes = ours(clip, roi, learned, job.sampling)
    if notes.heads is None:
        play(_watched(frames(clip), old), [tracker], sampler)
    else:
        play(frames(clip, notes.heads), [tracker], sampler)
        deque(_watched(frames(clip), old), maxlen=0)
    found = {OLD: old.transitions, OURS: notes.transitions}
    scores = {method: judged(area, found[method]) for method in METHODS}
    heads = notes.heads
    return Result(job.scenario, job.seed, scores, heads.decoded / heads.came if heads else 1.0)


def frames(clip: Path, heads: PacketHeads | None = None) -> Iterator[Frame]:
    """Yield the frames of a film, all of them without `heads`, on the film's own time."""
    try:
        yield from FileSource(str(clip), lambda: START, paced=False, heads=heads).frames()
    except SourceError as error:
        if error.trouble is not Trouble.ENDED:
            raise


def _watched(film: Iterable[Frame], old: OldMethod) -> Iterator[Frame]:
    for frame in film:
        old.see(frame)
        yield frame


def _first(span: Span, seconds: float) -> Span:
    return span[0], min(span[1], span[0] + seconds)


def judged(area: Area, transitions: Sequence[Transition]) -> Score:
    end = area.truth[-1].end
    tiles = intervals([FIRST_KNOWN, *transitions], 0.0, end)
    return judge(area.truth, tiles, transitions, after=area.judged_from)


HEADINGS = (
    *("scenario", "seed", "method", "settled %", "false/24h", "missed", "delay s", "edge s"),
    *("no_signal %", "false no_signal", "not seen s", "decoded %"),
)


def row(result: Result, method: str) -> list[str]:
    """Say how a method did in one film."""
    score = result.scores[method]
    delays = f"{median(score.delays):.0f} / {max(score.delays):.0f}" if score.delays else "-"
    return [
        result.scenario,
        str(result.seed),
        method,
        _percent(score.settled),
        f"{score.false_per_day:.0f}",
        f"{score.missed} of {score.changes}",
        delays,
        f"{median(score.edge_errors):.1f}" if score.edge_errors else "-",
        _percent(score.no_signal_recall),
        str(score.false_no_signals),
        f"{score.unseen_s:.0f}",
        f"{100 * result.decoded:.0f}" if method == OURS else "100",
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None or isnan(share) else f"{100 * share:.1f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table that can be read as it stands."""
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(headings))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def summary(results: Sequence[Result]) -> str:
    """Return means and minima of each method, and where it falls short of 97 %."""
    rows = []
    for method in METHODS:
        whole = together(result.scores[method] for result in results)
        short = [r for r in results if (r.scores[method].settled or 0.0) < 0.97]
        rows.append(
            [
                method,
                _percent(whole.settled_mean),
                _percent(whole.settled_least),
                f"{len(short)} of {len(results)}",
                f"{whole.false_per_day:.1f}",
                f"{whole.missed} of {whole.changes}",
                f"{whole.delay_median:.0f} / {whole.delay_longest:.0f}",
                f"{whole.edge_error_median:.1f}",
                _percent(whole.no_signal_recall),
                str(whole.false_no_signals),
            ]
        )
    headings = ("method", "settled mean", "least", "below 97 %", "false/24h", "missed")
    more = ("delay median / max s", "edge median s", "no_signal %", "false no_signal")
    return table((*headings, *more), rows)


def report(results: Sequence[Result], options: dict[str, object]) -> str:
    """Return the whole report in Markdown."""
    hours = sum(result.scores[OLD].watched_s for result in results) / 3600
    rows = (row(result, method) for result in results for method in METHODS)
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    here = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"""# Accuracy on simulated machines

Made by `python benchmarks/accuracy.py` on {datetime.now(UTC):%Y-%m-%d}; {said}.
{len(results)} films, {hours:.1f} h of footage judged after calibration.
{here}, {os.cpu_count()} processors.

{summary(results)}

Ours decoded {100 * sum(r.decoded for r in results) / len(results):.0f} % of the pictures.
`settled %` is balanced per-second accuracy without the 45 s after each true change; a report is
false if it is of no true change within the 60 s before it; delays are median / longest.

Limits: everything here is drawn, by the people who wrote the detector, and then encoded; real
machines differ.  In a film of half an hour one false change counts as about 55 a day, and none
means no more than that few were to be expected.  The old method is the old tool's loop at exactly
one pair of frames a second, with its threshold of 300 for every machine.

{table(HEADINGS, rows)}
"""


def chosen(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    """Check the names of scenarios; none means all."""
    names = [name.strip() for name in value.split(",") if name.strip()] or list(SCENARIOS)
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise click.BadParameter(f"no {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    return names


def numbers(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    try:
        return [int(seed) for seed in value.split(",")]
    except ValueError:
        raise click.BadParameter("whole numbers, with commas between them") from None


@click.command(help=(__doc__ or "").strip().partition("\n")[0])
@click.option("--seeds", default="1", callback=numbers, help="Such as 1,2,3.  [default: 1]")
@click.option("--minutes", default=30.0, show_default=True, type=click.FloatRange(min=6))
@click.option("--scenarios", default="", callback=chosen, help="Names, or all without it.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--flags", default=60, show_default=True, help="Window of the old method.")
@click.option("--learned", default=60.0, show_default=True, help="Seconds of each state.")
@click.option(
    "--sampling",
    default="all",
    show_default=True,
    type=click.Choice([str(kind) for kind in Sampling]),
    help="How much of the films ours decodes.",
)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the films.")
@click.option("--output", type=click.Path(path_type=Path), help="Markdown file to write.")
def main(
    seeds: list[int],
    minutes: float,
    scenarios: list[str],
    jobs: int,
    keep: Path | None,
    output: Path | None,
    sampling: str,
    **watching: float,
) -> None:
    """Film, judge, and print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        tasks = [
            Job(name, seed, minutes, folder, int(watching["flags"]), watching["learned"], sampling)
            for name in scenarios
            for seed in seeds
        ]
        results = list(_done(tasks, jobs))
    options = {"seeds": seeds, "minutes": minutes, "sampling": sampling, **watching}
    text = report(results, options)
    click.echo(text)
    if output:
        output.write_text(text, encoding="utf-8")


def _done(tasks: Sequence[Job], jobs: int) -> Iterator[Result]:
    """Yield the results in the order of the tasks; say on stderr how it goes on."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(work, task) for task in tasks]
        for future, task in zip(futures, tasks, strict=True):
            result = future.result()
            said = " ".join(f"{m} {_percent(result.scores[m].settled)}" for m in METHODS)
            click.echo(f"{task.scenario} {task.seed}: {said}", err=True)
            yield result


if __name__ == "__main__":
    main()
