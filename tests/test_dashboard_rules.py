"""Who may ask the dashboard for what?  Each of its routes, by each role, from each page."""

import json
import os
import re
import stat
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Mount, Route, WebSocketRoute

from motion_tracking.commands.power import ThisComputer
from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.plant import File
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.dashboard.sessions import LASTS, Sessions
from motion_tracking.dashboard.tries import Tries
from motion_tracking.record.small import put, put_private
from servers.asgi import ORIGIN, Answer, Ask
from servers.office import CHEAP, PEOPLE, Bench, run

FILLED = {
    "machine": "press1",
    "user": "vera",
    "kiosk": "00000000",
    "number": "1",
    "format": "csv",
}
ALL = ("PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "DELETE", "POST", "GET", "HEAD")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    # with every route there may be, and no program that would do it
    computer = ThisComputer(True, {"SystemRoot": str(tmp_path)}, "win32")
    return Bench(tmp_path, computer=computer)


def doors(bench: Bench) -> list[tuple[str, str, Role | None]]:
    """List method, a path, and role of each route."""
    found = []
    for route, role in bench.site.rules.doors:
        path = re.sub(r"{(\w+)}", lambda match: FILLED[match[1]], route.path)  # type: ignore[attr-defined]
        if isinstance(route, WebSocketRoute):
            found.append(("WS", path, role))
        elif isinstance(route, Mount):
            found.append(("GET", f"{path}/page.css", role))
        else:
            assert isinstance(route, Route)
            assert route.methods
            found += [(method, path, role) for method in sorted(route.methods)]
    return found


def test_every_route_of_the_application_has_a_rule(bench: Bench) -> None:
    assert [route for route, _ in bench.site.rules.doors] == bench.site.rules.routes
    open_ones = {path for _, path, role in doors(bench) if role is None}
    assert open_ones == {
        *("/", "/timeline", "/m/press1", "/reports", "/setup", "/kiosk", "/login"),
        *("/healthz", "/readyz", "/api/session", "/static/page.css"),
    }
    changes = [role for method, path, role in doors(bench) if method in ("POST", "DELETE")]
    assert len(changes) >= 24


def test_every_route_is_documented(bench: Bench) -> None:
    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
    names = {"{machine}": "NAME", "{number}": "ID", "{kiosk}": "ID", "{user}": "USER"}
    for route, _ in bench.site.rules.doors:
        path = route.path.removeprefix("/")  # type: ignore[attr-defined]
        for ours, shown in (*names.items(), ("{format}", "FORMAT")):
            path = path.replace(ours, shown)
        assert path in page, path


def test_each_role_may_do_what_it_may_and_no_more(bench: Bench) -> None:
    """Route by role: 401 without a session, 403 below the role, neither from it on."""

    async def test(ask: Ask) -> None:
        cookies = {name: await bench.sign_in(ask, name) for name in PEOPLE}
        _, token = bench.accounts.add_kiosk("hall", "now")
        cookies["kiosk"] = await bench.cookie(ask, token=token)
        cookies["link"] = await bench.cookie(ask, token="link-token")
        roles = PEOPLE | {"kiosk": Role.VIEW, "link": Role.ADMIN}
        for method, path, needed in doors(bench):
            body = {} if method == "POST" else None
            nobody = (await ask(method, path, body)).status
            if needed is None:
                assert nobody not in (401, 403) or (method, path) == ("POST", "/api/session")
            else:
                assert nobody == (403 if method == "WS" else 401), (method, path)
            for name, role in roles.items():
                if path == "/api/users/vera" or (method, path) == ("DELETE", "/api/session"):
                    continue  # tried below, for it ends what is tried here
                if path.startswith("/api/users/vera/password"):
                    continue
                # at ten pictures a second a stream ends sooner after who looks has gone
                answer = await ask(method, path, body, cookie=cookies[name], query="fps=10")
                assert answer.status < 500, (method, path, name, answer.body)
                if needed is not None:
                    refused = answer.status in (401, 403)
                    assert refused == (role < needed), (method, path, name, answer.status)

    run(bench, test)


def test_a_program_brings_a_token_and_may_look_only(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        number, token = bench.accounts.add_kiosk("program", "now")
        bearer = {"authorization": f"Bearer {token}", "origin": None}
        assert (await ask("GET", "/api/plant", **bearer)).status == 200
        assert (await ask("WS", "/api/feed", **bearer)).status == 101
        assert (await ask("POST", "/api/machines/press1/pause", {}, **bearer)).status == 403
        for wrong in (
            "Bearer",
            "Bearer x",
            f"Basic {token}",
            f"Bearer {token}\u00e9",
            "Bearer \xff",
        ):
            answer = await ask("GET", "/api/plant", authorization=wrong, origin=None)
            assert answer.status == 401
        bench.accounts.remove_kiosk(number)
        assert (await ask("GET", "/api/plant", **bearer)).status == 401

    run(bench, test)


FOREIGN = (
    "http://evil.example",
    "null",
    "http://localhost",
    "http://localhost:9999",
    f"{ORIGIN}.evil.example",
    f"{ORIGIN}/",
    f"https://evil.example?{ORIGIN}",
    None,
)


def test_another_page_can_change_and_hear_nothing(bench: Bench) -> None:
    """Route by origin, with the cookie of an admin: 403 for each change and websocket."""

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for method, path, _ in doors(bench):
            if method in ("GET", "HEAD"):
                continue
            for origin in FOREIGN:
                body = {} if method == "POST" else None
                answer = await ask(method, path, body, cookie=cookie, origin=origin)
                assert answer.status == 403, (method, path, origin)
        assert bench.plant.told == []
        assert list(bench.accounts.users()) == sorted(PEOPLE)

    run(bench, test)


def test_a_foreign_name_is_refused_everywhere(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for method, path, _ in doors(bench):
            for host in (
                "evil.example",
                "localhost.evil.example:8787",
                "",
                "localhost@evil",
                "[::1",
            ):
                body = {} if method == "POST" else None
                origin = f"http://{host}"
                answer = await ask(method, path, body, cookie=cookie, host=host, origin=origin)
                assert answer.status == 403, (method, path, host)

    run(bench, test)


def test_what_has_no_rule_is_not_there(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for path in ("/api", "/api/nothing", "/static/../accounts.json", "/static/%2e%2e/x", "//"):
            assert (await ask("GET", path)).status in (401, 404)
            assert (await ask("GET", path, cookie=cookie)).status == 404
        for method in ALL:
            answer = await ask(method, "/api/plant", None, cookie=cookie)
            assert answer.status in ((200,) if method in ("GET", "HEAD") else (405,))

    run(bench, test)


def test_every_answer_keeps_scripts_of_others_out(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        for path in ("/", "/api/plant", "/static/page.css", "/healthz", "/api/nothing"):
            policy = (await ask("GET", path)).headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy

    run(bench, test)


def test_a_password_opens_the_door_and_the_cookie_is_for_us_alone(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        body = {"user": "otto", "password": bench.passwords["otto"]}
        answer = await ask("POST", "/api/session", body)
        assert answer.json["role"] == "operate"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        mine = cookie.partition(";")[0]
        assert (await ask("GET", "/api/session", cookie=mine)).json["user"] == "otto"
        nobody = (await ask("GET", "/api/session")).json
        assert (nobody["user"], nobody["role"]) == (None, None)
        for user, password in (("otto", "wrong"), ("nobody", "x"), ("anna", body["password"])):
            answer = await ask("POST", "/api/session", {"user": user, "password": password})
            assert answer.status == 401
            assert "set-cookie" not in answer.headers
        gone = (await ask("DELETE", "/api/session", cookie=mine)).headers["set-cookie"]
        assert "Max-Age=0" in gone

    run(bench, test)


def test_a_forged_or_old_cookie_is_nobody(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        mine = await bench.sign_in(ask, "vera")
        name, _, value = mine.partition("=")
        text, _, signature = value.strip('"').rpartition(".")
        other = Sessions(Accounts(Path("nowhere"), put_private, CHEAP), "8787", lambda: 0.0)
        for forged in (
            f"{text[:-4]}AAAA.{signature}",
            f"{text}.{other._signed(text)}",
            f"{text}.",
            f".{signature}",
            "",
            ".",
            "x" * 5000,
            "\udcff.\udcff",
        ):
            assert (await ask("GET", "/api/plant", cookie=f"{name}={forged}")).status == 401
        assert (await ask("GET", "/api/plant", cookie=mine)).status == 200
        bench.utc += LASTS + 1
        assert (await ask("GET", "/api/plant", cookie=mine)).status == 401

    run(bench, test)


def test_a_session_ends_with_its_account_its_password_and_its_kiosk(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        anna, vera = [await bench.sign_in(ask, name) for name in ("anna", "vera")]
        made = (await ask("POST", "/api/kiosks", {"name": "hall"}, cookie=anna)).json
        screen = await bench.cookie(ask, token=made["token"])
        assert (await ask("GET", "/api/plant", cookie=screen)).status == 200
        await ask("DELETE", f"/api/kiosks/{made['id']}", cookie=anna)
        assert (await ask("GET", "/api/plant", cookie=screen)).status == 401

        anew = (await ask("POST", "/api/users/vera/password", {}, cookie=anna)).json["password"]
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 401
        bench.passwords["vera"] = anew
        vera = await bench.sign_in(ask, "vera")
        body = {"old": anew, "new": "a long enough password"}
        answer = await ask("POST", "/api/session/password", body, cookie=vera)
        assert answer.status == 200
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 401
        vera = answer.headers["set-cookie"].partition(";")[0]
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 200
        await ask("DELETE", "/api/users/vera", cookie=anna)
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 401
        last = await ask("DELETE", "/api/users/anna", cookie=anna)
        assert (last.status, "last admin" in last.json["error"]) == (409, True)

    run(bench, test)


def test_an_account_that_is_removed_by_another_process_is_out_at_once(
    bench: Bench, tmp_path: Path
) -> None:
    async def test(ask: Ask) -> None:
        vera = await bench.sign_in(ask, "vera")
        Accounts(tmp_path / "accounts.json", put_private, CHEAP).remove("vera")
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 401
        (tmp_path / "accounts.json").write_text("{damaged")
        assert (await ask("GET", "/api/plant", cookie=vera)).status == 401
        answer = await ask("POST", "/api/session", {"user": "anna", "password": "x"})
        assert answer.status == 409
        assert (await ask("GET", "/healthz")).status == 200

    run(bench, test)


def test_the_link_holds_for_one_run(bench: Bench, tmp_path: Path) -> None:
    cookies: list[str] = []

    async def first(ask: Ask) -> None:
        cookies.append(await bench.cookie(ask, token="link-token"))

    async def later(ask: Ask) -> None:
        assert (await ask("GET", "/api/plant", cookie=cookies[0])).status == 401

    run(bench, first)
    run(Bench(tmp_path), later)


def test_a_session_outlives_a_restart(bench: Bench, tmp_path: Path) -> None:
    cookies: list[str] = []

    async def first(ask: Ask) -> None:
        cookies.append(await bench.sign_in(ask, "otto"))

    async def later(ask: Ask) -> None:
        assert (await ask("GET", "/api/plant", cookie=cookies[0])).status == 200

    run(bench, first)
    run(Bench(tmp_path), later)


def test_of_a_thousand_tries_at_most_twenty_an_hour_are_looked_at(bench: Bench) -> None:
    looked_at = 0

    async def test(ask: Ask) -> None:
        nonlocal looked_at
        for n in range(1000):
            body = {"user": "anna", "password": str(n)}
            answer = await ask("POST", "/api/session", body, client=f"10.0.{n % 250}.1")
            looked_at += answer.status == 401
            if answer.status == 429:
                assert int(answer.headers["retry-after"]) > 0
            bench.utc += 3.5
        right = {"user": "anna", "password": bench.passwords["anna"]}
        assert (await ask("POST", "/api/session", right)).status == 429

    run(bench, test)
    assert looked_at <= 20


def test_one_address_cannot_try_many_accounts_or_tokens() -> None:
    tries = Tries()
    passed = sum(tries.wait(["from here", f"at {n}"], n) == 0 for n in range(59))
    assert passed == 5
    assert tries.wait(["from elsewhere"], 59) == 0
    assert tries.wait(["from here"], 61) == 0
    tries.forgive(["from here"])
    assert tries.wait(["from here"], 61) == 0


def test_passwords_are_nowhere_to_be_read(bench: Bench, tmp_path: Path) -> None:
    text = (tmp_path / "accounts.json").read_text()
    _, token = bench.accounts.add_kiosk("hall", "now")
    for secret in (*bench.passwords.values(), token):
        assert len(secret) >= 20
        assert secret not in text
    held = json.loads(text)
    assert held["users"]["anna"]["scrypt"] not in repr(bench.accounts._held)
    assert held["key"] not in repr(bench.accounts._held)
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "accounts.json").stat().st_mode) == 0o600


def test_accounts_say_what_is_wrong(bench: Bench) -> None:
    for name in ("", "../x", "a b", "x" * 65, "-x", "\u00e9", "</script>"):
        with pytest.raises(RefusedError):
            bench.accounts.add(name, Role.VIEW)
    with pytest.raises(RefusedError, match="already"):
        bench.accounts.add("anna", Role.VIEW)
    with pytest.raises(NotThereError):
        bench.accounts.remove("nobody")
    for short in ("", "short", "x" * 300):
        with pytest.raises(RefusedError):
            bench.accounts.set_password("anna", short)


def test_behind_a_proxy_paths_come_with_and_without_the_root(tmp_path: Path) -> None:
    bench = Bench(tmp_path, root="/plant", hosts=("mes.example",))

    async def test(ask: Ask) -> None:
        host, origin = "mes.example", "https://mes.example"
        body = {"user": "anna", "password": bench.passwords["anna"]}
        answer = await ask("POST", "/plant/api/session", body, host=host, origin=origin)
        cookie = answer.headers["set-cookie"]
        assert "Path=/plant" in cookie
        mine = cookie.partition(";")[0]
        for path in ("/plant/api/plant", "/api/plant"):
            assert (await ask("GET", path, host=host, cookie=mine)).status == 200
        for path in ("/plant", "/plant/", "/", "/plant/m/press1"):
            answer = await ask("GET", path, host=host)
            assert (answer.status, b'<base href="/plant/">' in answer.body) == (200, True), path

    run(bench, test)


def test_health_tells_nothing_of_the_plant(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        assert (await ask("GET", "/readyz")).json == {"schema": 1, "ok": True}
        bench.plant.broken = True
        answer = await ask("GET", "/readyz")
        assert answer.status == 503
        assert b"secret" not in answer.body
        assert (await ask("GET", "/healthz")).status == 200

    run(bench, test)


@given(
    path=st.text(st.characters(codec="utf-8"), max_size=12),
    below=st.sampled_from(["/", "/static/", "/static/../", "/calibration/", "/api/", "/m/"]),
)
@settings(max_examples=20)
def test_no_path_that_nobody_expects_is_a_fault_of_ours(
    tmp_path_factory: pytest.TempPathFactory, path: str, below: str
) -> None:
    """What has no description; for the rest see test_interface.py."""
    bench = Bench(tmp_path_factory.mktemp("walk"))

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for method in ("GET", "HEAD", "POST"):
            answer = await ask(method, below + path, cookie=cookie)
            assert answer.status < 500, (method, below + path, answer.body)

    run(bench, test)


LONG = [
    (b"x" * 5000, 413),
    (b"[" * 4000, 400),
    (b"null", 400),
    (b"\xff\xfe", 400),
    ({"threshold": -1}, 400),
    ({"threshold": 10**10}, 400),
    ({"threshold": 5.5}, 400),
    ({"threshold": True}, 400),
    ({"threshold": "500"}, 400),
    ({"threshold": 500}, 200),
]


def test_a_threshold_is_a_whole_number(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "otto")
        path = "/api/machines/press1/threshold"
        for body, status in LONG:
            assert (await ask("POST", path, body, cookie=cookie)).status == status
        text = await ask("POST", path, b"{}", cookie=cookie, content_type="text/plain")
        assert text.status == 415
        assert (await ask("POST", "/api/machines/x/threshold", {}, cookie=cookie)).status == 404
        assert bench.plant.told == [("threshold", "press1", 500)]

    run(bench, test)


def test_what_cannot_be_undone_is_confirmed_by_name(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for what in ("clips/delete", "restart"):
            path = f"/api/machines/press1/{what}"
            for body in ({}, {"confirm": True}, {"confirm": "press2"}):
                assert (await ask("POST", path, body, cookie=cookie)).status == 400
            assert (await ask("POST", path, {"confirm": "press1"}, cookie=cookie)).status == 200
        assert bench.plant.told == [("delete", "press1"), ("restart", "press1")]
        for body in ({}, {"confirm": "press1"}, {"confirm": 17}, {"confirm": "18"}):
            path = "/api/machines/press1/clips/17/delete"
            assert (await ask("POST", path, body, cookie=cookie)).status == 400
        assert len(bench.plant.told) == 2
        assert (await ask("POST", path, {"confirm": "17"}, cookie=cookie)).status == 200
        assert bench.plant.told[2:] == [("delete", "press1", "17")]

    run(bench, test)


def test_an_alarm_is_acknowledged_once_and_by_its_beginning(bench: Bench, tmp_path: Path) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "otto")
        path = "/api/machines/press1/acknowledge"

        async def alarm() -> Any:
            bench.utc += 1
            plant = (await ask("GET", "/api/plant", cookie=cookie)).json
            return plant["machines"][0]["alarm"]

        assert await alarm() is None
        bench.plant.states["press1"] = "stopped"
        found = await alarm()
        assert (found["kind"], found["acknowledged"]) == ("stopped", None)
        assert (
            await ask("POST", path, {**found, "kind": "deep_sleep"}, cookie=cookie)
        ).status == 409
        done = await ask("POST", path, found, cookie=cookie)
        assert done.json["alarm"]["acknowledged"]["by"] == "otto"
        assert (await alarm())["acknowledged"]["by"] == "otto"
        kept = Alarms(tmp_path / "acknowledged.json", put)
        tile = {"machine": "press1", "state": "stopped", "since": found["since"], "paused": None}
        assert kept.alarm(tile)["acknowledged"]["by"] == "otto"
        bench.plant.states["press1"] = "deep_sleep"
        assert (await alarm())["acknowledged"] is None

    run(bench, test)


def test_a_name_of_a_file_stays_in_its_header(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "vera")
        answer = await ask("GET", "/api/machines/press1/snapshots/1", cookie=cookie)
        assert answer.headers["content-disposition"].startswith("inline; filename*=UTF-8''a%20")
        report = await ask("GET", "/api/reports/csv", cookie=cookie)
        assert report.headers["content-disposition"].startswith("attachment")

    run(bench, test)


def test_a_camera_is_a_number_or_an_rtsp_address_and_nothing_else(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        for place in (
            {"source": "file:///etc/passwd"},
            {"source": "http://10.0.0.1/"},
            {"source": "exec:reboot"},
            {"source": "/etc/passwd"},
            {"source": " rtsp://10.0.0.1/"},
            {"source": "rtsp://10.0.0.1/ -i x"},
            {"source": "rtsp://a\n[x]"},
            {"source": 5},
            {"channel": "simulated:press"},
            {"channel": "../x"},
            {"channel": "8\n[x]"},
            {"machine": "../x"},
            {"machine": "a]\n[b"},
            {"machine": None},
        ):
            body = {"machine": "new", **place}
            answer = await ask("POST", "/api/calibration", body, cookie=cookie)
            assert answer.status == 400, place
        assert bench.plant.told == []
        for place in ({"channel": "802"}, {"source": "RTSPS://10.0.0.1/x"}, {}):
            answer = await ask("POST", "/api/calibration", {"machine": "a", **place}, cookie=cookie)
            assert (answer.status, answer.json["error"]) == (409, "the camera does not answer")
            assert bench.plant.told.pop() == ("calibration", "a", place)
        assert (await ask("GET", "/calibration/", cookie=cookie)).status == 404

    run(bench, test)


def test_a_report_is_of_a_time_and_of_machines_that_there_are_and_nothing_else(
    bench: Bench,
) -> None:
    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "vera")

        async def asks(query: str, form: str = "csv") -> int:
            answer = await ask("GET", f"/api/reports/{form}", query=query, cookie=cookie)
            return answer.status

        for query in (
            "day=--output=/tmp/x",
            "day=2026-11-16%0a--email",
            "day=tomorrow",
            "day=",
            "day=%D9%A2%D9%A0%D9%A2%D9%A6-11-16",
            "week=2026-47",
            "week=2026-W47;reboot",
            "month=2026-11-16",
            "shift=late",
            "shift=$(reboot)",
            "day=today&week=this",
            "day=today&from=2026-11-16T00:00Z",
            "shift=early&month=this",
            "from=2026-11-16T00:00Z&to=--email",
            "from=2000-01-01T00:00Z&to=2026-01-01T00:00Z",
        ):
            assert await asks(query) == 400, query
        for query in ("machine=press3", "machine=--email", "machine=../press1", "machine="):
            assert await asks(f"day=today&{query}") == 404, query
        assert await asks("day=today", "exe") == 404
        assert await asks("day=today", "csv%00") == 404
        assert bench.plant.told == []
        right = {
            "day=2026-11-16": {"day": "2026-11-16"},
            "week=2026-W47": {"week": "2026-W47"},
            "month=last": {"month": "last"},
            "shift=early&day=yesterday": {"shift": "early", "day": "yesterday"},
            "shift=--format=html": {"shift": "--format=html"},
        }
        for query, period in right.items():
            assert await asks(f"{query}&machine=press1&machine=press1") == 200, query
            assert bench.plant.told.pop() == ("report", "csv", ["press1"], period)
        assert await asks("from=2026-11-16T06:00%2B01:00&to=2026-11-16T05:30Z") == 200
        span = {"from": "2026-11-16T05:00:00+00:00", "to": "2026-11-16T05:30:00+00:00"}
        assert bench.plant.told.pop() == ("report", "csv", [], span)

    run(bench, test)


def test_one_report_is_made_at_a_time_and_few_wait(bench: Bench) -> None:
    going, most, free = 0, 0, threading.Event()

    def slow(form: str, machines: object, period: object) -> File:
        nonlocal going, most
        going += 1
        most = max(most, going)
        assert free.wait(60)
        going -= 1
        return File("text/csv", "report.csv", b"")

    bench.plant.report = slow  # type: ignore[method-assign]
    found: list[int] = []

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "vera")

        async def one() -> None:
            answer = await ask("GET", "/api/reports/csv", query="day=today", cookie=cookie)
            found.append(answer.status)
            if found.count(409) == 4:
                free.set()

        async with anyio.create_task_group() as tasks:
            for _ in range(9):
                tasks.start_soon(one)

    run(bench, test)
    assert sorted(found) == [200] * 5 + [409] * 4
    assert most == 1


def test_a_reason_is_given_by_who_is_signed_in(bench: Bench) -> None:
    async def test(ask: Ask) -> None:
        path = "/api/machines/press1/reason"
        body = {"start": "2026-11-16T06:00:00Z", "reason": "failure", "by": "somebody else"}
        vera, otto = [await bench.sign_in(ask, name) for name in ("vera", "otto")]
        assert (await ask("POST", path, body, cookie=vera)).status == 403
        for wrong in ({"start": 5}, {"start": "06:00"}, {"reason": 5}, {"note": "x" * 201}):
            assert (await ask("POST", path, {**body, **wrong}, cookie=otto)).status == 400
        assert bench.plant.told == []
        assert (await ask("POST", path, body, cookie=otto)).status == 200
        assert bench.plant.told[0][3] == {"reason": "failure", "note": "", "by": "otto"}

    run(bench, test)


def test_a_film_is_sent_from_where_the_browser_seeks_to(bench: Bench, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(range(256)) * 20)

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "vera")

        async def part(wanted: str, method: str = "GET") -> Answer:
            path = "/api/machines/press1/clips/1"
            return await ask(method, path, cookie=cookie, range=wanted, accept_encoding="gzip")

        assert (await part("bytes=0-9")).status == 404
        bench.plant.film = film
        found = await part("bytes=256-259")
        assert (found.status, found.body) == (206, bytes(range(4)))
        assert found.headers["content-range"] == "bytes 256-259/5120"
        assert "content-encoding" not in found.headers
        assert found.headers["content-type"] == "video/mp4"
        assert found.headers["content-disposition"].startswith("inline")
        assert (await part("bytes=-3")).body == bytes([253, 254, 255])
        assert (await part("bytes=9999-")).status == 416
        whole = await part("")
        assert (whole.status, len(whole.body)) == (200, 5120)
        assert whole.headers["accept-ranges"] == "bytes"
        for wrong in ("bytes=", "bytes=9-1", "lines=1-2", "bytes=a-b", "bytes=0-0," * 900):
            assert (await part(wrong)).status in (200, 206, 400, 416), wrong
        film.unlink()
        assert (await part("bytes=0-9")).status == 404

    run(bench, test)


def test_what_is_sent_in_passing_is_gone_afterwards(bench: Bench, tmp_path: Path) -> None:
    folders = iter([tmp_path / "one", tmp_path / "two"])

    def report(form: str, machines: object, period: object) -> File:
        folder = next(folders)
        folder.mkdir()
        path = folder / "report.csv"
        if folder.name == "one":
            path.write_bytes(b"x" * 100_000)
        return File("text/csv", path.name, path=path, passing=folder)

    bench.plant.report = report  # type: ignore[method-assign]

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "vera")
        for status in (200, 404):
            answer = await ask("GET", "/api/reports/csv", query="day=today", cookie=cookie)
            assert answer.status == status
        assert not (tmp_path / "one").exists()
        assert not (tmp_path / "two").exists()

    run(bench, test)


def test_markup_in_names_is_data(bench: Bench) -> None:
    markup = "</script><img src=x onerror=alert(1)>"
    bench.plant.site = markup

    async def test(ask: Ask) -> None:
        cookie = await bench.sign_in(ask, "anna")
        answer = await ask("GET", "/api/plant", cookie=cookie)
        assert answer.json["site"] == markup
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for path in ("/m/%3Cimg%3E", f"/m/{markup.replace('/', '')}"):
            assert b"<img" not in (await ask("GET", path)).body
        body = {"minutes": 5, "reason": f"{markup}\r\n\x1b[2J"}
        await ask("POST", "/api/machines/press1/pause", body, cookie=cookie)
        assert bench.plant.told[0][3] == f"{markup}   [2J"

    run(bench, test)
