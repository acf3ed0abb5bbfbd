"""Any commands in any order: what is saved and opened again is what was there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse import headless
from conductor.clarisse.headless.links import is_link, states_of, texture_of
from conductor.clarisse.headless.model import Node
from conductor.lib.errors import SceneError

SCENE = Path(__file__).with_name("scene.project").read_text(encoding="utf-8").replace(
    "/shows/lib.project", "/shows/lib.abc")

PLACES = st.integers(0, 30)
NAMES = st.sampled_from(["a", "wood", "image", "b.c".replace(".", "_")])
COMMANDS = st.lists(st.tuples(st.sampled_from(
    ["rename", "move", "copy", "instance", "local", "delete", "set", "disable", "layer", "texture"],
), PLACES, PLACES, NAMES), max_size=7)


def run(ix: Any, step: tuple[str, int, int, str]) -> None:
    """One command on items that are picked by number."""
    word, first, second, name = step
    every = ix.api.OfItemVector()
    ix.get_item("project://").get_all_items(every)
    items = sorted(str(item) for item in every)
    contexts = ["project://", *(path for path in items if ix.get_item(path).is_context())]
    if not items:
        return
    path, place = items[first % len(items)], contexts[second % len(contexts)]
    is_embedded = "." in path.rpartition("/")[2]
    if word == "rename":
        ix.cmds.RenameItem(path, name)
    elif word in ("move", "copy") and not is_embedded:
        (ix.cmds.MoveItemTo if word == "move" else ix.cmds.CopyItemTo)(path, place)
    elif word == "instance" and not ix.get_item(path).is_context() and not is_embedded:
        ix.cmds.CreateInstanceTo(path, place)
    elif word == "local" and ix.get_item(path).is_object():
        ix.cmds.MakeLocal([path])
    elif word == "delete" and not has_instances(ix, path):
        ix.cmds.DeleteItem(path)
    elif word == "disable":
        ix.cmds.DisableItems([path], bool(second % 2))
    elif word in ("set", "layer") and ix.get_item(path).get_class_name() == "Image":
        ix.cmds.SetValue(path + ".last_frame", [str(second)])
        ix.cmds.AddLayer(path + ".layers", "Layer3d")
    elif word == "texture" and ix.item_exists(path + ".color"):
        ix.cmds.SetTexture([path + ".color"], items[second % len(items)])


def has_instances(ix: Any, path: str) -> bool:
    """What becomes of an instance whose source is deleted is not known."""
    nodes = list(ix.application._host.scene.all_nodes())
    return any(source.full_name.startswith(path) for node in nodes for source in node.sources()[1:])


def target(node: Node, text: str) -> str:
    found = node.scene.resolve(text, node)
    return found.full_name if found is not None else "-"


def picture(ix: Any) -> dict[str, Any]:
    """Every item with what it shows; references by what they lead to."""
    seen: dict[str, Any] = {}
    for node in ix.application._host.scene.all_nodes():
        rows = {}
        for state in states_of(node):
            texture = texture_of(state)
            links = [target(node, str(text)) for text in state.values] if (
                is_link(node, state)) else []
            shown = links if any(link != "-" for link in links) else [
                str(value) for value in state.values]
            rows[state.name] = (shown, texture.full_name if texture else "", state.expressions)
        seen[node.full_name] = (node.class_name, node.keyword("disabled"), rows)
    return seen


def without_defaults(picture: dict[str, Any]) -> dict[str, Any]:
    """An empty list is not told from an absent attribute that no class declares."""
    return {path: (kind, off, {name: row for name, row in rows.items() if row != ([], "", {})})
            for path, (kind, off, rows) in picture.items()}


@settings(max_examples=80, deadline=None)
@given(COMMANDS)
def test_what_is_saved_is_what_was_there(steps: list[tuple[str, int, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shot.project")
        Path(path).write_text(SCENE, encoding="utf-8")
        with headless.session(path) as ix:
            for step in steps:
                try:
                    run(ix, step)
                except SceneError as error:
                    assert "into itself" in str(error), error
            before = picture(ix)
            target_path = os.path.join(folder, "saved.project")
            assert ix.application.save_project(target_path)
        with headless.session(target_path) as ix:
            assert without_defaults(picture(ix)) == without_defaults(before)
