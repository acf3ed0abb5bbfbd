"""Writes the render package: Clarisse makes a snapshot, its text is edited, the scene is not.

A package is never changed once it is written: tasks and daemons read it hours later.
"""

from __future__ import annotations

import functools
import os
import shutil

from conductor.clarisse.host import HostModule
from conductor.clarisse.node_config import node_config
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
    for one in plan.nested:
        if not os.path.exists(one.path):
            write_new(one.path, one.copy_source, functools.partial(
                one.edited, path_map=plan.path_map))
    if plan.config_path and not os.path.exists(plan.config_path):
        write_new(
            plan.config_path, functools.partial(shutil.copyfile, plan.config_source),
            functools.partial(node_config, path_map=plan.path_map))
    if os.path.exists(plan.path):
        return
    if plan.is_archive:
        _export_archive(ix, plan.path)
        return
    save = _export if plan.localizes else _save
    write_new(plan.path, functools.partial(save, ix), plan.edited)


def _save(ix: HostModule, path: str) -> None:
    # A snapshot: the open project keeps its name and stays as modified as it was.
    ix.application.save_project_snapshot(path)


def _export(ix: HostModule, path: str) -> None:
    # The exporter makes references to other projects local; the open project keeps its own.
    # That it can take the root was seen in shipped submitters; unverified here.
    ix.export_context_as_project_with_dependencies(ix.get_item("project://"), path)


def _export_archive(ix: HostModule, path: str) -> None:
    if not ix.application.export_render_archive(path):
        raise RenderPackageError(f'Clarisse could not write the render archive "{path}"')
