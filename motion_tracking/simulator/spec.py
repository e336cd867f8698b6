"""
How is a camera described in a file?

    {"port": 8554, "username": "viewer", "password_from": "NAME_OF_AN_ENVIRONMENT_VARIABLE",
     "auth": "digest", "channels": [
       {"number": 802, "machine": "press", "size": [352, 288], "fps": 12, "seed": 0,
        "schedule": {"running": true, "spans": [60, 30], "repeat": true},
        "faults": [{"kind": "stall", "at": 20, "seconds": 5}]}]}

Only `channels`, and in them `number`, must be there; null is the same as nothing.  A `Channel`
is described by `dataclasses.asdict`.  `password` may stand in the file instead.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.faults import Fault
from motion_tracking.simulator.schedule import Schedule

Json = Any
T = TypeVar("T")

_CAMERA = {
    "port": int,
    "username": str,
    "password": str,
    "password_from": str,
    "auth": str,
    "channels": list,
}
_CHANNEL = {
    "number": int,
    "machine": str,
    "schedule": dict,
    "size": list,
    "fps": int,
    "faults": list,
    "seed": int,
    "first_timestamp": int,
    "key_every": int,
}
_SCHEDULE = {"running": bool, "spans": list, "repeat": bool}
_FAULT = {"kind": str, "at": float, "seconds": float, "amount": float, "size": list}

_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def camera(spec: Json, environment: Mapping[str, str]) -> Camera:
    """Build the camera of a spec; raise `ValueError` that says what is wrong, without secrets."""
    values = _table("the camera", spec, _CAMERA)
    channels = values.pop("channels", [])
    if not channels:
        raise ValueError("the camera has no channels")
    variable = values.pop("password_from", None)
    if variable is not None:
        if variable not in environment:
            raise ValueError(f"password_from: there is no environment variable {variable}")
        values["password"] = environment[variable]
    values["channels"] = [
        _channel(f"channel {n}", channel) for n, channel in enumerate(channels, 1)
    ]
    return _built("the camera", Camera, values)


def _channel(where: str, spec: Json) -> Channel:
    values = _table(where, spec, _CHANNEL)
    if "number" not in values:
        raise ValueError(f"{where}: number is missing")
    if "schedule" in values:
        values["schedule"] = _schedule(f"{where}, schedule", values["schedule"])
    values["faults"] = tuple(
        _fault(f"{where}, fault {n}", fault) for n, fault in enumerate(values.get("faults", ()), 1)
    )
    return _built(where, Channel, _sized(where, values))


def _schedule(where: str, spec: Json) -> Schedule:
    values = _table(where, spec, _SCHEDULE)
    values["spans"] = tuple(
        _checked(f"{where}, spans", span, float) for span in values.get("spans", ())
    )
    return _built(where, Schedule, values)


def _fault(where: str, spec: Json) -> Fault:
    return _built(where, Fault, _sized(where, _table(where, spec, _FAULT)))


def _sized(where: str, values: dict[str, Json]) -> dict[str, Json]:
    if "size" in values:
        values["size"] = tuple(_checked(f"{where}, size", side, int) for side in values["size"])
        if len(values["size"]) != 2:
            raise ValueError(f"{where}, size: [width, height] is needed")
    return values


def _table(where: str, spec: Json, keys: Mapping[str, type]) -> dict[str, Json]:
    """Return what the object holds as a new table; all its keys are known, and of their kind."""
    for key in _checked(where, spec, dict):
        if key not in keys:
            raise ValueError(f"{where}: {key!r} is unknown; {', '.join(keys)} are allowed")
    return {
        key: _checked(f"{where}, {key}", value, keys[key])
        for key, value in spec.items()
        if value is not None
    }


def _checked(where: str, value: Json, kind: type) -> Json:
    kinds = (int, float) if kind is float else kind
    # the value itself is not quoted: it may be a password
    if not isinstance(value, kinds) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where}: {_WORDS[kind]} is needed")
    return value


def _built(where: str, build: Callable[..., T], values: dict[str, Json]) -> T:
    try:
        return build(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
