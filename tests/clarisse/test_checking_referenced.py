"""Checks look into referenced projects too, and at folders whatever attribute names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import SETTINGS, built, image, reference, scene, touch

from conductor.clarisse.attributes import NO_SCAN
from conductor.clarisse.scan import OCIO_CONFIG, PREFERENCES
from conductor.clarisse.snapshot import PathHint, PathReference, Scene
from conductor.lib.checks import Finding

INNER = """Context "in" {
    TextureMapFile {
        name "tex"
        filename "%s"
    }
    Thing {
        name "all"
        folder "%s"
    }
}
"""
ASKED = "%s/sets/one.project: project://in/%s"


def referencing(folder: Path, texture: str = "", everything: str = "") -> Scene:
    """A scene that references a project with these two paths."""
    touch(folder, "sets/one.project", "sets/Wall.png", "sets/all/a.png")
    (folder / "sets" / "one.project").write_text(INNER % (texture, everything))
    context = reference("$PDIR/sets/one.project", class_name="Context")
    return scene(
        image("a", save_as="$PDIR/sets/all/out/b."), references=(context,),
        path=folder.as_posix() + "/shot.project")


def findings(its: Scene, code: str, policy: int = SETTINGS.dependency_scan_policy) -> list[Finding]:
    made = built(replace(SETTINGS, dependency_scan_policy=policy), its)
    return [one for one in made.findings if one.code == code]


def test_spelling_in_a_referenced_project(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    its = referencing(folder, "$PDIR/wall.png", "/nowhere")
    (found,) = findings(its, "name-spelling")
    assert found.subject == ASKED % (folder.as_posix(), "tex.filename")
    assert 'sets/Wall.png" on disk' in found.message
    assert findings(its, "name-spelling", NO_SCAN) == []


def test_what_is_wrong_there_is_told_with_item_attribute_and_text(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    its = referencing(folder, "$PDIR/empty.png", "$PDIR/gone")
    (folder / "sets" / "empty.png").touch()
    inside = folder.as_posix() + "/sets/one.project: project://in/"
    (empty,) = findings(its, "file-empty")
    assert (empty.item, empty.attribute, empty.text) == (
        inside + "tex", "filename", "$PDIR/empty.png")
    (gone,) = findings(its, "file-missing")
    assert (gone.item, gone.attribute, gone.text) == (inside + "all", "folder", "$PDIR/gone")


@pytest.mark.parametrize("changes, code, text", [
    pytest.param({"extra_uploads": ("/gone/a b", "/gone/c")}, "file-missing",
                 '"/gone/a b" "/gone/c"', id="a list"),
    pytest.param({"chunk_size": 0}, "chunk-size", "0", id="a number"),
    pytest.param({"extra_uploads": ("/x/ghp_hunter2hunter2hunter2",)}, "file-missing", "",
                 id="a token"),
])
def test_the_text_of_any_attribute(changes: dict[str, Any], code: str, text: str) -> None:
    made = built(replace(SETTINGS, **changes))
    found = [one for one in made.findings if one.code == code]
    assert found and {one.text for one in found} == {text}


def test_the_text_of_an_image_is_that_of_the_attribute() -> None:
    made = built(replace(SETTINGS, use_custom_frames=True, custom_frames="5-20"))
    (found,) = [one for one in made.findings if one.code == "frames-outside"]
    assert (found.attribute, found.text) == ("first_frame", "1")


def test_an_output_in_a_folder_of_a_referenced_project(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    its = referencing(folder, "/nowhere.png", "$PDIR/all")
    (found,) = findings(its, "output-in-upload")
    assert found.subject == ASKED % (folder.as_posix(), "all.folder")
    assert findings(its, "output-in-upload", NO_SCAN) == []


@pytest.mark.parametrize("asked", [
    pytest.param(reference("$PDIR/assets"), id="a file name that is a folder"),
    pytest.param(reference("$PDIR/assets", "dir", hint=PathHint.FOLDER), id="a folder"),
    pytest.param(reference("$PDIR/assets/config.ocio", OCIO_CONFIG, item=PREFERENCES),
                 id="the folder of the colour configuration"),
])
def test_a_folder_is_one_whatever_names_it(tmp_path: Path, asked: PathReference) -> None:
    touch(tmp_path, "assets/config.ocio")
    its = scene(image("a", save_as="$PDIR/assets/out/b."), references=(asked,),
                path=tmp_path.as_posix() + "/shot.project")
    (found,) = findings(its, "output-in-upload")
    assert found.subject == asked.asked_by


def test_files_beside_the_output_are_no_folders(tmp_path: Path) -> None:
    touch(tmp_path, "assets/a.png")
    its = scene(image("a", save_as="$PDIR/assets/b."), references=(
        reference("$PDIR/assets/a.png"), reference("relative/assets"), reference("/")),
        path=tmp_path.as_posix() + "/shot.project")
    assert findings(its, "output-in-upload") == []
