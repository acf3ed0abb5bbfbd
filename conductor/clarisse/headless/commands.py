"""``ix.cmds``: the undoable commands. The stand-in keeps no undo history."""

from __future__ import annotations

from typing import Any, Callable

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State
from conductor.clarisse.headless.items import create, wrap
from conductor.clarisse.headless.model import Node
from conductor.clarisse.headless.of_attr import OfAttr
from conductor.lib.errors import SceneError


class Commands:
    """The commands over one host."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def table(self) -> dict[str, Callable[..., Any]]:
        """The commands by name."""
        return {
            "CreateObject": self.create_object,
            "CreateContext": self.create_context,
            "DeleteItem": self.delete_item,
            "DeleteItems": self.delete_items,
            "SetValue": self.set_value,
            "SetValues": self.set_values,
        }

    def _context(self, rest: tuple[Any, ...]) -> Node:
        """The context among the optional arguments, which may begin with a selection slot."""
        where = str(rest[-1]) if rest and str(rest[-1]) not in ("Global", "global") else ""
        node: Node | None = self._host.scene.node(where or self._host.working_context)
        if node is None or not node.is_context:
            raise SceneError("there is no context %s" % where)
        return node

    def create_object(self, name: str, class_name: str, *rest: Any) -> Any:
        """A new object; None when there is no such class."""
        if self._host.registry.known(class_name) is None:
            self._host.write_log("error", "CreateObject: there is no class %s" % class_name)
            return None
        return wrap(create(self._context(rest), name, class_name))

    def create_context(self, name: str, *rest: Any) -> Any:
        """A new context."""
        return wrap(create(self._context(rest), name, "Context"))

    def delete_item(self, path: str) -> None:
        """Delete an item."""
        self._host.application.get_factory().remove_item(path)

    def delete_items(self, paths: list[str]) -> None:
        """Delete items."""
        for path in paths:
            self.delete_item(path)

    def set_value(self, path: str, texts: list[str]) -> None:
        """Set all values of one attribute; values are texts whatever its type."""
        name, bracket, index = path.partition("[")
        attribute: OfAttr | None = self._host.application.get_factory().find_attribute(name)
        if attribute is None:
            raise SceneError("there is no attribute %s" % path)
        place = int(index.rstrip("]") or 0) if bracket else None
        assign_texts(attribute._state, texts, place)

    def set_values(self, paths: list[str], texts: list[str]) -> None:
        """Set one value each; a single path takes all."""
        if len(paths) == 1:
            self.set_value(paths[0], texts)
            return
        if len(paths) != len(texts):
            raise TypeError("SetValues takes as many values as attributes")
        for path, text in zip(paths, texts):
            self.set_value(path, [text])


def assign_texts(state: State, texts: list[str], place: int | None = None) -> None:
    """Set values given as text, at one place or from the first on; a list takes them all."""
    new = [values.read(state.shape.type, text) for text in texts]
    if place is not None:
        state.put(new[0], place)
    elif state.shape.container == values.LIST:
        state.assign(new)
    else:
        state.assign(new + state.values[len(new):])
