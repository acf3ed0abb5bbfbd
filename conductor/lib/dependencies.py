"""From the paths that a scene names to the files on disk that its frames need.

Two kinds of path vary with time. ``####`` is the number of a file in a sequence, padded to as
many digits as there are hashes: it follows the sequence attributes beside the path, so render
frame ``r`` reads file ``r - offset``. ``$F`` and ``$4F`` are the render frame itself. A tile tag
(``<UDIM>``) does not vary with time: every tile on disk is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Iterable, Iterator, Tuple, Union

from conductor.lib import paths
from conductor.lib.checks import Finding, warning
from conductor.lib.directory_listing import DirectoryListing, Number, Piece
from conductor.lib.sequence import MAX_FRAME, Sequence

# A colon ends a variable's name early and is part of it; a longer name is another variable.
_TOKEN = re.compile(
    r"(?P<hashes>#+)|\$(?P<digits>[0-9]?)F(?::|(?![A-Za-z0-9_]))|(?P<tile><(?i:udim)>)")
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")


class Policy(IntEnum):
    """How files are found."""

    NO_SCAN = 0
    """Not at all."""
    GLOB = 1
    """Everything on disk that a path may mean at any frame."""
    SMART = 2
    """What the rendered frames need."""


@dataclass(frozen=True)
class FileReference:
    """A path that an item names.

    Attributes:
        path: variables resolved, but for the frame: ``/tex/bg.####.png``, ``/tex/a.$4F.png``.
        asked_by: item and attribute, for messages.
        start, end: first and last file of a sequence, both or neither; no bounds when None.
        offset: frames that a sequence is shifted by: frame 1 of the sequence shows at 1 + offset.
    """

    path: str
    asked_by: str
    start: int | None = None
    end: int | None = None
    offset: int = 0

    def render_frames(self, frames: Sequence) -> Sequence:
        """Those of the frames at which the sequence shows a file."""
        first = 0 if self.start is None else max(0, self.start)
        last = MAX_FRAME if self.end is None else self.end
        first, last = max(0, first + self.offset), min(MAX_FRAME, last + self.offset)
        return frames & Sequence.from_range(first, last) if first <= last else Sequence()


@dataclass(frozen=True)
class Resolution:
    """What a scan gives.

    Attributes:
        files: paths as they are on disk, none twice, in the order they were asked for.
        missing: ``(path, asked_by)`` of what is not on disk; a path with a tile tag, or one looked
            for by pattern, stands for all its files.
        findings: one warning for each reference that misses something.
    """

    files: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Hashes:
    """The number of a file in a sequence."""

    count: int

    def text(self, render_frame: int, file_frame: int) -> Piece:
        return "%0*d" % (self.count, file_frame)

    def wildcard(self) -> Number:
        return Number(least=self.count)


@dataclass(frozen=True)
class _Frame:
    """``$F``, or ``$4F`` with four digits."""

    count: int

    def text(self, render_frame: int, file_frame: int) -> Piece:
        return "%0*d" % (self.count, render_frame)

    def wildcard(self) -> Number:
        return Number(least=max(1, self.count), any_zeros=not self.count)


@dataclass(frozen=True)
class _Tile:
    """``<UDIM>``: four digits."""

    def text(self, render_frame: int, file_frame: int) -> Piece:
        return self.wildcard()

    def wildcard(self) -> Number:
        return Number(least=4, most=4, any_zeros=True)


_Token = Union[_Hashes, _Frame, _Tile]
_Component = Tuple[Union[str, _Token], ...]


def resolve(
    references: Iterable[FileReference], frames: Sequence, policy: Policy,
    listing: DirectoryListing,
) -> Resolution:
    """Find the files that these frames need.

    Args:
        references: paths with every variable but the frame resolved.
        frames: what is rendered.
        listing: the disk; hand the same one to several calls to list no directory twice.
    """
    files: dict[str, str] = {}
    missing: dict[tuple[str, str], None] = {}
    findings: list[Finding] = []
    for reference in references if policy is not Policy.NO_SCAN else ():
        complaint = _complaint(reference)
        found, absent = ([], [reference.path]) if complaint else _look_up(
            reference, frames, policy, listing)
        for path in found:
            files.setdefault(listing.key(path), path)
        missing.update(dict.fromkeys((path, reference.asked_by) for path in absent))
        if absent:
            findings.append(complaint or _missing_finding(reference, found, absent))
    return Resolution(tuple(files.values()), tuple(missing), tuple(findings))


def varies(path: str) -> bool:
    """True when a path holds a frame number or a tile tag."""
    return _TOKEN.search(path) is not None


def _complaint(reference: FileReference) -> Finding | None:
    """Why a path cannot be looked for at all."""
    unknown = _VARIABLE.search(_TOKEN.sub("", reference.path))
    if unknown:
        return warning("variable-unknown", reference.asked_by, (
            'The variable "%s" in "%s" is not defined here, so its file is not uploaded. Define it '
            "or write the path out." % (unknown.group(), reference.path)))
    if not paths.is_absolute(reference.path) or "\0" in reference.path:
        return warning("path-relative", reference.asked_by, (
            '"%s" is not an absolute path, so its file is not uploaded. Write the path out, or '
            "with $PDIR before it." % reference.path))
    return None


def _missing_finding(reference: FileReference, found: list[str], absent: list[str]) -> Finding:
    if len(absent) == 1 and not found:
        return warning("file-missing", reference.asked_by, (
            '"%s" is not on disk. Restore it, or correct the path.' % absent[0]))
    return warning("file-missing", reference.asked_by, (
        '%d of %d files of "%s" are not on disk, the first is "%s". Restore them, or correct the '
        "sequence." % (len(absent), len(absent) + len(found), reference.path, absent[0])))


def _look_up(
    reference: FileReference, frames: Sequence, policy: Policy, listing: DirectoryListing,
) -> tuple[list[str], list[str]]:
    """Files found, and paths that are not there."""
    path = paths.normalize(reference.path)
    if not varies(path):
        return _literal(path, listing)
    components = _parse(path)
    found: list[str] = []
    absent: list[str] = []
    wanted = _per_frame(components, reference, frames) if policy is Policy.SMART else (
        [_wildcards(components)])
    for pieces in wanted:
        here = listing.matching(pieces)
        found.extend(here)
        if not here:
            absent.append(_spell(pieces) if policy is Policy.SMART else path)
    return found, absent


def _literal(path: str, listing: DirectoryListing) -> tuple[list[str], list[str]]:
    file = listing.file(path)
    if file is not None:
        return [file], []
    if listing.has_folder(path):
        return list(listing.files_below(path)), []
    return [], [path]


def _parse(path: str) -> list[_Component]:
    """Components of a normalized path, the first with the root: text and tokens."""
    tokens: list[_Token] = []

    def keep(match: re.Match[str]) -> str:
        if match.group("hashes"):
            tokens.append(_Hashes(len(match.group("hashes"))))
        elif match.group("tile"):
            tokens.append(_Tile())
        else:
            tokens.append(_Frame(int(match.group("digits") or 0)))
        return "\0"

    parts = _TOKEN.sub(keep, path).split("/")
    head = parts[:next((place for place, part in enumerate(parts) if "\0" in part), len(parts))]
    waiting = iter(tokens)
    # Leading components without a token are one piece: they are joined back anyway.
    root = "/".join(head)
    components: list[_Component] = [(root + "/" if root in ("", parts[0]) else root,)]
    components.extend(tuple(_pieces(part, waiting)) for part in parts[len(head):])
    return components


def _pieces(part: str, tokens: Iterator[_Token]) -> Iterator[str | _Token]:
    for place, text in enumerate(part.split("\0")):
        if place:
            yield next(tokens)
        if text:
            yield text


def _per_frame(
    components: list[_Component], reference: FileReference, frames: Sequence,
) -> Iterator[list[list[Piece]]]:
    """The paths that the frames need, none twice."""
    kinds = {type(piece) for part in components for piece in part}
    if _Hashes in kinds:
        frames = reference.render_frames(frames)
    elif _Frame not in kinds:
        frames = Sequence.from_range(0, 0)  # only tiles: the frame does not matter
    for frame in frames:
        yield [
            [piece if isinstance(piece, str) else piece.text(frame, frame - reference.offset)
             for piece in part] for part in components]


def _wildcards(components: list[_Component]) -> list[list[Piece]]:
    return [
        [piece if isinstance(piece, str) else piece.wildcard() for piece in part]
        for part in components]


def _spell(components: list[list[Piece]]) -> str:
    names = ["".join(
        piece if isinstance(piece, str) else "<UDIM>" for piece in part) for part in components]
    return "/".join([names[0].rstrip("/")] + names[1:])
