"""From paths to files: each with its defined outcome."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Iterable

import pytest

from conductor.lib.errors import UploadError
from conductor.lib.manifest import read_path_list, upload_files


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    root = tmp_path / "shot"
    (root / "tex" / "deep").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "scene.project").write_text("scene")
    (root / "tex" / "a.png").write_bytes(b"a")
    (root / "tex" / "deep" / "b.png").write_bytes(b"")
    return root


def names(root: Path, paths: Iterable[object]) -> list[str]:
    return [os.path.relpath(file.path, str(root)) for file in upload_files(map(str, paths))]


def test_files_and_folders(shot: Path) -> None:
    assert names(shot, [shot]) == ["scene.project", "tex/a.png", "tex/deep/b.png"]
    assert names(shot, [shot / "tex" / "a.png"]) == ["tex/a.png"]


def test_stats_but_no_hashes(shot: Path) -> None:
    scene = upload_files([str(shot / "scene.project")])[0]
    assert (scene.size, scene.md5) == (5, None)
    assert scene.stat is not None and scene.stat.mtime == os.stat(scene.path).st_mtime
    assert scene.destination == scene.path


def test_none_twice(shot: Path) -> None:
    again = [shot, shot / "tex", shot / "tex" / ".." / "tex" / "a.png", str(shot) + "/"]
    assert names(shot, again) == ["scene.project", "tex/a.png", "tex/deep/b.png"]


def test_an_empty_folder_adds_nothing(shot: Path) -> None:
    assert upload_files([str(shot / "empty")]) == ()
    assert upload_files([]) == ()


def test_links_are_followed(shot: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "c.png").write_bytes(b"c")
    (shot / "link.png").symlink_to(away / "c.png")
    (shot / "linked").symlink_to(away)
    assert names(shot, [shot / "link.png", shot / "linked"]) == ["link.png", "linked/c.png"]


def test_a_loop_of_links_ends(shot: Path, caplog: pytest.LogCaptureFixture) -> None:
    (shot / "tex" / "up").symlink_to(shot)
    assert names(shot, [shot]) == ["scene.project", "tex/a.png", "tex/deep/b.png"]
    assert "leads back" in caplog.text


def test_what_a_folder_holds_beside_files(
    shot: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:
    (shot / "tex" / "broken").symlink_to(shot / "nowhere")
    os.mkfifo(str(shot / "tex" / "pipe"))
    assert names(shot, [shot / "tex"]) == ["tex/a.png", "tex/deep/b.png"]
    assert "broken" in caplog.text and "pipe" in caplog.text


def test_every_failure_is_told(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shot / "broken").symlink_to(shot / "nowhere")
    # A short relative name: a socket's path may hold about a hundred characters only.
    monkeypatch.chdir(shot)
    with socket.socket(socket.AF_UNIX) as channel:
        channel.bind("door")
        with pytest.raises(UploadError) as caught:
            upload_files([str(shot / name) for name in ("gone", "tex", "broken", "door")])
    assert [os.path.basename(path) for path, _ in caught.value.failures] == [
        "gone", "broken", "door"]
    assert "3 of the paths" in str(caught.value)
    assert "No such file" in str(caught.value) and "neither a file" in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may list any folder")
def test_a_folder_that_may_not_be_listed(shot: Path) -> None:
    (shot / "tex").chmod(0)
    try:
        with pytest.raises(UploadError, match="tex"):
            upload_files([str(shot)])
    finally:
        (shot / "tex").chmod(0o755)


def test_a_folder_that_vanishes(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.listdir

    def vanishing(path: str) -> list[str]:
        if path.endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", vanishing)
    with pytest.raises(UploadError, match="Permission denied"):
        upload_files([str(shot)])


@pytest.mark.parametrize("name", ["a[1].png", "b?.png", "c*.png", "$HOME.png", "~x.png",
                                  "\u00e9\u4e2d.png", "d e.png"])
def test_literal_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_text("x")
    assert names(tmp_path, [tmp_path / name]) == [name]
    monkeypatch.chdir(tmp_path)
    assert names(tmp_path, [name]) == [name]


def test_variables_and_home(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOT", str(shot))
    monkeypatch.setenv("HOME", str(shot))
    assert names(shot, ["$SHOT/scene.project", "~/tex/a.png"]) == ["scene.project", "tex/a.png"]


def test_long_names(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["x" * 200] * 5)
    deep.mkdir(parents=True)
    (deep / "a").write_text("x")
    assert len(upload_files([str(tmp_path)])) == 1


def test_path_lists(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("/a b\n\n  /c\n", encoding="utf-8")
    assert read_path_list(str(tmp_path / "list")) == ["/a b", "/c"]
    with pytest.raises(UploadError, match="absent"):
        read_path_list(str(tmp_path / "absent"))


class TestPatterns:
    @pytest.fixture
    def tex(self, tmp_path: Path) -> Path:
        folder = tmp_path / "tex"
        (folder / "v1").mkdir(parents=True)
        for name in ("a.0001.png", "a.0002.png", "a.12345.png", "a.png", "b[1].png", "b1.png",
                     "u.1001.tx", "u.1002.tx", "u.12.tx", "$HOME.txt", ".hidden.png", "v1/c.png"):
            (folder / name).write_bytes(b"x")
        return folder

    @pytest.mark.parametrize("pattern, expected", [
        ("a.####.png", ["a.0001.png", "a.0002.png", "a.12345.png"]),
        ("a.%04d.png", ["a.0001.png", "a.0002.png", "a.12345.png"]),
        ("a.$4F.png", ["a.0001.png", "a.0002.png", "a.12345.png"]),
        ("u.<UDIM>.tx", ["u.1001.tx", "u.1002.tx"]),
        ("a.*.png", ["a.0001.png", "a.0002.png", "a.12345.png"]),
        ("a.000?.png", ["a.0001.png", "a.0002.png"]),
        ("*/c.png", ["v1/c.png"]),
        ("u.####.*", ["u.1001.tx", "u.1002.tx"]),
        ("b[1].png", ["b[1].png"]),
        ("b[1].*", ["b[1].png"]),
        ("$HOME.txt", ["$HOME.txt"]),
        ("v?", ["v1/c.png"]),
    ])
    def test_what_fits(self, tex: Path, pattern: str, expected: list[str]) -> None:
        assert names(tex, [tex / pattern]) == expected

    def test_f_is_the_frame_whatever_the_environment_says(
        self, tex: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("F", "elsewhere")
        assert len(names(tex, [str(tex / "a.$F.png")])) == 3

    @pytest.mark.parametrize("pattern", ["x.####.png", "x*", "b[2].png", "no/*/x"])
    def test_nothing_fits(self, tex: Path, pattern: str) -> None:
        with pytest.raises(UploadError, match="No such file") as caught:
            upload_files([str(tex / pattern)])
        assert caught.value.failures[0][0] == str(tex / pattern)
