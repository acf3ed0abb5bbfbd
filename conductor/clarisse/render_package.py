"""Writes the render package: Clarisse makes a snapshot, its text is edited, the scene is not.

A package is never changed once it is written: tasks and daemons read it hours later.
"""

from __future__ import annotations

import os

from conductor.clarisse import package_text
from conductor.clarisse.host import HostModule
from conductor.clarisse.package_file import write_new
from conductor.clarisse.prepared import Prepared
from conductor.lib.errors import RenderPackageError


def write_package(ix: HostModule, prepared: Prepared) -> None:
    """Write the package of a prepared submission where its plan says, unless it is there.

    Raises:
        RenderPackageError: it cannot be written; nothing is left behind.
        ProjectFileError: Clarisse's snapshot is no project.
    """
    plan = prepared.plan
    if os.path.exists(plan.path):
        return
    if plan.is_archive:
        _export_archive(ix, plan.path)
        return
    write_new(plan.path, lambda text_path: _save(ix, text_path), lambda text: package_text.edit(
        text, plan.remove_classes, dict(plan.ranges), plan.path_map, plan.pdir))


def _save(ix: HostModule, path: str) -> None:
    # A snapshot: the open project keeps its name and stays as modified as it was.
    ix.application.save_project_snapshot(path)


def _export_archive(ix: HostModule, path: str) -> None:
    if not ix.application.export_render_archive(path):
        raise RenderPackageError(f'Clarisse could not write the render archive "{path}"')
