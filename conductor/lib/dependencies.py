"""From the paths that a scene names to the files on disk that its frames need.

Two kinds of path vary with time. ``####`` is the number of a file in a sequence: it follows the
sequence attributes beside the path. ``$F`` and ``$4F`` are the render frame itself. A tile tag
(``<UDIM>``) does not vary with time: every tile on disk is needed. How texts are read is in
:mod:`conductor.lib.path_patterns`.

A sequence is played by the clock: render frame ``r`` shows file ``(r - offset) * speed``, rounded
down, where ``speed`` is the sequence's rate over the project's. Outside its range it shows nothing
(drop), its first or last file (hold), or starts again (repeat). That a speed other than 1 counts
from frame 0 and is rounded down is unverified.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from typing import AbstractSet, Callable, Iterable, Iterator, Tuple

from conductor.lib import paths
from conductor.lib.checks import Finding, error, warning
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import Cancelled
from conductor.lib.path_patterns import PathPattern, unknown_variable, varies
from conductor.lib.progress import Progress, ProgressCallback
from conductor.lib.sequence import MAX_FRAME, Sequence

__all__ = [
    "Answer", "Behavior", "FileReference", "Policy", "Resolution", "ScanWatch", "resolve",
    "varies",
]

LeaveOut = Callable[[str, str], bool]
"""Given a folder that is asked for and a file below it: True to leave the file out."""

_LOOK_EVERY = 64
"""References between two reports of progress."""


class Policy(IntEnum):
    """How files are found."""

    NO_SCAN = 0
    """Not at all."""
    GLOB = 1
    """Everything on disk that a path may mean at any frame."""
    SMART = 2
    """What the rendered frames need."""


class Behavior(IntEnum):
    """What a sequence shows outside its range; Clarisse's order of the menu."""

    DROP = 0
    HOLD = 1
    REPEAT = 2


@dataclass(frozen=True)
class FileReference:
    """A path that an item names.

    Attributes:
        path: variables resolved, but for the frame: ``/tex/bg.####.png``, ``/tex/a.$4F.png``.
        asked_by: item and attribute, for messages.
        start, end: first and last file of a sequence, both or neither; no bounds when None.
        offset: frames that a sequence is shifted by: file 1 shows at render frame 1 + offset.
        speed: files per render frame.
        before, after: what shows outside the range.
        frames: render frames that need it; those of the whole job when None.
    """

    path: str
    asked_by: str
    start: int | None = None
    end: int | None = None
    offset: int = 0
    speed: Fraction = Fraction(1)
    before: Behavior = Behavior.DROP
    after: Behavior = Behavior.DROP
    frames: Sequence | None = None

    def render_frames(self, frames: Sequence) -> Sequence:
        """Those of the frames at which the sequence, played at its own speed, is in its range."""
        first = 0 if self.start is None else max(0, self.start)
        last = MAX_FRAME if self.end is None else self.end
        first, last = max(0, first + self.offset), min(MAX_FRAME, last + self.offset)
        return frames & Sequence.from_range(first, last) if first <= last else Sequence()

    def file_frame(self, render_frame: int) -> int | None:
        """The number of the file that a render frame shows; None when it shows none."""
        shift, speed = render_frame - self.offset, self.speed
        number = shift if speed == 1 else shift * speed.numerator // speed.denominator
        if self.start is not None and self.end is not None:
            first, last = self.start, self.end
            if number < first:
                number = _outside(number, first, last, self.before, first)
            elif number > last:
                number = _outside(number, first, last, self.after, last)
        return number if number >= 0 else None

    def shows(self, frames: Sequence) -> Iterator[tuple[int, int]]:
        """Render frame and number of the file, for each render frame that shows one."""
        if self.speed == 1 and self.before is self.after is Behavior.DROP:
            for frame in self.render_frames(frames):
                yield frame, frame - self.offset
            return
        for frame in frames:
            number = self.file_frame(frame)
            if number is not None:
                yield frame, number


def _outside(number: int, first: int, last: int, behavior: Behavior, held: int) -> int:
    """The file for a number outside the range; negative for none."""
    if behavior is Behavior.HOLD:
        return held
    if behavior is Behavior.REPEAT and first <= last:
        return first + (number - first) % (last - first + 1)
    return -1


