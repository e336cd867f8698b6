"""
How does a report reach people by e-mail?

The key figures are in the message itself, as text and as a table with a picture, so that a phone
shows them; the report is attached whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from html import escape
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from motion_tracking.notify import RefusedError
from motion_tracking.notify.http import Patience
from motion_tracking.notify.letter import letter, one_line
from motion_tracking.notify.smtp import MailServer

REPORT_PATIENCE = Patience(connect=10.0, read=60.0, total=300.0)
"""A report is megabytes, and somebody waits for the command anyway."""

LARGEST = 20_000_000
"""Bytes of all attachments; many servers refuse messages of 25 MB, and coding adds a third."""


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """
    What is sent: the subject, a sentence, key figures, files, and a PNG to be seen at once.

    The first row of `figures` are its heads; all rows are of one length.  `made_at` is aware.
    """

    subject: str
    sentence: str
    figures: Sequence[Sequence[str]]
    made_at: datetime
    attachments: Sequence[Path] = ()
    picture: bytes | None = None


def send_report(
    report: ReportLetter, *, sender: str, recipients: Sequence[str], **server: Any
) -> None:
    """
    Send it; `server` are the fields of a `MailServer`, as in the notifier's options.

    Raise `PostponedError` or `RefusedError` where somebody does not get it, `OSError` where an
    attachment cannot be read.
    """
    message = report_message(report, sender, recipients)
    errors = MailServer(**{"patience": REPORT_PATIENCE, **server}).deliver(message, recipients)
    if errors:
        who, error = next(iter(errors.items()))
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise type(error)(f"{who}{more} did not get it: {error}")


def report_message(report: ReportLetter, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """Return the e-mail; raise `RefusedError` where it is too large or an address is none."""
    key = f"{report.subject}/{report.made_at.isoformat()}"
    message = letter(sender, recipients, report.subject, report.made_at, key)
    message.set_content(_text(report), cte="quoted-printable")
    cid = make_msgid(domain="report.invalid")
    message.add_alternative(_html(report, cid), subtype="html", cte="quoted-printable")
    if report.picture is not None:
        page = message.get_payload()[1]  # type: ignore[index]
        page.add_related(report.picture, "image", "png", cid=cid)  # type: ignore[union-attr]
    if sum(path.stat().st_size for path in report.attachments) > LARGEST:
        raise RefusedError(f"the report is larger than {LARGEST // 1_000_000} MB")
    for path in report.attachments:
        kind = guess_type(path.name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(path.read_bytes(), main, sub, filename=one_line(path.name))
    return message


def _text(report: ReportLetter) -> str:
    widths = [max(map(len, column)) for column in zip(*report.figures, strict=True)]
    rows = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in report.figures
    )
    return "\n".join([report.sentence, "", *rows]) + "\n"


def _html(report: ReportLetter, cid: str) -> str:
    heads, rows = report.figures[:1], report.figures[1:]
    picture = f'<p><img src="cid:{cid[1:-1]}" alt="" style="max-width:100%"></p>'
    return "\n".join(
        [
            '<!doctype html><html lang="en"><body style="font:15px sans-serif">',
            f"<p>{escape(report.sentence)}</p>",
            '<table style="border-collapse:collapse" cellpadding="6">',
            *(_row(row, '<th align="left">', "</th>") for row in heads),
            *(_row(row, "<td>", "</td>") for row in rows),
            "</table>",
            picture if report.picture is not None else "",
            "</body></html>",
        ]
    )


def _row(cells: Sequence[str], begin: str, end: str) -> str:
    return f"<tr>{''.join(f'{begin}{escape(cell)}{end}' for cell in cells)}</tr>"
