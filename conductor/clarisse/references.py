"""Projects that a scene references: which they are, and every path inside them.

This is the one reader of references, used in Clarisse as well as without it: Clarisse's own list
of path attributes was seen to leave out what lies inside references. How Clarisse writes a
reference into a file was never seen; what is assumed is in :class:`Assumptions`, one switch each,
and in ``docs/clarisse-host-notes.md``. Alembic and USD references are files like any other.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field, replace
from typing import Iterable, Iterator

from conductor.clarisse import expressions
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.classes import (
    FOLDER,
    OPEN,
    PATH_WORDS,
    SAVE,
    attribute_info,
    class_of,
    default_text,
)
from conductor.clarisse.project_file import CONTEXT, Entry, Item, ProjectFile, parse
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.snapshot import PathHint, PathReference, Scene, SequenceAttributes
from conductor.lib import paths
from conductor.lib.checks import Finding, warning
from conductor.lib.errors import ExpressionError, ProjectFileError

PROJECT_SUFFIXES = (".project", ".build")
OPTIONS = "__context_options__"
"""The hidden object of a context that holds what it loads."""

_CONTEXT_CLASSES = (CONTEXT, "Generic")
_HINTS = {OPEN: PathHint.OPEN, SAVE: PathHint.SAVE, FOLDER: PathHint.FOLDER, "file": PathHint.OPEN}
# What an item must hold to name a path, if its class has no path attribute of its own.
_TELLTALE = re.compile(
    r"^[ \t]*(?:\w*filenames?|file|path|save_as|folder|directory|custom_attributes)\b",
    re.MULTILINE)
# What no text begins with: a byte that is no UTF-8, or soon one that is no character.
_BINARY = re.compile("[\udc80-\udcff]|[^\0]{0,64}\0")


@dataclass(frozen=True)
class Assumptions:
    """What nobody has verified about references.

    Attributes:
        nested_options: the file name of a referencing context may stand in blocks below it that
            are no items, at any depth.
        names: what the entry with the file names of a context may be called.
        any_class: an item of whatever class that loads a project is a reference.
        own_folder: ``$PDIR`` and ``$PNAME`` in a referenced project are its own.
        disabled_word: the entry that marks an item so.
    """

    nested_options: bool = True
    names: tuple[str, ...] = ("filename", "filenames", "file", "files")
    any_class: bool = True
    own_folder: bool = True
    disabled_word: str = "disabled"


ASSUMED = Assumptions()


@dataclass(frozen=True)
class ReferencedProject:
    """A project that the scene needs, as read from disk.

    Attributes:
        path: normalized.
        asked_by: item and attribute that name it, with their project.
        references: every path inside it, as typed.
    """

    path: str
    asked_by: str
    references: tuple[PathReference, ...] = ()


def is_project_reference(
    reference: PathReference, path: str, assumed: Assumptions = ASSUMED,
) -> bool:
    """True when an item loads this (resolved) file as another project."""
    return (assumed.any_class or is_context(reference)) and "\0" not in path and (
        path.lower().endswith(PROJECT_SUFFIXES))


def is_context(reference: PathReference) -> bool:
    """True when the file is loaded by a context, as Clarisse's own references are."""
    return reference.class_name in _CONTEXT_CLASSES


def lookup_in(
    scene: Scene, project: str, assumed: Assumptions = ASSUMED,
) -> expressions.Lookup:
    """Variables as a text of that project sees them; of the scene itself when empty."""
    if not project:
        return scene_lookup(scene)
    variables = dict(scene.variables)
    if assumed.own_folder:
        name = project.rsplit("/", 1)[-1]
        variables.update(PDIR=paths.folder_of(project), PNAME=name.rsplit(".", 1)[0])
    inner = scene_lookup(replace(scene, path=project, variables=variables))

    def lookup(name: str) -> expressions.Value | None:
        value = inner(name)
        # Only the scene's own texts were searched for names of environment variables.
        return os.environ.get(name) if value is None and name != "T" else value

    return lookup


