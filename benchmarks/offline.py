"""
What does it cost to look for motion in a recorded file, here and with dvr-scan?

    python benchmarks/offline.py [--dvr-scan PROGRAM] [--runs N] [--formats sub,main] [FILE ...]

`motion-track replay` and dvr-scan read the same file, as fast as they can; counted are CPU-seconds
an hour of video, start and end included, all threads.  These are no figures of a live camera: who
waits for pictures is woken for each.  dvr-scan has an environment of its own (python -m venv DIR;
DIR/bin/pip install "dvr-scan[opencv-headless]"), named by --dvr-scan DIR/bin/dvr-scan.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av
from gauges import HOUR, middle, this_computer
from reels import FORMATS, reel_of

from motion_tracking.core.motion import Roi

WAYS = {
    "replay, all pictures": ["--sampling", "all"],
    "replay, heads": ["--sampling", "head"],
    "dvr-scan": [],
    "dvr-scan, CNT": ["-b", "CNT"],
    "dvr-scan, every 5th picture, a quarter of it": ["-fs", "4", "-df", "4"],
}
"""Of dvr-scan: as it comes, with its quickest method, and with what it has to be quicker still."""


def used(command: Sequence[str], folder: Path) -> float | None:
    """Run a command; return its CPU-seconds, None where it cannot be used so."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"{' '.join(command)}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command_of(way: str, file: Path, roi: Roi, dvr_scan: str) -> list[str]:
    """Return the command line of a way."""
    if way.startswith("dvr-scan"):
        # scan only: nothing is written; its area is the same
        area = f"{roi.x} {roi.y} {roi.x + roi.width} {roi.y} {roi.x + roi.width}"
        area += f" {roi.y + roi.height} {roi.x} {roi.y + roi.height}"
        return [dvr_scan, "-i", str(file), "-so", "-q", "-a", *area.split(), *WAYS[way]]
    corners = f"{roi.x},{roi.y},{roi.x + roi.width},{roi.y + roi.height}"
    program = [sys.executable, "-m", "motion_tracking", "replay", str(file)]
    return [*program, "--roi", corners, "--threshold", "500", "--json", *WAYS[way]]


def seconds_of(file: Path) -> float:
    """Return how long a video is."""
    with av.open(str(file)) as container:
        return float((container.duration or 0) / av.time_base)


def main() -> None:
    parser = argparse.ArgumentParser(description="What does a recorded file cost?")
    parser.add_argument("files", nargs="*", type=Path, help="instead of our own films")
    parser.add_argument("--dvr-scan", default=shutil.which("dvr-scan"), help="the program")
    parser.add_argument("--runs", type=int, default=3, help="of each (3)")
    parser.add_argument("--formats", default="sub,main", help="of sub, main, small")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    asked = parser.parse_args()
    if asked.dvr_scan is None:
        sys.exit('dvr-scan is missing: pip install "dvr-scan[opencv-headless]" into its own venv')
    reels = [reel_of(FORMATS[form]) for form in asked.formats.split(",")]
    films = {reel.form.name: (reel.lesson, reel.roi) for reel in reels}
    films = {f.name: (f.resolve(), _middle_of(f)) for f in asked.files} or films
    rows: dict[str, dict[str, float]] = {}
    for name, (file, roi) in films.items():
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(asked.runs):
                for way in WAYS:
                    took = used(command_of(way, file, roi, asked.dvr_scan), Path(folder))
                    times[way] += [] if took is None else [took / seconds_of(file) * HOUR]
        rows[name] = {way: middle(found) for way, found in times.items() if found}
    if asked.json:
        print(json.dumps({"machine": this_computer(), "cpu_s_per_hour": rows}, indent=1))
        return
    print(this_computer())
    for name, found in rows.items():
        ours = found.get("replay, heads", found.get("replay, all pictures", float("nan")))
        print(f"\n{name:<46}{'CPU-s/h':>9}{'x ours':>8}   median of {asked.runs}")
        for way, cpu in found.items():
            print(f"{way:<46}{cpu:9.1f}{cpu / ours:8.1f}")


def _middle_of(file: Path) -> Roi:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        return Roi(stream.width // 3, stream.height // 3, stream.width // 3, stream.height // 3)


if __name__ == "__main__":
    main()
