"""
How does a real RTSP server, not ours, play a recorder?  (Debian's gst-rtsp-server)

Run by the interpreter that can `import gi`, mostly /usr/bin/python3, as
`gst_camera.py SPEC.json`; `gst_camera.py --probe` only says whether it could.  It reads nothing
of the project.  The other side is `gst.py`.

SPEC: {"port": 0 for a free one, "user", "password", "realm", "auth": "digest" | "basic" | "none",
"channels": [{"path", "codec": "h264" | "h265", "fps", "clip": name, "clips": {name: file}}]};
a clip file holds Annex-B access units, each after its length in 4 bytes, big-endian.
It prints `ready PORT`, then reads commands, one a line: `freeze PATH` (no more frames),
`resume PATH`, `show PATH CLIP` (answered with how many frames were sent before), `kick` (drops
every client), `began PATH` (answered with the monotonic seconds at which the first frame fell due),
`quit`; each is answered `ok`, or with what was wrong with it.  It ends when its standard input
ends, or its parent dies.
"""

import contextlib
import ctypes
import json
import signal
import struct
import sys
import threading
import time
from pathlib import Path

import gi

for module in ("Gst", "GstRtsp", "GstRtspServer", "GstApp"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ELEMENTS = ("appsrc", "rtph264pay", "rtph265pay")
LAUNCH = (
    '( appsrc name=src is-live=true format=time max-bytes=0 caps="video/x-{codec},'
    'stream-format=byte-stream,alignment=au,framerate={fps}/1" '
    "! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
)
PERMISSIONS = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
PR_SET_PDEATHSIG = 1


def access_units(path):
    """Read a clip file."""
    data, units, at = Path(path).read_bytes(), [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        units.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return units


class Channel:
    """One path of the server, fed from pre-encoded clips at its frame rate."""

    def __init__(self, spec, mounts):
        self.fps = spec["fps"]
        self.clips = {name: access_units(path) for name, path in spec["clips"].items()}
        self.source = None
        self.frozen = False
        self.pushed = 0
        self.started = 0.0
        self.show(spec["clip"])
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True)
        factory.set_latency(0)
        factory.set_launch(LAUNCH.format(codec=spec["codec"], fps=self.fps))
        factory.add_role_from_structure(Gst.Structure.new_from_string(PERMISSIONS))
        factory.connect("media-configure", self.configure)
        mounts.add_factory(spec["path"], factory)

    def show(self, clip):
        """Go over to another clip, from its first picture on."""
        self.units, self.shown = self.clips[clip], 0

    def configure(self, _factory, media):
        """Start the clock when the first client comes; stop with the last."""
        self.pushed, self.shown, self.started = 0, 0, time.monotonic()
        media.connect("unprepared", self.abandon)
        self.source = media.get_element().get_by_name("src")

    def abandon(self, _media):
        self.source = None

    def push_due(self):
        """Push what is due by now; what fell due while the whole process stood comes at once."""
        source = self.source
        while source is not None and time.monotonic() - self.started >= self.pushed / self.fps:
            if not self.frozen:
                buffer = Gst.Buffer.new_wrapped(self.units[self.shown % len(self.units)])
                buffer.pts = buffer.dts = self.pushed * Gst.SECOND // self.fps
                buffer.duration = Gst.SECOND // self.fps
                source.emit("push-buffer", buffer)
            self.pushed += 1
            self.shown += 1


def guard(server, spec):
    """Let in only the user of the spec."""
    if spec["auth"] == "none":
        return
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    user, password = spec["user"], spec["password"]
    if spec["auth"] == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    auth.set_realm(spec["realm"])
    server.set_auth(auth)


def obey(line, server, channels):
    """Carry out one command; return what it asks for."""
    command, *words = line.split()
    if command == "kick":
        server.client_filter(lambda _server, _client: GstRtspServer.RTSPFilterResult.REMOVE)
    elif command in ("freeze", "resume"):
        channels[words[0]].frozen = command == "freeze"
    elif command == "show":
        channels[words[0]].show(words[1])
        return f" {channels[words[0]].pushed}"
    elif command == "began":
        return f" {channels[words[0]].started!r}"
    else:
        raise ValueError(f"unknown command {command!r}")
    return ""


def serve(spec):
    """Serve until told to quit."""
    # a stopped process does not notice that its standard input ended
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(spec["port"]))
    guard(server, spec)
    mounts = server.get_mount_points()
    channels = {channel["path"]: Channel(channel, mounts) for channel in spec["channels"]}
    if not server.attach(None):
        sys.exit(f"port {spec['port']} cannot be had")
    loop = GLib.MainLoop()

    def tick():
        for channel in channels.values():
            channel.push_due()
        return True

    def answer(line):
        try:
            print(f"ok{obey(line, server, channels)}", flush=True)
        except (KeyError, IndexError, ValueError) as error:
            print(repr(error), flush=True)

    def listen():
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            GLib.idle_add(answer, line)
        loop.quit()

    GLib.timeout_add(5, tick)
    GLib.timeout_add_seconds(2, lambda: server.get_session_pool().cleanup() >= 0)
    threading.Thread(target=listen, daemon=True).start()
    print("ready", server.get_bound_port(), flush=True)
    loop.run()


def main(argument):
    """Serve a spec file, or probe."""
    Gst.init(None)
    missing = [name for name in ELEMENTS if Gst.ElementFactory.find(name) is None]
    if missing:
        sys.exit("GStreamer lacks " + ", ".join(missing))
    if argument != "--probe":
        serve(json.loads(Path(argument).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1])
