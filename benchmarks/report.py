"""
What does a report of a year of twelve machines cost?

`python benchmarks/report.py [--machines N] [--days N] [--keep FOLDER]` makes the history of a
plant: about 40 transitions a day and machine, stops as plants have them, most of them short, a few
of hours, nights and Sundays off, outages of the camera, restarts of the tracker, and motion of the
last days.  Then it runs `motion-track report` on it, whole as a process, and prints the seconds,
the CPU seconds also as multiples of a plain Python that reads the same rows, the peak memory and
the size of what was written.  Exit code 1 where a page takes more than 5 s of CPU, or that of a
month more than 1.5 MB.
"""

import argparse
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.chain import COLUMNS, digest, facts
from motion_tracking.record.history import History

SECONDS, MEGABYTES = 5.0, 1.5
"""The promise: of a year, and of a month."""

END = datetime(2026, 11, 1, tzinfo=ZoneInfo("Europe/Berlin"))
MOTION_DAYS = 8
RUNNING, STOPPED, DEEP_SLEEP, NO_SIGNAL, UNKNOWN = MachineState

# process_time counts from the start of the process, the interpreter's own work included
MEASURED = """
import atexit, sys, time
def told():
    peak = 0
    try:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except ImportError:  # Windows has none
        pass
    sys.stderr.write(f"\\n{time.process_time()} {peak}")
atexit.register(told)
"""
REPORT = MEASURED + "from motion_tracking.cli import main\nmain()\n"
PLAIN = (
    MEASURED
    + """
import sqlite3
rows = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM transition ORDER BY machine, seq")
last = {}
for row in rows:
    last[row[1]] = row[3] - last.get(row[1], row[3])
"""
)


class Life:
    """The changes of one machine, made up as they go."""

    def __init__(self, machine: str, start: datetime, end: datetime, seed: int) -> None:
        self._machine = machine
        self._random = Random(seed)
        self._start, self._end = start, end
        self._state, self._since, self._reason = NO_SIGNAL, start, Reason.NOT_TRACKING
        self._stopped_since: datetime | None = None

    def changes(self) -> Iterator[Change]:
        """Yield them in order of time."""
        at = self._start
        yield self._to(UNKNOWN, at)
        yield self._to(RUNNING, at + timedelta(seconds=15))
        while at < self._end:
            at += timedelta(seconds=min(4 * 3600, self._random.lognormvariate(7.2, 1.0) + 31))
            if not self._works(at):
                back = self._shift_after(at)
                yield from self._stop(at, back)
                at = back
            elif self._random.random() < 0.02:
                yield from self._outage(at, timedelta(seconds=self._random.uniform(10, 1800)))
                at = self._since
            else:
                back = at + timedelta(seconds=self._stop_seconds())
                yield from self._stop(at, back)
                at = back

    def _to(self, state: MachineState, at: datetime, reason: Reason | None = None) -> Change:
        before, since, self._since = self._state, self._since, at
        if state is STOPPED:
            self._stopped_since = at
        change = Change(
            self._machine,
            before,
            state,
            reason,
            at.astimezone(UTC),
            at.astimezone(UTC) + timedelta(seconds=14),
            since.astimezone(UTC),
            self._stopped_since.astimezone(UTC) if self._stopped_since else None,
            woke=before is DEEP_SLEEP and state is RUNNING,
            monotonic=(at - self._start).total_seconds(),
            score=self._random.randrange(3000),
            threshold=500,
            moving_share=0.5,
        )
        self._state, self._reason = state, reason
        if state is RUNNING:
            self._stopped_since = None
        return change

    def _stop(self, at: datetime, until: datetime) -> Iterator[Change]:
        yield self._to(STOPPED, at)
        if until - at > timedelta(minutes=20):
            yield self._to(DEEP_SLEEP, at + timedelta(minutes=20))
        yield self._to(RUNNING, until)

    def _outage(self, at: datetime, length: timedelta) -> Iterator[Change]:
        restart = self._random.random() < 0.3
        reason = Reason.NOT_TRACKING if restart else Reason.LOST
        yield self._to(NO_SIGNAL, at, reason)
        yield self._to(UNKNOWN, at + length)
        yield self._to(RUNNING, at + length + timedelta(seconds=15))

    def _stop_seconds(self) -> float:
        kind = self._random.random()
        if kind < 0.75:
            return self._random.uniform(16, 300)
        return self._random.uniform(300, 2400) if kind < 0.98 else self._random.uniform(3600, 14400)

    def _works(self, at: datetime) -> bool:
        return at.weekday() < 6 and 6 <= at.hour < 22

    def _shift_after(self, at: datetime) -> datetime:
        day = at.replace(hour=6, minute=0, second=0, microsecond=0)
        while day <= at or day.weekday() == 6:
            day += timedelta(days=1)
        return day + timedelta(seconds=self._random.uniform(0, 900))


def names(machines: int) -> list[str]:
    """Name them as plants do."""
    return [f"press{n + 1}" for n in range(machines)]


