"""
Who takes part in a benchmark on a live stream, and how are they started and ended?
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contenders import motion_file
from gauges import Meter
from reels import LEARNED, Reel, gst

HERE = Path(__file__).parent
POLICIES = ("auto", "head", "keyframes", "all")
OTHERS = ("motion", "opencv", "old", "demux")
WORDS = {
    "auto": "ours, sampling = auto",
    "head": "ours, sampling = head",
    "keyframes": "ours, sampling = keyframes",
    "all": "ours, sampling = all",
    "motion": "motion",
    "opencv": "OpenCV, old calculation, all pictures",
    "old": "OpenCV, old tool's rhythm",
    "demux": "demuxing alone",
}

CHANNEL = 102


@dataclass(slots=True)
class Contender:
    """A process that watches the stream."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path
    folder: Path
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = Meter([self.process.pid])

    def judged(self) -> list[tuple[float, int, bool]]:
        """Return when it judged which picture, and whether that moved."""
        if not self.output.exists():
            return []
        rows = (line.split() for line in self.output.read_text(encoding="ascii").splitlines())
        return [(float(row[0]), int(row[1]), row[2] == "1") for row in rows if len(row) >= 3]


def configured(folder: Path, reel: Reel, camera: gst.GstCamera, policy: str) -> Path:
    """Write the configuration of a machine that is calibrated by the lesson; return its folder."""
    place, roi = folder / policy, reel.roi
    (place / "config").mkdir(parents=True)
    keys = f"[press1]\nchannel = {CHANNEL}\nsampling = {policy}\n"
    stream = f"[stream]\nip_address = 127.0.0.1\nport = {camera.port}\n"
    stream += f"username = {camera.user}\npassword = {camera.password}\n"
    (place / "config" / "config_cam.ini").write_text(keys, encoding="utf-8")
    (place / "config" / "config_stream.ini").write_text(stream, encoding="utf-8")
    half = round(LEARNED)
    corners = f"{roi.x},{roi.y},{roi.x + roi.width},{roi.y + roi.height}"
    spans = ["--calibrate-running", f"0-{half}", "--calibrate-stopped", f"{half}-{2 * half}"]
    command = ["init", "press1", "--snapshot", str(reel.lesson), "--roi", corners, *spans, "--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "motion_tracking", *command],
        cwd=place,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        sys.exit(f"init failed: {done.stderr}")
    return place


def commands(reel: Reel, camera: gst.GstCamera, folder: Path) -> dict[str, tuple[list[str], Path]]:
    """Return the command line of each contender, and the folder to start it in."""
    url, roi = camera.url(CHANNEL), reel.roi
    area = f"{roi.x},{roi.y},{roi.width},{roi.height}"
    found = {}
    for policy in POLICIES:
        output = str(folder / f"{policy}.txt")
        command = [sys.executable, str(HERE / "aged_run.py"), output, "run", "press1"]
        found[policy] = command, folder / policy
    for name in ("opencv", "old", "demux"):
        output = str(folder / f"{name}.txt")
        command = [sys.executable, str(HERE / "contenders.py"), name, url, area, output]
        found[name] = command, folder
    user = camera.user, camera.password
    conf = motion_file(folder, camera.address(CHANNEL), reel.form.size, user)
    found["motion"] = ["motion", "-n", "-c", str(conf)], folder
    return found


def started(
    names: Iterable[str], reel: Reel, camera: gst.GstCamera, folder: Path
) -> list[Contender]:
    """Start the contenders."""
    given, environment = commands(reel, camera, folder), dict(os.environ)
    environment["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    contenders = []
    for name in names:
        command, place = given[name]
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        contenders.append(Contender(name, process, folder / f"{name}.txt", place))
    return contenders


def ended(process: "subprocess.Popen[bytes]") -> None:
    """End a process."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def check_motion(folder: Path, short: bool) -> None:
    """End with an error if `motion` did not see what it was to watch."""
    log = (folder / "motion.log").read_text(encoding="utf-8", errors="replace")
    seen = (folder / "events").exists() or short
    if "unable" in log.lower() or "error" in log.lower() or not seen:
        sys.exit(f"motion did not see the stream:\n{log[-2000:]}")
