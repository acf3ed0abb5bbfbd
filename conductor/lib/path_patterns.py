"""Paths that stand for many files: numbers of frames and tiles in them.

``####`` is the number of a file in a sequence, padded to as many digits as there are hashes.
``$F`` and ``$4F`` are the render frame. A tile tag stands for every tile on disk. Every text is
read once, from left to right: no text can make that slow.
"""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Sequence, Union

from conductor.lib.directory_listing import NamePattern, Number, Piece

# A colon ends a variable's name early and is part of it; a longer name is another variable.
_TOKEN = re.compile(
    r"(?P<hashes>#+)|\$(?P<digits>[0-9]?)F(?::|(?![A-Za-z0-9_]))"
    r"|(?P<tag><(?i:udim|uvtile|tile|u|v)>|(?<=_)uU_vV)")

_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_DIGITS = Number(any_zeros=True)
_UV: tuple[Piece, ...] = ("u", _DIGITS, "_v", _DIGITS)
# Only the first is certain in Clarisse; the others are what the programs that paint tiles write.
_TAGS: dict[str, tuple[Piece, ...]] = {
    "<udim>": (Number(least=4, most=4, any_zeros=True),),
    "<uvtile>": _UV,
    "<tile>": ("_",) + _UV,
    "<u>": (_DIGITS,),
    "<v>": (_DIGITS,),
    "uu_vv": _UV,
}


class _Hashes(NamedTuple):
    """The number of a file in a sequence."""

    text: str

    @property
    def wildcard(self) -> tuple[Piece, ...]:
        return (Number(least=len(self.text)),)

    @property
    def template(self) -> str:
        return "%%0%dd" % len(self.text)


class _Frame(NamedTuple):
    """``$F``, or ``$4F`` with four digits."""

    text: str
    digits: int

    @property
    def wildcard(self) -> tuple[Piece, ...]:
        return (Number(least=max(1, self.digits), any_zeros=not self.digits),)

    @property
    def template(self) -> str:
        return "%%0%dd" % self.digits if self.digits else "%d"


class _Tile(NamedTuple):
    """``<UDIM>`` and its like."""

    text: str

    @property
    def wildcard(self) -> tuple[Piece, ...]:
        return _TAGS[self.text.lower()]

    @property
    def template(self) -> str:
        return self.text


_Token = Union[_Hashes, _Frame, _Tile]
_Part = Union[str, _Token]
Components = List[List[Piece]]


def varies(path: str) -> bool:
    """True when a path holds a frame number or a tile tag."""
    return _TOKEN.search(path) is not None


def without_tokens(path: str) -> str:
    """The text of a path but for frame numbers and tile tags."""
    return _TOKEN.sub("", path)


def unknown_variable(path: str) -> str:
    """The first variable that is left in a path, but for the frame: ``$NAME``; else empty."""
    found = _VARIABLE.search(without_tokens(path))
    return found.group() if found else ""


class PathPattern:
    """A normalized path with places for numbers.

    Attributes:
        path: the text.
        has_hashes, has_frame, has_tiles: which kinds of places there are.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._parts: list[_Part] = list(_parts(path))
        kinds = {type(part) for part in self._parts}
        self.has_hashes = _Hashes in kinds
        self.has_frame = _Frame in kinds
        self.has_tiles = _Tile in kinds
        self._template = "".join(
            part.replace("%", "%%") if isinstance(part, str) else part.template
            for part in self._parts)
        self._takes = tuple(
            isinstance(part, _Frame) for part in self._parts
            if isinstance(part, (_Frame, _Hashes)))

    def at(self, render_frame: int, file_frame: int) -> str:
        """The path at a frame; tile tags stay as they are written."""
        return self._template % tuple(
            render_frame if is_render else file_frame for is_render in self._takes)

    def wildcards(self) -> Components:
        """The path by its components, with a place for every number."""
        return _split(
            piece for part in self._parts
            for piece in ((part,) if isinstance(part, str) else part.wildcard))

    def matches(self, path: str) -> bool:
        """True when the pattern may mean this normalized path at some frame."""
        return matches(self.wildcards(), path)

    def covers(self, path: str) -> bool:
        """True when the pattern may mean this normalized path, or a folder around it."""
        parts = path.split("/")
        return self.matches("/".join(parts[:self.path.count("/") + 1]))


def matches(components: Sequence[Sequence[Piece]], path: str) -> bool:
    """True when a path has these components."""
    head, *rest = components
    root = "".join(map(str, head)).rstrip("/") + "/"
    if not path.startswith(root):
        return False
    names = path[len(root):].split("/")
    return len(names) == len(rest) and all(
        NamePattern(pieces).matches(name) for pieces, name in zip(rest, names))


def _parts(path: str) -> Iterator[_Part]:
    place = 0
    for match in _TOKEN.finditer(path):
        if match.start() > place:
            yield path[place:match.start()]
        place = match.end()
        if match.group("hashes"):
            yield _Hashes(match.group())
        elif match.group("tag"):
            yield _Tile(match.group())
        else:
            yield _Frame(match.group(), int(match.group("digits") or 0))
    if place < len(path):
        yield path[place:]


def _split(pieces: Iterator[Piece]) -> Components:
    """Pieces by component; leading components without a number are one, with the root."""
    components: Components = [[]]
    for piece in pieces:
        if isinstance(piece, Number):
            components[-1].append(piece)
            continue
        first, *rest = piece.split("/")
        if first:
            components[-1].append(first)
        components.extend([name] if name else [] for name in rest)
    plain = 0
    while plain < len(components) and all(isinstance(p, str) for p in components[plain]):
        plain += 1
    names = ["".join(map(str, component)) for component in components[:plain]]
    head = "/".join(names)
    return [[head if len(names) > 1 else head + "/"], *components[plain:]]


__all__ = [
    "Components", "PathPattern", "matches", "unknown_variable", "varies", "without_tokens",
]
