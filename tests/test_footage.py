"""What was sent stays there for a while, whole, and its times only ever grow."""

import tracemalloc
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.capture.clock import Moment
from motion_tracking.capture.ring import Ring
from motion_tracking.core.footage import TICK, Packet, Timeline, parameter_sets
from motion_tracking.record.remux import Film, length, mend
from servers import clips
from servers.footage import FPS, GROUP, fill, packets, shape, without_stamps

STAMPS = st.one_of(st.none(), st.integers(-(2**33), 2**33))


def placed(sent: list[Packet]) -> list[float]:
    timeline = Timeline()
    return [float(timeline.place(packet)[0] * TICK) for packet in sent]


def ring_of(sent: list[Packet], seconds: float = 60.0, largest: int = 10**9) -> Ring:
    ring = Ring("press1", seconds, largest)
    fill(ring, iter(sent))
    return ring


def held(ring: Ring, number: int = 0) -> list[Packet]:
    found: list[Packet] = []
    while more := ring.read(number):
        found += more
        number = found[-1].number + 1
    return found


@given(st.lists(st.tuples(STAMPS, st.floats(0.0, 30.0), st.booleans()), max_size=30))
def test_times_only_ever_grow(steps: list[tuple[int | None, float, bool]]) -> None:
    connection, at, sent = shape(), 0.0, []
    for n, (stamp, passed, new) in enumerate(steps):
        connection, at = shape() if new else connection, at + passed
        sent.append(Packet(n, connection, b"", at, stamp, stamp, False))
    times = placed(sent)

    assert all(later > earlier for earlier, later in pairwise(times))
    assert not times or times[0] == 0.0


def test_the_camera_says_how_even_the_pictures_are_and_we_how_long_they_took() -> None:
    sent = list(packets(count=30))
    late = [
        replace(packet, at=packet.at + (0.4 if n % 3 else 0.0)) for n, packet in enumerate(sent)
    ]

    assert placed(late) == pytest.approx([n / FPS for n in range(30)])
    assert placed([without_stamps(p) for p in sent]) == pytest.approx([n / FPS for n in range(30)])


def test_a_clock_that_leaps_leaves_no_hole() -> None:
    sent = list(packets(count=30))
    leaps = [replace(p, dts=(p.dts or 0) + 90_000 * 3600 * (p.number >= 10)) for p in sent]
    stands = [replace(p, dts=min(p.dts or 0, 90_000)) for p in sent]
    back = [replace(p, dts=(p.dts or 0) - 90_000 * 50 * (p.number >= 10)) for p in sent]

    for odd in (leaps, stands, back):
        assert placed(odd) == pytest.approx([n / FPS for n in range(30)])


@pytest.mark.parametrize("late", [2**62, -(2**62), 11 * 90_000])
def test_a_picture_that_is_shown_long_after_it_was_decoded_is_not_believed(late: int) -> None:
    timeline = Timeline()
    [first, second] = packets(0.0, 2)

    assert timeline.place(replace(first, pts=late)) == (0, 0)
    assert second.dts is not None
    decoded, shown = timeline.place(replace(second, pts=second.dts + 3000))
    assert shown == decoded + 3000


def test_a_new_connection_counts_anew_and_the_gap_is_as_long_as_it_was() -> None:
    before, again = list(packets(count=10)), list(packets(7.0, 10))
    misleading = [replace(packet, dts=(packet.dts or 0) + 90_000) for packet in again]

    for after in (again, misleading):
        times = placed([*before, *after])
        assert times[10] - times[9] == pytest.approx(7.0 - 0.9)  # for so long nothing came
        assert times[11] - times[10] == pytest.approx(0.1)


def test_a_long_pause_that_the_camera_knows_of_is_taken_from_it() -> None:
    sent = list(packets(count=20))
    paused = [
        replace(p, at=p.at + 5.3 * (p.number >= 10), dts=(p.dts or 0) + 450_000 * (p.number >= 10))
        for p in sent
    ]

    assert placed(paused)[10] - placed(paused)[9] == pytest.approx(5.1)


def test_a_ring_gives_back_what_was_sent_from_the_key_picture_before() -> None:
    sent = list(packets(100.0, 55))
    ring = ring_of(sent)
    first = ring.first(102.55)

    assert first == 20
    assert held(ring, 20) == sent[20:]
    assert ring.first(50.0) == 0
    assert ring.read(55) == []
    assert Ring("press1", 60.0, 10**6).first(0.0) is None


def test_a_ring_drops_what_comes_before_a_key_picture() -> None:
    ring = ring_of(list(packets(0.0, 12, first=5)))

    assert [packet.key for packet in held(ring)] == [True, *[False] * 6]


def test_a_ring_forgets_whole_groups_and_never_holds_too_little() -> None:
    sent = list(packets(0.0, 400))
    ring = ring_of(sent, seconds=5.0)
    found = held(ring)

    assert found[0].key
    assert 5.0 <= sent[-1].at - found[0].at <= 5.0 + GROUP / FPS
    assert ring.bytes == sum(len(packet.data) for packet in found)
    # what was asked for is gone: the oldest is the next best
    assert ring.read(0)[0] == found[0]


