"""
What does it cost to watch a camera live, and what does it cost others?

    python benchmarks/live.py [--seconds N] [--rounds N] [--formats sub,main] [--json]

A real RTSP server plays a film at its pace.  On the same stream, in the same minute, side by side:
our tracker with each way of sampling, calibrated by `init`; `motion`; OpenCV with the old tool's
calculation of every picture; the old tool's own rhythm; and one who demuxes and decodes nothing.
Counted are CPU-seconds an hour of all threads, once everybody has settled; memory; how old the
pictures are that are judged.  Then the machine changes its state: who says so, how much later, and
what has the change cost?  Medians of the rounds; ratios are of the same round.

Needs Linux, gst-rtsp-server (tests/servers/gst.py) and `motion` (apt-get install motion).
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from gauges import Meter, memory, middle, quantile, this_computer
from lineup import (
    CHANNEL,
    OTHERS,
    POLICIES,
    WORDS,
    Contender,
    check_motion,
    configured,
    ended,
    started,
)
from reels import FORMATS, FPS, PICTURES, STATES, Reel, age, gst, reel_of, served

from motion_tracking.record.history import History

SETTLED = 30.0
"""Seconds after which all have found out how the stream is, and what the machine does."""

CHANGED = 40.0
"""Seconds for which a change is waited for."""

WINDOW = 30.0
"""Seconds whose majority decides for those who leave that to us."""


@dataclass(slots=True)
class Result:
    """What one contender took in one round; nan where it does not say."""

    cpu: float
    rss: float
    pss: float
    age_median: float = float("nan")
    age_p99: float = float("nan")
    right: float = float("nan")
    delay: float = float("nan")
    change: float = float("nan")


def play_round(reel: Reel, names: Sequence[str], seconds: float, first: str) -> dict[str, Result]:
    """Let all watch for a while, first a machine in one state, then in the other."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        camera = stack.enter_context(served(folder, reel))
        for policy in POLICIES:
            if policy in names:
                configured(folder, reel, camera, policy)
        sent = camera.show(first, CHANNEL)
        contenders = started(names, reel, camera, folder)
        for contender in contenders:
            stack.callback(ended, contender.process)
        return Scene(camera, contenders, first, seconds).results(sent)


class Scene:
    """The contenders of a round, before one camera."""

    def __init__(
        self,
        camera: gst.GstCamera,
        contenders: Sequence[Contender],
        first: str,
        seconds: float,
    ) -> None:
        self._camera = camera
        self._contenders = contenders
        self._states = [first, *(state for state in STATES if state != first)]
        self._seconds = seconds
        self._short = seconds < CHANGED / 2
        self._wait = threading.Event().wait
        self._server = Meter([camera.pid])

    def results(self, sent: int) -> dict[str, Result]:
        """Wait, measure, and return what came of it; `sent` pictures came before the first."""
        self._wait(min(SETTLED, 4 * self._seconds))
        begin = time.monotonic()
        calm = self._measured(self._seconds)
        sizes = {c.name: memory(c.process.pid) for c in self._contenders}
        end = time.monotonic()
        found = {name: Result(cpu, *sizes.get(name, (0, 0))) for name, cpu in calm.items()}
        began = self._camera.began(CHANNEL)
        for contender in self._contenders:
            self._aged(contender, found[contender.name], began + sent / FPS, begin, end)
        if not self._short:
            self._change(found)
        for contender in self._contenders:
            if contender.process.poll() is not None:
                log = contender.output.with_suffix(".log").read_text(errors="replace")
                sys.exit(f"{contender.name} ended by itself: {log[-500:]}")
            if contender.name == "motion":
                check_motion(contender.folder, self._short)
        return found

    def _measured(self, seconds: float) -> dict[str, float]:
        """Return the CPU-seconds an hour of all, over so many seconds."""
        meters = {c.name: c.meter for c in self._contenders} | {"server": self._server}
        for meter in meters.values():
            meter.begin()
        self._wait(seconds)
        return {name: meter.end() for name, meter in meters.items()}

    def _aged(self, who: Contender, result: Result, start: float, begin: float, end: float) -> None:
        """Say how old the pictures were that were judged, the first of all sent at `start`."""
        first = STATES.index(self._states[0]) * PICTURES
        ages = [
            age(at - start, number - first)
            for at, number, _moved in who.judged()
            if begin <= at <= end
        ]
        result.age_median, result.age_p99 = quantile(ages, 0.5), quantile(ages, 0.99)

    def _change(self, found: Mapping[str, Result]) -> None:
        """Have the machine change, and see who says so and what that costs."""
        self._camera.show(self._states[1], CHANNEL)
        at, utc = time.monotonic(), time.time()
        moved = self._measured(CHANGED)
        for contender in self._contenders:
            result = found[contender.name]
            more = (moved[contender.name] - result.cpu) * CHANGED / 3600
            result.change = more if contender.name in POLICIES else float("nan")
            said = self._said(contender, at, utc)
            if said is not None:
                right = [said[0] == self._states[0], said[1] == self._states[1]]
                result.right, result.delay = fmean(right), said[2]

    def _said(self, who: Contender, at: float, utc: float) -> tuple[str, str, float] | None:
        """Return what was said before the change and at the end, and after how long."""
        if who.name in POLICIES:
            with History(who.folder / "logs/motion_tracking/history.sqlite3", read_only=True) as h:
                told = [
                    (c.detected_at.timestamp() - utc, str(c.to_state))
                    for _, c in h.changes("press1")
                ]
        else:
            told = decided([(t - at, moved) for t, _, moved in who.judged()])
        if not told:
            return None
        before = [state for t, state in told if t <= 0]
        after = next((t for t, state in told if t > 0 and state == self._states[1]), float("nan"))
        return before[-1] if before else "", told[-1][1], after


