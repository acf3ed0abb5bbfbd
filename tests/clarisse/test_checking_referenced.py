"""Checks look into referenced projects too, and at folders whatever attribute names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
        reference("$PDIR/assets/a.png"), reference("relative/assets")),
        path=tmp_path.as_posix() + "/shot.project")
    assert findings(its, "output-in-upload") == []
