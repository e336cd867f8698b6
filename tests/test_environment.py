"""What do environment variables say over the files, and in which folder are the files?"""

from pathlib import Path

import pytest

from motion_tracking.config import Config, find_directory, load
from motion_tracking.config.address import Address
from motion_tracking.config.environment import variable
from motion_tracking.core.changes import Event
from motion_tracking.core.motion import Roi

CAMERAS = """\
[press1]
channel = 802
threshold = 3oo

[press-2]
url = rtsp://u:pw1234@10.0.0.9/live
share = 0.3

[table]
channel = webcam

[defaults]
share = 0.4
window_seconds = 60
"""
STREAM = "[stream]\nip_address = 10.0.0.7\nusername = viewer\npassword = fromfile\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    directory = tmp_path / "config"
    directory.mkdir()
    (directory / "config_cam.ini").write_text(CAMERAS, encoding="utf-8")
    (directory / "config_stream.ini").write_text(STREAM, encoding="utf-8")
    return directory


def told(config: Config) -> list[str]:
    return [str(problem) for problem in config.problems]


def test_the_name_of_a_variable_is_in_capitals_with_underscores():
    assert variable("press-2", "window_seconds") == "MOTION_TRACK_PRESS_2_WINDOW_SECONDS"


def test_the_environment_wins_over_the_section_that_over_the_defaults_that_over_the_built_in(
    folder: Path,
):
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "300",
        "MOTION_TRACK_PRESS_2_SHARE": "0.2",
        "MOTION_TRACK_DEFAULTS_WINDOW_SECONDS": "90",
        "MOTION_TRACK_DEFAULTS_SHARE": "0.1",
        "MOTION_TRACK_TABLE_DEEP_SLEEP_MINUTES": "",
    }
    before, after = load(folder, {}).cameras, load(folder, environ).cameras

    assert list(before) == ["press-2", "table"]  # the threshold of press1 is no number
    assert (before["press-2"].share, before["table"].share) == (0.3, 0.4)
    assert after["press1"].threshold == 300
    assert [(c.share, c.window_seconds) for c in after.values()] == [
        (0.1, 90),
        (0.2, 90),
        (0.1, 90),
    ]
    assert after["table"].deep_sleep_minutes == 20


def test_keys_of_the_plant_are_set_by_their_variables(folder: Path):
    config = load(
        folder,
        {
            "MOTION_TRACK_STREAM_HOST": "nvr.local",
            "MOTION_TRACK_STREAM_PORT": "8554",
            "MOTION_TRACK_STREAM_PASSWORD": "p@ss ;x",
            "MOTION_TRACK_PRESS1_THRESHOLD": "3",
            "MOTION_TRACK_IFTTT_KEY": "ifttt-key",
            "MOTION_TRACK_IFTTT_IFTTT_EVENT": "machine",
            "MOTION_TRACK_NOTIFY_IFTTT": "stop, start",
            "MOTION_TRACK_SITE_NAME": "north",
            "MOTION_TRACK_STORAGE_LOGS": "/var/log/mt",
        },
    )

    assert config.problems == ()
    assert config.cameras["press1"].address == Address(
        "rtsp", "rtsp://nvr.local:8554/Streaming/Channels/802", "viewer", "p@ss ;x"
    )
    assert config.notifications.events["ifttt"] == {Event.STOP, Event.START}
    assert config.notifications.options["ifttt"] == {"key": "ifttt-key", "event": "machine"}
    assert (config.site, config.logs) == ("north", Path("/var/log/mt"))
    assert {"p@ss ;x", "p%40ss%20%3Bx", "fromfile", "ifttt-key", "pw1234"} <= config.secrets


def test_a_mistake_in_a_variable_names_the_variable(folder: Path):
    config = load(folder, {"MOTION_TRACK_PRESS1_THRESHOLD": "many"})

    assert told(config) == [
        "MOTION_TRACK_PRESS1_THRESHOLD [press1] threshold = many: must be a whole number, 0 or more"
    ]
    assert config.problems[0].line is None
    assert list(config.broken) == ["press1"]


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b"secret\n\n", None),
        (b" 'secret' ", " 'secret' "),
        (b"'secret'", "'secret'"),
        (b"\xef\xbb\xbfsecret", "secret"),
        (b"\xff", None),
    ],
)
def test_a_secret_may_stand_in_a_file_of_its_own(
    folder: Path, tmp_path: Path, content: bytes, password: str | None
):
    (tmp_path / "nvr").write_bytes(content)
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "3",
        "MOTION_TRACK_STREAM_PASSWORD_FILE": str(tmp_path / "nvr"),
    }
    config = load(folder, environ)

    if password is not None:
        assert config.cameras["press1"].address.password == password
        assert password in config.secrets
    else:
        (problem,) = config.problems
        assert problem.file == "MOTION_TRACK_STREAM_PASSWORD_FILE"
        assert list(config.cameras) == ["press-2", "table"]


