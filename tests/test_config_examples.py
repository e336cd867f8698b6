"""Do the examples and the documentation have what the configuration takes?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from configs import OLD_CAMERAS, Folder
from motion_tracking.config import load
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.reference import refreshed
from motion_tracking.config.schema import CAMERA

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("name", ["config_cam.ini", "config_stream.ini"])
def test_the_examples_hold_every_key_and_work_with_each_comment_taken_away(
    folder: Folder, name: str
):
    text = (ROOT / "config" / name).read_text("utf-8")
    section_keys = {"config_cam.ini": CAMERA, "config_stream.ini": sum(PLANT.values(), ())}
    written = re.findall(r"(?m)^; *(\w+) = |^(\w+) = ", text)
    assert {key.name for key in section_keys[name]} == {a or b for a, b in written}

    usable = re.sub(r"(?m)^; (?=\[|\w+ = )", "", text)
    usable = usable.replace("YOUR_STREAM_IP", "10.0.0.7").replace("YOUR_", "MY_")
    config = folder.load(usable) if name == "config_cam.ini" else folder.load(stream=usable)
    assert config.problems == ()
    assert config.broken == {}


def test_the_examples_as_they_are_ask_for_the_recorder_only():
    config = load(ROOT / "config", {})

    errors = [p for p in config.problems if p.fatal]
    assert [(p.key, p.line is not None) for p in errors] == [("ip_address", True)]
    assert {p.key for p in config.problems} == {"ip_address", "username", "password"}


def test_the_page_of_the_documentation_has_the_keys_of_the_schema():
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")

    assert refreshed(page) == page, (
        "run: python -m motion_tracking.config.reference docs/configuration.md"
    )
    for section, keys in [("camera", CAMERA), *PLANT.items()]:
        assert f"<!-- table: {section} -->" in page
        assert all(f"`{key.name}`" in page for key in keys)


@pytest.mark.parametrize("key", [*CAMERA, *(key for keys in PLANT.values() for key in keys)])
def test_every_example_of_the_schema_is_allowed(key):
    key.kind.read(key.example)


@pytest.mark.slow
def test_listing_cameras_does_not_bring_opencv(folder: Folder):
    folder.load(OLD_CAMERAS)
    code = (
        "import sys; from pathlib import Path; from motion_tracking.config import load;"
        f"assert len(load(Path({str(folder.path)!r}), {{}}).cameras) == 16;"
        "assert not {'cv2', 'numpy', 'platformdirs', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