def make_plant(folder: Path, machines: int, days: int) -> Path:
    """Make the configuration and the history of a plant; return the history's file."""
    config = folder / "config"
    config.mkdir(parents=True)
    cameras = (
        f"[{name}]\nchannel={n + 1}02\nthreshold=500\nix=10\niy=10\nix2=200\niy2=200\n"
        for n, name in enumerate(names(machines))
    )
    (config / "config_cam.ini").write_text("\n".join(cameras), encoding="utf-8")
    (config / "config_stream.ini").write_text(
        "[stream]\nip_address=192.0.2.1\nusername=viewer\npassword=x\n", encoding="utf-8"
    )
    (config / "config_shifts.ini").write_text(
        "[calendar]\nzone=Europe/Berlin\n"
        "[shift early]\nstart=06:00\nend=14:00\ndays=mon-sat\nbreaks=09:00-09:15 12:00-12:30\n"
        "[shift late]\nstart=14:00\nend=22:00\ndays=mon-sat\nbreaks=18:00-18:30\n",
        encoding="utf-8",
    )
    path = folder / "logs" / "motion_tracking" / "history.sqlite3"
    History(path).close()
    start = END - timedelta(days=days)
    with closing(sqlite3.connect(path)) as connection, connection:
        for n, name in enumerate(names(machines)):
            fill_transitions(connection, name, Life(name, start, END, n).changes())
            fill_motion(connection, name, min(days, MOTION_DAYS), n)
    return path


def fill_transitions(connection: sqlite3.Connection, name: str, changes: Iterator[Change]) -> None:
    """Write transitions as the history does, chain and all, but all in one step."""
    statement = (
        f"INSERT INTO transition ({','.join(COLUMNS)}) VALUES ({','.join('?' * len(COLUMNS))})"
    )
    rows, before = [], ""
    for seq, change in enumerate(changes, 1):
        hashed = (name, seq, *facts(change, "benchmark"), before)
        before = digest(hashed)
        rows.append((*hashed, before))
    connection.executemany(statement, rows)


def fill_motion(connection: sqlite3.Connection, name: str, days: int, seed: int) -> None:
    """Write the ten-second sums of the last days."""
    random, end = Random(seed), int(END.timestamp())
    connection.executemany(
        "INSERT INTO motion VALUES (?, ?, 20, 11, ?, ?, ?)",
        (
            (name, at, high // 3, high, high * 10)
            for at in range(end - 86400 * days, end, 10)
            for high in (random.randrange(100, 9000),)
        ),
    )


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds on the wall and of CPU, and its peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def cost(program: str, arguments: list[str], folder: Path) -> Cost:
    """Run it as a process of its own; raise `SystemExit` with what it said if it fails."""
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    wall = perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    cpu, peak = done.stderr.splitlines()[-1].split()
    return Cost(wall, float(cpu), int(peak) / 1024)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=12)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--keep", type=Path, help="make the plant here, and leave it")
    parser.add_argument("--only-make", action="store_true", help="measure nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() if not options.keep else nullcontext(options.keep) as made:
        folder = Path(made).resolve()
        path = folder / "logs" / "motion_tracking" / "history.sqlite3"
        if not path.exists():
            path = make_plant(folder, options.machines, options.days)
        with closing(sqlite3.connect(path)) as connection:
            [count] = connection.execute("SELECT count(*) FROM transition").fetchone()
        each = count / options.machines / options.days
        print(f"{options.machines} machines, {options.days} days, {count} transitions")
        print(f"{each:.0f} a day and machine, {path.stat().st_size / 1e6:.0f} MB")
        return 0 if options.only_make else measure(folder, path, options.days)


def measure(folder: Path, path: Path, days: int) -> int:
    """Print the figures; return the exit code."""
    plain = cost(PLAIN, [str(path)], folder)
    print(f"{'':24}{'s':>8}{'CPU s':>8}{'x plain':>9}{'MB RAM':>8}{'MB file':>9}")
    print(f"{'plain read':24}{plain.wall:8.2f}{plain.cpu:8.2f}{1:9.1f}{plain.memory:8.0f}")
    held = True
    wanted = [("day", 1), ("week", 7), ("month", 31), ("year", days)]
    for (name, length), suffix in ((each, suffix) for each in wanted for suffix in SUFFIXES):
        output = folder / f"{name}{suffix}"
        since, until = (f"{END - timedelta(days=back):%Y-%m-%d}" for back in (length, 1))
        arguments = ["report", "--from", since, "--to", until, "-o", str(output)]
        taken = cost(REPORT, arguments, folder)
        size = output.stat().st_size / 1e6
        held &= suffix != ".html" or length > 31 or size <= MEGABYTES
        held &= suffix != ".html" or taken.cpu <= SECONDS
        print(
            f"{name + suffix:24}{taken.wall:8.2f}{taken.cpu:8.2f}{taken.cpu / plain.cpu:9.1f}"
            f"{taken.memory:8.0f}{size:9.2f}"
        )
    return 0 if held else 1


SUFFIXES = (".html", ".json", ".csv")

if __name__ == "__main__":
    sys.exit(main())
