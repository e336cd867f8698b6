"""Is a tracker looked at and steered by those who may, and held up by nobody?  (fleet/)"""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.fleet import RefusedError, note, wire
from motion_tracking.fleet.answering import GUESTS, Answering
from motion_tracking.fleet.asking import Line, NobodyError
from motion_tracking.record.small import put_private, shut

LARGE = os.urandom(3_000_000)


def answer(wish: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if wish.get("do") == "refuse":
        raise RefusedError("not now", "later")
    return {"echo": wish}, LARGE if wish.get("large") else b"picture"


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    answering = Answering(answer, monotonic)
    note.leave(tmp_path, note.Note(answering.port, 1, answering.secret), put_private)
    answering.start()
    yield answering
    answering.close(5)
    assert not answering._thread.is_alive()


@pytest.fixture
def line(answering: Answering, tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.close()


def connect(answering: Answering) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", answering.port), 20)
    connection.settimeout(20)
    return connection


def heard(connection: socket.socket) -> dict[str, Any]:
    held = bytearray()
    while (found := wire.unpacked(held, wire.LONGEST_ANSWER, wire.LARGEST_PICTURE)) is None:
        piece = connection.recv(65536)
        assert piece, "it hung up"
        held += piece
    return found[0]


def hung_up(connection: socket.socket) -> bool:
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


def prove(connection: socket.socket, secret: str) -> None:
    nonce = heard(connection)["nonce"]
    proof = wire.proof(secret, wire.ASKS, nonce)
    connection.sendall(wire.packed({"proof": proof, "nonce": "mine"}))


def test_what_is_asked_is_answered(line: Line) -> None:
    assert line.ask({"do": "look"}) == ({"echo": {"do": "look"}}, b"picture")
    assert line.ask({"large": True})[1] == LARGE


def test_a_refusal_says_why_and_what_to_do(line: Line) -> None:
    with pytest.raises(RefusedError, match="not now") as refused:
        line.ask({"do": "refuse"})
    assert refused.value.hint == "later"


def test_who_does_not_know_the_secret_is_told_nothing(answering: Answering) -> None:
    with connect(answering) as stranger:
        prove(stranger, "guessed")
        stranger.sendall(wire.packed({"do": "look"}))
        assert hung_up(stranger)


def test_a_proof_of_another_connection_is_none(answering: Answering) -> None:
    with connect(answering) as first, connect(answering) as second:
        proof = wire.proof(answering.secret, wire.ASKS, heard(first)["nonce"])
        heard(second)
        second.sendall(wire.packed({"proof": proof, "nonce": ""}))
        assert hung_up(second)


def test_whoever_took_over_a_port_learns_nothing_and_is_not_believed(tmp_path: Path) -> None:
    """Not even by sending our own proof back to us: the two ends prove themselves differently."""
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        note.leave(tmp_path, note.Note(port, 1, "the secret"), put_private)
        learned = bytearray()

        def squat() -> None:
            connection, _ = squatter.accept()
            with connection:
                connection.sendall(wire.packed({"link": 1, "nonce": "x"}))
                learned.extend(connection.recv(65536))
                proof = json.loads(learned[8:])["proof"]
                connection.sendall(wire.packed({"proof": proof}))

        thread = threading.Thread(target=squat)
        thread.start()
        with pytest.raises(NobodyError):
            Line(tmp_path).ask({"do": "look"})
        thread.join()
    assert b"the secret" not in learned
    assert b"look" not in learned


@given(st.binary(max_size=300))
@settings(max_examples=30)
def test_garbage_is_no_message_and_no_fault(garbage: bytes) -> None:
    held = bytearray(garbage)
    with suppress(wire.GarbageError):
        found = wire.unpacked(held, wire.LONGEST_WISH, 0)
        assert found is None or isinstance(found[0], dict)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff" * 100,
        wire.LENGTHS.pack(5, 0) + b"[1,2]",
        wire.LENGTHS.pack(wire.LONGEST_WISH + 1, 0),
        wire.LENGTHS.pack(2, 1) + b"{}x",
        wire.LENGTHS.pack(4000, 0) + b"[" * 4000,
    ],
)
def test_who_sends_garbage_is_let_go_and_others_are_answered(
    answering: Answering, line: Line, garbage: bytes
) -> None:
    line.ask({})
    with connect(answering) as stranger:
        stranger.sendall(garbage)
        assert hung_up(stranger)
    with connect(answering) as trusted:
        prove(trusted, answering.secret)
        assert heard(trusted)["proof"]
        trusted.sendall(garbage)
        assert hung_up(trusted)
    assert line.ask({})[1] == b"picture"


