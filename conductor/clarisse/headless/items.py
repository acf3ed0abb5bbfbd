"""OfItem, OfContext and OfObject: handles of items, made anew at each call.

Two handles of one item differ; compare them by ``get_full_name()``.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator

from conductor.clarisse.headless import copies, values
from conductor.clarisse.headless.attributes import Shape
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.links import sources_of
from conductor.clarisse.headless.model import OPTIONS, Node
from conductor.clarisse.headless.of_attr import OfAttr, set_any


def wrap(node: Node) -> Any:
    """A fresh handle: a context, or an object in its Python dress."""
    return OfContext(node) if node.is_context else PyOfObject(node)


@documented
class OfItem(HostObject):
    """What contexts and objects share."""

    def __init__(self, node: Node) -> None:
        self._target = node

    @property
    def _node(self) -> Node:
        node = self._target
        while node.is_removed and node.moved_to is not None:
            node = node.moved_to
        if node.is_removed:
            raise node.host.crash("%s was removed; its handle points nowhere" % node.full_name)
        return node

    @property
    def _holder(self) -> Node:
        """The node that has the attributes: for contexts a hidden object."""
        node = self._node
        return (node.scene.options(node) or node) if node.is_context else node

    def __str__(self) -> str:
        return self._node.full_name

    __repr__ = __str__

    def get_name(self) -> str:
        """Leaf name."""
        return self._node.name

    def get_full_name(self) -> str:
        """Absolute path."""
        return self._node.full_name

    def get_contextual_name(self) -> str:
        """Path relative to its context."""
        node = self._node
        return node.full_name[len(node.context.child_path("")):]

    def get_class_name(self) -> str:
        """Name of the class."""
        return self._node.class_name

    def get_type(self) -> str:
        """Name of the class; for contexts that of their engine."""
        node = self._node
        if not node.is_context:
            return node.class_name
        return "FileReferenceContext" if node.scene.references.is_reference(node) else "Context"

    def is_kindof(self, class_name: str) -> bool:
        """True for the class and those below it."""
        node = self._node
        return bool(node.host.registry.is_kind_of(node.class_name, class_name))

    def is_context(self) -> bool:
        """True for a folder-like item."""
        return self._node.is_context

    def is_object(self) -> bool:
        """True for an instance of a class."""
        return not self._node.is_context

    def to_context(self) -> Any:
        """Itself as a context, None when it is none."""
        return wrap(self._node) if self._node.is_context else None

    def to_object(self) -> Any:
        """Itself as an object, None when it is none."""
        return None if self._node.is_context else wrap(self._node)

    def get_context(self) -> Any:
        """The context that holds it."""
        return wrap(self._node.context)

    def get_parent_item(self) -> Any:
        """The context, or for an embedded object its outer object."""
        parent = self._node.parent
        return wrap(parent) if parent is not None else None

    def is_local(self) -> bool:
        """True for an item of this project."""
        return not self._node.is_remote

    def is_remote(self) -> bool:
        """True for an item that a reference brought in."""
        return self._node.is_remote

    def is_reference(self) -> bool:
        """True for an instance of another item; a context also when it loads a file."""
        return self._node.is_remote or bool(self._node.source_path())

    def is_editable(self) -> bool:
        """True when attributes may be set."""
        return not self._node.refuses_changes

    def is_content_locked(self) -> bool:
        """True when nothing may be added: inside a reference, and in what loads one."""
        node = self._node
        return node.refuses_changes or node.is_context and node.scene.references.is_reference(node)

    def is_locked(self) -> bool:
        """True when nothing may be changed."""
        node = self._node
        return node.keyword(node.host.switches.locked_keyword)

    def is_disabled(self) -> bool:
        """True when the item takes no part."""
        node = self._node
        return node.keyword(node.host.switches.disabled_keyword)

    def is_enabled(self) -> bool:
        """The opposite of :meth:`is_disabled`."""
        return not self.is_disabled()

    def is_private(self) -> bool:
        """True for Clarisse's own items."""
        node = self._node
        return node.keyword(node.host.switches.private_keyword)

    def set_private(self, private: bool) -> None:
        """Hide the item from the artist."""
        self._node.flags[self._node.host.switches.private_keyword] = private

    def set_static(self, static: bool) -> None:
        """Static items are not saved."""
        self._node.flags["static"] = static

    def set_read_only(self, read_only: bool) -> None:
        """Let the artist change nothing; scripts still may."""
        self._node.flags["read_only"] = read_only

    def remove_attribute(self, name: str) -> None:
        """Delete a custom attribute; one of the class stays."""
        holder = self._holder
        state = holder.attribute(name)
        if state is not None and state.shape.is_custom and not state.is_locked():
            holder.remove_state(state)

    def get_external_dependencies(self, references: Any, sources: Any) -> None:
        """Fill with the items outside of this one that those inside refer to, and with the latter.

        Which set takes which is not documented.
        """
        node = self._node
        inside = [node, *below(node)]
        outer: dict[str, Node] = {}
        users: dict[str, Node] = {}
        for one in inside:
            for found in sources_of(one):
                if not copies.below(node, found.full_name):
                    outer[found.full_name] = found
                    users[one.full_name] = one
        references._fill(wrap(one) for one in outer.values())
        sources._fill(wrap(one) for one in users.values())

    def get_attribute(self, key: Any) -> OfAttr | None:
        """The attribute of that name or place, None without one."""
        holder = self._holder
        if isinstance(key, int):
            names = holder.attribute_names()
            if not 0 <= key < len(names):
                return None
            key = names[key]
        state = holder.attribute(key)
        return OfAttr(state) if state is not None else None

    def attribute_exists(self, name: str) -> OfAttr | None:
        """The attribute itself, None without one."""
        state = self._holder.attribute(name)
        return OfAttr(state) if state is not None else None

    def get_attribute_count(self) -> int:
        """How many attributes there are, inherited and custom ones included."""
        return len(self._holder.attribute_names())

    def add_attribute(
        self, name: str, type_: int, container: int = 0, hint: int = 0, group: str = "General"
    ) -> OfAttr:
        """A custom attribute of this item alone; a taken name is changed."""
        holder = self._holder
        free, number = name, 0
        while holder.attribute(free) is not None:
            number += 1
            free = "%s%d" % (name, number)
        shape = Shape(type_, values.HINT_NAMES[hint], container, group, True)
        state = holder.add_state(free, shape)
        holder.scene.extended.add(self._node.full_name)
        holder.changed(state)
        return OfAttr(state)


