"""Do the services of Apprise get words and pictures, each once, and nobody an address?"""

import base64
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Announcement, Change, Event
from motion_tracking.core.clips import JPEG, Clip
from motion_tracking.core.machine import MachineState
from motion_tracking.notify import PostponedError, RefusedError, extra_missing, open_notifier
from servers.desk import PRESS, STREAM, Desk
from servers.webhook import Answer, Receiver

slow = pytest.mark.slow

CANARY = "canary-token-40278"
STOPPED_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def stop() -> Announcement:
    change = Change(
        machine="press1",
        from_state=MachineState.RUNNING,
        to_state=MachineState.STOPPED,
        reason=None,
        occurred_at=STOPPED_AT,
        detected_at=STOPPED_AT + timedelta(seconds=18),
        since=STOPPED_AT - timedelta(hours=1),
        stopped_since=STOPPED_AT,
    )
    return Announcement("plant", 12, change, Event.STOP, 7)


@pytest.fixture
def two() -> Iterator[tuple[Receiver, Receiver]]:
    with Receiver() as first, Receiver() as second:
        yield first, second


def url(receiver: Receiver) -> str:
    return f"json{receiver.url.removeprefix('http')}/{CANARY}"


def counts(receivers: tuple[Receiver, Receiver]) -> list[int]:
    return [len(receiver.requests) for receiver in receivers]


@slow
def test_words_and_pictures_reach_every_service(
    two: tuple[Receiver, Receiver], stop: Announcement, tmp_path: Path
) -> None:
    (tmp_path / "before.jpg").write_bytes(b"\xff\xd8before")
    picture = Clip(1, "before.jpg", tmp_path.as_posix(), STOPPED_AT, STOPPED_AT, 8, JPEG, (96, 64))
    notifier = open_notifier("apprise", urls=tuple(map(url, two)), zone=UTC)
    notifier.send(replace(stop, pictures=(picture, replace(picture, file="gone.jpg"))))

    assert counts(two) == [1, 1]
    for receiver in two:
        told = receiver.requests[0].json
        assert told["title"] == "press1: stopped, after running for 1h 00m (plant)"
        assert told["message"].startswith("2026-03-01 06:00:00 +0000  press1: stopped")
        [attached] = told["attachments"]
        assert base64.b64decode(attached["base64"]) == b"\xff\xd8before"
        assert (attached["filename"], attached["mimetype"]) == ("before.jpg", "image/jpeg")


@slow
def test_who_has_it_is_not_told_again_while_another_is_down(
    two: tuple[Receiver, Receiver], stop: Announcement
) -> None:
    two[1].plan += [Answer(503), Answer(silent=True)]
    notifier = open_notifier("apprise", urls=tuple(map(url, two)))
    for problem in (r"address 2 \(json\): answered 503", r"address 2 \(json\): could not be"):
        with pytest.raises(PostponedError, match=problem):
            notifier.send(stop)
    notifier.send(stop)

    assert counts(two) == [1, 3]


@slow
def test_who_refuses_is_logged_and_the_others_are_told(
    two: tuple[Receiver, Receiver], stop: Announcement, caplog: pytest.LogCaptureFixture
) -> None:
    two[0].plan += [Answer(404)]
    shown: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = shown.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        open_notifier("apprise", urls=tuple(map(url, two))).send(stop)
    finally:
        logging.getLogger().removeHandler(handler)

    assert "address 1 (json): answered 404" in caplog.text
    # the library's own lines go nowhere; caplog looks at them all the same
    assert {record.name for record in shown} == {"motion_tracking.notify.apprise"}
    assert CANARY not in caplog.text
    assert counts(two) == [1, 1]


@slow
def test_a_message_that_everybody_refuses_is_a_dead_letter(
    two: tuple[Receiver, Receiver], stop: Announcement
) -> None:
    two[0].plan += [Answer(404)]
    two[1].plan += [Answer(503), Answer(401)]
    notifier = open_notifier("apprise", urls=tuple(map(url, two)))
    with pytest.raises(PostponedError):
        notifier.send(stop)
    with pytest.raises(RefusedError, match="answered 401"):
        notifier.send(stop)


@slow
@pytest.mark.parametrize("address", [f"nobody://{CANARY}", f"tgram://{CANARY}"])
def test_an_address_that_apprise_does_not_know_is_refused_and_not_shown(
    address: str, stop: Announcement, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RefusedError, match="knows no such") as said:
        open_notifier("apprise", urls=(address,)).send(stop)
    assert CANARY not in str(said.value) + caplog.text


def test_without_the_extra_it_waits_and_says_what_to_install(
    stop: Announcement, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert extra_missing("apprise") is None
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert extra_missing("apprise") == "notify"
    with pytest.raises(PostponedError, match=r"pip install \"motion-track\[notify\]\""):
        open_notifier("apprise", urls=("json://127.0.0.1:1",)).send(stop)


@slow
def test_a_test_message_goes_out_by_apprise(desk: Desk) -> None:
    with Receiver() as receiver:
        desk.configure({"press1": PRESS}, stream=STREAM, apprise={"urls": url(receiver)})
        done = desk.run("notify")

    assert (done.returncode, done.stderr) == (0, "")
    assert receiver.requests[0].json["title"].startswith("test: running again")
    assert CANARY not in done.stdout


def test_a_missing_extra_is_said_by_check_and_ends_the_test_with_a_code_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM, apprise={"urls": "json://127.0.0.1:1"})
    monkeypatch.setitem(sys.modules, "apprise", None)
    tested, checked = desk.run("notify"), desk.run("check", "--offline")

    assert tested.returncode == 6
    assert 'pip install "motion-track[notify]"' in tested.stderr
    assert "apprise tells nobody: it is not installed" in checked.stdout
