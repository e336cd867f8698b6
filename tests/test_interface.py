"""Is the interface as it is described, and is nothing that is asked a fault of ours?"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from motion_tracking import __version__
from motion_tracking.commands.power import ThisComputer
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.interface import FACTS, described
from motion_tracking.dashboard.rules import Rule
from motion_tracking.record.history import Heartbeat, History
from servers.asgi import Ask
from servers.dashboard import Dashboard, account
from servers.office import Bench, run
from servers.plant import PATIENCE, Plant

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
CAMERA = {"channel": 802, "ix": 30, "iy": 0, "ix2": 0, "iy2": 20, "threshold": 300}
KNOWN = {"machine": "press1", "number": "1", "format": "json", "user": "vera", "kiosk": "0"}

EXAMPLES, DEAR = 7, 1
"""How much is asked of a route, and of one that takes its time."""

SLOW = ("/api/reports/{format}", "/api/calibration", "/api/notifiers/test")
ENDLESS = "/api/machines/{machine}/stream.mjpeg"
NOWHERE = "rtsp://127.0.0.1:9/nothing"


def rules_of(bench: Bench) -> list[Rule]:
    return [rule for rule in bench.site.listed if rule.method != "WS"]


def test_every_route_is_described_and_nothing_else(tmp_path: Path) -> None:
    bench = Bench(tmp_path, computer=ThisComputer(True, {}, "win32"))
    assert {f"{rule.method} {rule.path}" for rule in rules_of(bench)} == set(FACTS)


def test_the_description_is_served_to_who_may_look(tmp_path: Path) -> None:
    bench = Bench(tmp_path, root="/plant")

    async def test(ask: Ask) -> None:
        assert (await ask("GET", "/api/openapi.json")).status == 401
        vera = await bench.sign_in(ask, "vera")
        found = (await ask("GET", "/api/openapi.json", cookie=vera)).json
        assert found == described(rules_of(bench), __version__, "/plant")
        assert found["servers"] == [{"url": "/plant"}]
        assert "/api/host/restart" not in found["paths"], "only what is there"
        pause = found["paths"]["/api/machines/{machine}/pause"]["post"]
        assert pause["x-role"] == "operate"
        fields = pause["requestBody"]["content"]["application/json"]["schema"]
        assert (fields["required"], set(fields["properties"])) == (
            ["minutes"],
            {"minutes", "reason"},
        )

    run(bench, test)


@dataclass
class Asked:
    """A real dashboard, an admin of it, and its own description."""

    url: str
    session: requests.Session
    schema: Any


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    import schemathesis

    plant = Plant(tmp_path_factory.mktemp("asked"))
    plant.configure(
        {"press1": CAMERA, "press2": CAMERA},
        stream={"ip_address": "127.0.0.1", "port": 9},
        storage={"logs": plant.folder / "logs"},
    )
    remember(plant)
    password = account(plant, "anna", "admin")
    with Dashboard(plant) as dashboard, requests.Session() as session:
        url = f"http://127.0.0.1:{dashboard.port}"
        session.headers["Origin"] = url
        body = {"user": "anna", "password": password}
        assert session.post(f"{url}/api/session", json=body, timeout=PATIENCE).ok
        found = session.get(f"{url}/api/openapi.json", timeout=PATIENCE).json()
        yield Asked(url, session, schemathesis.openapi.from_dict(found))


def remember(plant: Plant) -> None:
    """Let press1 have run and stopped."""
    hours = [datetime.now(UTC) - timedelta(hours=h) for h in (3, 2, 1)]
    with History(plant.history) as history:
        for before, at, after in zip(hours, hours[1:], (RUNNING, STOPPED), strict=False):
            stop = at if after is STOPPED else None
            state = MachineState.UNKNOWN if after is RUNNING else RUNNING
            history.append(Change("press1", state, after, None, at, at, before, stop))
        history.beat(Heartbeat("press1", hours[2], 1, STOPPED, None, hours[2]))


@pytest.mark.slow
def test_nothing_that_is_asked_is_a_fault_of_ours(asked: Asked) -> None:
    """Each route of a real dashboard, by an admin, with what its description allows and forbids."""
    found = [result.ok() for result in asked.schema.get_all_operations()]
    assert len(found) >= 50
    statuses: dict[str, set[int]] = {}
    for operation in found:
        if operation.path == ENDLESS or operation.label == "DELETE /api/session":
            continue
        statuses[operation.label] = set()
        for wrong in (False, True):
            # where nothing is asked along, nothing of it can be wrong
            with suppress(*[Unsatisfiable] * wrong):
                statuses[operation.label] |= ask(asked, operation, wrong)
    # what is described can be asked: it is not all refused as senseless
    senseless = {label for label, codes in statuses.items() if codes <= {400, 413, 415}}
    assert senseless == set()
    assert {200, 400, 404, 409} <= set().union(*statuses.values())
    shut_out = {label for label, codes in statuses.items() if 401 in codes}
    assert shut_out <= {"POST /api/session"}


def ask(asked: Asked, operation: Any, wrong: bool) -> set[int]:
    """Ask for one thing some times; return the statuses of the answers."""
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    mode = GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE
    statuses: set[int] = set()

    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    @settings(
        max_examples=DEAR if operation.path in SLOW else EXAMPLES,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def once(case: Any, data: st.DataObject) -> None:
        at_home(case, data)
        if wrong:
            beside(case, data)
        answer = case.call(base_url=asked.url, session=asked.session, timeout=PATIENCE)
        case.validate_response(answer, checks=wanted)
        statuses.add(answer.status_code)
        assert "\n" not in str(answer.headers)

    once()
    return statuses


def at_home(case: Any, data: st.DataObject) -> None:
    """Ask as who is signed in, mostly for what there is, and call nobody else's camera."""
    case.headers.pop("Authorization", None)  # made up, and believed before the session is
    for name, value in KNOWN.items():
        if name in case.path_parameters and data.draw(st.integers(0, 3)):
            case.path_parameters[name] = value
    if isinstance(case.body, dict) and re.match("rtsps?:", str(case.body.get("source")), re.I):
        case.body["source"] = NOWHERE


WEIRD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["</script><img src=x onerror=alert(1)>", "../../etc/passwd", "a\r\nX: y"]),
    st.lists(st.integers(), max_size=3),
    st.just({}),
)


def beside(case: Any, data: st.DataObject) -> None:
    """Ask half the time for what is right but for its values: nobody else would get so far."""
    facts = FACTS[case.operation.label]
    if data.draw(st.booleans()):
        return
    if facts.body:
        case.body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(facts.body, WEIRD)))
    if facts.query:
        wild = st.fixed_dictionaries({}, optional=dict.fromkeys(facts.query, WEIRD.map(str)))
        case.query = data.draw(wild)
