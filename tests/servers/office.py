"""
A dashboard of a staged plant, and its people, without a network between them.

    bench = Bench(tmp_path)
    run(bench, test)    # `test` is given what asks
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio

from motion_tracking.commands.power import ThisComputer
from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.audit import Audit
from motion_tracking.dashboard.sessions import Sessions
from motion_tracking.dashboard.site import Site
from motion_tracking.record.small import put, put_private
from servers.asgi import Ask, asked
from servers.stage import Stage

CHEAP = {"n": 2, "r": 1, "p": 1}
PEOPLE = {"vera": Role.VIEW, "otto": Role.OPERATE, "anna": Role.ADMIN}


class Bench:
    """A dashboard of a staged plant, and the cookies of its people."""

    def __init__(
        self,
        folder: Path,
        root: str = "",
        hosts: tuple[str, ...] = (),
        computer: ThisComputer | None = None,
    ) -> None:
        self.utc = 1_800_000_000.0
        self.plant = Stage()
        self.accounts = Accounts(folder / "accounts.json", put_private, CHEAP)
        self.passwords = {
            name: self.accounts.add(name, role)
            for name, role in PEOPLE.items()
            if name not in self.accounts.users()
        }
        self.site = Site(
            plant=self.plant,
            accounts=self.accounts,
            sessions=Sessions(self.accounts, "8787", lambda: self.utc, "link-token"),
            alarms=Alarms(folder / "acknowledged.json", put),
            audit=Audit(folder / "audit.jsonl", lambda: self.utc),
            computer=computer or ThisComputer(False),
            utc=lambda: self.utc,
            hosts=("localhost", *hosts),
            root=root,
        )

    async def cookie(self, ask: Ask, **body: str) -> str:
        answer = await ask("POST", "/api/session", body)
        assert answer.status == 200, answer.body
        return answer.headers["set-cookie"].partition(";")[0]

    async def sign_in(self, ask: Ask, name: str) -> str:
        return await self.cookie(ask, user=name, password=self.passwords[name])


def run(bench: Bench, test: Callable[[Ask], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asked(bench.site.app()) as ask:
            await test(ask)

    anyio.run(main)
