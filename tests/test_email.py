"""Do people get e-mails that they understand, once, whatever the mail server does?"""

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from motion_tracking.core.changes import Announcement, Change, Event
from motion_tracking.core.clips import JPEG, Clip
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.notify import PostponedError, RefusedError, open_notifier
from motion_tracking.notify.http import Patience
from motion_tracking.notify.letter import letter
from motion_tracking.notify.report import LARGEST, ReportLetter, report_message, send_report
from motion_tracking.notify.wording import subject, text
from servers.mail import HANG, Certificates, Mailbox, Mumbler, certificates

slow = pytest.mark.slow

CANARY = "canary-pass-57021"
ALICE, BOB = "alice@plant.example", "bob@plant.example"
STOPPED_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
HASTY = Patience(connect=2.0, read=0.3, total=0.8)


def announcement(event: Event = Event.WAKE_UP, machine: str = "press1") -> Announcement:
    asleep = event is Event.WAKE_UP
    change = Change(
        machine=machine,
        from_state=MachineState.DEEP_SLEEP if asleep else MachineState.RUNNING,
        to_state=MachineState.RUNNING if asleep else MachineState.NO_SIGNAL,
        reason=None if asleep else Reason.LOST,
        occurred_at=STOPPED_AT + timedelta(minutes=47, seconds=30),
        detected_at=STOPPED_AT + timedelta(minutes=48),
        since=STOPPED_AT + timedelta(minutes=20),
        stopped_since=STOPPED_AT if asleep else None,
        woke=asleep,
    )
    return Announcement("plant-north", 12, change, event)


def email(port: int, **options: Any) -> Any:
    usual = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "alerts@plant.example",
        "recipients": (ALICE, BOB),
        "security": "none",
        "zone": UTC,
    }
    return open_notifier("email", **{**usual, **options})


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("ca"))


@slow
def test_a_message_says_what_happened_where_and_since_when(mailbox: Mailbox) -> None:
    email(mailbox.port).send(announcement())

    [came] = mailbox.letters
    message = came.message
    assert (came.sender, came.recipients) == ("alerts@plant.example", [ALICE, BOB])
    assert message["From"] == "motion-track <alerts@plant.example>"
    assert message["To"] == f"{ALICE}, {BOB}"
    assert message["Subject"] == (
        "press1: running again, after a deep sleep; it stood for 47m 30s (plant-north)"
    )
    assert message["Date"] == "Sun, 01 Mar 2026 06:48:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == [
        "2026-03-01 06:47:30 +0000  press1: running again, after a deep sleep;"
        " it stood for 47m 30s",
        "",
        "Noticed 2026-03-01 06:48:00 +0000.",
        "Plant: plant-north",
        "Message: plant-north/press1/12",
    ]


def test_pictures_go_along_as_far_as_they_are_there(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "before.jpg").write_bytes(b"before")
    (tmp_path / "huge.jpg").write_bytes(b"huge")
    picture = Clip(1, "before.jpg", tmp_path.as_posix(), STOPPED_AT, STOPPED_AT, 6, JPEG, (96, 64))
    gone, huge = replace(picture, file="gone.jpg"), replace(picture, file="huge.jpg", bytes=10**7)
    film = replace(picture, file="stop.mp4", codec="h264")
    told = replace(announcement(), pictures=(picture, gone, huge), clip=film)
    email(mailbox.port).send(told)

    [came] = mailbox.letters
    words, attachment = came.message.iter_parts()
    assert f"{tmp_path.as_posix()}/stop.mp4" in words.get_content()
    assert (attachment.get_filename(), attachment.get_content()) == ("before.jpg", b"before")
    assert attachment.get_content_type() == "image/jpeg"


@slow
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_travels_encrypted_to_a_server_that_proves_who_it_is(
    security: str, signed: Certificates
) -> None:
    with Mailbox(security, signed.server, ("mt", CANARY)) as mailbox:
        email(
            mailbox.port,
            security=security,
            ca_file=str(signed.ca_file),
            username="mt",
            password=CANARY,
        ).send(announcement())

        assert (len(mailbox.letters), mailbox.logins) == (1, 1)


@slow
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "another name"])
def test_who_does_not_prove_it_gets_neither_password_nor_message(
    security: str, fault: str, signed: Certificates, tmp_path: Path
) -> None:
    other = certificates(tmp_path, "mail.example")
    ca_file = other.ca_file if fault == "another name" else None
    tls = other.server if fault == "another name" else signed.server
    with Mailbox(security, tls, ("mt", CANARY)) as mailbox:
        notifier = email(
            mailbox.port,
            security=security,
            ca_file=None if ca_file is None else str(ca_file),
            username="mt",
            password=CANARY,
        )
        with pytest.raises(PostponedError, match="its certificate: ") as failed:
            notifier.send(announcement())

        assert (mailbox.letters, mailbox.logins) == ([], 0)
        assert CANARY not in str(failed.value)