@documented
class OfContext(OfItem):
    """A folder-like item."""

    def get_level(self) -> int:
        """Depth; the root is 0."""
        level, node = 0, self._node
        while node.parent is not None:
            level, node = level + 1, node.parent
        return level

    def is_reference(self) -> bool:
        """True when its content comes from a file."""
        return self._node.scene.references.is_reference(self._node)

    def _contexts(self) -> list[Node]:
        return [child for child in self._node.children() if child.is_context]

    def _objects(self) -> list[Node]:
        return [child for child in self._node.children() if not child.is_context]

    def get_context_count(self) -> int:
        """How many contexts it holds directly."""
        return len(self._contexts())

    def get_context(self, index: int | None = None) -> Any:
        """A direct sub-context by place; without a place the context that holds this one."""
        if index is None:
            return OfItem.get_context(self)
        found = self._contexts()
        return wrap(found[index]) if 0 <= index < len(found) else None

    def get_object_count(self) -> int:
        """How many objects it holds directly."""
        return len(self._objects())

    def get_item(self, index: int) -> Any:
        """A direct child by place: objects first, then contexts."""
        found = self._objects() + self._contexts()
        return wrap(found[index]) if 0 <= index < len(found) else None

    def get_items(self, out: Any, flags: Any = None) -> None:
        """Fill with the direct children."""
        out._fill(wrap(node) for node in self._node.children())

    def get_all_items(self, out: Any, flags: Any = None) -> None:
        """Fill with everything below."""
        out._fill(wrap(node) for node in below(self._node))

    def get_all_objects(self, first: Any, second: Any, recursive: Any = None) -> None:
        """Fill with objects: of a class, of several, or ``(array, flags, recursive)``.

        Without recursion only as many are filled in as the array has room for.
        """
        if isinstance(first, (str, list)):
            names = [first] if isinstance(first, str) else first
            second._fill(wrap(node) for node in _kinds(below(self._node), names))
        elif recursive:
            first._fill(wrap(node) for node in below(self._node) if not node.is_context)
        else:
            first._fill(wrap(node) for node in self._objects()[:first.get_count()])

    def get_objects(self, class_name: str, out: Any) -> None:
        """Fill with the direct children of exactly this class."""
        out._fill(wrap(node) for node in self._objects() if node.class_name == class_name)

    def resolve_all_contexts(self, out: Any) -> None:
        """Fill with this context and all contexts below."""
        found = (node for node in below(self._node) if node.is_context)
        out._fill([wrap(self._node), *(wrap(node) for node in found)])

    def add_context(self, name: str) -> OfContext:
        """A new context in this one."""
        return OfContext(create(self._node, name, "Context"))

    def add_object(self, name: str, class_name: str) -> Any:
        """A new object in this context, None when there is no such class."""
        node = self._node
        if not node.host.registry.makes(class_name):
            return None
        return wrap(create(node, name, class_name))

    def add_instance(self, item: Any) -> Any:
        """A new instance of an item in this context."""
        return wrap(instance_of(item._node, self._node))

    def item_exists(self, name: str) -> Any:
        """The direct child of that name, None without one."""
        node = self._node.scene.node(self._node.child_path(name))
        return wrap(node) if node is not None else None


