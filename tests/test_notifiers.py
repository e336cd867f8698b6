"""What every notifier must do: deliver, tell a passing failure from a final one, keep secrets."""

import logging
import socket
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from motion_tracking.core.changes import Announcement, Change, Event
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.notify import NOTIFIERS, PostponedError, RefusedError, open_notifier
from motion_tracking.notify.http import LONGEST_WAIT, PATIENCE, Patience, retry_after
from servers.webhook import Answer, Receiver

slow = pytest.mark.slow

CANARY = "canary-key-93617"
STOPPED_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def announcement(event: Event = Event.WAKE_UP, machineid: int = 7) -> Announcement:
    to_state = {
        Event.STOP: MachineState.STOPPED,
        Event.DEEP_SLEEP: MachineState.DEEP_SLEEP,
        Event.NO_SIGNAL: MachineState.NO_SIGNAL,
    }.get(event, MachineState.RUNNING)
    change = Change(
        machine="press1",
        from_state=MachineState.DEEP_SLEEP,
        to_state=to_state,
        reason=Reason.LOST if event is Event.NO_SIGNAL else None,
        occurred_at=STOPPED_AT + timedelta(minutes=47, seconds=30),
        detected_at=STOPPED_AT + timedelta(minutes=48),
        since=STOPPED_AT + timedelta(minutes=20),
        stopped_since=STOPPED_AT,
        woke=event is Event.WAKE_UP,
        score=812,
        threshold=500,
        moving_share=0.6,
    )
    return Announcement("plant", 12, change, event, machineid)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


HASTY = Patience(connect=2.0, read=0.3, total=0.6)
"""For receivers that do not answer anyway."""


def options(name: str, url: str, patience: Patience = PATIENCE) -> dict[str, object]:
    return {
        "log": {},
        "toast": {},
        "ifttt": {"key": CANARY, "event": "stop alarm", "base": url, "patience": patience},
        "webhook": {"url": f"{url}/hook?token={CANARY}", "key": CANARY, "patience": patience},
        "factsystem": {"url": f"{url}/api", "key": CANARY, "patience": patience},
        "email": {
            "host": "127.0.0.1",
            "sender": "a@plant.example",
            "recipients": ("b@plant.example",),
            "username": "a",
            "password": CANARY,
        },
        "apprise": {
            "urls": (f"json{url.removeprefix('http')}/{CANARY}?-token={CANARY}&+key={CANARY}",)
        },
    }[name]


BY_US = ["ifttt", "webhook", "factsystem"]
OVER_HTTP = [*BY_US, "apprise"]


def test_every_notifier_is_tested_here_or_has_a_file_of_its_own() -> None:
    assert set(NOTIFIERS) == {*OVER_HTTP, "log", "toast", "email"}


@pytest.mark.parametrize("name", NOTIFIERS)
def test_every_notifier_opens_closes_and_hides_its_secrets(name: str) -> None:
    notifier = open_notifier(name, **options(name, "http://127.0.0.1"))

    assert CANARY not in repr(notifier)
    notifier.close()


@slow
@pytest.mark.parametrize("name", OVER_HTTP)
def test_a_message_is_delivered(name: str, receiver: Receiver) -> None:
    open_notifier(name, **options(name, receiver.url)).send(announcement())
    assert len(receiver.requests) == 1


@slow
@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(408),
        Answer(425),
        Answer(429),
        Answer(500),
        Answer(503),
        Answer(silent=True),
        Answer(deaf=True),
        Answer(raw=b"what?"),
    ],
    ids=str,
)
def test_what_may_pass_is_postponed(name: str, answer: Answer, receiver: Receiver) -> None:
    receiver.plan.append(answer)
    notifier = open_notifier(name, **options(name, receiver.url))

    with pytest.raises(PostponedError) as failed:
        notifier.send(announcement())
    assert CANARY not in str(failed.value)


