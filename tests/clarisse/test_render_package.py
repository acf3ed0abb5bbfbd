"""The package is written beside the scene: whole or not at all, once, and the scene stays."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.headless import driver
from conductor.clarisse.package_file import write_new
from conductor.clarisse.package_plan import PackagePlan
from conductor.clarisse.prepared import Prepared, clean_up, put_aside
from conductor.clarisse.project_file import parse
from conductor.clarisse.render_package import write_package
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import Catalog
from conductor.lib.errors import ConductorError, RenderPackageError, ServiceError
from conductor.lib.submission import Submission

RANGES = {"project://scene/one": (1, 10), "project://scene/two": (1, 10)}


def prepared(path: Path, **plan: Any) -> Prepared:
    scene = Scene(str(path), "5", "project://job", False, 25.0, {}, (), ())
    submission = Submission("5" * 32, "t", "p", "m", "/out", ())
    return Prepared(
        JobSettings(), scene, Catalog.unknown(), submission, (),
        PackagePlan(str(path), **plan), {},
    )


@pytest.fixture
def package(scene_path: Path) -> Path:
    return scene_path.parent / "shot.job.55555555.render.project"


def test_the_package_is_an_edited_snapshot_of_the_open_scene(
    ix: Any, scene_path: Path, package: Path
) -> None:
    ix.get_item("project://scene/bare").get_attribute("last_frame").set_long(77)
    before = scene_path.read_bytes()
    write_package(ix, prepared(package, ranges=RANGES))
    project = parse(package.read_text(encoding="utf-8"))
    bare = project.item("project://scene/bare")
    assert bare is not None
    assert (bare.values("last_frame") or ())[0].text == "77", "unsaved changes are in it"
    assert "ConductorJob" not in project.text
    two = project.item("project://scene/two")
    assert two is not None
    assert [(two.values(name) or ())[0].text for name in
            ("first_frame", "last_frame", "frame_step")] == ["1", "10", "1"]
    assert scene_path.read_bytes() == before
    assert ix.application.get_current_project_filename() == str(scene_path)
    assert ix.application.is_project_modified()


def test_nothing_else_is_left_beside_it(ix: Any, scene_path: Path, package: Path) -> None:
    before = set(os.listdir(str(scene_path.parent)))
    write_package(ix, prepared(package))
    assert set(os.listdir(str(scene_path.parent))) - before == {package.name}


def test_a_package_is_never_changed_once_it_is_written(ix: Any, package: Path) -> None:
    write_package(ix, prepared(package))
    before = package.read_bytes()
    write_package(ix, prepared(package, ranges=RANGES))
    assert package.read_bytes() == before


def test_a_missing_folder_is_made(ix: Any, tmp_path: Path) -> None:
    package = tmp_path / "packages" / "deep" / "a.render.project"
    write_package(ix, prepared(package))
    assert package.exists()


def test_an_image_that_vanished_leaves_nothing(ix: Any, scene_path: Path, package: Path) -> None:
    before = sorted(os.listdir(str(scene_path.parent)))
    with pytest.raises(RenderPackageError, match="project://scene/gone"):
        write_package(ix, prepared(package, ranges={"project://scene/gone": (1, 2)}))
    assert sorted(os.listdir(str(scene_path.parent))) == before


def test_a_folder_that_cannot_be_made_names_the_remedy(ix: Any, scene_path: Path) -> None:
    blocked = scene_path / "below a file" / "a.render.project"
    with pytest.raises(RenderPackageError) as caught:
        write_package(ix, prepared(blocked))
    assert str(blocked) in str(caught.value)
    assert "package_folder" in str(caught.value)


def test_an_archive_is_written_by_clarisse_alone(ix: Any, package: Path) -> None:
    with pytest.raises(ConductorError, match="export_render_archive"):
        write_package(ix, prepared(package, is_archive=True))
    assert not package.exists()


def test_bytes_that_are_no_utf_8_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.render.project"

    def save(place: str) -> None:
        Path(place).write_bytes(b'Image {\r\n    name "\xe9"\n}')

    write_new(str(path), save, lambda text: text)
    assert path.read_bytes() == b'Image {\r\n    name "\xe9"\n}'


def test_it_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.render.project"

    def full(source: str, target: str) -> None:
        assert not path.exists() and Path(source).read_text() == "edited"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RenderPackageError, match="No space left"):
        write_new(str(path), lambda place: Path(place).write_text("saved"), lambda _: "edited")
    assert os.listdir(str(tmp_path)) == []


def test_a_host_that_writes_no_snapshot_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RenderPackageError, match="No such file"):
        write_new(str(tmp_path / "a.render.project"), lambda place: None, str)
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize("wanted, local, alone, stays", [
    (True, True, True, False), (False, True, True, True), (True, False, True, True),
    (True, True, False, True),
], ids=["uploaded here", "not asked for", "a daemon reads it later", "a job's tasks read it"])
def test_clean_up(tmp_path: Path, wanted: bool, local: bool, alone: bool, stays: bool) -> None:
    path = tmp_path / "a.render.project"
    path.write_text("x")
    ready = prepared(path)
    ready = replace(
        ready, settings=replace(ready.settings, clean_up_render_package=wanted),
        submission=replace(ready.submission, local_upload=local, upload_only=alone),
    )
    clean_up(ready)
    clean_up(ready)
    assert path.exists() is stays


@pytest.mark.parametrize("refused", [False, True], ids=["posted", "refused"])
@pytest.mark.parametrize("wanted", [False, True], ids=["kept", "cleaned up"])
def test_nothing_lies_in_the_tasks_way_while_the_job_is_posted(
    tmp_path: Path, wanted: bool, refused: bool
) -> None:
    """Tasks may start on this very disk before the answer to the post is here."""
    path = tmp_path / "a.render.project"
    path.write_text("x")
    ready = prepared(path)
    ready = replace(ready, settings=replace(ready.settings, clean_up_render_package=wanted))
    try:
        with put_aside(ready):
            assert path.exists() is not wanted
            if refused:
                raise ServiceError("no")
    except ServiceError:
        pass
    assert path.exists() is (refused or not wanted)
    assert {one.name for one in tmp_path.iterdir()} <= {path.name}


def test_the_snapshot_does_not_disturb_the_log(ix: Any, package: Path) -> None:
    write_package(ix, prepared(package))
    assert driver.log("error") == []
