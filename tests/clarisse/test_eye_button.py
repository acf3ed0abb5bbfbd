"""The eye beside an image of the job: a closed one leaves it out of everything.

What the button does to the project is unverified: it disables the image itself, or mutes the value
that names it. Each test runs with both.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from conductor.clarisse.expected_files import expected_files
from conductor.clarisse.headless import driver
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.press import prepare
from conductor.lib.config import Config

JOB = "project://job"
ONE, TWO, BACK = "project://scene/one", "project://scene/two", "project://scene/one.back"
NAMED = '    images "project://scene/one" "project://scene/two"\n'
CUSTOM = "    use_custom_frames yes\n"

CLOSED = {
    "disabled": (('name "two"\n', 'name "two"\n        disabled yes\n'),),
    "muted": ((NAMED, NAMED.replace(" images ", " images {\n        value ").rstrip("\n")
               + "\n        muted 1\n    }\n"),),
}
both = pytest.mark.parametrize("how", list(CLOSED))


def prepared(ix: Any) -> Prepared:
    return prepare(ix, ix.get_item(JOB), Config.load())


@both
@pytest.mark.parametrize("own_ranges", [False, True], ids=["custom frames", "own ranges"])
def test_a_closed_eye_leaves_the_image_out(open_scene: Any, how: str, own_ranges: bool) -> None:
    ix = open_scene(*CLOSED[how], *([(CUSTOM, ""), ("use_scout_frames yes", "")] * own_ranges))
    made = prepared(ix)
    assert str(made.frames.frames) == ("1-4" if own_ranges else "1-10")
    assert [one.image.path for one in made.frames.images] == [ONE]
    assert made.variables["CT_SOURCES"] == ONE
    assert made.variables["CT_DIRECTORIES"] == made.submission.output_path
    assert made.submission.output_path.endswith("/out/one")
    assert all("scene/two" not in task.command and "out/two" not in task.command
               for task in made.submission.tasks)
    assert [one["item"] for one in expected_files(made)["outputs"]] == [ONE]
    assert TWO not in made.plan.ranges and not made.errors


@both
def test_the_last_image_cannot_be_closed(open_scene: Any, how: str) -> None:
    only = (NAMED, NAMED.replace(' "project://scene/one"', ""))
    (old, new), = CLOSED[how]
    closed = (only[1], new.replace(' "project://scene/one"', "").replace("muted 1", "muted 0"))
    ix = open_scene(only, closed) if how == "muted" else open_scene(only, (old, new))
    assert [finding.code for finding in prepared(ix).errors] == ["images-missing"]
    driver.press(JOB, "best_chunk_size")
    assert ix.get_item(JOB).get_attribute("frames_info").get_string().startswith("2 Scout / 10")


@both
def test_files_of_a_closed_image_are_not_scanned(
    open_scene: Any, monkeypatch: pytest.MonkeyPatch, how: str,
) -> None:
    """With the scan that follows what each image depends on."""
    monkeypatch.setenv("CONDUCTOR_SCAN_SCOPE", "images")
    link = ("frame_step 2\n", 'frame_step 2\n        plate "project://scene/fixed"\n')
    opened = prepared(open_scene(link))
    wanted = {os.path.basename(file.path) for file in opened.submission.upload_files}
    assert "fixed.png" in wanted
    (old, new), = CLOSED[how]
    closed = prepared(open_scene((old, new)))
    left = {os.path.basename(file.path) for file in closed.submission.upload_files}
    assert "fixed.png" not in left and "extra.png" in left


def test_a_layer_of_a_disabled_image_is_out(open_scene: Any) -> None:
    ix = open_scene(
        (NAMED, NAMED.replace('scene/one"', 'scene/one.back"')),
        ('name "one"\n', 'name "one"\n        disabled yes\n'))
    assert [one.image.path for one in prepared(ix).frames.images] == [TWO]


def test_a_disabled_layer_leaves_its_image_in(open_scene: Any) -> None:
    ix = open_scene(
        (NAMED, NAMED.replace(' "project://scene/two"', ' "project://scene/one.back"')),
        ('name "back"\n', 'name "back"\n                disabled yes\n'))
    assert [one.image.path for one in prepared(ix).frames.images] == [ONE]


def test_the_frames_line_follows_a_muted_value_at_once(open_scene: Any) -> None:
    ix = open_scene((CUSTOM, ""), ("use_scout_frames yes", ""))
    line = ix.get_item(JOB).get_attribute("frames_info")
    ix.cmds.MuteLocalValueAttributes([JOB + ".images[1]"], True)
    assert line.get_string() == "4 Frames -- 2 Chunks -- 1-4"
    ix.cmds.MuteLocalValueAttributes([JOB + ".images"], True)
    assert "no enabled image" in line.get_string()
    ix.cmds.MuteLocalValueAttributes([JOB + ".images"], False)
    assert line.get_string() == "6 Frames -- 3 Chunks -- 1-5,7"


def test_the_frames_line_follows_a_disabled_image_at_the_next_press(open_scene: Any) -> None:
    ix = open_scene((CUSTOM, ""), ("use_scout_frames yes", ""))
    ix.cmds.DisableItems([TWO], True)
    driver.press(JOB, "best_chunk_size")
    line = ix.get_item(JOB).get_attribute("frames_info").get_string()
    assert line == "4 Frames -- 2 Chunks -- 1-4"


@pytest.mark.parametrize("word", ["muted", "hushed"])
def test_the_word_for_a_muted_value_is_a_switch(open_scene: Any, word: str) -> None:
    (old, new), = CLOSED["muted"]
    ix = open_scene((old, new.replace("muted", word)))
    driver.host().switches.muted_keyword = word
    assert [one.image.path for one in prepared(ix).frames.images] == [ONE]


# ---------------------------------------------------------------- images that are gone


def gone(made: Prepared) -> list[str]:
    return [one.message.split('"')[1] for one in made.findings if one.code == "image-gone"]


def test_an_image_that_was_deleted_is_told_and_the_others_are_rendered(open_scene: Any) -> None:
    ix = open_scene((NAMED, NAMED.replace("\n", ' "project://scene/one.back"\n')))
    assert gone(prepared(ix)) == []
    ix.cmds.DeleteItems([TWO])
    made = prepared(ix)
    assert gone(made) == [TWO] and not made.errors
    assert [one.image.path for one in made.frames.images] == [ONE, BACK]
    ix.cmds.DeleteItems([ONE])
    assert gone(prepared(ix)) == [ONE, TWO, BACK]
    assert [one.code for one in prepared(ix).errors] == ["images-missing"]


@both
def test_a_closed_eye_is_no_image_that_is_gone(open_scene: Any, how: str) -> None:
    assert gone(prepared(open_scene(*CLOSED[how]))) == []


def test_a_renamed_or_moved_image_is_still_there(open_scene: Any) -> None:
    ix = open_scene()
    ix.cmds.RenameItem(TWO, "zwei")
    ix.cmds.CreateContext("my shots", "Global", "project:/")
    ix.cmds.MoveItemTo("project://scene/zwei", "project://my shots")
    made = prepared(ix)
    assert gone(made) == []
    assert [one.image.path for one in made.frames.images] == [ONE, "project://my shots/zwei"]