def decided(judged: Sequence[tuple[float, bool]]) -> list[tuple[float, str]]:
    """Return what a majority of the last half minute would have said, and when."""
    told: list[tuple[float, str]] = []
    first = 0
    for n, (at, _) in enumerate(judged):
        while judged[first][0] < at - WINDOW:
            first += 1
        if at - judged[0][0] < WINDOW / 2:
            continue
        moving = [moved for _, moved in judged[first : n + 1]]
        state = "running" if 2 * sum(moving) > len(moving) else "stopped"
        if not told or told[-1][1] != state:
            told.append((at, state))
    return told


def ratios(rounds: Sequence[Mapping[str, Result]], ours: str, theirs: str) -> list[float]:
    """Return ours/theirs of each round."""
    return [found[ours].cpu / found[theirs].cpu for found in rounds if theirs in found]


def print_table(form: str, rounds: Sequence[Mapping[str, Result]]) -> None:
    """Print the medians of a format."""
    print(f"\n{form}, median of {len(rounds)}")
    head = f"{'':<40}{'CPU-s/h':>9}{'min..max':>14}{'x motion':>9}{'RSS':>6}{'PSS':>6}"
    print(f"{head}{'age':>7}{'p99 s':>7}{'right':>7}{'after s':>8}{'change':>8}")
    for name in rounds[0]:
        found = [results[name] for results in rounds]
        cpu = [result.cpu for result in found]
        x = middle(ratios(rounds, name, "motion")) if "motion" in rounds[0] else float("nan")
        row = f"{WORDS.get(name, name):<40}{middle(cpu):9.1f}{min(cpu):7.0f}..{max(cpu):<5.0f}"
        values = defaultdict(float)
        for key in ("rss", "pss", "age_median", "age_p99", "right", "delay", "change"):
            values[key] = middle([getattr(result, key) for result in found])
        print(
            f"{row}{x:9.3f}{values['rss']:6.0f}{values['pss']:6.0f}{values['age_median']:7.2f}"
            f"{values['age_p99']:7.2f}{values['right']:7.0%}{values['delay']:8.1f}"
            f"{values['change']:8.1f}".replace("nan%", "   -").replace("nan", "  -"),
            flush=True,
        )


def told(rounds: Mapping[str, Sequence[Mapping[str, Result]]]) -> dict[str, object]:
    """Return what was found, for JSON."""
    rows = {
        form: {
            name: {
                key: value
                if (value := middle([getattr(r[name], key) for r in found])) == value
                else None
                for key in Result.__slots__
            }
            for name in found[0]
        }
        for form, found in rounds.items()
    }
    paired = {form: ratios(found, "auto", "motion") for form, found in rounds.items()}
    return {
        "machine": this_computer(),
        "ratios": {form: round(middle(paired[form]), 4) for form in rounds},
        "paired": paired,
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="What does it cost to watch a camera live?")
    parser.add_argument("--seconds", type=float, default=60.0, help="that are measured (60)")
    parser.add_argument("--rounds", type=int, default=3, help="of each format (3)")
    parser.add_argument("--formats", default="sub,main", help="of sub, main, small")
    parser.add_argument("--only", default=",".join((*POLICIES, *OTHERS)), help="who takes part")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    asked = parser.parse_args()
    names = asked.only.split(",")
    if "motion" in names and shutil.which("motion") is None:
        sys.exit("motion is missing: apt-get install --no-install-recommends motion")
    if gst.interpreter() is None:
        sys.exit(
            "gst-rtsp-server is missing: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi"
        )
    if not asked.json:
        print(this_computer())
    rounds: dict[str, list[dict[str, Result]]] = {form: [] for form in asked.formats.split(",")}
    for n in range(asked.rounds):
        for form, found in rounds.items():
            reel = reel_of(FORMATS[form])
            found.append(play_round(reel, names, asked.seconds, STATES[n % len(STATES)]))
    if asked.json:
        print(json.dumps(told(rounds), indent=1))
        return
    for form, found in rounds.items():
        print_table(form, found)


if __name__ == "__main__":
    main()
