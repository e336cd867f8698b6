"""
How is the interface told to other programs, in the words of OpenAPI?

Made from the rules themselves, so a route without facts here, or facts without a route, is a fault
that a test finds.  The websocket and the page of `init` are in docs/api.md alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.rules import Rule

Json = Any

JSON, PAGE, PICTURE = "application/json", "text/html", "image/jpeg"
ANY = "*/*"

TEXT = {"type": "string"}
NAME = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
WORDS = {"type": "string", "maxLength": 200}
TIME = {"type": "string", "format": "date-time"}
MACHINES = {"type": "array", "items": TEXT}
ROLE = {"type": "string", "enum": [role.word for role in Role]}
SPAN = {"from": TIME, "to": TIME}
WIDTH = {"type": "integer", "minimum": 64, "maximum": 1920}
DAY = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today|yesterday)$"}
WEEK = {"type": "string", "pattern": "^([0-9]{4}-W[0-9]{2}|this|last)$"}
MONTH = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}|this|last)$"}


def _whole(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most}


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is to be known of a route, beyond its rule.

    `query` are its parameters, none of them needed but those in `needed`; `body` are the fields of
    what is sent, all of them needed but those in `free`.
    """

    says: str
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    answer: str = JSON


ONE = "/api/machines/{machine}"
PASSWORD = {"type": "string", "minLength": 12, "maxLength": 256}

FACTS = {
    **{
        f"GET {path}": Facts("the page itself", answer=PAGE)
        for path in ("/", "/timeline", "/m/{machine}", "/reports", "/setup", "/kiosk", "/login")
    },
    "GET /healthz": Facts("whether the server lives"),
    "GET /readyz": Facts("whether the history can be read"),
    "GET /api/openapi.json": Facts("this description", answer=ANY),
    "GET /api/session": Facts("who asks"),
    "POST /api/session": Facts(
        "signs in, with user and password or with a token",
        body={"user": TEXT, "password": TEXT, "token": TEXT},
        free=("user", "password", "token"),
    ),
    "DELETE /api/session": Facts("signs out"),
    "POST /api/session/password": Facts(
        "changes one's own password", body={"old": TEXT, "new": PASSWORD}
    ),
    "GET /api/users": Facts("the accounts"),
    "POST /api/users": Facts("makes an account", body={"user": NAME, "role": ROLE}),
    "DELETE /api/users/{user}": Facts("removes an account"),
    "POST /api/users/{user}/password": Facts("makes a new password"),
    "GET /api/kiosks": Facts("the kiosks"),
    "POST /api/kiosks": Facts("makes a kiosk", body={"name": TEXT}),
    "DELETE /api/kiosks/{kiosk}": Facts("removes a kiosk"),
    "GET /api/plant": Facts("how every machine is"),
    f"GET {ONE}": Facts("how one machine is, and is set up"),
    f"GET {ONE}/picture.jpg": Facts("the newest picture", query={"width": WIDTH}, answer=PICTURE),
    f"GET {ONE}/stream.mjpeg": Facts(
        "live pictures, without end",
        query={"width": WIDTH, "fps": _whole(1, 10)},
        answer="multipart/x-mixed-replace",
    ),
    "GET /api/timeline": Facts(
        "what machines did, span by span", query=SPAN | {"machine": MACHINES}
    ),
    f"GET {ONE}/motion": Facts("scores over time", query=SPAN | {"points": _whole(10, 5000)}),
    f"GET {ONE}/stops": Facts("the stops, with their reasons", query=SPAN),
    f"GET {ONE}/labels": Facts("what people said that a machine really did"),
    "GET /api/shifts": Facts("the shifts of a time", query=SPAN),
    "GET /api/reasons": Facts("the reasons that a stop can be given"),
    f"GET {ONE}/clips": Facts("clips and pictures of a time", query=SPAN),
    "GET " + ONE + "/clips/{number}": Facts("a clip, or a picture", answer=ANY),
    "GET " + ONE + "/clips/{number}/playable": Facts("a clip as H.264", answer="video/mp4"),
    f"GET {ONE}/around": Facts(
        "what was kept around a moment",
        query={"at": TIME, "seconds": _whole(1, 86400)},
        needed=("at",),
    ),
    f"GET {ONE}/snapshots": Facts("the pictures that somebody asked for"),
    "GET " + ONE + "/snapshots/{number}": Facts("one of them", answer=PICTURE),
    f"POST {ONE}/clips/delete": Facts(
        "deletes all clips and pictures of a machine", body={"confirm": TEXT}
    ),
    "POST " + ONE + "/clips/{number}/delete": Facts("deletes a clip", body={"confirm": TEXT}),
    "GET /api/reports": Facts("which reports there are"),
    "GET /api/reports/{format}": Facts(
        "makes a report",
        query=SPAN | {"day": DAY, "week": WEEK, "month": MONTH, "shift": TEXT, "machine": MACHINES},
        answer=ANY,
    ),
    f"POST {ONE}/threshold": Facts("sets the threshold", body={"threshold": _whole(0, 10**9)}),
    f"POST {ONE}/pause": Facts(
        "pauses detection", body={"minutes": _whole(1, 1440), "reason": WORDS}, free=("reason",)
    ),
    f"POST {ONE}/resume": Facts("ends a pause"),
    f"POST {ONE}/recording": Facts("records, or ends that", body={"on": {"type": "boolean"}}),
    f"POST {ONE}/keep": Facts("keeps what was sent around a moment just now", body={"at": TIME}),
    f"POST {ONE}/snapshot": Facts("keeps the newest picture"),
    f"POST {ONE}/labels": Facts(
        "says what a machine really did",
        body={
            **SPAN,
            "state": {"type": "string", "enum": ["running", "stopped", "no_signal"]},
            "note": WORDS,
        },
        free=("note",),
    ),
    f"POST {ONE}/reason": Facts(
        "says why a machine stopped",
        body={"start": TIME, "reason": WORDS, "note": WORDS},
        free=("reason", "note"),
    ),
    f"POST {ONE}/acknowledge": Facts("looks after an alarm", body={"since": TEXT, "kind": TEXT}),
    f"POST {ONE}/restart": Facts("ends the tracker of a machine", body={"confirm": TEXT}),
    "GET /api/cameras": Facts("the cameras, without any password"),
    "GET /api/checks": Facts("what the last check found"),
    "POST /api/checks": Facts("checks everything"),
    "GET /api/notifiers": Facts("who is told of what"),
    "POST /api/notifiers/test": Facts("sends a test to all of them"),
    "POST /api/calibration": Facts(
        "opens the page of init for a machine",
        body={
            "machine": NAME,
            "channel": {"type": "string", "pattern": "^[0-9]{1,6}$"},
            "source": {"type": "string", "pattern": r"^rtsps?://[A-Za-z0-9.:/_-]{1,80}$"},
        },
        free=("channel", "source"),
    ),
    "GET /api/host": Facts("the computer, and whether it may be restarted from here"),
    "POST /api/host/restart": Facts("restarts the computer", body={"confirm": TEXT}),
    "POST /api/host/shutdown": Facts("shuts the computer down", body={"confirm": TEXT}),
}

