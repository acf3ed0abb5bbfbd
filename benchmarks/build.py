"""How long it takes to make a submission from what was read of a scene.

    python benchmarks/build.py

One promise: 10,000 frames at chunk size 1 with 3 images in less than a second. It is judged by the
time of the processor: the machine may be busy with other things. Reading the scene, the scan of
files on disk and hashing are measured elsewhere.
"""

from __future__ import annotations

import argparse
import dataclasses
import platform
import statistics
import time

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.build import Built, build
from conductor.clarisse.snapshot import Image, Scene
from conductor.lib.catalog import Catalog, InstanceType
from conductor.lib.config import Config

REPEATS = 5
LIMIT_S = 1.0
FRAMES = 10000
SETTINGS = JobSettings(project="p", instance_type="n1-standard-2", chunk_size=1)
# It asks for something of every task, so each is evaluated.
EVALUATED = '$CT_CHUNKLENGTH == "1" ? "frame "+$CT_CHUNKS+" of "+$CT_SOURCES : "none"'


def scene(images: int, gap: int = 0) -> Scene:
    """A scene of as many images.

    Args:
        gap: by how many frames each range starts later than the one before.
    """
    made = tuple(
        Image("project://scene/image%d" % number, "Image", True, True,
              "/out/image%d/beauty." % number, 0, 1 + number * gap, FRAMES + number * gap)
        for number in range(images))
    return Scene("/show/shot.project", "5.0.5.8.0", "project://job", False, 25.0, {}, made, ())


CATALOG = Catalog(("p",), (InstanceType("n1-standard-2", "2 core", 2, 7.5, "standard"),))
CONFIG = Config.load(environ={"HOME": "/nowhere"})


def measured(settings: JobSettings, looked_at: Scene) -> tuple[float, Built]:
    """Median of the processor's seconds of a few builds, and what the last one made."""
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        made = build(settings, looked_at, CATALOG, CONFIG)
        times.append(time.process_time() - started)
    return statistics.median(times), made


def main() -> None:
    """Print the figures."""
    argparse.ArgumentParser(description=__doc__.split("\n", 1)[0]).parse_args()
    print("Python %s, %d frames at chunk size 1, median of %d\n" % (
        platform.python_version(), FRAMES, REPEATS))
    cases = (
        ("1 image", SETTINGS, scene(1)),
        ("3 images", SETTINGS, scene(3)),
        ("3 images with ranges of their own", SETTINGS, scene(3, gap=100)),
        ("30 images", SETTINGS, scene(30)),
        ("3 images, 2x2 tiles", dataclasses.replace(SETTINGS, tiles=2), scene(3)),
        ("3 images, a template that is evaluated",
         dataclasses.replace(SETTINGS, task_template=EVALUATED), scene(3)),
    )
    for name, settings, looked_at in cases:
        seconds, made = measured(settings, looked_at)
        print("%-40s %6d tasks %8.3f s" % (name, len(made.submission.tasks), seconds))
        if name == "3 images":
            print("%-40s %s" % ("", "kept" if seconds < LIMIT_S else "NOT KEPT: under 1 s"))


if __name__ == "__main__":
    main()
