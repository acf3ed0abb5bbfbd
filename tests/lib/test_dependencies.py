"""From paths with frames, tiles and folders to files; on real directories."""

from __future__ import annotations

import itertools
import os
import re
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib.dependencies import FileReference, Policy, Resolution, resolve, varies
from conductor.lib.directory_listing import DirectoryListing, NamePattern, Number
from conductor.lib.sequence import Sequence

ASKED = "project://scene/tex.filename"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def scan(
    disk: Path, path: str, frames: str = "1-20", policy: Policy = Policy.SMART,
    start: int | None = None, end: int | None = None, offset: int = 0,
) -> Resolution:
    reference = FileReference(disk.as_posix() + "/" + path, ASKED, start, end, offset)
    return resolve([reference], Sequence.parse(frames), policy, DirectoryListing())


def found(disk: Path, result: Resolution) -> list[str]:
    return [os.path.relpath(path, str(disk)).replace(os.sep, "/") for path in result.files]


def missed(disk: Path, result: Resolution) -> list[str]:
    return [os.path.relpath(path, str(disk)).replace(os.sep, "/") for path, _ in result.missing]


# -- the documented example ---------------------------------------------------------------------


def test_a_shot_of_20_frames_100_into_a_sequence_of_1000_images(disk: Path) -> None:
    touch(disk, *["bg.%04d.png" % number for number in range(1, 1001)])
    smart = scan(disk, "bg.####.png", "1-20", start=1, end=1000, offset=-100)
    assert found(disk, smart) == ["bg.%04d.png" % number for number in range(101, 121)]
    assert (smart.missing, smart.findings) == ((), ())
    everything = scan(disk, "bg.####.png", "1-20", Policy.GLOB, start=1, end=1000, offset=-100)
    assert len(everything.files) == 1000
    assert scan(disk, "bg.####.png", policy=Policy.NO_SCAN) == Resolution()


# -- which files a path means --------------------------------------------------------------------

TREE = [
    "a.png", "bg.0001.png", "bg.0002.png", "bg.0010.png", "bg.12345.png", "bg.00011.png",
    "bg.1.png", "bg.2.png", "bg.3.jpg", "bg.x.png", "v2bg.0001.png",
    "s1/f.01.exr", "s1/f.02.exr", "s2/f.01.exr", "s2/f.02.exr", "s2/g.01.exr",
    "t.1001.tx", "t.1002.tx", "t.10010.tx", "t.999.tx",
    "u.1001.0001.tx", "u.1002.0001.tx", "u.1001.0002.tx",
    "[x]?.0001.png", "100%.0001.png", "geo/a.obj", "geo/deep/b.obj",
]

SMART = [
    pytest.param("a.png", "1-3", ["a.png"], [], id="literal"),
    pytest.param("no.png", "1-3", [], ["no.png"], id="literal that is missing"),
    pytest.param("bg.####.png", "1-2", ["bg.0001.png", "bg.0002.png"], [], id="hashes"),
    pytest.param("bg.####.png", "1-3", ["bg.0001.png", "bg.0002.png"], ["bg.0003.png"],
                 id="one frame missing"),
    pytest.param("bg.####.png", "12345", ["bg.12345.png"], [], id="number longer than hashes"),
    pytest.param("bg.#.png", "1,10", ["bg.1.png"], ["bg.10.png"], id="one hash does not pad"),
    pytest.param("bg.$F.png", "1-2", ["bg.1.png", "bg.2.png"], [], id="$F"),
    pytest.param("bg.$4F.png", "1-2", ["bg.0001.png", "bg.0002.png"], [], id="$4F"),
    pytest.param("v$F:bg.0001.png", "2", ["v2bg.0001.png"], [], id="a colon ends $F early"),
    pytest.param("s$F/f.##.exr", "1-2", ["s1/f.01.exr", "s2/f.02.exr"], [], id="folder too"),
    pytest.param("s$F/g.01.exr", "1-2", ["s2/g.01.exr"], ["s1/g.01.exr"], id="folder only"),
    pytest.param("t.<UDIM>.tx", "1-9", ["t.1001.tx", "t.1002.tx"], [], id="tiles"),
    pytest.param("t.<udim>.tx", "1", ["t.1001.tx", "t.1002.tx"], [], id="tiles in small letters"),
    pytest.param("u.<UDIM>.####.tx", "1", ["u.1001.0001.tx", "u.1002.0001.tx"], [],
                 id="tiles of one frame"),
    pytest.param("u.<UDIM>.####.tx", "7", [], ["u.<UDIM>.0007.tx"], id="no tile of a frame"),
    pytest.param("[x]?.####.png", "1", ["[x]?.0001.png"], [], id="characters of wildcards"),
    pytest.param("100%.####.png", "1", ["100%.0001.png"], [], id="percent"),
    pytest.param("geo", "1", ["geo/a.obj", "geo/deep/b.obj"], [], id="a folder"),
    pytest.param("s1/../s2//g.01.exr", "1", ["s2/g.01.exr"], [], id="dots and slashes"),
    pytest.param("none/bg.####.png", "1-2", [], ["none/bg.0001.png", "none/bg.0002.png"],
                 id="folder that is missing"),
]


