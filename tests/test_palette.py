"""Can everybody tell the states apart, also who does not see every colour?"""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from motion_tracking.core.machine import MachineState
from motion_tracking.report.appearance import LOOKS

STATIC = Path(__file__).parents[1] / "motion_tracking" / "dashboard" / "static"

APART = 20.0
"""Of CIEDE2000: two colours so far apart are never taken for each other."""

READABLE = 4.5

DARK_PAGE = "#15181D"

# Machado, Oliveira and Fernandes 2009, at full severity, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}

TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])

Lab = tuple[float, float, float]


def linear(colour: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the light of `#rrggbb`, each part 0 to 1."""
    values = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eye: str = "normal") -> Lab:
    """Return a colour in CIELAB, as that eye sees it."""
    seen = np.clip(np.asarray(EYES[eye]) @ linear(colour), 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def difference(one: Lab, other: Lab) -> float:
    """Return how far apart two colours are, by CIEDE2000."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = ((a1**2 + b1**2) ** 0.5 + (a2**2 + b2**2) ** 0.5) / 2
    g = 1.5 - 0.5 * (chroma**7 / (chroma**7 + 25.0**7)) ** 0.5
    c1, c2 = np.hypot(a1 * g, b1), np.hypot(a2 * g, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * g)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = h2 - h1
    if abs(turn) > 180:
        turn -= 360 * np.sign(turn)
    if c1 * c2 == 0:
        turn = 0
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = h1 + h2 if c1 * c2 == 0 else h1 + turn / 2

    def cosine(degrees: float) -> float:
        return float(np.cos(np.radians(degrees)))

    t = 1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h)
    t += 0.32 * cosine(3 * h + 6) - 0.20 * cosine(4 * h - 63)
    s_l = 1 + 0.015 * (light - 50) ** 2 / (20 + (light - 50) ** 2) ** 0.5
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    twist = np.sin(np.radians(60 * np.exp(-(((h % 360 - 275) / 25) ** 2))))
    r = -2 * (c**7 / (c**7 + 25.0**7)) ** 0.5 * twist
    d_l, d_c = (l2 - l1) / s_l, (c2 - c1) / s_c
    d_h = 2 * (c1 * c2) ** 0.5 * np.sin(np.radians(turn) / 2) / s_h
    return float((d_l**2 + d_c**2 + d_h**2 + r * d_c * d_h) ** 0.5)


def contrast(one: str, other: str) -> float:
    bright = sorted(0.05 + float(linear(colour) @ TO_XYZ[1]) for colour in (one, other))
    return bright[1] / bright[0]


def variables() -> dict[str, str]:
    """Return the colours that the style sheets name, of the light theme."""
    found: dict[str, str] = {}
    for name in ("page.css", "states.css"):
        text = (STATIC / name).read_text("utf-8")
        root = text[text.index(":root {") :].partition("}")[0]
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", root))
    return found


FILLS = {
    "running": LOOKS[MachineState.RUNNING].fill,
    "stopped": LOOKS[MachineState.STOPPED].fill,
    "deep-sleep": LOOKS[MachineState.DEEP_SLEEP].fill,
    "no-signal": LOOKS[MachineState.NO_SIGNAL].fill,
    "paused": variables()["paused"],
}


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_gives_the_published_distances(one: Lab, other: Lab, published: float) -> None:
    """Pairs of Sharma, Wu and Dalal 2005."""
    assert difference(one, other) == pytest.approx(published, abs=1e-4)
    assert difference(other, one) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("eye", EYES)
def test_no_two_states_look_alike(eye: str) -> None:
    distances = {
        (one, other): difference(lab(FILLS[one], eye), lab(FILLS[other], eye))
        for one, other in combinations(FILLS, 2)
    }
    assert min(distances.values()) > APART, distances


def test_a_red_that_is_mixed_up_with_the_green_is_found_out() -> None:
    assert difference(lab("#327176", "deutan"), lab("#806a76", "deutan")) < APART


def test_pages_and_reports_have_the_same_colours() -> None:
    named = variables()
    for name, fill in FILLS.items():
        assert named[name] == fill.lower()
    for state in (MachineState.RUNNING, MachineState.STOPPED, MachineState.DEEP_SLEEP):
        assert named[f"on-{state.replace('_', '-')}"] == LOOKS[state].text.lower()


def test_what_is_written_on_a_state_can_be_read() -> None:
    named = variables()
    for name, fill in FILLS.items():
        assert contrast(fill, named[f"on-{name}"]) >= READABLE
        assert contrast(fill, DARK_PAGE) >= 3
    assert contrast(named["outline"], named["page"]) >= 3, "what is pale has an outline"


def test_a_state_has_one_word_wherever_people_read_it() -> None:
    words = (STATIC / "words.js").read_text("utf-8")
    for state in MachineState:
        assert f'{state.value}: "{state.word}"' in words
        assert LOOKS[state].word == state.word