@dataclass
class _Search:
    """A walk through references, depth first.

    ``open`` are the projects that the walk is inside of, from the scene on, by comparable path.
    """

    scene: Scene
    assumed: Assumptions
    found: dict[str, ReferencedProject] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)

    def walk(self) -> None:
        """Visit every project that can be reached; no recursion, so any depth will do."""
        self._enter(paths.normalize(self.scene.path))
        waiting = [self._named(self.scene.references)]
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                self.open.popitem()
            elif self._is_new(*step):
                project = self._read(*step)
                self.found[paths.comparable(project.path)] = project
                self._enter(project.path)
                waiting.append(self._named(project.references))

    def _enter(self, path: str) -> None:
        self.open[paths.comparable(path)] = path

    def _named(self, references: tuple[PathReference, ...]) -> Iterator[tuple[str, str]]:
        """Path and asker of the projects among the references."""
        for reference in references:
            if not is_read(reference) or not (self.assumed.any_class or is_context(reference)):
                continue
            lookup = lookup_in(self.scene, reference.project, self.assumed)
            try:
                path = paths.normalize(resolve_path(reference.source, lookup).strip())
            except ExpressionError:
                continue  # told when the reference itself is scanned
            if is_project_reference(reference, path, self.assumed):
                yield path, reference.asked_by

    def _is_new(self, path: str, asked_by: str) -> bool:
        key = paths.comparable(path)
        if key in self.open:
            around = list(self.open)
            ring = [self.open[one] for one in around[around.index(key):]] + [path]
            self.findings.append(warning("reference-cycle", asked_by, (
                "The references go in a circle: %s. Take one of them out."
                % " -> ".join('"%s"' % one for one in ring))))
        return key not in self.open and key not in self.found

    def _read(self, path: str, asked_by: str) -> ReferencedProject:
        project = ReferencedProject(path, asked_by)
        if not os.path.isfile(path):
            return project  # told as a missing file
        try:
            references = tuple(path_references(read_project(path), path, self.assumed))
        except (OSError, ProjectFileError) as problem:
            self.findings.append(warning("reference-unreadable", asked_by, (
                '"%s" cannot be read, so what it needs is not uploaded: %s' % (path, problem))))
            return project
        return replace(project, references=references)


def referenced_projects(
    scene: Scene, assumed: Assumptions = ASSUMED,
) -> tuple[tuple[ReferencedProject, ...], tuple[Finding, ...]]:
    """All projects that the scene references, at any depth, none twice, read from disk."""
    search = _Search(scene, assumed)
    search.walk()
    return tuple(search.found.values()), tuple(search.findings)


def is_read(reference: PathReference) -> bool:
    """False for an output, and for an item that takes no part."""
    return reference.hint is not PathHint.SAVE and reference.enabled and not reference.private


def read_project(path: str) -> ProjectFile:
    """The project in a file; that some of its texts are no UTF-8 does not matter.

    Raises:
        OSError, ProjectFileError: it cannot be read, or is none.
    """
    text = read_text(path)
    if _BINARY.match(text):
        raise ProjectFileError("the file is binary, or has another encoding than UTF-8", 1, 1)
    return parse(text)


