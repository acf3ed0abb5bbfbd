"""``ix.selection``."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless.binding import HostObject, checked
from conductor.clarisse.headless.items import below, wrap
from conductor.clarisse.headless.model import absolute


class Selection(HostObject):
    """The selected items, in the order they were selected."""

    def __init__(self, host: Any) -> None:
        self._host = host
        for name in dir(type(self)):
            if not name.startswith("_"):
                setattr(self, name, checked("ix.selection", name, getattr(self, name), 0))

    def _nodes(self) -> list[Any]:
        found = (self._host.scene.node(path) for path in self._host.selection)
        return [node for node in found if node is not None]

    def __getitem__(self, index: int) -> Any:
        nodes = self._nodes()
        if not 0 <= index < len(nodes):
            raise IndexError("item %d of %d" % (index, len(nodes)))
        return wrap(nodes[index])

    def get_count(self) -> int:
        """How many items are selected."""
        return len(self._nodes())

    def get(self, index: int) -> Any:
        """A selected item by place."""
        return self[index]

    def is_empty(self) -> bool:
        """True when nothing is selected."""
        return not self._nodes()

    def add(self, item: Any) -> None:
        """Select one more, given or by path."""
        path = absolute(str(item))
        if path not in self._host.selection:
            self._host.selection.append(path)

    def select(self, chosen: Any) -> None:
        """Select this item, or these, and nothing else."""
        self._host.selection = []
        is_many = isinstance(chosen, (list, tuple))
        for item in chosen if is_many else [chosen]:
            self.add(item)

    def deselect_all(self) -> None:
        """Select nothing."""
        self._host.selection = []

    def select_all(self) -> None:
        """Select everything."""
        self._host.selection = [node.full_name for node in below(self._host.scene.root)]

    def get_objects(self) -> list[Any]:
        """Selected objects."""
        return [wrap(node) for node in self._nodes() if not node.is_context]

    def get_contexts(self) -> list[Any]:
        """Selected contexts."""
        return [wrap(node) for node in self._nodes() if node.is_context]
