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
from conductor.clarisse.headless.origins import Origin, References
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
    "custom_attributes", "resource", "source", "private", "disabled", "static", "locked", "engine",
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
    """The live state of one item.

    Attributes:
        item: what a text says of it, None for an item that a script made.
        origin: the text that ``item`` belongs to; for other items that of the open project.
        moved_to: the item that took the place of this one, which then is removed.
        removed_custom: names of custom attributes of ``item`` that were deleted.
        decorations: what scripts changed beside the attributes: comment, colour tag.
        source_text: path of the item it is an instance of; None when ``item`` decides.
    """

    def __init__(
        self, scene: Scene, path: str, class_name: str, parent: Node | None,
        item: Item | None = None, origin: Origin | None = None,
    ) -> None:
        self.scene = scene
        self.origin = origin if origin is not None else scene.origin
        self.host = scene.host
        self.full_name = path
        self.class_name = class_name
        self.parent = parent
        self.item = item
        self.is_removed = False
        self.moved_to: Node | None = None
        self.source_text: str | None = None
        self.removed_custom: set[str] = set()
        self.decorations: dict[str, str] = {}
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
    def is_remote(self) -> bool:
        """True for an item that a reference brought in."""
        return self.origin.is_remote

    @property
    def refuses_changes(self) -> bool:
        """True for a locked item, and for a remote one unless the switch lets it be overridden."""
        switches = self.host.switches
        if self.is_remote and not switches.remote_items_editable:
            return True
        return self.keyword(switches.locked_keyword)

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
                    word = _KEY.match(self.origin.file.text, entry.start)
                    self._index.setdefault(word.group(1) if word else entry.key, entry)
            if self._holds_items and "filename" not in self._index:
                self._find_nested_file_name()
        return self._index

    def _find_nested_file_name(self) -> None:
        """What a reference loads may stand one block below: its form on disk was never seen."""
        assert self._index is not None
        for entry in list(self._index.values()):
            inner = entry.find("filename") if entry.is_block and entry.key != CONTEXT else None
            if inner is not None:
                self._index["filename"] = inner
                return

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
                node = self.scene.adopt(item, self.origin)
                if node is not None:
                    yield node
        if self.is_context:
            yield from self.scene.references.children(self)
        for node in list(self.scene.created):
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
            path = self.source_path()
            found = self.scene.resolve(path, self) if path else None
            if found is not None and found.class_name == self.class_name:
                self._source_node = None if self in found.sources() else found
        return self._source_node

    def source_path(self) -> str:
        """Path of the item it is an instance of, as written; empty for any other item."""
        if self.source_text is not None:
            return self.source_text
        entry = self._entry("source")
        return entry.tokens[0].text if entry is not None and entry.tokens else ""

    def set_source(self, path: str) -> None:
        """Make it an instance of the item at a path; an empty one makes it independent."""
        self.source_text = path
        self._source_is_known = False
        self._source_node = None
        self.states = {}

    def follow_source(self, path: str) -> None:
        """Its source has another path now; what the item says itself stays."""
        self.source_text = path
        self._source_is_known = False
        declared = self.host.registry.entry(self.class_name).attributes
        for name, state in self.states.items():
            state.base = self._inherited(name) or declared.get(name)

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
            for word, name, entry in self.item.custom_attributes:
                if name not in self.removed_custom:
                    yield word, name, entry

    def add_state(self, name: str, shape: Shape) -> State:
        """An attribute of this item alone."""
        self.states[name] = State(self, name, shape)
        self.scene.extended.add(self.full_name)
        return self.states[name]

    def remove_state(self, state: State) -> None:
        """Delete a custom attribute."""
        self.states.pop(state.name, None)
        if state.entry is not None:
            self.removed_custom.add(state.name)
        self.host.is_modified = True

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
        self.origin = Origin(self.file)
        self.references = References(self)
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
        if found is not None and not found.is_removed:
            return found
        if key.endswith("/" + OPTIONS):
            return self.options(self.node(key[:-len(OPTIONS) - 1]))
        item = self.file.item(key)
        own = self.adopt(item, self.origin) if item is not None else None
        return own if own is not None else self._beyond(key)

    def _beyond(self, key: str) -> Node | None:
        """The item at a path where it comes from a reference or a copy."""
        if not (self.created or self.references.contexts):
            return None
        for mark in ".", "/":
            before = key.rpartition(mark)[0]
            parent = self.node(before) if len(before) > len(SCHEME) else None
            for child in () if parent is None else parent.children():
                if child.full_name == key:
                    return child
        return None

    def adopt(self, item: Item, origin: Origin) -> Node | None:
        """The node of an item of a text, None when it was removed."""
        path = origin.place(item.path)
        node = self._nodes.get(path)
        if path in origin.removed:
            return None
        if node is not None and node.item is not None and node.origin is origin:
            return node
        parent = origin.anchor or self.root
        if item.parent is not None:
            above = self.adopt(item.parent, origin)
            if above is None:
                return None
            parent = above
        if node is not None and not node.is_removed:
            return None
        self._nodes[path] = Node(self, path, item.class_name, parent, item, origin)
        return self._nodes[path]

    def options(self, context: Node | None) -> Node | None:
        """The hidden object that holds the attributes of a context."""
        if context is None or not context.is_context:
            return None
        path = context.child_path(OPTIONS)
        known = self._nodes.get(path)
        if known is None or known.parent is not context:
            own = context.item
            for child in own.children if own is not None else ():
                own = child if child.name == OPTIONS else own
            self._nodes[path] = Node(self, path, GENERIC, context, own, context.origin)
        return self._nodes[path]

    def top_items(self) -> list[Item]:
        """Items of the file that lie at the root."""
        if self._top is None:
            self._top = [item for item in self.file.items() if item.parent is None]
        return self._top

    def all_nodes(self) -> Iterator[Node]:
        """Every item but the root: those of the file in its order, created and remote ones."""
        for item in self.file.items():
            node = self.adopt(item, self.origin)
            if node is not None:
                yield node
        yield from self.further_nodes()

    def further_nodes(self) -> Iterator[Node]:
        """Items that are not in the text of the project: created, copied and remote ones."""
        yield from self.added_nodes()
        yield from self.references.all_nodes()

    def added_nodes(self) -> Iterator[Node]:
        """Items that were created or copied, with what the copies brought along."""
        for node in list(self.created):
            if not node.is_removed:
                yield node
                yield from self.copied(node)

    def copied(self, node: Node) -> Iterator[Node]:
        """What a copied item brought with it."""
        for item in node.item.children if node.item is not None else ():
            child = self.adopt(item, node.origin)
            if child is not None:
                yield child
                yield from self.copied(child)

    def forget(self, origin: Origin) -> None:
        """Drop the nodes of a text that is given up."""
        for path in [path for path, node in self._nodes.items() if node.origin is origin]:
            del self._nodes[path]
        self.created = [node for node in self.created if node.origin is not origin]

    def of_class(self, accepts: Any) -> Iterator[Node]:
        """Objects whose class name passes; no node is made for the others."""
        known: dict[str, bool] = {CONTEXT: False}
        for item in self.file.items():
            name = item.class_name
            if name not in known:
                known[name] = accepts(name)
            if known[name]:
                node = self.adopt(item, self.origin)
                if node is not None:
                    yield node
        for node in self.further_nodes():
            if not node.is_context and accepts(node.class_name):
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
            inner = absolute(path)
            return self.node(owner.origin.place(inner) if owner.is_remote else inner)
        return self.node(owner.context.child_path(path))

    def forget_states(self, class_name: str) -> None:
        """A class was registered: its items read their attributes anew from the file."""
        for node in self._nodes.values():
            if node.class_name == class_name:
                node.states = {}

    def create(self, name: str, class_name: str, parent: Node) -> Node:
        """A new item, renamed when the name is taken."""
        node = Node(self, self.free_path(name, parent), class_name, parent)
        node.created_at = int(time.time())
        return self.enter(node, parent)

    def free_path(self, name: str, parent: Node) -> str:
        """Path of a new child; a taken name gets a number behind it."""
        path, number = parent.child_path(name), 0
        while self.node(path) is not None:
            number += 1
            path = parent.child_path("%s%d" % (name, number))
        return path

    def enter(self, node: Node, parent: Node) -> Node:
        """Make a node part of the project."""
        self._nodes[node.full_name] = node
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
        if node.is_context:
            self.references.forget(node)
        node.is_removed = True
        if node.item is not None:
            node.origin.removed.add(node.full_name)
        self.removed.append(node)
