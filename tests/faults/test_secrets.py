"""Whatever is asked and whatever breaks, no output, file or process list shows a secret."""

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from faults.catalogue import Measured, fault
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import History
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.simulator.faults import Fault, Kind
from servers.clips import machine_roi
from servers.gst import GstCamera
from servers.plant import PROGRAM, Plant, Tracking, area
from servers.webhook import Answer, Receiver

MARK = "9f3e7"
"""In each of the secrets, and unlike anything else: no spelling of them is without it."""

PASSWORD = f"c@n:{MARK}1/?#%41 ü"
KEYS = {"ifttt_key": f"{MARK}2-ifttt", "key": f"{MARK}3&x", "api_key": f"{MARK}4 y"}
BASIC = [
    base64.b64encode(credentials.encode())
    for credentials in (f"viewer:{PASSWORD}", f"otto:{MARK}b", f"alerts:{MARK}e")
]
CHECKED = re.compile(b"|".join(map(re.escape, (MARK.encode(), *BASIC))))
TOLD = ("webhook", "factsystem", "ifttt", "apprise", "email")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

COMMANDS = (
    ("check",),
    ("check", "--json", "--history"),
    ("-v", "check", "--offline"),
    ("cameras",),
    ("cameras", "--json"),
    ("status",),
    ("status", "--json"),
    ("notify",),
    ("notify", "--json"),
    ("-v", "notify"),
    ("notify", "--outbox"),
    ("notify", "--retry"),
    ("run", "press1", "--once"),
    ("-v", "run", "press1", "press2", "--dry-run", "--duration", "3"),
    ("--log-format", "text", "-v", "run", "wrong", "--duration", "3"),
    ("run", "nowhere", "--once"),
    ("run", "broken", "--once"),
    ("run", "nobody"),
    ("init", "wrong", "--no-ui", "--roi", "1,2,99,99", "--seconds", "15", "--dry-run"),
    ("init", "nowhere", "--no-ui", "--roi", "1,2,99,99", "--seconds", "15", "--dry-run"),
    ("replay", "nothing.mp4", "--camera", "press1"),
    ("parse-logs", "press1"),
    ("plot-log", "press1"),
    ("service", "pm2"),
    ("service", "systemd", "-o", "units"),
    ("service", "windows", "-o", "windows"),
    ("service", "docker", "-o", "docker"),
    ("completion", "bash"),
)


def hits(text: bytes) -> list[bytes]:
    """Return where a secret shows, with what stands around it."""
    return [text[max(0, m.start() - 60) : m.end() + 20] for m in CHECKED.finditer(text)]


def configure(plant: Plant, camera: GstCamera, receiver: str) -> None:
    x, y, x2, y2 = machine_roi(*camera.channels[802].size)
    seen = {"ix": x, "iy": y, "ix2": x2, "iy2": y2, "threshold": 500}
    server = f"127.0.0.1:{camera.port}"
    quoted = f"canary{MARK}5"
    plant.configure(
        {
            "press1": {"channel": 802, **seen},
            "press2": {"channel": 801, "pasword": PASSWORD, **seen},
            "wrong": {"url": f"rtsp://viewer:{quoted}@{server}/Streaming/Channels/802", **seen},
            "nowhere": {"url": f"rtsp://viewer:{quoted}@127.0.0.1:1/x?pass={MARK}6", **seen},
            "broken": {"url": f"rtsp://viewer:{MARK}7@x@:y/", **seen},
        },
        stream={
            "ip_address": "127.0.0.1",
            "port": camera.port,
            "username": camera.user,
            "password": PASSWORD,
        },
        notify=dict.fromkeys(TOLD, "all"),
        webhook={"url": f"{receiver}/hook/{MARK}8?t={MARK}9", "key": KEYS["key"]},
        factsystem={"api_url": f"{receiver}/{MARK}a", "api_key": KEYS["api_key"]},
        ifttt={"ifttt_key": KEYS["ifttt_key"], "ifttt_event": "stop"},
        apprise={
            "urls": f"{receiver.replace('http://', f'json://otto:{MARK}b@')}/{MARK}c"
            f" jsons://otto:{MARK}b@127.0.0.1:1/{MARK}d"
        },
        email={
            "server": "127.0.0.1",
            "port": 1,
            "user": "alerts",
            "password": f"{MARK}e",
            "sender": "alerts@example.com",
            "recipients": "shift@example.com",
        },
    )


def every_file(plant: Plant, *but: Path) -> Iterator[tuple[str, bytes]]:
    for path in plant.folder.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(other) for other in but):
            yield str(path), path.read_bytes()


