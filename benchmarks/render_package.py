"""How long a render package of a big project takes: ``python benchmarks/render_package.py [MB]``.

Makes a project of that many megabytes (default 100) with a path to map every few lines, and edits
it as a submission does: items of ours taken out, ranges widened, paths mapped.
"""

from __future__ import annotations

import resource
import sys
import time

from conductor.clarisse import package_text
from conductor.lib.paths import PathMap
from conductor.lib.sequence import Sequence

ITEM = """    TextureMapFile {
        name "tex%d"
        #version 0.98
        filename "Z:\\\\show\\\\tex\\\\plate_%d.####.exr"
        color 0.1 0.2 0.3
        values %s
    }
"""
HEAD = "#Isotropix_Serial_Version 1.2\n\n#Isotropix_Clarisse_Version 5\n"
IMAGE = 'Image {\n    name "image"\n    first_frame 1\n    last_frame 2\n}\n'
JOB = 'ConductorJob {\n    name "job"\n}\n'


def project(megabytes: int) -> str:
    """The text of a project of about that size."""
    numbers = " ".join("%.6f" % (place / 7) for place in range(200))
    one = len(ITEM % (0, 0, numbers))
    items = (ITEM % (place, place, numbers) for place in range(megabytes * 1000000 // one))
    return HEAD + 'Context "scene" {\n' + "".join(items) + "}\n" + IMAGE + JOB


def main() -> None:
    """Make, edit, and print the figures."""
    text = project(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    studio = PathMap([("Z:/show", "/mnt/show")])
    start = time.perf_counter()
    made = package_text.edit(
        text, ("ConductorJob",), {"project://image": (1, 100)}, studio,
        frames={"project://image": Sequence.from_range(1, 100)})
    seconds = time.perf_counter() - start
    count = made.count('"/mnt/show/')
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print("%.0f MB, %d paths mapped: %.1f s, peak memory %.0f MB"
          % (len(text) / 1e6, count, seconds, peak))
    assert "ConductorJob" not in made and "Z:" not in made


if __name__ == "__main__":
    main()
