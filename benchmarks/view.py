"""
How surely is a camera found that is knocked, covered or out of focus, and what does it cost?

    python benchmarks/view.py CLIP.mp4 ... --seconds 900 --output view.md

Each clip is watched as it is, where every alarm is false unless its labels say no_signal then; and
from a moment in it once with each fault, put into the decoded pictures by the simulator.  A clip
that is shorter than `--seconds` is shown over and over.
"""

import copy
import json
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

import click
import numpy as np

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment
from motion_tracking.capture.file import FileSource
from motion_tracking.core.detectors import open_detector
from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Blindness
from motion_tracking.core.sight.view import View
from motion_tracking.simulator.hall import hall
from motion_tracking.simulator.nuisances import Nuisance, Setting, Span, build_nuisance

FAULTS = {
    "moved": Reason.MOVED,
    "covered": Reason.COVERED,
    "blurred": Reason.COVERED,
}

LASTS = 80.0
"""Seconds that a fault is shown."""

SETTLED = 150.0
"""Seconds from the beginning of a clip after which the first fault comes."""


@dataclass(slots=True)
class Trial:
    """A fault of a kind at a moment, and how the watch took it."""

    kind: str
    number: int
    start: float
    nuisance: Nuisance
    random: np.random.Generator
    watch: View | None = None
    found: tuple[float, Reason] | None = None

    def show(self, watch: View, frame: Frame) -> None:
        """Show a sample, with the fault, to a copy of the watch."""
        if self.watch is None:
            self.watch = copy.deepcopy(watch)
        picture = self.nuisance.act(frame.luma.copy(), frame.at, self.number)
        noisy = picture + self.random.normal(0, 1.5, picture.shape)
        luma: Grey = np.clip(noisy, 0, 255).astype(np.uint8)
        seen = self.watch.look(Frame(luma, frame.at, frame.utc, frame.full_range))
        if isinstance(seen, Blindness) and self.found is None:
            self.found = frame.at - self.start, seen.reason


@dataclass(slots=True)
class Watched:
    """What came of a clip."""

    seconds: float = 0.0
    false: list[str] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)


def samples(clip: Path, seconds: float) -> Iterator[Frame]:
    """Yield what the tracker would look at; a short clip again and again."""
    sampler, offset = Sampler(0.0), 0.0
    while True:
        last = 0.0
        try:
            for frame in FileSource(str(clip), lambda: Moment(0.0, 0.0), paced=False).frames():
                last = frame.at
                at = offset + frame.at
                if at > seconds:
                    return
                shown = Frame(frame.luma, at, at, frame.full_range)
                if sampler.pick(shown) is not None:
                    yield shown
        except SourceError:
            if not last:
                raise
        offset += last + 0.1


def trials(clip: Path, size: tuple[int, int], seconds: float) -> list[Trial]:
    """Draw by lot, from the clip's name: three of each kind, spread over the clip."""
    number = zlib.crc32(clip.stem.encode())
    starts = np.linspace(SETTLED, max(SETTLED, seconds - LASTS - 5), 3 * len(FAULTS))
    found = []
    for n, start in zip(count(), starts, strict=False):
        kind, turn = list(FAULTS)[n % len(FAULTS)], n // len(FAULTS)
        random = np.random.default_rng(number + n)
        nuisance = build_nuisance(kind, Setting(size, Roi(0, 0, 9, 9), 0.0, 9e3), random)
        nuisance.spans[turn] = Span(float(start), 1e9)
        found.append(Trial(kind, turn, float(start), nuisance, random))
    return found


def hidden(clip: Path) -> list[tuple[float, float]]:
    """Return when the labels say that nothing is to be seen."""
    labels = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    return [(a, b) for roi in labels["rois"] for a, b, state in roi["states"] if state[0] == "n"]


def watch_clip(clip: Path, seconds: float) -> Watched:
    watched, view, alarmed = Watched(), View(), False
    blind = hidden(clip)
    for frame in samples(clip, seconds):
        if not watched.trials:
            watched.trials = trials(clip, frame.size, seconds)
        for trial in watched.trials:
            if trial.start <= frame.at < trial.start + LASTS:
                trial.show(view, frame)
        seen = view.look(frame)
        excused = any(start <= frame.at <= end + 15 for start, end in blind)
        if isinstance(seen, Blindness) and not alarmed and not excused:
            watched.false.append(f"{clip.stem} {frame.at:.0f} s: {seen.reason}")
        alarmed = isinstance(seen, Blindness)
        watched.seconds = frame.at
    watched.trials = [
        trial
        for trial in watched.trials
        if not any(a < trial.start + LASTS and trial.start < b + 15 for a, b in blind)
    ]
    return watched


