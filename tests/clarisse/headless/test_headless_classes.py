"""Classes from CID texts, events that reach a handler, and the smaller doors of the factory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver

IMAGE = "project://scene/image"
BODY = """// what the tool writes
attribute_group "output" {
    filename_save "target" {
        value "/out/a"
        doc "Where it goes"
    }
    attribute_group "more" {
        long "quality" {
            value 3
            numeric_range yes 1 10
            preset "Low" "1"
            preset "High" "3"
        }
    }
}
reference[] "images" {
    filter "Image" ""
    filter "Layer"
}
double[3] "offset" {
    value 1 2.5 0.0
    slider yes
}
long "count" {
    numeric_range_min yes 2
    read_only yes
    hidden
}
action "go" {
    doc "Starts"
}
"""


def engine_of(ix: Any) -> Any:
    class Engine(ix.api.ModuleScriptedClassEngine):
        def __init__(self) -> None:
            ix.api.ModuleScriptedClassEngine.__init__(self)
            self.seen: list[tuple[str, int]] = []

        def on_action(self, action: Any, item: Any, data: Any) -> None:
            self.seen.append((action.get_name(), -1))

        def on_attribute_change(self, item: Any, attr: Any, *_: Any) -> None:
            self.seen.append((attr.get_name(), attr.get_event_info().type))

    return Engine()


def register(ix: Any, engine: Any, text: str = BODY) -> bool:
    return bool(ix.api.ModuleScriptedClass.register_scripted_class(
        ix.application, "Tool", engine, text, True))


@pytest.fixture
def tool(ix: Any) -> Any:
    assert register(ix, engine_of(ix))
    return ix.cmds.CreateObject("tool", "Tool", "project://scene")


# ---------------------------------------------------------------- CID texts


@pytest.mark.parametrize("name, type_, hint, container", [
    ("target", "TYPE_STRING", "VISUAL_HINT_FILENAME_SAVE", "CONTAINER_SINGLE"),
    ("quality", "TYPE_LONG", "VISUAL_HINT_DEFAULT", "CONTAINER_SINGLE"),
    ("images", "TYPE_REFERENCE", "VISUAL_HINT_DEFAULT", "CONTAINER_LIST"),
    ("offset", "TYPE_DOUBLE", "VISUAL_HINT_DEFAULT", "CONTAINER_ARRAY"),
    ("go", "TYPE_ACTION", "VISUAL_HINT_DEFAULT", "CONTAINER_SINGLE"),
])
def test_a_text_declares_attributes(
    ix: Any, tool: Any, name: str, type_: str, hint: str, container: str
) -> None:
    attr, words = tool.get_attribute(name), ix.api.OfAttr
    assert words.get_type_name(attr.get_type()) == type_
    assert words.get_visual_hint_name(attr.get_visual_hint()) == hint
    assert attr.get_container() == getattr(words, container)


def test_a_text_gives_defaults_menus_ranges_and_filters(ix: Any, tool: Any) -> None:
    assert tool.get_attribute("target").get_string() == "/out/a"
    quality = tool.get_attribute("quality")
    assert quality.get_applied_preset_label() == "High"
    quality.set_long(50)
    assert quality.get_long() == 10
    assert [tool.get_attribute("offset").get_double(place) for place in range(3)] == [1, 2.5, 0]
    count = tool.get_attribute("count")
    count.set_long(1)
    assert (count.get_long(), count.is_hidden(), count.is_editable()) == (2, True, False)
    images = tool.get_attribute("images")
    images.add_object(ix.get_item(IMAGE))
    with pytest.raises(TypeError, match="Image/Layer"):
        images.add_object(ix.get_item("project://scene/camera"))


def test_nested_groups_are_joined(ix: Any, tool: Any) -> None:
    groups = {name: tool.get_attribute(name)._state.shape.group
              for name in ("target", "quality", "offset")}
    assert groups == {"target": "output", "quality": "output>more", "offset": "General"}


def test_actions_of_a_text_are_pressed(ix: Any) -> None:
    engine = engine_of(ix)
    assert register(ix, engine)
    ix.cmds.CreateObject("tool", "Tool", "project://")
    driver.press("project://tool", "go")
    assert engine.seen == [("go", -1)]


def test_a_broken_text_registers_nothing(ix: Any) -> None:
    assert register(ix, engine_of(ix), 'long "a" {\n') is False
    assert ix.application.get_factory().get_classes().get("Tool") is None
    assert "class Tool" in driver.log("error")[0]
    assert register(ix, engine_of(ix)) and not register(ix, engine_of(ix))


DERIVED = """class "BigImage" "Image" {
    #version 1.0
    icon "x.png"
    category "/Image"
    set "last_frame" {
        value 9
    }
    filename_open "extra" {
        value ""
    }
}"""


def test_a_class_without_an_engine_inherits(ix: Any, tmp_path: Path) -> None:
    classes = ix.application.get_factory().get_classes()
    made = classes.add_from_cid(DERIVED)
    assert made.get_name() == "BigImage" and classes.exists("BigImage").get_attribute("extra")
    item = ix.cmds.CreateObject("big", "BigImage", "project://scene")
    assert item.is_kindof("Image") and item.is_kindof("ProjectItem")
    assert item.get_attribute("last_frame").get_long() == 9
    assert ix.get_item(IMAGE + ".last_frame").get_long() == 50
    found = ix.api.OfObjectArray()
    ix.application.get_factory().get_all_objects("Image", found)
    assert [str(each) for each in found] == [IMAGE, "project://scene/big"]
    assert "BigImage" in [each.get_name() for each in classes.get_classes()]
    item.attrs.extra = "/plate.exr"
    assert "project://scene/big.extra" in [str(each) for each in ix.api.OfAttr.get_path_attrs()]
    target = str(tmp_path / "a.project")
    ix.application.save_project_snapshot(target)
    with headless.session(target) as other:
        assert other.get_item("scene/big.extra").get_string() == "/plate.exr"


@pytest.mark.parametrize("text", [
    "class {\n", 'class "Image" "ProjectItem" {\n}', 'class "New" "Unknown" {\n}',
    'class "New" {\n}', "nothing",
])
def test_texts_that_make_no_class(ix: Any, text: str) -> None:
    assert ix.application.get_factory().get_classes().add_from_cid(text) is None
    assert driver.log("error")[0].startswith("add_from_cid")


def test_an_abstract_class_has_no_items(ix: Any) -> None:
    classes = ix.application.get_factory().get_classes()
    classes.add_from_cid('class "Base" "ProjectItem" {\n    abstract yes\n}')
    classes.add_from_cid('class "Leaf" "Base" {\n    abstract no\n}')
    assert ix.cmds.CreateObject("a", "Base") is None
    assert ix.get_item("scene").add_object("a", "Base") is None
    assert ix.cmds.CreateObject("a", "Leaf").is_kindof("Base")


# ---------------------------------------------------------------- events


@pytest.mark.parametrize("propagates", [False, True])
def test_changes_of_what_an_item_refers_to_reach_it_by_a_switch(
    ix: Any, host: headless.Host, propagates: bool
) -> None:
    engine = engine_of(ix)
    register(ix, engine)
    item = ix.cmds.CreateObject("tool", "Tool", "project://scene")
    item.get_attribute("images").add_object(ix.get_item(IMAGE))
    host.switches.changes_propagate = propagates
    engine.seen.clear()
    ix.get_item(IMAGE + ".last_frame").set_long(60)
    ix.get_item("project://scene/wood.filename").set_string("/x")
    event = ix.api.OfAttrEvent.TYPE_PROPAGATE
    assert engine.seen == ([("images", event)] if propagates else [])
    item.attrs.quality = 2
    assert engine.seen[-1] == ("quality", 0)


# ---------------------------------------------------------------- smaller doors


def test_stored_values_are_those_of_the_item_itself(ix: Any) -> None:
    layers = ix.get_item(IMAGE + ".layers")
    assert layers.get_serialized_value_count() == 2
    assert str(layers.get_serialized_object(1)) == IMAGE + ".bg"
    assert layers.get_serialized_object(7) is None
    assert ix.get_item(IMAGE + ".format").get_serialized_value_count() == 0


@pytest.mark.parametrize("recursive, users", [
    (False, ["project://scene/noise"]),
    (True, ["project://scene/noise", "project://scene/copy"]),
])
def test_users_of_an_item(ix: Any, recursive: bool, users: list[str]) -> None:
    ix.get_item("project://scene/sub/thing.word").set_string("x")
    items, out = ix.api.OfItemArray(1), ix.api.OfItemVector()
    items[0] = ix.get_item("project://scene/wood")
    ix.application.get_factory().get_items_outputs(items, out, recursive)
    found = [str(each) for each in out]
    assert [name for name in users if name in found] == users
    assert "project://scene/camera" not in found


def test_what_a_context_needs_from_outside(ix: Any) -> None:
    ix.get_item(IMAGE + ".bg").attrs.active_camera = ix.get_item("project://top")
    needed, users = ix.api.OfItemSet(), ix.api.OfItemSet()
    ix.get_item("project://scene").get_external_dependencies(needed, users)
    assert [str(each) for each in needed] == ["project://top"]
    assert [str(each) for each in users] == [IMAGE + ".bg"]


def test_enums_know_the_labels_that_were_seen(ix: Any) -> None:
    enum = ix.application.get_factory().get_enum("color_space")
    assert enum.get_label(0) == "Colorspaces|sRGB"
    assert enum.get_label(enum.get_value_count()) == ""
    assert ix.application.get_factory().get_enum("no such") is None


def test_generic_objects_carry_dialogs_and_are_not_saved(ix: Any, tmp_path: Path) -> None:
    generic = ix.create_generic_object("dialog")
    path = ix.add_attribute(generic, "file", "filein")
    size = ix.add_attribute(generic, "size", "rgb", "Look")
    assert ix.api.OfAttr.get_visual_hint_name(path.get_visual_hint()) == (
        "VISUAL_HINT_FILENAME_OPEN")
    assert size.get_type() == ix.api.OfAttr.TYPE_DOUBLE
    generic.attrs.file = "/a"
    assert generic.get_class_name() == "Generic" and generic.attrs.file[0] == "/a"
    with pytest.raises(RuntimeError, match="banana"):
        ix.add_attribute(generic, "x", "banana")
    ix.application.save_project_snapshot(str(tmp_path / "a.project"))
    assert "dialog" not in (tmp_path / "a.project").read_text()


def test_private_and_read_only_items(ix: Any, tmp_path: Path) -> None:
    item = ix.get_item(IMAGE)
    item.set_private(True)
    item.set_read_only(True)
    item.attrs.last_frame = 3
    assert item.is_private() and item.get_attribute("last_frame").get_long() == 3
    ix.application.save_project_snapshot(str(tmp_path / "a.project"))
    assert "        private yes\n    }\n" in (tmp_path / "a.project").read_text()
