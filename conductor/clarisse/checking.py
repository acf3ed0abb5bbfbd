"""The checks that look at a submission as a whole, once it is built.

What a part of the build finds while it reads its own settings is reported there; what needs
several parts, or the disk, is here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Iterator, Mapping, Sequence

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.choices import check_version
from conductor.clarisse.file_checks import check_files
from conductor.clarisse.frames import JobFrames
from conductor.clarisse.name_spelling import spelled_otherwise
from conductor.clarisse.output_names import find_output_names, overwritten, written_twice
from conductor.clarisse.output_paths import Outputs
from conductor.clarisse.package_plan import PackagePlan, widened_ranges
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.scan import Asker
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.text_checks import (
    check_cnode_path,
    check_names,
    check_secrets,
    check_template,
)
from conductor.clarisse.upload_list import SCRIPT_FOLDER, Uploads
from conductor.lib import paths
from conductor.lib.checks import Finding, info, warning
from conductor.lib.errors import ExpressionError
from conductor.lib.submission import Submission

ABSURD_TASKS = 10000


@dataclass(frozen=True)
class Subject:
    """A built submission with what it was made of."""

    settings: JobSettings
    scene: Scene
    frames: JobFrames
    outputs: Outputs
    packages: Sequence[Mapping[str, Any]]
    extra_uploads: Sequence[str]
    submission: Submission
    plan: PackagePlan
    uploads: Uploads


def check(subject: Subject) -> Iterator[Finding]:
    """Everything that is worth telling of a submission as a whole."""
    settings, scene, submission = subject.settings, subject.scene, subject.submission
    yield from check_names(settings)
    yield from check_template(settings)
    yield from check_cnode_path(settings, subject.plan.path_map.to_node(subject.plan.path))
    yield from check_secrets(submission, subject.packages, settings.task_template)
    yield from check_version(subject.packages, scene.version, scene.version_name)
    yield from _totals(subject)
    yield from _outside(subject)
    if scene.modified:
        yield info("scene-modified", "scene", (
            '"%s" has changes that are not saved. The render package holds them, the file does '
            "not." % scene.path))
    yield from _outputs(subject)
    yield from spelled_otherwise(
        scene, (one.reference for one in _scanned(subject)), subject.extra_uploads)
    yield from _files(subject)


def _files(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the files themselves, each with the attribute that asks for it."""
    findings = check_files(file.path for file in _given(subject))
    askers = subject.uploads.askers({paths.normalize(one.subject) for one in findings})
    for finding in findings:
        asked_by = askers.get(paths.normalize(finding.subject), "")
        if asked_by:
            item, _, attribute = asked_by.rpartition(".")
            finding = replace(
                finding, item=item or subject.scene.job, attribute=attribute,
                message="%s %s asks for it." % (finding.message, asked_by))
        yield finding


def _given(subject: Subject) -> Iterator[Any]:
    """What is uploaded but for what we add ourselves."""
    ours = (paths.destination(subject.plan.path), SCRIPT_FOLDER + "/")
    for file in subject.submission.upload_files:
        if not file.destination.startswith(ours):
            yield file


def _totals(subject: Subject) -> Iterator[Finding]:
    count = subject.frames.task_count
    if count > ABSURD_TASKS:
        yield warning("tasks-absurd", "chunk_size", (
            "The job has %d tasks. Raise the chunk size, unless so many are meant." % count))


def _outside(subject: Subject) -> Iterator[Finding]:
    ranges = widened_ranges(subject.frames) if subject.settings.use_custom_frames else {}
    for image in (one.image for one in subject.frames.images):
        if image.path in ranges:
            yield info("frames-outside", image.path, (
                "The custom frames are not all among the image's own, %d to %d by %d. The render "
                "package gives it the range %d to %d." % (
                    image.first_frame, image.last_frame, max(1, image.frame_step),
                    *ranges[image.path])))


def _outputs(subject: Subject) -> Iterator[Finding]:
    names = find_output_names(subject.scene, subject.frames)
    yield from written_twice(names)
    yield from overwritten(names, (file.destination for file in _given(subject)))
    yield from _uploaded_folders(subject)


def _uploaded_folders(subject: Subject) -> Iterator[Finding]:
    """Folders that are uploaded whole although images are written into them."""
    for asked_by, folder in _folders(subject):
        start = paths.comparable(folder).rstrip("/") + "/"
        inside = [out for out in subject.outputs.folders
                  if (paths.comparable(out) + "/").startswith(start)]
        if inside and os.path.isdir(folder):
            yield warning("output-in-upload", asked_by, (
                'The folder "%s" is uploaded whole, and images are written into "%s". Images that '
                "are there already are left out; whatever else is written there is uploaded. "
                "Write them elsewhere, or upload a folder without them." % (folder, inside[0])))


def _folders(subject: Subject) -> Iterator[tuple[str, str]]:
    """Who asks, and for what: the paths that may be folders."""
    lookup = scene_lookup(subject.scene)
    for asker in _scanned(subject):
        path = paths.normalize(asker.path)
        if paths.folder_of(path) != path:  # of a whole disk nothing is uploaded
            yield asker.reference.asked_by, path
    for source in subject.extra_uploads:
        try:
            path = resolve_path(source, lookup).strip()
        except ExpressionError:
            continue
        if paths.is_absolute(path):
            yield "extra_uploads", paths.normalize(path)


def _scanned(subject: Subject) -> Iterator[Asker]:
    needed = subject.uploads.needed
    for asker in needed.askers if needed is not None else ():
        if asker.skip is None and asker.path and paths.is_absolute(asker.path):
            yield asker