@pytest.mark.parametrize("path", ["/no/such/file", "/", "\0"])
def test_a_secret_that_cannot_be_read_breaks_what_needs_it(folder: Path, path: str):
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "3",
        "MOTION_TRACK_STREAM_PASSWORD_FILE": path,
    }
    config = load(folder, environ)

    (problem,) = config.problems
    assert str(problem).startswith(
        "MOTION_TRACK_STREAM_PASSWORD_FILE [stream] password: the file it names cannot be read: "
    )
    assert list(config.broken) == ["press1"]


def test_a_value_wins_over_a_file_with_a_warning(folder: Path, tmp_path: Path):
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "3",
        "MOTION_TRACK_STREAM_PASSWORD": "direct",
        "MOTION_TRACK_STREAM_PASSWORD_FILE": str(tmp_path),
    }
    config = load(folder, environ)

    assert config.cameras["press1"].address.password == "direct"
    assert told(config) == [
        "MOTION_TRACK_STREAM_PASSWORD [stream] password: MOTION_TRACK_STREAM_PASSWORD_FILE is set"
        " too, and ignored"
    ]


def test_a_misspelt_variable_is_warned_of(folder: Path):
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "3",
        "MOTION_TRACK_PRESS_2_TRESHOLD": "canary",
        "MOTION_TRACK_STREAM_PASWORD": "canary",
        "MOTION_TRACK_RUN_DURATION": "10",  # an option of a command
        "MOTION_TRACK_CONFIG_DIR": "x",
    }
    config = load(folder, environ)

    assert [(p.file, p.hint) for p in config.problems] == [
        ("MOTION_TRACK_PRESS_2_TRESHOLD", "did you mean threshold?"),
        ("MOTION_TRACK_STREAM_PASWORD", "did you mean password?"),
    ]
    assert not any(p.fatal or "canary" in repr(p) for p in config.problems)


# containers


def test_a_container_needs_no_file_at_all(tmp_path: Path):
    config = load(
        tmp_path,
        {
            "RTSP_URL": "rtsp://viewer:p%40ss@10.0.0.7/Streaming/Channels/{channel}",
            "VIDEO_DIR": "/video",
            "MOTION_TRACK_CAMERAS": "press1, press2",
            "MOTION_TRACK_PRESS1_CHANNEL": "802",
            "MOTION_TRACK_PRESS1_IX": "120",
            "MOTION_TRACK_PRESS1_IY": "80",
            "MOTION_TRACK_PRESS1_IX2": "20",
            "MOTION_TRACK_PRESS1_IY2": "260",
            "MOTION_TRACK_PRESS1_THRESHOLD": "500",
            "MOTION_TRACK_PRESS2_CHANNEL": "webcam",
        },
    )

    assert (config.problems, config.broken, config.files) == ((), {}, ())
    press1, press2 = config.cameras.values()
    location = "rtsp://10.0.0.7/Streaming/Channels/802"
    assert press1.address == Address("rtsp", location, "viewer", "p@ss")
    assert (press1.roi, press1.trackable, press1.line) == (Roi(20, 80, 100, 180), True, None)
    assert press2.address == Address("webcam", "0")
    assert config.video_dir == Path("/video")
    assert {"p@ss", "p%40ss"} <= config.secrets
    assert "p@ss" not in repr(config)


def test_one_full_url_serves_every_rtsp_camera(folder: Path):
    environ = {"RTSP_URL": "rtsp://10.1.1.1/live", "MOTION_TRACK_PRESS1_THRESHOLD": "3"}
    cameras = load(folder, {**environ, "MOTION_TRACK_CAMERAS": "extra"}).cameras

    borrowed = Address("rtsp", "rtsp://10.1.1.1/live", "viewer", "fromfile")
    assert {name: camera.address for name, camera in cameras.items()} == {
        "press1": borrowed,
        "press-2": borrowed,
        "table": Address("webcam", "0"),
        "extra": borrowed,
    }


