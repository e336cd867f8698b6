"""May an admin restart the computer from the dashboard, and only where that is allowed?"""

import json
import sys
from pathlib import Path

import pytest

from motion_tracking.commands.power import UNIX, WINDOWS, ThisComputer
from motion_tracking.config import load
from motion_tracking.dashboard.refusals import RefusedError
from servers.asgi import Ask
from servers.office import Bench, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are shell scripts here")

FAKE = """#!/bin/sh
echo "$(basename $0)" "$@" >> {told}
echo "{text}" >&2
exit {code}
"""


class Programs:
    """Programs of our own in place of those that would really do it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._told = folder / "told.txt"

    @property
    def told(self) -> list[str]:
        return self._told.read_text("utf-8").splitlines() if self._told.exists() else []

    def put(self, name: str, code: int = 0, text: str = "") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FAKE.format(told=self._told, text=text, code=code), "utf-8")
        path.chmod(0o755)

    def computer(self, allowed: bool = True, platform: str = "linux") -> ThisComputer:
        environ = {"PATH": str(self.folder), "SystemRoot": str(self.folder)}
        return ThisComputer(allowed, environ, platform)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    # where there is one of that name, ours come first; the real ones are never to be reached
    monkeypatch.setattr("motion_tracking.commands.power.SYSTEM_FOLDERS", ())
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return Programs(folder)


def test_each_system_is_asked_in_its_own_words(programs: Programs) -> None:
    programs.put("systemctl")
    programs.put("System32/shutdown.exe")
    programs.computer().restart()
    programs.computer().shut_down()
    programs.computer(platform="win32").restart()
    programs.computer(platform="win32").shut_down()
    assert programs.told == [
        "systemctl --no-ask-password reboot",
        "systemctl --no-ask-password poweroff",
        "shutdown.exe /r /t 5",
        "shutdown.exe /s /t 5",
    ]


def test_where_one_way_fails_the_next_is_tried(programs: Programs) -> None:
    programs.put("systemctl", 1, "System has not been booted with systemd")
    programs.put("shutdown")
    programs.computer().restart()
    assert programs.told[-1] == "shutdown -r now"


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_that_it_did_not_happen_is_told(programs: Programs, platform: str) -> None:
    with pytest.raises(RefusedError, match="there is no"):
        programs.computer(platform=platform).restart()
    for name in ("systemctl", "shutdown", "System32/shutdown.exe"):
        programs.put(name, 1, f"first\nCall failed: {name}\x1b[2J may not")
    with pytest.raises(RefusedError, match="did not restart: Call failed") as refused:
        programs.computer(platform=platform).restart()
    assert "\x1b" not in str(refused.value)
    assert "right" in refused.value.hint


def test_what_is_called_is_fixed_and_no_shell() -> None:
    """Only fixed words: a name, switches, verbs and numbers."""
    for ways in (*UNIX.values(), *WINDOWS.values()):
        for command in ways:
            assert all(
                word.replace("-", "").replace("/", "").replace(".", "").isalnum()
                for word in command
            )


def test_without_a_word_in_the_configuration_there_is_no_such_route(
    tmp_path: Path, programs: Programs
) -> None:
    programs.put("systemctl")
    assert not load(tmp_path, {}).host_power
    (tmp_path / "config_stream.ini").write_text("[dashboard]\nhost_power = yes\n")
    assert load(tmp_path, {}).host_power
    bench = Bench(tmp_path, computer=programs.computer(allowed=False))

    async def test(ask: Ask) -> None:
        anna = await bench.sign_in(ask, "anna")
        about = (await ask("GET", "/api/host", cookie=anna)).json
        assert about["allowed"] is False
        for what in ("restart", "shutdown"):
            body = {"confirm": about["name"]}
            assert (await ask("POST", f"/api/host/{what}", body, cookie=anna)).status == 404

    run(bench, test)
    assert programs.told == []
    with pytest.raises(RefusedError):
        programs.computer(allowed=False).restart()


def noted(folder: Path) -> list[tuple[str, str, str]]:
    lines = (folder / "audit.jsonl").read_text("utf-8").splitlines()
    return [(line["by"], line["what"], line["outcome"]) for line in map(json.loads, lines)]


def test_an_admin_alone_confirms_by_name_and_is_noted(tmp_path: Path, programs: Programs) -> None:
    programs.put("systemctl")
    computer = programs.computer()
    bench = Bench(tmp_path, computer=computer)
    right = {"confirm": computer.name}

    async def test(ask: Ask) -> None:
        anna, otto = [await bench.sign_in(ask, name) for name in ("anna", "otto")]
        path = "/api/host/restart"
        assert (await ask("POST", path, right, cookie=otto)).status == 403
        assert (await ask("POST", path, right)).status == 401
        foreign = await ask("POST", path, right, cookie=anna, origin="http://evil.example")
        assert foreign.status == 403
        for wrong in ({}, {"confirm": True}, {"confirm": "; reboot"}, {"confirm": "$(reboot)"}):
            assert (await ask("POST", path, wrong, cookie=anna)).status == 400
        assert programs.told == []
        injected = {**right, "command": "rm", "arguments": ["-rf"], "when": "; id"}
        assert (await ask("POST", path, injected, cookie=anna)).json["restarting"]
        assert programs.told == ["systemctl --no-ask-password reboot"]
        programs.put("systemctl", 1, "Interactive authentication required.")
        refused = await ask("POST", "/api/host/shutdown", right, cookie=anna)
        assert refused.status == 409
        assert "Interactive authentication required" in refused.json["error"]

    run(bench, test)
    assert noted(tmp_path)[-4:] == [
        ("anna", "restart of the computer", "begun"),
        ("anna", "POST /api/host/restart", "200"),
        ("anna", "shutdown of the computer", "begun"),
        ("anna", "POST /api/host/shutdown", "409"),
    ]


def test_changes_are_noted_with_who_and_what_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)

    async def test(ask: Ask) -> None:
        otto = await bench.sign_in(ask, "otto")
        for n in range(7):
            wrong = {"user": "anna", "password": f"guess{n}"}
            await ask("POST", "/api/session", wrong, client="10.0.0.7")
        await ask("GET", "/api/plant", cookie=otto)
        path = "/api/machines/press1/threshold"
        assert (await ask("POST", path, {"threshold": 5}, cookie=otto)).status == 200
        monkeypatch.setattr("motion_tracking.dashboard.audit.LARGEST", 10)
        assert (await ask("POST", path, {"threshold": 6}, cookie=otto)).status == 200

    run(bench, test)
    assert noted(tmp_path) == [("otto", "POST /api/machines/press1/threshold", "200")]
    before = (tmp_path / "audit.before.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in before.splitlines()]
    assert [line["outcome"] for line in lines] == ["200", *["401"] * 5, "200"]
    assert {line["from"] for line in lines} == {"127.0.0.1", "10.0.0.7"}
    assert not any(secret in before for secret in ("guess", *bench.passwords.values()))
    if sys.platform != "win32":
        assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0
