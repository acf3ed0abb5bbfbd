"""cnode's command line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib.errors import FrameSpecError
from conductor.lib.sequence import Sequence
from conductor.slate.arguments import parse_arguments, parse_frames

IMAGES = ["project://scene/a", "project://scene/b"]


@pytest.mark.parametrize(("spec", "frames"), [
    pytest.param("7", [7], id="one-frame"),
    pytest.param("9:10", [9, 10], id="range"),
    pytest.param("1:10%3", [1, 4, 7, 10], id="stepped"),
    pytest.param("1:10%2;20", [1, 3, 5, 7, 9, 20], id="pieces"),
    pytest.param("20;1:3", [1, 2, 3, 20], id="pieces-in-any-order"),
    pytest.param("0", [0], id="frame-zero"),
])
def test_frame_specs(spec: str, frames: list[int]) -> None:
    assert list(parse_frames(spec)) == frames


@pytest.mark.parametrize(("spec", "column"), [
    pytest.param("", 0, id="empty"),
    pytest.param("1-10", 0, id="the-dash-of-the-other-grammar"),
    pytest.param("1:10;x", 5, id="second-piece"),
    pytest.param("1:10%0", 0, id="step-of-zero"),
    pytest.param("1:3;", 4, id="nothing-after-the-separator"),
    pytest.param("-3", 0, id="negative"),
])
def test_wrong_frame_specs_point_at_the_piece(spec: str, column: int) -> None:
    with pytest.raises(FrameSpecError) as caught:
        parse_frames(spec)
    assert (caught.value.text, caught.value.position) == (spec, column)


@given(st.sets(st.integers(0, 3000), min_size=1, max_size=30))
@settings(max_examples=60)
def test_what_the_submitter_writes_is_read_back(frames: set[int]) -> None:
    sequence = Sequence.from_frames(frames)
    assert parse_frames(sequence.to(":", "%", ";")) == sequence


def test_one_spec_for_each_image_in_order() -> None:
    request = parse_arguments(
        ["shot.project", "-image", *IMAGES, "-image_frames_list", "1:10%2;20", "3"]
    )
    assert request.images == tuple(IMAGES)
    assert [str(frames) for frames in request.image_frames] == ["1-9x2,20", "3"]


def test_several_frames_lists_are_one_set() -> None:
    assert list(parse_arguments(["p", "-frames_list", "1:2", "9"]).frames or ()) == [1, 2, 9]


def test_the_task_command_of_a_wrapper_is_understood() -> None:
    request = parse_arguments([
        "shot.project", "-image", IMAGES[0], "-image_frames_list", "1", "-config_file", "c.cfg",
        "-license_server", "host:40500", "-log_width", "0", "-texture_cache", "4096",
        "-search_path", "/a", "/b", "-log_level", "Debug5", "-tile_rendering", "4", "2",
        "-script", "prep.py -images x",
    ])
    assert (request.tile, request.script, request.log_level) == (
        (2, 4), "prep.py -images x", "Debug5")


@pytest.mark.parametrize(("arguments", "said"), [
    pytest.param([], "input_file", id="no-project"),
    pytest.param(["p", "-image", *IMAGES, "-image_frames_list", "1"], "1 specs for 2 images",
                 id="too-few-specs"),
    pytest.param(["p", "-image_frames_list", "1"], "1 specs for 0 images", id="specs-alone"),
    pytest.param(["p", "-tile_rendering", "4", "5"], "not 4 5", id="tile-past-the-last"),
    pytest.param(["p", "-frames_list", "1-3"], '"1-3"', id="frame-spec"),
    pytest.param(["p", "-imag", "x"], "-imag", id="unknown-flag"),
])
def test_senseless_arguments_end_with_2_and_say_why(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parse_arguments(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_help_names_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse_arguments(["-help"])
    assert left.value.code == 0
    assert "-image_frames_list" in capsys.readouterr().out
