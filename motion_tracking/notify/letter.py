"""
How does an e-mail of ours begin, so that no name can slip a line into its head?
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from motion_tracking.notify import RefusedError

NAME = "motion-track"
"""Who writes, as mail programs show it."""

LONGEST_SUBJECT = 200

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def letter(
    sender: str, recipients: Sequence[str], subject: str, at: datetime, key: str
) -> EmailMessage:
    """
    Return an e-mail without a body; raise `RefusedError` where an address is none.

    `at` is aware.  `key` is the same whenever the message is sent again: mail programs then show
    it once.
    """
    subject = one_line(subject)
    # folded at 78, a longer one begins with a line end and a blank, which some programs show;
    # encoded words of other alphabets must be short
    message = EmailMessage(SMTP.clone(max_line_length=900) if subject.isascii() else SMTP)
    try:
        address = Address(NAME, addr_spec=sender)
        message["From"] = address
        message["To"] = [Address(addr_spec=recipient) for recipient in recipients]
        message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:32]}@{address.domain}>"
    except (ValueError, IndexError, MessageError):  # IndexError: an empty one
        raise RefusedError("the sender or a recipient is no e-mail address") from None
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"  # keeps out-of-office answers away
    return message


def one_line(text: str) -> str:
    """Return a text without what begins a line, is not seen, or turns the order of letters."""
    return _BREAKS.sub(" ", text).strip()[:LONGEST_SUBJECT]
