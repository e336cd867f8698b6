"""Which packets of a stream are decoded, and is all of it when somebody wants to see more?"""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.core.heads import (
    KNOWN,
    LONGEST,
    REORDERED,
    UNKNOWN,
    UNLIKE,
    Attention,
    Chosen,
    Group,
    Heads,
    Wanted,
    head_length,
    objection,
)

FPS = 12.5
"""Groups of fifty are four seconds then, and stand alone."""


class Stream:
    """A camera of so many pictures a second, whose packets are their own numbers."""

    def __init__(
        self, wanted: Wanted, unasked: float = 0.0, fps: float = FPS, seed: int = 1
    ) -> None:
        self.attention = Attention()
        self.heads: Heads[int] = Heads(wanted, self.attention, Random(seed), unasked)
        self.n = 0
        self.fps = fps
        self.keys: set[int] = set()

    def send(self, *groups: int) -> list[Chosen[int]]:
        """Send groups of so many pictures; return what is to be decoded."""
        found = []
        for length in groups:
            for n in range(length):
                found += self.packet(key=n == 0)
        return found

    def packet(self, key: bool = False) -> list[Chosen[int]]:
        if key:
            self.keys.add(self.n)
        chosen = self.heads.take(self.n, key, self.n / self.fps)
        self.n += 1
        return chosen


def steady(**options: float) -> Stream:
    stream = Stream(Wanted(0.16), **options)
    stream.send(*[50] * (KNOWN + 1))
    return stream


def numbers(chosen: list[Chosen[int]]) -> list[int]:
    return [one.packet for one in chosen]


def test_the_first_groups_are_decoded_whole() -> None:
    stream = Stream(Wanted(0.16))

    assert len(stream.send(*[50] * KNOWN)) == KNOWN * 50
    assert stream.heads.reason == UNKNOWN


def test_then_only_heads_are() -> None:
    stream = steady()
    begin = stream.n

    chosen = stream.send(50, 50)

    assert numbers(chosen) == [begin, begin + 1, begin + 2, begin + 50, begin + 51, begin + 52]
    assert [one.ends for one in chosen] == [False, False, True] * 2
    assert all(one.spared for one in chosen)
    assert [one.restarts for one in chosen] == [True, False, False] * 2
    assert chosen[3].passed_over == pytest.approx(48 / FPS)
    assert stream.heads.reason == ""


def test_a_head_is_as_long_as_its_lag_needs() -> None:
    assert head_length(Group(50, 2.0), 0.08) == 3
    assert head_length(Group(48, 4.0), 0.08) == 2
    assert head_length(Group(20, 4.0), 0.08) == 2
    assert head_length(Group(50, 2.0), 0.0) == 1


def test_attention_brings_back_what_was_passed_over() -> None:
    stream = steady()
    begin = stream.n
    stream.send(50)
    stream.packet(key=True)
    for _ in range(9):
        stream.packet()
    stream.attention.ask(stream.n / FPS + 1.0)

    chosen = stream.packet()

    assert numbers(chosen) == [*range(begin, begin + 61)]
    assert [one.restarts for one in chosen] == [True] + [False] * 60
    assert [one.at for one in chosen] == [n / FPS for n in range(begin, begin + 61)]
    assert not any(one.spared for one in chosen)


def test_attention_at_the_very_key_frame_brings_back_both_groups_before_it() -> None:
    stream = steady()
    begin = stream.n
    stream.send(50, 50)
    stream.attention.ask(stream.n / FPS + 1.0)

    assert numbers(stream.packet(key=True)) == [*range(begin, begin + 101)]


def test_while_there_is_attention_all_is_decoded_and_no_longer() -> None:
    stream = steady()
    stream.attention.ask(stream.n / FPS + 3.0)

    assert len(stream.send(50, 50)) >= 100
    assert len(stream.send(50)) == 3


def test_a_group_that_was_decoded_is_not_decoded_again() -> None:
    stream = steady()
    stream.attention.ask(stream.n / FPS + 0.1)
    stream.send(50)
    begin = stream.n
    for n in range(10):
        stream.packet(key=n == 0)
    stream.attention.ask(stream.n / FPS + 1.0)

    assert numbers(stream.packet()) == [*range(begin + 3, begin + 11)]


def test_a_missing_key_frame_is_not_waited_for() -> None:
    stream = steady()

    assert len(stream.send(200)) > 100
    assert stream.send(50, 50)[-1].spared is False
    assert stream.heads.reason == UNLIKE


def test_after_groups_of_another_length_heads_come_back() -> None:
    stream = steady()
    stream.send(25, 25, 25)

    assert len(stream.send(25)) == 3


@pytest.mark.parametrize(
    ("group", "wanted", "word"),
    [
        (Group(250, 10.0), Wanted(0.16), "only every 10 s"),
        (Group(50, 2.0), Wanted(2.0), "51 of the 50"),
        (Group(25, 1.0), Wanted(0.08, proven=2.0), "calibration was with one every 2.0 s"),
    ],
)
def test_why_heads_will_not_do_is_said(group: Group, wanted: Wanted, word: str) -> None:
    assert word in objection(group, wanted)
    assert objection(Group(50, 2.0), Wanted(0.08, proven=2.0)) == ""


