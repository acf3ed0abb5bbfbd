"""Where the images of a job are written: each one's folder, and the folder that holds them all."""

from __future__ import annotations

from dataclasses import dataclass

from conductor.clarisse import expressions
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.snapshot import Image, Scene
from conductor.lib import paths
from conductor.lib.checks import Finding, error
from conductor.lib.errors import ExpressionError, InputError
from conductor.lib.path_patterns import unknown_variable, varies


@dataclass(frozen=True)
class Outputs:
    """Folders on the workstation, forward slashes, none twice.

    Attributes:
        folders: what the images are written to, in their order.
        common: the folder below which all of them lie; empty when there is none.
    """

    folders: tuple[str, ...] = ()
    common: str = ""


def find_outputs(scene: Scene) -> tuple[Outputs, tuple[Finding, ...]]:
    """The folders of the job's enabled images, and what is wrong with their output settings."""
    folders: dict[str, str] = {}
    findings: list[Finding] = []
    lookup = scene_lookup(scene)
    for image in scene.images:
        if not image.enabled:
            continue
        folder = _folder(image, lookup, findings)
        if folder:
            folders.setdefault(paths.comparable(folder), folder)
    found = tuple(folders.values())
    try:
        common = paths.common_folder(found) if found else ""
    except InputError as problem:
        common = ""
        findings.append(error("output-path-common", "images", str(problem)))
    return Outputs(found, common), tuple(findings)


def _folder(image: Image, lookup: expressions.Lookup, findings: list[Finding]) -> str:
    """The folder of one image; empty, with a finding, when it has none."""
    if not image.render_to_disk:
        findings.append(error("render-to-disk-off", image.path, (
            "Render To Disk is off, so nothing would be written. Turn it on, or take the image "
            "out of the job."), ("%s.render_to_disk" % image.path,)))
    if not image.save_as.strip():
        findings.append(error("output-path-missing", image.path, (
            "Save As is empty, so nothing would be written. Give it a folder and a file name.")))
        return ""
    try:
        path = resolve_path(image.save_as, lookup)
    except ExpressionError as problem:
        findings.append(error("output-path-expression", image.path, "Save As: %s" % problem))
        return ""
    complaint = _complaint(path)
    if complaint:
        findings.append(error(complaint[0], image.path, complaint[1] % path))
        return ""
    return _fixed_folder(paths.folder_of(path))


def _complaint(path: str) -> tuple[str, str] | None:
    if path.endswith(("/", "\\")):
        return "output-path-folder", (
            'Save As "%s" is a folder. Add the beginning of a file name to it.')
    if not paths.is_absolute(path):
        return "output-path-relative", (
            'Save As "%s" is not an absolute path. Write it out, or with $PDIR before it; a '
            "variable in it may have no value.")
    unknown = unknown_variable(path)
    if unknown:
        return "output-path-expression", (
            'Save As "%%s": the variable %s has no value on a render node. Write the path out, or '
            "with variables of the scene." % unknown.replace("%", "%%"))
    return None


def _fixed_folder(folder: str) -> str:
    """The part of a folder that is the same for every frame."""
    while varies(folder):
        folder = paths.folder_of(folder)
    return folder
