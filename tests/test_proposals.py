"""Where something moves is proposed, best first; where nothing does, nothing is."""

import numpy as np
import pytest

from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.proposals import propose

SIZE = 240, 320


def film(*drums: Roi, noise: float = 2.0, count: int = 16) -> list[Grey]:
    """Pictures of striped drums that turn, half a second apart."""
    random = np.random.default_rng(1)
    pictures = []
    for n in range(count):
        picture = np.full(SIZE, 100.0) + random.normal(0, noise, SIZE)
        for drum in drums:
            stripes = 100 + 60 * np.sin(np.arange(drum.width) / 5 + 2.1 * n)
            drum.cut(picture)[:] = stripes
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures


@pytest.mark.parametrize("drum", [Roi(40, 60, 80, 50), Roi(200, 150, 100, 80)])
def test_a_machine_is_found_where_it_is(drum: Roi) -> None:
    [found] = propose(film(drum))
    assert abs(found.roi.x - drum.x) <= 12
    assert abs(found.roi.y - drum.y) <= 12
    assert abs(found.roi.width - drum.width) <= 24
    assert found.separation > 3
    assert found.roi.fits(SIZE[1], SIZE[0])


def test_two_machines_are_two_proposals_and_the_larger_comes_first() -> None:
    small, large = Roi(20, 20, 40, 30), Roi(150, 100, 140, 100)
    found = propose(film(small, large))
    assert [proposal.roi.area > 5000 for proposal in found] == [True, False]


def test_noise_is_no_machine() -> None:
    assert propose(film(noise=12.0)) == []


def test_too_few_pictures_propose_nothing() -> None:
    assert propose(film(Roi(40, 60, 80, 50), count=2)) == []
