"""The sample shot that ``conductor demo`` renders: one scene, its textures and its geometry.

Two images with ranges of their own (``beauty`` 1-8 with two layers, ``matte`` 3-10), a texture
sequence that starts a hundred frames later than the shot, single textures, an obj beside the
project, expressions, and a saved ConductorJob: frames 1-10 in chunks of 2, frames 3 and 8 first.
"""

from __future__ import annotations

import shutil
from pathlib import Path

SHOT = Path(__file__).resolve().parent / "shot"
PROJECT = "shot.project"


def copy_shot(folder: str | Path) -> Path:
    """Copy the shot into ``folder`` (made when missing); returns the copied project file.

    The copies are plain new files, writable whatever the installed ones are. Raises
    FileExistsError rather than overwrite a file.
    """
    target = Path(folder)
    for source in sorted(path for path in SHOT.rglob("*") if path.is_file()):
        copy = target / source.relative_to(SHOT)
        if copy.exists():
            raise FileExistsError("%s is there already: choose an empty folder" % copy)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(source), str(copy))
    return target / PROJECT
