"""A camera that is knocked, covered or out of focus is told from all that changes a picture."""

import copy
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.sight import Blindness, Doubt, Recalling, open_watches
from motion_tracking.core.sight.displacement import Place
from motion_tracking.core.sight.likeness import Look, Reference, miniature
from motion_tracking.core.sight.view import View
from motion_tracking.simulator.nuisances import Nuisance, Setting, Span, build_nuisance

SIZE = (352, 288)
Scene = Callable[[float], Grey]

RANDOM = np.random.default_rng(5)
NOISE = [RANDOM.normal(0, 2, SIZE[::-1]).astype(np.float32) for _ in range(5)]


def drawn(seed: int, plates: int = 160) -> Grey:
    """A hall full of things."""
    random = np.random.default_rng(seed)
    hall = np.full(SIZE[::-1], 110, np.uint8)
    for _ in range(plates):
        x, y = int(random.integers(0, SIZE[0])), int(random.integers(0, SIZE[1]))
        far = (x + int(random.integers(4, 50)), y + int(random.integers(4, 50)))
        cv2.rectangle(hall, (x, y), far, int(random.integers(40, 200)), -1)
    return hall


HALL = drawn(1)

EVERY = 2.0
"""Seconds."""


class Film:
    """Shows scenes to a watch, as often as it looks; `at` is where it has come to."""

    def __init__(self, watch: View | None = None) -> None:
        self.watch = watch or View()
        self.at = 0.0
        self.found: list[tuple[float, Blindness | None]] = []
        self.doubts: list[tuple[float, Doubt]] = []

    def show(self, scene: Scene | Grey, seconds: float, noise: float = 1.0) -> Blindness | None:
        """Go on for so long; return what the watch says at the end."""
        for _ in range(round(seconds / EVERY)):
            picture = scene if isinstance(scene, np.ndarray) else scene(self.at)
            noisy = picture + noise * NOISE[int(self.at) % len(NOISE)]
            seen = self.watch.look(Frame(np.clip(noisy, 0, 255).astype(np.uint8), self.at, 0.0))
            self.found.append((self.at, seen if isinstance(seen, Blindness) else None))
            if isinstance(seen, Doubt):
                self.doubts.append((self.at, seen))
            self.at += EVERY
        return self.found[-1][1]

    @property
    def alarms(self) -> list[Blindness]:
        return [seen for _, seen in self.found if seen is not None]


@pytest.fixture(scope="module")
def known() -> Film:
    film = Film()
    film.show(HALL, 70)
    return film


@pytest.fixture
def film(known: Film) -> Film:
    """A film whose view is known: more than a minute of the hall has been seen."""
    return copy.deepcopy(known)


def nuisance(name: str, start: float, seed: int = 0) -> Nuisance:
    built = build_nuisance(
        name, Setting(SIZE, Roi(0, 0, 9, 9), 0, 5e3), np.random.default_rng(seed)
    )
    built.spans[0] = Span(start, 1e6)
    return built


@pytest.mark.parametrize(
    ("name", "reason"),
    [("moved", Reason.MOVED), ("covered", Reason.COVERED), ("blurred", Reason.COVERED)],
)
def test_it_is_found_within_a_minute_and_dated_back(name: str, reason: Reason, film: Film) -> None:
    begun = film.at
    fault = nuisance(name, begun)
    found = film.show(lambda at: fault.act(HALL.copy(), at, 0), 60)

    assert found is not None
    assert found.reason is reason
    assert abs(found.since - begun) < 5
    early = [seen for at, seen in film.found if at < begun + 20]
    assert not any(early), "what passes is not yet a fault"


def test_until_it_is_found_it_is_a_doubt_since_all_was_well(film: Film) -> None:
    begun = film.at
    film.show(np.roll(HALL, 24, 1), 60)
    said = next(at for at, seen in film.found if seen is not None)
    assert [at for at, _ in film.doubts] == list(np.arange(film.doubts[0][0], said, EVERY))
    assert film.doubts[0][0] <= begun + 2
    assert {doubt.since for _, doubt in film.doubts} <= {begun - 1, begun - 2}


