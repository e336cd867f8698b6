"""
What does all this do, without a camera at hand?

Simulated machines are real RTSP cameras in a process of their own; each is tracked by a real
`motion-track run` with a configuration of its own, under a window and a deep sleep made short, and
`motion-track serve` shows them live.  All trackers write into one pipe, so one thread reads
them all, on Windows too.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import click

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import configured, history_file
from motion_tracking.commands.parse_logs import parse_logs, show
from motion_tracking.config.environment import PREFIX, RTSP_URL, VIDEO_DIR
from motion_tracking.console import Exit, Failure, Settings, say, table
from motion_tracking.core.changes import human_duration
from motion_tracking.core.intervals import intervals, totals
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.faults import Fault, Kind
from motion_tracking.simulator.schedule import Schedule

WINDOW = 10.0
DEEP_SLEEP_MINUTES = 0.5
"""A third and a fortieth of what is usual, so that everything happens within two minutes."""

LEFT_TO_END = 10.0
"""Seconds that trackers get to end by themselves when their time is over."""

SPEC = "simulation.json"
"""What the cameras play; where this file is, a demo has been."""

USER = "demo"
PASSWORD = "MOTION_TRACK_DEMO_PASSWORD"
"""The name of the environment variable that hands the cameras their password."""

COLOURS = {"running": "green", "stopped": "yellow", "deep_sleep": "red", "no_signal": "cyan"}


@dataclass(frozen=True, slots=True)
class Part:
    """What one simulated machine plays."""

    machine: str
    schedule: Schedule
    faults: tuple[Fault, ...] = ()


PARTS = (
    Part("flywheel", Schedule(spans=(25, 20), repeat=True)),
    Part("press", Schedule(spans=(20, 60), repeat=True)),
    Part("conveyor", Schedule(), (Fault(Kind.STALL, at=40, seconds=20),)),
    Part("stack_light", Schedule(running=False, spans=(35, 30), repeat=True)),
)


def demo(
    settings: Settings,
    machines: int,
    duration: float,
    opens: bool,
    port: int | None,
    folder: Path | None,
) -> None:
    """Track `machines` simulated machines for `duration` seconds, and leave logs and charts."""
    folder = (folder or Path(tempfile.mkdtemp(prefix="motion-track-demo-"))).resolve()
    config_dir = _made(folder)
    channels = {_name(n): _channel(n) for n in range(machines)}
    password = secrets.token_urlsafe(12)
    say(f"{machines} simulated machines, for {human_duration(duration)}; all is kept in {folder}")
    say(f"window {WINDOW:.0f} s instead of 30, deep sleep after 30 s instead of 20 min")
    inner = Settings(config_dir, quiet=settings.quiet)
    with _undisturbed():
        with _simulation(folder, channels.values(), password) as camera_port:
            _configure(config_dir, channels, camera_port, password)
            with _dashboard(config_dir, port, opens):
                _watch(config_dir, list(channels), duration)
        _sum_up(inner, list(channels))
        parse_logs(inner, list(channels), "all", (), None, False)
    if opens:
        machine = next(iter(channels))
        show(folder / "logs" / "motion_tracking" / machine / f"chart_motion_{machine}.html")


def _made(folder: Path) -> Path:
    """Make the folder of a demo, and that of its configuration, which is returned."""
    config_dir = folder / "config"
    if config_dir.exists() and not (folder / SPEC).exists():
        raise Failure(
            f"{folder} has a configuration that is no demo's", "name another folder by --folder"
        )
    try:
        config_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"cannot write to {folder}: {error.strerror}"
        raise Failure(text, "name another folder by --folder") from None
    return config_dir


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hide the variables of the environment that are meant for the user's own cameras."""
    names = [name for name in os.environ if name.startswith(PREFIX)]
    hidden = {name: os.environ.pop(name, None) for name in (*names, RTSP_URL, VIDEO_DIR)}
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in hidden.items() if value is not None})


def _name(n: int) -> str:
    again = n // len(PARTS)
    return PARTS[n % len(PARTS)].machine + (str(again + 1) if again else "")


def _channel(n: int) -> Channel:
    part = PARTS[n % len(PARTS)]
    return Channel(100 * (n + 1) + 2, part.machine, part.schedule, faults=part.faults, seed=n)


