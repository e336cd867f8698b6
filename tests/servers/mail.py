"""
A mail server on loopback that does what a test tells it to.

`Mailbox` speaks SMTP in full, with TLS and login; `answers` maps a command to what it says instead
of 250, the oldest first.  `Mumbler` only ever writes the bytes it is given, one by one or at once.
"""

import asyncio
import socket
import ssl
import threading
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

HANG = "hang"
"""An answer that never comes."""


@dataclass
class Certificates:
    """An authority made for the tests, its certificate as a file, and one of its servers."""

    ca_file: Path
    server: ssl.SSLContext


def certificates(folder: Path, name: str = "127.0.0.1") -> Certificates:
    """Make them; the server's certificate is for `name`."""
    authority = trustme.CA()
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return Certificates(file, context)


@dataclass
class Letter:
    """What came: from whom, to whom, and the message as it was sent."""

    sender: str
    recipients: list[str]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.data, policy=default))


@dataclass
class Mailbox:
    """`letters` are those that were taken.  `security` is as in the configuration."""

    security: str = "none"
    tls: ssl.SSLContext | None = None
    account: tuple[str, str] | None = None
    letters: list[Letter] = field(default_factory=list)
    answers: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    logins: int = 0

    def __enter__(self) -> "Mailbox":
        self._controller = _Controller(self)
        self._controller.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.server.sockets[0].getsockname()[1])

    def section(self, recipients: str) -> dict[str, object]:
        """Return the section `email` of a configuration whose messages come here."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "security": self.security,
            "sender": "alerts@plant.example",
            "recipients": recipients,
        }

    async def _answer(self, command: str, usual: str = "250 OK") -> str:
        answer = self.answers[command].popleft() if self.answers[command] else usual
        if answer == HANG:
            await asyncio.Event().wait()
        return answer

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = await self._answer("MAIL")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = await self._answer("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self._answer("DATA")
        if answer.startswith("250"):
            letter = Letter(envelope.mail_from, list(envelope.rcpt_tos), envelope.content)
            self.letters.append(letter)
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return await self._answer("QUIT", "221 Bye")

    def authenticate(
        self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins += 1
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.account, handled=False)


class _Controller(Controller):
    def __init__(self, mailbox: Mailbox) -> None:
        starttls = mailbox.security == "starttls"
        super().__init__(
            mailbox,
            hostname="127.0.0.1",
            port=0,
            ssl_context=mailbox.tls if mailbox.security == "tls" else None,
            tls_context=mailbox.tls if starttls else None,
            require_starttls=starttls,
            authenticator=mailbox.authenticate if mailbox.account else None,
            auth_required=mailbox.account is not None and starttls,
            auth_require_tls=starttls,
        )

    def _trigger_server(self) -> None:
        """Knock once, as aiosmtpd does, but on the port that the system chose."""
        with socket.create_connection(self.server.sockets[0].getsockname()[:2], 5) as knock:
            knock.settimeout(5)
            if self.ssl_context is None:
                knock.recv(1024)


class Mumbler:
    """Takes one connection after the other, writes the same bytes, and holds on."""

    def __init__(self, words: bytes, drip: bool = False, close: bool = False) -> None:
        self._words, self._drip, self._close = words, drip, close
        self._over = threading.Event()

    def __enter__(self) -> "Mumbler":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            line, _ = self._listener.accept()
            with line, suppress(OSError):
                for byte in self._words if self._drip else ():
                    line.sendall(bytes([byte]))
                    if self._over.wait(0.1):
                        break
                if not self._drip:
                    line.sendall(self._words)
                if not self._close:
                    self._over.wait(30)
