"""
What does it cost to start, before anything is done?

`python benchmarks/startup.py [--runs N]` prints the CPU time of some commands, as milliseconds of
this computer and as multiples of a bare Python in the same minute.  Exit code 1 if `--help` takes
more than 150 ms, which is the figure to hold.
"""

import argparse
import subprocess
import sys
import tempfile
from statistics import median

HELP_LIMIT = 150.0
"""Milliseconds of `motion-track --help`."""

# process_time counts from the start of the process, the interpreter's own work included
MEASURED = """
import atexit, sys, time
atexit.register(lambda: sys.stderr.write(f"\\n{time.process_time()}"))
if len(sys.argv) > 1:
    from motion_tracking.cli import main
    main()
"""

COMMANDS = {
    "python -c pass": (),
    "motion-track --version": ("--version",),
    "motion-track --help": ("--help",),
    "motion-track run --help": ("run", "--help"),
    "motion-track run nosuch": ("run", "nosuch"),
    "motion-track status nosuch": ("status", "nosuch"),
}
"""The last two import what the command needs, and end since there is no such camera."""


def cpu_milliseconds(arguments: tuple[str, ...], folder: str) -> float:
    """Run a command in an empty folder; return the CPU time that its process took."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return 1000 * float(done.stderr.splitlines()[-1])


def measured(runs: int) -> dict[str, float]:
    """Run every command so often, in turn, so that a busy minute hurts all of them."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for n in range(runs + 1):
            for name, arguments in COMMANDS.items():
                taken = cpu_milliseconds(arguments, folder)
                if n:  # the first time fills the disk cache
                    times[name].append(taken)
    return {name: median(taken) for name, taken in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="What does it cost to start?")
    parser.add_argument("--runs", type=int, default=11, help="how often each is run (11)")
    runs = parser.parse_args().runs
    times = measured(runs)
    bare = next(iter(times.values()))
    print(f"{'command':<28}{'CPU ms':>8}{'x bare':>8}   median of {runs}")
    for name, taken in times.items():
        print(f"{name:<28}{taken:8.0f}{taken / bare:8.1f}")
    held = times["motion-track --help"] <= HELP_LIMIT
    print(f"--help within {HELP_LIMIT:.0f} ms: {'yes' if held else 'NO'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
