"""Commands that make, delete, move, copy, lock and disable items."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import copies, values
from conductor.clarisse.headless.attributes import Shape
from conductor.clarisse.headless.command_part import CommandPart
from conductor.clarisse.headless.items import create, instance_of, wrap
from conductor.clarisse.headless.model import CONTEXT, Node
from conductor.lib.errors import SceneError


class ItemCommands(CommandPart):
    """What scripts do to items as a whole."""

    # -- made and deleted

    def create_object(self, name: str, class_name: str, *rest: str) -> Any:
        """A new object; None when there is no such class."""
        if not self._host.registry.makes(class_name):
            self._host.write_log("error", "CreateObject: there is no class %s" % class_name)
            return None
        return self._create(self._slotted(rest), name, class_name)

    def create_context(self, name: str, *rest: str) -> Any:
        """A new context."""
        return self._create(self._slotted(rest), name, CONTEXT)

    def create_custom_context(self, name: str, engine: str, *rest: str) -> Any:
        """A new context of an engine: a reference once it is given a file name."""
        return self._create(self._slotted(rest), name, CONTEXT)

    def _create(self, context: Node, name: str, class_name: str) -> Any:
        if not self._changeable([context]):
            return None
        return wrap(create(context, name, class_name))

    def delete_item(self, path: str) -> None:
        """Delete an item; an unknown one is ignored."""
        self._host.application.get_factory().remove_item(path)

    def delete_items(self, paths: list[str]) -> None:
        """Delete items."""
        for path in paths:
            self.delete_item(path)

    def trash_items(self, paths: list[str]) -> None:
        """Delete items for good."""
        self.delete_items(paths)

    def delete_selection(self) -> None:
        """Delete what is selected."""
        self.delete_items(list(self._host.selection))
        self._host.selection = []

    # -- put elsewhere

    def rename_item(self, path: str, name: str) -> Any:
        """Give an item another name; what refers to it follows."""
        node = self._node(path)
        if node.parent is None or name == node.name or not self._changeable([node]):
            return wrap(node)
        return wrap(copies.move(node, node.parent, name))

    def move_item_to(self, path: str, location: str) -> Any:
        """Put an item into another context."""
        node, context = self._node(path), self._context(location)
        if node.parent is context or not self._changeable([node, context])[1:]:
            return wrap(node)
        if copies.below(node, context.full_name):
            raise SceneError("%s cannot be moved into itself" % node.full_name)
        return wrap(copies.move(node, context))

    def move_items_to(self, paths: list[str], location: str) -> list[Any]:
        """Put items into another context."""
        return [self.move_item_to(path, location) for path in paths]

    def copy_item_to(self, path: str, location: str) -> Any:
        """A copy of an item in a context."""
        context = self._context(location)
        if not self._changeable([context]):
            return None
        return wrap(copies.copy(self._node(path), context))

    def copy_items_to(self, paths: list[str], location: str) -> list[Any]:
        """Copies of items in a context."""
        return [self.copy_item_to(path, location) for path in paths]

    # -- groups, instances

    def group_items(self, paths: list[str], location: str) -> Any:
        """A group of items."""
        return self._gathered("group", "Group", "inclusion_items", paths, location)

    def combine_items(self, paths: list[str], location: str, pivot: str = "") -> Any:
        """A combiner of items."""
        return self._gathered("combiner", "SceneObjectCombiner", "objects", paths, location)

    def _gathered(
        self, name: str, class_name: str, attribute: str, paths: list[str], location: str
    ) -> Any:
        context = self._context(location)
        if not self._changeable([context]):
            return None
        node = create(context, name, class_name)
        shape = Shape(values.REFERENCE, "DEFAULT", values.LIST)
        state = node.attribute(attribute) or node.add_state(attribute, shape)
        state.assign([item.full_name for item in self._nodes(paths)])
        return wrap(node)

    def instantiate(self, paths: list[str]) -> list[Any]:
        """Instances of items in the contexts where these are."""
        return [wrap(instance_of(node, node.context)) for node in self._nodes(paths)]

    def create_instance_to(self, path: str, location: str) -> Any:
        """An instance of an item in a context."""
        return wrap(instance_of(self._node(path), self._context(location)))

    def create_instances_to(self, paths: list[str], location: str) -> list[Any]:
        """Instances of items in a context."""
        return [self.create_instance_to(path, location) for path in paths]

    def make_instance(self, paths: list[str], source: str) -> None:
        """Make items instances of another one of their class."""
        origin = self._node(source)
        for node in self._changeable(self._nodes(paths)):
            if node.class_name == origin.class_name and node is not origin:
                node.set_source(origin.full_name)
                self._host.is_modified = True

    def make_local(self, paths: list[str], keep_values: bool = True) -> None:
        """Make instances independent; they keep what they show."""
        for node in self._changeable(self._nodes(paths)):
            copies.make_independent(node, keep_values)

    # -- marks

    def disable_items(self, paths: list[str], disable: bool) -> None:
        """Disable items, or enable them."""
        for node in self._changeable(self._nodes(paths)):
            self._mark(node, self._host.switches.disabled_keyword, disable)

    def lock_item(self, path: str) -> None:
        """Let nothing change an item."""
        self.lock_items([path])

    def lock_items(self, paths: list[str]) -> None:
        """Let nothing change items."""
        for node in self._nodes(paths):
            self._mark(node, self._host.switches.locked_keyword, True)

    def unlock_item(self, path: str) -> None:
        """Let an item be changed again."""
        self.unlock_items([path])

    def unlock_items(self, paths: list[str]) -> None:
        """Let items be changed again."""
        for node in self._nodes(paths):
            self._mark(node, self._host.switches.locked_keyword, False)

    def _mark(self, node: Node, word: str, is_on: bool) -> None:
        if node.keyword(word) != bool(is_on) and not node.is_remote:
            node.flags[word] = bool(is_on)
            self._host.is_modified = True

    def comment_item(self, path: str, comment: str) -> None:
        """Write a note on an item."""
        self.comment_items([path], comment)

    def comment_items(self, paths: list[str], comment: str) -> None:
        """Write a note on items."""
        self._decorate(paths, "comment", comment)

    def color_tag_items(self, paths: list[str], tag: str) -> None:
        """Give items a colour."""
        self._decorate(paths, "colortag", tag)

    def _decorate(self, paths: list[str], key: str, text: str) -> None:
        for node in self._changeable(self._nodes(paths)):
            node.decorations[key] = text
            self._host.is_modified = True
