"""The shape of the application: what is documented, what is missing, what arguments fit."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import binding, driver, module
from conductor.clarisse.headless.documented import CONSTANTS, DOCUMENTED
from conductor.lib.errors import NotInStandIn, SceneError

NOTES = Path(__file__).resolve().parents[3] / "docs" / "clarisse-host-notes.md"


def test_install_puts_the_three_modules_in_place_and_uninstall_takes_them_out() -> None:
    before = {name: sys.modules.get(name) for name in headless.MODULES}
    ix = headless.install()
    try:
        import ix as imported
        import ix.api
        from ix import application
        from ix.api import OfAttr

        assert imported is ix
        assert OfAttr is ix.api.OfAttr
        assert application is ix.application
        assert sys.modules["ix.cmds"] is ix.cmds
    finally:
        headless.uninstall()
    assert not any(name in sys.modules for name in headless.MODULES)
    sys.modules.update({name: found for name, found in before.items() if found})


def test_uninstall_leaves_a_real_ix_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    real = type(sys)("ix")
    monkeypatch.setitem(sys.modules, "ix", real)
    headless.uninstall()
    assert sys.modules["ix"] is real


def test_a_session_brings_back_what_was_there(ix: Any) -> None:
    with headless.session() as inner:
        assert sys.modules["ix"] is inner
        assert inner.application.get_current_project_filename() == ""
    assert sys.modules["ix"] is ix


def test_sessions_do_not_share_anything(ix: Any) -> None:
    with headless.session() as inner:
        inner.application.get_factory().get_vars().add(1, "CT_X", inner.api.OfAttr.TYPE_STRING)
    assert ix.application.get_factory().get_vars().get("CT_X") is None


def test_the_driver_without_a_stand_in_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in headless.MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(SceneError, match="headless.install"):
        driver.windows()


@pytest.mark.parametrize(
    "expression, section",
    [
        ("ix.application.scan_modules", "Application"),
        ("ix.application.export_render_archive", "Application"),
        ("ix.get_item('scene/image').get_module", "Items"),
        ("ix.get_item('scene/image.layers').get_preset_hints", "Attributes"),
        ("ix.application.get_factory().get_classes().add", "Classes"),
        ("ix.application.get_prefs().get_item", "Preferences"),
        ("ix.render_image", "Functions of ix"),
        ("ix.api.IOHelpers", "Functions of ix"),
        ("ix.cmds.CreateOverrideSet", "Commands"),
        ("ix.api.ModuleScriptedClassEngine().create_instance_data", "Scripted classes"),
    ],
)
def test_what_clarisse_has_and_the_stand_in_lacks_names_its_section(
    ix: Any, expression: str, section: str
) -> None:
    with pytest.raises(NotInStandIn, match="section '%s'" % section):
        eval(expression, {"ix": ix})


@pytest.mark.parametrize(
    "expression",
    [
        "ix.application.get_selected_items",
        "ix.get_item('scene/image').delete",
        "ix.get_item('scene/image.layers').append",
        "ix.application.get_factory().find",
        "ix.getItem",
        "ix.api.OfAttribute",
        "ix.cmds.createObject",
        "ix.api.GuiWindow(ix.application, 0, 0, 1, 1).close",
        "ix.api.OfAttr.VISUAL_HINT_PATH",
        "ix.api.OfObjectArray().append",
    ],
)
def test_what_clarisse_does_not_have_is_an_attribute_error(ix: Any, expression: str) -> None:
    with pytest.raises(AttributeError):
        eval(expression, {"ix": ix})


def test_from_ix_api_import_of_a_missing_class_tells(ix: Any) -> None:
    with pytest.raises(NotInStandIn):
        from ix.api import IOHelpers  # noqa: F401


@pytest.mark.parametrize(
    "call",
    [
        "ix.get_item()",
        "ix.get_item(5)",
        "ix.get_item('scene', 'image')",
        "ix.get_item('scene/image').is_kindof(3)",
        "ix.get_item('scene/image').get_attribute(None)",
        "ix.get_item('scene/image.last_frame').set_long('5')",
        "ix.get_item('scene/image.last_frame').set_long(5.5)",
        "ix.get_item('scene/image.save_as').set_string(5)",
        "ix.get_item('scene/image.save_as').set_hidden(1)",
        "ix.get_item('scene/image.save_as').get_string('0')",
        "ix.get_item('scene/image.last_frame').add_preset('Label', 0)",
        "ix.get_item('scene/image.layers').get_values()",
        "ix.get_item('scene/image.layers').get_values([])",
        "ix.get_item('scene/image.layers').set_object_filters('Image')",
        "ix.get_item('scene/image.layers').set_object('project://scene/image.bg')",
        "ix.application.get_factory().get_all_objects('Image', [])",
        "ix.application.message_box('only a text')",
        "ix.application.log_info(5)",
        "ix.application.save_project('/x', 'yes')",
        "ix.api.GuiPushButton(ix.application, 0, 0, 10, 'OK')",
        "ix.api.GuiWindow(ix.application, 0.5, 0, 10, 10)",
        "ix.api.GMathVec3uc(300, 0, 0)",
        "ix.cmds.SetValue('project://scene/image.last_frame', '5')",
        "ix.api.ModuleScriptedClass.register_scripted_class(ix.application, 'X', object())",
    ],
)
def test_arguments_that_do_not_fit_are_a_type_error(ix: Any, call: str) -> None:
    with pytest.raises(TypeError):
        eval(call, {"ix": ix})


def test_keywords_are_not_taken(ix: Any) -> None:
    with pytest.raises(TypeError):
        ix.get_item(path="scene/image")


def test_the_message_says_what_would_fit(ix: Any) -> None:
    with pytest.raises(TypeError, match=r"OfAttr.set_long takes \(int, int\?\), not \(str\)"):
        ix.get_item("scene/image.last_frame").set_long("5")


def test_bytes_are_texts_in_utf_8(ix: Any) -> None:
    attr = ix.get_item(b"scene/image.save_as")
    attr.set_string("/out/été".encode())
    assert attr.get_string() == "/out/été"


def test_numbers_for_bools_is_a_switch(ix: Any, host: headless.Host) -> None:
    host.switches.numbers_for_bools = True
    attr = ix.get_item("scene/image.save_as")
    attr.set_hidden(1)
    assert attr.is_hidden()


def test_an_undocumented_method_cannot_be_added_to_the_stand_in() -> None:
    with pytest.raises(LookupError, match="OfTime.rewind is not documented"):
        @binding.documented
        class OfTime(binding.HostObject):
            def rewind(self) -> None: ...


def test_every_public_method_of_the_api_is_documented() -> None:
    for cls in module.API_CLASSES:
        if not issubclass(cls, binding.HostObject):
            continue
        owners = [base.__name__ for base in cls.__mro__]
        for name in dir(cls):
            member = getattr(cls, name)
            if name.startswith("_") or not callable(member):
                continue
            assert any(name in binding.CALLS.get(owner, ()) for owner in owners), (cls, name)


def test_arguments_in_the_table_are_known_words_or_classes() -> None:
    words = {"text", "texts", "int", "ints", "float", "bool", "item", "path", "paths", "any"}
    for calls in binding.CALLS.values():
        for call in calls.values():
            for overload in call.overloads:
                for atom in overload:
                    bare = atom.rstrip("?*")
                    assert bare in words or bare[0].isupper(), (call.title, atom)


def test_every_constant_of_the_table_is_there(ix: Any) -> None:
    for owner, names in CONSTANTS.items():
        for name in names:
            assert isinstance(getattr(getattr(ix.api, owner), name), int), (owner, name)


def test_each_section_of_the_table_is_a_heading_of_the_notes() -> None:
    text = NOTES.read_text(encoding="utf-8")
    for section in {section for section, _ in DOCUMENTED.values()}:
        assert "\n## %s\n" % section in text, section


def test_each_switch_stands_in_the_notes_with_its_default() -> None:
    from conductor.clarisse.headless.switches import SWITCHES

    rows = [line for line in NOTES.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    for switch in SWITCHES:
        row = [line for line in rows if line.startswith("| `%s` |" % switch.name)]
        assert len(row) == 1, switch.name
        assert ast.literal_eval(row[0].split("|")[2].strip().strip("`")) == switch.default


def test_a_switch_that_does_not_exist_cannot_be_set(host: headless.Host) -> None:
    with pytest.raises(AttributeError, match="no switch 'speed'"):
        host.switches.speed = True
