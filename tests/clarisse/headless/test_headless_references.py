"""Contexts that load other projects: remote items, cycles, and what makes them local."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from conductor.clarisse import headless, host, item, startup
from conductor.clarisse.headless import driver
from conductor.clarisse.headless.model import EMPTY
from conductor.clarisse.project_file import parse

SHOT = EMPTY + """Context "scene" {
    Image {
        name "image"
        layers ".bg"
        embedded_objects {
            Layer3d {
                name "bg"
                active_camera "project://env/rig/camera"
            }
        }
    }
}
Context "env" {
    #created 1600000000
    filename "$PDIR/lib/env.project"
}
"""
ENV = EMPTY + """Context "rig" {
    CameraPerspective {
        name "camera"
    }
}
TextureMapFile {
    name "wood"
    filename "$PDIR/tex/wood.png"
}
TextureNoise {
    name "noise"
    color {
        value 1 1 1
        texture "wood"
    }
    shy "project://rig/camera"
}
Context "props" {
    filename "$PDIR/props.project"
}
"""
PROPS = EMPTY + """TextureMapFile {
    name "bark"
    filename "/tex/bark.png"
}
"""
WOOD, NOISE, BARK = "project://env/wood", "project://env/noise", "project://env/props/bark"


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    for name, text in (("shot", SHOT), ("lib/env", ENV), ("lib/props", PROPS)):
        (tmp_path / (name + ".project")).write_text(text, encoding="utf-8")
    return tmp_path / "shot.project"


@pytest.fixture
def ix(shot: Path) -> Iterator[Any]:
    with headless.session(str(shot)) as module:
        yield module


def saved(ix: Any, folder: Path) -> str:
    target = folder / "saved.project"
    assert ix.application.save_project_snapshot(str(target))
    text = target.read_text(encoding="utf-8")
    parse(text)
    return text


def names(items: Any) -> list[str]:
    return [item.get_full_name() for item in items]


# ---------------------------------------------------------------- what is seen


def test_the_items_of_a_referenced_project_are_below_the_context(ix: Any) -> None:
    env = ix.get_item("project://env")
    assert env.is_reference() and env.get_type() == "FileReferenceContext"
    found = ix.api.OfItemVector()
    env.get_all_items(found)
    assert sorted(names(found)) == [
        NOISE, "project://env/props", BARK, "project://env/rig", "project://env/rig/camera", WOOD]


@pytest.mark.parametrize("path, local, level", [
    ("project://env", True, 1), ("project://env/rig", False, 2), (WOOD, False, 0),
    (BARK, False, 0), ("project://scene/image", True, 0),
])
def test_items_know_whether_they_are_remote(
    ix: Any, path: str, local: bool, level: int
) -> None:
    item = ix.get_item(path)
    assert (item.is_local(), item.is_remote(), item.is_editable()) == (local, not local, local)
    assert item.is_content_locked() is (not local or path == "project://env")
    if item.is_context():
        assert item.get_level() == level


def test_references_lead_into_and_stay_inside_the_referenced_project(ix: Any) -> None:
    camera = ix.get_item("project://scene/image.bg").attrs.active_camera[0]
    assert str(camera) == "project://env/rig/camera"
    noise = ix.get_item(NOISE)
    assert str(noise.get_attribute("color").get_texture()) == WOOD
    branch = ix.api.OfObjectSet()
    noise.gather_branch(branch)
    assert sorted(names(branch)) == [NOISE, "project://env/rig/camera", WOOD]


def test_a_referenced_project_has_a_folder_of_its_own(ix: Any, shot: Path) -> None:
    attr = ix.get_item(WOOD + ".filename")
    assert attr.get_string() == "%s/lib/tex/wood.png" % shot.parent
    driver.host().switches.references_own_folder = False
    assert attr.get_string() == "%s/tex/wood.png" % shot.parent


def test_queries_find_remote_items_too(ix: Any) -> None:
    found = ix.api.OfObjectArray()
    ix.application.get_factory().get_all_objects("TextureMapFile", found)
    assert sorted(names(found)) == [BARK, WOOD]
    contexts = ix.api.OfContextSet()
    ix.get_item("project://env").resolve_all_contexts(contexts)
    assert names(contexts) == ["project://env", "project://env/rig", "project://env/props"]


@pytest.mark.parametrize("inside, seen", [
    (False, []), (True, [
        WOOD + ".filename", WOOD + ".filename_sys", "project://env/props.filename"]),
])
def test_path_attributes_of_nested_references_are_not_seen(
    ix: Any, inside: bool, seen: list[str]
) -> None:
    driver.host().switches.path_attrs_in_references = inside
    found = [str(attr) for attr in ix.api.OfAttr.get_path_attrs()]
    mine = [name.replace("/__context_options__", "") for name in found]
    assert [name for name in mine if name.startswith("project://env/")] == seen


# ---------------------------------------------------------------- read only


@pytest.mark.parametrize("change", [
    lambda ix: ix.get_item(WOOD + ".filename").set_string("/x.png"),
    lambda ix: ix.cmds.SetValues([WOOD + ".filename"], ["/x.png"]),
    lambda ix: ix.cmds.SetTexture([NOISE + ".color"], ""),
    lambda ix: ix.cmds.SetExpression([NOISE + ".color"], ["F"]),
    lambda ix: ix.cmds.DeleteItem(WOOD),
    lambda ix: ix.cmds.RenameItem(WOOD, "other"),
    lambda ix: ix.cmds.MoveItemTo(WOOD, "project://scene"),
    lambda ix: ix.cmds.DisableItems([WOOD], True),
    lambda ix: ix.cmds.LockItem(WOOD),
    lambda ix: ix.cmds.CreateObject("new", "Image", "project://env/rig"),
    lambda ix: ix.cmds.ResetAttributes([WOOD + ".filename"]),
], ids=lambda change: "change")
def test_remote_items_stay_as_they_are_without_a_word(
    ix: Any, shot: Path, change: Callable[[Any], object]
) -> None:
    change(ix)
    assert ix.get_item(WOOD + ".filename").get_raw_string() == "$PDIR/tex/wood.png"
    assert str(ix.get_item(NOISE + ".color").get_texture()) == WOOD
    assert not ix.get_item(WOOD).is_disabled()
    assert ix.item_exists("project://env/rig/new") is None
    assert saved(ix, shot.parent) == SHOT


def test_overrides_are_a_switch_and_are_not_saved(ix: Any, shot: Path) -> None:
    driver.host().switches.remote_items_editable = True
    ix.get_item(WOOD + ".filename").set_string("/x.png")
    assert ix.get_item(WOOD + ".filename").get_string() == "/x.png"
    assert saved(ix, shot.parent) == SHOT


# ---------------------------------------------------------------- what cannot be loaded


@pytest.mark.parametrize("text, told", [
    ('Context "loop" {\n    filename "$PDIR/shot.project"\n}\n', "refers to itself"),
    ('Context "loop" {\n    filename "/no/such.project"\n}\n', "No such file"),
    ("Broken {\n", "not loaded"),
])
def test_what_cannot_be_loaded_is_logged_once(
    ix: Any, shot: Path, text: str, told: str
) -> None:
    (shot.parent / "lib" / "props.project").write_text(EMPTY + text.replace(
        "$PDIR", str(shot.parent)), encoding="utf-8")
    found = ix.api.OfItemVector()
    for _ in range(2):
        ix.get_item("project://env").get_all_items(found)
    warnings = [line for line in driver.log("warning") if told in line]
    assert len(warnings) == 1 and warnings[0].startswith("project://env/props")


def test_two_contexts_may_load_the_same_project(ix: Any, shot: Path) -> None:
    ix.cmds.CreateFileReference("project://scene", [str(shot.parent / "lib" / "props.project")])
    assert ix.get_item("project://scene/props/bark").is_remote()
    assert ix.get_item(BARK).is_remote()


def test_a_cache_file_is_a_reference_without_items(ix: Any) -> None:
    made = ix.cmds.CreateFileReference("project://scene", ["/geo/a.b tree.abc"])
    assert str(made) == "project://scene/a_b_tree" and made.is_reference()
    assert made.get_object_count() == made.get_context_count() == 0
    assert driver.log("warning") == []


# ---------------------------------------------------------------- files of a reference


def test_a_reference_made_by_a_script_is_saved(ix: Any, shot: Path) -> None:
    library = str(shot.parent / "lib" / "props.project")
    made = ix.cmds.CreateFileReference("project://scene", [library])
    text = saved(ix, shot.parent)
    assert '    filename "%s"\n' % library in text
    with headless.session(str(shot.parent / "saved.project")) as other:
        assert other.get_item(str(made) + "/bark").is_remote()


def test_files_of_references_are_set_added_and_removed(ix: Any, shot: Path) -> None:
    library = str(shot.parent / "lib" / "props.project")
    ix.cmds.SetReferenceFilename(["project://env"], library)
    assert str(ix.get_item("project://env/bark")) == "project://env/bark"
    assert ix.item_exists(WOOD) is None
    ix.cmds.AddReferenceFilename(["project://env"], ["/x.abc", "/y.abc"])
    ix.cmds.SetReferenceFilenames([ix.get_item("project://env")], [2, 0, 2], ["/a.abc", "/b.abc"])
    ix.cmds.RemoveReferenceFilename(["project://env"], [1, 1])
    attr = ix.get_item("project://env").get_attribute("filename")
    assert [attr.get_string(place) for place in range(attr.get_value_count())] == [
        "/a.abc", "/b.abc"]
    assert attr.get_parent_object().get_name() == "__context_options__"
    with pytest.raises(TypeError, match="behind their number"):
        ix.cmds.RemoveReferenceFilename(["project://env"], [5, 1])


@pytest.mark.parametrize("block", [
    '    options {\n        filename "/x.abc"\n    }\n',
    '    Generic {\n        name "__context_options__"\n        filename "/x.abc"\n    }\n',
], ids=["nested", "item"])
def test_the_file_name_may_stand_one_level_below(tmp_path: Path, block: str) -> None:
    path = tmp_path / "a.project"
    path.write_text(EMPTY + 'Context "ref" {\n%s}\n' % block, encoding="utf-8")
    with headless.session(str(path)) as ix:
        assert ix.get_item("project://ref").is_reference()
        assert ix.get_item("project://ref").get_attribute("filename").get_string() == "/x.abc"


# ---------------------------------------------------------------- local


def test_making_local_puts_the_items_into_the_project(ix: Any, shot: Path) -> None:
    handle = ix.get_item(WOOD)
    ix.cmds.MakeLocalContexts(["project://env"])
    assert handle.is_local() and str(handle) == WOOD, "a handle of the remote item follows"
    assert not ix.get_item("project://env").is_reference()
    assert ix.get_item(WOOD + ".filename").get_raw_string() == "%s/lib/tex/wood.png" % shot.parent
    text = saved(ix, shot.parent)
    with headless.session(str(shot.parent / "saved.project")) as other:
        assert other.get_item(NOISE).is_local()
        assert str(other.get_item(NOISE + ".color").get_texture()) == WOOD
        assert str(other.get_item("project://scene/image.bg").attrs.active_camera[0]) == (
            "project://env/rig/camera")
        assert other.get_item(BARK).is_remote(), "references inside stay references"
    assert '"%s/lib/props.project"' % shot.parent in text, "written for its new place"
    assert "localized" not in text


def test_what_loads_nothing_cannot_be_made_local(ix: Any) -> None:
    ix.cmds.MakeLocalContext("project://scene")
    assert driver.log("warning") == ["project://scene loads no project"]


def test_a_project_is_imported_or_merged(ix: Any, shot: Path) -> None:
    props = str(shot.parent / "lib" / "props.project")
    ix.set_current_context("project://scene")
    ix.import_project(props)
    assert ix.get_item("project://scene/props/bark").is_local()
    ix.cmds.MergeProject([props, props])
    assert ix.get_item("project://scene/bark").is_local()
    assert ix.get_item("project://scene/bark1.filename").get_string() == "/tex/bark.png"
    text = saved(ix, shot.parent)
    assert text.count('filename "/tex/bark.png"') == 3


def test_a_context_becomes_a_project_of_its_own(ix: Any, shot: Path) -> None:
    target = str(shot.parent / "image.project")
    ix.cmds.CreateObject("plate", "TextureMapFile", "project://scene")
    ix.cmds.CreateObject("map", "TextureNoise2", "project://scene")
    ix.cmds.MoveItemTo("project://scene/plate", "project://scene")
    made = ix.reference_export_context("project://scene", target)
    assert made.is_reference() and ix.get_item("project://scene/image.bg").is_remote()
    with headless.session(target) as other:
        assert [str(item) for item in (other.get_item("image"), other.get_item("plate"))] == [
            "project://image", "project://plate"]
    assert not ix.reference_export_context("project://env", "/no/such/folder/x.project")


def test_exporting_rewrites_paths_of_what_goes_along(ix: Any, shot: Path) -> None:
    camera = ix.cmds.CreateObject("camera", "CameraPerspective", "project://scene")
    ix.get_item("project://scene/image.bg").attrs.active_camera = camera
    target = str(shot.parent / "image.project")
    assert ix.application.export_context_as_project(target, ix.get_item("scene"))
    assert 'active_camera "project://camera"' in Path(target).read_text()
    assert ix.export_context_as_project(ix.get_item("project://"), target)
    assert 'active_camera "project://scene/camera"' in Path(target).read_text()


def test_the_job_of_a_referenced_project_is_not_taken_for_ours(ix: Any, shot: Path) -> None:
    (shot.parent / "lib" / "props.project").write_text(
        PROPS + 'ConductorJob {\n    name "theirs"\n}\n', encoding="utf-8")
    startup.register(ix)
    ours = ix.cmds.CreateObject("ours", "ConductorJob", "project://scene")
    assert [str(each) for each in host.objects_of(ix, "ConductorJob")] == [
        "project://scene/ours", "project://env/props/theirs"]
    assert str(item.find_or_create_job(ix, None, ())) == str(ours)


# ---------------------------------------------------------------- loaded again


def below(ix: Any, context: str) -> list[str]:
    """Names of all remote objects inside a context."""
    found = ix.api.OfObjectArray()
    ix.application.get_factory().get_objects(found)
    return sorted(name for name in names(found) if name.startswith(context + "/"))


GONE: list[Callable[[Any], object]] = [
    lambda ix: ix.cmds.DeleteItem("project://env"),
    lambda ix: ix.application.get_factory().remove_item("project://env"),
    lambda ix: ix.delete_item("project://env"),
    lambda ix: ix.cmds.RenameItem("project://env", "old"),
]


@pytest.mark.parametrize("remove", GONE, ids=["DeleteItem", "remove_item", "delete_item", "rename"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_reference_made_again_at_the_same_path_loads_its_items_again(
    ix: Any, shot: Path, remove: Callable[[Any], object], times: int
) -> None:
    before = below(ix, "project://env")
    assert BARK in before and WOOD in before
    for _ in range(times):
        ix.get_item(WOOD)
        remove(ix)
        assert below(ix, "project://env") == [] and ix.item_exists(WOOD) is None
        ix.cmds.CreateFileReference("project:/", [str(shot.parent / "lib" / "env.project")])
        assert below(ix, "project://env") == before
        assert ix.get_item(WOOD).is_remote()


def test_a_reference_in_a_context_that_is_made_again(ix: Any, shot: Path) -> None:
    for _ in range(2):
        ix.cmds.CreateContext("set", "project:/")
        ix.cmds.CreateFileReference("project://set", [str(shot.parent / "lib" / "env.project")])
        assert len(below(ix, "project://set")) == 4
        ix.cmds.DeleteItem("project://set")
        assert below(ix, "project://set") == []


def test_a_file_name_taken_out_and_put_back_loads_the_items_again(ix: Any, shot: Path) -> None:
    before = below(ix, "project://env")
    ix.cmds.RemoveReferenceFilename(["project://env"], [1, 0])
    assert below(ix, "project://env") == []
    ix.cmds.AddReferenceFilename(["project://env"], [str(shot.parent / "lib" / "env.project")])
    assert below(ix, "project://env") == before


def test_a_second_file_leaves_the_handles_of_the_first(ix: Any, shot: Path) -> None:
    bark = shot.parent / "bark.project"
    bark.write_text(PROPS.replace("bark", "birch"), encoding="utf-8")
    wood = ix.get_item(WOOD)
    ix.cmds.AddReferenceFilename(["project://env"], [str(bark)])
    assert "project://env/birch" in below(ix, "project://env")
    assert wood.get_full_name() == WOOD and wood.is_remote()


def test_items_of_a_file_that_is_no_longer_loaded_are_gone(ix: Any, shot: Path) -> None:
    bark = ix.get_item(BARK)
    ix.cmds.SetReferenceFilename(["project://env"], str(shot.parent / "lib" / "props.project"))
    assert below(ix, "project://env") == ["project://env/bark"]
    with pytest.raises(headless.HostCrash):
        bark.get_name()
