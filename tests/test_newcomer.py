"""`init NEW --channel 802` sets up a camera that config_cam.ini does not have yet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from motion_tracking.commands.newcomer import Place, introduced
from motion_tracking.config import load
from motion_tracking.console import Settings
from test_init import AREA, INI, SPANS, clip, ini, init

__all__ = ["clip", "ini", "init"]

Init = Callable[..., int]


def test_its_section_is_made_after_the_diff_was_shown(
    init: Init, ini: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("press2", "--channel", "902", "--machine-id", "17")
    learning = ("--snapshot", clip, "--roi", AREA, *SPANS)
    assert init(*arguments, *learning, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "+[press2]\n+channel=902\n+machineid=17\n+ix=12\n" in said
    assert ini.read_bytes() == INI
    assert not (ini.parent / "calibration").exists()

    assert init(*arguments, *learning, "--yes") == 0
    assert ini.read_bytes().startswith(INI)
    camera = load(ini.parent, {}).cameras["press2"]
    assert camera.address.location == "rtsp://127.0.0.1:554/Streaming/Channels/902"
    assert (camera.machineid, camera.detector) == (17, "calibrated")

    assert init("press2", *learning, "--yes") == 0  # from now on it is one like the others
    assert load(ini.parent, {}).cameras["press2"].machineid == 17


@pytest.mark.parametrize(
    ("source", "key", "text"),
    [
        ("rtsp://10.0.0.7/live", "url", "rtsp://10.0.0.7/live"),
        ("webcam:1", "channel", "webcam:1"),
        ("simulated:press", "channel", "simulated:press"),
        (
            "/clips/press 2.mp4",
            "channel",
            f"file:{Path('/clips/press 2.mp4').resolve().as_posix()}",
        ),
    ],
)
def test_it_may_be_seen_elsewhere_than_on_a_channel(
    ini: Path, source: str, key: str, text: str
) -> None:
    settings, place = Settings(ini.parent), Place(source=source)
    config, camera = introduced(settings, "press2", place)
    assert config.added == {"press2": {key: text}}
    assert camera is config.cameras["press2"]
    assert text.endswith(camera.address.location)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("press2",), "no camera called 'press2'"),
        (("press2",), "--channel 802"),
        (("press2", "--machine-id", "3"), "--machine-id is for a new camera"),
        (("belt", "--channel", "802"), "config_cam.ini:2"),
        (("Belt", "--channel", "802"), "differs from belt in line 2 by capitals only"),
        (("con", "--channel", "802"), "Windows keeps this name"),
        (("press/2", "--channel", "802"), "must be 1 to 64 of the letters"),
        (("press2", "--channel", "8o2"), "--channel: '8o2' is not a number"),
        (("press2", "--channel", "802", "--source", "webcam"), "exclude each other"),
        (("press2", "--source", "http://10.0.0.7/"), "is no rtsp:// address"),
        (("press2", "--source", "rtsp://"), "error: --source"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    init: Init,
    ini: Path,
    clip: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert init(*arguments, "--snapshot", clip, "--roi", AREA, *SPANS, "--yes") == 2
    error = capsys.readouterr().err
    assert "error:" in error
    assert said in error
    assert ini.read_bytes() == INI


@pytest.mark.parametrize("option", ["--channel", "--source"])
def test_a_password_is_not_taken_from_the_command_line_nor_repeated(
    init: Init, ini: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert init("press2", option, "rtsp://viewer:hunter2@10.0.0.7/live") == 2
    said = capsys.readouterr()
    assert "can be read by everybody" in said.err
    assert "hunter2" not in said.out + said.err
    assert ini.read_bytes() == INI
