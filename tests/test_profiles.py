"""What was learned of a machine is kept, and what is no profile is told."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from motion_tracking.core.motion import Roi
from motion_tracking.core.patches import Patch
from motion_tracking.core.profile import Lag, Profile, fingerprint
from motion_tracking.record.profiles import ProfileError, load_profile, put_back, save_profile


@pytest.fixture
def profile() -> Profile:
    patch = Patch(Roi(10, 10, 40, 30), (100, 80))
    shape = patch.shape
    random = np.random.default_rng(1)

    def texture() -> np.ndarray:
        return random.uniform(0, 2, shape).astype(np.float32)

    lag = Lag(0.5, texture(), texture(), ~patch.inside, 1.5, 1.0, 0.9, 1.4, 9.0, 12.0)
    picture = np.zeros((30, 40), np.uint8)
    numbers = (300, 0.4, 1.5, 0.02)
    return Profile(
        patch.size, patch.roi, (lag, lag), *numbers, texture(), ~patch.inside, 0.9, picture, picture
    )


def test_a_profile_comes_back_as_it_was(profile: Profile, tmp_path: Path) -> None:
    path = tmp_path / "calibration" / "press1.npz"
    save_profile(path, profile)
    loaded = load_profile(path)

    for held, kept in [(profile, loaded), *zip(profile.lags, loaded.lags, strict=True)]:
        for field in fields(held):
            before, after = getattr(held, field.name), getattr(kept, field.name)
            if field.name not in ("lags", "id"):
                assert np.array_equal(before, after), field.name
    assert [file.name for file in path.parent.iterdir()] == ["press1.npz"]
    assert loaded.id == fingerprint(profile) == fingerprint(loaded)


def test_another_profile_has_another_id(profile: Profile) -> None:
    lag = profile.lags[0]
    louder = replace(lag, noise=lag.noise + np.float32(0.1))
    others = [
        replace(profile, threshold=301),
        replace(profile, roi=Roi(10, 10, 40, 31)),
        replace(profile, lags=(louder, lag)),
        replace(profile, lags=(lag, replace(lag, still=1.01))),
        replace(profile, texture=profile.texture + np.float32(0.1)),
    ]
    assert len({fingerprint(one) for one in (profile, *others)}) == 6


def test_a_file_from_before_there_were_ids_has_none(profile: Profile, tmp_path: Path) -> None:
    path = tmp_path / "press1.npz"
    save_profile(path, profile)
    with np.load(path) as held:
        older = {name: held[name] for name in held.files if name != "id"}
    np.savez(path, **older)
    assert load_profile(path).id == ""


@pytest.mark.parametrize("before", [b"old", None])
def test_a_file_is_put_back(profile: Profile, tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "press1.npz"
    save_profile(path, profile)
    put_back(path, before)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([before] if before else [])


def test_the_whole_view_is_kept_and_an_older_profile_has_none(
    profile: Profile, tmp_path: Path
) -> None:
    save_profile(tmp_path / "old.npz", profile)
    assert load_profile(tmp_path / "old.npz").view is None
    view = np.arange(80 * 100, dtype=np.uint8).reshape(80, 100)
    save_profile(tmp_path / "new.npz", replace(profile, view=view))
    assert np.array_equal(load_profile(tmp_path / "new.npz").view, view)


def test_it_replaces_an_older_one_in_one_step(profile: Profile, tmp_path: Path) -> None:
    path = tmp_path / "press1.npz"
    path.write_bytes(b"old")
    save_profile(path, profile)
    assert load_profile(path).threshold == 300


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_profile(tmp_path / "none.npz")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_torn_file_is_told(profile: Profile, tmp_path: Path, share: float) -> None:
    path = tmp_path / "press1.npz"
    save_profile(path, profile)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ProfileError, match=r"press1\.npz: cannot be read, calibrate again"):
        load_profile(path)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"a": np.zeros(3)}, "is missing"),
        ({"version": 99}, "another version"),
        ({"version": np.array(object(), dtype=object)}, "cannot be read"),
    ],
)
def test_a_foreign_file_is_told(tmp_path: Path, held: dict[str, object], said: str) -> None:
    path = tmp_path / "press1.npz"
    np.savez(path, **held)  # type: ignore[arg-type]
    with pytest.raises(ProfileError, match=said):
        load_profile(path)