def test_strangers_that_say_nothing_shut_nobody_out(answering: Answering, line: Line) -> None:
    strangers = [connect(answering) for _ in range(2 * GUESTS)]
    assert line.ask({})[1] == b"picture"
    assert answering.guests <= GUESTS
    for stranger in strangers:
        stranger.close()


def test_a_slow_reader_holds_up_only_himself(answering: Answering, line: Line) -> None:
    with connect(answering) as slow:
        prove(slow, answering.secret)
        heard(slow)
        slow.sendall(wire.packed({"large": True}) * 20)
        start = monotonic()
        for _ in range(20):
            line.ask({})
        assert monotonic() - start < 4


def test_many_questions_at_once_are_answered_in_order(answering: Answering) -> None:
    with connect(answering) as eager:
        prove(eager, answering.secret)
        heard(eager)
        eager.sendall(b"".join(wire.packed({"n": n}) for n in range(3000)))
        held, seen = bytearray(), []
        while len(seen) < 3000:
            held += eager.recv(65536)
            while found := wire.unpacked(held, wire.LONGEST_ANSWER, 100):
                seen.append(found[0]["echo"]["n"])
    assert seen == list(range(3000))


def test_two_watchers_are_answered_at_once(answering: Answering, tmp_path: Path) -> None:
    lines = [Line(tmp_path), Line(tmp_path)]
    for n in range(50):
        assert lines[n % 2].ask({"n": n})[0] == {"echo": {"n": n}}
    for line in lines:
        line.close()


@pytest.mark.slow
def test_a_late_guest_is_let_go(tmp_path: Path) -> None:
    now = [0.0]
    answering = Answering(answer, lambda: now[0])
    answering.start()
    with connect(answering) as silent:
        heard(silent)
        now[0] = 100.0
        assert hung_up(silent)
    answering.close(5)


def test_without_a_tracker_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(NobodyError):
        Line(tmp_path).ask({})
    for text in ("", "{", "[]", '{"port": "x"}', '{"port": 0, "pid": 1, "secret": "x"}'):
        (tmp_path / note.NAME).write_text(text)
        assert note.find(tmp_path) is None
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    note.leave(tmp_path, note.Note(port, 1, "stale"), put_private)
    with pytest.raises(NobodyError):
        Line(tmp_path).ask({})


def test_a_line_follows_a_tracker_that_was_restarted(tmp_path: Path) -> None:
    line = Line(tmp_path)
    for _ in range(3):
        answering = Answering(answer, monotonic)
        answering.start()
        note.leave(tmp_path, note.Note(answering.port, 1, answering.secret), put_private)
        assert line.ask({"n": 1})[1] == b"picture"
        answering.close(5)
    line.close()


def test_a_note_is_taken_away_by_its_own_tracker_only(tmp_path: Path) -> None:
    note.leave(tmp_path, note.Note(5, 1, "newer"), put_private)
    note.take_away(tmp_path, "older")
    assert note.find(tmp_path) == note.Note(5, 1, "newer")
    note.take_away(tmp_path, "newer")
    assert note.find(tmp_path) is None
    assert "newer" not in repr(note.Note(5, 1, "newer"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_the_owner_may_read_the_note(tmp_path: Path) -> None:
    note.leave(tmp_path, note.Note(5, 1, "secret"), put_private)
    assert stat.S_IMODE((tmp_path / note.NAME).stat().st_mode) == 0o600


def test_on_windows_the_file_is_given_to_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    codes = [0, 5]

    def icacls(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        called.append(command)
        return subprocess.CompletedProcess(command, codes.pop(0))

    monkeypatch.setattr(subprocess, "run", icacls)
    monkeypatch.setenv("USERNAME", "anna")
    shut(tmp_path / "link.json", "win32")
    assert called[0][0] == "icacls"
    assert "/inheritance:r" in called[0]
    with pytest.raises(PermissionError):
        shut(tmp_path / "link.json", "win32")
    assert sys.platform == "win32" or shut(tmp_path / "link.json") is None


def test_the_proof_of_one_end_is_none_of_the_other() -> None:
    proof = wire.proof("secret", wire.ASKS, "nonce")
    assert wire.proves(proof, "secret", wire.ASKS, "nonce")
    assert not wire.proves(proof, "secret", wire.ANSWERS, "nonce")
    assert not wire.proves(None, "secret", wire.ASKS, "nonce")
