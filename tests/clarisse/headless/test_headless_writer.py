"""Saving: only what changed is edited, the rest keeps its bytes."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse import headless, project_file
from conductor.clarisse.headless import driver, values, writer


def changes(before: str, after: str) -> list[str]:
    """Removed and added lines, without their indentation."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    told = [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]
    return [line[0] + line[1:].strip() for line in told]


@pytest.fixture
def saved(ix: Any, tmp_path: Path) -> Callable[[], str]:
    """Saves a snapshot and gives back its text."""

    def save() -> str:
        path = tmp_path / "snapshot.project"
        assert ix.application.save_project_snapshot(str(path)) is True
        return path.read_bytes().decode("utf-8")

    return save


def test_an_untouched_project_keeps_its_bytes(
    ix: Any, saved: Callable[[], str], scene_text: str
) -> None:
    ix.get_item("scene/image").get_attribute("save_as").get_string()
    found = ix.api.OfObjectArray()
    ix.application.get_factory().get_objects(found)
    ix.api.OfAttr.get_path_attrs()
    assert saved() == scene_text


@pytest.mark.parametrize("name", ["kubix_demo.project"])
def test_a_file_of_clarisse_itself_keeps_its_bytes(
    shared_dir: Path, tmp_path: Path, name: str
) -> None:
    source = shared_dir / "data" / name
    with headless.session(str(source)) as ix:
        for index in range(ix.api.OfAttr.get_path_attrs().get_count()):
            ix.api.OfAttr.get_path_attrs()[index].get_string()
        assert ix.application.save_project_snapshot(str(tmp_path / name))
    assert (tmp_path / name).read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda ix: ix.get_item("scene/image.last_frame").set_long(77),
         ["-last_frame 50", "+last_frame 77"]),
        (lambda ix: ix.get_item("scene/camera.translate").set_double(2.0, 1),
         ["-translate 1.50 0.0 -3.25000", "+translate 1.50 2 -3.25000"]),
        (lambda ix: ix.get_item("scene/camera.translate").set_double(0.0, 0),
         ["-translate 1.50 0.0 -3.25000", "+translate 0.0 0.0 -3.25000"]),
        (lambda ix: ix.get_item("scene/image.save_as").set_string('C:\\a "b"\n'),
         ['-save_as "$PDIR/out/beauty_$4F"', '+save_as "C:\\\\a \\"b\\"\\n"']),
        (lambda ix: ix.get_item("scene/image.render_to_disk").set_bool(True),
         ["+render_to_disk yes"]),
        (lambda ix: ix.get_item("scene/image.layers").remove_all(),
         ['-layers ".fg" ".bg"', "+layers <empty>"]),
        (lambda ix: ix.get_item("scene/sub/thing.nothing").add_string("x"),
         ["-nothing <empty>", '+nothing "x"']),
        (lambda ix: ix.get_item("scene/sub/thing.flags").set_bool(False, 0),
         ["-flags yes no", "+flags no no"]),
        (lambda ix: ix.get_item("scene/noise.color").set_double(0.25),
         ["-value 1 0.5 0.0", "+value 0.25 0.5 0.0"]),
        (lambda ix: ix.get_item("scene/noise.amount").set_double(2.5),
         ["-value 1.5", "+value 2.5"]),
        (lambda ix: ix.get_item("scene/noise.ies").set_string("/b"),
         ['-value "/lib/a.ies"', '+value "/b"']),
        (lambda ix: ix.get_item("scene/noise.shy").set_hidden(False), ["-hidden yes"]),
        (lambda ix: ix.get_item("scene/noise.color").set_hidden(True), ["+hidden yes"]),
        (lambda ix: ix.get_item("scene/camera.translate").set_hidden(True),
         ["-translate 1.50 0.0 -3.25000", "+translate {", "+value 1.50 0.0 -3.25000",
          "+hidden yes", "+}"]),
        (lambda ix: ix.get_item("scene/image.last_frame").set_expression("F * 2"),
         ["-last_frame 50", "+last_frame {", "+value 50", '+expression[] "F * 2"', "+}"]),
        (lambda ix: ix.get_item("scene/noise.shy").set_expression("1 + 2"),
         ['+expression[] "1 + 2"']),
        (lambda ix: ix.get_item("lib.filename").set_string("/other.project"),
         ['-filename "/shows/lib.project"', '+filename "/other.project"']),
        (lambda ix: ix.delete_item("scene/sub"), [
            '-Context "sub" {', "-#created 1600000002", "-Mystery {", '-name "thing"',
            '-strange_filename "/x/y.bin"', "-numbers 1 2 3", "-doubles 1.5 2", "-flags yes no",
            "-word auto", "-nothing <empty>", '-texts "a" "b"', "-}", "-}",
        ]),
    ],
    ids=[
        "long", "one of three", "zero", "escapes", "absent before", "emptied", "filled", "bools",
        "in a block", "custom", "custom path", "shown", "hidden in a block", "hidden on a line",
        "expression on a line", "expression in a block", "reference", "removed",
    ],
)
def test_only_the_change_is_written(
    ix: Any, saved: Callable[[], str], scene_text: str, change: Any, expected: list[str]
) -> None:
    change(ix)
    text = saved()
    assert changes(scene_text, text) == expected
    with headless.session() as other:
        other.application._host.open_text(text, "")
        assert writer.render(other.application._host.scene) == text