def test_long_groups_are_decoded_whole() -> None:
    stream = Stream(Wanted(0.16))
    length = round((LONGEST + 1) * FPS)

    assert len(stream.send(*[length] * 6)) == 6 * length


def test_pictures_in_another_order_are_all_decoded() -> None:
    stream = steady()
    stream.heads.reorder()
    stream.send(50)

    assert len(stream.send(50)) == 50
    assert stream.heads.reason == REORDERED


def test_what_came_before_a_loss_is_not_gone_back_to() -> None:
    stream = steady()
    stream.send(50)
    stream.heads.lose()
    begin = stream.n
    stream.attention.ask(stream.n / FPS + 9.0)

    assert numbers(stream.send(50)) == [*range(begin, begin + 50)]


def test_whole_groups_come_unasked_now_and_then() -> None:
    stream = steady(unasked=1.25)
    begin = stream.n

    count = len(stream.send(*[50] * 500))

    assert count / 500 == pytest.approx(3 + 1.25 * 47 / 50, rel=0.2)
    assert stream.n - begin == 25_000


def test_a_group_that_nobody_asked_for_begins_with_a_head_like_any_other() -> None:
    stream = steady(unasked=50.0)
    begin = stream.n
    chosen = stream.send(50)

    assert numbers(chosen) == [*range(begin, begin + 50)]
    assert [one.spared for one in chosen] == [True] * 3 + [False] * 47
    assert chosen[2].ends
    assert not any(one.passed_over for one in chosen)


def test_what_was_before_a_group_that_nobody_asked_for_can_be_had_at_its_head_only() -> None:
    for late in (4, 40):
        stream = steady()
        begin = stream.n
        stream.send(50)
        stream.heads._unasked = 50.0
        for n in range(late):
            stream.packet(key=n == 0)
        stream.attention.ask(stream.n / FPS + 1.0)
        chosen = stream.packet()

        assert len(chosen) == (50 + late + 1 if late == 4 else 1)
        assert chosen[0].packet == (begin if late == 4 else begin + 50 + late)


def test_a_hiccup_is_no_time_in_which_pictures_came() -> None:
    stream = steady()
    heads = stream.heads
    at = stream.n / FPS
    heads.take(0, True, at)
    for n in range(1, 40):
        heads.take(n, False, at + n / FPS)
    [key] = heads.take(40, True, at + 39 / FPS + 1.5)

    assert key.passed_over == pytest.approx(37 / FPS)


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=12),
    asked=st.lists(st.integers(0, 700), max_size=6),
    seed=st.integers(0, 9),
)
def test_whatever_comes_each_picture_finds_those_that_it_leans_on(
    lengths: list[int], asked: list[int], seed: int
) -> None:
    """What is decoded goes on from packet to packet, or begins anew at a key frame."""
    stream = Stream(Wanted(0.16), unasked=5.0, seed=seed)
    last = -1
    for length in [20] * 4 + lengths:
        for n in range(length):
            if stream.n in asked:
                stream.attention.ask(stream.n / FPS + 1.0)
            for one in stream.packet(key=n == 0):
                if one.restarts or one.packet != last + 1:
                    assert one.packet in stream.keys
                    assert one.restarts or one.packet == last + 1
                last = one.packet
    assert stream.heads.came == stream.n


@settings(max_examples=40, deadline=None)
@given(asked=st.integers(230, 600), seed=st.integers(0, 9))
def test_with_attention_nothing_since_the_group_before_is_left_out(asked: int, seed: int) -> None:
    stream = Stream(Wanted(0.16), seed=seed)
    decoded: set[int] = set()
    for n in range(asked + 1):
        if n == asked:
            stream.attention.ask(n / FPS + 1.0)
        decoded |= {one.packet for one in stream.packet(key=n % 50 == 0)}
    begin = (asked // 50 - 1) * 50

    assert decoded >= set(range(begin, asked + 1))


@pytest.mark.parametrize(("fps", "together"), [(12.5, 1), (20.0, 1), (25.0, 2), (50.0, 4)])
def test_short_groups_are_taken_together_up_to_the_longest(fps: float, together: int) -> None:
    stream = Stream(Wanted(2 / fps), fps=fps)
    stream.send(*[50] * (KNOWN + 1))
    stream.send(*[50] * (together - 1))
    begin = stream.n

    chosen = stream.send(*[50] * 4 * together)

    starts = range(begin, begin + 200 * together, 50 * together)
    assert numbers(chosen) == [start + n for start in starts for n in range(3)]
    assert stream.heads.group == Group(50 * together, pytest.approx(50 * together / fps))


def test_attention_brings_back_all_groups_that_were_taken_together() -> None:
    stream = Stream(Wanted(0.08), fps=25.0)
    stream.send(*[50] * (KNOWN + 1))
    stream.send(50)
    begin = stream.n
    stream.send(50, 50, 50, 20)
    stream.attention.ask(stream.n / 25.0 + 1.0)

    assert numbers(stream.packet()) == [*range(begin, stream.n)]