@slow
def test_a_server_that_takes_starttls_away_gets_nothing(mailbox: Mailbox) -> None:
    """It may be somebody in between."""
    notifier = email(mailbox.port, security="starttls", username="mt", password=CANARY)
    with pytest.raises(PostponedError, match="offers no STARTTLS"):
        notifier.send(announcement())
    assert mailbox.letters == []


@slow
def test_a_wrong_password_is_refused_and_not_told(
    signed: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    with Mailbox("starttls", signed.server, ("mt", "right")) as mailbox:
        notifier = email(
            mailbox.port,
            security="starttls",
            ca_file=str(signed.ca_file),
            username="mt",
            password=CANARY,
        )
        with (
            caplog.at_level(logging.DEBUG),
            pytest.raises(RefusedError, match=r"535 5\.7\.8: user or password is wrong") as failed,
        ):
            notifier.send(announcement())

    coded = base64.b64encode(f"\0mt\0{CANARY}".encode()).decode()
    told = str(failed.value) + repr(notifier) + caplog.text
    assert CANARY not in told
    assert coded not in told


@slow
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.7.1 Greylisted, canary-pass-57021", PostponedError),
        ("421 4.3.2 Shutting down", PostponedError),
        ("550 5.7.1 No relay", RefusedError),
        ("554 Spam", RefusedError),
    ],
)
def test_what_may_pass_is_postponed_and_what_may_not_is_refused(
    command: str, answer: str, error: type[Exception], mailbox: Mailbox
) -> None:
    mailbox.answers[command] += [answer] * 2
    with pytest.raises(error, match=rf"127\.0\.0\.1: answered {answer[:3]}") as failed:
        email(mailbox.port).send(announcement())

    assert CANARY not in str(failed.value)
    assert mailbox.letters == []


@slow
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_does_not_hold_us(command: str, mailbox: Mailbox) -> None:
    mailbox.answers[command].append(HANG)
    with pytest.raises(PostponedError, match="takes too long"):
        email(mailbox.port, patience=HASTY).send(announcement())


@slow
@pytest.mark.parametrize("answer", [HANG, "500 What?"])
def test_what_was_taken_is_delivered_however_the_server_says_good_bye(
    answer: str, mailbox: Mailbox
) -> None:
    mailbox.answers["QUIT"].append(answer)
    email(mailbox.port, patience=HASTY).send(announcement())
    assert len(mailbox.letters) == 1


@slow
@pytest.mark.parametrize(
    ("words", "drip", "close", "told"),
    [
        (b"", False, False, "takes too long"),
        (b"220-wait\r\n" * 500, True, False, "takes too long"),
        (b"", False, True, "closed the line"),
        (b"SSH-2.0-OpenSSH_9\r\n", False, False, "answered -1"),
        (b"421 busy\r\n", False, False, "answered 421"),
        (b"x" * 9000, False, False, "answered 500"),
    ],
)
@pytest.mark.parametrize("security", ["none", "starttls"])
def test_what_speaks_no_smtp_is_told_of(
    words: bytes, drip: bool, close: bool, told: str, security: str
) -> None:
    with (
        Mumbler(words, drip, close) as mumbler,
        pytest.raises((PostponedError, RefusedError), match=told),
    ):
        email(mumbler.port, security=security, patience=HASTY).send(announcement())


@slow
def test_a_server_without_tls_is_told_of() -> None:
    with Mumbler(b"220 mail ready\r\n") as mumbler, pytest.raises(PostponedError, match="TLS"):
        email(mumbler.port, security="tls", patience=HASTY).send(announcement())


@slow
def test_who_has_a_message_is_not_sent_it_again_because_of_the_others(mailbox: Mailbox) -> None:
    notifier = email(mailbox.port)
    mailbox.answers["RCPT"] += ["250 OK", "450 4.2.0 Greylisted"]
    with pytest.raises(PostponedError, match="answered 450"):
        notifier.send(announcement())
    notifier.send(announcement())
    notifier.send(replace(announcement(), seq=13))

    assert [came.recipients for came in mailbox.letters] == [[ALICE], [BOB], [ALICE, BOB]]
    first, again, other = (came.message["Message-ID"] for came in mailbox.letters)
    assert first == again != other


