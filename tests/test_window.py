"""An area is drawn with the mouse in a window, and where none can be opened that is said."""

import sys
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from motion_tracking.commands import window
from motion_tracking.commands.window import Drawing, draw_area, require_display
from motion_tracking.console import Failure
from motion_tracking.core.motion import Roi

HD = (1920, 1080)
DOWN, MOVE, UP = cv2.EVENT_LBUTTONDOWN, cv2.EVENT_MOUSEMOVE, cv2.EVENT_LBUTTONUP


def drag(drawing: Drawing, start: tuple[int, int], end: tuple[int, int]) -> None:
    drawing.mouse(DOWN, *start)
    drawing.mouse(MOVE, *end)
    drawing.mouse(UP, *end)


def test_a_large_picture_fits_the_screen_and_the_area_is_in_its_own_pixels() -> None:
    drawing = Drawing(HD)
    drag(drawing, (100, 100), (300, 200))
    assert drawing.roi == Roi(150, 150, 300, 150)
    assert drawing.over(np.zeros(HD[::-1], np.uint8)).shape == (720, 1280, 3)


@pytest.mark.parametrize(("start", "end"), [((60, 40), (20, 10)), ((20, 40), (60, 10))])
def test_an_area_may_be_drawn_in_any_direction(
    start: tuple[int, int], end: tuple[int, int]
) -> None:
    drawing = Drawing((320, 240))
    drag(drawing, start, end)
    assert drawing.roi == Roi(20, 10, 40, 30)


def test_a_mouse_that_leaves_the_window_draws_to_its_edge() -> None:
    drawing = Drawing((320, 240))
    drag(drawing, (300, 200), (400, -20))
    assert drawing.roi == Roi(300, 0, 20, 200)


def test_a_click_draws_nothing() -> None:
    drawing = Drawing((320, 240), Roi(1, 1, 5, 5))
    drag(drawing, (10, 10), (10, 10))
    assert drawing.roi is None


def test_arrows_move_the_area_inside_the_picture() -> None:
    drawing = Drawing((320, 240), Roi(310, 0, 9, 9))
    for _ in range(5):
        drawing.move(1, 0)
    drawing.move(0, -1)
    assert drawing.roi == Roi(311, 0, 9, 9)


def test_an_area_of_another_picture_is_not_begun_with() -> None:
    assert Drawing((320, 240), Roi(300, 0, 90, 90)).roi is None


class Screen:
    """OpenCV's windows, with a person who presses these keys."""

    def __init__(self, keys: Iterator[int], visible: int = 1) -> None:
        self.keys, self.visible, self.closed = keys, visible, False

    def put_in_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(window, "require_display", lambda: None)
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda *_: None)
        monkeypatch.setattr(cv2, "setMouseCallback", lambda *_: None)
        monkeypatch.setattr(cv2, "waitKeyEx", lambda _: next(self.keys))
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: self.visible)
        monkeypatch.setattr(cv2, "destroyAllWindows", self.close)

    def close(self) -> None:
        self.closed = True


PICTURE = np.zeros((240, 320), np.uint8)


@pytest.mark.parametrize(("right", "enter"), [(65363, 13), (2555904, 13), (63235, 10), (83, 32)])
def test_the_keyboard_moves_and_takes_the_area(
    monkeypatch: pytest.MonkeyPatch, right: int, enter: int
) -> None:
    screen = Screen(iter([-1, right, right, enter]))
    screen.put_in_place(monkeypatch)
    assert draw_area(PICTURE, Roi(10, 10, 50, 40)) == Roi(12, 10, 50, 40)
    assert screen.closed


@pytest.mark.parametrize("screen", [Screen(iter([13, 27])), Screen(iter([-1, -1]), visible=0)])
def test_who_leaves_without_an_area_is_told(
    monkeypatch: pytest.MonkeyPatch, screen: Screen
) -> None:
    screen.put_in_place(monkeypatch)
    with pytest.raises(Failure, match="no area was drawn"):
        draw_area(PICTURE, None)
    assert screen.closed


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(Failure, match="no display"):
        require_display()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_a_display_that_does_not_answer_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV would end this process without an exception."""
    monkeypatch.setenv("DISPLAY", "localhost:77")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(Failure, match="no window can be opened"):
        require_display()