@dataclass(frozen=True)
class Answer:
    """What one reference needs.

    Attributes:
        files: paths as they are on disk, in the order of the frames.
        missing: paths that are not on disk; one with a tile tag, or one looked for by pattern,
            stands for all its files.
    """

    reference: FileReference
    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def frames_of(self, path: str, frames: Sequence) -> Sequence:
        """The render frames that need a file of the answer.

        Args:
            frames: of the whole job; those of the reference count when it has its own.
        """
        frames = frames if self.reference.frames is None else self.reference.frames
        normal = paths.normalize(self.reference.path)
        pattern = PathPattern(normal)
        if not pattern.has_frame and not pattern.has_hashes:
            return frames
        wanted = (
            render for render, number in _shown(pattern, self.reference, frames)
            if (PathPattern(pattern.at(render, number)).covers(path) if pattern.has_tiles
                else (path + "/").startswith(pattern.at(render, number) + "/")))
        return Sequence.from_frames(wanted)


@dataclass(frozen=True)
class Resolution:
    """What a scan gives.

    Attributes:
        files: paths as they are on disk, none twice, in the order they were asked for.
        missing: ``(path, asked_by)`` of what is not on disk.
        findings: one warning for each reference that misses something.
        answers: one for each reference, in their order.
    """

    files: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()