def test_a_doubt_clears_when_the_view_is_well_again(film: Film) -> None:
    begun = film.at
    film.show(np.full_like(HALL, 60), 12)
    film.show(HALL, 30)
    doubted = [at for at, _ in film.doubts]
    assert doubted[0] <= begun + 2
    assert begun + 12 <= doubted[-1] <= begun + 12 + 5


def test_what_is_never_said_is_not_doubted_for_ever(film: Film) -> None:
    cover = np.full_like(HALL, 60)
    begun = film.at
    film.show(lambda at: cover if (at - begun) % 6 < 3 else HALL, 200)
    assert not film.alarms
    assert film.doubts[0][0] <= begun + 2
    assert film.doubts[-1][0] <= begun + 50


def test_after_a_gap_a_doubt_begins_anew(film: Film) -> None:
    film.at += 600
    film.watch.forget()
    begun = film.at
    film.show(np.roll(HALL, 24, 1), 10)
    assert film.doubts[0][1] == Doubt(begun)


def test_a_camera_turned_by_five_degrees_has_moved(film: Film) -> None:
    turn = cv2.getRotationMatrix2D((176, 144), 5, 1)
    found = film.show(cv2.warpAffine(HALL, turn, SIZE, borderMode=cv2.BORDER_REFLECT), 60)
    assert found is not None
    assert found.reason is Reason.MOVED


def test_a_camera_that_shows_another_hall_has_moved(film: Film) -> None:
    found = film.show(drawn(2), 60)
    assert found is not None
    assert found.reason is Reason.MOVED


def test_a_camera_put_back_sees_again(film: Film) -> None:
    assert film.show(np.roll(HALL, 24, 1), 60) is not None
    assert film.show(HALL, 20) is None


def test_who_stands_before_the_lens_for_twenty_seconds_covers_nothing(film: Film) -> None:
    film.show(np.full_like(HALL, 60), 20)
    film.show(HALL, 60)
    assert not film.alarms


def test_a_gap_joins_no_two_of_them(film: Film) -> None:
    film.show(np.full_like(HALL, 60), 20)
    film.watch.forget()
    film.show(np.full_like(HALL, 60), 20)
    assert not film.alarms


def test_neither_night_nor_a_lamp_nor_exposure_covers_it(film: Film) -> None:
    lamp = np.tile(np.linspace(0.5, 1.4, SIZE[0], dtype=np.float32), (SIZE[1], 1))
    dusk = np.linspace(1.0, 0.35, 120)
    film.show(np.clip(HALL * lamp, 0, 255).astype(np.uint8), 90)
    film.show((HALL * 0.7).astype(np.uint8), 90)
    began = film.at
    film.show(lambda at: (HALL * dusk[int(at - began)] + 20).astype(np.uint8), 120, 3.0)
    film.show((cv2.GaussianBlur(HALL, (3, 3), 0.6) * 0.35 + 20).astype(np.uint8), 90, 3.0)
    assert not film.alarms


def test_what_drowns_in_noise_is_not_gone(film: Film) -> None:
    dusk = np.linspace(1.0, 0.08, 200)
    began = film.at
    film.show(lambda at: (HALL * dusk[int(at - began)] + 60).astype(np.uint8), 200, 4.0)
    film.show((HALL * 0.08 + 60).astype(np.uint8), 60, 5.0)
    assert not film.alarms


def test_a_shaking_camera_has_not_moved(film: Film) -> None:
    film.show(lambda at: np.roll(HALL, (round(2 * np.sin(at * 2.1)), round(at) % 3), (0, 1)), 120)
    assert not film.alarms


def test_a_machine_that_fills_the_picture_and_starts_covers_nothing(film: Film) -> None:
    belt = drawn(3)

    def running(at: float) -> Grey:
        picture = HALL.copy()
        picture[60:] = np.roll(belt, 37 * round(at), 1)[60:]
        return picture

    film.show(running, 120)
    assert not film.alarms


