"""Any sequence of edits, saved and opened again, shows the same project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse import headless
from conductor.clarisse.headless import values, writer
from conductor.clarisse.headless.items import below

NAMES = ("image", "wood", "noise", "copy", "sub", "old", "new", "thing")
CONTEXTS = ("", "scene", "scene/sub")
TEXTS = st.text(alphabet='ab$F "\\\n\'#{}/é', max_size=8)
EDITS = st.one_of(
    st.tuples(st.just("long"), st.sampled_from(("first_frame", "last_frame")), st.integers(-5, 99)),
    st.tuples(st.just("text"), st.just("save_as"), TEXTS),
    st.tuples(st.just("double"), st.integers(0, 2), st.floats(-1e6, 1e6)),
    st.tuples(st.just("list"), st.lists(TEXTS, max_size=3), st.none()),
    st.tuples(st.just("hide"), st.sampled_from(("last_frame", "save_as")), st.booleans()),
    st.tuples(st.just("create"), st.sampled_from(NAMES), st.sampled_from(CONTEXTS)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("custom"), st.sampled_from(("scene/wood", "scene/noise", "top")), TEXTS),
)


def apply(ix: Any, edit: tuple[str, Any, Any]) -> None:
    """One edit; what it is about may be gone already."""
    kind, first, second = edit
    image = ix.item_exists("scene/image")
    if kind == "create":
        context = ix.item_exists(second or "project://")
        if context is not None:
            context.add_object(first, "Image").get_attribute("last_frame").set_long(len(first))
    elif kind == "remove":
        ix.application.get_factory().remove_item("project://scene/" + first)
    elif kind == "custom":
        item = ix.item_exists(first)
        if item is not None:
            item.add_attribute("extra", ix.api.OfAttr.TYPE_STRING).set_string(second)
    elif kind == "double":
        ix.get_item("scene/camera.translate").set_double(second, first)
    elif kind == "list" and ix.item_exists("scene/sub/thing") is not None:
        attr = ix.get_item("scene/sub/thing.texts")
        attr.remove_all()
        for text in first:
            attr.add_string(text)
    elif image is not None and kind in ("long", "text", "hide"):
        attr = image.get_attribute(first)
        {"long": attr.set_long, "text": attr.set_string, "hide": attr.set_hidden}[kind](second)


def picture(ix: Any) -> dict[str, Any]:
    """Every item with its class, and every attribute with its stored values and visibility."""
    shown: dict[str, Any] = {}
    for node in below(ix.application._host.scene.root):
        shown[node.full_name] = node.class_name
        for name in [] if node.is_context else node.attribute_names():
            state = node.attribute(name)
            if state is not None:
                stored = [
                    float(values.write(values.DOUBLE, value))
                    if state.shape.type == values.DOUBLE else value for value in state.values
                ]
                shown[state.full_name] = (stored, state.flag("hidden"))
    return shown


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(EDITS, max_size=8))
def test_saved_and_opened_again(edits: list[tuple[str, Any, Any]], scene_source: str) -> None:
    with headless.session() as ix:
        ix.application._host.open_text(scene_source, "")
        for edit in edits:
            apply(ix, edit)
        before = picture(ix)
        text = writer.render(ix.application._host.scene)
        ix.application._host.open_text(text, "")
        assert picture(ix) == before
        assert writer.render(ix.application._host.scene) == text


@pytest.fixture(scope="module")
def scene_source(request: pytest.FixtureRequest) -> str:
    return Path(__file__).with_name("scene.project").read_text(encoding="utf-8")


def check_index(path: Path) -> None:
    with headless.session(str(path)) as ix:
        for node in ix.application._host.scene.all_nodes():
            if node.is_context:
                continue
            slow: dict[str, Any] = {}
            for entry in node.item.entry.children:
                slow.setdefault(entry.key, entry)
            assert node.index == slow, node.full_name


def test_the_fast_index_finds_what_the_tokens_say(scene_path: Path) -> None:
    check_index(scene_path)


def test_the_fast_index_on_a_file_of_clarisse_itself(shared_dir: Path) -> None:
    check_index(shared_dir / "data" / "kubix_demo.project")


def test_path_attributes_are_those_that_a_full_walk_finds(scene_path: Path) -> None:
    with headless.session(str(scene_path)) as ix:
        ix.get_item("scene/noise").add_attribute(
            "more", ix.api.OfAttr.TYPE_STRING, 0, ix.api.OfAttr.VISUAL_HINT_FOLDER
        )
        ix.create_object("made", "Image")
        fast = sorted(str(attr) for attr in ix.api.OfAttr.get_path_attrs())
        scene = ix.application._host.scene
        slow = []
        for node in [scene.root, *below(scene.root)]:
            holder = scene.options(node) if node.is_context and node.item else node
            for name in holder.attribute_names():
                state = holder.attribute(name)
                if state is not None and state.shape.hint in values.PATH_HINTS:
                    slow.append(state.full_name)
        empty_references = {
            "project://scene.__context_options__.filename",
            "project://scene/__context_options__.filename",
            "project://scene/sub/__context_options__.filename",
        }
        assert fast == sorted(set(slow) - empty_references)
