"""
What does a process take of this computer, and what is this computer?

For Linux: a processor's time of another process, to the nanosecond and with all of its threads,
and the memory that is its own, are asked of the kernel.
"""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

HOUR = 3600.0


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far, its children that have ended included."""
    own = time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of a whole process
    times = psutil.Process(pid).cpu_times()
    return own + times.children_user + times.children_system


def memory(pid: int) -> tuple[float, float]:
    """Return MB that are resident, and the proportional part of them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines)}
    return sizes["Rss"] / 1024, sizes["Pss"] / 1024


@dataclass(slots=True)
class Meter:
    """Measures the processes of a program between two moments."""

    pids: Sequence[int]
    at: float = 0.0
    used: float = 0.0

    def begin(self) -> None:
        self.at, self.used = time.monotonic(), sum(map(cpu_seconds, self.pids))

    def end(self) -> float:
        """Return CPU-seconds an hour."""
        used = sum(map(cpu_seconds, self.pids)) - self.used
        return used / (time.monotonic() - self.at) * HOUR


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value that `part` of them do not exceed; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def middle(values: Sequence[float]) -> float:
    """Return the median; nan of none."""
    found = [value for value in values if value == value]
    return median(found) if found else float("nan")


def this_computer() -> str:
    """Describe what was measured on: processor, memory, system, libraries, load, date."""
    import av
    import cv2

    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((x.partition(":")[2].strip() for x in lines if x.startswith("model n")), name)
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {psutil.cpu_count()} cores of {name},"
        f" {memory:.0f} GB, {platform.system()} {platform.release().partition('-')[0]},"
        f" Python {platform.python_version()}, av {av.__version__}, opencv {cv2.__version__},"
        f" load at the beginning {load}"
    )
