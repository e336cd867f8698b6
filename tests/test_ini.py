"""Does the INI grammar name each bad line, and does writing change one value and nothing else?"""

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.config.ini import edited, scan
from motion_tracking.config.writing import WriteError, write_values

OLD = (
    b"; cameras of hall 2\r\n"
    b"[nole1]\r\n"
    b"Threshold=300 ; tuned by Ali\r\n"
    b"failrate = 20%\r\n"
    b"\r\n"
    b"[nole2]\r\n"
    b"channel: 802"
)


def raw(data: bytes) -> dict[str, dict[str, str]]:
    return {
        name: {key: entry.raw for key, entry in section.entries.items()}
        for name, section in scan(data).sections.items()
    }


def faults(data: bytes) -> list[tuple[int | None, str | None, str | None]]:
    return [(fault.line, fault.section, fault.key) for fault in scan(data).faults]


def test_sections_keys_and_values_are_read_with_their_lines():
    document = scan(OLD)

    assert raw(OLD) == {
        "nole1": {"threshold": "300 ; tuned by Ali", "failrate": "20%"},
        "nole2": {"channel": "802"},
    }
    assert document.faults == ()
    assert [s.line for s in document.sections.values()] == [2, 6]
    assert document.sections["nole1"].entries["failrate"].line == 4


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end: bytes, mark: bytes):
    data = mark + OLD.replace(b"\r\n", end)

    assert raw(data) == raw(OLD)
    assert faults(data) == []


def test_there_is_no_interpolation_and_the_first_delimiter_counts():
    assert raw(b"[a]\nx = 20%\ny=%(x)s\nurl = rtsp://h/p?a=b\nz : 1 = 2") == {
        "a": {"x": "20%", "y": "%(x)s", "url": "rtsp://h/p?a=b", "z": "1 = 2"}
    }


def test_an_indented_line_is_a_line_of_its_own():
    assert raw(b"[a]\nx = 1\n   y = 2\n") == {"a": {"x": "1", "y": "2"}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"[a]\nx=1\nX = 2\n", (3, "a", "x"), id="a key twice"),
        pytest.param(b"[a]\nx=1\n[b]\n[a]\n", (4, "a", None), id="a section twice"),
        pytest.param(b"x = 1\ny = 2\n[a]\n", (1, None, None), id="text before the first section"),
        pytest.param(b"[a]\nthreshold 300\n", (2, "a", None), id="no delimiter"),
        pytest.param(b"[a]\n= 300\n", (2, "a", None), id="no key"),
        pytest.param(b"[a\nx = 1\n", (1, "a", None), id="no closing bracket"),
        pytest.param(b"[a] rest\n", (1, "a", None), id="text behind a header"),
        pytest.param(b"[a]\nx = \xe8\n", (2, "a", "x"), id="not UTF-8"),
        pytest.param(b"; caff\xe8\n; caff\xe8\n[a]\n", (1, None, None), id="a comment not UTF-8"),
        pytest.param(b"[a]\nx = \x1b[2J\n", (2, "a", "x"), id="a control character"),
        pytest.param("[a]\nx=1".encode("utf-16"), (1, None, None), id="UTF-16"),
        pytest.param("[a]\nx=1".encode("utf-16-le"), (1, None, None), id="UTF-16, no mark"),
    ],
)
def test_each_bad_line_is_one_fault_with_its_number(
    data: bytes, expected: tuple[int, str | None, str | None]
):
    assert faults(data) == [expected]


def test_what_stands_twice_is_named_with_both_lines():
    (fault,) = scan(b"[a]\nx=1\n\nx=2\n").faults

    assert (fault.line, fault.message) == (4, "stands twice in the section, first in line 2")