@pytest.mark.parametrize("path, frames, files, missing", SMART)
def test_smart(disk: Path, path: str, frames: str, files: list[str], missing: list[str]) -> None:
    touch(disk, *TREE)
    result = scan(disk, path, frames)
    assert found(disk, result) == files
    assert missed(disk, result) == missing
    assert len(result.findings) == (1 if missing else 0)
    assert all(asked == ASKED for _, asked in result.missing)


GLOB = [
    pytest.param("a.png", ["a.png"], [], id="literal"),
    pytest.param("bg.####.png", ["bg.0001.png", "bg.0002.png", "bg.0010.png", "bg.12345.png"], [],
                 id="hashes: that many digits, more only for greater numbers"),
    pytest.param("bg.$F.png", [
        "bg.00011.png", "bg.0001.png", "bg.0002.png", "bg.0010.png", "bg.1.png", "bg.12345.png",
        "bg.2.png"], [], id="$F: any digits"),
    pytest.param("bg.$4F.png", ["bg.0001.png", "bg.0002.png", "bg.0010.png", "bg.12345.png"], [],
                 id="$4F: four digits or more"),
    pytest.param("bg.##1#.png", ["bg.0001.png", "bg.0002.png", "bg.0010.png", "bg.12345.png",
                                 "bg.00011.png"], [],
                 id="digits between hashes: only the length counts"),
    pytest.param("bg.00##.png", ["bg.0001.png", "bg.0002.png", "bg.0010.png"], [],
                 id="digits before hashes"),
    pytest.param("bg.##10.png", ["bg.0010.png"], [], id="digits after hashes"),
    pytest.param("v#bg.0001.png", ["v2bg.0001.png"], [], id="digits elsewhere"),
    pytest.param("s#/f.##.exr", ["s1/f.01.exr", "s1/f.02.exr", "s2/f.01.exr", "s2/f.02.exr"], [],
                 id="folders too"),
    pytest.param("no.####.png", [], ["no.####.png"], id="no match"),
]


@pytest.mark.parametrize("path, files, missing", GLOB)
def test_glob(disk: Path, path: str, files: list[str], missing: list[str]) -> None:
    touch(disk, *TREE)
    result = scan(disk, path, "1", Policy.GLOB)
    assert sorted(found(disk, result)) == sorted(files)
    assert missed(disk, result) == missing


# -- sequence attributes -------------------------------------------------------------------------


@pytest.mark.parametrize("frames, start, end, offset, numbers", [
    pytest.param("1-3", None, None, 0, [1, 2, 3], id="no attributes"),
    pytest.param("1-100", 5, 7, 0, [5, 6, 7], id="shorter than the shot"),
    pytest.param("1-3", 10, 20, 50, [], id="the shot ends before it begins"),
    pytest.param("59-61", 10, 20, 50, [10, 11], id="offset 50: file 10 is first seen at 60"),
    pytest.param("1-10x4", 1, 100, -100, [], id="nothing left"),
    pytest.param("1-9x4", 1, 200, -100, [101, 105, 109], id="stepped frames"),
    pytest.param("1-3", None, None, 2, [0, 1], id="files below 0 do not exist"),
    pytest.param("1-3", -5, 2, 0, [1, 2], id="start below 0"),
])
def test_sequence_attributes(
    frames: str, start: int | None, end: int | None, offset: int, numbers: list[int],
) -> None:
    result = resolve(
        [FileReference("/nowhere/bg.####.png", ASKED, start, end, offset)],
        Sequence.parse(frames), Policy.SMART, DirectoryListing())
    assert [path for path, _ in result.missing] == ["/nowhere/bg.%04d.png" % n for n in numbers]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, 60), min_size=1), st.integers(0, 40), st.integers(0, 40),
       st.integers(-30, 30))
