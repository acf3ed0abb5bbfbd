"""One press reads the open scene into plain values, and sets nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.headless import driver
from conductor.clarisse.scene import read_scene
from conductor.clarisse.snapshot import Image, PathHint, Scene, SequenceAttributes

JOB = "project://job"


@pytest.fixture
def scene(ix: Any) -> Scene:
    return read_scene(ix, ix.get_item(JOB))


def test_the_project(scene: Scene, scene_path: Path) -> None:
    assert scene.path == str(scene_path)
    assert scene.job == JOB
    assert scene.job_name == "job"
    assert scene.version == "5.0.5.8.0"
    assert scene.fps == 24.0
    assert not scene.modified


def test_images_in_the_order_of_the_job(scene: Scene) -> None:
    assert scene.images == (
        Image("project://scene/one", "Image", True, True, "$PDIR/out/one/one.", 0, 1, 4, 1),
        Image("project://scene/two", "Image", True, True,
              '$PDIR + "/out/two/" + "two."', 6, 3, 8, 2),
    )


def test_a_layer_is_read_like_an_image(open_scene: Any) -> None:
    ix = open_scene(('images "project://scene/one" "project://scene/two"',
                     'images "project://scene/one.back"'))
    layer, = read_scene(ix, ix.get_item(JOB)).images
    assert layer.is_layer
    assert (layer.path, layer.class_name) == ("project://scene/one.back", "Layer3d")
    assert (layer.save_as, layer.first_frame, layer.last_frame) == ("$PDIR/out/back/back.", 2, 3)


def test_an_image_that_is_no_more_is_left_out(open_scene: Any) -> None:
    ix = open_scene(('images "project://scene/one"', 'images "project://scene/gone"'))
    assert [image.path for image in read_scene(ix, ix.get_item(JOB)).images] == [
        "project://scene/two"
    ]


def test_a_disabled_image_is_told(open_scene: Any) -> None:
    ix = open_scene(('name "one"', 'name "one"\n        disabled yes'))
    assert [image.enabled for image in read_scene(ix, ix.get_item(JOB)).images] == [False, True]


def test_paths_as_typed_with_what_is_beside_them(scene: Scene) -> None:
    found = {
        (reference.item, reference.attribute): reference for reference in scene.references
    }
    texture = found["project://scene/tex", "filename"]
    assert texture.source == "$STUDIO_TEX/a.####.png"
    assert texture.hint is PathHint.OPEN
    assert texture.class_name == "TextureMapFile"
    assert texture.sequence == SequenceAttributes(1, 101, 112, -100, 24.0)
    assert texture.enabled and not texture.private
    output = found["project://scene/two", "save_as"]
    assert output.hint is PathHint.SAVE
    assert output.source == '$PDIR + "/out/two/" + "two."'
    assert output.sequence is None


def test_the_paths_of_our_own_items_are_not_the_scenes(scene: Scene) -> None:
    assert not [one for one in scene.references if "extra.png" in one.source]


def test_empty_paths_are_left_out(scene: Scene) -> None:
    assert all(reference.source for reference in scene.references)


def test_variables_without_ours_and_only_named_ones_of_the_environment(
    scene: Scene, scene_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene.variables["PDIR"] == str(scene_path.parent)
    assert scene.variables["PNAME"] == "shot"
    assert scene.variables["STUDIO_TEX"] == str(scene_path.parent / "tex")
    assert not [name for name in scene.variables if name.startswith("CT_")]
    assert "PATH" not in scene.variables, "the environment may hold secrets"


def test_a_custom_variable_is_read(ix: Any) -> None:
    host_vars = ix.application.get_factory().get_vars()
    host_vars.add(ix.api.OfVars.TYPE_CUSTOM, "SHOT", ix.api.OfAttr.TYPE_STRING).set_string("s010")
    assert read_scene(ix, ix.get_item(JOB)).variables["SHOT"] == "s010"


def test_the_snapshot_survives_as_json(scene: Scene) -> None:
    assert Scene.from_json(json.loads(json.dumps(scene.to_json()))) == scene


def test_reading_changes_nothing(ix: Any) -> None:
    assert not ix.application.is_project_modified()
    before = read_scene(ix, ix.get_item(JOB))
    assert read_scene(ix, ix.get_item(JOB)) == before
    assert not ix.application.is_project_modified()
    assert driver.log("error") == []