def test_a_bad_line_costs_no_other():
    assert raw(b"junk\n[a]\njunk\nx=1\n[b\ny=2\n") == {"a": {"x": "1"}, "b": {"y": "2"}}


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        pytest.param("x = 1", {"x": "22"}, "x = 22", id="spacing round = stays"),
        pytest.param("X=1  ", {"x": "22"}, "X=22  ", id="spelling and spaces at the end stay"),
        pytest.param("x : 1", {"x": "2"}, "x : 2", id="so does a colon"),
        pytest.param("x = 300 ; Ali", {"x": "4"}, "x = 4 ; Ali", id="comment behind a number"),
        pytest.param("x = ?? # new", {"x": "0.4%"}, "x = 0.4% # new", id="behind a failrate"),
        pytest.param("x = ; none yet", {"x": "4"}, "x = 4 ; none yet", id="behind no number"),
        pytest.param("x = a ;b", {"x": "c"}, "x = c", id="no comment behind a text"),
        pytest.param("x =", {"x": "1"}, "x = 1", id="an empty value"),
        pytest.param("x=", {"x": "1"}, "x=1", id="an empty value, close"),
        pytest.param("x=1\n\n; c", {"y": "2"}, "x=1\ny=2\n\n; c", id="behind the last key"),
        pytest.param("  x = 1", {"y": "2"}, "  x = 1\n  y = 2", id="indented like the last"),
        pytest.param("; c", {"y": "2", "z": "3"}, "y = 2\nz = 3\n; c", id="in an empty section"),
    ],
)
def test_a_value_is_written_in_the_style_of_its_place(
    before: str, values: dict[str, str], after: str
):
    data = f"[m]\n{before}\n[n]\nx = 1\n".encode()

    expected = f"[m]\n{after}\n[n]\nx = 1\n".encode()
    assert edited(scan(data), "m", values) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"[m]\nx = 1\n"),
        (b"[a]\ny=2\n", b"[a]\ny=2\n\n[m]\nx=1\n"),
        (b"[a]\r\ny=2\r\n\r\n", b"[a]\r\ny=2\r\n\r\n[m]\r\nx=1\r\n"),
        (b"[a]\r\ny=2", b"[a]\r\ny=2\r\n\r\n[m]\r\nx=1"),
    ],
)
def test_a_new_section_comes_last_with_the_line_ends_of_the_file(before: bytes, after: bytes):
    assert edited(scan(before), "m", {"x": "1"}) == after


def test_a_file_without_a_last_line_end_stays_without():
    assert edited(scan(b"[m]\r\ny = 2"), "m", {"x": "1"}) == b"[m]\r\ny = 2\r\nx = 1"


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1\n[evil]", "1\r", "\x00"])
def test_a_value_that_would_not_be_read_back_is_refused(text: str):
    with pytest.raises(ValueError, match="one line"):
        edited(scan(OLD), "nole1", {"threshold": text})


@pytest.mark.parametrize(
    "data",
    [b"[m]\nx=1\nx=2\n", b"[m]\nx=1\n[m]\n", b"[m]\nx = 1 ; \xe8\n", "[m]".encode("utf-16")],
)
def test_nothing_is_written_where_it_is_unclear_what_counts(data: bytes):
    with pytest.raises(ValueError, match=r"twice|not UTF-8"):
        edited(scan(data), "m", {"x": "3"})


NAMES = ["a", "b", "press-1"]
KEYS = ["x", "Y", "iy2"]
ends = st.sampled_from(["\n", "\r\n"])
entries = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", " ", "\t"]),
    st.sampled_from(KEYS),
    st.sampled_from(["=", " = ", ": ", " =\t"]),
    st.sampled_from(["1", "0.5%", "", "ab ; c", "9 # d", "é", "'q'", "1 2 "]),
)
odd = st.sampled_from(["", "  ", "; note", "# x = 1", "junk", "[open", "; caf\udce9"])
sections = st.tuples(
    st.sampled_from(NAMES).map("[{}]".format), st.lists(st.one_of(entries, odd), max_size=4)
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(odd, max_size=1))
    for header, body in draw(st.lists(sections, max_size=3)):
        lines += [header, *body]
    text = "".join(line + draw(ends) for line in lines) + draw(st.one_of(st.just(""), entries))
    return (draw(st.sampled_from(["", "\ufeff"])) + text).encode("utf-8", "surrogateescape")


numbers = st.sampled_from(["5", "0.25", "12%", "704x576"])


def _ambiguous(data: bytes, section: str) -> bool:
    return any(fault.ambiguous and fault.section == section for fault in scan(data).faults)


@given(documents(), st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), numbers))
def test_writing_changes_the_named_values_and_no_other_byte(
    data: bytes, section: str, values: dict[str, str]
):
    if _ambiguous(data, section):
        return
    before, after = scan(data), edited(scan(data), section, values)
    known = before.sections.get(section)
    touched = {
        known.entries[key.lower()].line for key in values if known and key.lower() in known.entries
    }

    expected = raw(data)
    written = raw(after)
    for key, value in values.items():
        assert written[section].pop(key.lower()).split(" ")[0] == value
        expected.setdefault(section, {}).pop(key.lower(), None)
    assert written == (expected if values or known else {**expected, section: {}})
    kept = [
        line.encode("utf-8", "surrogateescape")
        for number, line in enumerate(before.lines, 1)
        if number not in touched
    ]
    rest = iter(after.splitlines(keepends=True))
    for number, line in enumerate(kept, 1):
        # only the last line may have to gain an end, for what comes behind it
        ends_too = {line, line + b"\n", line + b"\r\n"} if number == len(kept) else {line}
        assert any(other in ends_too for other in rest), line


