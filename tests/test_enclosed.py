"""Do the pictures of a stop reach systems that take them, and the same ones at each try?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Announcement, Change, Event
from motion_tracking.core.clips import JPEG, Clip
from motion_tracking.core.machine import MachineState
from motion_tracking.notify import PostponedError, RefusedError, open_notifier
from motion_tracking.notify.enclosed import LARGEST, enclosed
from servers.webhook import Answer, Receiver

slow = pytest.mark.slow

STOPPED_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
BEFORE, AFTER = b"\xff\xd8\r\n--before\x00\xff\xd9", b"\xff\xd8after\xff\xd9"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def stop(tmp_path: Path) -> Announcement:
    """A stop with two pictures, one that has gone, and one that is too large."""
    (tmp_path / "before.jpg").write_bytes(BEFORE)
    (tmp_path / "Пресс 1 after.jpg").write_bytes(AFTER)
    (tmp_path / "huge.jpg").write_bytes(b"huge")
    before = Clip(1, "before.jpg", tmp_path.as_posix(), STOPPED_AT, STOPPED_AT, 9, JPEG, (96, 64))
    gone, after = replace(before, file="gone.jpg"), replace(before, file="Пресс 1 after.jpg")
    huge = replace(before, file="huge.jpg", bytes=LARGEST)
    change = Change(
        machine="press1",
        from_state=MachineState.RUNNING,
        to_state=MachineState.STOPPED,
        reason=None,
        occurred_at=STOPPED_AT,
        detected_at=STOPPED_AT + timedelta(seconds=18),
        since=STOPPED_AT,
        stopped_since=STOPPED_AT,
    )
    return Announcement("plant", 12, change, Event.STOP, 7, pictures=(before, gone, after, huge))


def test_pictures_are_enclosed_as_far_as_they_are_there_and_not_too_large(
    stop: Announcement,
) -> None:
    assert list(enclosed(stop)) == [("before.jpg", BEFORE), ("Пресс 1 after.jpg", AFTER)]


@slow
def test_a_webhook_can_have_the_pictures_themselves(receiver: Receiver, stop: Announcement) -> None:
    open_notifier("webhook", url=receiver.url).send(stop)
    open_notifier("webhook", url=receiver.url, key="secret", format="multipart").send(stop)

    plain, request = receiver.requests
    message, before, after = request.parts
    assert message.get_content_type() == "application/json"
    assert message.get_param("name", header="content-disposition") == "message"
    assert message.get_payload(decode=True) == plain.raw
    assert [part.get_content_type() for part in (before, after)] == ["image/jpeg"] * 2
    assert [part.get_payload(decode=True) for part in (before, after)] == [BEFORE, AFTER]
    assert [part.get_filename() for part in (before, after)] == ["before.jpg", "Пресс 1 after.jpg"]
    assert request.headers["idempotency-key"] == "plant/press1/12"
    assert request.headers["key"] == "secret"


@slow
def test_a_message_without_pictures_has_the_one_part(
    receiver: Receiver, stop: Announcement
) -> None:
    webhook = open_notifier("webhook", url=receiver.url, format="multipart")
    webhook.send(replace(stop, pictures=()))

    [message] = receiver.requests[0].parts
    assert b'"key": "plant/press1/12"' in message.get_payload(decode=True)


@slow
def test_what_is_tried_again_is_the_same_to_the_last_byte(
    receiver: Receiver, stop: Announcement
) -> None:
    receiver.plan += [Answer(503), Answer(silent=True), Answer(deaf=True)]
    webhook = open_notifier("webhook", url=receiver.url, format="multipart")
    for _ in range(3):
        with pytest.raises(PostponedError):
            webhook.send(stop)
    webhook.send(stop)

    first, *others = receiver.requests
    assert len(others) == 2  # the deaf one has read nothing
    for other in others:
        assert (other.raw, other.headers) == (first.raw, first.headers)


@slow
def test_who_finds_the_pictures_too_large_refuses(receiver: Receiver, stop: Announcement) -> None:
    receiver.plan.append(Answer(413))
    with pytest.raises(RefusedError, match="answered 413"):
        open_notifier("webhook", url=receiver.url, format="multipart").send(stop)