@pytest.mark.parametrize(
    "change",
    [
        lambda ix: ix.get_item("scene/image.last_frame").set_long(50),
        lambda ix: ix.get_item("scene/noise.shy").set_hidden(True),
        lambda ix: ix.get_item("scene/image.last_frame").set_hidden(False),
        lambda ix: ix.delete_item(ix.create_object("x", "Image")),
        lambda ix: ix.create_object("x", "Image").set_static(True),
        lambda ix: ix.get_item("scene/image.last_frame").add_preset("x", "1"),
    ],
    ids=["same value", "as before", "visible as before", "created, removed", "static", "preset"],
)
def test_what_leaves_no_trace(
    ix: Any, saved: Callable[[], str], scene_text: str, change: Any
) -> None:
    change(ix)
    assert saved() == scene_text


class TestCreatedItems:
    def test_in_their_context(self, ix: Any, saved: Callable[[], str], scene_text: str) -> None:
        made = ix.create_object("new", "Image", ix.get_item("scene/sub"))
        made.get_attribute("last_frame").set_long(9)
        made.get_attribute("save_as").set_string("/o")
        told = [line for line in changes(scene_text, saved()) if "#created" not in line]
        assert told == ["+Image {", '+name "new"', "+last_frame 9", '+save_as "/o"', "+}"]

    def test_they_are_there_again(self, ix: Any, saved: Callable[[], str]) -> None:
        scene = ix.create_context("scene/deep")
        scene.add_context("er").add_object("x", "Image").get_attribute("last_frame").set_long(9)
        ix.create_object("root_item", "Image")
        text = saved()
        with headless.session() as other:
            other.application._host.open_text(text, "")
            assert other.get_item("scene/deep/er/x.last_frame").get_long() == 9
            assert other.get_item("root_item").get_context().get_level() == 0
            assert other.get_item("scene").get_item(6).get_name() == "sub"

    def test_at_the_root_before_the_preferences(self, ix: Any, saved: Callable[[], str]) -> None:
        ix.create_object("root_item", "Image")
        text = saved()
        assert text.index('name "root_item"') < text.index("#preferences")

    def test_in_an_empty_project(self, tmp_path: Path) -> None:
        with headless.session() as ix:
            ix.create_object("x", "Image")
            assert ix.application.save_project(str(tmp_path / "a.project"))
        with headless.session(str(tmp_path / "a.project")) as ix:
            assert str(ix.get_item("x")) == "project://x"

    def test_an_odd_name_is_quoted(self, ix: Any, saved: Callable[[], str]) -> None:
        ix.create_object('a "b"', "Image")
        assert '    name "a \\"b\\""\n' in saved()


