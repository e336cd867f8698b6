"""Does `check --cost` say how many cameras like this one the computer carries?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from motion_tracking.commands.costing import ROOM, Cost, carried, cost_findings
from motion_tracking.config import load
from servers.gst import Channel, GstCamera
from servers.plant import Plant


def test_what_is_left_for_other_work_and_the_memory_bound_the_number() -> None:
    assert carried(0.01, 4, 1e9) == 280
    assert carried(0.7 / 2, 1, 1e9) == 2
    assert carried(0.01, 4, 600.0) == 10
    assert carried(2.0, 1, 1e9) == 0


def test_the_number_is_rounded_down_to_two_digits() -> None:
    assert carried(ROOM * 2 / 1234, 2, 1e9) == 1200


def plant_of(tmp_path: Path, camera: GstCamera, sampling: str) -> Plant:
    corners = {"ix": 176, "iy": 72, "ix2": 528, "iy2": 432}
    plant = Plant(tmp_path)
    plant.configure(
        {"press1": {"channel": 802, "threshold": 500, **corners, "sampling": sampling}},
        stream={
            "ip_address": "127.0.0.1",
            "port": camera.port,
            "username": camera.user,
            "password": camera.password,
        },
    )
    return plant


@pytest.mark.slow
@pytest.mark.parametrize("sampling", ["head", "all"])
def test_it_is_measured_on_a_real_recorder(
    tmp_path: Path, start_gst_camera: Callable[..., GstCamera], sampling: str
) -> None:
    camera = start_gst_camera(channels=[Channel(802, gop=25)])
    plant = plant_of(tmp_path, camera, sampling)

    done = plant.run("check", "press1", "--cost", "--seconds", "8", "--json")

    said = json.loads(done.stdout)
    (cost,) = said["cost"]
    texts = [each["text"] for each in said["findings"] if each["subject"] == "Cost"]
    assert cost["size"] == [704, 576]
    assert cost["fps"] == pytest.approx(25, abs=3)
    assert cost["carried"] >= cost["carried_all"] >= 1
    assert 0 < cost["today"] <= cost["all"] < 1
    assert texts[0].startswith("press1 (704x576, 25 pictures a second) takes")
    if sampling == "head":
        assert cost["today"] < 0.7 * cost["all"]
        assert "with sampling = all it would take" in texts[1]
    else:
        assert cost["today"] == cost["all"]
        assert "all pictures are decoded" in texts[1]


@pytest.mark.slow
def test_a_camera_that_sends_nothing_costs_nothing(
    tmp_path: Path, start_gst_camera: Callable[..., GstCamera]
) -> None:
    camera = start_gst_camera(channels=[Channel(802)])
    plant = plant_of(tmp_path, camera, "all")
    camera.kill()
    costs: list[Cost] = []
    cameras = list(load(plant.config, {}).cameras.values())
    (found,) = cost_findings(plant.config, cameras, 2.0, costs)
    assert (found.subject, found.mark, costs) == ("Cost", "skip", [])
    assert "nothing answers" in found.text
