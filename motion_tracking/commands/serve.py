"""
How does the dashboard of the plant come to a browser?

It reads the history and asks the trackers; they do without it, so it may be killed and started at
any time.  On this computer alone a link is enough to get in; for others there must be accounts.
"""

import re
import socket
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import psutil

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import configured, history_file
from motion_tracking.commands.overseeing import Overseen
from motion_tracking.commands.power import ThisComputer
from motion_tracking.commands.returning import return_large_pieces
from motion_tracking.commands.signals import asked_to_stop
from motion_tracking.commands.users import accounts_of
from motion_tracking.config import Config
from motion_tracking.console import Failure, Settings, keep_secret, say, start_logging
from motion_tracking.dashboard.accounts import Accounts
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.audit import Audit
from motion_tracking.dashboard.guard import LOOPBACK, new_secret
from motion_tracking.dashboard.hosting import serve_app
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.dashboard.sessions import Sessions
from motion_tracking.dashboard.site import Site
from motion_tracking.record.small import put

ACKNOWLEDGED = "acknowledged.json"
AUDIT = "audit.jsonl"

ADD = "motion-track users add NAME --role admin"

_ROOT = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the dashboard is to be found: to us, to a proxy, and by which names besides."""

    host: str
    port: int
    root_path: str
    allowed: Sequence[str]

    @property
    def near(self) -> bool:
        """Whether it is for this computer only."""
        return self.host in LOOPBACK

    @property
    def names(self) -> set[str]:
        """What it may be called by whoever asks."""
        return {*LOOPBACK, *self.allowed} | (set() if self.near else {self.host, *own_names()})

    def url(self, token: str = "") -> str:
        """Return its address; the token is behind the #, which no browser sends to any server."""
        named = "localhost" if self.host in ("0.0.0.0", "::") else self.host
        name = f"[{named}]" if ":" in named else named
        return f"http://{name}:{self.port}/" + (f"#{token}" if token else "")


def serve(
    settings: Settings,
    host: str,
    port: int,
    root_path: str,
    allowed: Sequence[str],
    opens: bool,
) -> None:
    """Serve the dashboard until a signal."""
    config = configured(settings)
    root = root_path.rstrip("/")
    if not _ROOT.fullmatch(root):
        raise Failure(f"--root-path: {root_path} is no path", "write it as in /plant")
    accounts = accounts_of(config)
    known = _has_accounts(accounts)
    place = Place(host, port, root, allowed)
    if not place.near and not known:
        text = f"{host}: without accounts the dashboard is for this computer only"
        raise Failure(text, f"{ADD}; or leave --host out")
    start_logging(settings)
    with _listening(place) as listener:
        place = Place(host, listener.getsockname()[1], root, allowed)
        # who sits here may read the files anyway; in the log of a service the link would stay
        token = new_secret() if place.near and (opens or _alone(known)) else ""
        _say_where(place, token, known)
        if opens:
            webbrowser.open(place.url(token))
        _serve(config, accounts, place, listener, token)


def own_names() -> set[str]:
    """Return the names and addresses of this computer."""
    names = {socket.gethostname().lower(), socket.getfqdn().lower()}
    for addresses in psutil.net_if_addrs().values():
        names |= {
            address.address.partition("%")[0].lower()
            for address in addresses
            if address.family in (socket.AF_INET, socket.AF_INET6)
        }
    return names


def _has_accounts(accounts: Accounts) -> bool:
    try:
        return bool(accounts.users())
    except RefusedError as error:
        raise Failure(str(error), "put it back from a copy, or remove it and begin anew") from None


def _alone(known: bool) -> bool:
    return not known and sys.stdout.isatty()


def _listening(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        text = f"{place.host}, port {place.port}: {error.strerror or error}"
        raise Failure(text, "choose another by --host and --port") from None


def _say_where(place: Place, token: str, known: bool) -> None:
    if token:
        say(f"the dashboard is on this page, for you alone:\n{place.url(token)}")
        return
    say(f"the dashboard is at {place.url()}")
    if not known:
        say(f"nobody can sign in yet: {ADD}")


def _serve(
    config: Config, accounts: Accounts, place: Place, listener: socket.socket, token: str
) -> None:
    keep_secret({*config.secrets, token} - {""})
    return_large_pieces()
    plant = Overseen(config, system_now)

    def utc() -> float:
        return system_now().utc

    site = Site(
        plant=plant,
        accounts=accounts,
        sessions=Sessions(accounts, str(place.port), utc, token),
        alarms=Alarms(_beside_history(config) / ACKNOWLEDGED, put),
        audit=Audit(_beside_history(config) / AUDIT, utc),
        computer=ThisComputer(config.host_power),
        utc=utc,
        hosts=place.names,
        root=place.root_path,
    )
    stopping = asked_to_stop()

    async def run() -> None:
        await serve_app(site.app(), listener, stopping.is_set, signals=False)

    try:
        anyio.run(run)
    finally:
        plant.close()


def _beside_history(config: Config) -> Path:
    return history_file(config).parent
