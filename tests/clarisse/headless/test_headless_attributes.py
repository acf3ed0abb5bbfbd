"""Reading and writing attributes: types, lists, references, variables and expressions."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.clarisse import headless


def names(container: Any) -> list[str]:
    return [item.get_full_name() for item in container]


@pytest.mark.parametrize(
    "path, type_, container, texts",
    [
        ("scene/image.last_frame", "LONG", "SINGLE", ["50"]),
        ("scene/image.layers", "OBJECT", "LIST", [".fg", ".bg"]),
        ("scene/noise.color", "DOUBLE", "ARRAY", ["1", "0.5", "0"]),
        ("scene/noise.shy", "LONG", "SINGLE", ["3"]),
        ("scene/noise.amount", "DOUBLE", "SINGLE", ["1.5"]),
        ("scene/sub/thing.strange_filename", "STRING", "SINGLE", ["/x/y.bin"]),
        ("scene/sub/thing.numbers", "LONG", "ARRAY", ["1", "2", "3"]),
        ("scene/sub/thing.doubles", "DOUBLE", "ARRAY", ["1.5", "2"]),
        ("scene/sub/thing.flags", "BOOL", "LIST", ["1", "0"]),
        ("scene/sub/thing.word", "STRING", "SINGLE", ["auto"]),
        ("scene/sub/thing.nothing", "STRING", "LIST", []),
        ("scene/sub/thing.texts", "STRING", "LIST", ["a", "b"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_file_holds(
    ix: Any, path: str, type_: str, container: str, texts: list[str]
) -> None:
    attr = ix.get_item(path)
    out = ix.api.CoreStringArray()
    assert attr.get_raw_values(out) is None
    assert list(out) == texts
    assert ix.api.OfAttr.get_type_name(attr.get_type()) == "TYPE_" + type_
    assert attr.get_container() == getattr(ix.api.OfAttr, "CONTAINER_" + container)
    kinds = [attr.is_single(), attr.is_array(), attr.is_list()]
    assert kinds.index(True) == ["SINGLE", "ARRAY", "LIST"].index(container)
    assert attr.is_numeric_type() == (type_ in ("BOOL", "LONG", "DOUBLE"))
    assert attr.get_value_count() == len(texts)


@pytest.mark.parametrize(
    "path, hint",
    [
        ("scene/image.save_as", "FILENAME_SAVE"),
        ("scene/noise.ies", "FILENAME_OPEN"),
        ("scene/sub/thing.strange_filename", "FILENAME_OPEN"),
        ("scene/sub/thing.numbers", "DEFAULT"),
    ],
)
def test_hints(ix: Any, path: str, hint: str) -> None:
    found = ix.get_item(path).get_visual_hint()
    assert found == getattr(ix.api.OfAttr, "VISUAL_HINT_" + hint)
    assert ix.api.OfAttr.get_visual_hint_name(found) == "VISUAL_HINT_" + hint


def test_all_types_have_their_numbers(ix: Any) -> None:
    words = ["BOOL", "LONG", "DOUBLE", "STRING", "FILE", "REFERENCE", "OBJECT", "CURVE", "ACTION"]
    assert [getattr(ix.api.OfAttr, "TYPE_" + word) for word in words] == list(range(9))


def test_entries_that_are_no_attributes(ix: Any) -> None:
    noise = ix.get_item("scene/noise")
    for name in ("name", "positions", "custom_attributes", "#version", "none", "source"):
        assert noise.get_attribute(name) is None, name
        assert noise.attribute_exists(name) is None, name
    assert noise.get_attribute(999) is None


def test_attributes_by_place(ix: Any) -> None:
    thing = ix.get_item("scene/sub/thing")
    count = thing.get_attribute_count()
    found = [thing.get_attribute(index).get_name() for index in range(count)]
    assert [name for name in found if name != "class_default"][-7:] == [
        "strange_filename", "numbers", "doubles", "flags", "word", "nothing", "texts"
    ]


class TestReading:
    def test_cross_type(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.last_frame")
        assert (attr.get_long(), attr.get_double(), attr.get_string()) == (50, 50.0, "50")
        assert attr.get_bool() is True
        assert ix.get_item("scene/noise.color").get_double(1) == 0.5
        assert ix.get_item("scene/sub/thing.word").get_long() == 0

    def test_past_the_end_is_zero(self, ix: Any) -> None:
        assert ix.get_item("scene/image.last_frame").get_long(7) == 0
        assert ix.get_item("scene/image.save_as").get_string(7) == ""
        assert ix.get_item("scene/image.layers").get_object(7) is None

    def test_index(self, ix: Any) -> None:
        attr = ix.get_item("scene/noise.color")
        assert list(attr) == [1.0, 0.5, 0.0]
        with pytest.raises(IndexError):
            attr[3]

    def test_resolved_and_raw(self, ix: Any, scene_path: Any) -> None:
        attr = ix.get_item("scene/image.save_as")
        ix.set_current_frame(7.0)
        assert attr.get_string() == "%s/out/beauty_0007" % scene_path.parent.as_posix()
        assert attr.get_raw_string() == "$PDIR/out/beauty_$4F" == attr.get_expression()
        assert attr.is_expression_enabled() and attr.is_expression_activated()

    def test_hashes_are_left_alone(self, ix: Any) -> None:
        assert ix.get_item("scene/wood.filename").get_string().endswith("/tex/wood.####.png")

    def test_values_into_arrays(self, ix: Any, scene_path: Any) -> None:
        out = ix.api.CoreStringArray(5)
        ix.get_item("scene/image.save_as").get_values(out)
        assert list(out) == ["%s/out/beauty_0000" % scene_path.parent.as_posix()]
        ix.get_item("scene/image.save_as").get_raw_values(out)
        assert list(out) == ["$PDIR/out/beauty_$4F"]
        objects = ix.api.OfObjectArray()
        ix.get_item("scene/image.layers").get_values(objects)
        assert names(objects) == ["project://scene/image.fg", "project://scene/image.bg"]

    def test_a_disabled_flag_does_not_hide_attributes(self, ix: Any) -> None:
        assert ix.get_item("scene/noise.shy").is_hidden()
        assert not ix.get_item("scene/noise.color").is_hidden()

    def test_textures(self, ix: Any) -> None:
        color = ix.get_item("scene/noise.color")
        assert color.is_textured()
        assert str(color.get_texture()) == "project://scene/wood"
        assert not ix.get_item("scene/noise.shy").is_textured()
        assert ix.get_item("scene/image.save_as").get_texture() is None

    def test_an_instance_shows_its_source(self, ix: Any) -> None:
        copy = ix.get_item("scene/copy")
        assert copy.get_attribute("shy").get_long() == 4
        assert copy.get_attribute("amount").get_double() == 1.5
        assert list(copy.get_attribute("color")) == [1.0, 0.5, 0.0]
        hint = ix.api.OfAttr.VISUAL_HINT_FILENAME_OPEN
        assert copy.get_attribute("ies").get_visual_hint() == hint
        ix.get_item("scene/noise.amount").set_double(2.5)
        assert copy.get_attribute("amount").get_double() == 2.5
        assert not copy.get_attribute("amount").is_local()
        found = [copy.get_attribute(i).get_name() for i in range(copy.get_attribute_count())]
        assert set(found) == {"shy", "color", "scale_it", "amount", "ies"}

    def test_an_instance_of_itself_or_of_nothing_has_no_source(self, host: headless.Host) -> None:
        host.open_text(
            'Box {\n    name "a"\n    source "b"\n}\nBox {\n    name "b"\n    source "a"\n}\n'
            'Box {\n    name "c"\n    source "none"\n}\n', "",
        )
        for path in ("a", "b", "c"):
            node = host.scene.node(path)
            assert node is not None and node.attribute("size") is None
            assert node.attribute_names() == []


@pytest.mark.parametrize(
    "owner, text, expected",
    [
        ("scene/image", ".bg", "project://scene/image.bg"),
        ("scene/image", "camera", "project://scene/camera"),
        ("scene/image", "sub/thing", "project://scene/sub/thing"),
        ("scene/image.bg", "camera", "project://scene/camera"),
        ("scene/image.bg", "project://top", "project://top"),
        ("scene/image.bg", "build://project/top", "project://top"),
        ("scene/sub/thing", "thing", "project://scene/sub/thing"),
        ("scene/sub/thing", "camera", None),
        ("top", "scene/image", "project://scene/image"),
        ("top", "Image@project://scene/image", "project://scene/image"),
        ("top", "Group@default://lpe/builtin", None),
        ("top", "", None),
    ],
)
def test_references(host: headless.Host, owner: str, text: str, expected: str | None) -> None:
    node = host.scene.node(owner)
    assert node is not None
    found = host.scene.resolve(text, node)
    assert (found.full_name if found else None) == expected


class TestWriting:
    def test_numbers(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.last_frame")
        attr.set_long(60)
        assert ix.get_item("scene/image.last_frame").get_long() == 60
        attr.set_double(61.9)
        assert attr.get_long() == 61
        ix.get_item("scene/noise.color").set_double(3, 2)
        assert list(ix.get_item("scene/noise.color")) == [1.0, 0.5, 3.0]
        assert ix.application.is_project_modified()

    def test_there_is_no_such_value(self, ix: Any) -> None:
        with pytest.raises(IndexError, match="noise.color has 3 values"):
            ix.get_item("scene/noise.color").set_double(1.0, 3)

    @pytest.mark.parametrize(
        "call",
        [
            lambda ix: ix.get_item("scene/image.last_frame").set_string("5"),
            lambda ix: ix.get_item("scene/image.save_as").set_long(5),
            lambda ix: ix.get_item("scene/image.save_as").set_object(ix.get_item("top")),
            lambda ix: ix.get_item("scene/image.last_frame").add_long(5),
            lambda ix: ix.get_item("scene/image.last_frame").remove_all(),
        ],
        ids=["text on number", "number on text", "object on text", "append", "empty"],
    )
    def test_the_wrong_type_is_refused(self, ix: Any, call: Any) -> None:
        with pytest.raises(TypeError):
            call(ix)

    def test_texts_on_numbers_are_a_switch(self, ix: Any, host: headless.Host) -> None:
        host.switches.texts_for_numbers = True
        ix.get_item("scene/image.last_frame").set_string("5")
        ix.get_item("scene/image.save_as").set_long(5)
        assert ix.get_item("scene/image.last_frame").get_long() == 5
        assert ix.get_item("scene/image.save_as").get_string() == "5"

    def test_lists(self, ix: Any) -> None:
        attr = ix.get_item("scene/sub/thing.texts")
        attr.add_string("c$F")
        assert [attr.get_raw_string(i) for i in range(attr.get_value_count())] == ["a", "b", "c$F"]
        assert attr.get_string(2) == "c0"
        attr.set_value_count(1)
        attr.set_value_count(2)
        assert list(attr) == ["a", ""]
        attr.remove_all()
        assert attr.get_value_count() == 0
        attr.set_string("first")
        assert list(attr) == ["first"]

    def test_lists_of_other_types(self, ix: Any) -> None:
        attr = ix.get_item("scene/sub/thing.flags")
        attr.add_bool(True)
        attr.add_long(0)
        assert list(attr) == [True, False, True, False]
        item = ix.get_item("scene/wood")
        numbers = item.add_attribute("numbers", ix.api.OfAttr.TYPE_DOUBLE, 2)
        numbers.add_double(1.25)
        assert list(numbers) == [1.25]

    def test_references(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.layers")
        attr.add_object(ix.get_item("scene/image.bg"))
        attr.set_object(None, 0)
        assert [str(attr.get_object(i)) for i in range(3)] == [
            "None", "project://scene/image.bg", "project://scene/image.bg"
        ]
        attr.remove_all()
        assert attr.get_value_count() == 0

    def test_the_name_space_attrs(self, ix: Any) -> None:
        image = ix.get_item("scene/image")
        assert image.attrs.last_frame[0] == 50
        assert len(image.attrs.layers) == 2
        assert str(image.attrs.layers[0]) == "project://scene/image.fg"
        image.attrs.last_frame = 9
        image.attrs.save_as = "/out/x"
        ix.get_item("scene/noise").attrs.color[1] = 0.25
        assert image.attrs.last_frame[0] == 9
        assert image.attrs.save_as.attr.get_string() == "/out/x"
        assert ix.get_item("scene/noise").attrs.color[1] == 0.25
        with pytest.raises(AttributeError, match="has no attribute none"):
            image.attrs.none = 5
        with pytest.raises(IndexError):
            image.attrs.layers[2]

    def test_item_assignment(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.layers")
        attr[0] = ix.get_item("scene/image.bg")
        assert str(attr.get_object(0)) == "project://scene/image.bg"
        switch = ix.get_item("scene/sub/thing.flags")
        switch[0] = False
        assert switch.get_bool(0) is False

    @pytest.mark.parametrize(
        "path, texts, expected",
        [
            ("scene/image.last_frame", ["77"], [77]),
            ("scene/noise.color[1]", ["0.75"], [1.0, 0.75, 0.0]),
            ("scene/noise.color", ["0", "0"], [0.0, 0.0, 0.0]),
            ("scene/sub/thing.texts", ["x"], ["x"]),
            ("scene/sub/thing.flags", ["1", "0", "1"], [True, False, True]),
        ],
    )
    def test_the_command_takes_texts(
        self, ix: Any, path: str, texts: list[str], expected: list[Any]
    ) -> None:
        ix.cmds.SetValue(path, texts)
        assert list(ix.get_item(path)) == expected

    def test_several_at_once(self, ix: Any) -> None:
        ix.cmds.SetValues(["scene/image.first_frame", "scene/image.last_frame"], ["2", "3"])
        assert ix.get_item("scene/image.last_frame").get_long() == 3
        ix.cmds.SetValues(["scene/sub/thing.texts"], ["x", "y", "z"])
        assert len(list(ix.get_item("scene/sub/thing.texts"))) == 3
        with pytest.raises(TypeError, match="as many values"):
            ix.cmds.SetValues(["scene/image.first_frame", "scene/image.last_frame"], ["2"])
        with pytest.raises(Exception, match="no attribute scene/image.none"):
            ix.cmds.SetValue("scene/image.none", ["2"])


class TestExpressions:
    def test_a_number_by_expression(self, ix: Any) -> None:
        attr = ix.get_item("scene/noise.scale_it")
        ix.application.get_factory().get_time().set_current_frame(12.0)
        assert [attr.get_double(index) for index in range(3)] == [100.0, 12.0, 1.0]
        assert attr.get_raw_string(1) == "F"
        assert attr.is_expression_enabled() and attr.is_expression_activated()

    def test_deactivated_it_shows_the_stored_value(self, ix: Any) -> None:
        attr = ix.get_item("scene/noise.scale_it")
        attr.activate_expression(False)
        assert attr.get_double() == 58.0
        assert attr.is_expression_enabled() and not attr.is_expression_activated()

    def test_a_number_gets_one(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.last_frame")
        assert not attr.is_expression_enabled()
        attr.set_expression("6 * 7")
        assert attr.get_long() == 42
        assert ix.application.is_project_modified()

    def test_a_broken_one_keeps_the_last_value(self, ix: Any, host: headless.Host) -> None:
        attr = ix.get_item("scene/image.last_frame")
        attr.set_expression("6 *")
        assert attr.get_long() == 50
        assert host.log[-1][0] == "warning" and "6 *" in host.log[-1][1]

    @pytest.mark.parametrize(
        "source, value",
        [
            ('"a" + "b"', "ab"),
            ('"frame " + F', "frame 5"),
            ("$NO_SUCH_NAME/x", "$NO_SUCH_NAME/x"),
            ("img_$F:_final", "img_5_final"),
            ('get_string("image.last_frame") + "!"', "50!"),
            ('get_name() + " in " + get_context()', "wood in project://scene"),
            ('get_string("no.such") + "!"', 'get_string("no.such") + "!"'),
            ('get_double("noise.color[1]") < 1 ? "dark" : "light"', "dark"),
        ],
    )
    def test_texts(self, ix: Any, source: str, value: str) -> None:
        ix.set_current_frame(5)
        attr = ix.get_item("scene/wood.filename")
        attr.set_string(source)
        assert attr.get_string() == value
        assert attr.get_raw_string() == source

    def test_plain_texts_are_no_expressions(self, ix: Any) -> None:
        attr = ix.get_item("scene/wood.filename")
        attr.set_string("/a/b.png")
        assert not attr.is_expression_enabled() and not attr.is_expression_activated()

    def test_keeping_a_frame_symbolic_as_submitters_do(self, ix: Any, scene_path: Any) -> None:
        attr = ix.get_item("scene/image.save_as")
        attr.activate_expression(False)
        attr.set_string("$PDIR/out/####")
        assert attr.get_string() == "$PDIR/out/####"
        attr.activate_expression(True)
        assert attr.get_string() == "%s/out/####" % scene_path.parent.as_posix()

    def test_set_expression_writes_the_text_of_a_string(self, ix: Any) -> None:
        attr = ix.get_item("scene/image.save_as")
        attr.set_expression('"x" + "y"')
        assert attr.get_raw_string() == '"x" + "y"'
        assert attr.get_string() == "xy"


class TestCustomAttributes:
    def test_a_new_one(self, ix: Any) -> None:
        item = ix.get_item("scene/wood")
        attr = item.add_attribute(
            "extra", ix.api.OfAttr.TYPE_STRING, ix.api.OfAttr.CONTAINER_SINGLE,
            ix.api.OfAttr.VISUAL_HINT_FOLDER, "Mine",
        )
        attr.set_string("/x")
        assert ix.get_item("scene/wood.extra").get_string() == "/x"
        assert item.add_attribute("extra", ix.api.OfAttr.TYPE_LONG).get_name() == "extra1"
        assert "extra" in [
            item.get_attribute(index).get_name() for index in range(item.get_attribute_count())
        ]


def test_path_attributes_of_the_whole_project(ix: Any) -> None:
    found = ix.api.OfAttr.get_path_attrs()
    sources = {found[i].get_raw_string() for i in range(found.get_count())} - {""}
    assert sources == {
        "$PDIR/out/beauty_$4F", "$PDIR/tex/wood.####.png", "/lib/a.ies", "/x/y.bin",
        "/shows/lib.project", "/tex/top.exr",
    }
    assert "project://scene/image.save_as" in [str(attr) for attr in found]
    with pytest.raises(IndexError):
        found[found.get_count()]


def test_declared_flags_and_ranges(ix: Any) -> None:
    attr = ix.get_item("scene/image.last_frame")
    attr.set_numeric_range(1, 10)
    attr.set_long(99)
    assert (attr.get_long(), attr.get_numeric_range_min()) == (10, 1.0)
    attr.set_long(-5)
    assert attr.get_long() == 1
    attr.set_numeric_range_min(3.0)
    attr.set_long(2)
    assert attr.get_long() == 3
    attr.enable_range(False)
    attr.set_long(99)
    assert attr.get_long() == 99
    attr.set_private(True)
    attr.set_read_only(True)
    assert attr.is_private() and not attr.is_editable() and not attr.is_locked()
    attr.set_long(1)
    assert attr.get_long() == 1
    assert attr.is_local()
    for call in (attr.set_slider, attr.set_texturable, attr.set_animatable, attr.enable_ui_range):
        call(True)
    attr.set_numeric_ui_range(0, 5)
