"""
When did a machine run and when did it stand, in a time that nobody labelled?

How much moves is measured block by block and averaged over half a minute.  Where that changes
most, it is parted in two: the louder part is supposed to be running.  A person who has seen a
picture of each has to confirm it, since a shift of light or a passage of people parts as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.calibration import CalibrationError, Observation, Observer
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.patches import Mask, Patch
from motion_tracking.core.sampling import PERIOD

SMOOTHED = 30.0
"""Seconds over which the movement is averaged: longer than the pauses of most cycles."""

BLOCK = 8
"""Pixels of the patch along a side of a block."""

TELLING = 0.1
"""The part of the blocks, those that change most, that is asked."""

LEAST_RATIO = 2.0
"""How many times stronger than standing the movement of running must be, as power."""

LEAST_SPAN = 20.0
"""Seconds of each state, away from any change, without which nothing is learned."""

CHUNK = 10.0
"""Seconds of samples that are kept or dropped together."""

KEPT = 6
"""Chunks of each state that are kept: a minute."""

Energies = NDArray[np.float32]
"""Logarithm of the power of the movement, (samples, blocks)."""

Span = tuple[float, float]
"""From and to, in seconds of the samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """What is supposed: samples to learn from, a picture, and the longest span, of each state."""

    patch: Patch
    running: Sequence[Observation]
    stopped: Sequence[Observation]
    pictures: tuple[Grey, Grey]
    spans: tuple[Span, Span]


@dataclass(slots=True, eq=False)
class _Chunk:
    samples: list[Observation] = field(default_factory=list)
    picture: Grey | None = None

    @property
    def span(self) -> Span:
        return self.samples[0].at, self.samples[-1].at


class Watch:
    """
    Watches one area for long, and keeps what a minute of each state leaves.

    Of all samples the energies are kept, which are small; of the differences only some chunks,
    those of both supposed states and from all over the time.
    """

    def __init__(self, roi: Roi, size: tuple[int, int]) -> None:
        self._observer = Observer(roi, size)
        self._ats: list[float] = []
        self._energies: list[Energies] = []
        self._chunks: list[_Chunk] = []
        self._chunk = _Chunk()

    def take(self, sample: Frame) -> None:
        """Take a sample with companions at all `CANDIDATES`."""
        observation = self._observer.observe(sample)
        if not observation.differences:
            return
        self._ats.append(observation.at)
        self._energies.append(block_energies(observation, self._observer.patch.inside))
        self._chunk.samples.append(observation)
        if observation.at - self._chunk.span[0] >= CHUNK:
            self._chunk.picture = self._observer.picture
            self._chunks.append(self._chunk)
            self._chunk = _Chunk()
            if len(self._chunks) > 2 * KEPT:
                self._drop_one()

    def split(self) -> Split:
        """Part what was seen; raise `CalibrationError` where the machine did one thing only."""
        if not self._chunks:
            raise CalibrationError("too little was seen")
        ats, energies = np.array(self._ats), np.stack(self._energies)
        runs, ratio = parted(energies)
        if ratio < LEAST_RATIO:
            raise CalibrationError("nothing changed: it ran all the time, or stood all the time")
        spans = settled(ats, runs)
        found = [self._of(spans, state) for state in (True, False)]
        longest = [_longest([span for span, is_run in spans if is_run is s]) for s in (True, False)]
        for chunks, span, doing in zip(found, longest, ("ran", "stood"), strict=True):
            if not chunks or span[1] - span[0] < LEAST_SPAN:
                raise CalibrationError(f"it never {doing} for long enough to learn from")
        running, stopped = ([o for chunk in chunks for o in chunk.samples] for chunks in found)
        pictures = tuple(cast(Grey, chunks[-1].picture) for chunks in found)
        patch = self._observer.patch
        return Split(patch, running, stopped, (pictures[0], pictures[1]), (longest[0], longest[1]))

    def _of(self, spans: Sequence[tuple[Span, bool]], state: bool) -> list[_Chunk]:
        """Return the chunks that lie within the spans of a state."""
        inside = [span for span, runs in spans if runs is state]
        return [
            c for c in self._chunks if any(a <= c.span[0] and c.span[1] <= b for a, b in inside)
        ]

    def _drop_one(self) -> None:
        """Drop a chunk of the state of which there are more: a doubtful or a crowded one."""
        runs, _ = parted(np.stack(self._energies))
        ats = np.array(self._ats)
        spans = settled(ats, runs)
        middles = [sum(chunk.span) / 2 for chunk in self._chunks]
        states = runs[np.searchsorted(ats, middles)]
        more = bool(2 * np.count_nonzero(states) > len(states))
        these = [n for n, state in enumerate(states) if state == more]
        sure = {id(chunk) for chunk in self._of(spans, more)}
        around = [-np.inf, *(middles[n] for n in these), np.inf]
        room = [after - before for before, after in zip(around, around[2:], strict=False)]
        crowded = min(
            zip(these, room, strict=True),
            key=lambda item: (id(self._chunks[item[0]]) in sure, item[1]),
        )
        del self._chunks[crowded[0]]


