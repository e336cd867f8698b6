"""Do the files of the old tool keep working, and does each mistake cost only what needs it?"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.config import Camera, Config, Problem, Severity, load
from motion_tracking.config.address import Address
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.reference import refreshed
from motion_tracking.config.schema import CAMERA
from motion_tracking.core.changes import Event
from motion_tracking.core.clips import Trigger
from motion_tracking.core.machine import Rules
from motion_tracking.core.motion import Roi

ROOT = Path(__file__).parent.parent
SLEEP = {Event.DEEP_SLEEP, Event.WAKE_UP}

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


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def old(folder: Folder) -> Config:
    return folder.load(OLD_CAMERAS, OLD_STREAM, OLD_NETWORK)


def only(config: Config, severity: Severity | None = None) -> Problem:
    (problem,) = [p for p in config.problems if severity in (None, p.severity)]
    return problem


# what the old tool's files hold


def test_all_cameras_of_the_old_tool_are_there_and_sound(old: Config):
    assert len(old.cameras) == 16
    assert old.broken == {}
    assert [p for p in old.problems if p.fatal] == []


@pytest.mark.parametrize(
    ("name", "failrate"), [("nole1", 0.2), ("nole2", None), ("nole4", 0.005), ("nole5", None)]
)
def test_failrate_may_be_a_percentage_or_unknown_or_absent(
    old: Config, name: str, failrate: float | None
):
    assert old.cameras[name].failrate == failrate


def test_a_failrate_that_nobody_can_read_is_only_warned_of(folder: Folder):
    config = folder.load("[m]\nchannel=802\nfailrate=n/a\n")

    assert config.cameras["m"].failrate is None
    assert folder.told(config) == [
        "config_cam.ini:3 [m] failrate = n/a: must be a percentage such as 0.5%, or ?? when it is"
        " not known"
    ]


def test_a_camera_with_a_channel_only_is_for_viewing(old: Config):
    stairs = old.cameras["stairs"]

    assert not stairs.trackable
    assert (stairs.roi, stairs.threshold, stairs.machineid, stairs.enabled) == (None, None, 0, True)
    assert old.cameras["nole1"].trackable


def test_webcam_is_a_camera_of_this_computer(old: Config):
    assert old.cameras["table"].address == Address("webcam", "0")


def test_machines_on_one_channel_share_its_address(old: Config):
    assert old.cameras["nole4"].address == old.cameras["nole5"].address
    assert hash(old.cameras["nole11"].address) == hash(old.cameras["outside2"].address)
    assert old.cameras["nole4"].address != old.cameras["nole1"].address


def test_machineid_0_is_no_machine_of_the_plant(old: Config):
    assert [old.cameras[name].machineid for name in ("nole1", "nole2", "nole4")] == [0, 31, 0]


def test_an_area_drawn_from_right_to_left_is_put_right_on_use(old: Config):
    assert old.cameras["nole2"].corners == (400, 300, 150, 90)
    assert old.cameras["nole2"].roi == Roi(150, 90, 250, 210)


def test_threshold_0_on_a_watched_area_is_warned_of(old: Config):
    (warning,) = [p for p in old.problems if p.key == "threshold"]

    assert (warning.section, warning.severity) == ("nole6", Severity.WARNING)
    assert "everything counts as moving" in warning.message
    assert warning.hint == "motion-track init nole6"


def test_four_zeros_are_no_area_yet(old: Config):
    assert not old.cameras["undrawn"].trackable
    assert "no area is drawn yet" in next(p for p in old.problems if p.section == "undrawn").message


def test_an_unknown_failrate_says_not_calibrated(old: Config):
    (warning,) = [p for p in old.problems if p.section == "nole2"]

    assert (warning.key, warning.hint) == ("failrate", "motion-track init nole2")
    assert "not calibrated" in warning.message


def test_quotes_around_a_value_are_taken_away(old: Config):
    assert old.notifications.options["ifttt"] == {"key": "abcdef", "event": "machine"}


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("'secret'", "secret"),
        ('"secret"', "secret"),
        ("' secret '", " secret "),
        ("''secret''", "'secret'"),
        ("'secret", "'secret"),
        ("'secret' ; the new one", "secret"),
        ("it's", "it's"),
        ("a ;b #c", "a ;b #c"),
        ("20%", "20%"),
        ("%(user)s", "%(user)s"),
        ("a=b:c", "a=b:c"),
    ],
)
def test_a_password_is_taken_as_it_stands(folder: Folder, text: str, password: str):
    config = folder.load(stream=f"[stream]\nip_address=h\nusername=u\npassword={text}\n")

    assert config.cameras["good"].address.password == password
    assert password in config.secrets
    assert config.problems == ()


def test_a_password_full_of_odd_characters_stays_apart_from_the_url(old: Config):
    assert old.cameras["nole1"].address == Address(
        "rtsp",
        "rtsp://192.168.1.64:554/Streaming/Channels/802",
        "admin",
        "p@ss:w#rd/1?% ;x",
    )


def test_the_old_network_file_is_read_and_the_new_one_counts(folder: Folder):
    stream = OLD_STREAM + "[ifttt]\nifttt_key = newkey99\nifttt_event = machine\n"
    config = folder.load(stream=stream, network=OLD_NETWORK)

    assert config.notifications.options["ifttt"] == {"key": "newkey99", "event": "machine"}
    assert {"newkey99", "abcdef"} <= config.secrets
    assert folder.told(config)[0] == (
        "config_network.ini:2 [ifttt] ifttt_key: differs from config_stream.ini:6, which counts"
    )


def test_a_stray_key_is_warned_of_with_the_nearest_known_one(old: Config):
    (stray,) = [p for p in old.problems if p.section == "factsystem" and p.line == 6]

    assert (stray.severity, stray.message) == (Severity.WARNING, "nobody reads this key")
    assert stray.hint == "did you mean api_url?"
    assert "factsystem" not in old.notifications.events


def test_capitals_in_keys_do_not_matter(old: Config):
    assert old.cameras["nole11"].threshold == 700
    assert "old-key-1" in old.secrets


@pytest.mark.parametrize("text", ["300 ; tuned by Ali", "300 # tuned", "'300' ; tuned", "300\t;x"])
def test_a_comment_behind_a_number_is_no_part_of_it(folder: Folder, text: str):
    config = folder.load(f"[m]\nchannel = 802 ; hall 2\nthreshold = {text}\n")

    assert config.cameras["m"].threshold == 300


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(
    folder: Folder, old: Config, end: str
):
    def notepad(text: str) -> bytes:
        return text.replace("\n", end).encode("utf-8-sig")

    again = folder.load(notepad(OLD_CAMERAS), notepad(OLD_STREAM), notepad(OLD_NETWORK))

    assert again == old


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[m]\nchannel=802\nix=1\nIX=2\n",
            "config_cam.ini:6 [m] ix: stands twice in the section, first in line 5",
        ),
        (
            "[m]\nchannel=802\n[m]\n",
            "config_cam.ini:5 [m]: the section stands twice, first in line 3",
        ),
    ],
)
def test_what_stands_twice_breaks_that_camera_and_names_both_lines(
    folder: Folder, text: str, told: str
):
    config = folder.load(GOOD + text)

    assert told in folder.told(config)
    assert (list(config.cameras), list(config.broken)) == (["good"], ["m"])


# one mistake is one line, and costs one camera


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("threshold=3oo", ":5 [m] threshold = 3oo: must be a whole number, 0 or more"),
        ("threshold=-1", ":5 [m] threshold = -1: must be a whole number, 0 or more"),
        ("threshold=1e3", ":5 [m] threshold = 1e3: must be a whole number, 0 or more"),
        ("pixel_threshold=256", ":5 [m] pixel_threshold = 256: must be a whole number from 1 to"),
        ("share=0.9", ":5 [m] share = 0.9: must be a share from 0.02 to 0.8 (or 2% to 80%)"),
        ("window_seconds=nan", ":5 [m] window_seconds = nan: must be a number from 5 to 600"),
        ("enabled=maybe", ":5 [m] enabled = maybe: must be yes or no"),
        ("detector=diference", ":5 [m] detector = diference: must be difference"),
        ("transport=tpc", ":5 [m] transport = tpc: must be tcp or udp"),
        ("frame=704", ":5 [m] frame = 704: must be width x height in pixels, such as 704x576"),
        ("ix=1\niy=2\niy2=4", ":5 [m] ix = 1: an area needs all of ix, iy, ix2 and iy2; not set:"),
        ("ix=1\niy=2\nix2=1\niy2=4", ":5 [m] ix = 1: the area is empty: two opposite edges are"),
        (
            "ix=1\niy=2\nix2=900\niy2=4\nframe=704x576\nthreshold=5",
            ":5 [m] ix = 1: the area ends outside of the picture, which is 704x576",
        ),
        ("threshold", ":5 [m]: has no `key =` at its start"),
        ("machineid=12a", ":5 [m] machineid = 12a: must be a whole number, 0 or more"),
        ("threshold=" + "9" * 5000, ":5 [m] threshold = " + "9" * 40 + "...: must be a whole"),
    ],
)
def test_a_mistake_is_one_line_and_costs_one_camera(folder: Folder, lines: str, told: str):
    config = folder.load(f"{GOOD}[m]\nchannel=802\n{lines}\n")

    (problem,) = config.problems
    assert folder.told(config)[0].startswith("config_cam.ini" + told)
    assert (list(config.cameras), config.broken) == (["good"], {"m": (problem,)})


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("press 1", "a camera's name must be 1 to 64 of"),
        ("../x", "a camera's name must be 1 to 64 of"),
        ("a" * 65, "a camera's name must be 1 to 64 of"),
        ("", "a camera's name must be 1 to 64 of"),
        ("CON", "Windows keeps this name for a device"),
        ("com1", "Windows keeps this name for a device"),
        ("GOOD", "differs from good in line 1 by capitals only"),
    ],
)
def test_a_name_that_cannot_be_a_folder_is_an_error(folder: Folder, name: str, told: str):
    config = folder.load(f"{GOOD}[{name}]\nchannel=802\n")

    assert told in only(config).message
    assert (list(config.cameras), list(config.broken)) == (["good"], [name])


def test_a_header_without_its_bracket_is_one_mistake_of_that_camera(folder: Folder):
    config = folder.load(f"{GOOD}[m\nchannel=802\n[\nx=1\n")

    assert [t.partition(": ")[2] for t in folder.told(config) if "m" in t.split()[1]] == [
        "the section has no `]` behind its name"
    ]
    assert (list(config.cameras), list(config.broken)) == (["good"], ["m", ""])


def test_a_camera_without_a_channel_is_an_error(folder: Folder):
    config = folder.load(GOOD + "[m]\nthreshold=1\n")

    assert folder.told(config) == ["config_cam.ini:3 [m]: no channel is set"]
    assert list(config.broken) == ["m"]
    (error,) = folder.load(GOOD + "[m]\nchanel=802\n").broken["m"]
    assert error.hint == "line 4: did you mean channel?"


def test_a_section_of_the_other_file_is_no_camera(folder: Folder):
    config = folder.load(GOOD + "[stream]\npassword = canary\n")

    assert list(config.cameras) == ["good"]
    assert only(config).hint == "it belongs in config_stream.ini"


def test_a_camera_may_be_called_like_a_section_of_the_other_file(folder: Folder):
    assert list(folder.load("[storage]\nchannel=802\n").cameras) == ["storage"]


def test_a_missing_camera_file_is_one_problem(folder: Folder):
    config = folder.load(None)

    assert folder.told(config) == ["config_cam.ini: there is no such file"]
    assert config.cameras == {}


@pytest.mark.parametrize("text", ["", "; nothing\n", "[defaults]\nshare=0.4\n"])
def test_a_file_without_a_camera_is_one_problem(folder: Folder, text: str):
    assert only(folder.load(text)).message == "no camera is declared"


def test_a_utf16_file_is_one_problem(folder: Folder):
    config = folder.load(GOOD.encode("utf-16"), OLD_STREAM)

    assert folder.told(config) == ["config_cam.ini: the file is UTF-16 text, not UTF-8"]
    assert "UTF-8" in config.problems[0].hint


def test_a_folder_in_the_place_of_a_file_is_one_problem(folder: Folder):
    (folder.path / "config_cam.ini").mkdir()

    assert folder.told(folder.load(None))[0].startswith("config_cam.ini: cannot be read: ")


def test_defaults_hold_for_cameras_that_do_not_say_otherwise(folder: Folder):
    config = folder.load(
        "[a]\nchannel=802\nshare=0.2\n[b]\nchannel=902\nwindow_seconds=\n"
        "[defaults]\nshare=40%\nwindow_seconds=0,5e1\n"
    )
    assert list(config.cameras) == []  # 0,5e1 is no number, and both would use it

    config = folder.load(
        "[a]\nchannel=802\nshare=0.2\n[b]\nchannel=902\nwindow_seconds=\n"
        "[DEFAULT]\nshare=40%\nwindow_seconds=60\nchannel=1\n"
    )
    assert [(c.share, c.window_seconds) for c in config.cameras.values()] == [(0.2, 60), (0.4, 60)]
    assert only(config).key == "channel"


def test_a_mistake_in_the_defaults_breaks_who_inherits_it_and_is_told_once(folder: Folder):
    config = folder.load(
        "[a]\nchannel=802\n[b]\nchannel=802\n[c]\nchannel=802\nshare=0.3\n[defaults]\nshare=7\n"
    )

    assert (list(config.cameras), list(config.broken)) == (["c"], ["a", "b"])
    assert only(config).section == "defaults"


def test_what_is_not_set_is_as_documented(folder: Folder):
    address = Address("file", str(folder.path.parent / "a.mp4"))

    camera = folder.load("[m]\nchannel = file:a.mp4\n").cameras["m"]

    assert camera == Camera("m", address, line=1)


@pytest.mark.parametrize("key", [key for key in CAMERA if key.default is not None])
def test_the_defaults_of_a_camera_are_those_of_the_schema(key):
    assert getattr(Camera("m", Address("webcam", "0")), key.name) == key.default


@pytest.mark.parametrize("share", ["0.02", "0.8"])
def test_the_ends_of_the_allowed_share_leave_room_for_the_dead_band(folder: Folder, share: str):
    Rules(share=folder.load(f"{GOOD}share={share}\n").cameras["good"].share)


# where pictures come from


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("webcam:1", Address("webcam", "1")),
        ("Webcam ; desk", Address("webcam", "0")),
        ("webcam:/dev/video2", Address("webcam", "/dev/video2")),
        ("simulated:press?cycle=3", Address("simulated", "press?cycle=3")),
        (
            "rtsp://u:pa%40ss@h:8554/x?a=1&b=2",
            Address("rtsp", "rtsp://h:8554/x?a=1&b=2", "u", "pa@ss"),
        ),
        ("rtsps://h/x ; desk", Address("rtsp", "rtsps://h/x")),
        ("rtsp://u:a@b@h/x", Address("rtsp", "rtsp://h/x", "u", "a@b")),
        ("rtsp://[fe80::1]:554/x", Address("rtsp", "rtsp://[fe80::1]:554/x")),
    ],
)
def test_the_forms_of_a_channel(folder: Folder, channel: str, address: Address):
    config = folder.load(f"[m]\nchannel = {channel}\n", stream=None)

    assert config.problems == ()
    assert config.cameras["m"].address == address
    if not channel.startswith("webcam:/dev"):
        assert config.cameras["m"].watching(channel.partition(" ;")[0]).address == address


@pytest.mark.parametrize(
    "text",
    [
        "channel = 80a2",
        "channel = http://u:canary@h/x",
        "channel = webcam:x",
        "channel = file:",
        "url = http://u:canary@h/x",
        "url = h/x",
        "url = rtsp://",
        "url = rtsp://h:99999/x",
        "url = rtsp://u:canary#1@h/x",
        "url = rtsp://u:12#canary@h/x",
        "url = rtsp://u:12 ;canary@h/x",
        "url = rtsp://u:1/canary@h/x",
        "url = rtsp://u:canary word@h/x",
        "url = rtsp://[h/x",
    ],
)
def test_what_is_no_channel_is_refused_without_quoting_a_password(folder: Folder, text: str):
    config = folder.load(f"{GOOD}[m]\n{text}\n")

    problem = only(config)
    assert (problem.line, list(config.broken)) == (4, ["m"])
    assert "canary" not in repr(config)


def test_an_unusual_channel_number_is_warned_of(folder: Folder):
    config = folder.load("[a]\nchannel=8\n[b]\nchannel=804\n[c]\nchannel=803\n")

    assert [(p.section, p.severity) for p in config.problems] == [
        ("a", Severity.WARNING),
        ("b", Severity.WARNING),
    ]
    assert len(config.cameras) == 3


def test_another_recorder_has_another_path_and_any_channel_number(folder: Folder):
    stream = "[stream]\nhost = cam.local ; hall 2\nport=8554\npath=live?channel={channel}&a=1\n"
    config = folder.load("[m]\nchannel=8\ntransport=udp\n", stream)

    assert config.problems == ()
    assert config.cameras["m"].address == Address(
        "rtsp", "rtsp://cam.local:8554/live?channel=8&a=1", transport="udp"
    )


def test_an_url_wins_over_a_channel_with_a_warning(folder: Folder):
    config = folder.load("[m]\nchannel=802\nurl=rtsp://h/x\n")

    assert config.cameras["m"].address.location == "rtsp://h/x"
    assert "is ignored" in only(config).message


def test_the_recorders_password_is_offered_to_no_other_host(folder: Folder):
    config = folder.load("[a]\nurl=rtsp://192.168.1.64/x\n[b]\nurl=rtsp://10.9.9.9/x\n")

    assert [c.address.username for c in config.cameras.values()] == ["admin", None]


@pytest.mark.parametrize("text", ["username=u\nusername=v\n", "transport=tcpp\n"])
def test_what_an_address_borrows_from_the_recorder_must_be_sound(folder: Folder, text: str):
    config = folder.load(
        "[a]\nurl=rtsp://10.0.0.7/x\n[b]\nurl=rtsp://u:secret@10.0.0.9/x\ntransport=udp\n",
        f"[stream]\nip_address=10.0.0.7\n{text}",
    )

    assert (list(config.cameras), list(config.broken)) == (["b"], ["a"])


# what holds for all cameras


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ("[stream]\nip_address=h\nport=99999", ":3 [stream] port = 99999: must be a whole number"),
        ("[stream]\nip_address=h:554", ":2 [stream] ip_address = h...: must be a host name or"),
        ("[stream]\nip_address=h\nport=1\nport=2", ":4 [stream] port: stands twice in the"),
        ("[stream]\npassword=canary", ":1 [stream] ip_address: is not set, and cameras need it"),
        ("[stream]\nip_address=h\npath=/a b", ":3 [stream] path = /a b: an address holds no"),
        (None, " [stream] ip_address: is not set: there is no such file, and cameras need it"),
        ("[stream]\nx=1".encode("utf-16"), ": the file is UTF-16 text, not UTF-8"),
        ("[stream]\nip_address=YOUR_STREAM_IP", ":2 [stream] ip_address: is not set, and cameras"),
    ],
)
def test_a_broken_recorder_breaks_only_the_cameras_that_need_it(
    folder: Folder, stream: str | bytes | None, told: str
):
    config = folder.load(
        "[a]\nchannel=802\n[b]\nchannel=902\n[w]\nchannel=webcam\n"
        "[u]\nurl=rtsp://10.0.0.9/x\ntransport=tcp\n",
        stream,
    )

    problem = only(config)
    assert folder.told(config)[0].startswith("config_stream.ini" + told)
    assert list(config.cameras) == ["w", "u"]
    assert config.broken == {"a": (problem,), "b": (problem,)}


def test_nobody_misses_the_recorder_where_no_camera_needs_it(folder: Folder):
    assert folder.load("[w]\nchannel=webcam\n", None).problems == ()


def test_placeholders_count_as_not_set(folder: Folder):
    stream = "[stream]\nip_address=h\nusername=YOUR_STREAM_USERNAME\npassword=YOUR_STREAM_PASSWORD"
    config = folder.load(stream=stream + "\n[ifttt]\nifttt_key='YOUR_KEY'\nifttt_event=x\n")

    assert config.cameras["good"].address.password is None
    assert "ifttt" not in config.notifications.events
    assert [(p.key, p.severity) for p in config.problems] == [
        ("username", Severity.WARNING),
        ("password", Severity.WARNING),
        ("ifttt_key", Severity.WARNING),
        ("ifttt_event", Severity.WARNING),  # set, while nobody is told
    ]
    assert not any("YOUR" in secret for secret in config.secrets)


ALL_NOTIFIERS = (
    OLD_STREAM
    + "[ifttt]\nifttt_key=k1234\nifttt_event=e\n[webhook]\nurl=https://h/hook?token=abc\n"
    + "[factsystem]\napi_url=https://f/status\napi_key=k5678\n"
    + "[email]\nhost=smtp.plant.example\nuser=mt\npassword=p9012\nsender=mt@plant.example\n"
    + "recipients = a@plant.example, b@plant.example c@plant.example ; the shift\n"
)


def test_a_notifier_is_active_once_it_is_set_up(folder: Folder):
    assert folder.load().notifications.events == {"log": set(Event)}
    assert folder.load(stream=ALL_NOTIFIERS).notifications.events == {
        "log": set(Event),
        "ifttt": SLEEP,
        "webhook": SLEEP,
        "factsystem": SLEEP,
        "email": SLEEP,
    }
    assert set(folder.load(stream=ALL_NOTIFIERS, platform="win32").notifications.events) == {
        "log", "toast", "ifttt", "webhook", "factsystem", "email",
    }  # fmt: skip


def test_the_options_of_notifiers_have_short_names_and_are_not_shown(folder: Folder):
    notifications = folder.load(stream=ALL_NOTIFIERS).notifications

    assert notifications.options == {
        "log": {},
        "ifttt": {"key": "k1234", "event": "e"},
        "webhook": {"url": "https://h/hook?token=abc", "format": "json"},
        "factsystem": {"url": "https://f/status", "key": "k5678"},
        "email": {
            "host": "smtp.plant.example",
            "username": "mt",
            "password": "p9012",
            "security": "starttls",
            "sender": "mt@plant.example",
            "recipients": ("a@plant.example", "b@plant.example", "c@plant.example"),
        },
    }
    assert "k1234" not in repr(notifications)
    assert "p9012" not in repr(notifications)


def test_reports_can_be_mailed_though_no_change_is(folder: Folder):
    told = folder.load(stream=ALL_NOTIFIERS).notifications
    silent = folder.load(stream=ALL_NOTIFIERS + "[notify]\nemail=none\n").notifications

    assert "email" not in silent.options
    assert silent.mail == told.mail == told.options["email"]
    assert folder.load().notifications.mail is None


@pytest.mark.parametrize("text", ["x", "a@b@c", "Anna <a@plant.example>", "a@-", ".a@b", "ä@b"])
def test_a_wrong_address_silences_e_mail_only(folder: Folder, text: str):
    config = folder.load(stream=ALL_NOTIFIERS.replace("mt@plant.example", text))

    assert only(config).key == "sender"
    assert set(config.notifications.events) == {"log", "ifttt", "webhook", "factsystem"}
    assert config.notifications.mail is None


def test_events_are_chosen_per_notifier(folder: Folder):
    stream = ALL_NOTIFIERS + "[notify]\nlog=none\nifttt=all\nwebhook = Stop, start ; hall 2\n"

    assert folder.load(stream=stream).notifications.events == {
        "ifttt": set(Event),
        "webhook": {Event.STOP, Event.START},
        "factsystem": SLEEP,
        "email": SLEEP,
    }


def test_a_misspelt_event_is_an_error_and_the_usual_ones_are_told(folder: Folder):
    config = folder.load(stream=ALL_NOTIFIERS + "[notify]\nifttt = stop wakeup\n")

    assert (only(config).fatal, only(config).hint) == (True, "did you mean wake_up?")
    assert config.notifications.events["ifttt"] == SLEEP


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ifttt]\nifttt_key=k\n", "nobody is told by ifttt: [ifttt] does not set ifttt_event"),
        ("[notify]\nwebhook=all\n", "nobody is told by webhook: [webhook] does not set url"),
        ("[factsystem]\napi_key=k\n", "nobody is told by factsystem: [factsystem] does not set"),
    ],
)
def test_half_a_notifier_is_warned_of(folder: Folder, text: str, told: str):
    problem = only(folder.load(stream=OLD_STREAM + text))

    assert problem.message.startswith(told)
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize("url", ["ftp://h/x", "h/x", "https://", "http://h:x/", "https://a b/"])
def test_a_wrong_web_address_silences_that_notifier_only(folder: Folder, url: str):
    config = folder.load(stream=ALL_NOTIFIERS.replace("https://f/status", url))

    assert (only(config).key, only(config).value) == ("api_url", None)
    assert set(config.notifications.events) == {"log", "ifttt", "webhook", "email"}
    assert list(config.cameras) == ["good"]


def test_any_error_in_its_section_silences_a_notifier(folder: Folder):
    config = folder.load(stream=ALL_NOTIFIERS.replace("token=abc", "token=abc\nformat=xml"))

    assert only(config).message == "must be json or form"
    assert set(config.notifications.events) == {"log", "ifttt", "factsystem", "email"}


@pytest.mark.parametrize("name", ["a/b", "n" * 65])
def test_the_name_of_the_site_is_short_and_has_no_slash(folder: Folder, name: str):
    config = folder.load(stream=f"{OLD_STREAM}[site]\nname={name}\n")

    assert (only(config).fatal, config.site) == (True, "site")


def test_unknown_sections_are_warned_of(folder: Folder):
    config = folder.load(stream=OLD_STREAM + "[strem]\nx=1\n[press9]\nchannel=802\n[zzz]\n")

    assert [(p.section, p.hint) for p in config.problems] == [
        ("strem", "did you mean stream?"),
        ("press9", "cameras belong in config_cam.ini"),
        (None, ""),
    ]
    assert all(not p.fatal for p in config.problems)


def test_folders_count_from_above_the_folder_config(tmp_path: Path, folder: Folder):
    config = folder.load(stream="[storage]\nlogs=D #1\nvideo_dir=/video\n[site]\nname=Nole 2\n")

    assert (config.logs, config.video_dir) == (tmp_path / "D #1", Path("/video"))
    assert config.site == "Nole 2"
    plain = load(tmp_path / "elsewhere", {})
    assert (plain.logs, plain.video_dir) == (tmp_path / "elsewhere" / "logs", None)
    assert plain.site == "site"


def test_the_files_that_were_read_are_named(folder: Folder, old: Config):
    assert [path.name for path in old.files] == [
        "config_cam.ini",
        "config_stream.ini",
        "config_network.ini",
    ]


# secrets


def test_secrets_are_known_in_every_spelling_and_shown_in_none(old: Config):
    assert {"p@ss:w#rd/1?% ;x", "p%40ss%3Aw%23rd%2F1%3F%25%20%3Bx", "abcdef"} <= old.secrets
    shown = repr(old) + " ".join(f"{p} {p.hint}" for p in old.problems)
    assert not [secret for secret in old.secrets if secret in shown]


def test_a_key_in_a_web_address_is_a_secret_with_and_without_the_host(folder: Folder):
    hidden = folder.load(stream=ALL_NOTIFIERS).secrets

    assert {"https://h/hook?token=abc", "/hook?token=abc"} <= hidden


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("rtsp://u:canary@h/x", "canary"),
        ("rtsp://u:can%40ary@h/x", "can@ary"),
        ("rtsp://u:can%3aary@h/x", "can%3aary"),
        ("rtsp://h/user=u&password=canary&channel=1", "canary"),
        ("rtsp://u:ca#nary@h/x", "rtsp://u:ca#nary@h/x"),
    ],
)
def test_the_password_in_a_cameras_address_is_a_secret(folder: Folder, url: str, secret: str):
    assert secret in folder.load(f"[m]\nurl={url}\n").secrets


@pytest.mark.parametrize(
    "text",
    [
        "ip_address = canary@10.0.0.7",
        "port = 554password=canary",
        "port = 554password: canary",
        "password canary = x",
        "canary = x",
        "canary",
        "x = 1\nx = canary",
        "canary=1\ncanary=1",
    ],
)
def test_a_slip_in_the_file_of_secrets_quotes_none(folder: Folder, text: str):
    config = folder.load(stream=f"[stream]\n{text}\n")

    assert config.problems
    assert "canary" not in "".join(f"{problem!r}{problem}" for problem in config.problems)


def test_a_problem_is_one_line_however_the_value_looks():
    problem = Problem(Severity.ERROR, "f", 1, "a\nb", "k", "x\ny\x1b[2J" + "z" * 99, "bad")

    assert str(problem) == r"f:1 [a\nb] k = x\ny\x1b[2J" + "z" * 33 + "...: bad"


HALVES = ("kanarie", "vogel7")
CANARY = ":".join(HALVES) + "@%"
SECRETIVE = f"""\
[stream]
ip_address = 10.0.0.7
username = u
password = {CANARY}
port = 554
[ifttt]
ifttt_key = {CANARY}
ifttt_event = machine
[webhook]
url = https://example.com/{CANARY}
key: {CANARY}
format = json
"""
SAMPLES = [
    (ROOT / "config" / "config_cam.ini").read_bytes(),
    (ROOT / "config" / "config_stream.ini").read_bytes(),
    OLD_CAMERAS.encode(),
    SECRETIVE.encode(),
]
scraps = st.sampled_from(
    [b"\n", b"=", b"[", b"]", b"%", b":", b";", b"\x00", b"\xff", b"\xfe", b"\r", b"'", b" ", b"9"]
)
mutations = st.lists(
    st.tuples(
        st.sampled_from(["delete", "insert", "delete line", "double line", "cut"]),
        st.floats(0, 1, exclude_max=True),
        scraps,
    ),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for change, where, scrap in changes:
        at = int(where * len(data))
        lines = data.splitlines(keepends=True) or [b""]
        line = int(where * len(lines))
        if change == "delete":
            data = data[:at] + data[at + 1 :]
        elif change == "insert":
            data = data[:at] + scrap + data[at:]
        elif change == "cut":
            data = data[:at]
        else:
            copies = 0 if change == "delete line" else 2
            data = b"".join(lines[:line] + copies * lines[line : line + 1] + lines[line + 1 :])
    return data


@given(st.sampled_from(SAMPLES[::2]), st.sampled_from(SAMPLES[1::2]), mutations, mutations)
def test_any_slip_of_the_keyboard_gives_a_config_and_named_problems(
    tmp_path_factory: pytest.TempPathFactory,
    cameras: bytes,
    stream: bytes,
    slips: list[tuple[str, float, bytes]],
    more: list[tuple[str, float, bytes]],
):
    folder = Folder(tmp_path_factory.getbasetemp())
    config = folder.load(mutated(cameras, slips), mutated(stream, more))

    for problem in [*config.problems, *(p for ps in config.broken.values() for p in ps)]:
        text = f"{problem}{problem.hint}{problem!r}"
        assert len(str(problem).splitlines()) == 1
        assert text.isprintable()
        assert not [half for half in HALVES if half in text.lower()]
    assert HALVES[0] not in repr(config).replace(f"{folder.path}", "")
    for camera in config.cameras.values():
        assert camera.roi is None or camera.roi.area > 0
        assert camera.name not in config.broken
    assert all(errors and all(p.fatal for p in errors) for errors in config.broken.values())


# the examples and the documentation


@pytest.mark.parametrize("name", ["config_cam.ini", "config_stream.ini"])
def test_the_examples_hold_every_key_and_work_with_each_comment_taken_away(
    folder: Folder, name: str
):
    text = (ROOT / "config" / name).read_text("utf-8")
    section_keys = {"config_cam.ini": CAMERA, "config_stream.ini": sum(PLANT.values(), ())}
    written = re.findall(r"(?m)^; *(\w+) = |^(\w+) = ", text)
    assert {key.name for key in section_keys[name]} == {a or b for a, b in written}

    usable = re.sub(r"(?m)^; (?=\[|\w+ = )", "", text)
    usable = usable.replace("YOUR_STREAM_IP", "10.0.0.7").replace("YOUR_", "MY_")
    config = folder.load(usable) if name == "config_cam.ini" else folder.load(stream=usable)
    assert config.problems == ()
    assert config.broken == {}


def test_the_examples_as_they_are_ask_for_the_recorder_only():
    config = load(ROOT / "config", {})

    errors = [p for p in config.problems if p.fatal]
    assert [(p.key, p.line is not None) for p in errors] == [("ip_address", True)]
    assert {p.key for p in config.problems} == {"ip_address", "username", "password"}


def test_the_page_of_the_documentation_has_the_keys_of_the_schema():
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")

    assert refreshed(page) == page, (
        "run: python -m motion_tracking.config.reference docs/configuration.md"
    )
    for section, keys in [("camera", CAMERA), *PLANT.items()]:
        assert f"<!-- table: {section} -->" in page
        assert all(f"`{key.name}`" in page for key in keys)


@pytest.mark.parametrize("key", [*CAMERA, *(key for keys in PLANT.values() for key in keys)])
def test_every_example_of_the_schema_is_allowed(key):
    key.kind.read(key.example)


@pytest.mark.slow
def test_listing_cameras_does_not_bring_opencv(folder: Folder):
    folder.load(OLD_CAMERAS)
    code = (
        "import sys; from pathlib import Path; from motion_tracking.config import load;"
        f"assert len(load(Path({str(folder.path)!r}), {{}}).cameras) == 16;"
        "assert not {'cv2', 'numpy', 'platformdirs', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# clips


def test_no_video_is_kept_unless_somebody_asks_for_it(folder: Folder):
    config = folder.load("[press1]\nchannel=802\n[press2]\nchannel=902\nclips=stop, manual\n")

    assert config.recording.events == config.recording.pictures == frozenset()
    assert config.recording.of(config.cameras["press1"]) == frozenset()
    assert config.recording.of(config.cameras["press2"]) == {Trigger.STOP, Trigger.MANUAL}


def test_a_camera_may_be_left_out_of_the_clips(folder: Folder):
    config = folder.load(
        "[defaults]\nclips=start\n[press1]\nchannel=802\nclips=none\n[press2]\nchannel=902\n",
        "[stream]\nip_address=10.0.0.7\n"
        "[clips]\nevents=stop\nlimit=2.5 GB ; of all\nlength=30\nreserve=500MB\nmemory=8m\n",
    )

    assert config.recording.of(config.cameras["press1"]) == frozenset()
    assert config.recording.of(config.cameras["press2"]) == {Trigger.START}
    assert (config.recording.limit.bytes, config.recording.limit.share) == (2_500_000_000, None)
    assert (config.recording.reserve.bytes, config.recording.memory) == (5 * 10**8, 8 * 10**6)
    assert config.recording.extent.span(100.0, 110.0) == (97.0, 127.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("limit", "much"),
        ("limit", "0%"),
        ("limit", "120%"),
        ("reserve", "10%"),
        ("events", "stopp"),
        ("pictures", "everything"),
        ("longest", "0"),
    ],
)
def test_a_mistake_about_clips_is_named(folder: Folder, key: str, value: str):
    config = folder.load(stream=f"[stream]\nip_address=10.0.0.7\n[clips]\n{key}={value}\n")

    [problem] = [p for p in config.problems if p.section == "clips"]
    assert (problem.key, problem.value, problem.line) == (key, value, 4)
