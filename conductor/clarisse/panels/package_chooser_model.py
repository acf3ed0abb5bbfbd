"""Choosing software packages, without any window: what is offered, what is chosen, what fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Iterator, Sequence

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.package_detection import advice, detect
from conductor.lib.catalog import Catalog
from conductor.lib.errors import ArgumentError, InputError
from conductor.lib.package_utils import (
    PATH_SEPARATOR,
    PackageTree,
    merge_package_environments,
)

UNKNOWN = (
    "Conductor was not asked yet, so nothing can be offered. Close this window, press Refresh to "
    "sign in, and open it again."
)
NOT_OFFERED = "   (no longer offered)"


@dataclass(frozen=True)
class Offer:
    """One row of the tree.

    Attributes:
        parent: path of the row above, empty for a host.
    """

    path: str
    parent: str

    @property
    def name(self) -> str:
        """What the row says: product and version."""
        return self.path[len(self.parent) + 1:] if self.parent else self.path


MOST_OPEN = 60
"""Rows of the tree that are shown opened; a longer one starts with its hosts."""


class PackageChooser:
    """The packages of one item while they are chosen.

    Attributes:
        chosen: tree paths, a host before its plug-ins.
    """

    def __init__(self, stored: Sequence[str], tree: PackageTree, is_known: bool = True) -> None:
        self.is_known = is_known
        self.chosen: list[str] = list(dict.fromkeys(stored))
        self._stored = tuple(stored)
        self._tree = tree
        self._parents = _parents(tree.paths())

    @property
    def is_changed(self) -> bool:
        """True when there is something to store."""
        return tuple(self.chosen) != self._stored

    # -- offered

    def offers(self, words: str = "") -> list[Offer]:
        """The rows of the tree whose path has all the words; those above them stay too."""
        wanted = words.lower().split()
        kept: dict[str, None] = {}
        for path in self._parents:
            if all(word in path.lower() for word in wanted):
                kept.update(dict.fromkeys(self._line(path)))
        return [Offer(path, self._parents[path]) for path in self._parents if path in kept]

    def summary(self, words: str = "") -> str:
        """How much of the catalogue is shown, and how much is chosen."""
        if not self.is_known:
            return "Nothing to choose from before Refresh"
        shown, total = len(self.offers(words)), len(self._parents)
        of_all = " of %d" % total if shown < total else ""
        return "%d%s packages shown, %d chosen" % (shown, of_all, len(self.chosen))

    def opens(self, rows: int) -> bool:
        """True when that many rows are few enough to be shown opened."""
        return rows <= MOST_OPEN

    # -- changed by the artist

    def add(self, paths: Iterable[str]) -> str:
        """Choose packages, each with the hosts it belongs to; says what was added.

        Raises:
            ArgumentError: with the reason; none of the paths is chosen then.
        """
        wanted, chosen = list(paths), list(self.chosen)
        for path in wanted:
            for step in self._line(self._offered(path)):
                if step not in chosen:
                    self._check(step, chosen, path)
                    chosen.append(step)
        added = [path for path in chosen if path not in self.chosen]
        self.chosen = chosen
        if not wanted:
            return "Choose what to add first."
        return "Added %s." % ", ".join(added) if added else "All of them are chosen already."

    def remove(self, paths: Iterable[str]) -> str:
        """Take packages away, a host with its plug-ins; says what went."""
        wanted = [path for path in paths if path in self.chosen]
        gone = [path for path in self.chosen
                if path in wanted or any(_is_below(path, one) for one in wanted)]
        self.chosen = [path for path in self.chosen if path not in gone]
        along = [path for path in gone if path not in wanted]
        told = "Removed %s." % ", ".join(wanted) if wanted else "Choose what to remove first."
        return told + (" Its plug-ins went too: %s." % ", ".join(along) if along else "")

    def detect(self, version_name: str, version: str) -> str:
        """Choose what fits the running Clarisse; says what was added.

        Args:
            version_name: ``5.0 SP8``.
            version: ``5.0.5.8.0``.

        Raises:
            ArgumentError: nothing fits, or it does not go with what is chosen.
        """
        if not self.is_known:
            raise ArgumentError(UNKNOWN)
        path = detect(version_name, version, self._tree)
        if path is None:
            raise ArgumentError(advice(version_name, version, self._tree))
        return "%s fits the running Clarisse %s. %s" % (
            path, version_name or version, self.add([path]))

    def _offered(self, path: str) -> str:
        if path not in self._parents:
            raise ArgumentError('Conductor does not offer "%s".' % path)
        return path

    def _line(self, path: str) -> list[str]:
        """A path and all above it, the host first."""
        line: list[str] = []
        while path:
            line.append(path)
            path = self._parents[path]
        return line[::-1]

    def _check(self, path: str, chosen: Sequence[str], wanted: str) -> None:
        """Refuse a step of the way to the wanted path that does not go with the chosen.

        Raises:
            ArgumentError: with the reason.
        """
        product = self._product(path)
        other = next((one for one in chosen if self._product(one) == product), None)
        if other is not None:
            raise ArgumentError(self._refusal(path, other, wanted))
        known = [one for one in chosen if one in self._parents]
        try:
            merge_package_environments(self._tree.chosen([*known, path]))
        except InputError as problem:
            raise ArgumentError("%s does not go with the others. %s" % (path, problem)) from None

    def _refusal(self, path: str, other: str, wanted: str) -> str:
        if path == wanted:
            return ("%s is chosen, and a job has one version of %s. Remove it first to take %s."
                    % (other, self._product(path), path))
        product = self._product(wanted)
        fitting = [one for one in self._parents
                   if _is_below(one, other) and self._product(one) == product]
        return "%s is a plug-in of %s, but %s is chosen. %s" % (
            wanted, path, other,
            "What fits is %s." % ", ".join(fitting) if fitting
            else "There is no %s for that; remove it first to take the other." % product)

    def _product(self, path: str) -> str:
        """Of a path that is no longer offered: as it is spelled."""
        found = self._tree.find_by_path(path)
        name = path.rpartition(PATH_SEPARATOR)[2]
        return str(found.get("product")) if found else name.partition(" ")[0]

    # -- shown

    def lines(self) -> list[str]:
        """The chosen packages in words; one that is gone at Conductor says so."""
        is_gone = {path: self.is_known and path not in self._parents for path in self.chosen}
        return [path + NOT_OFFERED * is_gone[path] for path in self.chosen]

    def hint(self) -> str:
        """What the window says when it opens."""
        if not self.is_known:
            return UNKNOWN
        if not self.chosen:
            return ("Choose the version of Clarisse that the scene needs, and its plug-ins. "
                    "Detect finds the running version.")
        gone = [line for line in self.lines() if line.endswith(NOT_OFFERED)]
        return "Remove what Conductor no longer offers, and choose others." if gone else ""

    def log_text(self) -> str:
        """Everything for the log."""
        offered = ["Conductor offers:", *self._parents] if self.is_known else [UNKNOWN]
        return "\n".join(["Chosen packages:", *(self.lines() or ["none"]), *offered])


def chooser_of(settings: JobSettings, catalog: Catalog) -> PackageChooser:
    """The chooser of an item."""
    return PackageChooser(settings.packages, catalog.packages, catalog.is_known)


def _is_below(path: str, above: str) -> bool:
    return path.startswith(above + PATH_SEPARATOR)


def _parents(paths: Iterable[str]) -> dict[str, str]:
    """Each path with the one above it. A name may hold the separator itself."""
    parents: dict[str, str] = {}
    for path in paths:
        parents[path] = next((one for one in _beginnings(path) if one in parents), "")
    return parents


def _beginnings(path: str) -> Iterator[str]:
    while PATH_SEPARATOR in path:
        path = path.rpartition(PATH_SEPARATOR)[0]
        yield path
