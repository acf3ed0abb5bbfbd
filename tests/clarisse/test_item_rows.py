"""What the attribute editor shows of every ConductorJob: rows of switches, the frames line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.headless import driver

JOB = "project://job"
OTHER = "project://other"
ROWS = ("custom_frames", "scout_frames", "email_addresses")
SECOND = """ConductorJob {
    name "other"
    #version 0.0
    images "project://scene/bare"
    notify yes
    email_addresses "a@example.com"
    tiles 2
}
#preferences {"""


def hidden(ix: Any, path: str) -> list[str]:
    """Rows of switches that are not shown."""
    return [row for row in ROWS if ix.get_item(path).get_attribute(row).is_hidden()]


def frames_line(ix: Any, path: str = JOB) -> str:
    return str(ix.get_item(path).get_attribute("frames_info").get_string())


@pytest.fixture
def two(open_scene: Any) -> Any:
    """Two jobs that a project brings along: nothing tells us that it was opened."""
    return open_scene(("#preferences {", SECOND))


@pytest.mark.parametrize("button", ["best_chunk_size", "preview", "refresh"])
def test_a_press_shows_the_rows_of_every_job(service_env: Any, two: Any, button: str) -> None:
    assert (hidden(two, JOB), hidden(two, OTHER)) == (list(ROWS), list(ROWS))
    driver.press(JOB, button)
    assert hidden(two, JOB) == ["email_addresses"]
    assert hidden(two, OTHER) == ["custom_frames", "scout_frames"]


def test_a_press_brings_every_frames_line_up_to_date(two: Any) -> None:
    driver.press(JOB, "best_chunk_size")
    assert frames_line(two) == "2 Scout / 10 Frames -- 5 Chunks -- 1-10"
    assert frames_line(two, OTHER) == "2 Frames -- 1 Chunks x 4 Tiles -- 1-2"
    # An image has changed, which no job is told of.
    two.get_item("project://scene/bare").get_attribute("last_frame").set_long(7)
    driver.press(JOB, "best_chunk_size")
    assert frames_line(two, OTHER) == "7 Frames -- 2 Chunks x 4 Tiles -- 1-7"


@pytest.mark.parametrize("name, value", [
    ("retries", "2"), ("title", "x"), ("project", "4711"), ("local_upload", "0"),
])
def test_any_change_of_the_item_brings_it_up_to_date(two: Any, name: str, value: str) -> None:
    driver.set_attribute(OTHER, name, value)
    assert frames_line(two, OTHER).endswith("-- 1-2")
    assert hidden(two, OTHER) == ["custom_frames", "scout_frames"]
    assert frames_line(two, JOB) == ""


def test_tiles_are_told_at_once(two: Any) -> None:
    driver.set_attribute(OTHER, "tiles", "3x3")
    assert "x 9 Tiles" in frames_line(two, OTHER)


def test_what_is_shown_already_is_left_alone(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.press(JOB, "best_chunk_size")
    attr = type(two.get_item(JOB).get_attribute("custom_frames"))
    shown: list[bool] = []
    monkeypatch.setattr(attr, "set_hidden", lambda self, hide: shown.append(hide))
    driver.press(JOB, "best_chunk_size")
    assert shown == []


def test_a_job_of_a_referenced_project_is_left_alone(ix: Any, scene_path: Path) -> None:
    text = scene_path.read_text(encoding="utf-8")
    beside = scene_path.with_name("library.project")
    beside.write_text(text.replace("#preferences {", SECOND), encoding="utf-8")
    made = ix.cmds.CreateFileReference("project://scene", [str(beside)])
    remote = str(made) + "/other"
    assert ix.get_item(remote).get_attribute("tiles").get_long() == 2
    before = len(driver.log("warning"))
    driver.press(JOB, "best_chunk_size")
    assert frames_line(ix, remote) == ""
    assert driver.log("warning")[before:] == []
