"""What becomes of the scene's snapshot on its way to a render package, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

from conductor.lib.paths import PathMap


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
    """

    path: str
    remove_classes: tuple[str, ...] = ("ConductorJob",)
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path_map: PathMap = field(default_factory=PathMap.default)
    pdir: str = ""
    is_archive: bool = False
