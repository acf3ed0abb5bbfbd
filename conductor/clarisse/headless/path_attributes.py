"""Finds the path attributes of a whole project without looking at every line of it."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State
from conductor.clarisse.headless.model import Node, Scene
from conductor.clarisse.project_file import Item

# What an item of a class without path attributes must hold to have one all the same; an item with
# none of these words is passed over at the speed of the search.
_TELLTALE = re.compile(
    r"^[ \t]*(?:\w*filenames?|file|path|save_as|folder|directory|custom_attributes|source)\b",
    re.MULTILINE,
)


class PathAttributes:
    """What ``get_path_attrs`` returns: a count, an index, iteration."""

    def __init__(self, wrap: Callable[[State], Any], states: list[State]) -> None:
        self._wrap = wrap
        self._states = states

    def get_count(self) -> int:
        """How many there are."""
        return len(self._states)

    def __getitem__(self, index: int) -> Any:
        return self._wrap(self._states[index])


def path_states(scene: Scene) -> Iterator[State]:
    """Path attributes of every item: in the order of the file, then of created items."""
    for item in scene.file.items():
        if _may_hold_paths(scene, item):
            node = scene.adopt(item, scene.origin)
            if node is not None:
                yield from _of(node)
                node.forget_index()
    for node in scene.added_nodes():
        yield from _of(node)
    if scene.host.switches.path_attrs_in_references:
        for node in scene.references.all_nodes():
            if node.origin.anchor is not None and not node.origin.anchor.is_remote:
                yield from _of(node)


def _may_hold_paths(scene: Scene, item: Item) -> bool:
    if item.is_context or _declared(scene, item.class_name):
        return True
    if scene.extended and item.path in scene.extended:
        return True
    entry = item.entry
    return _TELLTALE.search(scene.file.text, entry.start, entry.end) is not None


def _declared(scene: Scene, class_name: str) -> list[str]:
    """Names of the path attributes of a class."""
    attributes = scene.host.registry.entry(class_name).attributes
    return [name for name, state in attributes.items() if state.shape.hint in values.PATH_HINTS]


def _of(node: Node) -> Iterator[State]:
    names = dict.fromkeys(_candidates(node))
    holder = node
    if node.is_context and names:
        holder = node.scene.options(node) or node
    for name in names:
        state = holder.attribute(name)
        if state is not None and state.shape.hint in values.PATH_HINTS:
            yield state


def _candidates(node: Node) -> Iterator[str]:
    if len(node.sources()) > 1:
        yield from node.attribute_names()
        return
    yield from _declared(node.scene, node.class_name)
    yield from (key for key in node.index if values.path_hint(key) != "DEFAULT")
    yield from node.custom_names()
    if node.is_context:
        holder = node.scene.options(node) if node.full_name in node.scene.extended else None
        yield from holder.states if holder is not None else ()
    yield from node.states
