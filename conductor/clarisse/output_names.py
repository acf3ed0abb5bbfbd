"""The exact names of the files that a job writes, and which of them would be written twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Iterable, Iterator

from conductor.clarisse import expressions
from conductor.clarisse.classes import output_name
from conductor.clarisse.frames import ImageFrames, JobFrames
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.snapshot import Scene
from conductor.lib import paths
from conductor.lib.checks import Finding, error
from conductor.lib.errors import ExpressionError

_FRAME = re.compile(r"\$([0-9]?)F(?::|(?![A-Za-z0-9_]))")
_TRAILING_DIGITS = re.compile(r"[0-9]+(?=\.[a-z]+$|$)")


@dataclass(frozen=True)
class Output:
    """An image or layer with the frames that the job renders of it.

    Attributes:
        pattern: the path without number and extension, variables resolved but for the frame.
        tiles: how many files each frame is written as.
    """

    one: ImageFrames
    pattern: str
    tiles: int = 1

    @property
    def item(self) -> str:
        """Full name of the image or layer."""
        return self.one.image.path

    @property
    def varies(self) -> bool:
        """True when the path holds the frame somewhere."""
        return _FRAME.search(self.pattern) is not None or "#" in self.pattern

    def name(self, frame: int, tile: int = 1) -> str:
        """The file of a frame, or of its tile, with forward slashes, as the workstation calls it.

        Args:
            tile: from 1 on.
        """
        def number(found: re.Match[str]) -> str:
            return "%0*d" % (int(found.group(1) or 0), frame)

        stem = _FRAME.sub(number, self.pattern) if self.varies else self.pattern
        return output_name(stem, frame, self.one.image.file_format, tile, self.tiles)

    def names(self, frame: int) -> Iterator[str]:
        """All files of a frame, tile by tile."""
        return (self.name(frame, tile) for tile in range(1, self.tiles + 1))


def find_output_names(scene: Scene, frames: JobFrames) -> tuple[Output, ...]:
    """The outputs of a job whose names can be told; the others have findings of their own."""
    lookup = scene_lookup(scene)
    found = (_output(one, lookup, frames.tiles) for one in frames.images)
    return tuple(output for output in found if output is not None)


def _output(one: ImageFrames, lookup: expressions.Lookup, tiles: int) -> Output | None:
    try:
        path = resolve_path(one.image.save_as, lookup)
    except ExpressionError:
        return None
    if not path.strip() or path.endswith(("/", "\\")) or not paths.is_absolute(path):
        return None
    return Output(one, paths.normalize(path), tiles)


def written_twice(outputs: Iterable[Output]) -> Iterator[Finding]:
    """One error for each two items that would write a file of the same name."""
    seen: dict[str, Output] = {}
    twice: dict[tuple[str, str], list[str]] = {}
    for output in _suspects(list(outputs)):
        for frame in output.one.frames:
            name = output.name(frame)
            other = seen.setdefault(name.lower(), output)
            if other is not output:
                twice.setdefault((other.item, output.item), []).append(name)
    for (first, second), names in twice.items():
        yield error("output-collision", second, (
            '"%s" and "%s" would both write "%s"%s. Give each a file name of its own.' % (
                first, second, names[0],
                " and %d more files" % (len(names) - 1) if len(names) > 1 else "")),
            tuple("%s.format" % item for item in (first, second)))


def _suspects(outputs: list[Output]) -> list[Output]:
    """Those that share a name but for digits with another one; most jobs have none, and their
    millions of names need not be made."""
    owners: dict[str, int] = {}
    keys = [_keys(output) for output in outputs]
    for own in keys:
        for key in own:
            owners[key] = owners.get(key, 0) + 1
    return [output for output, own in zip(outputs, keys) if any(owners[key] > 1 for key in own)]


def _keys(output: Output) -> set[str]:
    """The names without the digits at their end."""
    frames: Iterable[int] = output.one.frames
    some = frames if output.varies else islice(frames, 1)
    return {_TRAILING_DIGITS.sub("", output.name(frame).lower()) for frame in some}


def overwritten(outputs: Iterable[Output], inputs: Iterable[str]) -> Iterator[Finding]:
    """One error for each item that would write over a file that it was given.

    Args:
        inputs: what is uploaded, with forward slashes.
    """
    by_folder: dict[str, set[str]] = {}
    for path in inputs:
        by_folder.setdefault(path.rpartition("/")[0].lower(), set()).add(path.lower())
    for output in outputs:
        name = next(_hits(output, by_folder), "")
        if name:
            yield error("output-overwrites-input", output.item, (
                '"%s" would be overwritten by the render, and is uploaded for it. Write the '
                "image elsewhere." % name))


def _hits(output: Output, by_folder: dict[str, set[str]]) -> Iterator[str]:
    is_empty = not output.varies and output.pattern.rpartition("/")[0].lower() not in by_folder
    for frame in () if is_empty else output.one.frames:
        for name in output.names(frame):
            if name.lower() in by_folder.get(name.rpartition("/")[0].lower(), ()):
                yield name
