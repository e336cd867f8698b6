"""
Configuration folders as they are in the field, and one that a test fills.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from motion_tracking.config import Config, Problem, Severity, load

OLD_CAMERAS = """\
[nole1]
threshold=500
failrate=20%
ix=120
iy=80
ix2=310
iy2=260
channel=802
machineid=0

[nole2]
threshold=2000
failrate=??
ix=400
iy=300
ix2=150
iy2=90
channel=902
machineid=31

[nole4]
threshold=300 ; tuned by Ali
failrate=0.5%
ix=10
iy=20
ix2=60
iy2=90
channel=1102

[nole5]
threshold=800
ix=200
iy=20
ix2=300
iy2=90
channel=1102

[nole6]
threshold=0
ix=1
iy=1
ix2=9
iy2=9
channel=1202

[stairs]
channel=102

[gate]
channel=202

[table]
channel=webcam

[outside2]
channel=1902

[nole11]
Threshold : 700
IX=5
IY=5
IX2=50
IY2=50
channel=1902

[undrawn]
channel=1002
threshold=0
ix=0
iy=0
ix2=0
iy2=0

[cam12]
channel=1301
[cam13]
channel=1302
[cam14]
channel=1303
[cam15]
channel=1402
[cam16]
channel=1502
"""

OLD_STREAM = """\
[stream]
ip_address = 192.168.1.64
username = admin
password = p@ss:w#rd/1?% ;x
"""

OLD_NETWORK = """\
[ifttt]
ifttt_key = 'abcdef'
ifttt_event = "machine"

[factsystem]
API_URL___ = https://old.example.com/status
API_KEY = old-key-1
"""

ALL_NOTIFIERS = (
    OLD_STREAM
    + "[ifttt]\nifttt_key=k1234\nifttt_event=e\n[webhook]\nurl=https://h/hook?token=abc\n"
    + "[factsystem]\napi_url=https://f/status\napi_key=k5678\n"
    + "[email]\nhost=smtp.plant.example\nuser=mt\npassword=p9012\nsender=mt@plant.example\n"
    + "recipients = a@plant.example, b@plant.example c@plant.example ; the shift\n"
    + "[apprise]\nurls = tgram://t3456/1, slack://T/B/C/#hall,#yard  json://h/?to=a://b\n"
)

GOOD = "[good]\nchannel = 202\n"


class Folder:
    """A configuration folder that a test fills."""

    def __init__(self, path: Path) -> None:
        self.path = path / "config"
        self.path.mkdir(exist_ok=True)

    def load(
        self,
        cameras: str | bytes | None = GOOD,
        stream: str | bytes | None = OLD_STREAM,
        network: str | bytes | None = None,
        environ: Mapping[str, str] | None = None,
        platform: str = "linux",
    ) -> Config:
        for name, text in (("cam", cameras), ("stream", stream), ("network", network)):
            if text is not None:
                data = text if isinstance(text, bytes) else text.encode()
                (self.path / f"config_{name}.ini").write_bytes(data)
        return load(self.path, environ or {}, platform=platform)

    def told(self, config: Config) -> list[str]:
        """What was found, with short file names."""
        return [str(problem).replace(f"{self.path}{os.sep}", "") for problem in config.problems]


def only(config: Config, severity: Severity | None = None) -> Problem:
    (problem,) = [p for p in config.problems if severity in (None, p.severity)]
    return problem
