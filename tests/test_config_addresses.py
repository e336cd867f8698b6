"""Where do pictures come from, by what stands in the configuration?"""

from pathlib import Path

import pytest

from configs import GOOD, Folder, only
from motion_tracking.config import Severity
from motion_tracking.config.address import Address


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


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
