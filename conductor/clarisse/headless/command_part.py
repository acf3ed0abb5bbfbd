"""What all commands share: from the paths that they are given to items and attributes."""

from __future__ import annotations

from typing import Any, Iterator

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State
from conductor.clarisse.headless.model import Node
from conductor.clarisse.headless.of_attr import OfAttr
from conductor.lib.errors import SceneError

SLOTS = ("", "Global", "global")


class CommandPart:
    """Commands over one host."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def _node(self, path: str) -> Node:
        node: Node | None = self._host.scene.node(path)
        if node is None:
            raise SceneError("there is no item %s" % path)
        return node

    def _nodes(self, paths: list[str]) -> list[Node]:
        return [self._node(path) for path in paths]

    def _context(self, path: str) -> Node:
        node = self._node(path or self._host.working_context)
        if not node.is_context:
            raise SceneError("there is no context %s" % path)
        return node

    def _slotted(self, rest: tuple[str, ...]) -> Node:
        """The context among the optional arguments, which may begin with a selection slot."""
        return self._context(rest[-1] if rest and rest[-1] not in SLOTS else "")

    def _changeable(self, nodes: list[Node]) -> list[Node]:
        """Those that may be changed; the others are left alone."""
        for node in nodes:
            if node.refuses_changes:
                self._host.write_log("warning", "%s cannot be changed" % node.full_name)
        return [node for node in nodes if not node.refuses_changes]

    def _state(self, path: str) -> tuple[State, int | None]:
        """An attribute, and the place of the one value that is meant."""
        name, bracket, index = path.partition("[")
        attribute: OfAttr | None = self._host.application.get_factory().find_attribute(name)
        if attribute is None:
            raise SceneError("there is no attribute %s" % path)
        return attribute._state, int(index.rstrip("]") or 0) if bracket else None

    def _states(self, paths: list[str]) -> list[State]:
        return [self._state(path)[0] for path in paths]


def counted(numbers: list[int], count: int) -> Iterator[list[int]]:
    """Lists of indices, each behind its length, one for each of ``count`` attributes.

    A single list counts for all of them.

    Raises:
        TypeError: when the lengths do not fit.
    """
    lists, place = [], 0
    while place < len(numbers):
        end = place + 1 + numbers[place]
        lists.append(numbers[place + 1:end])
        place = end
    if place != len(numbers) or len(lists) not in (1, count):
        raise TypeError("indices stand behind their number: [2, 0, 1] means 0 and 1")
    return iter(lists if len(lists) == count else lists * count)


def typed(state: State, texts: list[str]) -> list[values.Value]:
    """Texts as values of an attribute."""
    return [values.read(state.shape.type, text) for text in texts]


def assign_texts(state: State, texts: list[str], place: int | None = None) -> None:
    """Set values given as text, at one place or from the first on; a list takes them all."""
    new = typed(state, texts)
    if place is not None:
        state.put(new[0], place)
    elif state.shape.container == values.LIST:
        state.assign(new)
    else:
        state.assign(new + state.values[len(new):])