@contextmanager
def _simulation(folder: Path, channels: Iterable[Channel], password: str) -> Iterator[int]:
    """Run the cameras in a process of their own; give their port."""
    spec = folder / SPEC
    camera = {
        "username": USER,
        "password_from": PASSWORD,
        "channels": [asdict(channel) for channel in channels],
    }
    spec.write_text(json.dumps(camera), encoding="utf-8")
    command = [sys.executable, "-m", "motion_tracking.simulator", str(spec), "--with-parent"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {PASSWORD: password},
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready:
                raise Failure("the simulated cameras did not start", code=Exit.INTERNAL)
            yield json.loads(ready)["port"]
        finally:
            process.terminate()


def _configure(config_dir: Path, channels: Mapping[str, Channel], port: int, password: str) -> None:
    """Write the two INI files that a user would write."""
    sections = [f"[defaults]\nwindow_seconds={WINDOW}\ndeep_sleep_minutes={DEEP_SLEEP_MINUTES}\n"]
    for name, channel in channels.items():
        roi = channel.roi
        sections.append(
            f"[{name}]\nchannel={channel.number}\nthreshold={channel.threshold}\n"
            f"ix={roi.x}\niy={roi.y}\nix2={roi.x + roi.width}\niy2={roi.y + roi.height}\n"
        )
    (config_dir / "config_cam.ini").write_text("\n".join(sections), encoding="utf-8")
    stream = f"[stream]\nip_address=127.0.0.1\nport={port}\nusername={USER}\n"
    path = config_dir / "config_stream.ini"
    path.touch(mode=0o600)
    path.write_text(f"{stream}password={password}\n", encoding="utf-8")


@contextmanager
def _dashboard(config_dir: Path, port: int | None, opens: bool) -> Iterator[None]:
    """Show the machines in the browser for as long as they are tracked."""
    command = [sys.executable, "-m", "motion_tracking", "-C", str(config_dir), "serve"]
    command += ["--port", str(port or 0), "--open" if opens else "--no-open"]
    with (config_dir.parent / "dashboard.log").open("ab") as troubles:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=troubles)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _watch(config_dir: Path, names: Sequence[str], duration: float) -> None:
    """Run a tracker for each machine, and print what they find until all are done."""
    start = system_now().at
    with ExitStack() as stack:
        reading, writing = os.pipe()
        lines = stack.enter_context(os.fdopen(reading, encoding="utf-8", errors="replace"))
        troubles = stack.enter_context((config_dir.parent / "trackers.log").open("ab"))
        for name in names:
            stack.enter_context(_tracker(config_dir, name, duration, writing, troubles))
        os.close(writing)  # ours; the pipe ends with the last tracker
        for line in lines:
            _tell(line, system_now().at - start)


@contextmanager
def _tracker(
    config_dir: Path, name: str, duration: float, writing: int, troubles: IO[bytes]
) -> Iterator[None]:
    command = [sys.executable, "-m", "motion_tracking", "-C", str(config_dir), "--quiet"]
    command += ["--log-format", "json", "run", name, "--duration", str(duration)]
    # one Ctrl-C reaches us and the trackers alike; each ends by itself
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writing, stderr=troubles)
    try:
        yield
        process.wait(LEFT_TO_END)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _tell(line: str, seconds: float) -> None:
    """Print a line of a tracker's log as people read it."""
    try:
        told = json.loads(line)
        machine, state, text = told["camera"], MachineState(told["state"]), told["msg"]
    except (ValueError, KeyError, TypeError):
        return  # not an event
    shown = click.style(f"{state.word:<10}", fg=COLOURS.get(state))
    what = text.partition(": ")[2]
    say(f"{seconds:5.0f} s  {machine:<12} {shown}  {what}")


def _sum_up(settings: Settings, names: Sequence[str]) -> None:
    """Print what the history says of each machine."""
    config = configured(settings)
    rows = []
    with History(history_file(config), config.site, read_only=True) as history:
        for name in names:
            changes = [change for _, change in history.changes(name)]
            beat = history.heartbeats().get(name)
            if beat is None or not changes:
                continue
            tiles = totals(intervals(changes, changes[0].since, beat.at))
            times = [
                human_duration(tiles.seconds.get(state, 0.0))
                for state in (MachineState.RUNNING, MachineState.STOPPED, MachineState.DEEP_SLEEP)
            ]
            unseen = human_duration(tiles.seconds.get(MachineState.NO_SIGNAL, 0.0))
            share = "" if tiles.utilisation is None else f"{tiles.utilisation:.0%}"
            rows.append((name, *times, unseen, str(tiles.stops), share))
    heads = ("machine", "running", "stopped", "deep sleep", "no signal", "stops", "utilisation")
    if rows:
        table(heads, rows)
    else:
        say("no state was decided in so short a time")
