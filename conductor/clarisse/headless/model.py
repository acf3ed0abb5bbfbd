"""The open project: items on demand over the text, with what was created, changed and removed.

Nothing is copied out of the file: a :class:`Node` is made when somebody asks for an item, a
:class:`~conductor.clarisse.headless.attributes.State` when somebody asks for an attribute.
"""

from __future__ import annotations

import re
import time
from typing import Any, Iterator

from conductor.clarisse import project_file
from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Owner, Shape, State, value_tokens
from conductor.clarisse.project_file import Entry, Item

ROOT = "project:/"
SCHEME = "project://"
OPTIONS = "__context_options__"
GENERIC = "Generic"
CONTEXT = "Context"
EMPTY = (
    "#Isotropix_Serial_Version 1.2\n\n#Isotropix_Clarisse_Version 5\n"
    "#Isotropix_Clarisse_Project_Version 0.98\n"
)

# Entries of an item that are no attributes: seen in real files beside them.
DECORATIONS = frozenset({
    "name", "positions", "colortag", "comment", "user_data", "embedded_objects",
    "custom_attributes", "resource", "source", "private", "disabled", "static",
})

# A plain key with or without an index: nearly all lines, and several times faster than a token.
_KEY = re.compile(r"[ \t]*([A-Za-z_#]\w*)(?:\[\d*\])?(?= |\r?$)", re.MULTILINE)


def absolute(path: str) -> str:
    """A path as scripts may write it, completed to its one form.

    ``scene/image`` and ``/scene/image`` lie below the root; ``build://project`` is the root of
    version 5.
    """
    for root in ("build://project", SCHEME, "project:"):
        if path == root or path.startswith(root + "/") or (
            root == SCHEME and path.startswith(root)
        ):
            path = path[len(root):]
            break
    else:
        if "://" in path or path.endswith(":/"):
            return path
    inner = path.strip("/")
    return SCHEME + inner if inner else ROOT