def test_a_large_thing_pushed_aside_is_no_knocked_camera(film: Film) -> None:
    plain = (HALL // 2 + 50).astype(np.uint8)
    stripes = np.full((160, 110), 60, np.uint8)
    stripes[:, ::9] = stripes[:, 1::9] = 250
    film = Film()

    def with_crate(x: int) -> Grey:
        picture = plain.copy()
        picture[60:220, x : x + 110] = stripes
        return picture

    film.show(with_crate(60), 70)
    found = film.show(with_crate(90), 60)
    assert found is None or found.reason is not Reason.MOVED


def test_a_camera_that_was_moved_while_nobody_tracked_is_noticed() -> None:
    watch = View()
    watch.recall([miniature(HALL)])
    assert Film(watch).show(HALL, 60) is None
    watch = View()
    watch.recall([miniature(HALL)])
    found = Film(watch).show(np.roll(HALL, 24, 1), 60)
    assert found is not None
    assert found.reason is Reason.MOVED
    assert found.since < 3


def test_a_cover_that_was_learned_first_is_forgotten_when_it_is_gone() -> None:
    film = Film()
    film.show(cv2.GaussianBlur(HALL, (0, 0), 20), 70)
    film.show(HALL, 150)
    assert film.found[-1][1] is None
    assert film.show(np.roll(HALL, 24, 1), 60) is not None


def test_a_picture_of_another_size_is_another_view(film: Film) -> None:
    for _ in range(60):
        film.at += 1.0
        film.watch.look(Frame(cv2.resize(drawn(2), (320, 240)), film.at, 0.0))
    assert not film.alarms


def test_a_blank_wall_says_nothing() -> None:
    film = Film()
    film.show(np.full_like(HALL, 100), 70)
    film.show(np.full_like(HALL, 20), 70)
    assert not film.alarms


@pytest.mark.parametrize("moved", [0, 1, 2, 6])
def test_a_view_that_is_held_in_its_place_is_surely_not_found_in_another(moved: int) -> None:
    known = Reference(Look(HALL).field, Look(HALL).fine)
    look = Look(np.roll(HALL, moved, 1))
    place = Place(known)
    assert place.held(look.field) is (moved < 2)
    assert not (place.held(look.field) and place.shift(look.field).sure)


def test_a_shaken_picture_is_as_sharp_as_it_was_and_a_blurred_one_is_not() -> None:
    look = Look(HALL)
    known = Reference(look.field, look.fine)
    steady = np.ones_like(look.power)
    for shake in ((2, 0), (-2, 2), (0, -2)):  # of the miniature: one of the field
        shaken = Look(np.roll(HALL, shake, (0, 1)))
        by_hand = np.vdot(np.roll(look.fine, np.floor_divide(shake, 2), (0, 1)), shaken.fine)
        found = known.likeness(shaken, 1.0, steady)
        assert found.sharpness * max(found.slope, 0.02) > 0.9
        assert by_hand / known.fine_total > 0.9
    assert known.likeness(Look(cv2.blur(HALL, (7, 7))), 1.0, steady).sharpness < 0.5


def test_calibration_is_told_to_the_watch_that_wants_it() -> None:
    assert any(isinstance(watch, Recalling) for watch in open_watches([miniature(HALL)]))


@pytest.mark.slow
def test_what_stays_otherwise_is_learned_and_a_creeping_cover_is_not() -> None:
    film = Film()
    film.show(HALL, 70)
    pallets = HALL.copy()
    pallets[150:, :130] = drawn(9)[150:, :130]
    film.show(pallets, 1500)
    assert not film.alarms
    found = film.show(np.roll(pallets, 24, 1), 60)
    assert found is not None
    assert found.reason is Reason.MOVED

    film = Film()
    film.show(HALL, 70)
    hours, began = 1.0, film.at

    def creeping(at: float) -> Grey:
        picture = HALL.copy()
        rows = round(0.8 * SIZE[1] * (at - began) / (3600 * hours))
        picture[:rows] = 90
        return picture

    found = film.show(creeping, 3600 * hours)
    assert found is not None
    assert found.reason is Reason.COVERED


@pytest.mark.slow
def test_a_knock_is_told_to_the_pixel_of_a_large_picture_too() -> None:
    large = cv2.resize(HALL, (1280, 720), interpolation=cv2.INTER_CUBIC)
    watch = View()
    seen = None
    for at in range(0, 160, 2):
        seen = watch.look(Frame(large if at < 80 else np.roll(large, 20, 1), float(at), 0.0))
    assert isinstance(seen, Blindness)
    assert replace(seen, since=0.0) == Blindness(Reason.MOVED, 0.0)
