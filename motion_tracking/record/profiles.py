"""
How is what was learned of a machine kept in a file?

As `.npz` without pickled objects, so that a foreign file can do no harm.  It is written aside and
put in place in one step; a damaged one is told, never guessed at.
"""

import zipfile
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from motion_tracking.core.motion import Roi
from motion_tracking.core.profile import VERSION, Lag, Profile, fingerprint
from motion_tracking.record.small import put

_NUMBERS = ("threshold", "share", "margin", "expected_error", "least_contrast")
_PICTURES = ("texture", "static", "running", "stopped")
_MAYBE = ("view",)
_LAG = tuple(field.name for field in fields(Lag))
_LAG_PICTURES = ("noise", "weights", "ring")


class ProfileError(ValueError):
    """A file holds no profile that can be used; the text says why."""


def save_profile(path: Path, profile: Profile) -> None:
    """Write a profile and its id; raise `OSError` if that fails, and leave the old file then."""
    roi = profile.roi
    held: dict[str, Any] = {
        "version": profile.version,
        "id": fingerprint(profile),
        "size": profile.size,
        "roi": (roi.x, roi.y, roi.width, roi.height),
        "lags": len(profile.lags),
        "mask": profile.mask,
        "heads": len(profile.heads),
        "group": profile.group,
    }
    held |= {name: getattr(profile, name) for name in (*_NUMBERS, *_PICTURES)}
    held |= {name: held_one for name in _MAYBE if (held_one := getattr(profile, name)) is not None}
    for word, lags in (("lag", profile.lags), ("head", profile.heads)):
        for n, lag in enumerate(lags):
            held |= {f"{word}{n}_{name}": getattr(lag, name) for name in _LAG}
    packed = BytesIO()
    np.savez_compressed(packed, **held)
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, packed.getvalue())


def put_back(path: Path, before: bytes | None) -> None:
    """Let a file hold what it held before, None being nothing; raise `OSError`."""
    if before is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, before)


def load_profile(path: Path) -> Profile:
    """Read a profile; raise `FileNotFoundError`, or `ProfileError` for what is none."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            values = {name: held[name] for name in held.files}
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ProfileError(f"{path}: cannot be read, calibrate again: {error}") from None
    try:
        version = int(values["version"])
        if version != VERSION:
            raise ProfileError(f"{path}: of another version ({version}), calibrate again")
        return _profile(values)
    except (KeyError, TypeError, IndexError) as error:
        raise ProfileError(f"{path}: {error} is missing, calibrate again") from None


def _profile(values: dict[str, Any]) -> Profile:
    width, height = (int(side) for side in values["size"])
    profile = Profile(
        size=(width, height),
        roi=Roi(*(int(number) for number in values["roi"])),
        lags=tuple(_lag(values, f"lag{n}") for n in range(int(values["lags"]))),
        heads=tuple(_lag(values, f"head{n}") for n in range(int(values.get("heads", 0)))),
        group=float(values.get("group", 0.0)),
        id=str(values.get("id", "")),
        mask=str(values.get("mask", "")),
        **{name: values[name].item() for name in _NUMBERS},
        **{name: values[name] for name in _PICTURES},
        **{name: values[name] for name in _MAYBE if name in values},
    )
    lags = (*profile.lags, *profile.heads)
    shapes = {lag.weights.shape for lag in lags} | {profile.texture.shape}
    if not profile.lags or shapes != {profile.patch.shape}:
        raise ProfileError("its pictures are not of the size they should be, calibrate again")
    return profile


def _lag(values: dict[str, Any], word: str) -> Lag:
    # what a file of before does not have keeps its default; what has none is missing
    held = {name: values[key] for name in _LAG if (key := f"{word}_{name}") in values}
    return Lag(**{k: v if k in _LAG_PICTURES else v.item() for k, v in held.items()})
