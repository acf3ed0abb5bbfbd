"""``ix.cmds``: what shelf tools do to items and attributes, and what is saved of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver
from conductor.clarisse.project_file import parse
from conductor.lib.errors import SceneError

IMAGE, NOISE, WOOD = "project://scene/image", "project://scene/noise", "project://scene/wood"
Saved = Callable[[], str]


@pytest.fixture
def saved(ix: Any, tmp_path: Path) -> Saved:
    """The text of the project as it would be saved now, which can be read again."""
    def write() -> str:
        target = tmp_path / "saved.project"
        assert ix.application.save_project_snapshot(str(target))
        text = target.read_text(encoding="utf-8")
        parse(text)
        return text

    return write


def texts(ix: Any, path: str) -> list[str]:
    attr = ix.get_item(path)
    return [attr.get_raw_string(place) for place in range(attr.get_value_count())]


# ---------------------------------------------------------------- names and places


def test_a_renamed_item_keeps_its_bytes_its_users_and_its_handles(
    ix: Any, saved: Saved, scene_text: str
) -> None:
    image = ix.get_item(IMAGE)
    last, layer = image.get_attribute("last_frame"), ix.get_item(IMAGE + ".bg")
    assert str(ix.cmds.RenameItem(image, "hero")) == str(image) == "project://scene/hero"
    assert (str(last), last.get_long()) == ("project://scene/hero.last_frame", 50)
    assert str(layer) == "project://scene/hero.bg"
    assert ix.item_exists(IMAGE) is None and ix.item_exists(IMAGE + ".bg") is None
    last.set_long(60)
    text = saved()
    assert 'images "project://scene/hero" "project://scene/hero.bg"' in text
    block = scene_text[scene_text.index("    Image {"):scene_text.index("    TextureMapFile {")]
    assert block.replace('"image"', '"hero"').replace("last_frame 50", "last_frame 60") in text
    assert '"image"' not in text


@pytest.mark.parametrize("new, users", [
    ("oak", {"texture": "project://scene/oak"}),
    ("top", {"texture": "project://scene/top"}),
])
def test_textures_follow(ix: Any, saved: Saved, new: str, users: dict[str, str]) -> None:
    ix.cmds.RenameItem(WOOD, new)
    assert str(ix.get_item(NOISE + ".color").get_texture()) == users["texture"]
    assert 'texture "%s"' % users["texture"] in saved()


def test_sources_of_instances_follow(ix: Any, saved: Saved) -> None:
    ix.cmds.RenameItem(NOISE, "grain")
    assert ix.get_item("project://scene/copy").is_reference()
    assert ix.get_item("project://scene/copy.amount").get_double() == 1.5
    assert 'source "project://scene/grain"' in saved()


def test_a_taken_name_gets_a_number_and_the_same_name_changes_nothing(
    ix: Any, saved: Saved, scene_text: str
) -> None:
    assert str(ix.cmds.RenameItem(WOOD, "wood")) == WOOD
    assert saved() == scene_text
    assert str(ix.cmds.RenameItem(WOOD, "noise")) == "project://scene/noise1"


def test_a_context_moves_with_all_it_holds(ix: Any, saved: Saved) -> None:
    thing = ix.get_item("project://scene/sub/thing")
    ix.selection.select(thing)
    ix.set_current_context("project://scene/sub")
    moved = ix.cmds.MoveItemTo("project://scene/sub", "project://")
    assert str(moved) == "project://sub" and str(thing) == "project://sub/thing"
    assert str(ix.selection[0]) == "project://sub/thing"
    assert str(ix.get_current_context()) == "project://sub"
    assert 'Context "sub" {\n    #created 1600000002\n    Mystery {' in saved()


def test_references_of_what_moves_lead_where_they_led(ix: Any, saved: Saved) -> None:
    ix.cmds.MoveItemsTo([IMAGE, NOISE], "project://scene/sub")
    layer = ix.get_item("project://scene/sub/image.bg")
    assert str(layer.attrs.active_camera[0]) == "project://scene/camera"
    color = ix.get_item("project://scene/sub/noise.color")
    assert str(color.get_texture()) == WOOD
    assert [str(ix.get_item("project://scene/sub/image.layers").get_object(0))] == [
        "project://scene/sub/image.fg"], "embedded ones stay embedded"
    assert 'layers ".fg" ".bg"' in saved()


def test_a_context_does_not_move_into_itself(ix: Any) -> None:
    with pytest.raises(SceneError, match="into itself"):
        ix.cmds.MoveItemTo("project://scene", "project://scene/sub")


def test_copies_are_whole_and_independent(ix: Any, saved: Saved) -> None:
    ix.get_item(IMAGE + ".last_frame").set_long(77)
    copy = ix.cmds.CopyItemTo(IMAGE, "project://scene/sub")
    again = ix.cmds.CopyItemsTo([ix.get_item(IMAGE)], "project://scene")[0]
    assert [str(copy), str(again)] == ["project://scene/sub/image", "project://scene/image1"]
    assert copy.get_attribute("last_frame").get_long() == 77
    copy.get_attribute("last_frame").set_long(5)
    assert ix.get_item(IMAGE + ".last_frame").get_long() == 77
    assert str(ix.get_item(str(again) + ".bg").attrs.active_camera[0]) == "project://scene/camera"
    text = saved()
    assert text.count("#modified 1600000001") == 3 and text.count("last_frame 5\n") == 1


def test_what_was_made_by_a_script_can_be_copied_and_renamed(ix: Any, saved: Saved) -> None:
    made = ix.cmds.CreateContext("shots", "project://scene")
    image = ix.cmds.CreateObject("new", "Image", "Global", made)
    image.attrs.last_frame = 9
    ix.cmds.AddLayer(str(image) + ".layers", "Layer3d")
    copy = ix.cmds.CopyItemTo(made, "project://")
    ix.cmds.RenameItem(made, "takes")
    assert str(image) == "project://scene/takes/new"
    for path in (str(image), str(copy) + "/new"):
        assert ix.get_item(path + ".last_frame").get_long() == 9
        assert str(ix.get_item(path + ".layers").get_object(0)) == path + ".layer_3d"
    ix.cmds.DeleteItem(copy)
    assert saved().count("Layer3d {\n") == 3


def test_a_name_can_be_used_again(ix: Any, saved: Saved) -> None:
    ix.cmds.RenameItem(WOOD, "aged")
    new = ix.cmds.CreateObject("wood", "TextureMapFile", "project://scene")
    assert str(new) == WOOD and new.get_attribute("filename").get_string() == ""
    ix.cmds.DeleteItem(WOOD)
    assert ix.item_exists(WOOD) is None
    assert ix.get_item("project://scene/aged.filename").get_string().endswith("wood.####.png")
    assert 'name "wood"' not in saved()


# ---------------------------------------------------------------- groups and instances


def test_groups_and_combiners_hold_what_they_are_given(ix: Any, saved: Saved) -> None:
    group = ix.cmds.GroupItems([WOOD, ix.get_item(NOISE)], "project://scene")
    combiner = ix.cmds.CombineItems([str(group)], "project://scene/sub")
    assert [str(group), str(combiner)] == ["project://scene/group", "project://scene/sub/combiner"]
    assert texts(ix, str(group) + ".inclusion_items") == [WOOD, NOISE]
    assert combiner.get_class_name() == "SceneObjectCombiner"
    assert 'objects "project://scene/group"' in saved()


@pytest.mark.parametrize("make", [
    lambda ix: ix.cmds.Instantiate([NOISE])[0],
    lambda ix: ix.cmds.CreateInstanceTo(NOISE, "project://scene"),
    lambda ix: ix.cmds.CreateInstancesTo([ix.get_item(NOISE)], "project://scene")[0],
    lambda ix: ix.get_item("project://scene").add_instance(ix.get_item(NOISE)),
], ids=["Instantiate", "CreateInstanceTo", "CreateInstancesTo", "add_instance"])
def test_an_instance_shows_its_source_until_it_is_made_local(
    ix: Any, saved: Saved, make: Callable[[Any], Any]
) -> None:
    made = make(ix)
    assert str(made) == "project://scene/noise1" and made.is_reference()
    assert str(made.get_attribute("color").get_texture()) == WOOD
    ix.get_item(NOISE + ".shy").set_long(8)
    assert made.get_attribute("shy").get_long() == 8
    assert 'name "noise1"' in saved() and 'source "project://scene/noise"' in saved()
    made.make_local()
    ix.get_item(NOISE + ".shy").set_long(9)
    assert not made.is_reference() and made.get_attribute("shy").get_long() == 8
    assert str(made.get_attribute("color").get_texture()) == WOOD
    assert made.get_attribute("scale_it").get_double(0) == 100, "its expression came along"
    assert 'source "project://scene/noise"' not in saved()


def test_instances_are_made_of_items_and_may_drop_what_they_show(ix: Any, saved: Saved) -> None:
    other = ix.cmds.CreateObject("other", "NoSuchClassAtAll", "project://scene")
    assert other is None, "nothing tells what this would be"
    ix.cmds.MakeInstance(["project://top", IMAGE], WOOD)
    assert ix.get_item("project://top").is_reference() and not ix.get_item(IMAGE).is_reference()
    assert 'source "project://scene/wood"' in saved()
    ix.cmds.MakeLocal(["project://scene/copy"], False)
    assert ix.item_exists("project://scene/copy.amount") is None


# ---------------------------------------------------------------- marks


def test_disabled_items_are_saved_so(ix: Any, saved: Saved) -> None:
    ix.cmds.DisableItems([IMAGE, "project://scene/sub"], True)
    ix.cmds.DisableItems([WOOD], False)
    assert ix.get_item(IMAGE).is_disabled() and ix.get_item(WOOD).is_enabled()
    text = saved()
    with headless.session(str(Path(ix.application.get_current_project_filename()).with_name(
            "saved.project"))) as other:
        assert [other.get_item(path).is_disabled() for path in (
            IMAGE, "project://scene/sub", WOOD)] == [True, True, False]
    assert text.count("disabled yes") == 2


def test_locked_items_do_not_change(ix: Any, saved: Saved) -> None:
    ix.cmds.LockItems([IMAGE])
    assert ix.get_item(IMAGE).is_locked() and not ix.get_item(IMAGE).is_editable()
    ix.cmds.SetValue(IMAGE + ".last_frame", ["9"])
    assert ix.get_item(IMAGE + ".last_frame").get_long() == 50
    assert driver.log("warning") == ["project://scene/image.last_frame cannot be changed"]
    assert "locked yes" in saved()
    ix.cmds.UnlockItem(IMAGE)
    ix.cmds.SetValue(IMAGE + ".last_frame", ["9"])
    assert ix.get_item(IMAGE + ".last_frame").get_long() == 9
    ix.cmds.LockItem(IMAGE)
    ix.cmds.UnlockItems([IMAGE])
    assert "locked" not in saved()


def test_notes_and_colours_are_saved(ix: Any, saved: Saved) -> None:
    ix.cmds.CommentItem(IMAGE, 'for "Ann"')
    ix.cmds.CommentItems([IMAGE, WOOD], "for Bob")
    ix.cmds.ColorTagItems([ix.cmds.CreateContext("x")], "red")
    text = saved()
    assert text.count('comment "for Bob"') == 2 and "Ann" not in text
    assert 'colortag "red"' in text


@pytest.mark.parametrize("delete", [
    lambda ix: ix.cmds.DeleteItem(ix.get_item(WOOD)),
    lambda ix: ix.cmds.DeleteItems([WOOD]),
    lambda ix: ix.cmds.TrashItems([WOOD]),
    lambda ix: (ix.selection.select(WOOD), ix.cmds.DeleteSelection()),
], ids=["DeleteItem", "DeleteItems", "TrashItems", "DeleteSelection"])
def test_deleted_items_are_gone(ix: Any, saved: Saved, delete: Callable[[Any], Any]) -> None:
    delete(ix)
    assert ix.item_exists(WOOD) is None
    assert 'name "wood"' not in saved()


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("command, expected", [
    (lambda cmds, attr: cmds.AddValue(attr, "c"), ["a", "b", "c"]),
    (lambda cmds, attr: cmds.AddValues([attr], ["c", "d"]), ["a", "b", "c", "d"]),
    (lambda cmds, attr: cmds.RemoveValue([attr], [1, 0]), ["b"]),
    (lambda cmds, attr: cmds.RemoveValue([attr], [2, 0, 1]), []),
    (lambda cmds, attr: cmds.RemoveAllValues([attr]), []),
    (lambda cmds, attr: cmds.MoveValue(attr, 1, 0), ["b", "a"]),
    (lambda cmds, attr: cmds.PermuteValues([attr], [1, 0]), ["b", "a"]),
    (lambda cmds, attr: cmds.SetValueCount([attr], [3]), ["a", "b", ""]),
    (lambda cmds, attr: cmds.SetValueCount([attr], [1]), ["a"]),
    (lambda cmds, attr: cmds.SetValue(attr, ["z"]), ["z"]),
    (lambda cmds, attr: cmds.SetValue(attr + "[1]", ["z"]), ["a", "z"]),
    (lambda cmds, attr: cmds.SetValues([attr + "[0]", attr + "[1]"], ["y", "z"]), ["y", "z"]),
    (lambda cmds, attr: (cmds.SetValue(attr, ["z"]), cmds.RevertAttributes([attr])), ["a", "b"]),
    (lambda cmds, attr: cmds.ResetAttributes([attr]), []),
], ids=["AddValue", "AddValues", "RemoveValue", "RemoveValue-two", "RemoveAllValues", "MoveValue",
        "PermuteValues", "grow", "cut", "SetValue", "SetValue-one", "SetValues", "Revert", "Reset"])
def test_values_of_a_list(
    ix: Any, command: Callable[[Any, str], object], expected: list[str]
) -> None:
    path = "project://scene/sub/thing.texts"
    command(ix.cmds, path)
    assert texts(ix, path) == expected


@pytest.mark.parametrize("command, error", [
    (lambda cmds: cmds.AddValue(IMAGE + ".last_frame", "1"), TypeError),
    (lambda cmds: cmds.MoveValue(IMAGE + ".layers", 0, 7), IndexError),
    (lambda cmds: cmds.PermuteValues([IMAGE + ".layers"], [0, 0]), TypeError),
    (lambda cmds: cmds.RemoveValue([IMAGE + ".layers"], [0, 1]), TypeError),
    (lambda cmds: cmds.SetValues([IMAGE + ".layers", IMAGE + ".format"], ["1"]), TypeError),
    (lambda cmds: cmds.SetValue(IMAGE + ".nothing", ["1"]), SceneError),
    (lambda cmds: cmds.CreateObject("x", "Image", "project://nowhere"), SceneError),
    (lambda cmds: cmds.CreateContext("x", IMAGE), SceneError),
    (lambda cmds: cmds.AddLayer(IMAGE + ".layers", "NoLayer"), SceneError),
    (lambda cmds: cmds.RenameItem(IMAGE, 5), TypeError),
    (lambda cmds: cmds.DisableItems(IMAGE, True), TypeError),
], ids=lambda value: getattr(value, "__name__", "") if isinstance(value, type) else "call")
def test_what_does_not_fit_is_an_error(
    ix: Any, command: Callable[[Any], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        command(ix.cmds)


def test_revert_without_a_value_in_the_file_and_locked_attributes(ix: Any) -> None:
    attr = ix.get_item(IMAGE + ".format")
    attr.set_long(3)
    ix.cmds.RevertAttributes([str(attr)])
    assert attr.get_long() == 0
    ix.cmds.LockAttributes([attr], True)
    ix.cmds.SetValue(str(attr), ["3"])
    ix.cmds.ResetAttributes([attr])
    assert (attr.get_long(), attr.is_locked(), attr.is_editable()) == (0, True, False)
    ix.cmds.LockAttributes([attr], False)
    ix.cmds.SetValue(str(attr), ["3"])
    assert attr.get_long() == 3


def test_an_instance_localizes_single_attributes(ix: Any) -> None:
    attr = ix.get_item("project://scene/copy.amount")
    ix.cmds.LocalizeAttributes([attr], True)
    ix.get_item(NOISE + ".amount").set_double(9.0)
    assert (attr.get_double(), attr.is_local()) == (1.5, True)
    ix.cmds.LocalizeAttributes([attr], False)
    assert attr.get_double() == 9.0


# ---------------------------------------------------------------- expressions, textures


def test_expressions_of_components(ix: Any, saved: Saved) -> None:
    path = NOISE + ".scale_it"
    ix.cmds.SetExpression([path + "[2]", path], ["F + 5", ""])
    ix.cmds.SetCurrentFrame(7)
    attr = ix.get_item(path)
    assert [attr.get_double(place) for place in range(3)] == [58, 7, 12]
    ix.cmds.ActivateExpression([path], [0])
    assert attr.get_double(2) == 1
    assert 'expression[2] "F + 5"' in saved() and "expression[] " not in saved()


def test_the_expression_of_a_text_is_its_source(ix: Any) -> None:
    ix.cmds.SetExpression([IMAGE + ".save_as"], ['"/out/"+$PNAME'])
    assert ix.get_item(IMAGE + ".save_as").get_string() == "/out/shot"


def test_textures_are_connected_and_taken_away(ix: Any, saved: Saved) -> None:
    ix.cmds.SetTexture([NOISE + ".shy", NOISE + ".color"], "project://top")
    assert str(ix.get_item(NOISE + ".color").get_texture()) == "project://top"
    text = saved()
    assert text.count('texture "project://top"') == 2 and 'texture "wood"' not in text
    ix.cmds.SetTexture([NOISE + ".color"], "")
    assert not ix.get_item(NOISE + ".color").is_textured()
    ix.cmds.ResetAttributes([NOISE + ".shy"])
    assert "texture" not in saved().replace("texture {", "")


# ---------------------------------------------------------------- custom attributes


def test_custom_attributes_are_made_edited_and_removed(ix: Any, saved: Saved) -> None:
    names = ["container", "vhint", "group", "count", "allow_expression"]
    ix.cmds.CreateCustomAttribute([WOOD, IMAGE], "plate", 3, names, [
        "CONTAINER_SINGLE", "VISUAL_HINT_FILENAME_OPEN", "Pipeline", "1", "0"])
    ix.cmds.CreateCustomAttribute([WOOD], "size", 2, names[:1] + ["count"], [
        "CONTAINER_ARRAY", "3"])
    ix.cmds.SetValue(WOOD + ".plate", ["/p.exr"])
    hint = ix.get_item(IMAGE + ".plate").get_visual_hint()
    assert ix.api.OfAttr.get_visual_hint_name(hint) == "VISUAL_HINT_FILENAME_OPEN"
    text = saved()
    assert 'filename_open "plate" {\n                value "/p.exr"' in text
    assert 'double[3] "size" {\n                value 0.0 0.0 0.0' in text
    ix.cmds.EditCustomAttribute([WOOD + ".plate"], "slate", 3, 0, 0, "General")
    ix.cmds.RemoveCustomAttribute([WOOD + ".size", IMAGE + ".plate"])
    assert texts(ix, WOOD + ".slate") == ["/p.exr"]
    assert ix.item_exists(WOOD + ".plate") is None and ix.item_exists(WOOD + ".size") is None
    assert 'string "slate"' in saved() and "plate" not in saved()


def test_custom_attributes_of_the_file_are_removed_from_it(ix: Any, saved: Saved) -> None:
    ix.cmds.RemoveCustomAttribute([NOISE + ".ies"])
    ix.get_item(NOISE).remove_attribute("amount")
    assert ix.item_exists(NOISE + ".ies") is None
    assert '"ies"' not in saved() and "amount" not in saved()


def test_attributes_of_the_class_stay(ix: Any) -> None:
    ix.cmds.RemoveCustomAttribute([IMAGE + ".last_frame"])
    ix.get_item(IMAGE).remove_attribute("last_frame")
    assert ix.get_item(IMAGE + ".last_frame").get_long() == 50
    assert driver.log("warning") == ["%s.last_frame cannot be removed" % IMAGE]


# ---------------------------------------------------------------- layers, the time line


def test_layers_are_added_copied_and_deleted(ix: Any, saved: Saved) -> None:
    assert ix.cmds.AddLayer(IMAGE + ".layers", "Layer3d") is None
    ix.cmds.AddValues([IMAGE + ".layers"], ["LayerFile"])
    ix.cmds.DuplicateLayer(IMAGE + ".layers", [1])
    assert texts(ix, IMAGE + ".layers") == [".fg", ".bg", ".layer_3d", ".layer_file", ".bg1"]
    assert ix.get_item(IMAGE + ".bg1").is_private()
    ix.cmds.RenameItem(IMAGE + ".layer_file", "plate")
    ix.cmds.DeleteLayer(IMAGE, [0, 1])
    assert texts(ix, IMAGE + ".layers")[0] == ".layer_3d"
    assert ix.item_exists(IMAGE + ".fg") is None
    assert str(ix.get_item(IMAGE + ".layers").get_object(1)) == IMAGE + ".plate"
    item = parse(saved()).item(IMAGE)
    assert item is not None
    assert [child.name for child in item.children] == ["layer_3d", "bg1", "plate"]


def test_an_embedded_object_is_removed_by_name(ix: Any, saved: Saved) -> None:
    image = ix.get_item(IMAGE)
    image.remove_embedded_object("fg")
    image.remove_embedded_object("no such")
    assert ix.item_exists(IMAGE + ".fg") is None and 'name "fg"' not in saved()


def test_the_time_line(ix: Any) -> None:
    ix.cmds.SetCurrentFrame(12)
    ix.cmds.SetCurrentFrameRange(5, 15)
    ix.cmds.SetFps(30)
    assert ix.get_current_frame() == 12
    assert ix.get_item(IMAGE + ".save_as").get_string().endswith("/out/beauty_0012")
    assert list(ix.application.get_current_frame_range()) == [5, 15]
    assert ix.application.get_factory().get_time().get_fps() == 30


def test_batches_and_history_are_taken(ix: Any) -> None:
    ix.begin_command_batch("x")
    manager = ix.application.get_command_manager()
    manager.begin_batch("y")
    manager.end_batch()
    manager.enable_history()
    manager.disable_history()
    ix.end_command_batch()


def test_a_custom_context_becomes_a_reference_by_its_file(ix: Any) -> None:
    ix.cmds.CreateCustomContext("ref", "Reference", "", "project://scene")
    made = ix.cmds.CreateCustomContext("ref", "Reference", "project://scene")
    assert str(made) == "project://scene/ref1" and not made.is_reference()
    ix.cmds.SetReferenceFilenames([made], [1, 0], ["/a.abc"])
    assert made.is_reference() and made.get_type() == "FileReferenceContext"
    ix.cmds.ClearContextOverrides(made)
    ix.cmds.CleanupContextOverrides(made)
