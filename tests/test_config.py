"""Do the files of the old tool keep working, and does each mistake cost only what needs it?"""

from pathlib import Path

import pytest

from configs import GOOD, OLD_CAMERAS, OLD_NETWORK, OLD_STREAM, Folder, only
from motion_tracking.config import Camera, Config, Severity
from motion_tracking.config.address import Address
from motion_tracking.config.schema import CAMERA
from motion_tracking.core.machine import Rules
from motion_tracking.core.motion import Roi


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def old(folder: Folder) -> Config:
    return folder.load(OLD_CAMERAS, OLD_STREAM, OLD_NETWORK)


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