@slow
def test_one_who_is_gone_for_good_keeps_it_from_nobody(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.answers["RCPT"] += ["550 5.1.1 No such user"]
    email(mailbox.port).send(announcement())

    assert [came.recipients for came in mailbox.letters] == [[BOB]]
    assert f"{ALICE} did not get plant-north/press1/12: 127.0.0.1: answered 550" in caplog.text


@slow
def test_no_name_slips_a_line_into_the_head(mailbox: Mailbox) -> None:
    evil = "press1\r\nBcc: eve@evil.example\r\n\r\nbody\u2028\u202e"
    email(mailbox.port).send(replace(announcement(machine=evil), site="site\nX: y"))

    [came] = mailbox.letters
    assert came.message["Bcc"] is None
    assert came.message["X"] is None
    assert came.recipients == [ALICE, BOB]
    assert came.message["Subject"].startswith("press1 Bcc: eve@evil.example body")


@pytest.mark.parametrize("site", ["Завод №1 " * 9, "plant " * 20])
def test_a_long_name_in_any_alphabet_makes_a_sound_head(site: str) -> None:
    message = letter(BOB, [ALICE], f"press1: stopped ({site})", STOPPED_AT, "key")
    lines = message.as_bytes().split(b"\r\n")
    assert all(len(line) <= 998 and line.isascii() for line in lines)
    assert not any(line.endswith(b":") for line in lines)
    assert message_from_bytes(message.as_bytes(), policy=default)["Subject"] == message["Subject"]


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@b\r\nBcc: c@d", "a@b>,<c@d", "a b@c", "@", "a@", "é@plant.example\n"],
)
@pytest.mark.parametrize("whose", ["sender", "recipient"])
def test_what_is_no_address_is_refused(address: str, whose: str) -> None:
    sender, to = (address, ALICE) if whose == "sender" else (ALICE, address)
    with pytest.raises(RefusedError, match="is no e-mail address"):
        letter(sender, [to], "subject", STOPPED_AT, "key")


def test_what_cannot_be_sent_to_a_server_is_refused() -> None:
    with pytest.raises(RefusedError, match="is no file of certificates"):
        email(1, security="tls", ca_file="/nowhere.pem")._server.context()


def test_a_message_about_several_machines_tells_of_each() -> None:
    others = (announcement(Event.NO_SIGNAL, "press2"), announcement(Event.NO_SIGNAL, "press3"))
    together = replace(announcement(Event.NO_SIGNAL), others=others)

    assert subject(together) == "press1 and 2 more: no signal: lost (plant-north)"
    assert [line.split("  ")[1] for line in text(together, UTC).splitlines()[:3]] == [
        "press1: no signal: lost",
        "press2: no signal: lost",
        "press3: no signal: lost",
    ]


def test_a_message_leads_to_its_moment_where_the_dashboard_is_known() -> None:
    told = announcement()
    at = round(told.change.occurred_at.timestamp() * 1000)
    linked = replace(told, dashboard="https://plant.example/line/")

    assert f"\nhttps://plant.example/line/m/press1?at={at}\n" in text(linked, UTC)
    assert "http" not in text(told, UTC)


@pytest.fixture
def report(tmp_path: Path) -> ReportLetter:
    page = tmp_path / "report.html"
    page.write_text("<p>all of it</p>", encoding="utf-8")
    return ReportLetter(
        "Plant north, week 9: 81 % utilisation",
        "Of 40 planned hours press1 ran 31h 12m.",
        [("machine", "utilisation"), ("press1", "81 %"), ("<b>&", "-")],
        STOPPED_AT,
        [page],
        b"\x89PNG\r\n\x1a\nnot really",
    )


@slow
def test_a_report_is_sent_with_its_figures_its_picture_and_its_file(
    mailbox: Mailbox, report: ReportLetter
) -> None:
    send_report(
        report,
        host="127.0.0.1",
        port=mailbox.port,
        security="none",
        sender=BOB,
        recipients=(ALICE,),
    )

    message = mailbox.letters[0].message
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    plain, html, picture, page = (p for p in message.walk() if not p.is_multipart())
    assert plain.get_content().splitlines() == [
        "Of 40 planned hours press1 ran 31h 12m.",
        "",
        "machine  utilisation",
        "press1   81 %",
        "<b>&     -",
    ]
    assert "<td>&lt;b&gt;&amp;</td><td>-</td>" in html.get_content()
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html.get_content()
    assert picture.get_content() == report.picture
    assert (page.get_filename(), page.get_content()) == ("report.html", "<p>all of it</p>")


@slow
@pytest.mark.parametrize(("answer", "error"), [("450 x", PostponedError), ("550 x", RefusedError)])
def test_who_does_not_get_the_report_is_named(
    answer: str, error: type[Exception], mailbox: Mailbox, report: ReportLetter
) -> None:
    mailbox.answers["RCPT"] += ["250 OK", answer]
    with pytest.raises(error, match=f"{BOB} did not get it: 127.0.0.1: answered {answer[:3]}"):
        send_report(
            report,
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
            sender=BOB,
            recipients=(ALICE, BOB),
        )


def test_a_report_that_no_server_takes_is_refused_at_once(
    tmp_path: Path, report: ReportLetter
) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(RefusedError, match="larger than 20 MB"):
        report_message(replace(report, attachments=[large]), BOB, [ALICE])


def test_a_report_without_a_picture_or_a_file_is_a_message_all_the_same(
    report: ReportLetter,
) -> None:
    bare = replace(report, attachments=[], picture=None, figures=[])
    message = report_message(bare, BOB, [ALICE])
    assert message.get_content_type() == "multipart/alternative"
    assert "<img" not in message.as_string()