@given(documents(), st.sampled_from(NAMES), numbers)
def test_writing_the_old_values_again_gives_the_old_file(data: bytes, section: str, new: str):
    known = scan(data).sections.get(section)
    if known is None or _ambiguous(data, section):
        return
    old = {k: e.raw for k, e in known.entries.items() if e.raw and " " not in e.raw}

    there = edited(scan(data), section, dict.fromkeys(old, new))
    assert edited(scan(there), section, old) == data


@pytest.fixture
def ini_file(tmp_path: Path) -> Path:
    path = tmp_path / "config_cam.ini"
    path.write_bytes(OLD)
    return path


def test_a_file_is_written_with_a_backup_and_the_diff_is_told(ini_file: Path):
    diff = write_values(ini_file, "nole2", {"ix": "7"})

    assert ini_file.read_bytes() == OLD + b"\r\nix: 7"
    assert ini_file.with_name("config_cam.ini.bak").read_bytes() == OLD
    assert [line for line in diff.splitlines() if line.startswith(("+", "-"))][2:] == ["+ix: 7"]
    assert sorted(p.name for p in ini_file.parent.iterdir()) == [
        "config_cam.ini",
        "config_cam.ini.bak",
    ]


def test_writing_what_is_there_already_touches_nothing(ini_file: Path):
    assert write_values(ini_file, "nole2", {"channel": "802"}) == ""
    assert not ini_file.with_name("config_cam.ini.bak").exists()


def test_a_file_that_is_not_there_yet_is_made(tmp_path: Path):
    write_values(tmp_path / "config_cam.ini", "press1", {"channel": "802"})

    assert (tmp_path / "config_cam.ini").read_bytes() == b"[press1]\nchannel = 802\n"


def test_a_file_that_was_changed_meanwhile_is_left_alone(ini_file: Path):
    ini_file.write_bytes(OLD + b"\r\n; by another hand")

    with pytest.raises(WriteError, match="changed by someone else"):
        write_values(ini_file, "nole1", {"threshold": "4"}, read=OLD)

    assert ini_file.read_bytes() == OLD + b"\r\n; by another hand"
    assert [p.name for p in ini_file.parent.iterdir()] == ["config_cam.ini"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_the_mode_of_the_file_and_a_link_to_it_stay(ini_file: Path):
    ini_file.chmod(0o640)
    link = ini_file.with_name("link.ini")
    link.symlink_to(ini_file)

    write_values(link, "nole1", {"threshold": "4"})

    assert link.is_symlink()
    assert b"Threshold=4 ; tuned by Ali" in ini_file.read_bytes()
    assert stat.S_IMODE(ini_file.stat().st_mode) == 0o640


def _busy(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Refuse to replace a file so many times, as Windows does while Excel has it open."""
    tried: list[Path] = []
    replace = Path.replace

    def busy(self: Path, target: Path) -> Path:
        tried.append(self)
        if len(tried) <= times:
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    return tried


def test_a_file_that_is_open_elsewhere_is_tried_again(
    ini_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "platform", "win32")  # neither owners nor synced folders there
    tried = _busy(monkeypatch, times=2)

    write_values(ini_file, "nole1", {"threshold": "4"}, retry_after=(0, 0))

    assert len(tried) == 4  # the backup three times, the file once
    assert b"Threshold=4 ;" in ini_file.read_bytes()


def test_a_file_that_stays_open_is_left_as_it_was(ini_file: Path, monkeypatch: pytest.MonkeyPatch):
    _busy(monkeypatch, times=99)

    with pytest.raises(WriteError, match="cannot access") as caught:
        write_values(ini_file, "nole1", {"threshold": "4"}, retry_after=(0, 0))

    assert "close other programs" in caught.value.hint
    assert os.listdir(ini_file.parent) == ["config_cam.ini"]  # noqa: PTH208
    assert ini_file.read_bytes() == OLD


def test_a_change_during_the_waiting_is_not_overwritten(
    ini_file: Path, monkeypatch: pytest.MonkeyPatch
):
    replace = Path.replace
    tried: list[Path] = []

    def saved_by_excel(self: Path, target: Path) -> Path:
        tried.append(self)
        if len(tried) == 2:  # the first is the backup
            ini_file.write_bytes(b"[other]\n")
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", saved_by_excel)
    with pytest.raises(WriteError, match="changed by someone else"):
        write_values(ini_file, "nole1", {"threshold": "4"}, retry_after=(0, 0))

    assert ini_file.read_bytes() == b"[other]\n"


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path):
    with pytest.raises(WriteError, match="cannot be written: No such file"):
        write_values(tmp_path / "nowhere" / "config_cam.ini", "a", {"x": "1"})