class TestScriptedItems:
    def test_defaults_are_left_out(
        self, ix: Any, job_class: Any, saved: Callable[[], str], scene_text: str
    ) -> None:
        made = ix.create_object("job", "Job", ix.get_item("scene"))
        made.get_attribute("title").set_string("mine")
        made.get_attribute("count").set_long(9)
        made.get_attribute("count").set_long(5)
        made.get_attribute("images").add_object(ix.get_item("scene/image"))
        made.get_attribute("secret").set_hidden(False)
        told = [line for line in changes(scene_text, saved()) if "#created" not in line]
        assert told == [
            "+Job {", '+name "job"', '+title "mine"', '+images "project://scene/image"',
            "+secret {", "+hidden no", "+}", "+}",
        ]

    def test_a_value_set_back_is_left_out(
        self, ix: Any, job_class: Any, saved: Callable[[], str], scene_text: str
    ) -> None:
        ix.get_item("scene/old.count").set_long(5)
        assert changes(scene_text, saved()) == ["-count 7"]

    def test_unknown_attributes_are_kept(
        self, ix: Any, job_class: Any, saved: Callable[[], str]
    ) -> None:
        ix.get_item("scene/old.title").set_string("x")
        assert 'forgotten "kept"' in saved()

    def test_they_come_back_as_they_were(
        self, ix: Any, job_class: Any, saved: Callable[[], str]
    ) -> None:
        item = ix.create_object("job", "Job")
        driver.set_attribute(item, "texts", ['{"a": "$F"}', "b c", ""])
        driver.set_attribute(item, "switch", True)
        driver.set_attribute(item, "ratio", 0.1)
        item.get_attribute("secret").set_hidden(False)
        text = saved()
        ix.application._host.open_text(text, "")
        again = ix.get_item("job")
        out = ix.api.CoreStringArray()
        again.get_attribute("texts").get_raw_values(out)
        assert list(out) == ['{"a": "$F"}', "b c", ""]
        assert again.attrs.switch[0] is True and again.attrs.ratio[0] == 0.1
        assert not again.get_attribute("secret").is_hidden()


class TestCustomAttributes:
    def test_on_an_item_without_any(
        self, ix: Any, saved: Callable[[], str], scene_text: str
    ) -> None:
        attr = ix.api.OfAttr
        hint = attr.VISUAL_HINT_FILENAME_OPEN
        ix.get_item("top").add_attribute("map", attr.TYPE_STRING, 0, hint).set_string("/m")
        ix.get_item("top").add_attribute("n", attr.TYPE_LONG, attr.CONTAINER_LIST).add_long(3)
        text = saved()
        assert changes(scene_text, text) == [
            "+custom_attributes {", '+filename_open "map" {', '+value "/m"', "+}",
            '+long[] "n" {', "+value 3", "+}", "+}",
        ]
        ix.application._host.open_text(text, "")
        assert ix.get_item("top.map").get_visual_hint() == hint
        assert list(ix.get_item("top.n")) == [3]

    def test_on_an_item_with_some(
        self, ix: Any, saved: Callable[[], str], scene_text: str
    ) -> None:
        ix.get_item("scene/noise").add_attribute("n", ix.api.OfAttr.TYPE_DOUBLE)
        assert changes(scene_text, saved()) == ['+double "n" {', "+value 0.0", "+}"]

    def test_an_inherited_one_is_declared_again_when_it_is_set(
        self, ix: Any, saved: Callable[[], str], scene_text: str
    ) -> None:
        ix.get_item("scene/copy.amount").set_double(3.0)
        assert changes(scene_text, saved()) == [
            "+custom_attributes {", '+double "amount" {', "+value 3", "+}", "+}"
        ]

    def test_on_a_created_item(self, ix: Any, saved: Callable[[], str]) -> None:
        made = ix.create_object("x", "Image")
        made.add_attribute("n", ix.api.OfAttr.TYPE_BOOL).set_bool(True)
        ix.application._host.open_text(saved(), "")
        assert ix.get_item("x.n").get_bool() is True