class ScanWatch:
    """Reports how far a scan has come, and ends it when that is asked for.

    Raises (from :meth:`step`):
        Cancelled: the event is set, or the callback answered False.
    """

    def __init__(
        self, on_progress: ProgressCallback | None = None, cancel: threading.Event | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._cancel = cancel

    def step(self, done: int, total: int) -> None:
        """So many of so many references are done."""
        stopped = self._cancel is not None and self._cancel.is_set()
        if not stopped and self._on_progress is not None:
            stopped = self._on_progress(
                Progress("Scanning", files_done=done, files_total=total)) is False
        if stopped:
            raise Cancelled("the dependency scan was cancelled")


_Found = Tuple[Tuple[str, ...], Tuple[str, ...]]


def resolve(
    references: Iterable[FileReference], frames: Sequence, policy: Policy,
    listing: DirectoryListing, leave_out: LeaveOut | None = None, watch: ScanWatch | None = None,
) -> Resolution:
    """Find the files that these frames need.

    Args:
        references: paths with every variable but the frame resolved.
        frames: what is rendered.
        listing: the disk; hand the same one to several calls to list no directory twice.
        leave_out: which files below a folder that is asked for are not wanted.

    Raises:
        Cancelled: through ``watch``.
    """
    files: dict[str, str] = {}
    missing: dict[tuple[str, str], None] = {}
    findings: list[Finding] = []
    answers: list[Answer] = []
    finder = _Finder(frames, policy, listing, leave_out)
    wanted = list(references) if policy is not Policy.NO_SCAN else []
    for place, reference in enumerate(wanted):
        if watch is not None and place % _LOOK_EVERY == 0:
            watch.step(place, len(wanted))
        complaint = _complaint(reference)
        found, absent = ((), (reference.path,)) if complaint else finder.find(reference)
        for path in found:
            files.setdefault(listing.key(path), path)
        missing.update(dict.fromkeys((path, reference.asked_by) for path in absent))
        if absent:
            findings.append(complaint or _closed_finding(reference, absent, listing.closed) or (
                _missing_finding(reference, found, absent)))
        answers.append(Answer(reference, found, absent))
    if watch is not None:
        watch.step(len(wanted), len(wanted))
    return Resolution(tuple(files.values()), tuple(missing), tuple(findings), tuple(answers))


def _complaint(reference: FileReference) -> Finding | None:
    """Why a path cannot be looked for at all."""
    unknown = unknown_variable(reference.path)
    if unknown:
        return warning("variable-unknown", reference.asked_by, (
            'The variable "%s" in "%s" is not defined here, so its file is not uploaded. Define it '
            "or write the path out." % (unknown, reference.path)))
    if not paths.is_absolute(reference.path) or "\0" in reference.path:
        return warning("path-relative", reference.asked_by, (
            '"%s" is not an absolute path, so its file is not uploaded. Write the path out, or '
            "with $PDIR before it." % reference.path))
    normal = paths.normalize(reference.path)
    if paths.folder_of(normal) == normal:
        return warning("path-root", reference.asked_by, (
            '"%s" is a whole disk or share, so nothing is uploaded for it. Name the folder that '
            "is needed." % reference.path))
    return None


def _closed_finding(
    reference: FileReference, absent: tuple[str, ...], closed: AbstractSet[str],
) -> Finding | None:
    folder = next((path for path in absent if path in closed), None)
    return None if folder is None else error("file-unreadable", reference.asked_by, (
        'The folder "%s" cannot be listed, so nothing in it is uploaded. Give yourself the right '
        "to read it." % folder))


def _missing_finding(
    reference: FileReference, found: tuple[str, ...], absent: tuple[str, ...],
) -> Finding:
    if len(absent) == 1 and not found:
        return warning("file-missing", reference.asked_by, (
            '"%s" is not on disk. Restore it, or correct the path.' % absent[0]))
    several = warning("file-missing", reference.asked_by, (
        '%d of %d files of "%s" are not on disk, the first is "%s". Restore them, or correct the '
        "sequence." % (len(absent), len(absent) + len(found), reference.path, absent[0])))
    return replace(several, files=absent)


class _Finder:
    """Looks references up on one disk, for one job; the same question is answered once."""

    def __init__(
        self, frames: Sequence, policy: Policy, listing: DirectoryListing,
        leave_out: LeaveOut | None,
    ) -> None:
        self._frames = frames
        self._policy = policy
        self._listing = listing
        self._leave_out = leave_out
        self._literals: dict[str, _Found] = {}
        self._patterns: dict[tuple[object, ...], _Found] = {}

    def find(self, reference: FileReference) -> _Found:
        """Files found, and paths that are not there."""
        path = paths.normalize(reference.path)
        if not varies(path):
            if path not in self._literals:
                self._literals[path] = self._literal(path)
            return self._literals[path]
        key: tuple[object, ...] = (path,) if self._policy is Policy.GLOB else (
            path, reference.start, reference.end, reference.offset, reference.speed,
            reference.before, reference.after, reference.frames)
        if key not in self._patterns:
            pattern = PathPattern(path)
            self._patterns[key] = self._every(pattern) if (
                self._policy is Policy.GLOB) else self._needed(pattern, reference)
        return self._patterns[key]

    def _literal(self, path: str) -> _Found:
        file = self._listing.file(path)
        if file is not None:
            return (file,), ()
        if not self._listing.has_folder(path):
            return (), (path,)
        return self._below([path])

    def _below(self, folders: Iterable[str]) -> _Found:
        """Everything in folders; those that cannot be listed are missing."""
        found: dict[str, None] = {}
        closed: list[str] = []
        leave_out = self._leave_out
        for folder in folders:
            below = self._listing.files_below(folder)
            found.update(dict.fromkeys(below if leave_out is None else (
                file for file in below if not leave_out(folder, file))))
            closed += [one for one in sorted(self._listing.closed)
                       if (one + "/").startswith(folder + "/")]
        return tuple(found), tuple(closed)

    def _every(self, pattern: PathPattern) -> _Found:
        components = pattern.wildcards()
        found = tuple(self._listing.matching(components))
        if found:
            return found, ()
        folders = self._listing.matching(components, want_folders=True)
        inside, closed = self._below(folders)
        return inside, closed if folders else (pattern.path,)

    def _needed(self, pattern: PathPattern, reference: FileReference) -> _Found:
        frames = self._frames if reference.frames is None else reference.frames
        # The number of a file that does not depend on a frame must not be asked for twice.
        wanted = dict.fromkeys(
            pattern.at(render, number) for render, number in _shown(pattern, reference, frames))
        found: dict[str, None] = {}
        absent: list[str] = []
        for path in wanted:
            here, not_here = self._every(PathPattern(path)) if pattern.has_tiles else (
                self._literal(path))
            found.update(dict.fromkeys(here))
            absent.extend(not_here)
        return tuple(found), tuple(absent)


def _shown(
    pattern: PathPattern, reference: FileReference, frames: Sequence,
) -> Iterable[tuple[int, int]]:
    """Render frame and number of the file wherever the path means a file."""
    if pattern.has_hashes:
        return reference.shows(frames)
    if pattern.has_frame:
        return ((frame, frame) for frame in frames)
    return ((0, 0),)  # only tiles: the frame does not matter
