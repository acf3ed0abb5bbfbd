"""The files that travel with a job: what the scene needs, the scripts, the package, the extras."""

from __future__ import annotations

import os
from typing import Iterable, Iterator

from conductor.clarisse import expressions
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.snapshot import PathHint, PathReference, Scene
from conductor.lib import paths
from conductor.lib.checks import Finding, error, warning
from conductor.lib.dependencies import FileReference, Policy, resolve
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ExpressionError
from conductor.lib.sequence import Sequence
from conductor.lib.submission import UploadFile

SCRIPT_FOLDER = paths.normalize(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts"))
"""What travels to the render node, always."""

_EXPLICIT_RANGE = 1
_DERIVED = "filename_sys"


def list_uploads(
    scene: Scene, frames: Sequence, policy: Policy, extra: Iterable[str], package: str,
    listing: DirectoryListing, path_map: paths.PathMap,
) -> tuple[tuple[UploadFile, ...], tuple[Finding, ...]]:
    """The files, sorted by destination, none twice; missing ones are findings and left out.

    Args:
        extra: paths that the artist or the configuration adds, variables allowed; folders stand
            for all files below them, patterns for all files that match.
        package: the render package, which need not exist yet.
    """
    findings: list[Finding] = []
    lookup = scene_lookup(scene)
    needed = resolve(_references(scene, lookup, findings), frames, policy, listing)
    added = resolve(_extras(extra, lookup, findings), frames, Policy.GLOB, listing)
    findings += needed.findings + added.findings
    files: dict[str, UploadFile] = {}
    for path in (*needed.files, *added.files, *listing.files_below(SCRIPT_FOLDER), package):
        if "/__pycache__/" not in path or not path.startswith(SCRIPT_FOLDER):
            files.setdefault(listing.key(path), _upload(path))
    findings += _collisions(files.values(), path_map)
    return tuple(sorted(files.values(), key=lambda file: file.destination)), tuple(findings)


def _upload(path: str) -> UploadFile:
    return UploadFile(path.replace("/", os.sep), paths.destination(path))


def is_scanned(reference: PathReference) -> bool:
    """False for what no render reads: outputs, private attributes, disabled items, copies that
    Clarisse derives itself."""
    return (
        reference.hint is not PathHint.SAVE and reference.enabled and not reference.private
        and reference.attribute != _DERIVED)


def _references(
    scene: Scene, lookup: expressions.Lookup, findings: list[Finding],
) -> Iterator[FileReference]:
    for reference in filter(is_scanned, scene.references):
        asked_by = "%s.%s" % (reference.item, reference.attribute)
        path = _resolved(reference.source, asked_by, lookup, findings)
        sequence = reference.sequence
        if not path:
            continue
        if sequence is None or sequence.mode == 0:
            # Off: the attributes beside the path say nothing.
            yield FileReference(path, asked_by)
        elif sequence.mode == _EXPLICIT_RANGE:
            yield FileReference(path, asked_by, sequence.start, sequence.end, sequence.offset)
        else:
            yield FileReference(path, asked_by, offset=sequence.offset)


def _extras(
    extra: Iterable[str], lookup: expressions.Lookup, findings: list[Finding],
) -> Iterator[FileReference]:
    for source in extra:
        path = _resolved(source, "extra_uploads", lookup, findings)
        if path:
            yield FileReference(path, "extra_uploads")


def _resolved(
    source: str, asked_by: str, lookup: expressions.Lookup, findings: list[Finding],
) -> str:
    """The path of a text; empty, with a finding, where it cannot be told."""
    try:
        return resolve_path(source, lookup).strip()
    except ExpressionError as problem:
        findings.append(warning("path-expression", asked_by, (
            "%s\nIts files are not uploaded. Write the path without calculation, or add the "
            "files to Extra Uploads." % problem)))
        return ""


def _collisions(files: Iterable[UploadFile], path_map: paths.PathMap) -> Iterator[Finding]:
    for one, other, target in path_map.collisions(file.destination for file in files):
        yield error("paths-collide", other, (
            '"%s" and "%s" would both be "%s" on the render node. Move one of them, or give it a '
            "place of its own in path_map." % (one, other, target)))