def test_a_ring_has_a_limit_whatever_comes(caplog: pytest.LogCaptureFixture) -> None:
    sent = list(packets(0.0, 400))
    largest = 5 * sum(len(packet.data) for packet in sent[:10])
    ring = Ring("press1", 60.0, largest)
    for packet in sent:
        fill(ring, iter([packet] if packet.number else sent[:1]))
        assert ring.bytes <= largest
    endless = [replace(packet, key=packet.number == 0) for packet in sent]
    rare = Ring("press1", 60.0, largest)
    fill(rare, iter(endless))

    assert ring.bytes > 0
    assert rare.bytes <= largest
    assert caplog.text.count("[clips] memory") == 2


def test_a_ring_costs_hardly_more_than_what_it_holds() -> None:
    sent = [replace(packet, data=packet.data * 4) for packet in packets(0.0, 400)]
    tracemalloc.start()
    try:
        ring = ring_of(sent)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ring.bytes > 200_000
    assert used < ring.bytes * 1.1


def test_a_new_connection_goes_on_with_a_key_picture_and_its_own_times() -> None:
    ring = ring_of([*packets(0.0, 25), *packets(9.0, 20, first=3)])
    found = held(ring)

    assert [packet.number for packet in found] == list(range(25 + 13))
    assert found[25].key
    assert found[25].shape is not found[24].shape


def test_a_thread_that_was_replaced_adds_nothing_any_more(tmp_path: Path) -> None:
    sent = list(packets(0.0, 30))
    raw = BytesIO(b"".join(packet.data for packet in sent))
    ring = Ring("press1", 60.0, 10**9)
    now = Moment(5.0, 0.0)
    with av.open(raw, format="h264") as container:
        stream = container.streams.video[0]
        stuck = ring.session(stream, lambda: now)
        for n, packet in enumerate(container.demux(stream)):
            assert stuck is not None
            stuck(packet)
            if n == 12:
                ring.session(stream, lambda: now)

    assert len(held(ring)) == 13


def test_of_a_codec_that_is_not_known_nothing_is_held(caplog: pytest.LogCaptureFixture) -> None:
    ring = Ring("press1", 60.0, 10**9)
    film = BytesIO()
    with av.open(film, "w", format="avi") as made:
        stream = made.add_stream("mjpeg", rate=5)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        made.mux(stream.encode(av.VideoFrame(96, 64, "yuvj420p")))
        made.mux(stream.encode(None))
    film.seek(0)
    with av.open(film) as container:
        assert ring.session(container.streams.video[0], lambda: Moment(0.0, 0.0)) is None
    assert "press1: no clips of a stream that is mjpeg" in caplog.text


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_film_shows_each_picture_once(tmp_path: Path, codec: str) -> None:
    sent = list(packets(0.0, 45, codec))
    film = Film(tmp_path / "film.mp4", sent[0])
    for packet in sent:
        assert film.fits(packet)
        film.add(packet)
    film.close()

    with av.open(str(film.path)) as found:
        frames = [frame.to_ndarray(format="gray") for frame in found.decode(video=0)]
    assert [clips.number_in(frame) for frame in frames] == list(range(45))
    seconds, size, name = length(film.path)
    assert seconds == pytest.approx(4.5, abs=0.01)
    assert film.seconds == pytest.approx(4.5)
    assert (size, name) == ((96, 64), film.codec)
    assert film.bytes == film.path.stat().st_size


def test_another_size_does_not_fit_and_another_connection_does(tmp_path: Path) -> None:
    sent = list(packets(0.0, 12))
    film = Film(tmp_path / "film.mp4", sent[0])
    [larger] = packets(0.0, 1, size=(128, 96))
    [again] = packets(9.0, 1)
    film.abandon()

    assert not film.fits(larger)
    assert film.fits(again)
    assert not film.path.exists()


def test_pictures_without_parameter_sets_use_those_that_were_announced(tmp_path: Path) -> None:
    [key] = packets(0.0, 1)
    sets = parameter_sets(key)
    slices = key.data[key.data.rindex(b"\x00\x00\x01") :]
    bare = replace(key, data=slices, shape=replace(key.shape, head=sets))

    assert sets
    assert parameter_sets(bare) == sets
    with pytest.raises(OSError, match="no MP4"):
        Film(tmp_path / "none.mp4", replace(key, data=slices))
    assert list(tmp_path.iterdir()) == []


@given(st.floats(0.0, 1.0))
def test_a_film_that_was_cut_off_anywhere_plays_or_is_known_to_be_of_no_use(
    tmp_path_factory: pytest.TempPathFactory, part: float
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    sent = list(packets(0.0, 45))
    film = Film(folder / "film.mp4", sent[0])
    for packet in sent:
        film.add(packet)
    film.close()
    whole = film.path.read_bytes()
    film.path.write_bytes(whole[: round(len(whole) * part)])
    seconds = mend(film.path)

    assert seconds == pytest.approx(round(seconds * FPS) / FPS, abs=0.01)
    if seconds:
        with av.open(str(film.path)) as found:
            shown = [clips.number_in(f.to_ndarray(format="gray")) for f in found.decode(video=0)]
        assert shown == list(range(round(seconds * FPS)))
