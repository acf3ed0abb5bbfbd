"""Paths that differ from the disk in case or Unicode form only.

Windows and macOS find such a file, and it is uploaded as it is spelled on disk; a Linux render node
looks for what the scene says, and finds nothing.
"""

from __future__ import annotations

import os
import re
import unicodedata
from typing import Iterable, Iterator

from conductor.clarisse import expressions
from conductor.clarisse.references import lookup_in
from conductor.clarisse.resolving import resolve_path
from conductor.clarisse.snapshot import PathReference, Scene
from conductor.lib import paths
from conductor.lib.checks import Finding, warning
from conductor.lib.dependencies import varies
from conductor.lib.errors import ExpressionError

_PLACEHOLDER = re.compile("[#$<]")


def spelled_otherwise(
    scene: Scene, references: Iterable[PathReference], extra: Iterable[str] = (),
) -> Iterator[Finding]:
    """One warning for each of these paths, and of the extra uploads, that is spelled otherwise on
    disk.

    Args:
        references: what is scanned, in referenced projects too.
    """
    lookups, disk = {"": lookup_in(scene, "")}, Spelling()
    for one in references:
        if one.project not in lookups:
            lookups[one.project] = lookup_in(scene, one.project)
        yield from _compared(one.source, one.asked_by, lookups[one.project], disk)
    for source in extra:
        yield from _compared(source, "extra_uploads", lookups[""], disk)


def _compared(
    source: str, asked_by: str, lookup: expressions.Lookup, disk: Spelling,
) -> Iterator[Finding]:
    try:
        path = paths.normalize(resolve_path(source, lookup).strip())
    except ExpressionError:
        return
    if not paths.is_absolute(path) or "\0" in path:
        return
    is_pattern = varies(path)
    found = disk.of_pattern(path) if is_pattern else disk.of(path)
    if found and found != path[:len(found) if is_pattern else None]:
        yield warning("name-spelling", asked_by, (
            '"%s" is "%s" on disk: a Linux render node takes that for another file. Spell it as '
            "it is on disk.%s" % (path, found, _form(path, found))))


def _form(path: str, found: str) -> str:
    if unicodedata.normalize("NFC", path).startswith(unicodedata.normalize("NFC", found)):
        return " (They look alike: accents are stored in two ways, as one sign or as two.)"
    return ""


class Spelling:
    """How names are spelled on disk; each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[str, list[str]] = {}
        self._folded: dict[str, dict[str, str]] = {}
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """A normalized, absolute path as it is on disk; empty when it is not there at all."""
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def of_pattern(self, path: str) -> str:
        """The beginning of a path with frames or tiles in it as it is on disk: its fixed folders
        and the beginning of the next name; empty when there is nothing of the kind."""
        folder = path
        while varies(folder):
            folder = paths.folder_of(folder)
        here = self.of(folder)
        if not here:
            return ""
        rest = path[len(folder):].lstrip("/")
        start = _PLACEHOLDER.split(rest.split("/")[0])[0]
        names = self._names(here)
        if not start or any(name.startswith(start) for name in names):
            return here
        alike = [name for name in names if _folded(name).startswith(_folded(start))]
        return paths.join(here, alike[0][:len(start)]) if alike else here

    def _find(self, path: str) -> str:
        folder = paths.folder_of(path)
        if folder == path:
            return path
        here = self.of(folder)
        if not here:
            return ""
        name = path.rsplit("/", 1)[-1]
        exact = paths.join(here, name)
        # A folder that may be passed through need not be one that may be listed.
        if os.path.lexists(exact) and (name in self._names(here) or not self._names(here)):
            return exact
        found = self._alike(here).get(_folded(name))
        return paths.join(here, found) if found else ""

    def _names(self, folder: str) -> list[str]:
        if folder not in self._folders:
            try:
                self._folders[folder] = sorted(os.listdir(folder))
            except OSError:
                self._folders[folder] = []
        return self._folders[folder]

    def _alike(self, folder: str) -> dict[str, str]:
        """Names by their folded form."""
        if folder not in self._folded:
            self._folded[folder] = {_folded(name): name for name in self._names(folder)}
        return self._folded[folder]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
