"""Packages for projects that the scene references, where the host does not make them local.

A referenced project travels as it is, unless a render node could not use it so: it names paths that
the path map changes, holds items of our own class, or refers to a project that is itself replaced.
It then gets a package of its own, beside it, and the referring path is edited. Its own file is
never touched.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Iterable, Mapping

from conductor.clarisse import package_text
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.package_folders import is_read_only
from conductor.clarisse.references import (
    ReferencedProject,
    is_project_reference,
    is_read,
    lookup_in,
    read_text,
    referenced_projects,
)
from conductor.clarisse.resolving import resolve_path
from conductor.clarisse.snapshot import PathReference, Scene
from conductor.lib import paths
from conductor.lib.errors import ExpressionError, ProjectFileError


@dataclass(frozen=True)
class NestedPackage:
    """The package of one referenced project.

    Attributes:
        source: the referenced project's own file, normalized.
        path: its package.
        replaced: paths inside it, as typed, that become those of other packages.
        pdir: folder that replaces ``$PDIR``; empty where the package lies beside its source.
    """

    source: str
    path: str
    replaced: Mapping[str, str]
    pdir: str = ""

    def copy_source(self, place: str) -> None:
        """Put the source's text where a package is being made."""
        shutil.copyfile(self.source, place)

    def edited(self, text: str, path_map: paths.PathMap) -> str:
        """The package's text from the source's; ProjectFileError when that is no project."""
        return package_text.edit(
            text, (CLASS_NAME,), {}, path_map, self.pdir, replaced=self.replaced)


def plan_nested(
    scene: Scene, path_map: paths.PathMap, mark: str, elsewhere: str = "",
) -> tuple[tuple[NestedPackage, ...], dict[str, str]]:
    """The packages that are needed, and what the scene's own references become.

    Args:
        mark: part of each package's name, unique to the submission.
        elsewhere: folder for packages that cannot lie beside their source; may be empty.
    """
    if scene.localizes_references:
        return (), {}
    projects, _ = referenced_projects(scene)
    search = _Plan(scene, path_map, {
        project.path: _package_path(project.path, mark, elsewhere) for project in projects})
    needed = search.needed(projects)
    made = tuple(
        search.package(project, needed) for project in projects if project.path in needed)
    return made, search.replaced(scene.references, needed)


@dataclass(frozen=True)
class _Plan:
    scene: Scene
    path_map: paths.PathMap
    packages: Mapping[str, str]

    def needed(self, projects: Iterable[ReferencedProject]) -> set[str]:
        """Sources that need a package: for their own sake, or because they refer to one."""
        known = list(projects)
        needed: set[str] = set()
        while True:
            more = {project.path for project in known if project.path not in needed
                    and self._changes(self.package(project, needed))}
            if not more:
                return needed
            needed |= more

    def _changes(self, package: NestedPackage) -> bool:
        if package.replaced:
            return True
        try:
            text = read_text(package.source)
            return package.edited(text, self.path_map) != text
        except (OSError, ProjectFileError):
            return False  # told by the scan; it travels as it is

    def package(self, project: ReferencedProject, needed: set[str]) -> NestedPackage:
        """The package of a project, given which others have one."""
        path = self.packages[project.path]
        is_beside = paths.folder_of(path) == paths.folder_of(project.path)
        return NestedPackage(
            project.path, path, self.replaced(project.references, needed),
            "" if is_beside else paths.folder_of(project.path))

    def replaced(
        self, references: Iterable[PathReference], needed: set[str],
    ) -> dict[str, str]:
        """Texts of references to projects that have a package, and what they become."""
        found = {}
        by_key = {paths.comparable(source): self.packages[source] for source in needed}
        for reference in references:
            try:
                path = paths.normalize(resolve_path(
                    reference.source, lookup_in(self.scene, reference.project)).strip())
            except ExpressionError:
                continue
            package = by_key.get(paths.comparable(path))
            if package and is_read(reference) and is_project_reference(reference, path):
                found[reference.source] = self.path_map.to_node(package)
        return found


def _package_path(source: str, mark: str, elsewhere: str) -> str:
    folder, name = paths.folder_of(source), source.rsplit("/", 1)[-1]
    stem = name[:-len(".project")] if name.lower().endswith(".project") else name
    if elsewhere and is_read_only(folder):
        folder = paths.normalize(elsewhere)
    return paths.join(folder, re.sub(r"\s", "_", "%s.%s.render.project" % (stem, mark)))