def test_sequence_attributes_agree_with_a_loop(
    frames: set[int], one: int, other: int, offset: int,
) -> None:
    start, end = sorted((one, other))
    truth = [frame for frame in sorted(frames) if start <= frame - offset <= end]
    reference = FileReference("/bg.#.png", ASKED, start, end, offset)
    assert list(reference.render_frames(Sequence.from_frames(frames))) == truth


def test_the_frame_variable_ignores_the_offset(disk: Path) -> None:
    touch(disk, "5/bg.0105.png")
    assert found(disk, scan(disk, "$F/bg.####.png", "5", offset=-100)) == ["5/bg.0105.png"]


# -- what cannot be found ------------------------------------------------------------------------


@pytest.mark.parametrize("path, code, quoted", [
    pytest.param("/tex/$SHOW/a.png", "variable-unknown", '"$SHOW"', id="unknown variable"),
    pytest.param("/tex/a.$FPS.png", "variable-unknown", '"$FPS"', id="not the frame"),
    pytest.param("/tex/a.$F_final.png", "variable-unknown", '"$F_final"', id="name runs on"),
    pytest.param("tex/a.png", "path-relative", '"tex/a.png"', id="relative"),
    pytest.param("/tex/a\0.png", "path-relative", "a", id="zero byte"),
    pytest.param("/", "path-root", '"/"', id="root"),
    pytest.param("/tex/..", "path-root", '"/tex/.."', id="root by dots"),
    pytest.param("Z:\\", "path-root", '"Z:\\"', id="drive"),
    pytest.param("//nas/share", "path-root", '"//nas/share"', id="share"),
    pytest.param("/nowhere/a.png", "file-missing", '"/nowhere/a.png"', id="missing"),
])
def test_what_is_not_uploaded_is_told(path: str, code: str, quoted: str) -> None:
    result = resolve(
        [FileReference(path, ASKED)], Sequence.parse("1"), Policy.SMART, DirectoryListing())
    assert result.missing == ((path, ASKED),)
    (finding,) = result.findings
    assert (finding.code, finding.subject) == (code, ASKED)
    assert quoted in finding.message


def test_one_finding_counts_the_missing_files(disk: Path) -> None:
    touch(disk, "bg.0001.png", "bg.0004.png")
    result = scan(disk, "bg.####.png", "1-4")
    (finding,) = result.findings
    assert "2 of 4 files" in finding.message
    assert "bg.0002.png" in finding.message
    assert missed(disk, result) == ["bg.0002.png", "bg.0003.png"]
    assert finding.files == tuple(path for path, _ in result.missing), "all by name"


def test_files_are_listed_once_and_missing_ones_for_each_asker(disk: Path) -> None:
    touch(disk, "a.png")
    root = disk.as_posix()
    references = [FileReference(root + "/" + name, asker) for name, asker in itertools.product(
        ("a.png", "./a.png", "no.png"), ("one", "two"))]
    result = resolve(references, Sequence.parse("1"), Policy.SMART, DirectoryListing())
    assert found(disk, result) == ["a.png"]
    assert result.missing == ((root + "/no.png", "one"), (root + "/no.png", "two"))


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_links(disk: Path) -> None:
    touch(disk, "real/a.png", "other/b.png")
    (disk / "real" / "loop").symlink_to(disk)
    (disk / "real" / "link.png").symlink_to(disk / "other" / "b.png")
    (disk / "real" / "broken.png").symlink_to(disk / "nowhere")
    assert found(disk, scan(disk, "real")) == ["real/a.png", "real/link.png"]
    assert found(disk, scan(disk, "real/link.png")) == ["real/link.png"]
    assert missed(disk, scan(disk, "real/broken.png")) == ["real/broken.png"]
    assert found(disk, scan(disk, "real/loop/other/b.png")) == ["real/loop/other/b.png"]


