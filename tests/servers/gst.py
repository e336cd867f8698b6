"""
How does a test get a real RTSP server, with faults on demand?

    with GstCamera(tmp_path, clips) as camera:       # or the fixtures of conftest.py
        av.open(camera.url(802))

`python tests/servers/gst.py` prints the interpreter that can run the server, or exits with 1.
"""

import functools
import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

SERVER = Path(__file__).with_name("gst_camera.py")
PATIENCE = 20.0
"""Seconds that a start or an answer may take on a busy machine."""

REALM = "IP Camera(12345)"
INTERPRETERS = ("/usr/bin/python3", sys.executable)


@functools.cache
def interpreter() -> str | None:
    """Return an interpreter that can run the server; None where no gst-rtsp-server is."""
    for candidate in INTERPRETERS:
        if Path(candidate).exists():
            probe = subprocess.run(
                [candidate, str(SERVER), "--probe"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            if probe.returncode == 0:
                return candidate
    return None


@dataclass(frozen=True)
class Channel:
    """One camera of the recorder, by its channel number: 802 is camera 8, sub-stream."""

    number: int
    codec: str = "h264"
    size: tuple[int, int] = (704, 576)
    fps: int = 25
    gop: int = 25
    clip: str = "running"

    @property
    def path(self) -> str:
        return f"/Streaming/Channels/{self.number}"


CHANNELS = (Channel(802), Channel(801, size=(1280, 720)), Channel(702, codec="h265"))


class ClipFolder:
    """Encodes each clip once; several test processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, channel: Channel) -> dict[str, str]:
        """Return the file of each clip, as `channel` has to send it."""
        from servers import clips  # heavy, and not needed to look for the interpreter

        files = {}
        for clip in {*clips.CLIPS, channel.clip}:
            width, height = channel.size
            name = f"{clip}-{channel.codec}-{width}x{height}-{channel.fps}-{channel.gop}.units"
            if not (self.folder / name).exists():
                units = clips.encode(clip, channel.codec, channel.size, channel.fps, channel.gop)
                clips.write(self.folder / name, units)
            files[clip] = str(self.folder / name)
        return files


class GstCamera:
    """
    A recorder on a free loopback port, served by GStreamer in a process of its own.

    `auth` is "digest", "basic" or "none".  The process ends with `close()`, and also when the
    test process is gone.  Start it in the main thread: it dies with the thread that started it.
    """

    def __init__(
        self,
        folder: Path,
        clips: ClipFolder,
        channels: Sequence[Channel] = CHANNELS,
        *,
        user: str = "viewer",
        password: str = "plain-Pa55",
        auth: str = "digest",
    ) -> None:
        """Keep its spec in `folder`; nothing is started yet."""
        self.channels = {channel.number: channel for channel in channels}
        self.user, self.password, self.auth = user, password, auth
        self.port = 0
        self._clips = clips
        self._spec = folder / "gst_camera.json"
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, port: int = 0) -> None:
        """Start serving, on a free port unless told which; return when it listens."""
        executable = interpreter()
        if executable is None:
            raise FileNotFoundError("no interpreter here can import gi and GstRtspServer")
        spec = {
            "port": port,
            "user": self.user,
            "password": self.password,
            "realm": REALM,
            "auth": self.auth,
            "channels": [
                {
                    "path": channel.path,
                    "codec": channel.codec,
                    "fps": channel.fps,
                    "clip": channel.clip,
                    "clips": self._clips.files(channel),
                }
                for channel in self.channels.values()
            ],
        }
        self._spec.write_text(json.dumps(spec), encoding="utf-8")
        self._lines = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [executable, str(SERVER), str(self._spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        threading.Thread(target=_forward, args=(self._process, self._lines), daemon=True).start()
        word, _, number = self._answer().partition(" ")
        if word != "ready":
            raise RuntimeError(f"the server did not start: {word} {number}")
        self.port = int(number)

    def address(self, channel: int | str = 802) -> str:
        """Return the URL of a channel number, or of a path, without credentials."""
        path = channel if isinstance(channel, str) else self._path(channel)
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def url(
        self, channel: int | str = 802, *, user: str | None = None, password: str | None = None
    ) -> str:
        """Return the URL with percent-encoded credentials, the right ones unless given."""
        user = self.user if user is None else user
        password = self.password if password is None else password
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}@"
        return self.address(channel).replace("rtsp://", f"rtsp://{credentials}", 1)

    def freeze(self, channel: int = 802) -> None:
        """Send no more frames on a channel; the connection stays."""
        self._command("freeze", self._path(channel))

    def resume(self, channel: int = 802) -> None:
        """Send frames again; those of the meantime are left out."""
        self._command("resume", self._path(channel))

    def show(self, clip: str, channel: int = 802) -> int:
        """
        Show one of "running", "stopped", "same" (frames come, always the same picture).

        Return how many pictures came before it.
        """
        return int(self._command("show", self._path(channel), clip))

    def began(self, channel: int = 802) -> float:
        """Return when the first picture was due, for whoever came first; `time.monotonic()`."""
        return float(self._command("began", self._path(channel)))

    def kick(self) -> None:
        """Drop every client, as a recorder does when it reboots its service."""
        self._command("kick")

    def suspend(self) -> None:
        """SIGSTOP: the peer is dead, its TCP connections are open."""
        self._running().send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT: frames of the meantime come in one burst, as from a real recorder."""
        self._running().send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: connections break, the port refuses."""
        process = self._running()
        process.kill()
        process.wait(PATIENCE)

    def restart(self) -> None:
        """Serve again on the same port, as after a power cut; kills first if need be."""
        self.close()
        self.start(self.port)

    def close(self) -> None:
        """End the process; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(PATIENCE)
        if process.stdin is not None:
            process.stdin.close()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._running().pid

    def _path(self, number: int) -> str:
        channel = self.channels.get(number)
        return channel.path if channel else Channel(number).path

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the server is not started")
        return self._process

    def _command(self, *words: str) -> str:
        stdin = self._running().stdin
        assert stdin is not None
        stdin.write(" ".join(words) + "\n")
        stdin.flush()
        word, _, said = (answer := self._answer()).partition(" ")
        if word != "ok":
            raise RuntimeError(f"{' '.join(words)}: {answer}")
        return said

    def _answer(self) -> str:
        try:
            return self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError(f"no answer from the server for {PATIENCE:.0f} s") from None


def _forward(process: subprocess.Popen[str], lines: "queue.SimpleQueue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line.rstrip())
    lines.put("it has ended")


def main() -> None:
    """Say which interpreter can run the server."""
    found = interpreter()
    if found is None:
        sys.exit(1)
    print(found)


if __name__ == "__main__":
    main()
