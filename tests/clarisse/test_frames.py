"""Which frames a job renders, of each image, in each chunk, and first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_values import SETTINGS, image, scene
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.snapshot import Image


def frames_of(settings: JobSettings, *images: Image) -> JobFrames:
    job, findings = read_frames(settings, scene(*images))
    assert findings == ()
    return job


@pytest.mark.parametrize("images, union", [
    pytest.param([image("a", 1, 10)], "1-10", id="one"),
    pytest.param([image("a", 1, 4), image("b", 3, 8)], "1-8", id="overlapping"),
    pytest.param([image("a", 1, 4), image("b", 20, 22)], "1-4,20-22", id="apart"),
    pytest.param([image("a", 1, 9, frame_step=2), image("b", 2, 10, frame_step=2)], "1-10",
                 id="stepped"),
    pytest.param([image("a", 10, 1)], "1-10", id="reversed"),
    pytest.param([image("a", 5, 5)], "5", id="one frame"),
    pytest.param([image("a", 1, 3, frame_step=0)], "1-3", id="a step of 0 counts as 1"),
    pytest.param([image("a", 1, 3), image("b", 7, 9, enabled=False)], "1-3", id="disabled"),
])
def test_frames_of_images_with_their_own_ranges(images: list[Image], union: str) -> None:
    assert str(frames_of(SETTINGS, *images).frames) == union


def test_custom_frames_count_for_every_image() -> None:
    custom = replace(SETTINGS, use_custom_frames=True, custom_frames="1,7,10-20,30-60x3,1001")
    job = frames_of(custom, image("a", 1, 4), image("b", 3, 8))
    assert [str(one.frames) for one in job.images] == ["1-7x6,10-20,30-60x3,1001"] * 2


IMAGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 5)),
                  min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(IMAGES, st.integers(1, 12))
def test_every_frame_of_every_image_is_in_exactly_one_task(
    ranges: list[tuple[int, int, int]], size: int,
) -> None:
    images = [image("i%d" % place, *sorted(ends[:2]), frame_step=ends[2])
              for place, ends in enumerate(ranges)]
    job = frames_of(replace(SETTINGS, chunk_size=size), *images)
    rendered: list[tuple[str, int]] = []
    chunks = list(job.chunks())
    for chunk in chunks:
        assert 0 < len(chunk.frames) <= size
        assert all(one.frames for one in chunk.images)
        rendered += [(one.image.path, frame) for one in chunk.images for frame in one.frames]
    truth = [(one.path, frame) for one in images
             for frame in range(one.first_frame, one.last_frame + 1, one.frame_step)]
    assert sorted(rendered) == sorted(truth)
    assert job.chunk_count == len(chunks)
    assert job.last_chunk == chunks[-1]


@pytest.mark.parametrize("side", [2, 10])
def test_tiles_of_a_chunk_follow_each_other(side: int) -> None:
    job, _ = read_frames(replace(SETTINGS, tiles=side), scene(image("a", 1, 4)))
    chunks = list(job.chunks())
    assert (job.tiles, job.chunk_count, job.task_count) == (side ** 2, 2, len(chunks))
    assert [(str(one.frames), one.tile) for one in chunks] == [
        (frames, tile) for frames in ("1-2", "3-4") for tile in range(1, side ** 2 + 1)]
    assert job.last_chunk == chunks[-1]


def test_no_frames_no_chunks() -> None:
    assert (list(JobFrames().chunks()), JobFrames().last_chunk) == ([], None)


CUSTOM = replace(SETTINGS, use_custom_frames=True, custom_frames="1-10")
SCOUT = replace(CUSTOM, use_scout_frames=True)


@pytest.mark.parametrize("settings_, level, code, subject, quoted", [
    pytest.param(replace(CUSTOM, custom_frames="1-x"), "error", "frames-invalid",
                 "custom_frames", '"1-x"', id="custom frames"),
    pytest.param(replace(CUSTOM, custom_frames=""), "error", "frames-invalid", "custom_frames",
                 "empty", id="no custom frames"),
    pytest.param(replace(SCOUT, scout_frames="-3"), "error", "frames-invalid", "scout_frames",
                 '"-3"', id="scout frames"),
    pytest.param(replace(SCOUT, scout_frames="20-30"), "error", "scout-outside", "scout_frames",
                 '"20-30"', id="no scout frame in the job"),
    pytest.param(replace(SCOUT, scout_frames="3,12"), "warning", "scout-outside", "scout_frames",
                 '"12"', id="some scout frames outside"),
    pytest.param(replace(CUSTOM, chunk_size=0), "error", "chunk-size", "chunk_size", "not 0",
                 id="chunk size"),
    pytest.param(replace(CUSTOM, custom_frames="1-1001", chunk_size=1), "info", "tasks-many",
                 "chunk_size", "1001 tasks", id="many tasks"),
])
def test_findings(
    settings_: JobSettings, level: str, code: str, subject: str, quoted: str,
) -> None:
    _, (finding,) = read_frames(settings_, scene())
    assert (finding.level.value, finding.code, finding.subject) == (level, code, subject)
    assert quoted in finding.message


def test_a_negative_range_of_an_image_is_a_finding_of_that_image() -> None:
    job, (finding,) = read_frames(SETTINGS, scene(image("a", -5, 4), image("b", 3, 8)))
    assert (finding.code, finding.subject) == ("image-range", "project://scene/a")
    assert str(job.frames) == "3-8"


def test_a_job_without_enabled_images() -> None:
    _, (finding,) = read_frames(SETTINGS, scene(image("a", enabled=False)))
    assert (finding.code, finding.subject) == ("images-missing", "images")


@pytest.mark.parametrize("settings_, images", [
    pytest.param(replace(SCOUT, custom_frames="1-x", scout_frames="50"), [], id="custom frames"),
    pytest.param(replace(SCOUT, use_custom_frames=False, scout_frames="50"),
                 [image("a", -3, 4), image("b", 6, 8)], id="one of two ranges"),
    pytest.param(replace(SCOUT, use_custom_frames=False, scout_frames="50"),
                 [image("a", enabled=False)], id="no image"),
])
def test_scout_frames_are_not_blamed_where_the_frames_are_wrong(
    settings_: JobSettings, images: list[Image],
) -> None:
    _, (finding,) = read_frames(settings_, scene(*images))
    assert finding.subject != "scout_frames"


def test_both_fields_may_be_wrong() -> None:
    _, findings = read_frames(replace(SCOUT, custom_frames="1-", scout_frames="x"), scene())
    assert [one.subject for one in findings] == ["custom_frames", "scout_frames"]


def test_scout_frames_by_a_rule() -> None:
    job = frames_of(replace(SCOUT, custom_frames="1-100", scout_frames="fml"), image())
    assert str(job.scout) == "1-50x49,100"


def test_only_scout_frames_of_the_job_are_kept() -> None:
    job, _ = read_frames(replace(SCOUT, scout_frames="3,8,12"), scene())
    assert str(job.scout) == "3-8x5"


def test_a_thousand_tasks_are_no_news() -> None:
    frames_of(replace(CUSTOM, custom_frames="1-1000", chunk_size=1), image())
