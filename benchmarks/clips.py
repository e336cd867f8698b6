"""
What does it cost to keep clips?

`python benchmarks/clips.py [--seconds N] [--channels N]` tracks simulated machines on so many
RTSP channels in one process: without clips, with rings only, and with all channels recording all
the time.  It prints the processor's time of each as a share of a core and as a multiple of the
first, and the memory; then what it costs to encode a webcam's pictures.  Exit code 1 if recording
costs more than 5 % of a core for 8 channels.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import cv2
import psutil

from motion_tracking.capture.clock import cpu_seconds
from motion_tracking.capture.encoding import RATE, Encoder
from motion_tracking.capture.ring import Ring
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.scenes import MACHINES, Noise

LIMIT = 0.05
"""Of a core, for eight channels that are recorded at once."""

SETTLING = 8.0
"""Seconds that are not counted: imports, connections."""

WAYS = {"no clips": "none", "rings only": "manual", "all recorded": "motion"}


def configure(folder: Path, camera: Camera, events: str) -> list[str]:
    """Write the configuration; return the names of the cameras."""
    (folder / "config").mkdir(parents=True)
    sections = []
    for number, channel in camera.channels.items():
        roi = channel.roi
        area = f"ix={roi.x}\niy={roi.y}\nix2={roi.x + roi.width}\niy2={roi.y + roi.height}"
        keys = f"channel={number}\nthreshold={channel.threshold}\n{area}"
        sections.append(f"[press{number}]\n{keys}\n")
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    clips = f"[clips]\nevents={events}\nlongest=3600\nlimit=50 GB\nreserve=1 MB\n"
    (folder / "config" / "config_cam.ini").write_text("\n".join(sections), encoding="utf-8")
    (folder / "config" / "config_stream.ini").write_text(stream + clips, encoding="utf-8")
    return [f"press{number}" for number in camera.channels]


def measured(camera: Camera, events: str, seconds: float) -> tuple[float, float, float]:
    """Track for a while; return the share of a core, MB of memory, and MB of video."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = configure(folder, camera, events)
        command = [sys.executable, "-m", "motion_tracking", "run", *names]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
        try:
            watched, wait = psutil.Process(process.pid), threading.Event().wait
            wait(SETTLING)
            before = watched.cpu_times()
            wait(seconds)
            after, memory = watched.cpu_times(), watched.memory_info().rss / 1e6
        finally:
            process.terminate()
            process.wait(30)
        used = after.user + after.system - before.user - before.system
        video = sum(path.stat().st_size for path in folder.rglob("*.mp4*")) / 1e6
        return used / seconds, memory, video


def encoding(size: tuple[int, int], count: int = 60) -> tuple[float, float]:
    """Return seconds of processor for a coloured picture of a webcam, and its bytes."""
    scene, noise, ring = MACHINES["press"](size), Noise(size, 1), Ring("webcam", 60.0, 10**9)
    drawn = [noise.add(scene.draw(n / RATE)) for n in range(count)]
    pictures = [cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) for picture in drawn]
    encoder, before = Encoder(ring), cpu_seconds()
    for n, picture in enumerate(pictures):
        encoder.show(picture, n / RATE)
    return (cpu_seconds() - before) / count, ring.bytes / count


def main() -> int:
    parser = argparse.ArgumentParser(description="What does it cost to keep clips?")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each way (30)")
    parser.add_argument("--channels", type=int, default=8, help="recorded at once (8)")
    asked = parser.parse_args()
    channels = [Channel(100 * n + 2, "flywheel", fps=25) for n in range(1, asked.channels + 1)]
    print(f"{'':<14}{'of a core':>10}{'x':>7}{'MB RSS':>8}{'MB video':>10}")
    shares: dict[str, float] = {}
    with Camera(channels) as camera:
        for way, events in WAYS.items():
            shares[way], memory, video = measured(camera, events, asked.seconds)
            ratio = shares[way] / shares["no clips"]
            print(f"{way:<14}{shares[way]:10.1%}{ratio:7.2f}{memory:8.0f}{video:10.1f}", flush=True)
    cost = shares["all recorded"] - shares["no clips"]
    held = cost * 8 / asked.channels <= LIMIT
    print(f"recording: {cost:.1%} of a core; within {LIMIT:.0%}: {'yes' if held else 'NO'}")
    for size in ((352, 288), (640, 480), (1280, 720), (1920, 1080)):
        seconds, each = encoding(size)
        share, rate = seconds * RATE, each * RATE / 1000
        print(f"a webcam of {size[0]}x{size[1]}: {share:.1%} of a core, {rate:.0f} KB a second")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