class Node(Owner):
    """The live state of one item."""

    def __init__(
        self, scene: Scene, path: str, class_name: str, parent: Node | None,
        item: Item | None = None,
    ) -> None:
        self.scene = scene
        self.host = scene.host
        self.full_name = path
        self.class_name = class_name
        self.parent = parent
        self.item = item
        self.is_removed = False
        self.flags: dict[str, bool] = {}
        self.states: dict[str, State] = {}
        self.created_at = 0
        self._index: dict[str, Entry] | None = None
        self._source_is_known = False
        self._source_node: Node | None = None

    @property
    def name(self) -> str:
        """Leaf name."""
        if self.parent is None:
            return ""
        return self.full_name[len(self.parent.child_path("")):]

    @property
    def is_context(self) -> bool:
        """True for a folder-like item."""
        return self.class_name == CONTEXT

    def child_path(self, name: str) -> str:
        """Path of a direct child of that name; an object's children are embedded."""
        if self.parent is None:
            return SCHEME + name
        return self.full_name + ("/" if self.is_context else ".") + name

    @property
    def context(self) -> Node:
        """The context that holds this item; embedded ones are held by their outer object's."""
        node = self.parent or self
        while not node.is_context:
            node = node.parent or self.scene.root
        return node

    def changed(self, state: State) -> None:
        """An attribute changed: mark the project and tell the class."""
        self.host.attribute_changed(self, state)

    def keyword(self, name: str) -> bool:
        """A yes/no entry of the item itself, such as ``private``; alone it means yes."""
        if name in self.flags:
            return self.flags[name]
        entry = self._entry(name)
        if entry is None or entry.is_block:
            return False
        return not entry.tokens or entry.tokens[0].text in ("yes", "1")

    @property
    def index(self) -> dict[str, Entry]:
        """Entries of the file by key, the first of each; one pass over the item's lines."""
        if self._index is None:
            self._index = {}
            for entry in self.item.entry.children if self.item is not None else ():
                if not (entry.is_block and self._holds_items and entry.find("name")):
                    word = _KEY.match(self.scene.file.text, entry.start)
                    self._index.setdefault(word.group(1) if word else entry.key, entry)
        return self._index

    @property
    def _holds_items(self) -> bool:
        """True when some blocks are items, not attributes."""
        return self.class_name in (CONTEXT, GENERIC)

    def forget_index(self) -> None:
        """Free what one pass found; the next look makes it again."""
        self._index = None

    def _entry(self, name: str) -> Entry | None:
        return self.index.get(name)

    # -- children

    def children(self) -> Iterator[Node]:
        """Direct children: those of the file in its order, then created ones."""
        if (self.item is not None or self.parent is None) and self.class_name != GENERIC:
            for item in self._file_children():
                node = self.scene.adopt(item)
                if node is not None:
                    yield node
        for node in self.scene.created:
            if node.parent is self and not node.is_removed:
                yield node

    def _file_children(self) -> Iterator[Item]:
        if self.item is not None:
            yield from self.item.children
        else:
            yield from self.scene.top_items()

    # -- attributes

    def attribute(self, name: str) -> State | None:
        """The attribute of that name; a file may hold more than the class declares."""
        if name not in self.states:
            made = self._make(name)
            if made is None:
                return None
            self.states[name] = made
        return self.states[name]

    def _make(self, name: str) -> State | None:
        declared = self.host.registry.entry(self.class_name)
        entry = self._entry(name)
        if name in declared.attributes:
            base = self._inherited(name) or declared.attributes[name]
            return State(self, name, declared.attributes[name].shape, base, entry)
        for word, key, custom in self._custom():
            if key == name:
                type_, hint, container = values.type_of_word(word)
                shape = Shape(type_, hint, container, "General", True)
                return State(self, name, shape, self._inherited(name), custom)
        if declared.is_scripted:
            return None
        inherited = self._inherited(name)
        if inherited is not None:
            return State(self, name, inherited.shape, inherited, entry)
        return self._undeclared(name, entry)

    def _source(self) -> Node | None:
        """The item that this one is an instance of, None at the end of a chain or in a ring."""
        if not self._source_is_known:
            self._source_is_known = True
            entry = self._entry("source")
            found = self.scene.resolve(entry.tokens[0].text, self) if (
                entry is not None and entry.tokens
            ) else None
            if found is not None and found.class_name == self.class_name:
                self._source_node = None if self in found.sources() else found
        return self._source_node

    def sources(self) -> list[Node]:
        """Itself, and the items it takes what it does not say from, in this order."""
        source = self._source()
        return [self] if source is None else [self, *source.sources()]

    def _inherited(self, name: str) -> State | None:
        source = self._source()
        return source.attribute(name) if source is not None else None

    def _undeclared(self, name: str, entry: Entry | None) -> State | None:
        if entry is None or name in DECORATIONS or name.startswith("#"):
            return None
        if entry.is_block and not any(
            child.key in ("value", "texture", "hidden", "expression") for child in entry.children
        ):
            return None
        shape = Shape(*values.guess_type(name, value_tokens(entry) or ()))
        return State(self, name, shape, None, entry)

    def _custom(self) -> Iterator[tuple[str, str, Entry]]:
        if self.item is not None and "custom_attributes" in self.index:
            yield from self.item.custom_attributes

    def custom_names(self) -> list[str]:
        """Names of the custom attributes that the file gives this item."""
        return [key for _, key, _ in self._custom()]

    def attribute_names(self) -> list[str]:
        """Names of all attributes: of the class, then of the file, then added ones."""
        names: dict[str, None] = dict.fromkeys(self.host.registry.entry(self.class_name).attributes)
        names.update(dict.fromkeys(self.custom_names()))
        names.update(dict.fromkeys(
            key for key in self.index if key not in names and self.attribute(key) is not None
        ))
        names.update(dict.fromkeys(self.states))
        for source in self.sources()[1:2]:
            names.update(dict.fromkeys(source.attribute_names()))
        return list(names)


