"""What lies in directories: each is listed once, its names are found through an index.

The index of a folder is keyed by a name with its digits taken out: ``v2.0101.png`` is filed under
``("v", ".", ".png")`` with the digits ``("2", "0101")``. A pattern with a frame or tile number has
the same key, and those of its digits that are fixed (``v2.####.png``) narrow it further, so a
question costs a look-up and a comparison for each answer, whatever the pattern's text.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Dict, Iterable, Iterator, List, Sequence, Tuple, Union

_DIGITS = re.compile("([0-9]+)")


@dataclass(frozen=True)
class Number:
    """A place in a file name where digits stand.

    Attributes:
        least: fewest digits; more are taken where the number needs them, never by leading zeros.
        most: most digits, None for any.
        any_zeros: True when leading zeros do not matter.
    """

    least: int = 1
    most: int | None = None
    any_zeros: bool = False

    def fits(self, digits: str) -> bool:
        """True when these digits may stand here."""
        if len(digits) < self.least or self.most is not None and len(digits) > self.most:
            return False
        return self.any_zeros or len(digits) == self.least or not digits.startswith("0")


Piece = Union[str, Number]
"""A part of a name: literal text, or a place for digits."""

_Key = Tuple[str, ...]
_Entry = Tuple[List[str], str]
_Index = Dict[_Key, List[_Entry]]
_Narrowed = Dict[Union[str, _Key], List[_Entry]]


class NamePattern:
    """One component of a path with places for digits.

    Attributes:
        key: the texts between the runs of digits.
        fixed: the runs, by their place, that hold no number.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        literals = [""]
        runs: list[list[Piece]] = []
        for piece in _split_digits(pieces):
            if isinstance(piece, str) and not piece[0].isdigit():
                literals[-1] += piece
            elif runs and not literals[-1]:
                runs[-1].append(piece)
            else:
                runs.append([piece])
                literals.append("")
        self.key = tuple(literals)
        self.fixed: dict[int, str] = {}
        self._open: list[tuple[int, str, str, Number]] = []
        for place, run in enumerate(runs):
            if any(isinstance(piece, Number) for piece in run):
                self._open.append((place, *_open_run(run)))
            else:
                self.fixed[place] = "".join(map(str, run))

    def matches(self, name: str) -> bool:
        """True when a name fits the whole pattern."""
        parts = _DIGITS.split(name)
        runs = parts[1::2]
        return tuple(parts[0::2]) == self.key and self.fits(runs) and all(
            runs[place] == digits for place, digits in self.fixed.items())

    def those_that_fit(self, entries: Iterable[_Entry]) -> list[str]:
        """The names among entries of this key, fixed runs compared already."""
        if len(self._open) == 1 and not any(self._open[0][1:3]) and self._open[0][3].most is None:
            # Nearly every pattern is of this kind; a call for each name would cost twice as much.
            place, _, _, number = self._open[0]
            least, zeros = number.least, number.any_zeros
            return [
                name for digits, name in entries
                if len(digits[place]) == least or (
                    len(digits[place]) > least and (zeros or digits[place][0] != "0"))]
        return [name for digits, name in entries if self.fits(digits)]

    def fits(self, digits: Sequence[str]) -> bool:
        """True when the runs that hold a number may have these digits; fixed runs are not
        compared."""
        for place, head, tail, number in self._open:
            run = digits[place]
            if not (run.startswith(head) and run.endswith(tail)):
                return False
            if not number.fits(run[len(head):len(run) - len(tail)]):
                return False
        return True


def _split_digits(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Number):
            yield piece
        else:
            yield from filter(None, _DIGITS.split(piece))


def _open_run(run: Sequence[Piece]) -> tuple[str, str, Number]:
    """Digits before and after the number of a run, and the number.

    Several numbers in one run (``<UDIM>####``) cannot be told apart: only their length counts.
    """
    places = [place for place, piece in enumerate(run) if isinstance(piece, Number)]
    first, last = places[0], places[-1]
    head, tail = "".join(map(str, run[:first])), "".join(map(str, run[last + 1:]))
    number = run[first]
    if first < last or not isinstance(number, Number):
        number = Number(any_zeros=True, least=sum(
            piece.least if isinstance(piece, Number) else len(piece)
            for piece in run[first:last + 1]))
    return head, tail, number


