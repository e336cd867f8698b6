"""
How is an e-mail handed to a mail server, so that a bad server costs little and keeps its secrets?

By smtplib, over TLS unless the plant says otherwise, with the server's certificate checked.  Of an
answer only its numbers are passed on: its words may quote anything.
"""

import io
import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from motion_tracking.notify import PostponedError, RefusedError
from motion_tracking.notify.http import PATIENCE, Patience
from motion_tracking.notify.pieces import Pieces

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""How a line may be secured, and the port where servers expect that."""

_NUMBERS = re.compile(rb"\d\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class MailServer:
    """
    A mail server and our account there.

    `security` is one of `PORTS`; `ca_file` names the plant's own authority, for a certificate
    that no public one has signed.
    """

    host: str
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security: str = "starttls"
    ca_file: str | None = None
    patience: Patience = PATIENCE

    def deliver(
        self, message: EmailMessage, recipients: Sequence[str]
    ) -> Mapping[str, PostponedError | RefusedError]:
        """
        Hand a message over; return who of the recipients the server did not take it for, and why.

        Raise `PostponedError` or `RefusedError` where it took it for none of them.
        """
        try:
            with _Session(self) as session:
                self._enter(session)
                refused = session.send_message(message, to_addrs=recipients)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._worst(error.recipients) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error) from None
        except ssl.SSLCertVerificationError as error:
            raise PostponedError(f"{self.host}: its certificate: {error.verify_message}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise PostponedError(f"{self.host}: {_in_words(error)}") from None
        except ValueError:  # of an address, or of a user or password that is not ASCII
            raise RefusedError(f"{self.host}: an address or the account cannot be sent") from None
        return {to: self._answered(code, text) for to, (code, text) in refused.items()}

    def _enter(self, session: "_Session") -> None:
        session.open()
        if self.security == "starttls":
            if not session.offers("starttls"):
                raise PostponedError(f"{self.host}: offers no STARTTLS")
            session.starttls(context=self.context())
        if self.username is not None:
            if not session.offers("auth"):
                raise PostponedError(f"{self.host}: offers no login")
            session.login(self.username, self.password or "")

    def context(self) -> ssl.SSLContext:
        """Return what is asked of the server's certificate."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:  # an SSLError is one
            raise RefusedError(f"{self.ca_file} is no file of certificates") from None

    @property
    def address(self) -> tuple[str, int]:
        return self.host.strip("[]"), self.port or PORTS[self.security]

    def _worst(self, refused: Mapping[str, tuple[int, bytes]]) -> PostponedError | RefusedError:
        """Return why nobody got it; while one may yet get it, it is only put off."""
        errors = [self._answered(code, text) for code, text in refused.values()]
        return next((e for e in errors if isinstance(e, PostponedError)), errors[0])

    def _answered(self, code: int, text: bytes | str) -> PostponedError | RefusedError:
        words = text.encode("utf-8", "replace") if isinstance(text, str) else text
        numbers = _NUMBERS.match(words)
        detail = f" {numbers[0].decode()}" if numbers else ""
        meaning = ": user or password is wrong" if code == 535 else ""
        answer = f"{self.host}: answered {code}{detail}{meaning}"
        return RefusedError(answer) if 500 <= code < 600 else PostponedError(answer)


class _Session(smtplib.SMTP):
    """One conversation, all of which fits into the server's time."""

    def __init__(self, server: MailServer) -> None:
        from urllib3 import Timeout

        patience = server.patience
        self._server = server
        self._budget = Timeout(patience.total, patience.connect, patience.read)
        self._budget.start_connect()
        # by default it would look up this computer's own name, which may take long
        super().__init__(timeout=patience.connect, local_hostname="localhost")

    def open(self) -> None:
        """Connect, and listen to the greeting."""
        host, port = self._server.address
        self._host = host  # which smtplib compares with the certificate
        code, text = self.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        if self.sock is not None:
            own = self.sock.getsockname()[0]
            self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"

    def offers(self, extension: str) -> bool:
        """Whether the server knows an extension."""
        self.ehlo_or_helo_if_needed()
        return self.has_extn(extension)

    def __exit__(self, kind: object, *_rest: object) -> None:
        # a message that the server took is delivered, however it takes our good-bye
        with suppress(OSError, smtplib.SMTPException):
            if kind is None:
                self.docmd("QUIT")
        self.close()

    def _get_socket(self, host: str, port: int, timeout: float):  # type: ignore[no-untyped-def]
        sock = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        sock.settimeout(self._budget.read_timeout)
        if self._server.security == "tls":
            return self._server.context().wrap_socket(sock, server_hostname=host)
        return sock

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            raw = self.sock.makefile("rb", buffering=0)
            pieces = Pieces(raw, self.sock, lambda: self._budget.read_timeout)
            self.file = io.BufferedReader(pieces)
        return super().getreply()


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "takes too long"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "closed the line"
    if isinstance(error, ssl.SSLError):
        return "does not speak TLS as expected"
    return getattr(error, "strerror", None) or "cannot be spoken to"
