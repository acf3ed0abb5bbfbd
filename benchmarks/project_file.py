"""How fast a large project is read and how much memory that takes.

    python benchmarks/project_file.py [FILE]

Without FILE a scene of 100 MB is made in memory. Bars: 10 MB/s and six times the size of the file,
on Python 3.7. Memory is what tracemalloc sees: the text itself and all that ``parse`` keeps, and
the highest point on the way; the largest size of the whole process is shown beside it.
"""

from __future__ import annotations

import resource
import sys
import time
import tracemalloc
from pathlib import Path

from conductor.clarisse.project_file import ProjectFile, parse

MEGABYTE = 1e6
SIZE = 100 * MEGABYTE

OBJECT = """        GeometryPolyfile {
            name "item_%06d"
            #version 0.93
            #modified 1606490214
            translate %.15g 12.0625418 0.0
            materials "project://default/material"
            color {
                value 1 0.0 0.25
                texture "noise"
            }
            visibles yes
            filename "$PDIR/geo/g%05d.obj"
        }
"""


def made_text() -> str:
    """A scene of SIZE characters: contexts of 200 objects each."""
    parts, size, number = ['#Isotropix_Serial_Version 1.2\n\nContext "scene" {\n'], 0, 0
    while size < SIZE:
        inner = "".join(
            OBJECT % (n, n / 7.0, n) for n in range(number, number + 200)
        )
        parts.append('    Context "group_%05d" {\n%s    }\n' % (number, inner))
        size, number = size + len(parts[-1]), number + 200
    return "".join(parts) + "}"


def text_of(arguments: list[str]) -> str:
    """The text to read, line ends as they are."""
    return Path(arguments[0]).read_bytes().decode("utf-8") if arguments else made_text()


def seconds(step: str, size: float, started: float) -> None:
    """One line about a step that just ended."""
    took = time.perf_counter() - started
    print("%-28s %8.2f s %8.1f MB/s" % (step, took, size / MEGABYTE / took))


def speed(text: str) -> None:
    """Times of parsing and of the first uses."""
    size = float(len(text))
    for _ in range(3):
        started = time.perf_counter()
        project = parse(text)
        seconds("parse", size, started)
    started = time.perf_counter()
    items = list(project.items())
    seconds("all %d items" % len(items), size, started)
    started = time.perf_counter()
    project.item("project://scene")
    seconds("first item by path", size, started)
    looked_up(project, items[-1].path)


def looked_up(project: ProjectFile, path: str) -> None:
    """Time of one more item by its path."""
    started = time.perf_counter()
    for _ in range(10000):
        project.item(path)
    took = (time.perf_counter() - started) / 10000
    print("%-28s %8.2f microseconds" % ("each item by path", took * 1e6))


def memory(arguments: list[str]) -> None:
    """Peak of the text and its parsed form against the size of the text."""
    text = text_of(arguments)
    own_size = sys.getsizeof(text)
    tracemalloc.start()
    project = parse(text)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for word, more in (("kept", kept), ("peak", peak)):
        print("%-28s %8.2f times the file" % ("memory " + word, (own_size + more) / len(text)))
    assert project.text is text
    print("%-28s %8.0f MB" % (
        "largest size of the process",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE,
    ))


def main(arguments: list[str]) -> None:
    """Print the figures."""
    print("Python %s" % sys.version.split()[0])
    memory(arguments)
    speed(text_of(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
