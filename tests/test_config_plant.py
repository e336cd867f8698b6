"""What holds for all cameras: the recorder, those who are told, folders, and clips?"""

from pathlib import Path

import pytest

from configs import ALL_NOTIFIERS, OLD_CAMERAS, OLD_NETWORK, OLD_STREAM, Folder, only
from motion_tracking.config import Config, Severity, load
from motion_tracking.core.changes import Event
from motion_tracking.core.clips import Trigger

SLEEP = {Event.DEEP_SLEEP, Event.WAKE_UP}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def old(folder: Folder) -> Config:
    return folder.load(OLD_CAMERAS, OLD_STREAM, OLD_NETWORK)


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


def test_a_notifier_is_active_once_it_is_set_up(folder: Folder):
    assert folder.load().notifications.events == {"log": set(Event)}
    assert folder.load(stream=ALL_NOTIFIERS).notifications.events == {
        "log": set(Event),
        "ifttt": SLEEP,
        "webhook": SLEEP,
        "factsystem": SLEEP,
        "email": SLEEP,
        "apprise": SLEEP,
    }
    assert set(folder.load(stream=ALL_NOTIFIERS, platform="win32").notifications.events) == {
        "log", "toast", "ifttt", "webhook", "factsystem", "email", "apprise",
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
        "apprise": {"urls": ("tgram://t3456/1", "slack://T/B/C/#hall,#yard", "json://h/?to=a://b")},
    }
    assert "k1234" not in repr(notifications)
    assert "p9012" not in repr(notifications)
    assert "t3456" not in repr(notifications)


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
    assert set(config.notifications.events) == {"log", "ifttt", "webhook", "factsystem", "apprise"}
    assert config.notifications.mail is None


@pytest.mark.parametrize("text", ["tgram", "://x", "tgram://a b", "tgram://", "a://b " * 51 + "x"])
def test_a_wrong_service_silences_apprise_only_and_is_not_shown(folder: Folder, text: str):
    config = folder.load(stream=ALL_NOTIFIERS.replace("tgram://t3456/1,", f"{text} "))

    assert (only(config).key, only(config).value) == ("urls", None)
    assert "apprise" not in config.notifications.events


def test_events_are_chosen_per_notifier(folder: Folder):
    stream = ALL_NOTIFIERS + "[notify]\nlog=none\nifttt=all\nwebhook = Stop, start ; hall 2\n"

    assert folder.load(stream=stream).notifications.events == {
        "ifttt": set(Event),
        "webhook": {Event.STOP, Event.START},
        "factsystem": SLEEP,
        "email": SLEEP,
        "apprise": SLEEP,
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
    assert set(config.notifications.events) == {"log", "ifttt", "webhook", "email", "apprise"}
    assert list(config.cameras) == ["good"]


def test_any_error_in_its_section_silences_a_notifier(folder: Folder):
    config = folder.load(stream=ALL_NOTIFIERS.replace("token=abc", "token=abc\nformat=xml"))

    assert only(config).message == "must be json or form or multipart"
    assert set(config.notifications.events) == {"log", "ifttt", "factsystem", "email", "apprise"}


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