class _Folder:
    """Names of one directory; empty where it is missing or cannot be listed.

    Attributes:
        is_closed: True for one that is there and cannot be listed; it may be passed through.
    """

    def __init__(self, path: str, fold_case: bool) -> None:
        self.fold_case = fold_case
        self.files: dict[str, str] = {}
        self.folders: dict[str, str] = {}
        self.links: set[str] = set()
        self.is_closed = False
        try:
            entries = list(os.scandir(path or "."))
        except (FileNotFoundError, NotADirectoryError):
            entries = []
        except OSError:
            entries, self.is_closed = [], True
        for entry in entries:
            self._add(entry)
        self._indexes: dict[bool, _Index] = {}
        self._narrowed: dict[tuple[bool, _Key, tuple[int, ...]], _Narrowed] = {}

    def _add(self, entry: os.DirEntry[str]) -> None:
        try:
            is_folder, is_file, is_link = entry.is_dir(), entry.is_file(), entry.is_symlink()
        except OSError:
            return
        if is_folder:
            self.folders[self.key(entry.name)] = entry.name
        elif is_file:  # neither a broken link nor a pipe
            self.files[self.key(entry.name)] = entry.name
        if is_folder and is_link:
            self.links.add(entry.name)

    def key(self, name: str) -> str:
        """The name as it is looked up."""
        return name.lower() if self.fold_case else name

    def matching(self, pattern: NamePattern, want_folders: bool) -> list[str]:
        """Names that fit, in order."""
        key = tuple(map(self.key, pattern.key)) if self.fold_case else pattern.key
        places = tuple(pattern.fixed)
        index = self._narrowed.get((want_folders, key, places))
        if index is None:
            index = self._narrow(want_folders, key, places)
        values = tuple(pattern.fixed.values())
        candidates = index.get(values[0] if len(values) == 1 else values, ())
        return sorted(pattern.those_that_fit(candidates))

    def _narrow(self, want_folders: bool, key: _Key, places: tuple[int, ...]) -> _Narrowed:
        """Names of this key by the digits at these places: one text, or a tuple of several."""
        index = self._narrowed[want_folders, key, places] = {}
        value = itemgetter(*places) if places else _nothing
        for entry in self._index(want_folders).get(key, ()):
            index.setdefault(value(entry[0]), []).append(entry)
        return index

    def _index(self, want_folders: bool) -> _Index:
        """All names by key, made when first asked for."""
        index = self._indexes.get(want_folders)
        if index is None:
            index = self._indexes[want_folders] = {}
            names = self.folders if want_folders else self.files
            split = _DIGITS.split
            for lookup, name in names.items():
                parts = split(lookup)
                index.setdefault(tuple(parts[0::2]), []).append((parts[1::2], name))
        return index


class DirectoryListing:
    """The disk as one look at it shows: every directory is listed once, when first asked for.

    Paths are absolute with forward slashes, as :func:`conductor.lib.paths.normalize` makes them.

    Attributes:
        fold_case: True where the file system does not tell case apart.
        closed: folders that :meth:`files_below` could not list.
    """

    def __init__(self, fold_case: bool = os.name == "nt") -> None:
        self.fold_case = fold_case
        self.closed: set[str] = set()
        self._folders: dict[str, _Folder] = {}

    @property
    def listed(self) -> int:
        """How many directories have been listed."""
        return len(self._folders)

    def file(self, path: str) -> str | None:
        """The path of a file with its name as it is on disk; None when there is no such file."""
        folder, name = _split(path)
        listed = self._folder(folder)
        if listed.is_closed:
            return path if os.path.isfile(path) else None
        found = listed.files.get(listed.key(name))
        return None if found is None else _join(folder, found)

    def key(self, path: str) -> str:
        """Equal for two spellings of one path."""
        return path.lower() if self.fold_case else path

    def has_folder(self, path: str) -> bool:
        """True when there is such a directory."""
        folder, name = _split(path)
        listed = self._folder(folder)
        if listed.is_closed:
            return os.path.isdir(path)
        return not name or listed.key(name) in listed.folders

    def files_below(self, path: str) -> Iterator[str]:
        """All files below a directory, in order. Links to directories are followed, but for one
        that leads to a folder around itself."""
        waiting: list[tuple[str, _Chain]] = [(path, (os.path.realpath(path),))]
        while waiting:
            folder, chain = waiting.pop()
            listed = self._folder(folder)
            if listed.is_closed:
                self.closed.add(folder)
            for name in sorted(listed.files.values()):
                yield _join(folder, name)
            for name in sorted(listed.folders.values(), reverse=True):
                below = _join(folder, name)
                inner = _followed(below, name in listed.links, chain)
                if inner:
                    waiting.append((below, inner))

    def matching(
        self, components: Sequence[Sequence[Piece]], want_folders: bool = False,
    ) -> list[str]:
        """Files, or folders, that fit a path given by its components (the first one holds the
        root)."""
        found = [""]
        for place, pieces in enumerate(components):
            is_last = place == len(components) - 1
            if all(isinstance(piece, str) for piece in pieces):
                name = "".join(map(str, pieces))
                found = [_join(folder, name) if place else name for folder in found]
            else:
                pattern = NamePattern(pieces)
                found = [
                    _join(folder, name) for folder in found
                    for name in self._folder(folder).matching(
                        pattern, want_folders or not is_last)]
        if all(isinstance(piece, str) for piece in components[-1]):
            if want_folders:
                return [path for path in found if self.has_folder(path)]
            return [path for path in map(self.file, found) if path is not None]
        return found

    def _folder(self, path: str) -> _Folder:
        listed = self._folders.get(path)
        if listed is None:
            listed = self._folders[path] = _Folder(path, self.fold_case)
        return listed


_Chain = Tuple[str, ...]
"""True places of the folders that hold the links a walk has followed, then of where it is."""


def _followed(path: str, is_link: bool, chain: _Chain) -> _Chain:
    """The chain in a folder below; empty where the walk would come round to a folder it is in."""
    *held, here = chain
    if not is_link:
        return (*held, os.path.join(here, os.path.basename(path)))
    target = os.path.realpath(path)
    start = os.path.join(target, "")
    is_round = any(os.path.join(place, "").startswith(start) for place in chain)
    return () if is_round else (*chain, target)


def _nothing(digits: Sequence[str]) -> _Key:
    return ()


def _split(path: str) -> tuple[str, str]:
    """Folder and name; the folder of a file at a root is the root, with its slash."""
    folder, slash, name = path.rpartition("/")
    return (folder + slash if folder == "" or folder.endswith(":") else folder), name


def _join(folder: str, name: str) -> str:
    return folder + name if folder.endswith("/") or not folder else folder + "/" + name
