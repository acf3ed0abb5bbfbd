"""Where the render package goes and which image ranges are widened in it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from build_values import IDENTITY, SETTINGS, built, codes, config, image, scene

from conductor.clarisse.package_plan import is_read_only, package_path, package_plan
from conductor.clarisse.snapshot import Image
from conductor.lib.paths import PathMap


@pytest.mark.parametrize("path, job, path_of_package", [
    pytest.param("/show/shot.project", "project://job", "/show/shot.job.01234567.render.project",
                 id="beside the scene"),
    pytest.param("/my show/shot 1.project", "project://my job",
                 "/my show/shot_1.my_job.01234567.render.project", id="blanks of the name only"),
    pytest.param("/show/shot.v2.project", "project://scene/job",
                 "/show/shot.v2.job.01234567.render.project", id="dots"),
    pytest.param("/show/SHOT.PROJECT", "project://job",
                 "/show/SHOT.job.01234567.render.project", id="capitals"),
    pytest.param("/show/shot", "project://job", "/show/shot.job.01234567.render.project",
                 id="no extension"),
    pytest.param("Z:\\show\\shot.project", "project://job",
                 "Z:/show/shot.job.01234567.render.project", id="windows"),
])
def test_path(path: str, job: str, path_of_package: str) -> None:
    its = replace(scene(path=path), job=job)
    assert package_path(SETTINGS, its, IDENTITY, config()) == path_of_package


def test_an_archive_is_named_so() -> None:
    archive = replace(SETTINGS, render_package_format="archive")
    made = built(archive)
    assert made.plan.path.endswith("/shot.conductor_job_item_name.01234567.render")
    assert (made.plan.is_archive, built().plan.is_archive) == (True, False)


def test_two_submissions_never_share_a_package() -> None:
    paths = {package_path(SETTINGS, scene(), identity, config())
             for identity in ("1" * 32, "2" * 32)}
    assert len(paths) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0,
                    reason="the superuser may write everywhere")
def test_a_folder_without_write_permission_is_noticed(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        assert is_read_only(str(tmp_path))
    finally:
        tmp_path.chmod(0o755)
    assert not is_read_only(str(tmp_path))


def test_a_folder_that_is_not_there_is_not_read_only() -> None:
    assert not is_read_only("/nowhere/at/all")


def test_a_read_only_scene_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path.as_posix()
    its = scene(path=folder + "/shot.project")
    monkeypatch.setattr("os.access", lambda path, mode: path != folder)
    assert codes(built(SETTINGS, its)) == [("error", "package-folder", "scene")]
    made = built(SETTINGS, its, package_folder="/pack ages")
    assert codes(made) == []
    assert made.plan.path == "/pack ages/shot.conductor_job_item_name.01234567.render.project"
    assert made.plan.pdir == folder, "$PDIR would be another folder there"
    assert made.variables["CT_PDIR"] == folder
    assert made.plan.path in [file.destination for file in made.submission.upload_files]


@pytest.mark.parametrize("elsewhere, is_usable", [
    pytest.param("new/below", True, id="can be made"),
    pytest.param("open", True, id="is there"),
    pytest.param("closed", False, id="read-only"),
    pytest.param("closed/below", False, id="cannot be made"),
    pytest.param("file/below", False, id="below a file"),
    pytest.param(None, False, id="no full path"),
])
def test_a_package_folder_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: str | None, is_usable: bool,
) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setattr("os.access", lambda path, mode: not str(path).endswith("closed"))
    its = scene(path=tmp_path.as_posix() + "/closed/shot.project")
    place = "packages" if elsewhere is None else str(tmp_path / elsewhere)
    made = built(SETTINGS, its, package_folder=place)
    assert codes(made) == ([] if is_usable else [("error", "package-folder", "scene")])
    assert is_usable or 'nor into package_folder, "%s"' % place in made.findings[0].message


def test_package_folder_is_not_used_without_need(tmp_path: Path) -> None:
    made = built(SETTINGS, scene(path=tmp_path.as_posix() + "/shot.project"),
                 package_folder="/elsewhere")
    assert made.plan.path.startswith(tmp_path.as_posix() + "/shot.")
    assert made.plan.pdir == ""


@pytest.mark.parametrize("images, frames, ranges", [
    pytest.param([image("a", 1, 10)], None, {}, id="own ranges stay"),
    pytest.param([image("a", 1, 10)], "2-5", {}, id="frames inside"),
    pytest.param([image("a", 1, 10)], "1-10", {}, id="exactly the range"),
    pytest.param([image("a", 1, 10)], "5-20", {"project://scene/a": (1, 20)}, id="beyond the end"),
    pytest.param([image("a", 5, 10)], "1", {"project://scene/a": (1, 10)}, id="before the start"),
    pytest.param([image("a", 5, 10), image("b", 1, 50)], "1-20", {"project://scene/a": (1, 20)},
                 id="each image for itself"),
    pytest.param([image("a", 1, 9, frame_step=2)], "1-9x4", {}, id="on the image's step"),
    pytest.param([image("a", 1, 9, frame_step=2)], "1-4", {"project://scene/a": (1, 9)},
                 id="between the image's steps"),
    pytest.param([image("a", 10, 1)], "1-10", {}, id="reversed"),
    pytest.param([image("a", -5, 4)], "1-8", {"project://scene/a": (-5, 8)}, id="negative start"),
    pytest.param([image("a", 5, 10, enabled=False)], "1", {}, id="disabled"),
])
def test_ranges(
    images: list[Image], frames: str | None, ranges: dict[str, tuple[int, int]],
) -> None:
    settings = replace(SETTINGS, use_custom_frames=frames is not None, custom_frames=frames or "")
    assert built(settings, scene(*images)).plan.ranges == ranges


def test_the_plan_of_a_submission_can_be_made_again() -> None:
    made = built(path_map=[["/path", "/node"]])
    again = package_plan(SETTINGS, scene(), made.submission, config(path_map=[["/path", "/node"]]))
    assert again == made.plan
    assert again.path_map == PathMap([("/path", "/node")])
    assert again.remove_classes == ("ConductorJob",)
