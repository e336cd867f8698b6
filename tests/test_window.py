"""An area is drawn with the mouse in a window, and where none can be opened that is said."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from motion_tracking.commands import window
from motion_tracking.commands.window import Drawing, draw_area, require_display
from motion_tracking.config import load
from motion_tracking.console import Failure
from motion_tracking.core.motion import Roi
from servers.child import Child
from servers.desktop import PATIENCE, Desktop, desktop_programs
from servers.plant import PROGRAM
from servers.videos import block, write_video

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


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    """A real screen, window manager, mouse and keyboard."""
    if not desktop_programs():
        pytest.skip("no desktop: apt-get install xvfb openbox xdotool")
    with Desktop() as desktop:
        yield desktop


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs for 20 s and stands for 20, in a picture of 320x240."""
    path = tmp_path_factory.mktemp("clip") / "belt.mp4"
    moments = (n / 5 for n in range(40 * 5))
    return write_video(path, (block(at, at < 20, (320, 240)) for at in moments), 5)


class Drawn:
    """`init belt --window` on a desktop, with a clip to learn from."""

    def __init__(self, folder: Path, desktop: Desktop, clip: Path, *more: str) -> None:
        self.config = folder / "config"
        self.config.mkdir()
        self.ini = self.config / "config_cam.ini"
        self.ini.write_text(f"[belt]\nchannel=file:belt.mp4\n{''.join(more)}", encoding="utf-8")
        spans = ("--calibrate-running", "0-20", "--calibrate-stopped", "20-40")
        arguments = ("--window", "--snapshot", clip, *spans, "--yes")
        self.process = subprocess.Popen(
            [*PROGRAM, "-C", self.config, "init", "belt", *arguments],
            env=desktop.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        try:
            self.window = desktop.window("Drag around the part that moves")
        except BaseException:
            self.process.kill()
            raise

    def ended(self) -> tuple[int, str]:
        """Return the exit code, and what was said."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    @property
    def corners(self) -> tuple[int, int, int, int] | None:
        return load(self.config, {}).cameras["belt"].corners


@pytest.mark.slow
def test_an_area_drawn_on_a_real_desktop_is_learned_and_kept(
    tmp_path: Path, desktop: Desktop, clip: Path
) -> None:
    drawn = Drawn(tmp_path, desktop, clip)
    drawn.window.drag((200, 150), (230, 200))
    drawn.window.drag((86, 50), (12, 14))
    drawn.window.press("Left", "Left", "Down", "Up", "Down", "Right")
    drawn.window.press("Return")
    code, said = drawn.ended()
    assert (code, drawn.corners) == (0, (11, 15, 85, 51)), said


@pytest.mark.slow
def test_the_area_that_is_known_is_there_to_be_moved(
    tmp_path: Path, desktop: Desktop, clip: Path
) -> None:
    area = "ix=12\niy=14\nix2=86\niy2=50\nthreshold=100\n"
    drawn = Drawn(tmp_path, desktop, clip, area)
    drawn.window.press("Down")
    drawn.window.press("space")
    code, said = drawn.ended()
    assert (code, drawn.corners) == (0, (12, 15, 86, 51)), said


@pytest.mark.slow
@pytest.mark.parametrize("way", ["escape", "close", "enter, and nothing drawn"])
def test_whoever_leaves_a_real_window_is_told_and_nothing_is_written(
    tmp_path: Path, desktop: Desktop, clip: Path, way: str
) -> None:
    """To close it was seen to end in an internal error."""
    drawn = Drawn(tmp_path, desktop, clip)
    before = drawn.ini.read_bytes()
    if way == "close":
        drawn.window.drag((86, 50), (12, 14))
        drawn.window.close()
    else:
        drawn.window.press(*(["Return"] if "enter" in way else []), "Escape")
    assert drawn.ended() == (2, "error: no area was drawn\n")
    assert drawn.ini.read_bytes() == before


@pytest.mark.slow
def test_a_large_picture_fits_a_real_screen(desktop: Desktop) -> None:
    program = (
        "import numpy as np\n"
        "from motion_tracking.commands.window import draw_area\n"
        "print(draw_area(np.full((1080, 1920), 90, np.uint8), None))\n"
    )
    with Child(
        [sys.executable, "-c", program],
        env=desktop.environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        window = desktop.window("Drag around the part that moves")
        window.drag((1100, 100), (1200, 700))
        window.press("Return")
        said, _ = process.communicate(timeout=PATIENCE)
    assert said == f"{Roi(1650, 150, 150, 900)}\n"
