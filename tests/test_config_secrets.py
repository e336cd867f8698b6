"""Is no secret of the configuration shown, whatever slip is made in the file?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs import ALL_NOTIFIERS, OLD_CAMERAS, OLD_NETWORK, OLD_STREAM, Folder
from motion_tracking.config import Config, Problem, Severity

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def old(folder: Folder) -> Config:
    return folder.load(OLD_CAMERAS, OLD_STREAM, OLD_NETWORK)


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