class TestFiles:
    def test_saving_gives_the_project_its_path(self, ix: Any, tmp_path: Path) -> None:
        ix.get_item("scene/image.last_frame").set_long(5)
        assert ix.application.is_project_modified()
        path = str(tmp_path / "other.project")
        assert ix.application.save_project(path) is True
        assert ix.application.get_current_project_filename() == path
        assert not ix.application.is_project_modified()

    @pytest.mark.parametrize("how", ["snapshot", "second argument"])
    def test_a_copy_does_not(
        self, ix: Any, tmp_path: Path, scene_path: Path, how: str
    ) -> None:
        ix.get_item("scene/image.last_frame").set_long(5)
        path = str(tmp_path / "other.project")
        if how == "snapshot":
            ix.application.save_project_snapshot(path)
        else:
            ix.application.save_project(path, True)
        assert ix.application.get_current_project_filename() == str(scene_path)
        assert ix.application.is_project_modified()
        assert "last_frame 5\n" in Path(path).read_text()

    def test_saving_twice_writes_the_same(self, ix: Any, saved: Callable[[], str]) -> None:
        ix.get_item("scene/image.last_frame").set_long(5)
        ix.create_object("x", "Image")
        assert saved() == saved()

    def test_a_folder_that_is_not_there(self, ix: Any, tmp_path: Path) -> None:
        assert ix.application.save_project(str(tmp_path / "none" / "a.project")) is False
        assert "cannot save" in driver.log("error")[0]
        assert not (tmp_path / "none").exists()

    def test_nothing_else_is_left_in_the_folder(self, ix: Any, tmp_path: Path) -> None:
        folder = tmp_path / "only"
        folder.mkdir()
        ix.application.save_project_snapshot(str(folder / "a.project"))
        assert os.listdir(str(folder)) == ["a.project"]
        assert os.stat(str(folder / "a.project")).st_mode & 0o400

    def test_text_that_is_not_utf_8_survives(self, tmp_path: Path, scene_text: str) -> None:
        data = scene_text.encode().replace(b"/shows/lib", b"/shows/\xff\xfe")
        path = tmp_path / "latin.project"
        path.write_bytes(data)
        with headless.session(str(path)) as ix:
            ix.application.save_project_snapshot(str(tmp_path / "copy.project"))
        assert (tmp_path / "copy.project").read_bytes() == data


def test_custom_variables_are_written_when_the_switch_says_so(
    ix: Any, saved: Callable[[], str], scene_text: str, host: headless.Host
) -> None:
    kind = ix.api.OfVars.TYPE_CUSTOM
    variable = ix.application.get_factory().get_vars().add(kind, "SHOW", ix.api.OfAttr.TYPE_STRING)
    variable.set_string("moon")
    assert saved() == scene_text
    host.switches.writes_custom_variables = True
    assert changes(scene_text, saved()) == [
        "+variables {", '+string "SHOW" {', '+value "moon"', "+}", "+}"
    ]


@given(st.floats(-1e300, 1e300))
def test_a_double_comes_back(value: float) -> None:
    text = values.write(values.DOUBLE, value)
    assert values.read(values.DOUBLE, text) == pytest.approx(value, rel=1e-14)
    assert text != "0" and not text.endswith(".0") or text == "0.0"


@given(st.integers(-10**12, 10**12))
def test_a_long_comes_back(value: int) -> None:
    assert values.read(values.LONG, values.write(values.LONG, value)) == value


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=40))
def test_any_text_comes_back(text: str) -> None:
    with headless.session() as ix:
        made = ix.create_object("x", "Image")
        made.get_attribute("save_as").set_string(text)
        rendered = writer.render(ix.application._host.scene)
        item = project_file.parse(rendered).item("project://x")
        assert item is not None
        tokens = item.values("save_as")
        assert tokens is not None and [token.text for token in tokens] == [text]


@pytest.mark.parametrize(
    "type_, text, value",
    [
        (values.BOOL, "yes", True), (values.BOOL, "no", False), (values.BOOL, "1", True),
        (values.BOOL, "0", False), (values.LONG, "12", 12), (values.LONG, "12.0", 12),
        (values.LONG, "auto", 0), (values.DOUBLE, "1e-3", 0.001), (values.DOUBLE, "yes", 1.0),
        (values.STRING, "yes", "yes"),
    ],
)
def test_a_token_is_read_by_the_type(type_: int, text: str, value: Any) -> None:
    found = values.read(type_, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "word, expected",
    [
        ("double[3]", (values.DOUBLE, "DEFAULT", values.ARRAY)),
        ("string[]", (values.STRING, "DEFAULT", values.LIST)),
        ("filename_open", (values.STRING, "FILENAME_OPEN", values.SINGLE)),
        ("distance[3]", (values.DOUBLE, "DISTANCE", values.ARRAY)),
        ("frame", (values.LONG, "FRAME", values.SINGLE)),
        ("gradient", (values.CURVE, "GRADIENT", values.SINGLE)),
        ("brand_new", (values.STRING, "DEFAULT", values.SINGLE)),
    ],
)
def test_type_words(word: str, expected: tuple[int, str, int]) -> None:
    assert values.type_of_word(word) == expected
