"""What becomes of the scene's snapshot on its way to a render package, as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping

from conductor.clarisse import package_text
from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.nested_packages import NestedPackage, plan_nested
from conductor.clarisse.node_config import usable_source
from conductor.clarisse.package_folders import is_read_only
from conductor.clarisse.references import is_context, is_project_reference
from conductor.clarisse.snapshot import Scene
from conductor.lib.config import Config
from conductor.lib.paths import PathMap, folder_of, join, normalize
from conductor.lib.sequence import Sequence
from conductor.lib.submission import Submission

ID_DIGITS = 8
"""How much of the submission's id the package's name carries."""

ARCHIVE = "archive"
_UNSAVED = "untitled"
# As scripts/ct_cnode knows them.
_ENDING = ".render.project"
_CONFIG_ENDING = ".clarisse.cfg"


@dataclass(frozen=True)
class PackagePlan:
    """Where the package goes and what is edited in it.

    Attributes:
        path: the package's file on this workstation.
        remove_classes: items of these classes are taken out.
        ranges: first and last frame that images and layers must have, by item path.
        path_map: what render nodes call paths of this workstation.
        pdir: folder that replaces ``$PDIR``; empty where the package lies beside its scene.
        is_archive: True for a binary archive that Clarisse writes itself.
        frames: what is rendered of each image; its layers need ranges that hold them.
        nested: packages of referenced projects.
        replaced: paths of the scene, as typed, that become those of nested packages.
        config_source: the artist's clarisse.cfg, which travels in a form for nodes; may be empty.
        localizes: True where Clarisse has to make references to other projects local.
    """

    path: str
    remove_classes: tuple[str, ...] = ("ConductorJob",)
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path_map: PathMap = field(default_factory=PathMap.default)
    pdir: str = ""
    is_archive: bool = False
    frames: Mapping[str, Sequence] = field(default_factory=dict)
    nested: tuple[NestedPackage, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    localizes: bool = False
    config_source: str = ""

    @property
    def config_path(self) -> str:
        """The node's clarisse.cfg, where ct_cnode looks for it; empty where none travels."""
        is_known = self.config_source and self.path.endswith(_ENDING)
        return self.path[:-len(_ENDING)] + _CONFIG_ENDING if is_known else ""

    def edited(self, text: str) -> str:
        """The package's text from that of the snapshot.

        Raises:
            ProjectFileError: it is no project.
            RenderPackageError: an image is not in it.
        """
        return package_text.edit(
            text, self.remove_classes, self.ranges, self.path_map, self.pdir, self.frames,
            self.replaced)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is written for it."""
        written = (*(one.path for one in self.nested), self.config_path, self.path)
        return tuple(path for path in written if path)


def package_plan(
    settings: JobSettings, scene: Scene, submission: Submission, config: Config,
    path_map: PathMap | None = None,
) -> PackagePlan:
    """How the package of a submission is made; touches nothing but to see where may be written.

    Args:
        path_map: with the service's rules; that of the configuration alone when None.
    """
    path = package_path(settings, scene, submission.submission_id, config)
    path_map = path_map or PathMap(config.get("path_map", ()))
    folder = folder_of(scene.path)
    frames = read_frames(settings, scene)[0]
    nested, replaced = plan_nested(
        scene, path_map, "%s.%s" % (scene.job_name, submission.submission_id[:ID_DIGITS]),
        config.get("package_folder", ""))
    return PackagePlan(
        path=path,
        ranges=widened_ranges(frames),
        path_map=path_map,
        pdir="" if folder_of(path) == folder else folder,
        is_archive=settings.render_package_format == ARCHIVE,
        frames={one.image.path: one.frames for one in frames.images},
        nested=nested, replaced=replaced,
        config_source=usable_source(scene, path_map),
        localizes=scene.localizes_references and _has_projects(scene),
    )


def _has_projects(scene: Scene) -> bool:
    return any(
        is_context(one) and is_project_reference(one, one.source) for one in scene.references)


def package_path(
    settings: JobSettings, scene: Scene, submission_id: str, config: Config,
) -> str:
    """The package's file: beside the scene, or in ``package_folder`` where that is read-only.

    Blanks in its name become underscores: cnode cannot open them.
    """
    scene_name = normalize(scene.path).rsplit("/", 1)[-1] or _UNSAVED
    if scene_name.lower().endswith(".project"):
        scene_name = scene_name[:-len(".project")]
    name = "%s.%s.%s.render" % (scene_name, scene.job_name, submission_id[:ID_DIGITS])
    if settings.render_package_format != ARCHIVE:
        name += ".project"
    return join(_folder(scene, config), re.sub(r"\s", "_", name))


def _folder(scene: Scene, config: Config) -> str:
    folder = folder_of(scene.path) if scene.path else ""
    elsewhere = config.get("package_folder", "")
    if elsewhere and (not folder or is_read_only(folder)):
        return normalize(elsewhere)
    return folder or "."


def widened_ranges(job: JobFrames) -> dict[str, tuple[int, int]]:
    """First and last frame for the images whose own range leaves out a frame of the job.

    cnode was seen (in version 4) to refuse frames outside an image's range. A widened range has a
    step of 1.
    """
    ranges = {}
    for one in job.images:
        image = one.image
        first, last = sorted((image.first_frame, image.last_frame))
        own = Sequence.from_range(max(0, first), max(0, last), max(1, image.frame_step))
        if one.frames - own:
            ranges[image.path] = (min(first, one.frames.start), max(last, one.frames.end))
    return ranges
