"""Does `motion-track notify` try each notifier, and look after what could not be told?"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import DeliveryState, History
from servers.desk import PRESS, STREAM, Desk
from servers.mail import Mailbox
from servers.webhook import Answer, Receiver

CANARY = "canary-key/2#"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STOP = Change("press1", MachineState.RUNNING, MachineState.STOPPED, None, NOON, NOON, NOON, NOON)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A plant whose changes go to the log, and to a receiver that is not there."""
    configure(desk, "http://127.0.0.1:1")
    return desk


@pytest.fixture
def heard(desk: Desk, receiver: Receiver) -> Desk:
    """A plant whose changes go to the log and to the receiver."""
    configure(desk, receiver.url)
    return desk


def configure(desk: Desk, url: str) -> None:
    desk.configure(
        {"press1": PRESS},
        stream=STREAM,
        site={"name": "plant2"},
        webhook={"url": f"{url}/hook", "key": CANARY},
        notify={"webhook": "all"},
    )


def give_up(desk: Desk, error: str = "the receiver answered 404") -> None:
    with History(desk.history, "plant2") as history:
        history.append(STOP, ["webhook", "log"])
        for delivery in history.due(["press1"], NOON.timestamp()):
            if delivery.notifier == "webhook":
                history.given_up(delivery.id, NOON.timestamp(), error)


@pytest.mark.slow
def test_a_test_message_goes_out_by_e_mail(desk: Desk) -> None:
    with Mailbox() as mailbox:
        mail = mailbox.section("shift@plant.example, lead@plant.example")
        desk.configure({"press1": PRESS}, stream=STREAM, site={"name": "plant2"}, email=mail)
        done = desk.run("notify")

    assert (done.returncode, done.stderr) == (0, "")
    assert "email" in done.stdout
    [letter] = mailbox.letters
    assert letter.recipients == ["shift@plant.example", "lead@plant.example"]
    assert letter.message["Subject"].startswith("test: running again")


def test_a_test_message_goes_to_every_notifier(heard: Desk, receiver: Receiver) -> None:
    done = heard.run("notify")

    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()[1:]]
    assert lines == [["log", "sent"], ["webhook", "sent"]]
    [request] = receiver.requests
    assert request.path == "/hook"
    assert (request.json["machine"], request.json["machineid"]) == ("test", 0)
    assert request.json["key"].startswith("plant2/test/")


def test_a_notifier_that_is_refused_is_told_and_is_a_finding(
    heard: Desk, receiver: Receiver
) -> None:
    receiver.plan.append(Answer(403))

    done = heard.run("notify", "--json")

    assert (done.returncode, done.stderr) == (1, "")
    log, webhook = json.loads(done.stdout)["notifiers"]
    assert log == {"notifier": "log", "ok": True, "error": ""}
    assert (webhook["notifier"], webhook["ok"]) == ("webhook", False)
    assert "403" in webhook["error"]


def test_a_notifier_that_is_not_there_is_a_finding_without_its_key(told: Desk) -> None:
    told.configure(
        {"press1": PRESS},
        webhook={"url": f"http://127.0.0.1:1/hook?token={CANARY}", "key": CANARY},
        notify={"webhook": "all", "log": "none"},
    )
    done = told.run("notify")

    assert done.returncode == 1
    assert "webhook" in done.stdout
    assert "sent" not in done.stdout.replace("sent to", "")
    assert CANARY not in done.stdout + done.stderr


def test_a_test_message_touches_no_history(heard: Desk, receiver: Receiver) -> None:
    heard.run("notify")

    assert not heard.logs.exists()


def test_a_notifier_that_is_half_set_up_is_warned_of(told: Desk) -> None:
    told.configure({"press1": PRESS}, stream=STREAM, ifttt={"ifttt_event": "stop"})

    done = told.run("notify")

    assert done.returncode == 0
    assert done.stderr.startswith("warning: ")
    assert "nobody is told by ifttt" in done.stderr


def test_the_outbox_says_what_waits_and_what_was_given_up(told: Desk) -> None:
    give_up(told)

    done = told.run("notify", "--outbox")
    as_json = json.loads(told.run("notify", "--outbox", "--json").stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "1 pending, 0 delivered, 1 dead"
    assert "the receiver answered 404" in done.stdout
    assert "--retry" in done.stdout
    assert as_json["outbox"] == {"pending": 1, "delivered": 0, "dead": 1}
    [letter] = as_json["dead_letters"]
    assert letter == {
        "notifier": "webhook",
        "key": "plant2/press1/1",
        "event": "stop",
        "error": "the receiver answered 404",
        "given_up_at": "2026-03-01T12:00:00+00:00",
    }


def test_an_outbox_that_never_was_is_empty(told: Desk) -> None:
    assert told.run("notify", "--outbox").stdout == "0 pending, 0 delivered, 0 dead\n"
    assert told.run("notify", "--retry").stdout.startswith("0 messages ")
    assert not told.logs.exists()


def test_what_was_given_up_is_tried_again_when_asked(heard: Desk, receiver: Receiver) -> None:
    give_up(heard)

    done = heard.run("notify", "--retry")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 message will be tried once more")
    assert receiver.requests == []  # the tracker of the machine sends it, in its turn
    with History(heard.history, read_only=True) as history:
        assert history.outbox_counts()[DeliveryState.DEAD] == 0
    assert json.loads(heard.run("notify", "--retry", "--json").stdout)["revived"] == 0


def test_an_outbox_that_cannot_be_read_is_said(told: Desk) -> None:
    told.logs.mkdir(parents=True)
    told.history.write_text("this is no database", encoding="utf-8")

    for option in ("--outbox", "--retry"):
        done = told.run("notify", option)
        assert (done.returncode, done.stdout) == (2, "")
        assert "history.sqlite3" in done.stderr
        assert "hint:" in done.stderr
