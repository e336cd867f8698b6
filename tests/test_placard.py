"""The recorder's own picture is told from the camera's."""

import cv2
import numpy as np
import pytest

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey
from motion_tracking.core.sight import Blindness, Doubt
from motion_tracking.core.sight.placard import Placard, is_placard

SIZE = (352, 288)


def card(level: int, words: str, place: tuple[int, int] = (100, 150), scale: float = 0.8) -> Grey:
    picture = np.full((SIZE[1], SIZE[0]), level, np.uint8)
    ink = 16 if level > 128 else 235
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
    return picture


def noisy(picture: Grey, seed: int, deviation: float) -> Grey:
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("level", [0, 16, 41, 128, 235, 255])
@pytest.mark.parametrize("words", ["NO VIDEO", "Camera offline"])
def test_words_on_one_colour_are_a_placard(level: int, words: str) -> None:
    assert is_placard(card(level, words))


@pytest.mark.parametrize("size", [(704, 576), (1920, 1080)])
def test_the_size_of_the_picture_does_not_matter(size: tuple[int, int]) -> None:
    assert is_placard(np.asarray(cv2.resize(card(16, "VIDEO LOSS"), size)))


def test_a_hall_is_no_placard_by_day_and_night() -> None:
    blocks = np.random.default_rng(1).integers(20, 220, (9, 11), dtype=np.uint8)
    hall = cv2.resize(blocks, SIZE, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    assert not is_placard(hall)
    assert not is_placard(noisy((hall // 12).astype(np.uint8), 2, 4.0))


def test_darkness_with_what_the_camera_writes_at_the_border_is_no_placard() -> None:
    assert not is_placard(card(0, ""))
    assert not is_placard(card(16, "2024-03-14 12:00:00", (8, 16), 0.4))
    assert not is_placard(card(16, "Camera 01", (240, 275), 0.5))


def test_darkness_with_the_lamps_of_a_machine_is_no_placard() -> None:
    dark = card(16, "")
    for x in (150, 162, 190):
        cv2.circle(dark, (x, 140), 3, 235, -1)
    assert not is_placard(dark)


def test_a_lit_machine_with_writing_on_it_in_a_dark_hall_is_no_placard() -> None:
    dark = card(16, "")
    dark[100:190, 90:240] = np.linspace(20, 52, 150, dtype=np.uint8)
    cv2.putText(dark, "PRESS 1", (110, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 235, 1, cv2.LINE_AA)
    assert not is_placard(dark)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_one_colour_without_words_is_no_placard(level: int) -> None:
    bare = card(level, "")
    bare[100:140, 100:140] = 200
    assert not is_placard(bare)


def test_fog_is_no_placard() -> None:
    fog = 150 + 30 * np.sin(np.linspace(0, 3, SIZE[0])) * np.ones((SIZE[1], 1))
    assert not is_placard(fog.astype(np.uint8))


def test_a_placard_is_doubted_at_once_and_found_within_30_seconds() -> None:
    watch, said = Placard(), []
    for n in range(60):
        picture = card(16, "NO VIDEO")
        cv2.putText(picture, f"{n // 2:02}", (8, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 235)
        said.append(watch.look(Frame(picture, n / 2, n / 2)))

    assert isinstance(said[0], Doubt)
    found = said[-1]
    assert isinstance(found, Blindness)
    assert (found.reason, found.since) == (Reason.PLACARD, 0.0)
    assert next(n for n, one in enumerate(said) if isinstance(one, Blindness)) / 2 <= 30
    assert watch.look(Frame(noisy(picture, 1, 30.0), 31.0, 31.0)) is None


def test_words_on_a_screen_before_a_camera_have_its_noise() -> None:
    watch = Placard()
    said = [watch.look(Frame(noisy(card(16, "NO VIDEO"), n, 0.5), n / 2, n / 2)) for n in range(40)]

    assert not [one for one in said if isinstance(one, Blindness)]
