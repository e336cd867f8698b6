"""
How many cameras does this computer carry?

    python benchmarks/scale.py [--cameras 1,8,32,64] [--each 1,16] [--sampling auto] [--seconds N]

One real RTSP server plays a film on so many channels; our trackers watch them all, with `--each`
channels to a process (1 is what `run --all` does), calibrated by `init`.  The server runs on the
same computer and is counted.  It breaks where the pictures that are judged are older than half a
second (99 of 100), or where more than 70 % of all cores are used.  Exit code 1 if the first
number breaks in every way.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from gauges import HOUR, Meter, memory, quantile, this_computer
from lineup import HERE, configured, ended
from reels import FORMATS, FPS, Reel, age, gst, reel_of, served

OLDEST = 0.5
"""Seconds, of 99 of 100 pictures."""

MOST = 0.7
"""Of all cores."""

SETTLED = 30.0
"""Seconds after the last process has seen its first picture."""

APART = 1.0
"""Seconds between two starts, as `run --all` leaves them."""

PATIENCE = 240.0
"""Seconds that all of them may take to begin."""


@dataclass(frozen=True, slots=True)
class Load:
    """What so many cameras take: parts of all cores, MB together, seconds of age."""

    cameras: int
    each: int
    ours: float
    server: float
    pss: float
    age_median: float
    age_p99: float
    seen: int

    @property
    def holds(self) -> bool:
        """Whether all of them are watched in time, and room is left."""
        return (
            self.seen == self.cameras and self.ours + self.server < MOST and self.age_p99 <= OLDEST
        )


def channels_of(place: Path, count: int) -> list[str]:
    """Make so many cameras of the calibrated one, each on its own channel; return their names."""
    file = place / "config" / "config_cam.ini"
    text = file.read_text(encoding="utf-8")
    profile = place / "config" / "calibration" / "press1.npz"
    sections, names = [], [f"press{n}" for n in range(1, count + 1)]
    for n, name in enumerate(names, 1):
        own = text.replace("[press1]", f"[{name}]")
        sections.append(re.sub(r"channel *=.*", f"channel = {100 * n + 2}", own))
        profile.with_name(f"{name}.npz").write_bytes(profile.read_bytes())
    file.write_text("\n".join(sections), encoding="utf-8")
    return names


class Trial:
    """So many cameras, watched for a while."""

    def __init__(self, reel: Reel, folder: Path, count: int, each: int, policy: str) -> None:
        self._count, self._each, self._folder = count, each, folder
        self._camera: gst.GstCamera = served(folder, reel, count)
        self._reel, self._policy = reel, policy
        self._outputs: dict[str, Path] = {}
        self._wait = threading.Event().wait

    def run(self, seconds: float) -> Load:
        """Start, wait until all see, measure."""
        with ExitStack() as stack:
            stack.enter_context(self._camera)
            place = configured(self._folder, self._reel, self._camera, self._policy)
            names = channels_of(place, self._count)
            processes = []
            for start in range(0, len(names), self._each):
                process = self._started(place, names[start : start + self._each])
                stack.callback(ended, process)
                processes.append(process)
                self._wait(APART)
            self._all_see(names)
            self._wait(min(SETTLED, 4 * seconds))
            return self._measured([process.pid for process in processes], seconds)

    def _started(self, place: Path, names: list[str]) -> "subprocess.Popen[bytes]":
        output = self._folder / f"{names[0]}.txt"
        self._outputs[names[0]] = output
        command = [sys.executable, str(HERE / "aged_run.py"), str(output), "run", *names]
        with output.with_suffix(".log").open("wb") as log:
            return subprocess.Popen(command, cwd=place, stdout=log, stderr=log)

    def _judged(self) -> list[tuple[float, int, str]]:
        """Return when which picture of which machine was judged."""
        rows = [
            line.split()
            for output in self._outputs.values()
            if output.exists()
            for line in output.read_text(encoding="ascii").splitlines()
        ]
        return [(float(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4]

    def _all_see(self, names: list[str]) -> None:
        until = time.monotonic() + PATIENCE
        while len({name for _, _, name in self._judged()}) < len(names):
            if time.monotonic() > until:
                return
            self._wait(1.0)

    def _measured(self, pids: list[int], seconds: float) -> Load:
        ours, server = Meter(pids), Meter([self._camera.pid])
        begin = time.monotonic()
        ours.begin()
        server.begin()
        self._wait(seconds)
        end, cores = time.monotonic(), psutil.cpu_count() or 1
        used = [meter.end() / HOUR / cores for meter in (ours, server)]
        began: dict[str, float] = {}
        ages, seen = [], set()
        for at, number, name in self._judged():
            if begin <= at <= end:
                if name not in began:
                    began[name] = self._camera.began(100 * int(name.removeprefix("press")) + 2)
                ages.append(age(at - began[name], number))
                seen.add(name)
        pss = sum(memory(pid)[1] for pid in pids)
        return Load(
            self._count,
            self._each,
            *used,
            pss,
            quantile(ages, 0.5),
            quantile(ages, 0.99),
            len(seen),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="How many cameras does this computer carry?")
    parser.add_argument("--cameras", default="1,8,32,64", help="how many, in turn (1,8,32,64)")
    parser.add_argument("--each", default="1,16", help="channels to a process, in turn (1,16)")
    parser.add_argument("--format", default="sub", choices=FORMATS, help="of the streams (sub)")
    parser.add_argument("--sampling", default="auto", help="auto, all, head or keyframes (auto)")
    parser.add_argument("--seconds", type=float, default=30.0, help="that are measured (30)")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    asked = parser.parse_args()
    reel, loads = reel_of(FORMATS[asked.format]), []
    if not asked.json:
        print(this_computer())
        print(f"{asked.format}, {FPS} pictures a second, sampling = {asked.sampling}")
        head = f"{'cameras':>8}{'a process':>10}{'ours':>8}{'server':>8}"
        print(f"{head}{'MB PSS':>8}{'age s':>7}{'p99':>7}")
    for each in map(int, asked.each.split(",")):
        for count in map(int, asked.cameras.split(",")):
            if each > count > 1 or (count == 1 and each > 1 and loads):
                continue
            with tempfile.TemporaryDirectory() as name:
                load = Trial(reel, Path(name), count, each, asked.sampling).run(asked.seconds)
            loads.append(load)
            if not asked.json:
                word = "" if load.holds else f"   breaks ({load.seen} seen)"
                print(
                    f"{count:8}{each:10}{load.ours:8.1%}{load.server:8.1%}{load.pss:8.0f}"
                    f"{load.age_median:7.2f}{load.age_p99:7.2f}{word}",
                    flush=True,
                )
            if not load.holds:
                break
    if asked.json:
        rows = [asdict(load) | {"holds": load.holds} for load in loads]
        print(json.dumps({"machine": this_computer(), "loads": rows}, indent=1))
    return 0 if any(load.holds for load in loads) else 1


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
