"""What a sequence shows at each frame: range, offset, rate, behaviour outside; tiles; one scan."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib.dependencies import (
    Answer,
    Behavior,
    FileReference,
    Policy,
    Resolution,
    ScanWatch,
    resolve,
)
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import Cancelled
from conductor.lib.path_patterns import PathPattern
from conductor.lib.progress import Progress
from conductor.lib.sequence import Sequence

DROP, HOLD, REPEAT = Behavior.DROP, Behavior.HOLD, Behavior.REPEAT


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def scan(
    *references: FileReference, frames: str = "1-5", policy: Policy = Policy.SMART,
) -> Resolution:
    return resolve(references, Sequence.parse(frames), policy, DirectoryListing())


def numbers(reference: FileReference, frames: str) -> list[int]:
    """Numbers of the files that the frames need: nothing is on disk, so all are missing."""
    path = "/nowhere/bg.#.png"
    missing = scan(FileReference(**{**vars(reference), "path": path}), frames=frames).missing
    return [int(path.split(".")[1]) for path, _ in missing]


@pytest.mark.parametrize("before, after, frames, expected", [
    pytest.param(DROP, DROP, "8-13", [10, 11, 12], id="drop shows nothing outside"),
    pytest.param(HOLD, DROP, "8-9", [10], id="hold shows the first file before"),
    pytest.param(DROP, HOLD, "12-20", [12], id="hold shows the last file after"),
    pytest.param(DROP, REPEAT, "12-16", [12, 10, 11], id="repeat starts again"),
    pytest.param(REPEAT, DROP, "7-10", [10, 11, 12], id="repeat before the range"),
    pytest.param(REPEAT, HOLD, "9,13", [12], id="repeat before, hold after"),
    pytest.param(HOLD, DROP, "13-14", [], id="hold before says nothing of after"),
])
def test_behavior_outside_the_range(
    before: Behavior, after: Behavior, frames: str, expected: list[int],
) -> None:
    reference = FileReference("", "tex", 10, 12, before=before, after=after)
    assert numbers(reference, frames) == expected


def test_an_offset_moves_the_range_with_its_behaviors() -> None:
    reference = FileReference("", "tex", 10, 12, offset=50, before=HOLD, after=HOLD)
    assert numbers(reference, "1,60-62,100") == [10, 11, 12]


@pytest.mark.parametrize("speed, offset, frames, expected", [
    pytest.param(Fraction(1, 2), 0, "1-6", [0, 1, 2, 3], id="half the rate: each file twice"),
    pytest.param(Fraction(2), 0, "1-3", [2, 4, 6], id="double rate: every other file"),
    pytest.param(Fraction(24, 25), 0, "24-26", [23, 24], id="24 in 25"),
    pytest.param(Fraction(1, 2), 10, "10-13", [0, 1], id="counted from the offset"),
    pytest.param(Fraction(1, 2), 20, "10", [], id="no file below 0"),
])
def test_another_rate(speed: Fraction, offset: int, frames: str, expected: list[int]) -> None:
    assert numbers(FileReference("", "tex", speed=speed, offset=offset), frames) == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 8), st.integers(-20, 20),
       st.sampled_from(list(Behavior)), st.sampled_from(list(Behavior)))
def test_every_frame_agrees_with_a_walk_along_the_sequence(
    frame: int, start: int, length: int, offset: int, before: Behavior, after: Behavior,
) -> None:
    """The judge steps from the range to the frame, one file at a time."""
    end = start + length
    place, shown = frame - offset, start
    step = 1 if place >= start else -1
    outside = None
    for at in range(start, place + step, step):
        if at != start:
            shown += step
        if shown > end or shown < start:
            outside = after if step > 0 else before
            shown = start if step > 0 else end
    expected: int | None = shown
    if outside is DROP:
        expected = None
    elif outside is HOLD:
        expected = end if step > 0 else start
    reference = FileReference("/a.#.png", "tex", start, end, offset, before=before, after=after)
    assert reference.file_frame(frame) == expected
    assert list(reference.shows(Sequence.from_frames([frame]))) == (
        [] if expected is None else [(frame, expected)])


def test_frames_of_one_reference_count_before_those_of_the_job(tmp_path: Path) -> None:
    touch(tmp_path, *["a.%d.png" % number for number in range(1, 9)])
    path = tmp_path.as_posix() + "/a.$F.png"
    own = FileReference(path, "own", frames=Sequence.parse("7-8"))
    assert [file[-5] for file in scan(own, frames="1-5").files] == ["7", "8"]
    both = scan(own, FileReference(path, "job"), frames="1")
    assert [len(answer.files) for answer in both.answers] == [2, 1]
    assert [file[-5] for file in both.files] == ["7", "8", "1"]


# -- who needs a file ----------------------------------------------------------------------------


@pytest.mark.parametrize("name, fields, file, frames", [
    pytest.param("a.####.png", {"offset": -100}, "a.0103.png", "3", id="hashes"),
    pytest.param("a.####.png", {"start": 1, "end": 2, "after": HOLD}, "a.0002.png", "2-5",
                 id="a held file"),
    pytest.param("a.$F.png", {}, "a.4.png", "4", id="frame"),
    pytest.param("a.<UDIM>.png", {}, "a.1001.png", "1-5", id="tile: all frames"),
    pytest.param("a.<UDIM>.$F.png", {}, "a.1001.2.png", "2", id="tile of a frame"),
    pytest.param("a.png", {}, "a.png", "1-5", id="literal: all frames"),
    pytest.param("a.####.png", {}, "a.0009.png", "", id="no frame"),
])
def test_the_frames_that_need_a_file(
    name: str, fields: dict[str, int], file: str, frames: str,
) -> None:
    answer = Answer(FileReference("/tex/" + name, "tex", **fields))  # type: ignore[arg-type]
    assert str(answer.frames_of("/tex/" + file, Sequence.parse("1-5"))) == frames


@pytest.mark.parametrize("pattern, path, answer", [
    ("/a/b.####.png", "/a/b.0001.png", True), ("/a/b.####.png", "/a/b.001.png", False),
    ("/a/b.####.png", "/a/c/b.0001.png", False), ("/a/$F/b.png", "/a/12/b.png", True),
    ("/a/$F/b.png", "/a/12/c.png", False), ("/x/b.#.png", "/a/b.1.png", False),
    ("Z:/a/b2.#.png", "Z:/a/b2.1.png", True), ("Z:/a/b2.#.png", "Z:/a/b3.1.png", False),
])
def test_a_pattern_tells_whether_it_may_mean_a_path(pattern: str, path: str, answer: bool) -> None:
    assert PathPattern(pattern).matches(path) is answer


# -- tiles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, files, others", [
    pytest.param("t.<UDIM>.tx", ["t.1001.tx", "t.1102.tx"], ["t.101.tx", "t.x.tx"], id="UDIM"),
    pytest.param("t.<UVTILE>.tx", ["t.u1_v1.tx", "t.u10_v2.tx"], ["t.u1.tx"], id="UVTILE"),
    pytest.param("t<tile>.tx", ["t_u1_v1.tx"], ["tu1_v1.tx"], id="tile"),
    pytest.param("t.u<U>_v<V>.tx", ["t.u1_v2.tx"], ["t.u_v.tx"], id="U and V"),
    pytest.param("t_uU_vV.tx", ["t_u1_v1.tx", "t_u2_v1.tx"], ["t_uU_v1.tx"], id="Mudbox"),
    pytest.param("<UDIM>/t.<UDIM>.tx", ["1001/t.1001.tx", "1002/t.1001.tx"], ["x/t.1001.tx"],
                 id="in a folder too"),
])
@pytest.mark.parametrize("policy", [Policy.SMART, Policy.GLOB], ids=["smart", "glob"])
def test_every_tile_on_disk_is_needed(
    tmp_path: Path, name: str, files: list[str], others: list[str], policy: Policy,
) -> None:
    touch(tmp_path, *files, *others)
    found = scan(FileReference(tmp_path.as_posix() + "/" + name, "tex"), policy=policy)
    assert sorted(found.files) == sorted(tmp_path.as_posix() + "/" + file for file in files)
    assert found.missing == ()


def test_a_missing_tile_is_told_as_it_is_written() -> None:
    found = scan(FileReference("/no/t.<UVTILE>.$F.tx", "tex"), frames="3")
    assert found.missing == (("/no/t.<UVTILE>.3.tx", "tex"),)


# -- folders -------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_folder_is_not_left_out_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "out/b.exr")
    root = tmp_path.as_posix()
    found = resolve(
        [FileReference(root, "folder"), FileReference(root + "/out/b.exr", "file")],
        Sequence.parse("1"), Policy.SMART, DirectoryListing(),
        lambda asked, file: file.startswith(asked + "/out/"))
    assert [answer.files for answer in found.answers] == [
        (root + "/a.png",), (root + "/out/b.exr",)]


# -- progress and cancel -------------------------------------------------------------------------


def test_progress_counts_references_up_to_all() -> None:
    seen: list[Progress] = []
    references = [FileReference("/no/%d" % number, "tex") for number in range(200)]
    resolve(references, Sequence.parse("1"), Policy.SMART, DirectoryListing(),
            watch=ScanWatch(seen.append))
    counts = [progress.files_done for progress in seen]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == 200 and len(counts) > 3
    assert {(progress.stage, progress.files_total) for progress in seen} == {("Scanning", 200)}


def test_the_scan_ends_when_it_is_cancelled() -> None:
    event = threading.Event()
    listing = DirectoryListing()
    references = [FileReference("/no/%d/a" % number, "tex") for number in range(1000)]

    def stop(progress: Progress) -> None:
        if progress.files_done:
            event.set()

    with pytest.raises(Cancelled):
        resolve(references, Sequence.parse("1"), Policy.SMART, listing,
                watch=ScanWatch(stop, event))
    assert listing.listed < 400
    with pytest.raises(Cancelled):
        resolve(references, Sequence.parse("1"), Policy.SMART, listing,
                watch=ScanWatch(lambda progress: False))
