"""
Is a frozen picture found, and a placard, and is a live one ever taken for either?

    python benchmarks/sight.py blind [NAME]     frozen pictures and placards, all or some
    python benchmarks/sight.py live HOURS       static video at low bit rates, this many hours
    python benchmarks/sight.py films FOLDER...  films with labels: what is said while all is seen

Prints rows of docs/sight.md.  A film is rendered, encoded, decoded and judged, one after the other.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment
from motion_tracking.capture.file import FileSource
from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Blindness, Sight, open_watches
from motion_tracking.simulator.blinding import Card, Hall, Take, film_blind

RATES = (64_000, 128_000, 256_000, 512_000)
CAMERAS = ((0.7, 0.0), (2.2, 0.0), (4.0, 0.0), (2.2, 0.1), (4.0, 0.03), (0.0, 0.0))
"""Noise of the sensor, and what the camera's denoising lets through."""

BLIND = (85.0, 150.0)
WITHIN = 60.0

Said = list[tuple[float, str]]
"""From when on which of "", "doubt", "frozen", "placard"... was said."""


def said_of(path: Path) -> tuple[Said, float]:
    """Return what the watches of a channel say of a film, and how long it is."""
    sight, sampler, said = Sight(open_watches()), Sampler(0.0), [(0.0, "")]
    at = 0.0
    for frame in _frames(path):
        at = frame.at
        sample = sampler.pick(frame)
        if sample is None:
            continue
        found = sight.look(sample)
        words = "" if found is None else "doubt"
        words = str(found.reason) if isinstance(found, Blindness) else words
        if words != said[-1][1]:
            said.append((at, words))
    return said, at


def _frames(path: Path) -> Iterator[Frame]:
    try:
        yield from FileSource(str(path), lambda: Moment(0.0, 0.0), paced=False).frames()
    except SourceError:
        return


def spans(said: Said, length: float) -> Iterator[tuple[float, float, str]]:
    ends = [at for at, _ in said[1:]] + [length]
    for (start, words), end in zip(said, ends, strict=True):
        if words:
            yield start, end, words


def live(hours: float, first: int) -> None:
    """Static video: every word said of it is false, but for the dark."""
    done, seed = 0.0, first
    false, doubts, dark, held = 0, 0, 0, 0.0
    while done < hours * 3600:
        for (noise, denoise), rate, hall in product(CAMERAS, RATES, Hall):
            seed += 1
            take = Take(
                720.0,
                hall,
                seed,
                rate=rate,
                keys_apart=(1, 2, 4, 4, 8)[seed % 5],
                noise=noise * (2 if hall is Hall.NIGHT else 1),
                denoise=denoise,
                clock=seed % 2 > 0,
                fps=6,
            )
            said, length = _judged(take)
            for start, end, words in spans(said, length):
                doubts += words == "doubt"
                held = max(held, end - start if words == "doubt" else 0.0)
                if words == "covered" and _is_dark(hall, start):
                    dark += 1
                elif words != "doubt":
                    false += 1
                    print(f"FALSE {words} {start:.0f}-{end:.0f} s of {take}")
            done += length
            print(
                f"{done / 3600:.2f} h, {false} false, {doubts} doubts, longest {held:.0f} s,"
                f" {dark} times covered by the dark;"
                f" {hall} {rate} {noise} {denoise}",
                flush=True,
            )
            if done >= hours * 3600:
                return


def _is_dark(hall: Hall, at: float) -> bool:
    """Whether the light is out entirely, so that nothing can be seen indeed."""
    return hall is Hall.LIGHTS and at % 240 >= 180


def blind(beginning: str) -> None:
    """Each way of going blind after each past: how soon is it found, and what was said before?"""
    plain = Take(170.0, Hall.WORKING, blind=BLIND)
    kinds = {
        "frozen": plain,
        "frozen, clock ticks": replace(plain, clock=True),
        "same keyframe again": replace(plain, repeat=True),
    }
    for level in (0, 41, 128, 235):
        for words, logo, clock in (("NO VIDEO", False, False), ("Camera offline", True, True)):
            card = Card(level, words, logo)
            name = f"placard {level}{', logo, clock' if logo else ''}"
            kinds[name] = replace(plain, card=card, clock=clock)
    kinds["placard, encoder's noise"] = replace(plain, card=Card(128, noise=0.4))
    for name, kind in kinds.items():
        if not name.startswith(beginning):
            continue
        delays, missed, wrong, count, untold = [], [], 0, 0, 0
        for rate, (noise, denoise), gop in product(RATES, CAMERAS, (1, 4)):
            if name != "frozen" and rate not in RATES[::2]:
                continue
            if kind.card and (gop == 1 or noise != 2.2):
                continue
            take = replace(kind, rate=rate, noise=noise, denoise=denoise, keys_apart=gop)
            said, length = _judged(take)
            word = "placard" if take.card else "frozen"
            found = [s for s, e, w in spans(said, length) if w == word and e > BLIND[0]]
            if noise == 0 and not take.card:
                untold += not found
                continue
            count += 1
            wrong += any(
                w != "doubt" and (e < BLIND[0] or s > BLIND[1] + 16 or w != word)
                for s, e, w in spans(said, length)
            )
            if found and found[0] <= BLIND[0] + WITHIN:
                delays.append(found[0] - BLIND[0])
            else:
                missed.append((rate, noise, denoise, gop, said))
        delays.sort()
        middle = delays[len(delays) // 2] if delays else float("nan")
        last = delays[-1] if delays else float("nan")
        print(
            f"| {name} | {len(delays)} of {count} | {middle:.0f} s | {last:.0f} s | {wrong} |"
            f" {untold or ''} |",
            flush=True,
        )
        for miss in missed:
            print("   missed:", *miss)


def films(folders: list[str]) -> None:
    """Films with labels: what is said while the machine can be seen, and what is not."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.mp4")):
            labels = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            rois = labels.get("rois") or [{}]
            hidden = [s for s in rois[0].get("states", []) if s[2] == "no_signal"]
            said, length = said_of(path)
            told = [f"{w} {s:.0f}-{e:.0f}" for s, e, w in spans(said, length)]
            print(path.stem, f"{length:.0f} s", "; ".join(told), hidden or "", flush=True)


def _judged(take: Take) -> tuple[Said, float]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film_blind(take, path)
        return said_of(path)


if __name__ == "__main__":
    if sys.argv[1:2] == ["blind"]:
        blind(sys.argv[2] if len(sys.argv) > 2 else "")
    elif sys.argv[1:2] == ["live"]:
        live(float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    elif sys.argv[1:2] == ["films"]:
        films(sys.argv[2:])
    else:
        sys.exit(__doc__)
