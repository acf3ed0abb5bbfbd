"""References between items, found and followed: values, textures, and sources of instances."""

from __future__ import annotations

from typing import Callable, Iterator

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State, value_tokens
from conductor.clarisse.headless.model import Node
from conductor.clarisse.project_file import Token

Successor = Callable[[Node], "str | None"]
"""The new full name of an item, None for one that stays where it is."""


def is_link(node: Node, state: State) -> bool:
    """True for an attribute whose values name items.

    Texts whose type only Clarisse knows count too: they matter where they name an item.
    """
    if state.shape.type in (values.REFERENCE, values.OBJECT):
        return True
    declared = node.host.registry.entry(node.class_name).attributes
    return state.shape.type == values.STRING and state.name not in declared and (
        state.shape.hint not in values.PATH_HINTS)


def states_of(node: Node) -> Iterator[State]:
    """All attributes of an item."""
    for name in node.attribute_names():
        state = node.attribute(name)
        if state is not None:
            yield state


def texture_of(state: State) -> Node | None:
    """The texture that drives a value; an instance has that of its source."""
    asked: State | None = state
    while asked is not None:
        path, owner = asked.texture_path(), asked.owner
        if path or asked.texture_text is not None:
            return owner.scene.resolve(path, owner) if path and isinstance(owner, Node) else None
        asked = asked.base
    return None


def sources_of(node: Node) -> Iterator[Node]:
    """Objects that an item refers to, and those embedded in it."""
    yield from (child for child in node.children() if not child.is_context)
    for state in states_of(node):
        texture = texture_of(state)
        if texture is not None:
            yield texture
        for text in state.values if is_link(node, state) else ():
            found = node.scene.resolve(str(text), node)
            if found is not None and not found.is_context:
                yield found


def link_tokens(node: Node) -> Iterator[Token]:
    """Tokens of an item's text that name other items."""
    for state in states_of(node):
        entry = state.entry
        if entry is None:
            continue
        if is_link(node, state):
            yield from (token for token in value_tokens(entry) or () if token.quoted)
        for child in entry.children:
            if child.key == "texture":
                yield from child.tokens[:1]
    source = node.index.get("source")
    if source is not None:
        yield from source.tokens[:1]


def follow(node: Node, successor: Successor) -> None:
    """Give a node's references the new paths of items that are about to move."""
    def moved(text: str) -> str | None:
        found = node.scene.resolve(text, node) if text else None
        return successor(found) if found is not None else None

    for state in states_of(node):
        texture = moved(state.texture_path())
        if texture is not None:
            state.texture_text = texture
        if is_link(node, state):
            new = [moved(str(text)) for text in state.values]
            if any(path is not None for path in new):
                state.relink([
                    old if path is None else path for old, path in zip(state.values, new)])
    source = moved(node.source_path())
    if source is not None:
        node.follow_source(source)
