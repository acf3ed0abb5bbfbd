"""Scripted classes: declared, saved items that come to life, buttons, changes, crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver
from conductor.lib.errors import SceneError


def register(ix: Any, engine: Any, name: str = "Job") -> bool:
    return ix.api.ModuleScriptedClass.register_scripted_class(ix.application, name, engine)


def test_a_class_is_registered_once(ix: Any, job_class: Any) -> None:
    assert ix.application.get_factory().get_classes().exists("Job").get_name() == "Job"
    assert register(ix, job_class) is False
    assert register(ix, job_class, "Image") is False


def test_an_engine_must_call_its_base(ix: Any) -> None:
    class Forgetful(ix.api.ModuleScriptedClassEngine):
        def __init__(self) -> None:
            pass

    with pytest.raises(TypeError, match="must call ModuleScriptedClassEngine.__init__"):
        register(ix, Forgetful())
    assert ix.application.get_factory().get_classes().exists("Job") is None


def test_a_bare_engine_does_nothing(ix: Any) -> None:
    assert register(ix, ix.api.ModuleScriptedClassEngine())
    ix.get_item("scene/old").add_attribute("x", ix.api.OfAttr.TYPE_LONG).set_long(5)


def test_declared_attributes_in_order_with_actions_among_them(ix: Any, job_class: Any) -> None:
    declared = ix.application.get_factory().get_classes().get("Job")
    found = [declared.get_attribute(i).get_name() for i in range(declared.get_attribute_count())]
    assert found == [
        "submit", "title", "count", "images", "mode", "secret", "texts", "switch", "ratio"
    ]
    assert declared.get_attribute("submit").get_type() == ix.api.OfAttr.TYPE_ACTION
    assert ix.get_item("scene/old").is_kindof("ProjectItem")


class TestSavedItems:
    def test_before_the_class_they_show_what_is_stored(self, ix: Any) -> None:
        assert ix.get_item("scene/old.title").get_string() == "saved"
        assert ix.get_item("scene/old.forgotten").get_string() == "kept"
        with pytest.raises(SceneError, match="Job has no action 'submit'"):
            driver.press("scene/old", "submit")

    def test_they_come_to_life_when_it_is_registered(self, ix: Any, job_class: Any) -> None:
        old = ix.get_item("scene/old")
        assert old.get_attribute("title").get_string() == "saved"
        assert old.get_attribute("count").get_long() == 7
        assert [str(image) for image in old.attrs.images] == [
            "project://scene/image", "project://scene/image.bg"
        ]
        assert old.get_attribute("secret").get_string() == ""
        assert old.get_attribute("forgotten") is None
        driver.press(old, "submit")
        assert job_class.pressed == [("submit", "project://scene/old")]

    def test_a_handle_from_before_sees_the_class_too(self, ix: Any, request: Any) -> None:
        old = ix.get_item("scene/old")
        assert old.get_attribute("count").get_type() == ix.api.OfAttr.TYPE_LONG
        request.getfixturevalue("job_class")
        assert old.get_attribute("secret").is_hidden()

    def test_a_project_opened_after_the_class(
        self, ix: Any, job_class: Any, scene_path: Path
    ) -> None:
        ix.application.load_project(str(scene_path))
        driver.press("scene/old", "submit")
        assert ix.get_item("scene/old").get_attribute("count").get_long() == 7
        assert job_class.pressed == [("submit", "project://scene/old")]

    def test_reading_them_changes_nothing(self, ix: Any, job_class: Any) -> None:
        ix.get_item("scene/old").get_attribute("title").get_string()
        assert job_class.changed == []
        assert not ix.application.is_project_modified()


class TestNewItems:
    def test_they_begin_with_the_defaults(self, ix: Any, job_class: Any) -> None:
        item = ix.create_object("job", "Job", ix.get_item("project://"))
        assert item.get_attribute("title").get_string() == "Clarisse: shot"
        assert item.get_attribute("count").get_long() == 5
        assert item.get_attribute("images").get_value_count() == 0
        assert item.get_attribute("secret").is_hidden()
        assert item.get_attribute("switch").get_bool() is False
        found = ix.api.OfObjectArray()
        ix.application.get_factory().get_objects("Job", found)
        assert [each.get_name() for each in found] == ["old", "job"]

    def test_two_items_do_not_share(self, ix: Any, job_class: Any) -> None:
        first = ix.create_object("a", "Job")
        second = ix.create_object("b", "Job")
        first.get_attribute("count").set_long(9)
        first.get_attribute("secret").set_hidden(False)
        assert second.get_attribute("count").get_long() == 5
        assert second.get_attribute("secret").is_hidden()

    def test_ranges_of_the_class_clamp(self, ix: Any, job_class: Any) -> None:
        attr = ix.get_item("scene/old.count")
        attr.set_long(1000)
        assert attr.get_long() == 100

    def test_references_take_only_the_declared_classes(self, ix: Any, job_class: Any) -> None:
        images = ix.get_item("scene/old.images")
        images.remove_all()
        images.add_object(ix.get_item("scene/image"))
        images.add_object(ix.get_item("scene/image.fg"))
        with pytest.raises(TypeError, match="takes Image/Layer, not project://scene/wood"):
            images.add_object(ix.get_item("scene/wood"))


class TestChanges:
    @pytest.mark.parametrize(
        "change",
        [
            lambda item: item.get_attribute("count").set_long(6),
            lambda item: item.get_attribute("title").set_string("x"),
            lambda item: item.get_attribute("title").set_expression("$F"),
            lambda item: item.get_attribute("switch").set_bool(True),
            lambda item: item.get_attribute("ratio").set_double(0.5),
            lambda item: item.get_attribute("ratio").set_expression("F / 2"),
            lambda item: item.get_attribute("mode").apply_preset("Fast"),
            lambda item: item.get_attribute("texts").add_string("x"),
            lambda item: item.get_attribute("texts").set_value_count(3),
            lambda item: item.get_attribute("images").remove_all(),
            lambda item: setattr(item.attrs, "count", 8),
            lambda item: driver.set_attribute(item, "count", "9"),
        ],
        ids=[
            "long", "string", "source", "bool", "double", "number's expression", "preset",
            "append", "count", "empty", "attrs", "by the artist",
        ],
    )
    def test_every_way_tells_the_class(self, ix: Any, job_class: Any, change: Any) -> None:
        change(ix.get_item("scene/old"))
        assert len(job_class.changed) == 1
        assert ix.application.is_project_modified()

    def test_by_command(self, ix: Any, job_class: Any) -> None:
        ix.cmds.SetValue("project://scene/old.count", ["9"])
        assert job_class.changed == ["project://scene/old.count"]

    def test_items_of_other_classes_tell_nobody(self, ix: Any, job_class: Any) -> None:
        ix.get_item("scene/image.last_frame").set_long(5)
        assert job_class.changed == []

    def test_decoration_is_no_change(self, ix: Any, job_class: Any) -> None:
        attr = ix.get_item("scene/old.mode")
        attr.set_hidden(True)
        attr.set_read_only(True)
        attr.add_preset("More", "5")
        assert job_class.changed == []

    def test_the_same_value_is_a_switch(
        self, ix: Any, job_class: Any, host: headless.Host
    ) -> None:
        attr = ix.get_item("scene/old.count")
        attr.set_long(7)
        assert job_class.changed == []
        host.switches.same_value_fires = True
        attr.set_long(7)
        assert len(job_class.changed) == 1

    def test_changes_inside_the_handler_come_back(self, ix: Any, job_class: Any) -> None:
        def follow(item: Any, attr: Any) -> None:
            if attr.get_name() == "count":
                item.get_attribute("secret").set_string("was changed")

        job_class.on_change = follow
        ix.get_item("scene/old.count").set_long(9)
        assert [path.rpartition(".")[2] for path in job_class.changed] == ["count", "secret"]

    def test_changes_without_end_bring_the_host_down(
        self, ix: Any, job_class: Any, host: headless.Host
    ) -> None:
        def count(item: Any, attr: Any) -> None:
            item.get_attribute("count").set_long(attr.get_long() % 50 + 1)

        job_class.on_change = count
        with pytest.raises(headless.HostCrash, match="never ends: project://scene/old.count"):
            ix.get_item("scene/old.count").set_long(8)
        assert host.crashes

    def test_an_exception_in_the_handler_brings_the_host_down(
        self, ix: Any, job_class: Any
    ) -> None:
        job_class.on_change = lambda item, attr: 1 / 0
        with pytest.raises(headless.HostCrash, match="on_attribute_change let ZeroDivisionError"):
            ix.get_item("scene/old.count").set_long(8)


class TestCrashes:
    @pytest.mark.parametrize("error", [ValueError("bad"), RuntimeError("bad"), SystemExit("bad")])
    def test_an_exception_leaves_the_button(
        self, ix: Any, job_class: Any, host: headless.Host, error: BaseException
    ) -> None:
        def fail(item: Any) -> None:
            raise error

        job_class.on_press = fail
        with pytest.raises(headless.HostCrash, match=r"on_action\(submit\) let .* escape: bad"):
            driver.press("scene/old", "submit")
        assert len(host.crashes) == 1

    def test_log_error_in_a_handler(self, ix: Any, job_class: Any, host: headless.Host) -> None:
        job_class.on_press = lambda item: ix.log_error("no")
        with pytest.raises(headless.HostCrash):
            driver.press("scene/old", "submit")
        host.switches.handlers_may_raise_runtime_error = True
        driver.press("scene/old", "submit")
        host.switches.handlers_may_raise_runtime_error = False
        host.switches.log_error_raises = False
        driver.press("scene/old", "submit")
        assert driver.log("error") == ["no"] * 3

    def test_a_swallowed_crash_is_still_one(self, ix: Any, job_class: Any) -> None:
        def guarded(item: Any) -> None:
            try:
                item.get_attribute("count").set_long(8)
            except Exception:  # noqa: BLE001  as guarded handlers do
                pass

        job_class.on_press = guarded
        job_class.on_change = lambda item, attr: 1 / 0
        with pytest.raises(headless.HostCrash, match="on_attribute_change"):
            driver.press("scene/old", "submit")

    def test_a_declaration_that_fails(self, ix: Any) -> None:
        class Broken(ix.api.ModuleScriptedClassEngine):
            def declare_attributes(self, s_class: Any) -> None:
                raise KeyError("x")

        with pytest.raises(headless.HostCrash, match="declare_attributes let KeyError escape"):
            register(ix, Broken())

    def test_the_keyboard_still_interrupts(self, ix: Any, job_class: Any) -> None:
        def interrupt(item: Any) -> None:
            raise KeyboardInterrupt

        job_class.on_press = interrupt
        with pytest.raises(KeyboardInterrupt):
            driver.press("scene/old", "submit")


class TestTheArtist:
    @pytest.mark.parametrize(
        "name, typed, expected",
        [
            ("count", "12", [12]),
            ("count", 12, [12]),
            ("switch", "yes", [True]),
            ("switch", "false", [False]),
            ("switch", "On", [True]),
            ("switch", True, [True]),
            ("ratio", "0.25", [0.25]),
            ("ratio", 0.25, [0.25]),
            ("title", "yes $F", ["yes 0"]),
            ("mode", "Fast", [2]),
            ("mode", "2", [2]),
            ("texts", "a b", ["a", "b"]),
            ("texts", ["a b", "c"], ["a b", "c"]),
            ("texts", "", []),
            ("images", "image.bg", ["image.bg"]),
        ],
    )
    def test_types_into_a_field(
        self, ix: Any, job_class: Any, name: str, typed: Any, expected: list[Any]
    ) -> None:
        driver.set_attribute("scene/old", name, typed)
        assert list(ix.get_item("scene/old." + name)) == expected

    @pytest.mark.parametrize(
        "item, name, typed, message",
        [
            ("scene/none", "count", "1", "no item scene/none"),
            ("scene/old", "none", "1", "has no attribute none"),
            ("scene/old", "count", "many", 'count takes a number, not "many"'),
        ],
    )
    def test_types_what_does_not_fit(
        self, ix: Any, job_class: Any, item: str, name: str, typed: str, message: str
    ) -> None:
        with pytest.raises(SceneError, match=message):
            driver.set_attribute(item, name, typed)

    @pytest.mark.parametrize("name", ["none", "title"])
    def test_presses_what_is_no_button(self, ix: Any, job_class: Any, name: str) -> None:
        with pytest.raises(SceneError, match="Job has no action '%s'" % name):
            driver.press(ix.get_item("scene/old"), name)