def day(seed: int, hours: float) -> Iterator[Frame]:
    """Yield a look each two seconds of a hall: sun and clouds, night, infrared, people, trucks."""
    size, random = (352, 288), np.random.default_rng(seed)
    empty, noise = hall(size, seed), random.normal(0, 2.2, (7, *size[::-1])).astype(np.float32)
    setting = Setting(size, Roi(120, 110, 90, 90), 60.0, 3600 * hours)
    traffic = [build_nuisance(name, setting, random) for name in ("people", "forklift")]
    infrared = build_nuisance("infrared", setting, random)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    cloud, slope = 1.0, float(random.uniform(-0.7, 0.7))
    for n in range(int(1800 * hours)):
        at = 2.0 * n + float(random.uniform(0, 0.9))
        sun = max(0.0, np.sin(2 * np.pi * at / 86_400)) ** 0.5
        if random.random() < 0.01:
            cloud = float(random.uniform(0, 1))
        picture = empty.copy()
        for thing in traffic:
            picture = thing.change(picture, at)
        edge = columns + slope * rows + 60 * np.sin(rows / 40)
        light = 1 - 0.45 * cloud * sun * ((edge - at / 86_400 * 2 * size[0]) % 170 < 80)
        lit = picture * light * (0.45 + 0.55 * sun) + 20 * (1 - sun)
        if 43_000 < at % 86_400 < 82_000:  # it switches at once, when dusk has fallen
            lit = infrared.act(picture, at, 0).astype(np.float32)
        lit = lit + noise[n % 7] * (1 + (1 - sun))
        yield Frame(np.clip(lit, 0, 255).astype(np.uint8), at, at)


def watch_days(seed: int, hours: float) -> list[str]:
    """Return the false alarms of so many hours."""
    view, false, alarmed = View(), [], False
    for frame in day(seed, hours):
        seen = view.look(frame)
        if isinstance(seen, Blindness) and not alarmed:
            false.append(f"hour {frame.at / 3600:.2f}: {seen.reason}")
        alarmed = isinstance(seen, Blindness)
    return false


def table(all_watched: list[Watched]) -> list[str]:
    by_kind: dict[str, list[Trial]] = defaultdict(list)
    for watched in all_watched:
        for trial in watched.trials:
            by_kind[trial.kind].append(trial)
    lines = [
        "| fault | shown | found in 60 s | right reason | delay median / longest |",
        "|---|---|---|---|---|",
    ]
    for kind, shown in by_kind.items():
        found = [trial.found for trial in shown if trial.found and trial.found[0] <= 60]
        delays = [delay for delay, _ in found] or [float("nan")]
        right = sum(reason is FAULTS[kind] for _, reason in found)
        lines.append(
            f"| {kind} | {len(shown)} | {len(found)} ({len(found) / len(shown):.1%}) | {right} "
            f"| {median(delays):.0f} s / {max(delays):.0f} s |"
        )
    hours = sum(watched.seconds for watched in all_watched) / 3600
    false = [alarm for watched in all_watched for alarm in watched.false]
    lines.append(f"\n{hours:.1f} h watched without a fault, {len(false)} false alarms.")
    return lines + [f"- {alarm}" for alarm in false]


def cost() -> str:
    """Return the processor's time of a sample at 704x576, and as a multiple of scoring a ROI."""
    random = np.random.default_rng(1)
    pictures = [random.integers(0, 255, (576, 704)).astype(np.uint8) for _ in range(4)]
    frames = [Frame(pictures[n % 4], n / 2, n / 2) for n in range(600)]
    view, detector = View(), open_detector("difference", Roi(100, 100, 200, 200), 50, None)
    each = []
    for look in (view.look, detector.score):
        start = time.process_time()
        for frame in frames:
            look(frame)
        each.append(1e6 * (time.process_time() - start) / len(frames))
    return (
        f"{each[0]:.0f} us a sample at 704x576, {each[0] / each[1]:.1f} times the scoring of "
        "an area of 200x200 by `difference`."
    )


@click.command(help=(__doc__ or "").strip().partition("\n")[0])
@click.argument("clips", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seconds", default=420.0, show_default=True, type=click.FloatRange(300))
@click.option("--hours", default=0.0, help="Of drawn days to watch besides, for false alarms.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the table there, too.")
def main(clips: tuple[Path, ...], seconds: float, hours: float, output: Path | None) -> None:
    """Watch the clips, and print what was found."""
    all_watched = []
    for clip in clips:
        all_watched.append(watch_clip(clip, seconds))
        missed = [t.kind for t in all_watched[-1].trials if not t.found or t.found[0] > 60]
        click.echo(f"{clip.stem}: false {all_watched[-1].false}, missed {missed}", err=True)
    if hours:
        false = watch_days(1, hours)
        click.echo(f"{hours:g} h of drawn days: {len(false)} false alarms {false}")
    text = "\n".join([*(table(all_watched) if clips else []), "", cost()]) + "\n"
    click.echo(text)
    if output is not None:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