def read_text(path: str) -> str:
    """The text of a project; bytes that are no UTF-8 stay what they are.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as handle:
        return handle.read()


def unlisted(path: str, listed: Iterable[PathReference]) -> Iterator[PathReference]:
    """What contexts of a saved scene load and a host without Clarisse did not list, because it
    reads fewer of the forms that a reference may have in the file.

    Args:
        path: of the scene; one that cannot be read gives nothing, which is told elsewhere.
    """
    known = {(plain_item(one.item), one.source) for one in listed}
    try:
        project = read_project(path)
    except (OSError, ProjectFileError):
        return
    for reference in path_references(project):
        if is_context(reference) and (plain_item(reference.item), reference.source) not in known:
            yield reference


def plain_item(item: str) -> str:
    """A context by its own name, also where its hidden object is meant."""
    return item[:-len(OPTIONS)].rstrip("/.") if item.endswith(OPTIONS) else item


def path_references(
    file: ProjectFile, path: str = "", assumed: Assumptions = ASSUMED,
) -> Iterator[PathReference]:
    """Every path attribute of a project's items, with the text as typed.

    Args:
        path: of the file, kept in each reference.
    """
    for item in file.items():
        if item.class_name != CLASS_NAME and _may_name_paths(file, item):
            yield from _of_item(item, path, assumed)


def _may_name_paths(file: ProjectFile, item: Item) -> bool:
    if item.is_context or any(
        attribute.is_path for attribute in class_of(item.class_name).attributes.values()
    ):
        return True
    return _TELLTALE.search(file.text, item.entry.start, item.entry.end) is not None


def _of_item(item: Item, project: str, assumed: Assumptions) -> Iterator[PathReference]:
    attributes = list(_path_attributes(item, assumed))
    if not attributes:
        return
    enabled = not _is_marked(item.entry, assumed.disabled_word)
    for name, hint, entry in attributes:
        sequence = _sequence(item) if name == "filename" else None
        for source in _sources(entry):
            yield PathReference(
                item.path, name, item.class_name, source, hint, sequence, enabled, project=project)


def _path_attributes(item: Item, assumed: Assumptions) -> Iterator[tuple[str, PathHint, Entry]]:
    if item.is_context:
        for entry in _file_names(item.entry, assumed):
            yield "filename", PathHint.OPEN, entry
    else:
        for entry in item.entry.children:
            info = attribute_info(item.class_name, entry.key)
            if info is not None and info.is_path:
                yield entry.key, _HINTS[info.hint], entry
    for word, name, entry in item.custom_attributes:
        word = word.partition("[")[0]
        if word in PATH_WORDS:
            yield name, _HINTS[word], entry


def _file_names(context: Entry, assumed: Assumptions) -> Iterator[Entry]:
    """Where a context names the files that it loads."""
    waiting = [context.children]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif entry.key in assumed.names:
            yield entry
        elif assumed.nested_options and entry.is_block and (
            len(waiting) > 1 or not _is_other(entry)
        ):
            waiting.append(entry.children)


def _is_other(entry: Entry) -> bool:
    """True for a block right in a context that is read for itself: an item, or attributes made on
    the context."""
    return entry.key in (CONTEXT, "custom_attributes") or entry.find("name") is not None


def _sources(entry: Entry) -> Iterator[str]:
    """The texts of an attribute as typed: its values, each by its expression where it has one."""
    texts: dict[int, str] = {}
    for holder in entry.find_all("value") if entry.is_block else (entry,):
        for place, token in enumerate(holder.tokens, holder.index or 0):
            if token.quoted:
                texts[place] = token.text
    for holder in entry.find_all("expression"):
        for token in holder.tokens[:1]:
            texts[holder.index or 0] = token.text
    return (texts[place] for place in sorted(texts) if texts[place])


def _is_marked(holder: Entry, word: str) -> bool:
    entry = holder.find(word)
    if entry is None or entry.is_block:
        return False
    return not entry.tokens or entry.tokens[0].text in ("yes", "1")


def _sequence(item: Item) -> SequenceAttributes | None:
    if "sequence_mode" not in class_of(item.class_name).attributes:
        return None
    return SequenceAttributes(
        mode=_long(item, "sequence_mode"), start=_long(item, "start_frame"),
        end=_long(item, "end_frame"), offset=_long(item, "frame_offset"),
        rate=_number(item, "frame_rate"), pre_behavior=_long(item, "pre_behavior"),
        post_behavior=_long(item, "post_behavior"))


def _long(item: Item, name: str) -> int:
    return int(_number(item, name))


def _number(item: Item, name: str) -> float:
    """A number of the item; 0 for what is none."""
    tokens = item.values(name)
    text = tokens[0].text if tokens else default_text(item.class_name, name)
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
