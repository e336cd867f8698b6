"""
What does it cost to look through years of text logs?

`python benchmarks/logs.py [--lines N]` writes the three logs of a machine, three million lines if
not told otherwise, one in fifty of a change of state, then runs `parse-logs`, `plot-log` and
`import-logs` on them, each whole as a process, and beside them a plain loop of Python that takes
the same motion lines apart.  It prints seconds, CPU seconds, also as multiples of the plain loop,
and the peak memory.  Exit code 1 where one takes more than 10 s of CPU or 300 MB.
"""

import argparse
import runpy
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from motion_tracking.core.loglines import deep_sleep_line, motion_line, state_change_line

SECONDS, MEGABYTES = 10.0, 300.0

_REPORT = runpy.run_path(str(Path(__file__).with_name("report.py")))
cost, PROGRAM, MEASURED = (_REPORT[name] for name in ("cost", "REPORT", "MEASURED"))

PLAIN = (
    MEASURED
    + """
from datetime import datetime
at, score = [], []
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        try:
            at.append(datetime.strptime(line[:19], "%Y/%m/%d %H:%M:%S"))
            score.append(int(line[20:]))
        except ValueError:
            pass
"""
)


def make_logs(folder: Path, lines: int) -> None:
    """Write a machine that runs for a minute or two, stands for one, and sleeps now and then."""
    random, at, written = Random(1), datetime(2023, 3, 1, 6), 0
    names = ("motion", "globalstatechange", "deepsleep")
    files = [(folder / f"log_{name}_press1.log").open("w", encoding="utf-8") for name in names]
    motion, states, sleeps = files
    while written < lines:
        stop = 1500 if random.random() < 0.02 else random.randrange(30, 90)
        run = random.randrange(30, 90)
        for second in range(stop + run):
            score = random.randrange(60) if second < stop else random.randrange(400, 9000)
            motion.write(motion_line(at + timedelta(seconds=second), score) + "\n")
        back = at + timedelta(seconds=stop)
        states.write(state_change_line(at, "press1", moving=False) + "\n")
        if stop > 1200:
            asleep = at + timedelta(seconds=1200)
            sleeps.write(deep_sleep_line(asleep, "press1", woke=False, minutes=20) + "\n")
            sleeps.write(deep_sleep_line(back, "press1", woke=True, minutes=stop // 60) + "\n")
        moving = state_change_line(back, "press1", moving=True, stopped_minutes=stop // 60)
        states.write(moving + "\n")
        written += stop + run + 2 + 2 * (stop > 1200)
        # an outage now and then
        at = back + timedelta(seconds=run + (600 if random.random() < 0.01 else 0))
    for file in files:
        file.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=3_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        plant = Path(made)
        folder = plant / "logs" / "motion_tracking" / "press1"
        folder.mkdir(parents=True)
        (plant / "config").mkdir()
        camera = "[press1]\nchannel=102\nthreshold=300\nix=1\niy=1\nix2=9\niy2=9\n"
        (plant / "config" / "config_cam.ini").write_text(camera, encoding="utf-8")
        make_logs(folder, options.lines)
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        print(f"{options.lines:,} lines, {size:.0f} MB")
        return measure(plant, folder)


def measure(plant: Path, folder: Path) -> int:
    """Print the figures; return the exit code."""
    plain = cost(PLAIN, [str(folder / "log_motion_press1.log")], plant)
    print(f"{'':24}{'s':>8}{'CPU s':>8}{'x plain':>9}{'MB RAM':>8}")
    print(f"{'plain loop':24}{plain.wall:8.2f}{plain.cpu:8.2f}{1:9.2f}{plain.memory:8.0f}")
    held = True
    for name, *arguments in (
        ("parse-logs", "parse-logs", "press1", "--no-open"),
        ("plot-log", "plot-log", "press1", "-o", "press1.png"),
        ("import-logs", "import-logs", "press1", "--zone", "Europe/Berlin", "--dry-run"),
    ):
        taken = cost(PROGRAM, arguments, plant)
        held &= taken.cpu <= SECONDS and taken.memory <= MEGABYTES
        ratio = taken.cpu / plain.cpu
        print(f"{name:24}{taken.wall:8.2f}{taken.cpu:8.2f}{ratio:9.2f}{taken.memory:8.0f}")
    page = next(folder.glob("*.html")).stat().st_size / 1e6
    print(f"the page has {page:.1f} MB")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