def instance_of(source: Node, parent: Node) -> Node:
    """A new instance of an item: it shows the values of its source."""
    node = create(parent, source.name, source.class_name)
    node.set_source(source.full_name)
    return node


def create(parent: Node, name: str, class_name: str) -> Node:
    """A new item below a context; the project is modified by it."""
    parent.host.is_modified = True
    return parent.scene.create(name, class_name, parent)


def below(node: Node) -> Iterator[Node]:
    """Everything in a context, embedded objects too, outer items first."""
    for child in node.children():
        yield child
        yield from below(child)


def _kinds(nodes: Iterator[Node], names: list[str]) -> Iterator[Node]:
    for node in nodes:
        kind_of: Callable[[str, str], bool] = node.host.registry.is_kind_of
        if not node.is_context and any(kind_of(node.class_name, name) for name in names):
            yield node


@documented
class OfObject(OfItem):
    """An instance of a class."""

    def get_class(self) -> Any:
        """Its class."""
        from conductor.clarisse.headless.of_class import OfClass

        node = self._node
        return OfClass(node.host.registry.entry(node.class_name))

    def gather_branch(self, out: Any) -> None:
        """Fill with every object this one refers to, directly or through others, and itself."""
        seen = {}
        waiting = [self._node]
        while waiting:
            node = waiting.pop()
            if node.full_name not in seen:
                seen[node.full_name] = node
                waiting.extend(sources_of(node))
        out._fill(wrap(node) for node in seen.values())

    def make_local(self) -> None:
        """Turn an instance into an item of its own, which keeps what it shows."""
        copies.make_independent(self._node)

    def remove_embedded_object(self, name: str) -> None:
        """Delete an embedded object; an unknown one is ignored."""
        node = self._node
        found = node.scene.node(node.child_path(name))
        if found is not None and not node.refuses_changes:
            node.scene.remove(found)
            node.host.is_modified = True

    def get_factory(self) -> Any:
        """The factory of the application."""
        return self.get_application().get_factory()

    def get_application(self) -> Any:
        """The running application."""
        return self._node.host.application


class PyOfObject(OfObject):
    """An object as Python scripts get it: with the name space ``attrs``."""

    @property
    def m_object(self) -> OfObject:
        """The bare object."""
        return OfObject(self._node)

    @property
    def attrs(self) -> AttributeSpace:
        """Values by attribute name."""
        return AttributeSpace(self._node)


class AttributeSpace:
    """``obj.attrs``: reading gives a value proxy, assigning sets the first value."""

    def __init__(self, node: Node) -> None:
        self.__dict__["_node"] = node

    def _attribute(self, name: str) -> OfAttr:
        node: Node = self.__dict__["_node"]
        state = node.attribute(name)
        if state is None:
            raise AttributeError("%s has no attribute %s" % (node.full_name, name))
        return OfAttr(state)

    def __getattr__(self, name: str) -> AttributeValues:
        return AttributeValues(self._attribute(name))

    def __setattr__(self, name: str, value: Any) -> None:
        set_any(self._attribute(name), value)


class AttributeValues:
    """``obj.attrs.name``: the values of one attribute as a sequence."""

    def __init__(self, attribute: OfAttr) -> None:
        self.attr = attribute

    def __len__(self) -> int:
        return self.attr.get_value_count()

    def __getitem__(self, index: int) -> Any:
        if self.attr.get_type() in (values.REFERENCE, values.OBJECT) and index < len(self):
            return self.attr.get_object(index)
        return self.attr[index]

    def __setitem__(self, index: int, value: Any) -> None:
        set_any(self.attr, value, index)


__all__ = ["OPTIONS", "OfContext", "OfItem", "OfObject", "PyOfObject", "below", "create", "wrap"]
