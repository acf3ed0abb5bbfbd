"""The files that travel with a job: what the scene needs, the scripts, the package, the extras."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Collection, Iterable, Iterator

from conductor.clarisse import expressions
from conductor.clarisse.frames import JobFrames
from conductor.clarisse.resolving import scene_lookup
from conductor.clarisse.scan import Scan, leave_out, resolved, scan
from conductor.clarisse.snapshot import PathReference, Scene
from conductor.lib import paths
from conductor.lib.checks import Finding, error
from conductor.lib.dependencies import (
    FileReference,
    Policy,
    Resolution,
    ScanWatch,
    resolve,
)
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.sequence import Sequence
from conductor.lib.submission import UploadFile

__all__ = [
    "EXTRA_UPLOADS", "SCRIPT_FOLDER", "Uploads", "find_extras", "list_uploads",
    "sent_files",
]

SCRIPT_FOLDER = paths.normalize(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts"))
"""What travels to the render node, always."""

EXTRA_UPLOADS = "extra_uploads"


@dataclass(frozen=True)
class Uploads:
    """The files of a job, and who asked for them."""

    files: tuple[UploadFile, ...] = ()
    needed: Scan | None = None
    added: Resolution | None = None

    @property
    def inside(self) -> Iterator[PathReference]:
        """Paths of referenced projects."""
        for asker in self.needed.askers if self.needed else ():
            if asker.reference.project:
                yield asker.reference

    def askers(self, wanted: Collection[str]) -> dict[str, str]:
        """Who asks for each of these files (normal form), ``item.attribute`` or
        ``extra_uploads``; the first one where there are several."""
        answers = list(self.added.answers) if self.added else []
        if self.needed:
            answers = [one.answer for one in self.needed.askers if one.answer] + answers
        found: dict[str, str] = {}
        for answer in answers if wanted else ():
            for path in answer.files:
                if path in wanted:
                    found.setdefault(path, answer.reference.asked_by)
        return found


def list_uploads(
    scene: Scene, frames: JobFrames, policy: Policy, extra: Iterable[str], package: str,
    listing: DirectoryListing, path_map: paths.PathMap, watch: ScanWatch | None = None,
) -> tuple[Uploads, tuple[Finding, ...]]:
    """The files, sorted by destination, none twice; missing ones are findings and left out.

    Args:
        extra: paths that the artist or the configuration adds, variables allowed; folders stand
            for all files below them, patterns for all files that match.
        package: the render package, which need not exist yet.

    Raises:
        Cancelled: through ``watch``.
    """
    needed = scan(scene, frames, policy, listing, watch)
    added, findings = find_extras(scene, frames.frames, extra, listing)
    files: dict[str, UploadFile] = {}
    for path in (*sent_files(needed, added, listing), package):
        files.setdefault(listing.key(path), _upload(path))
    ordered = tuple(sorted(files.values(), key=lambda file: file.destination))
    return Uploads(ordered, needed, added), (
        *needed.findings, *findings, *_collisions(files.values(), path_map))


def find_extras(
    scene: Scene, frames: Sequence, extra: Iterable[str], listing: DirectoryListing,
) -> tuple[Resolution, tuple[Finding, ...]]:
    """What is sent beside the scan's files; all that is on disk, whatever the policy."""
    findings: list[Finding] = []
    references = list(_extras(extra, scene_lookup(scene), findings))
    found = resolve(references, frames, Policy.GLOB, listing, leave_out(scene))
    return found, (*findings, *found.findings)


def sent_files(needed: Scan, added: Resolution, listing: DirectoryListing) -> Iterator[str]:
    """Everything that travels but the package: a file may come more than once."""
    yield from needed.files
    yield from added.files
    for path in listing.files_below(SCRIPT_FOLDER):
        if "/__pycache__/" not in path:
            yield path


def _upload(path: str) -> UploadFile:
    return UploadFile(path.replace("/", os.sep), paths.destination(path))


def _extras(
    extra: Iterable[str], lookup: expressions.Lookup, findings: list[Finding],
) -> Iterator[FileReference]:
    for source in extra:
        path = resolved(source, EXTRA_UPLOADS, lookup, findings)
        if path:
            yield FileReference(path, EXTRA_UPLOADS)


def _collisions(files: Iterable[UploadFile], path_map: paths.PathMap) -> Iterator[Finding]:
    for one, other, target in path_map.collisions(file.destination for file in files):
        yield error("paths-collide", other, (
            '"%s" and "%s" would both be "%s" on the render node. Move one of them, or give it a '
            "place of its own in path_map." % (one, other, target)))
