"""
What do four machines on one channel cost, compared with one?

    python benchmarks/sharing.py [--machines 4] [--sampling auto] [--seconds N] [--rounds N]

Both are watched side by side, on the same stream of a real RTSP server: one process with one
machine, another with so many, each calibrated by `init`.  Exit code 1 if more than 1.2 times as
much is taken (median of the rounds).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import psutil
from gauges import Meter, memory, middle, this_computer
from lineup import CHANNEL, configured, ended
from reels import FORMATS, Reel, reel_of, served

LIMIT = 1.2

SETTLED = 30.0
"""Seconds that are not counted: imports, and until it is known what the machines do."""


def with_more(place: Path, count: int) -> list[str]:
    """Make so many machines out of the calibrated one, all on its channel; return their names."""
    file = place / "config" / "config_cam.ini"
    profile = place / "config" / "calibration" / "press1.npz"
    names = [f"press{n}" for n in range(1, count + 1)]
    text = file.read_text(encoding="utf-8")
    file.write_text(
        "\n".join(re.sub(r"\[press1\]", f"[{name}]", text) for name in names), encoding="utf-8"
    )
    for name in names[1:]:
        profile.with_name(f"{name}.npz").write_bytes(profile.read_bytes())
    return names


def sessions(pid: int, port: int) -> int:
    """Return how many connections with the recorder a process has."""
    return sum(c.raddr.port == port for c in psutil.Process(pid).net_connections() if c.raddr)


def measured(reel: Reel, policy: str, counts: list[int], seconds: float) -> dict[int, float]:
    """Return the CPU-seconds an hour of each number of machines."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        camera = stack.enter_context(served(Path(name), reel))
        meters = {}
        for count in counts:
            folder = Path(name) / str(count)
            folder.mkdir()
            place = configured(folder, reel, camera, policy)
            command = [sys.executable, "-m", "motion_tracking", "run", *with_more(place, count)]
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(command, cwd=place, stdout=quiet, stderr=quiet)
            stack.callback(ended, process)
            meters[count] = Meter([process.pid])
        wait = threading.Event().wait
        wait(min(SETTLED, 4 * seconds))
        for meter in meters.values():
            meter.begin()
        wait(seconds)
        found = {count: meter.end() for count, meter in meters.items()}
        for count, meter in meters.items():
            pid = meter.pids[0]
            said = f"{count} machines: {found[count]:.1f} CPU-s/h, {memory(pid)[0]:.0f} MB RSS,"
            print(f"{said} {sessions(pid, camera.port)} session on {CHANNEL}", file=sys.stderr)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description="What do machines on one channel cost?")
    parser.add_argument("--machines", type=int, default=4, help="beside one (4)")
    parser.add_argument("--format", default="sub", choices=FORMATS, help="of the stream (sub)")
    parser.add_argument("--sampling", default="auto", help="auto, all, head or keyframes (auto)")
    parser.add_argument("--seconds", type=float, default=60.0, help="that are measured (60)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    asked = parser.parse_args()
    reel = reel_of(FORMATS[asked.format])
    counts = [1, asked.machines]
    rounds = [measured(reel, asked.sampling, counts, asked.seconds) for _ in range(asked.rounds)]
    ratio = middle([found[asked.machines] / found[1] for found in rounds])
    if asked.json:
        rows = {count: middle([found[count] for found in rounds]) for count in counts}
        print(json.dumps({"machine": this_computer(), "cpu_s_per_hour": rows, "ratio": ratio}))
    else:
        print(this_computer())
        held = "yes" if ratio <= LIMIT else "NO"
        print(f"{asked.machines} machines take {ratio:.2f} x one; within {LIMIT}: {held}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
