"""Paths that mean whole folders: for some frames only, through links, and without permission."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from conductor.lib.dependencies import Answer, FileReference, Policy, Resolution, resolve
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.path_patterns import PathPattern
from conductor.lib.sequence import Sequence

SMART, GLOB = Policy.SMART, Policy.GLOB


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def scan(disk: Path, *names: str, policy: Policy = SMART, **fields: Any) -> Resolution:
    references = [FileReference("%s/%s" % (disk.as_posix(), name), "one.folder", **fields)
                  for name in names]
    return resolve(references, Sequence.parse("1-2"), policy, DirectoryListing())


def below(disk: Path, paths: Any) -> list[str]:
    return [os.path.relpath(path, str(disk)).replace(os.sep, "/") for path in paths]


# -- a folder for each frame ----------------------------------------------------------------------

CACHES = ["cache/1/a.vdb", "cache/1/deep/b.vdb", "cache/2/a.vdb", "cache/7/a.vdb", "cache/x/a.vdb",
          "cache/0001/a.vdb", "cache/0007/a.vdb", "u/1001.1/t/a", "u/1002.1/t/a", "u/1002.7/t/a"]


@pytest.mark.parametrize("name, smart, glob", [
    pytest.param("cache/$F", ["cache/1/a.vdb", "cache/1/deep/b.vdb", "cache/2/a.vdb"],
                 ["cache/0001/a.vdb", "cache/0007/a.vdb", "cache/1/a.vdb", "cache/1/deep/b.vdb",
                  "cache/2/a.vdb", "cache/7/a.vdb"], id="frame"),
    pytest.param("cache/####", ["cache/0001/a.vdb"], ["cache/0001/a.vdb", "cache/0007/a.vdb"],
                 id="hashes"),
    pytest.param("u/<UDIM>.$F/t", ["u/1001.1/t/a", "u/1002.1/t/a"],
                 ["u/1001.1/t/a", "u/1002.1/t/a", "u/1002.7/t/a"], id="tiles, in a folder"),
])
def test_a_folder_for_each_frame(
    disk: Path, name: str, smart: list[str], glob: list[str],
) -> None:
    touch(disk, *CACHES)
    frames = Sequence.parse("1-2")
    made = scan(disk, name)
    assert below(disk, made.files) == smart
    assert below(disk, scan(disk, name, policy=GLOB).files) == glob
    (answer,) = made.answers
    assert str(answer.frames_of(made.files[0], frames)) == "1"


def test_a_folder_that_is_missing_at_some_frame_is_told(disk: Path) -> None:
    touch(disk, "cache/1/a.vdb")
    made = scan(disk, "cache/$F")
    assert below(disk, (path for path, _ in made.missing)) == ["cache/2"]
    assert [one.code for one in made.findings] == ["file-missing"]


def test_outputs_are_left_out_of_such_a_folder_too(disk: Path) -> None:
    touch(disk, "cache/1/a.vdb", "cache/1/out.exr", "cache/2/a.vdb")
    reference = FileReference(disk.as_posix() + "/cache/$F", "one.folder")
    asked: list[str] = []

    def leave_out(folder: str, file: str) -> bool:
        asked.append(folder)
        return file.endswith(".exr")

    made = resolve([reference], Sequence.parse("1-2"), SMART, DirectoryListing(), leave_out)
    assert below(disk, made.files) == ["cache/1/a.vdb", "cache/2/a.vdb"]
    assert below(disk, asked) == ["cache/1", "cache/1", "cache/2"]


@pytest.mark.parametrize("pattern, path, answer", [
    ("/a/$F", "/a/12", True), ("/a/$F", "/a/12/deep/b", True), ("/a/$F", "/a/x/b", False),
    ("/a/$F/b", "/a/12", False), ("Z:/a/#", "Z:/a/1/b", True),
])
def test_a_pattern_covers_what_is_below(pattern: str, path: str, answer: bool) -> None:
    assert PathPattern(pattern).covers(path) is answer


def test_the_frames_of_a_literal_folder_are_all() -> None:
    frames = Sequence.parse("1-5")
    assert Answer(FileReference("/a", "one")).frames_of("/a/b", frames) == frames


# -- links to folders -----------------------------------------------------------------------------

links = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")


@links
def test_links_to_folders_are_followed(disk: Path) -> None:
    touch(disk, "store/v2/a.vdb", "store/v2/deep/b.vdb", "shot/c.vdb")
    (disk / "shot" / "latest").symlink_to(disk / "store" / "v2")
    assert below(disk, scan(disk, "shot").files) == [
        "shot/c.vdb", "shot/latest/a.vdb", "shot/latest/deep/b.vdb"]


@links
@pytest.mark.parametrize("target", ["shot", "shot/inner", ".", "/"])
def test_a_link_to_a_folder_around_itself_is_not(disk: Path, target: str) -> None:
    touch(disk, "shot/inner/a.vdb")
    (disk / "shot" / "inner" / "round").symlink_to(disk / target)
    assert below(disk, scan(disk, "shot").files) == ["shot/inner/a.vdb"]


@links
def test_links_that_lead_to_each_other_end(disk: Path) -> None:
    touch(disk, "one/a.vdb", "two/b.vdb")
    (disk / "one" / "to").symlink_to(disk / "two")
    (disk / "two" / "to").symlink_to(disk / "one")
    assert below(disk, scan(disk, "one").files) == ["one/a.vdb", "one/to/b.vdb"]
    assert below(disk, scan(disk, "two").files) == ["two/b.vdb", "two/to/a.vdb"]


@links
def test_two_links_to_one_folder_are_two_folders_on_the_node(disk: Path) -> None:
    touch(disk, "real/a.vdb", "shot/x")
    for name in ("one", "two"):
        (disk / "shot" / name).symlink_to(disk / "real")
    assert below(disk, scan(disk, "shot").files) == ["shot/x", "shot/one/a.vdb", "shot/two/a.vdb"]


# -- folders without permission -------------------------------------------------------------------


@pytest.fixture
def closed(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder shot/closed cannot be listed; the superuser of a test may list any."""
    touch(disk, "shot/open.png", "shot/closed/a.png", "shot/closed/in/b.png")
    real = os.scandir

    def scandir(path: str) -> Any:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return disk


@pytest.mark.parametrize("name", ["shot/closed/a.png", "shot/closed/in/b.png"])
def test_a_folder_that_cannot_be_listed_may_be_passed_through(closed: Path, name: str) -> None:
    made = scan(closed, name)
    assert below(closed, made.files) == [name] and made.findings == ()


def test_what_is_not_in_it_is_missing(closed: Path) -> None:
    assert below(closed, (path for path, _ in scan(closed, "shot/closed/x.png").missing)) == [
        "shot/closed/x.png"]


def test_a_folder_that_is_asked_for_and_cannot_be_listed_is_an_error(closed: Path) -> None:
    made = scan(closed, "shot", "shot/open.png", "shot/closed")
    assert below(closed, made.files) == ["shot/open.png"]
    assert below(closed, (path for path, _ in made.missing)) == ["shot/closed"]
    assert [(one.level.value, one.code, one.subject) for one in made.findings] == [
        ("error", "file-unreadable", "one.folder")] * 2
    assert 'The folder "%s/shot/closed" cannot be listed' % closed.as_posix() in (
        made.findings[0].message)
