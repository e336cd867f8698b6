"""
How does a report become an e-mail to those whom [email] names?
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure
from motion_tracking.core.digest import PlantReport
from motion_tracking.notify import PostponedError, RefusedError
from motion_tracking.report.findings import lead, ranked
from motion_tracking.report.overall import ran
from motion_tracking.report.wording import heading, length, percent, title_text


def require_mail(config: Config) -> Mapping[str, Any]:
    """Return how e-mail is sent; raise `Failure` where nothing says it."""
    if config.notifications.mail is None:
        hint = "config_stream.ini: [email] names host, sender and recipients"
        raise Failure("no e-mail is set up", hint)
    return config.notifications.mail


def send_report(
    config: Config, report: PlantReport, attachments: Sequence[Path], picture: bytes
) -> Sequence[str]:
    """Send a report; return to whom.  Raise `Failure` where it cannot be sent."""
    from motion_tracking.notify.report import ReportLetter
    from motion_tracking.notify.report import send_report as send

    mail = require_mail(config)
    title = title_text(report.start, report.end, report.zone)
    letter = ReportLetter(
        subject=f"{heading(report.site)}: {title}",
        sentence=" ".join(lead(report)),
        figures=[_heads(report), *_rows(report)],
        made_at=report.made_at.astimezone(report.zone),
        attachments=attachments,
        picture=picture,
    )
    try:
        send(letter, **mail)
    except (PostponedError, RefusedError, OSError) as error:
        raise Failure(
            f"the report was not sent: {error}",
            "`motion-track notify` tries the server",
            Exit.UNREACHABLE,
        ) from None
    recipients: Sequence[str] = mail["recipients"]
    return recipients


def _heads(report: PlantReport) -> Sequence[str]:
    share = "Availability" if report.has_calendar else "Utilisation"
    return ("Machine", share, "Running", "Stopped", "Not seen", "Stops")


def _rows(report: PlantReport) -> list[Sequence[str]]:
    return [
        (
            machine.machine,
            percent(ran(machine.figures)),
            length(machine.figures.running),
            length(machine.figures.stopped),
            length(machine.figures.unseen),
            f"{machine.figures.tally.stops:,}",
        )
        for machine in ranked(report.machines)
    ]