class Scene:
    """All items of the open project."""

    def __init__(self, host: Any, text: str = EMPTY) -> None:
        self.host = host
        self.file = project_file.parse(text)
        self.root = Node(self, ROOT, CONTEXT, None)
        self.created: list[Node] = []
        self.removed: list[Node] = []
        self.parents_of_created: set[str] = set()
        self.extended: set[str] = set()
        self._nodes: dict[str, Node] = {}
        self._top: list[Item] | None = None

    def node(self, path: str) -> Node | None:
        """The item at an absolute path, as scripts may write it."""
        key = absolute(path)
        if key == ROOT:
            return self.root
        found = self._nodes.get(key)
        if found is not None:
            return None if found.is_removed else found
        if key.endswith("/" + OPTIONS):
            return self.options(self.node(key[:-len(OPTIONS) - 1]))
        item = self.file.item(key)
        return self.adopt(item) if item is not None else None

    def adopt(self, item: Item) -> Node | None:
        """The node of an item of the file, None when it was removed."""
        path = item.path
        node = self._nodes.get(path)
        if node is not None and (node.item is not None or node.is_removed):
            return None if node.is_removed else node
        parent = self.root if item.parent is None else self.adopt(item.parent)
        if parent is None or node is not None:
            return None
        self._nodes[path] = Node(self, path, item.class_name, parent, item)
        return self._nodes[path]

    def options(self, context: Node | None) -> Node | None:
        """The hidden object that holds the attributes of a context."""
        if context is None or not context.is_context:
            return None
        path = context.child_path(OPTIONS)
        if path not in self._nodes:
            self._nodes[path] = Node(self, path, GENERIC, context, context.item)
        return self._nodes[path]

    def top_items(self) -> list[Item]:
        """Items of the file that lie at the root."""
        if self._top is None:
            self._top = [item for item in self.file.items() if item.parent is None]
        return self._top

    def all_nodes(self) -> Iterator[Node]:
        """Every item but the root: those of the file in its order, then created ones."""
        for item in self.file.items():
            node = self.adopt(item)
            if node is not None:
                yield node
        yield from (node for node in list(self.created) if not node.is_removed)

    def of_class(self, accepts: Any) -> Iterator[Node]:
        """Objects whose class name passes; no node is made for the others."""
        known: dict[str, bool] = {CONTEXT: False}
        for item in self.file.items():
            name = item.class_name
            if name not in known:
                known[name] = accepts(name)
            if known[name]:
                node = self.adopt(item)
                if node is not None:
                    yield node
        for node in list(self.created):
            if not node.is_removed and not node.is_context and accepts(node.class_name):
                yield node

    def resolve(self, text: str, owner: Node) -> Node | None:
        """The item that a reference names: absolute, ``.embedded``, or relative to the context."""
        before, at, after = text.partition("@")
        path = after if at and "/" not in before else text
        if not path:
            return None
        if path.startswith("."):
            return self.node(owner.full_name + path)
        if "://" in path or path.startswith("/"):
            return self.node(path)
        return self.node(owner.context.child_path(path))

    def forget_states(self, class_name: str) -> None:
        """A class was registered: its items read their attributes anew from the file."""
        for node in self._nodes.values():
            if node.class_name == class_name:
                node.states = {}

    def create(self, name: str, class_name: str, parent: Node) -> Node:
        """A new item, renamed when the name is taken."""
        path, number = parent.child_path(name), 0
        while self.node(path) is not None:
            number += 1
            path = parent.child_path("%s%d" % (name, number))
        node = Node(self, path, class_name, parent)
        node.created_at = int(time.time())
        self._nodes[path] = node
        self.created.append(node)
        self.parents_of_created.add(parent.full_name)
        return node

    def loaded_nodes(self) -> list[Node]:
        """Items that somebody asked for, so only they can have changed."""
        return list(self._nodes.values())

    def remove(self, node: Node) -> None:
        """Take an item and everything below it out of the project."""
        for child in list(node.children()):
            self.remove(child)
        node.is_removed = True
        self.removed.append(node)