def block_energies(observation: Observation, inside: Mask) -> Energies:
    """Return the logarithm of the power in each block of the ROI, at the lag where it is most."""
    height, width = inside.shape
    size = max(1, width // BLOCK), max(1, height // BLOCK)
    power = np.max([part * part for part in observation.differences.values()], axis=0)
    means = cv2.resize(power, size, interpolation=cv2.INTER_AREA)
    covered = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return cast(Energies, np.log(means[covered >= min(0.5, float(covered.max()))] + 0.25))


def parted(energies: Energies) -> tuple[NDArray[np.bool_], float]:
    """
    Return of each sample whether it belongs to the louder part, and how many times louder that is.

    The limit is Otsu's: that which leaves the least variance within both parts.
    """
    smooth = _smoothed(energies)
    count = max(1, round(TELLING * smooth.shape[1]))
    telling = np.argsort(smooth.var(axis=0))[-count:]
    loudness = smooth[:, telling].mean(axis=1)
    ordered = np.sort(loudness)
    below = np.arange(1, len(ordered))
    if not below.size:
        return np.zeros(len(ordered), np.bool_), 1.0
    sums = np.cumsum(ordered)
    low, high = sums[:-1] / below, (sums[-1] - sums[:-1]) / (len(ordered) - below)
    best = int(np.argmax(below * (len(ordered) - below) * (high - low) ** 2))
    limit = (ordered[best] + ordered[best + 1]) / 2
    return loudness > limit, float(np.exp(high[best] - low[best]))


def settled(ats: NDArray[np.float64], runs: NDArray[np.bool_]) -> list[tuple[Span, bool]]:
    """Return the spans in one state, without what is near a change, oldest first."""
    near = SMOOTHED / 2
    spans: list[tuple[Span, bool]] = []
    for state, group in groupby(range(len(ats)), key=lambda n: bool(runs[n])):
        numbers = list(group)
        first, last = numbers[0], numbers[-1]
        start = float(ats[first]) + (near if first > 0 else 0.0)
        end = float(ats[last]) - (near if last < len(ats) - 1 else 0.0)
        if end > start:
            spans.append(((start, end), state))
    return spans


def _smoothed(energies: Energies) -> Energies:
    """Average over `SMOOTHED` seconds; at the ends over what there is."""
    length = max(1, min(round(SMOOTHED / PERIOD), len(energies)))
    sums = np.concatenate([np.zeros((1, energies.shape[1])), np.cumsum(energies, axis=0)])
    middle = np.arange(len(energies))
    start = np.clip(middle - length // 2, 0, None)
    end = np.clip(middle + (length + 1) // 2, None, len(energies))
    return cast(Energies, (sums[end] - sums[start]) / (end - start)[:, None])


def _longest(spans: Sequence[Span]) -> Span:
    return max(spans, key=lambda span: span[1] - span[0], default=(0.0, 0.0))