def test_a_cameras_own_variable_wins_over_the_url_for_all(folder: Path):
    environ = {"RTSP_URL": "rtsp://10.1.1.1/live", "MOTION_TRACK_PRESS_2_URL": "rtsp://h/own"}

    assert load(folder, environ).cameras["press-2"].address == Address("rtsp", "rtsp://h/own")
    environ = {"MOTION_TRACK_PRESS_2_CHANNEL": "webcam"}
    assert load(folder, environ).cameras["press-2"].address == Address("webcam", "0")


def test_a_template_leaves_a_camera_with_an_address_of_its_own_alone(folder: Path):
    cameras = load(folder, {"RTSP_URL": "rtsp://10.1.1.1/{channel}"}).cameras

    assert cameras["press-2"].address.location == "rtsp://10.0.0.9/live"


def test_a_template_needs_the_number_of_a_channel(tmp_path: Path):
    environ = {"RTSP_URL": "rtsp://h/{channel}", "MOTION_TRACK_CAMERAS": "press1"}

    assert told(load(tmp_path, environ)) == ["MOTION_TRACK_CAMERAS [press1]: no channel is set"]


@pytest.mark.parametrize("url", ["http://u:canary@h/x", "rtsp://u:ca#canary@h/x", "h"])
def test_a_wrong_url_for_all_breaks_the_rtsp_cameras_and_is_not_quoted(folder: Path, url: str):
    environ = {"RTSP_URL": url, "MOTION_TRACK_PRESS1_THRESHOLD": "3"}
    config = load(folder, environ)

    (problem,) = config.problems
    assert problem.file == "RTSP_URL"
    assert "canary" not in repr(config)
    assert "press1" in config.broken
    assert "table" in config.cameras


@pytest.mark.parametrize(
    ("names", "told_of"),
    [("con", "Windows keeps"), ("../x", "a camera's name must"), ("defaults", "this name is kept")],
)
def test_a_declared_name_is_checked_as_any_other(tmp_path: Path, names: str, told_of: str):
    config = load(tmp_path, {"MOTION_TRACK_CAMERAS": names, "RTSP_URL": "rtsp://h/x"})

    (problem,) = config.problems
    assert (problem.file, problem.message.startswith(told_of)) == ("MOTION_TRACK_CAMERAS", True)
    assert list(config.broken) == [names]


def test_a_placeholder_in_a_variable_counts_as_not_set(folder: Path):
    environ = {
        "MOTION_TRACK_PRESS1_THRESHOLD": "3",
        "MOTION_TRACK_STREAM_PASSWORD": "YOUR_STREAM_PASSWORD",
    }
    config = load(folder, environ)

    assert config.cameras["press1"].address.password == "fromfile"
    assert [p.file for p in config.problems] == ["MOTION_TRACK_STREAM_PASSWORD"]


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\udce9b"])
def test_a_variable_that_is_no_text_is_an_error(folder: Path, text: str):
    environ = {"MOTION_TRACK_PRESS1_THRESHOLD": "3", "MOTION_TRACK_STREAM_PASSWORD": text}

    (problem,) = load(folder, environ).problems
    assert (problem.fatal, problem.value) == (True, None)


# the folder


def declare(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config_cam.ini").touch()


def test_the_first_folder_with_a_camera_file_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    program_data = {"PROGRAMDATA": str(tmp_path / "programdata")}
    here = tmp_path / "here"

    def found() -> Path:
        return find_directory(None, program_data, here, platform="win32")

    assert found() == here / "config"  # none has one
    for directory in (
        tmp_path / "programdata" / "motion-track",
        tmp_path / "home" / "motion-track",
        here,
        here / "config",
    ):
        declare(directory)
        assert found() == directory


def test_a_folder_that_was_asked_for_is_never_replaced_by_another(tmp_path: Path):
    declare(tmp_path / "config")
    environ = {"MOTION_TRACK_CONFIG_DIR": str(tmp_path / "other")}

    assert find_directory(tmp_path / "asked", environ, tmp_path) == tmp_path / "asked"
    assert find_directory(None, environ, tmp_path) == tmp_path / "other"


def test_the_working_directory_is_not_spelt_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    declare(tmp_path / "config")

    assert find_directory(None, {}, tmp_path) == Path("config")
    assert told(load(Path("config"), {})) == [
        f"{Path('config/config_cam.ini')}: no camera is declared"
    ]
    assert load(Path("config"), {}).logs == Path("logs")
    monkeypatch.chdir(tmp_path / "config")
    assert load(Path(), {}).logs == tmp_path / "logs"
