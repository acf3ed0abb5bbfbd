"""Built-in, custom and system variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless


@pytest.fixture
def table(ix: Any) -> Any:
    return ix.application.get_factory().get_vars()


def test_built_in_values(ix: Any, table: Any, scene_path: Path) -> None:
    ix.set_current_frame(48)
    values = {name: table.get(name).get_string() for name in ("F", "T", "FPS", "PNAME", "CDIR")}
    assert values == {"F": "48", "T": "2", "FPS": "24", "PNAME": "shot", "CDIR": "/content"}
    assert table.get("PDIR").get_string() == scene_path.parent.as_posix()
    assert table.get("F").get_long() == 48
    assert table.get("CTEMP").get_string()
    assert table.get("CLARISSE_USER_CONFIG_DIR").get_string().endswith("clarisse/5.0")


def test_the_folder_follows_the_project(ix: Any, table: Any) -> None:
    ix.application.set_current_project_filename("Z:\\show\\a.b.project")
    assert table.get("PDIR").get_string() == "Z:/show"
    assert table.get("PNAME").get_string() == "a.b"
    ix.application.set_current_project_filename("/show/a.b.project")
    assert table.get("PDIR").get_string() == "/show"
    assert table.get("PNAME").get_string() == "a.b"


def test_before_the_first_save_there_is_no_folder() -> None:
    with headless.session() as ix:
        table = ix.application.get_factory().get_vars()
        assert (table.get("PDIR").get_string(), table.get("PNAME").get_string()) == ("", "")
        ix.application._host.switches.unsaved_pdir = "/nowhere"
        assert table.get("PDIR").get_string() == "/nowhere"


class TestCustom:
    def test_added_set_found_and_removed(self, ix: Any, table: Any) -> None:
        kind = ix.api.OfVars.TYPE_CUSTOM
        added = table.add(kind, "CT_JOB", ix.api.OfAttr.TYPE_STRING)
        added.set_string("x")
        assert table.get("CT_JOB").get_string() == "x"
        assert (table.get_count(kind), table.get_by_index(kind, 0).get_name()) == (1, "CT_JOB")
        assert table.get_by_index(kind, 1) is None
        table.remove("CT_JOB")
        assert table.get("CT_JOB") is None
        table.remove("CT_JOB")

    def test_adding_again_keeps_the_value(self, ix: Any, table: Any) -> None:
        for _ in range(2):
            table.add(ix.api.OfVars.TYPE_CUSTOM, "N", ix.api.OfAttr.TYPE_LONG)
            table.get("N").set_long(5)
        assert table.get_count(ix.api.OfVars.TYPE_CUSTOM) == 1

    def test_only_custom_ones_can_be_added(self, ix: Any, table: Any) -> None:
        with pytest.raises(TypeError, match="only custom"):
            table.add(ix.api.OfVars.TYPE_BUILTIN, "N", ix.api.OfAttr.TYPE_LONG)

    @pytest.mark.parametrize("type_, setter, value", [
        ("TYPE_STRING", "set_string", "moon"), ("TYPE_LONG", "set_long", 12),
        ("TYPE_DOUBLE", "set_double", 1.5),
    ])
    def test_texts_use_them(
        self, ix: Any, table: Any, type_: str, setter: str, value: Any
    ) -> None:
        added = table.add(ix.api.OfVars.TYPE_CUSTOM, "SHOW", getattr(ix.api.OfAttr, type_))
        getattr(added, setter)(value)
        attr = ix.get_item("scene/image.save_as")
        attr.set_string("/shows/$SHOW/x")
        assert attr.get_string() == "/shows/%s/x" % value
        attr.set_string('"at " + $SHOW')
        assert attr.get_string() == "at %s" % value

    def test_opening_a_project_drops_them(self, ix: Any, table: Any, scene_path: Path) -> None:
        table.add(ix.api.OfVars.TYPE_CUSTOM, "N", ix.api.OfAttr.TYPE_LONG)
        ix.application.load_project(str(scene_path))
        assert table.get("N") is None

    def test_whether_they_mark_the_project_is_a_switch(
        self, ix: Any, table: Any, host: headless.Host
    ) -> None:
        added = table.add(ix.api.OfVars.TYPE_CUSTOM, "N", ix.api.OfAttr.TYPE_STRING)
        added.set_string("x")
        assert not ix.application.is_project_modified()
        host.switches.variables_mark_modified = True
        added.set_string("y")
        assert ix.application.is_project_modified()


class TestSystem:
    def test_the_environment(
        self, ix: Any, table: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MOON_DIR", "/moon")
        assert table.get("MOON_DIR").get_string() == "/moon"
        attr = ix.get_item("scene/image.save_as")
        attr.set_string("$MOON_DIR/x")
        assert attr.get_string() == "/moon/x"
        kind = ix.api.OfVars.TYPE_SYSTEM
        found = [table.get_by_index(kind, i).get_name() for i in range(table.get_count(kind))]
        assert "MOON_DIR" in found
        monkeypatch.delenv("MOON_DIR")
        assert table.get("MOON_DIR") is None

    def test_built_in_and_custom_ones_win(
        self, ix: Any, table: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PNAME", "wrong")
        monkeypatch.setenv("SHOW", "wrong")
        table.add(ix.api.OfVars.TYPE_CUSTOM, "SHOW", ix.api.OfAttr.TYPE_STRING).set_string("right")
        assert table.get("PNAME").get_string() == "shot"
        assert table.get("SHOW").get_string() == "right"


def test_the_kinds_are_told_apart(ix: Any, table: Any) -> None:
    kinds = ix.api.OfVars
    found = [
        table.get_by_index(kinds.TYPE_BUILTIN, index).get_name()
        for index in range(table.get_count(kinds.TYPE_BUILTIN))
    ]
    assert found == [
        "F", "T", "FPS", "PDIR", "PNAME", "CDIR", "CTEMP", "CLARISSE_USER_CONFIG_DIR",
        "CLARISSE_BIN_DIR",
    ]
    assert table.get_count(kinds.TYPE_CUSTOM) == 0
