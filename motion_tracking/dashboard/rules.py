"""
What can be asked of the dashboard, and who may ask it?

Routes are made of rules alone, and a request is let in by the rule of its route alone: what has no
rule cannot be reached.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute
from starlette.types import Scope

from motion_tracking.dashboard.accounts import AccountsError, Role
from motion_tracking.dashboard.guard import Refusal
from motion_tracking.dashboard.plant import Plant, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError, said
from motion_tracking.dashboard.sessions import Sessions, Who
from motion_tracking.dashboard.wishes import SenselessError, wish_of

Json = Any
T = TypeVar("T")

WHO = "motion_tracking.who"
"""Where the scope has who asks."""

LONGEST_SPAN = timedelta(days=400)


@dataclass(eq=False)
class Asked:
    """One request, as an action takes it; `wish` is empty where there was no body."""

    request: Request
    wish: dict[str, Json]
    plant: Plant

    @property
    def who(self) -> Who | None:
        """Who asks; nobody, where the rule lets in anybody."""
        return self.request.scope.get(WHO)

    @property
    def name(self) -> str:
        """How who asks is called, for people."""
        who = self.who
        if who is None:
            return ""
        return who.name if who.kind == "account" else who.kind

    @property
    def machine(self) -> str:
        """The machine of the path."""
        return known(self.plant, self.request.path_params["machine"])

    def span(self, now: datetime, longest: timedelta = LONGEST_SPAN) -> Range:
        """Return the time between `from` and `to`; the last day, if neither is said."""
        end = self._time("to") or now
        start = self._time("from") or end - timedelta(days=1)
        if not start < end:
            raise SenselessError("from must be before to")
        if end - start > longest:
            raise SenselessError(f"at most {longest.days} days")
        return Range(start, end)

    def machines(self) -> Sequence[str]:
        """Return the machines that are asked for: all, if none is named."""
        named = self.request.query_params.getlist("machine")
        return [known(self.plant, name) for name in named] or list(self.plant.names())

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number of the query."""
        text = self.request.query_params.get(key, str(default))
        digits = text.isascii() and text.isdigit() and len(text) < 10
        if not (digits and least <= int(text) <= most):
            raise SenselessError(f"{key}: a whole number from {least} to {most} is needed")
        return int(text)

    def confirmed(self) -> str:
        """Return the machine of the path, if the body names it once more."""
        if self.wish.get("confirm") != self.machine:
            raise SenselessError("confirm: the name of the machine is needed once more")
        return self.machine

    def _time(self, key: str) -> datetime | None:
        text = self.request.query_params.get(key)
        return None if text is None else moment(key, text)


Action = Callable[[Asked], Awaitable[Json | Response]]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What may be asked, and from which role on; None lets in anybody.

    `answer` takes a websocket where `method` is WS.
    """

    method: str
    path: str
    role: Role | None
    answer: Callable[..., Awaitable[Any]]

    def route(self, plant: Plant) -> BaseRoute:
        """Make the route of it."""
        if self.method == "WS":
            return WebSocketRoute(self.path, self.answer)
        return Route(self.path, _answering(self.answer, plant), methods=[self.method])


class Rules:
    """All rules, and what lies behind each."""

    def __init__(
        self, rules: Iterable[Rule], plant: Plant, mounts: Sequence[tuple[Mount, Role | None]]
    ) -> None:
        """Besides the rules there are `mounts`: all below a path, for one role."""
        self._doors: list[tuple[BaseRoute, Role | None]] = [
            *((rule.route(plant), rule.role) for rule in rules),
            *mounts,
        ]

    @property
    def doors(self) -> list[tuple[BaseRoute, Role | None]]:
        """All routes, and from which role on each is open."""
        return list(self._doors)

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes, for the application."""
        return [route for route, _ in self._doors]

    def role_of(self, scope: Scope) -> tuple[bool, Role | None]:
        """Return whether a rule covers what is asked, and from which role on it may be."""
        partial: tuple[bool, Role | None] = (False, None)
        for route, role in self._doors:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return True, role
            if match is Match.PARTIAL and not partial[0]:
                partial = True, role
        return partial

    def admit(self, scope: Scope, sessions: Sessions) -> Refusal | None:
        """Say why somebody may not ask that; else note in the scope who it is."""
        covered, role = self.role_of(scope)
        try:
            who = sessions.who(scope)
        except AccountsError:
            who = None
        scope[WHO] = who
        if covered and role is None:
            return None
        if who is None:
            return 401, "sign in first"
        if role is not None and who.role < role:
            return 403, f"that takes the role {role.word}"
        return None


def known(plant: Plant, machine: object) -> str:
    """Return the name of a machine that there is; raise `NotThereError`."""
    if not isinstance(machine, str) or machine not in plant.names():
        raise NotThereError("there is no such machine")
    return machine


def moment(key: str, text: object) -> datetime:
    """Return a moment in UTC; raise `SenselessError` for what is none."""
    try:
        # a + of an offset that was not quoted is a blank by now
        found = datetime.fromisoformat(str(text).replace(" ", "+"))
        if found.tzinfo is None or not 1971 <= found.year <= 9000:
            raise ValueError
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SenselessError(f"{key}: a time as 2026-11-21T15:45:00+01:00 is needed") from None


async def apart(what: Callable[..., T], *arguments: object) -> T:
    """Call something that blocks, in a thread."""
    return await to_thread.run_sync(what, *arguments, abandon_on_cancel=True)


def _answering(action: Action, plant: Plant) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of an action: JSON of ours, or why not."""

    async def answer(request: Request) -> Response:
        try:
            # nobody who is not signed in learns which machines there are
            if request.scope.get(WHO) and "machine" in request.path_params:
                known(plant, request.path_params["machine"])
            found = await action(Asked(request, await _body(request), plant))
        except SenselessError as error:
            status = error.status
            return JSONResponse({"schema": 1, "error": str(error), "hint": ""}, status)
        except NotThereError as error:
            return JSONResponse(said(error), 404)
        except RefusedError as error:
            return JSONResponse(said(error), 409)
        return found if isinstance(found, Response) else JSONResponse({"schema": 1, **found})

    return answer


async def _body(request: Request) -> dict[str, Json]:
    if request.method != "POST":
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NoJsonError("the body must be JSON, and say so in Content-Type")
    return await wish_of(request)


class NoJsonError(SenselessError):
    """The body is of another kind."""

    status = 415
