"""Can it be installed where nobody here can try: on Windows, and with either major of a library?"""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]


def resolve(platform: str, python: str, *wishes: str) -> dict[str, str]:
    """Return the versions that an installation would have."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "-q", "--no-header", "--no-annotate"),
            *("--python-platform", platform, "--python-version", python),
            *("pyproject.toml", *(("-",) if wishes else ("-c", "constraints.txt"))),
        ],
        cwd=PROJECT,
        input="\n".join(wishes),
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("==") for line in done.stdout.split())


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_windows_gets_its_toasts_and_time_zones(python: str) -> None:
    versions = resolve("windows", python)

    assert versions["win10toast"] == "0.9"
    assert int(versions["setuptools"].split(".")[0]) < 82
    assert "tzdata" in versions


def test_linux_gets_nothing_of_windows() -> None:
    assert not {"win10toast", "pywin32"} & set(resolve("linux", "3.11"))


@pytest.mark.parametrize("wish", ["opencv-python<5", "av>=19"])
def test_the_other_major_can_be_installed(wish: str) -> None:
    name = wish.partition("<")[0].partition(">")[0]
    assert name in resolve("windows", "3.13", wish)
