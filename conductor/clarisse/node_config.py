"""The artist's ``clarisse.cfg`` as a render node can use it.

It holds settings that change pictures (colour management, rendering). Blocks about windows and the
workstation were seen to crash a render node in shipped submitters, and are left out.
"""

from __future__ import annotations

import logging
import os

from conductor.clarisse import package_text
from conductor.clarisse.project_file import Edit, parse
from conductor.clarisse.snapshot import Scene
from conductor.lib.errors import ProjectFileError
from conductor.lib.paths import PathMap

LOG = logging.getLogger(__name__)

NAME = "clarisse.cfg"
FOLDER_VARIABLE = "CLARISSE_USER_CONFIG_DIR"

LEFT_OUT = frozenset((
    "recent_file_categories", "viewport_layout", "user_interface", "animation", "layout",
    "command_port", "scripting", "image_view", "image_history", "texture_view", "_3d_view",
    "nodal_view", "playblast", "units",
))
"""Blocks that crash a render node, most often those of a Windows workstation."""


def usable_source(scene: Scene, path_map: PathMap) -> str:
    """The configuration of the Clarisse that has the scene open; empty without one, or where it
    cannot be read: a node renders without it too."""
    folder = scene.variables.get(FOLDER_VARIABLE, "")
    path = os.path.join(folder, NAME) if folder else ""
    if not os.path.isfile(path):
        return ""
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            node_config(handle.read(), path_map)
    except (OSError, UnicodeDecodeError, ProjectFileError) as problem:
        LOG.warning('"%s" does not travel: %s', path, problem)
        return ""
    return path


def node_config(text: str, path_map: PathMap) -> str:
    """The text for the node: blocks left out, paths mapped.

    Raises:
        ProjectFileError: the text has another grammar than Clarisse's files.
    """
    file = parse(text)
    kept = file.edited(
        Edit(entry.start, entry.end, "") for entry in file.entries if entry.key in LEFT_OUT)
    return package_text.edit(kept, (), {}, path_map)
