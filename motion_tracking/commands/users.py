"""
Who may sign in to the dashboard?
"""

import json
from datetime import UTC, datetime

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import configured
from motion_tracking.config import Config
from motion_tracking.console import Failure, Settings, say, table
from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.record.small import put_private

FILE = "accounts.json"


def users(settings: Settings, action: str, name: str | None, role: str, as_json: bool) -> None:
    """Do one thing to the accounts; a password or token that is made is shown this once."""
    accounts = accounts_of(configured(settings))
    try:
        if action == "list":
            _list(accounts, as_json)
        elif name is None:
            raise Failure(f"{action}: whom?", f"motion-track users {action} NAME")
        else:
            _say(_done(accounts, action, name, role), as_json)
    except RefusedError as error:
        raise Failure(str(error), error.hint) from None


def accounts_of(config: Config) -> Accounts:
    """Return the accounts of a plant, which are beside its configuration."""
    return Accounts(config.directory / FILE, put_private)


def _done(accounts: Accounts, action: str, name: str, role: str) -> dict[str, str]:
    if action == "add":
        return {"user": name, "password": accounts.add(name, Role.called(role))}
    if action == "password":
        return {"user": name, "password": accounts.set_password(name)}
    if action == "kiosk":
        made_at = datetime.fromtimestamp(system_now().utc, UTC).isoformat(timespec="milliseconds")
        number, token = accounts.add_kiosk(name, made_at)
        return {"kiosk": number, "link": f"kiosk#{token}"}
    if name in accounts.kiosks():
        accounts.remove_kiosk(name)
    else:
        accounts.remove(name)
    return {"removed": name}


def _say(done: dict[str, str], as_json: bool) -> None:
    if as_json:
        say(json.dumps({"schema": 1, **done}))
        return
    for what, value in done.items():
        say(f"{what}: {value}")


def _list(accounts: Accounts, as_json: bool) -> None:
    people = [{"user": name, "role": role.word} for name, role in accounts.users().items()]
    screens = [
        {"kiosk": number, "name": kiosk.name, "made_at": kiosk.made_at}
        for number, kiosk in accounts.kiosks().items()
    ]
    if as_json:
        say(json.dumps({"schema": 1, "users": people, "kiosks": screens}, indent=2))
        return
    rows = [(one["user"], one["role"]) for one in people]
    rows += [(f"{one['name']} ({one['kiosk']})", "kiosk") for one in screens]
    table(("who", "role"), rows)
