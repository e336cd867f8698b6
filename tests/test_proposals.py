"""Where something moves is proposed, best first; where nothing does, nothing is."""

import numpy as np
import pytest

from motion_tracking.core.motion import Roi
from motion_tracking.core.patches import Texture
from motion_tracking.core.proposals import propose, reduced

SIZE = 320, 240


def film(*drums: Roi, noise: float = 2.0, count: int = 16) -> list[Texture]:
    """Pictures of striped drums that turn, half a second apart."""
    random = np.random.default_rng(1)
    pictures = []
    shape = SIZE[1], SIZE[0]
    for n in range(count):
        picture = np.full(shape, 100.0) + random.normal(0, noise, shape)
        for drum in drums:
            stripes = 100 + 60 * np.sin(np.arange(drum.width) / 5 + 2.1 * n)
            drum.cut(picture)[:] = stripes
        pictures.append(reduced(np.clip(picture, 0, 255).astype(np.uint8)))
    return pictures


@pytest.mark.parametrize("drum", [Roi(40, 60, 80, 50), Roi(200, 150, 100, 80)])
def test_a_machine_is_found_where_it_is(drum: Roi) -> None:
    [found] = propose(film(drum), SIZE)
    assert abs(found.roi.x - drum.x) <= 12
    assert abs(found.roi.y - drum.y) <= 12
    assert abs(found.roi.width - drum.width) <= 24
    assert found.separation > 3
    assert found.roi.fits(*SIZE)


def test_two_machines_are_two_proposals_and_the_larger_comes_first() -> None:
    small, large = Roi(20, 20, 40, 30), Roi(150, 100, 140, 100)
    found = propose(film(small, large), SIZE)
    assert [proposal.roi.area > 5000 for proposal in found] == [True, False]


def test_noise_is_no_machine() -> None:
    assert propose(film(noise=12.0), SIZE) == []


def test_too_few_pictures_propose_nothing() -> None:
    assert propose(film(Roi(40, 60, 80, 50), count=2), SIZE) == []


def test_what_moves_while_the_machine_stands_is_not_proposed() -> None:
    machine, neighbour = Roi(20, 20, 80, 60), Roi(150, 100, 140, 100)
    [found] = propose(film(machine, neighbour), SIZE, standing=film(neighbour))
    assert abs(found.roi.x - machine.x) <= 12
    assert abs(found.roi.y - machine.y) <= 12


def test_a_machine_stands_out_though_nothing_else_moves() -> None:
    drum = Roi(40, 60, 80, 50)
    [found] = propose(film(drum), SIZE, standing=film())
    assert found.roi == propose(film(drum), SIZE)[0].roi
    assert found.separation > 3