@fault(
    "N07",
    "a secret where it can be read",
    injected="passwords and keys with a mark; every command; a camera that refuses, hangs and"
    " dies; receivers that refuse, fail, hang and redirect",
    expected="the mark is in no output, log, history, chart, service file or process list",
    promised="0 hits",
)
@pytest.mark.timeout(600)
def test_no_secret_shows(
    measured: Measured, tmp_path: Path, start_gst_camera: Callable[..., GstCamera]
) -> None:
    """Seen to fail with `init` warning through Python's last resort, which knew no secrets."""
    plant = Plant(tmp_path / "plant", {"XDG_STATE_HOME": str(tmp_path / "plant" / "state")})
    plant.environment["HTTPS_PROXY"] = "http://127.0.0.1:1"  # nothing goes out of this computer
    camera = start_gst_camera(password=PASSWORD)
    found: list[tuple[str, bytes]] = []
    said = 0
    with Receiver() as receiver:
        configure(plant, camera, receiver.url)
        store_some(plant)
        for command in COMMANDS:
            receiver.plan.extend(
                [Answer(404), Answer(302, {"Location": receiver.url}), Answer(503)]
            )
            done = subprocess.run(
                [*PROGRAM, *command],
                cwd=plant.folder,
                env=plant._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=120,
                check=False,
            )
            said += len(done.stdout) + len(done.stderr)
            found += [(" ".join(command), hit) for hit in hits(done.stdout + done.stderr)]
            assert b"Traceback" not in done.stderr, done.stderr.decode()
        receiver.plan.clear()
        receiver.plan.extend([Answer(503), Answer(hang=True), Answer(silent=True), Answer(404)])
        found += while_it_breaks(plant, camera)
        paths = {request.path for request in receiver.requests}
    for name, content in every_file(plant, plant.config):
        found += [(name, hit) for hit in hits(content)]
    assert {f"/hook/{MARK}8?t={MARK}9", f"/{MARK}a", f"/{MARK}c"} <= paths, "nobody was told"
    measured("commands", len(COMMANDS))
    measured("bytes of output", said)
    assert said > 10_000
    assert not found, found
    measured("hits", len(found), at_most=0)


def store_some(plant: Plant) -> None:
    """Store changes for the outbox to have something that fails."""
    with History(plant.history) as history:
        for machine in ("press1", "press2", "nowhere"):
            history.append(
                Change(
                    machine,
                    MachineState.RUNNING,
                    MachineState.NO_SIGNAL,
                    Reason.LOST,
                    NOON,
                    NOON,
                    NOON,
                ),
                [*TOLD, "log"],
                7,
            )


def while_it_breaks(plant: Plant, camera: GstCamera) -> list[tuple[str, bytes]]:
    """Track while the camera hangs and dies; return where a secret showed."""
    found = []
    command = [*PROGRAM, "-v", "run", "press1", "press2", "wrong", "nowhere"]
    with Tracking(command, plant.folder, plant._environment()) as tracker:
        tracker.wait_for("running", "press1")
        listed = Path(f"/proc/{tracker.process.pid}")
        if listed.exists():
            for name in ("cmdline", "environ"):
                found += [(name, hit) for hit in hits((listed / name).read_bytes())]
        camera.freeze()
        tracker.wait_for("no_signal", "press1")
        camera.kill()
        Event().wait(3)
        tracker.stop()
    found += [("run", hit) for hit in hits("".join(tracker.output).encode())]
    return found


@fault(
    "N07",
    "a secret where it can be read, whatever is wrong with the camera",
    injected="scripted camera with a marked password: each of its thirteen faults at once",
    expected="the mark is in no output, log or history",
    promised="0 hits",
)
def test_no_fault_of_a_camera_shows_a_secret(measured: Measured, tmp_path: Path) -> None:
    """Seen to fail where troubles quote the URL and nothing is redacted; either alone holds."""
    more = {
        Kind.SIZE: {"size": (176, 144)},
        Kind.JUMP: {"amount": 3600.0},
        Kind.LIMIT: {"amount": 0.0},
        Kind.DAMAGE: {"amount": 0.5},
        Kind.KEYLESS: {"amount": 0.9},
    }
    channels = {
        kind: Channel(102 + 100 * n, faults=(Fault(kind, **more.get(kind, {})),))
        for n, kind in enumerate(Kind)
    }
    plant = Plant(tmp_path / "plant", {"XDG_STATE_HOME": str(tmp_path / "plant" / "state")})
    with Camera(channels.values(), username="viewer", password=PASSWORD) as camera:
        plant.configure(
            {
                str(kind): {"channel": each.number, "threshold": 300, **area(each.roi)}
                for kind, each in channels.items()
            },
            stream={
                "ip_address": "127.0.0.1",
                "port": camera.port,
                "username": "viewer",
                "password": PASSWORD,
            },
        )
        done = plant.run("-v", "run", *channels, "--duration", "20", timeout=120)
        served = sum(camera.counts(each.number).frames_sent > 0 for each in channels.values())
    found = [("run", hit) for hit in hits((done.stdout + done.stderr).encode())]
    for name, content in every_file(plant, plant.config):
        found += [(name, hit) for hit in hits(content)]
    assert done.returncode == 0, done.stderr
    measured("channels that sent pictures", served, at_least=8)
    measured("troubles told", done.stderr.count("(try "), at_least=3)
    assert not found, found
    measured("hits", len(found), at_most=0)
