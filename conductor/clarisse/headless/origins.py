"""The texts that items come from: the open project, projects it refers to, and copies.

A context with a file name shows the items of that project below itself: *remote* items, which are
read only. Whatever was copied, renamed or moved is a text of its own, so that nothing that the
stand-in does not understand is lost on the way.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Iterator

from conductor.clarisse.project_file import Item, ProjectFile, parse
from conductor.lib.errors import ProjectFileError

if TYPE_CHECKING:
    from conductor.clarisse.headless.model import Node, Scene

SCHEME = "project://"
PROJECTS = (".project", ".build")
"""Endings of what a reference loads item by item; other files (``.abc``, ``.usd``) are caches."""


class Origin:
    """One text with the place of its items in the open project.

    Attributes:
        inner: path of the topmost item in the text (the scheme alone for a whole project).
        outer: the path that this is in the open project.
        anchor: the item that holds the topmost ones; None for the root.
        path: the referenced file; empty for the open project and for copies.
        removed: full names of its items that were deleted.
    """

    def __init__(
        self, file: ProjectFile, inner: str = "", outer: str = "",
        anchor: Node | None = None, path: str = "",
    ) -> None:
        self.file = file
        self.inner = inner
        self.outer = outer
        self.anchor = anchor
        self.path = path
        self.removed: set[str] = set()

    @property
    def is_remote(self) -> bool:
        """True for a referenced project."""
        return bool(self.path)

    def variable(self, name: str) -> str | None:
        """The variables that a referenced project has for itself."""
        folder, leaf = os.path.split(self.path.replace("\\", "/"))
        return {"PDIR": folder, "PNAME": os.path.splitext(leaf)[0]}.get(name)

    def place(self, path: str) -> str:
        """Where the item at this path of the text is in the open project."""
        return self.outer + path[len(self.inner):]

    def top_items(self) -> Iterator[Item]:
        """Items of the text that lie at its root."""
        return (item for item in self.file.items() if item.parent is None)


class References:
    """The contexts of a scene that load projects, and what they load."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._contexts: list[Item] | None = None
        self._loaded: dict[str, tuple[list[str], list[Origin]]] = {}

    @property
    def contexts(self) -> list[Item]:
        """Contexts of the project's own text that name a file."""
        if self._contexts is None:
            file = self._scene.file
            self._contexts = [item for item in file.items() if item.is_context and _names(item)]
        return self._contexts

    def origins(self, context: Node) -> list[Origin]:
        """The projects that a context loads; what cannot be read is logged once and left out."""
        names = self.file_names(context)
        before, origins = self._loaded.get(context.full_name, ([], []))
        if before != names:
            known = {origin.path: origin for origin in origins}
            found = [
                known.pop(os.path.abspath(name), None) or self._load(context, name)
                for name in names if name.endswith(PROJECTS)]
            origins = [origin for origin in found if origin is not None]
            self._loaded[context.full_name] = names, origins
            self._retire(list(known.values()))
        return origins

    def file_names(self, context: Node) -> list[str]:
        """What a context loads, variables resolved; none for an ordinary context."""
        options = self._scene.options(context) if self.is_reference(context) else None
        state = options.attribute("filename") if options is not None else None
        if state is None:
            return []
        found = (str(state.resolved(index)) for index in range(len(state.values)))
        return [name for name in found if name]

    def is_reference(self, context: Node) -> bool:
        """True for a context that names a file to load."""
        options = self._scene.options(context)
        if options is None or context.parent is None:
            return False
        state = options.states.get("filename")
        if state is not None and state.is_changed():
            return bool(state.values)
        return "filename" in options.index

    def _load(self, context: Node, path: str) -> Origin | None:
        if os.path.realpath(path) in self._above(context):
            self._warn(context, '"%s" refers to itself' % path)
            return None
        try:
            with open(path, "rb") as handle:
                file = parse(handle.read().decode("utf-8", "surrogateescape"))
        except (OSError, ProjectFileError) as error:
            self._warn(context, str(error))
            return None
        return Origin(file, SCHEME, context.child_path(""), context, os.path.abspath(path))

    def _above(self, context: Node) -> Iterator[str]:
        """The files that led here, from the nearest to the open project."""
        node: Node | None = context
        while node is not None and node.origin.is_remote:
            yield os.path.realpath(node.origin.path)
            node = node.origin.anchor
        yield os.path.realpath(self._scene.host.filename)

    def _warn(self, context: Node, why: str) -> None:
        self._scene.host.write_log(
            "warning", "%s: the reference is not loaded: %s" % (context.full_name, why))

    def forget(self, context: Node) -> list[Node]:
        """Give up what a context and those inside it loaded; returns the items that were in use."""
        inside = context.child_path("")
        origins: list[Origin] = []
        for path in list(self._loaded):
            if path == context.full_name or path.startswith(inside):
                origins.extend(self._loaded.pop(path)[1])
        return self._retire(origins)

    def _retire(self, origins: list[Origin]) -> list[Node]:
        """The items of texts that are no longer shown; from now on others may have their paths."""
        gone = [node for node in self._scene.loaded_nodes() if node.origin in origins]
        for node in gone:
            node.is_removed = True
            if node.is_context:
                gone.extend(self.forget(node))
        return gone

    def children(self, context: Node) -> Iterator[Node]:
        """Topmost items of what a context loads."""
        for origin in self.origins(context):
            for item in origin.top_items():
                node = self._scene.adopt(item, origin)
                if node is not None:
                    yield node

    def all_nodes(self) -> Iterator[Node]:
        """All remote items, those of references inside references too."""
        scene = self._scene
        for item in self.contexts:
            node = scene.adopt(item, scene.origin)
            if node is not None:
                yield from self._below(node)
        for node in list(scene.created):
            if node.is_context and not node.is_removed:
                yield from self._of_copy(node)

    def _of_copy(self, context: Node) -> Iterator[Node]:
        yield from self._below(context)
        for item in context.item.children if context.item is not None else ():
            node = self._scene.adopt(item, context.origin) if item.is_context else None
            if node is not None:
                yield from self._of_copy(node)

    def _below(self, context: Node) -> Iterator[Node]:
        for origin in self.origins(context):
            for item in origin.file.items():
                node = self._scene.adopt(item, origin)
                if node is not None:
                    yield node
                    if node.is_context:
                        yield from self._below(node)


def _names(context: Item) -> bool:
    for entry in context.entry.children:
        is_inside = entry.is_block and entry.key != "Context" and entry.find("filename")
        if entry.key == "filename" or is_inside and _is_options(entry.find("name")):
            return True
    return False


def _is_options(name: object) -> bool:
    tokens = getattr(name, "tokens", None)
    return tokens is None or bool(tokens) and tokens[0].text == "__context_options__"
