"""How long it takes to chunk frame sequences and to look at every frame.

    python benchmarks/sequence.py [--vendor PYTHON]

``--vendor`` names a Python that has ``cioseq==0.5.2`` (the vendor's library), for instance::

    python3 -m venv /tmp/vendor && /tmp/vendor/bin/pip install cioseq==0.5.2
    python benchmarks/sequence.py --vendor /tmp/vendor/bin/python

Its cost grows with the square of the frames: measured once with 100,000 frames in chunks of 5 it
took 34 s, so here it is asked for 10,000 at most.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import time
from typing import Callable

from conductor.lib.sequence import Sequence

REPEATS = 5
VENDOR_FRAMES = (2500, 5000, 10000)
VENDOR_SCRIPT = """
import sys, time
from cioseq.sequence import Sequence
started = time.perf_counter()
frames = Sequence.create("1-" + sys.argv[1], chunk_size=5)
for chunk in frames.chunks():
    for frame in chunk:
        pass
print(time.perf_counter() - started)
"""


def seconds(work: Callable[[], object]) -> float:
    """Median of a few runs."""
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def chunk_and_iterate(spec: str, size: int) -> None:
    """What a submission does: every frame of every chunk."""
    for chunk in Sequence.parse(spec).chunks(size):
        for _ in chunk:
            pass


def chunk_and_spell(spec: str, size: int) -> None:
    """What a task needs: the chunk in cnode's spelling."""
    for chunk in Sequence.parse(spec).chunks(size):
        chunk.to(":", "%", ";")


def row(name: str, work: Callable[[str, int], object], spec: str, size: int) -> float:
    """Print one line of the table; seconds."""
    took = seconds(lambda: work(spec, size))
    frames = len(Sequence.parse(spec))
    print("%-22s %-18s %9d %6d %9.3f %12.2f" % (
        name, spec, frames, size, took, took / frames * 1e6))
    return took


def vendor_table(python: str) -> None:
    """The same work by the vendor's library."""
    for frames in VENDOR_FRAMES:
        answer = subprocess.run(
            [python, "-c", VENDOR_SCRIPT, str(frames)], stdout=subprocess.PIPE, check=True)
        took = float(answer.stdout)
        print("%-22s %-18s %9d %6d %9.3f %12.2f" % (
            "cioseq 0.5.2", "1-%d" % frames, frames, 5, took, took / frames * 1e6))
    print("cioseq 0.5.2 needed 34 s for 100,000 frames in chunks of 5 when that was measured.")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vendor", metavar="PYTHON", help="a Python with cioseq 0.5.2")
    arguments = parser.parse_args()
    print("Python %s, %s; median of %d" % (
        platform.python_version(), platform.machine(), REPEATS))
    print("%-22s %-18s %9s %6s %9s %12s" % (
        "work", "spec", "frames", "chunk", "seconds", "us per frame"))
    for size in (5, 1):
        small = row("chunk and iterate", chunk_and_iterate, "1-100000", size)
        big = row("chunk and iterate", chunk_and_iterate, "1-1000000", size)
        print("%-22s ten times the frames cost %.1f times the time" % ("", big / small))
    row("chunk and spell", chunk_and_spell, "1-1000000", 5)
    row("chunk and iterate", chunk_and_iterate, "1-2000000x2", 5)
    row("chunk and iterate", chunk_and_iterate, "1-999999x2,2-1000000x2", 5)
    if arguments.vendor:
        vendor_table(arguments.vendor)


if __name__ == "__main__":
    main()
