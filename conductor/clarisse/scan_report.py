"""A scan for people: every file with its size and who asks for it, and why a path is not there."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any, Iterator

from conductor.clarisse.frames import JobFrames
from conductor.clarisse.scan import SKIP_TEXTS, Asker, Scan, Skip, scan
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.upload_list import EXTRA_UPLOADS, find_extras, sent_files
from conductor.lib import paths
from conductor.lib.checks import Finding
from conductor.lib.dependencies import Answer, Policy, ScanWatch, varies
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.path_patterns import PathPattern
from conductor.lib.sequence import Sequence

OURS = "conductor"
"""Who asks for the scripts that travel with every job."""


@dataclass(frozen=True)
class Reason:
    """One path of the scene, and what it has to do with a file.

    Attributes:
        asked_by: item and attribute, with the referenced project that holds them.
        source: the text as typed.
        resolved: the text with its variables, the frame left in.
        frames: render frames that need the file, as a frame spec; empty when none does.
        via: for an item of a referenced project: what references that project, outermost first.
    """

    asked_by: str
    source: str
    resolved: str
    frames: str = ""
    via: tuple[str, ...] = ()


@dataclass(frozen=True)
class Why:
    """Whether a file is uploaded, and why (not)."""

    path: str
    uploaded: bool
    reasons: tuple[Reason, ...] = ()
    why_not: str = ""

    def to_json(self) -> dict[str, Any]:
        """As ``--why --json`` prints it."""
        return asdict(self)

    def to_text(self) -> str:
        """A few lines."""
        head = "%s is %suploaded" % (self.path, "" if self.uploaded else "not ")
        lines = [head + (": " + self.why_not if self.why_not else "")]
        for reason in self.reasons:
            lines += ["  asked for by " + reason.asked_by, "    text      " + reason.source]
            if reason.resolved != reason.source:
                lines.append("    means     " + reason.resolved)
            if reason.frames:
                lines.append("    frames    " + reason.frames)
            lines += ["    in a project referenced by " + name for name in reason.via]
        return "\n".join(lines)


@dataclass(frozen=True)
class ScannedFile:
    """A file that would be uploaded; its size in bytes, None when it cannot be asked for."""

    path: str
    size: int | None
    asked_by: tuple[str, ...]


class ScanReport:
    """What a job uploads beside its render package.

    Attributes:
        files: sorted by path.
        missing: path and asker.
    """

    def __init__(
        self, scene: Scene, frames: JobFrames, policy: Policy, extra: tuple[str, ...],
        watch: ScanWatch | None = None,
    ) -> None:
        """Scan; raises Cancelled through ``watch``."""
        listing = DirectoryListing()
        self._listing = listing
        self.scan: Scan = scan(scene, frames, policy, listing, watch)
        self._added, found = find_extras(scene, frames.frames, extra, listing)
        self.missing = self.scan.missing + self._added.missing
        self.findings: tuple[Finding, ...] = (*self.scan.findings, *found)
        asked = self._asked()
        names = {listing.key(path): path for path in sent_files(self.scan, self._added, listing)}
        self.files = tuple(
            ScannedFile(path, _size(path), tuple(asked.get(key, {OURS: None})))
            for key, path in sorted(names.items(), key=lambda one: one[1]))

    def _asked(self) -> dict[str, dict[str, None]]:
        """Who asks for each file."""
        asked: dict[str, dict[str, None]] = {}
        for answer in self._answers():
            for path in answer.files:
                asked.setdefault(self._listing.key(path), {})[answer.reference.asked_by] = None
        return asked

    def _answers(self) -> Iterator[Answer]:
        for asker in self.scan.askers:
            if asker.answer is not None:
                yield asker.answer
        yield from self._added.answers

    @property
    def total_size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size or 0 for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "files": [
                {"path": file.path, "size": file.size, "asked_by": list(file.asked_by)}
                for file in self.files],
            "missing": [{"path": path, "asked_by": name} for path, name in self.missing],
            "findings": [finding.to_json() for finding in self.findings],
        }

    # -- why

    def why(self, path: str) -> Why:
        """Who asks for a file, or why nobody does; a relative path is seen from here."""
        normal = paths.normalize(path if paths.is_absolute(path) else os.path.abspath(path))
        key = self._listing.key(normal)
        reasons = tuple(self._reasons(key))
        if reasons:
            return Why(normal, True, reasons)
        if any(self._listing.key(file.path) == key for file in self.files):
            return Why(normal, True, (Reason(OURS, normal, normal),))
        return self._why_not(normal)

    def _reasons(self, key: str) -> Iterator[Reason]:
        for asker in self.scan.askers:
            answer = asker.answer
            for file in answer.files if answer is not None else ():
                if answer is not None and self._listing.key(file) == key:
                    yield self._reason(asker, answer.frames_of(file, self.scan.frames))
        for answer in self._added.answers:
            if any(self._listing.key(file) == key for file in answer.files):
                path = answer.reference.path
                yield Reason(EXTRA_UPLOADS, path, path, str(self.scan.frames))

    def _reason(self, asker: Asker, frames: Sequence | None = None) -> Reason:
        reference = asker.reference
        return Reason(
            reference.asked_by, reference.source, asker.path,
            "" if frames is None else str(frames), tuple(self._via(reference.project)))

    def _via(self, project: str) -> list[str]:
        askers = {one.path: one.asked_by for one in self.scan.projects}
        names: list[str] = []
        while project in askers and askers[project] not in names:
            names.append(askers[project])
            project = names[-1].rpartition(": project://")[0]
        return names[::-1]

    def _why_not(self, path: str) -> Why:
        if self._listing.file(path) is None:
            asking = tuple(
                self._reason(asker) for asker in self.scan.askers
                if asker.answer is not None and path in asker.answer.missing)
            return Why(path, False, asking, "it is not on disk" if asking else (
                "it is not on disk, and nothing in the scene names it"))
        for skipped, why_not in (
            (True, "it is named only where no render reads it"),
            (False, "none of the frames %s needs it" % self.scan.frames),
        ):
            asking_here = [asker for asker in self.scan.askers
                           if (asker.skip is not None) is skipped and _may_mean(asker, path)]
            if asking_here:
                rules = dict.fromkeys(asker.skip for asker in asking_here if asker.skip)
                told = "; ".join("%s (rule %s)" % (SKIP_TEXTS[rule], rule.value) for rule in rules)
                return Why(path, False, tuple(map(self._reason, asking_here)), told or why_not)
        return Why(path, False, (), self._unnamed(path))

    def _unnamed(self, path: str) -> str:
        hints = [finding for finding in self.findings
                 if finding.code in ("path-unscanned", "path-expression", "variable-unknown")]
        if not hints:
            return "nothing in the scene names it"
        return "nothing that could be read names it; these could not be read: %s" % "; ".join(
            "%s [%s]" % (finding.subject, finding.code) for finding in hints)


def _may_mean(asker: Asker, path: str) -> bool:
    """True when the asker's path means this one at some frame, or is a folder around it."""
    if not asker.path or not paths.is_absolute(asker.path):
        return False
    asked = paths.normalize(asker.path)
    if varies(asked):
        return PathPattern(asked).covers(path)
    is_output = asker.skip is Skip.SAVE and path.startswith(asked)
    return asked == path or is_output or path.startswith(asked.rstrip("/") + "/")


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None
