"""
What does a detector cost for each sample, and how much more is the calibrated one?

    python benchmarks/detector.py --size 100 --samples 400

Both judge the same samples of a drawn machine in one run; `--size` is the side of the ROI, which
with its ring makes a crop of 1.4 times that.
"""

import time
from collections.abc import Sequence

import click
import cv2
import numpy as np

from motion_tracking.core.calibration import CANDIDATES, Observer, learn
from motion_tracking.core.detectors import Detector, open_detector
from motion_tracking.core.motion import Frame, Roi
from motion_tracking.core.sampling import Sampler

FPS = 12


def film(roi: Roi, seconds: float, running: bool, start: float = 0.0) -> list[Frame]:
    """Draw a striped drum, which turns or not, in a hall, before noise."""
    random = np.random.default_rng(1)
    hall = cv2.resize(random.normal(100, 25, (36, 44)), (352, 288), interpolation=cv2.INTER_CUBIC)
    frames = []
    for n in range(int(seconds * FPS)):
        at = start + n / FPS
        picture = hall + random.normal(0, 2, (288, 352))
        stripes = 40 * np.sin(np.arange(roi.width) / 3 + (9 * at if running else 0))
        roi.cut(picture)[:] += stripes
        frames.append(Frame(np.clip(picture, 0, 255).astype(np.uint8), at, at))
    return frames


def samples(frames: Sequence[Frame], lags: Sequence[float]) -> list[Frame]:
    sampler = Sampler(frames[0].at, lags)
    return [sample for sample in map(sampler.pick, frames) if sample is not None]


def microseconds(detector: Detector, seen: Sequence[Frame]) -> float:
    """Return the processor's time for a sample."""
    start = time.process_time()
    for sample in seen:
        detector.score(sample)
    return 1e6 * (time.process_time() - start) / len(seen)


@click.command(help=(__doc__ or "").strip().partition("\n")[0])
@click.option("--size", default=100, show_default=True, type=click.IntRange(16, 200))
@click.option("--samples", "count", default=400, show_default=True, type=click.IntRange(50))
def main(size: int, count: int) -> None:
    """Learn, judge, and print microseconds and their ratio."""
    roi = Roi(60, 40, size, size)
    observer = Observer(roi, (352, 288))
    spans = [
        [observer.observe(sample) for sample in samples(film(roi, 20, running), CANDIDATES)]
        for running in (True, False)
    ]
    profile = learn(observer.patch, *spans, (observer.picture, observer.picture)).profile
    detectors = {
        name: open_detector(name, roi, 50, profile) for name in ("difference", "calibrated")
    }
    seen = samples(film(roi, count / 2, True), CANDIDATES)
    cost = {name: microseconds(detector, seen) for name, detector in detectors.items()}
    for name, each in cost.items():
        click.echo(f"{name:<11} {each:6.0f} us a sample, {each / cost['difference']:.1f} times")


if __name__ == "__main__":
    main()