@slow
@pytest.mark.parametrize("name", BY_US)
@pytest.mark.parametrize(
    "answer",
    [Answer(hang=True), Answer(drip=True), Answer(drip=True, raw=b"HTTP/1.1 100 Wait\r\n\r\n" * 9)],
    ids=["hangs", "drips", "drips for ever"],
)
def test_who_does_not_come_to_the_point_is_postponed(
    name: str, answer: Answer, receiver: Receiver
) -> None:
    receiver.plan.append(answer)
    notifier = open_notifier(name, **options(name, receiver.url, HASTY))

    with pytest.raises(PostponedError) as failed:
        notifier.send(announcement())
    assert str(failed.value) == "127.0.0.1: read timeout"


@slow
@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410])
def test_what_will_never_work_is_refused(name: str, status: int, receiver: Receiver) -> None:
    """A redirect too: following it would carry the key to another host."""
    receiver.plan.append(Answer(status, {"Location": receiver.url + "/elsewhere"}))
    notifier = open_notifier(name, **options(name, receiver.url))

    with pytest.raises(RefusedError) as failed:
        notifier.send(announcement())
    assert CANARY not in str(failed.value)
    assert len(receiver.requests) == 1


@slow
@pytest.mark.parametrize("status", [200, 302, 503])
def test_an_answer_without_end_is_not_read(status: int, receiver: Receiver) -> None:
    """Which requests would do even for a redirect that it is told not to follow."""
    receiver.plan.append(Answer(status, {"Location": "/elsewhere"}, endless=True))
    notifier = open_notifier("webhook", url=receiver.url)
    expected = {200: nullcontext(), 302: pytest.raises(RefusedError)}.get(
        status, pytest.raises(PostponedError, match="answered 503")
    )
    with expected:
        notifier.send(announcement())


@slow
@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize(
    "answer", [Answer(), Answer(401), Answer(raw=b"HTTP/1.1 200 OK\r\nno header\r\n")], ids=str
)
def test_no_secret_is_in_the_finest_log(
    name: str, answer: Answer, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """The library below logs each URL, and that of a malformed answer even as a warning."""
    receiver.plan.append(answer)
    with caplog.at_level(logging.DEBUG), suppress(RefusedError):
        open_notifier(name, **options(name, receiver.url)).send(announcement())

    assert len(receiver.requests) == 1
    assert CANARY not in caplog.text


@pytest.mark.parametrize("name", OVER_HTTP)
def test_a_dead_receiver_is_postponed_and_no_secret_is_told(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        notifier = open_notifier(name, **options(name, url))
        with caplog.at_level(logging.INFO), pytest.raises(PostponedError) as failed:
            notifier.send(announcement())

    assert CANARY not in str(failed.value) + repr(notifier) + caplog.text


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (f"ftp://example.invalid/{CANARY}", None),
        (f"example.invalid/{CANARY}", None),
        (f"http://[::1/{CANARY}", None),
        (f"http://example.invalid:99999/{CANARY}", None),
        (f"http://{'a' * 64}.invalid/{CANARY}", None),
        ("http://127.0.0.1:1/", f"{CANARY}\nX-Injected: yes"),
        ("http://127.0.0.1:1/", f"{CANARY}-ключ"),
    ],
)
@pytest.mark.parametrize("name", ["webhook", "factsystem"])
def test_what_cannot_be_sent_at_all_is_refused(name: str, url: str, key: str | None) -> None:
    with pytest.raises(RefusedError) as failed:
        open_notifier(name, url=url, key=key).send(announcement())
    assert CANARY not in str(failed.value)


@slow
@pytest.mark.parametrize("name", ["webhook", "factsystem"])
def test_a_site_may_be_named_in_any_alphabet(name: str, receiver: Receiver) -> None:
    notifier = open_notifier(name, **options(name, receiver.url))
    notifier.send(replace(announcement(), site="Завод №1"))

    [request] = receiver.requests
    assert request.headers["idempotency-key"].isascii()
    assert unquote(request.headers["idempotency-key"]) == "Завод №1/press1/12"


