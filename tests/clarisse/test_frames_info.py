"""The line under the frame fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames_info import best_chunk_size, frames_info
from conductor.clarisse.snapshot import Image
from conductor.lib.errors import InputError


def image(first: int, last: int, step: int = 1, enabled: bool = True) -> Image:
    return Image("project://scene/a", "Image", enabled, True, "/out/a", 0, first, last, step)


CUSTOM = JobSettings(use_custom_frames=True, custom_frames="1-10", chunk_size=2)


@pytest.mark.parametrize("settings, images, line", [
    (replace(CUSTOM, use_scout_frames=True, scout_frames="3,8"), [],
     "2 Scout / 10 Frames -- 5 Chunks -- 1-10"),
    (CUSTOM, [], "10 Frames -- 5 Chunks -- 1-10"),
    (replace(CUSTOM, use_scout_frames=True, scout_frames="9-12"), [],
     "2 Scout / 10 Frames -- 5 Chunks -- 1-10"),
    (replace(CUSTOM, scout_frames="3"), [], "10 Frames -- 5 Chunks -- 1-10"),
    (JobSettings(), [image(1, 4), image(3, 8)], "8 Frames -- 2 Chunks -- 1-8"),
    (JobSettings(), [image(1, 9, 4)], "3 Frames -- 1 Chunks -- 1-9x4"),
    (JobSettings(), [image(1, 4), image(100, 200, enabled=False)], "4 Frames -- 1 Chunks -- 1-4"),
    (replace(CUSTOM, tiles=3), [], "10 Frames -- 5 Chunks x 9 Tiles -- 1-10"),
    (replace(CUSTOM, use_scout_frames=True, scout_frames="auto:3"), [],
     "3 Scout / 10 Frames -- 5 Chunks -- 1-10"),
], ids=[
    "the quick start of the manual", "no scouting", "scout frames outside do not count",
    "scout frames switched off", "images with ranges of their own", "a stepped image",
    "a disabled image is out", "tiles", "scout frames by a rule",
])
def test_frames_info(settings: JobSettings, images: list[Image], line: str) -> None:
    assert frames_info(settings, images) == line


@pytest.mark.parametrize("settings, images, quoted", [
    (replace(CUSTOM, custom_frames="1-x"), [], '"1-x", at character 2'),
    (replace(CUSTOM, custom_frames=""), [], '""'),
    (replace(CUSTOM, use_scout_frames=True, scout_frames="-3"), [], '"-3", at character 1'),
    (replace(CUSTOM, use_scout_frames=True, scout_frames="50"), [], '"50"'),
    (JobSettings(), [image(-5, 3)], "-5"),
    (JobSettings(), [], "no enabled image"),
    (replace(CUSTOM, chunk_size=0), [], "not 0"),
    (replace(CUSTOM, tiles=11), [], "11x11"),
    (replace(CUSTOM, use_scout_frames=True, scout_frames="auto"), [], '"auto", at character 5'),
], ids=[
    "custom frames", "custom frames empty", "scout frames", "scout frames all outside",
    "an image below zero", "nothing to render", "a chunk of nothing",
    "too many tiles", "a rule without a number",
])
def test_what_is_wrong_is_said_in_one_line(
    settings: JobSettings, images: list[Image], quoted: str
) -> None:
    line = frames_info(settings, images)
    assert quoted in line
    assert "\n" not in line and "^" not in line
    assert "Chunks" not in line


def test_best_chunk_size_evens_out() -> None:
    settings = replace(CUSTOM, custom_frames="1-100", chunk_size=33)
    assert best_chunk_size(settings, []) == 25


@pytest.mark.parametrize("settings", [JobSettings(), replace(CUSTOM, custom_frames="1-x")],
                         ids=["no frames", "frames that cannot be read"])
def test_best_chunk_size_needs_frames(settings: JobSettings) -> None:
    with pytest.raises(InputError):
        best_chunk_size(settings, [])