def test_without_regard_to_case_the_name_on_disk_is_given(disk: Path) -> None:
    touch(disk, "Tex/BG.0001.PNG")
    reference = FileReference(disk.as_posix() + "/Tex/bg.####.png", ASKED)
    listing = DirectoryListing(fold_case=True)
    result = resolve([reference], Sequence.parse("1"), Policy.SMART, listing)
    assert found(disk, result) == ["Tex/BG.0001.PNG"]
    result = resolve([reference], Sequence.parse("1"), Policy.GLOB, listing)
    assert found(disk, result) == ["Tex/BG.0001.PNG"]


@pytest.mark.parametrize("path, answer", [
    ("a.png", False), ("a.#.png", True), ("a.$F.png", True), ("a.$12F", False),
    ("a.<UDIM>.png", True), ("$FPS", False), ("a.$f", False),
])
def test_varies(path: str, answer: bool) -> None:
    assert varies(path) is answer


# -- patterns, judged by a regular expression ----------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", ".", "1", "0", None]), min_size=1, max_size=5),
       st.text(alphabet="a.10", min_size=1, max_size=6))
def test_patterns_agree_with_regular_expressions(pieces: list[str | None], name: str) -> None:
    """One number of any digits stands in each pattern's digit run, so a plain judge exists."""
    runs = re.findall(r"[01N]+", "".join(piece or "N" for piece in pieces))
    if any(run.count("N") > 1 for run in runs):
        return
    pattern = NamePattern([Number(any_zeros=True) if piece is None else piece for piece in pieces])
    judge = "".join("[0-9]+" if piece is None else re.escape(piece) for piece in pieces)
    parts = re.split("([0-9]+)", name)
    answer = pattern.key == tuple(parts[0::2]) and pattern.fits(parts[1::2]) and all(
        parts[1::2][place] == digits for place, digits in pattern.fixed.items())
    assert answer == bool(re.fullmatch(judge, name))


# -- cost ----------------------------------------------------------------------------------------


def test_each_directory_is_listed_once(disk: Path) -> None:
    touch(disk, *["d%d/f.%04d.png" % (folder, n) for folder in range(3) for n in range(1, 6)])
    listing = DirectoryListing()
    references = [
        FileReference("%s/d%d/f.%s.png" % (disk.as_posix(), folder, mark), ASKED)
        for folder in range(3) for mark in ("####", "$4F", "0001", "0009", "#")]
    for policy in (Policy.SMART, Policy.GLOB):
        resolve(references, Sequence.parse("1-5"), policy, listing)
    # The three, and their parent, which is asked whether what is no file may be a folder.
    assert listing.listed <= 4


def slack() -> int:
    """How much slower than the promise a run may be: processor time of a shared machine varies,
    and measuring coverage costs about ten times."""
    return 30 if sys.gettrace() else 3


def test_ten_thousand_patterns_into_one_folder_are_quick(disk: Path) -> None:
    touch(disk, *["f%03d.%04d.png" % (name, frame) for name in range(100) for frame in range(10)])
    references = [
        FileReference("%s/f%03d.####.png" % (disk.as_posix(), number % 100), ASKED)
        for number in range(10000)]
    started = time.process_time()
    result = resolve(references, Sequence.parse("1"), Policy.GLOB, DirectoryListing())
    assert len(result.files) == 1000
    assert time.process_time() - started < slack()


def test_no_pattern_makes_it_slow(disk: Path) -> None:
    touch(disk, "1" * 200 + ".png")
    started = time.process_time()
    for text in ("#1" * 90 + "x", "$F" * 100, "<UDIM>" * 60, "#" * 250):
        scan(disk, text + ".png", policy=Policy.GLOB)
        scan(disk, text + ".png", policy=Policy.SMART)
    assert time.process_time() - started < slack()