@slow
def test_ifttt_gets_the_three_values_of_the_old_tool(receiver: Receiver) -> None:
    open_notifier("ifttt", **options("ifttt", receiver.url)).send(announcement())

    [request] = receiver.requests
    assert request.path == f"/trigger/stop%20alarm/with/key/{CANARY}"
    assert request.form == {
        "value1": "Woke_Up: press1",
        "value2": "Idle time: 47 min",
        "value3": "none",
    }


@slow
def test_the_webhook_says_all_there_is_to_say(receiver: Receiver) -> None:
    open_notifier("webhook", **options("webhook", receiver.url)).send(announcement())

    [request] = receiver.requests
    assert request.headers["idempotency-key"] == "plant/press1/12"
    assert request.headers["key"] == CANARY
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "schema": 1,
        "key": "plant/press1/12",
        "site": "plant",
        "machine": "press1",
        "machineid": 7,
        "machinestatus": 20,
        "event": "wake_up",
        "title": "Woke_Up: press1",
        "message": "Idle time: 47 min",
        "from": "deep_sleep",
        "to": "running",
        "reason": None,
        "occurred_at": "2026-03-01T06:47:30+00:00",
        "detected_at": "2026-03-01T06:48:00+00:00",
        "lasted_s": 1650.0,
        "stopped_for_s": 2850.0,
        "score": 812,
        "threshold": 500,
        "others": [],
    }


@slow
def test_the_webhook_can_post_a_form(receiver: Receiver) -> None:
    open_notifier("webhook", url=receiver.url, format="form").send(announcement())

    [request] = receiver.requests
    assert request.form["machineid"] == "7"
    assert request.form["reason"] == ""
    assert "key" not in request.headers


@slow
@pytest.mark.parametrize(
    ("event", "status"),
    [
        (Event.DEEP_SLEEP, "10"),
        (Event.STOP, "10"),
        (Event.WAKE_UP, "20"),
        (Event.START, "20"),
        (Event.NO_SIGNAL, "0"),
    ],
)
def test_the_shop_floor_gets_machine_and_status(
    event: Event, status: str, receiver: Receiver
) -> None:
    open_notifier("factsystem", **options("factsystem", receiver.url)).send(announcement(event))

    [request] = receiver.requests
    assert request.form == {"machineid": "7", "machinestatus": status}
    assert request.headers["key"] == CANARY


@slow
@pytest.mark.parametrize(("event", "machineid"), [(Event.STOP, 0), (Event.SIGNAL_BACK, 7)])
def test_the_shop_floor_is_spared_what_it_has_no_number_for(
    event: Event, machineid: int, receiver: Receiver
) -> None:
    notifier = open_notifier("factsystem", **options("factsystem", receiver.url))
    notifier.send(announcement(event, machineid))
    assert receiver.requests == []


@pytest.mark.parametrize("event", Event)
def test_the_log_has_one_line_an_event_with_the_machine_first(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "motion_tracking.events"):
        open_notifier("log").send(announcement(event))

    [record] = caplog.records
    assert record.getMessage().startswith("press1: ")
    assert "\n" not in record.getMessage()
    assert record.__dict__["event"] == event.value


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        (None, None, None),
        ("120", None, 120),
        ("0", None, 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:27:00 GMT", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:29:00 GMT", 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None, None),
        ("999999999", None, LONGEST_WAIT),
        ("-5", None, None),
        ("soon", "never", None),
    ],
)
def test_a_receiver_may_say_when_to_come_back(
    header: str | None, date: str | None, seconds: float | None
) -> None:
    assert retry_after(header, date) == seconds


@slow
def test_coming_back_as_told_is_passed_on(receiver: Receiver) -> None:
    receiver.plan.append(Answer(429, {"Retry-After": "77"}))
    with pytest.raises(PostponedError) as failed:
        open_notifier("webhook", url=receiver.url).send(announcement())
    assert failed.value.after == 77