REFUSED = {
    "type": "object",
    "properties": {"schema": {"const": 1}, "error": TEXT, "hint": TEXT},
    "required": ["schema", "error", "hint"],
}
SAID = {"type": "object", "properties": {"schema": {"const": 1}}, "required": ["schema"]}


def described(rules: Iterable[Rule], version: str, root: str) -> Json:
    """Return the OpenAPI document of these rules; raise `KeyError` for one without facts."""
    paths: dict[str, dict[str, Json]] = {}
    for rule in rules:
        if rule.method != "WS":
            facts = FACTS[f"{rule.method} {rule.path}"]
            paths.setdefault(rule.path, {})[rule.method.lower()] = _operation(rule, facts)
    return {
        "openapi": "3.1.0",
        "info": {"title": "motion-track", "version": version},
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Refused": REFUSED, "Said": SAID},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "motion_track_PORT"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(rule: Rule, facts: Facts) -> Json:
    said = {"schema": {"$ref": "#/components/schemas/Said"}} if facts.answer == JSON else {}
    made: dict[str, Json] = {
        "summary": facts.says,
        "security": [] if rule.role is None else [{"session": []}, {"token": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": TEXT}
            for name in re.findall(r"{(\w+)}", rule.path)
        ]
        + [
            {"name": name, "in": "query", "required": name in facts.needed, "schema": schema}
            for name, schema in facts.query.items()
        ],
        "responses": {
            "200": {"description": "done", "content": {facts.answer: said}},
            "default": {
                "description": "refused, and why",
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/Refused"}}},
            },
        },
    }
    if rule.role is not None:
        made["x-role"] = rule.role.word
    if rule.method == "POST":
        fields = {
            "type": "object",
            "properties": dict(facts.body),
            "required": [name for name in facts.body if name not in facts.free],
            "additionalProperties": False,
        }
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": fields}}}
    return made
