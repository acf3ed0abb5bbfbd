"""How fast files reach the service: our client, and the vendor's, against our own service.

    python benchmarks/upload.py [--vendor PYTHON] [--repeats 3] [--only NAME ...]

``--vendor`` names a Python that has ``ciocore==9.2.0`` (``make .venv-vendor/ready`` makes one).
Every row is the median of the repeats. Both clients send the same files, as child processes whose
own clock and CPU are taken around ``Submit(...).main()``, so that starting Python does not count;
each cold run meets a service with an empty store. "MD5" is the CPU that hashing these files alone
costs in the same Python.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

ROOT = Path(__file__).resolve().parent.parent
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

TIMED = """
import json, logging, os, resource, sys, time
sys.path.insert(0, sys.argv[2])
given = json.loads(sys.argv[1])
{prepare}
before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
{work}
took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([
    took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss]))
"""
OURS = TIMED.format(
    prepare="from conductor.lib.conductor_submit import Submit",
    work="assert Submit(given).main()[1] == 201",
)
VENDOR = TIMED.format(
    prepare="from ciocore.conductor_submit import Submit",
    work="assert Submit(given).main()[1] == 201",
)
RECHECK = TIMED.format(
    prepare="""
from conductor.lib.config import Config
from conductor.lib.hash_cache import HashCache
from conductor.lib.manifest import upload_files
from conductor.lib.hashing import look_up
config = Config.load()
""",
    work="""
with HashCache(given["database_filepath"]) as cache:
    files = upload_files(given["upload_paths"])
    for start in range(0, len(files), 500):
        some = files[start:start + 500]
        found = look_up([file.path for file in some], cache, [file.stat for file in some])
        assert None not in found
""",
)
MD5 = TIMED.format(
    prepare="import hashlib",
    work="""
block = memoryview(bytearray(1 << 20))
for folder, _, names in os.walk(given["upload_paths"][0]):
    for name in names:
        digest = hashlib.md5()
        with open(os.path.join(folder, name), "rb", buffering=0) as handle:
            for size in iter(lambda: handle.readinto(block), 0):
                digest.update(block[:size])
""",
)


@dataclass(frozen=True)
class Case:
    """A set of files: ``(count, size in bytes)`` pairs; `alone` spares the vendor's client what
    would take it the better part of an hour."""

    name: str
    sizes: tuple[tuple[int, int], ...]
    alone: bool = False

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(count * size for count, size in self.sizes)

    @property
    def count(self) -> int:
        """Number of files."""
        return sum(count for count, _size in self.sizes)

    def make(self, folder: Path) -> Path:
        """Write the files, old enough for any hash cache."""
        folder.mkdir(parents=True)
        for kind, (count, size) in enumerate(self.sizes):
            for number in range(count):
                self._fill(folder / ("%d" % (number // 1000)) / ("f%d.%06d" % (kind, number)), size)
        return folder

    @staticmethod
    def _fill(path: Path, size: int) -> None:
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as handle:
            for start in range(0, size, 8 * MIB):
                handle.write(os.urandom(min(8 * MIB, size - start)))
        os.utime(path, (1.5e9, 1.5e9))


CASES = (
    Case("one small file", ((1, 1000),)),
    Case("600 x 100 KB + 256 MB", ((600, 100 * KIB), (1, 256 * MIB))),
    Case("2,000 x 100 KB + 1 GB", ((2000, 100 * KIB), (1, GIB))),
    Case("100,000 small files", ((100_000, 10),), alone=True),
)


class Service:
    """A service with an empty store on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        ready = folder / "ready.json"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "conductor.service.server", "--port", "0",
                 "--data", str(folder / "data"), "--ready-file", str(ready)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=str(ROOT))
        while not ready.exists():
            if self.process.poll() is not None:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.05)
        told = json.loads(ready.read_text())
        self.url, self.key = told["url"], Path(told["api_key_path"]).read_text()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *details: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder)


@dataclass(frozen=True)
class Run:
    """What one run cost."""

    wall_s: float
    cpu_s: float
    memory_mb: float


