"""Commands about contexts that load other projects, and about bringing projects in."""

from __future__ import annotations

import os
import re
from typing import Any

from conductor.clarisse.headless import copies, exporting
from conductor.clarisse.headless.attributes import State
from conductor.clarisse.headless.command_part import CommandPart, counted
from conductor.clarisse.headless.items import create, wrap
from conductor.clarisse.headless.model import CONTEXT, Node
from conductor.clarisse.headless.values import Value
from conductor.lib.errors import SceneError


class ReferenceCommands(CommandPart):
    """What scripts do to references."""

    def create_file_reference(self, context: str, files: list[str]) -> Any:
        """A context for each file, which shows what is in it; one of them, or a list."""
        parent = self._context(context)
        if not self._changeable([parent]):
            return None
        made = [self._reference(parent, path) for path in files]
        return wrap(made[0]) if len(made) == 1 else [wrap(node) for node in made]

    def _reference(self, parent: Node, path: str) -> Node:
        node = create(parent, _name_for(path), CONTEXT)
        self._file_names(node).assign([path])
        return node

    def _file_names(self, node: Node) -> State:
        options = node.scene.options(node)
        state = options.attribute("filename") if options is not None else None
        if state is None:
            raise SceneError("%s is no context" % node.full_name)
        return state

    def _each(self, contexts: list[str]) -> list[State]:
        nodes = self._changeable([self._context(path) for path in contexts])
        return [self._file_names(node) for node in nodes]

    def add_reference_filename(self, contexts: list[str], files: list[str]) -> None:
        """Load more files."""
        for state in self._each(contexts):
            state.assign([*state.values, *files])

    def set_reference_filename(self, contexts: list[str], path: str) -> None:
        """Load another file; further ones are dropped."""
        for state in self._each(contexts):
            state.assign([path])

    def set_reference_filenames(
        self, contexts: list[str], indices: list[int], files: list[str]
    ) -> None:
        """Load other files at these places: ``[1, 0]`` means one of them, 0."""
        for state, places in zip(self._each(contexts), counted(indices, len(contexts))):
            found: list[Value] = list(state.values)
            for place, path in zip(places, files):
                found.extend([""] * (place + 1 - len(found)))
                found[place] = path
            state.assign(found)

    def remove_reference_filename(self, contexts: list[str], indices: list[int]) -> None:
        """Load fewer files: ``[1, 0]`` means one of them, 0."""
        for state, gone in zip(self._each(contexts), counted(indices, len(contexts))):
            state.assign([path for place, path in enumerate(state.values) if place not in gone])

    def make_local_context(self, context: str) -> None:
        """Make what a reference shows part of the project."""
        self.make_local_contexts([context])

    def make_local_contexts(self, contexts: list[str]) -> None:
        """Make what references show part of the project."""
        for node in self._changeable([self._context(path) for path in contexts]):
            if not copies.localize(node):
                self._host.write_log("warning", "%s loads no project" % node.full_name)

    def export_context_as_reference(
        self, context: str, path: str, include_dependencies: bool = False
    ) -> Any:
        """Write a context as a project, and load it from there."""
        node = self._context(context)
        if not self._changeable([node]) or not exporting.write_context(node, path):
            return None
        for child in list(node.children()):
            node.scene.remove(child)
        self._file_names(node).assign([path])
        return wrap(node)

    def clear_context_overrides(self, context: str) -> None:
        """Take back changes of remote items: here they cannot be changed."""
        self._context(context)

    def cleanup_context_overrides(self, context: str) -> None:
        """Take back changes of remote items that are gone: here none can be changed."""
        self._context(context)

    # -- other projects

    def import_project(self, files: list[str], as_root: bool = False) -> None:
        """Bring projects into the current context, each in a context of its name."""
        for path in files:
            copies.localize(self._reference(self._context(""), path))

    def merge_project(self, files: list[str]) -> None:
        """Bring the items of projects into the current context."""
        parent = self._context("")
        for path in files:
            loaded = self._reference(parent, path)
            copies.localize(loaded)
            for node in list(loaded.children()):
                copies.move(node, parent)
            loaded.scene.remove(loaded)


def _name_for(path: str) -> str:
    """Name of the context that shows a file."""
    stem = os.path.splitext(path.replace("\\", "/").rpartition("/")[2])[0]
    return re.sub(r"\W", "_", stem) or "reference"