class Bench:
    """Runs clients in a scratch folder."""

    def __init__(self, scratch: Path, vendor: str | None, repeats: int) -> None:
        self.scratch, self.repeats = scratch, repeats
        self.vendor = vendor and os.path.abspath(vendor)
        self._number = 0

    def fresh(self, name: str) -> Path:
        """A folder name nobody has used."""
        self._number += 1
        return self.scratch / ("%s%d" % (name, self._number))

    def run(self, python: str, script: str, files: Path, service: Service | None,
            home: Path) -> Run:
        """One client, timed by itself."""
        home.mkdir(exist_ok=True)
        environ = {"PATH": os.environ["PATH"], "HOME": str(home), "NO_PROXY": "127.0.0.1"}
        if service:
            environ.update(
                CONDUCTOR_URL=service.url, CONDUCTOR_API_KEY=service.key,
                CONDUCTOR_THREAD_COUNT="4", CIO_DISABLE_VERSION_CHECK="1")
        arguments: dict[str, Any] = {
            "job_title": "benchmark", "project": "default", "instance_type": "n1-standard-2",
            "upload_paths": [str(files)], "output_path": str(home / "out"), "local_upload": True,
            "tasks_data": [{"command": "true", "frames": "1"}], "notify": ["a@b.c"],
            "database_filepath": str(home / "hashes.db"),
        }
        answer = subprocess.run(
            [python, "-c", script, json.dumps(arguments), str(ROOT)], env=environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=str(home), check=False)
        if answer.returncode:
            raise RuntimeError("%s failed" % python)
        wall, cpu, memory = json.loads(answer.stdout.splitlines()[-1])
        return Run(wall, cpu, memory / KIB)

    def clients(self, alone: bool) -> Iterator[tuple[str, str, str]]:
        """Name, interpreter and script of each."""
        yield "ours", sys.executable, OURS
        if self.vendor and not alone:
            yield "ciocore", self.vendor, VENDOR

    def case(self, case: Case) -> None:
        """All rows of one set of files."""
        files = case.make(self.fresh("files"))
        md5 = [self.run(sys.executable, MD5, files, None, self.fresh("home"))
               for _ in range(self.repeats)]
        md5_s = statistics.median(run.cpu_s for run in md5)
        cold: dict[str, list[Run]] = {}
        warm: dict[str, list[Run]] = {}
        again: list[Run] = []
        for _ in range(self.repeats):
            for name, python, script in self.clients(case.alone):
                home = self.fresh("home")
                with Service(self.fresh("service")) as service:
                    cold.setdefault(name, []).append(self.run(python, script, files, service, home))
                    warm.setdefault(name, []).append(self.run(python, script, files, service, home))
                if case.alone:
                    again.append(self.run(sys.executable, RECHECK, files, None, home))
        self.rows(case.name + ", cold", case, cold, md5_s)
        self.rows(case.name + ", unchanged", case, warm, None)
        if again:
            self.rows(case.name + ", re-checked only", case, {"ours": again}, None)
        shutil.rmtree(files)

    def rows(
        self, title: str, case: Case, runs: dict[str, list[Run]], md5_s: float | None,
    ) -> None:
        """Print the clients of one situation."""
        walls = {name: statistics.median(run.wall_s for run in some)
                 for name, some in runs.items()}
        for name, some in runs.items():
            cpu = statistics.median(run.cpu_s for run in some)
            print("%-36s %-8s %9.2f %8.2f %8s %8.0f %9.0f %8s" % (
                title, name, walls[name], cpu,
                "%.2f" % (cpu / md5_s) if md5_s else "", max(run.memory_mb for run in some),
                case.size / MIB / walls[name],
                "%.1f x" % (walls["ciocore"] / walls["ours"])
                if name == "ours" and "ciocore" in walls else ""), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vendor", metavar="PYTHON", help="a Python with ciocore 9.2.0")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="parts of the names of the cases")
    parser.add_argument("--scratch", help="folder for files and stores")
    chosen = parser.parse_args()
    print("Python %s, %s, %d cores; median of %d; load %.1f before" % (
        platform.python_version(), platform.machine(), os.cpu_count() or 0, chosen.repeats,
        os.getloadavg()[0]))
    print("%-36s %-8s %9s %8s %8s %8s %9s %8s" % (
        "files", "client", "seconds", "CPU s", "CPU/MD5", "MB mem", "MB/s", "faster"))
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
        bench = Bench(Path(scratch), chosen.vendor, chosen.repeats)
        for case in CASES:
            if not chosen.only or any(part in case.name for part in chosen.only):
                bench.case(case)


if __name__ == "__main__":
    main()
