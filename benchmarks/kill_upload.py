"""Proof that an upload survives SIGKILL at any moment.

    python benchmarks/kill_upload.py [--kills 200] [--seed 1]

A submission is killed at a random moment, run again, killed again, and at last left to end; then
the next one with other files. Between client and service stands a relay that counts what the client
sends. Shown, or the script fails: every file lies in the service's store, whole and right; what
was sent twice is at most what was in flight when the client was killed (bytes of requests that had
no answer yet), but for the questions; and there is one job for each submission.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from conductor.lib.api_client import ApiClient  # noqa: E402 (found by the line above)
from conductor.lib.config import Config  # noqa: E402
from conductor.lib.journal import Journal, Outcome  # noqa: E402

KIB, MIB = 1 << 10, 1 << 20
KILLS_A_ROUND = 10
FILES = ((40, 60 * KIB), (4, 3 * MIB), (1, 48 * MIB))
# Questions, their headers and the job itself, of one run.
OVERHEAD = 64 * KIB
SUBMIT = """
import json, sys
from conductor.lib.conductor_submit import Submit
print(json.dumps(Submit(json.loads(sys.argv[1])).main()))
"""


class Relay:
    """Passes bytes on, and counts those of the client.

    Attributes:
        sent: bytes the client has sent.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._pending: dict[int, int] = {}
        self._lost = self._open = 0
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def in_flight(self) -> int:
        """Bytes of requests whose connection ended without an answer, since the last call."""
        while self._open:
            time.sleep(0.005)  # what the kernel still holds of it passes on
        with self._lock:
            lost, self._lost = self._lost, 0
            return lost

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._target)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open += 1
            for source, sink, is_up in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=self._pass, args=(source, sink, is_up, id(client)),
                    daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_up: bool, key: int) -> None:
        buffer = memoryview(bytearray(256 * KIB))
        try:
            while True:
                count = source.recv_into(buffer)
                if not count:
                    break
                with self._lock:
                    if is_up:
                        self.sent += count
                        self._pending[key] = self._pending.get(key, 0) + count
                    else:
                        self._pending.pop(key, None)
                sink.sendall(buffer[:count])
        except OSError:
            pass
        if is_up:
            with self._lock:
                self._lost += self._pending.pop(key, 0)
                self._open -= 1
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Proof:
    """One service, many submissions."""

    def __init__(self, scratch: Path, seed: int) -> None:
        self.scratch, self.random = scratch, random.Random(seed)
        self.kills = self.rounds = self.resent = self.allowed = self.worst = 0
        ready = scratch / "ready.json"
        with (scratch / "log").open("wb") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "conductor.service.server", "--port", "0",
                 "--data", str(scratch / "data"), "--ready-file", str(ready)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=str(ROOT))
        while not ready.exists():
            if self.service.poll() is not None:
                raise RuntimeError((scratch / "log").read_text())
            time.sleep(0.05)
        told = json.loads(ready.read_text())
        self.relay = Relay(int(told["url"].rpartition(":")[2]))
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": str(scratch / "home"),
            "CONDUCTOR_URL": self.relay.url, "CONDUCTOR_API_KEY_PATH": told["api_key_path"],
            "CONDUCTOR_THREAD_COUNT": "4", "PYTHONPATH": str(ROOT),
        }
        (scratch / "home").mkdir()
        self.config = Config.load(self.environ)
        self.client = ApiClient.from_config(Config.load(dict(
            self.environ, CONDUCTOR_URL=told["url"])))

    def run(self, arguments: dict[str, Any], kill_after_s: float | None) -> bool:
        """One process; True when it came to its end."""
        process = subprocess.Popen(
            [sys.executable, "-c", SUBMIT, json.dumps(arguments)], env=self.environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            _, errors = process.communicate(timeout=kill_after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return False
        if process.returncode:
            raise RuntimeError(errors.decode())
        return True

    def is_submitted(self, title: str) -> bool:
        """True when the journal knows that the job exists: the user was told."""
        return any(
            entry.title == title and entry.outcome is Outcome.SUBMITTED
            for entry in Journal(self.config["user_dir"]).entries())

    def round(self, kills: int, typical_s: float) -> float:
        """One submission with so many kills; the seconds of its last run."""
        self.rounds += 1
        title = "round %d" % self.rounds
        folder = self.scratch / "files"
        size = self._make(folder)
        arguments = {
            "job_title": title, "project": "default", "instance_type": "n1-standard-2",
            "upload_paths": [str(folder)], "output_path": str(self.scratch / "out"),
            "tasks_data": [{"command": "true", "frames": "1"}],
        }
        before, in_flight, runs, ended = self.relay.sent, 0, 0, False
        while runs < kills and not ended:
            runs += 1
            ended = self.run(arguments, self.random.uniform(0.15, typical_s))
            lost = self.relay.in_flight()
            in_flight += lost
            self.worst = max(self.worst, lost)
            self.kills += not ended
            ended = ended or self.is_submitted(title)
        began = time.monotonic()
        if not ended:
            runs += 1
            self.run(arguments, None)
        took = time.monotonic() - began
        self._check(folder, title, self.relay.sent - before - size, in_flight + runs * OVERHEAD)
        return took

    def _make(self, folder: Path) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        total = 0
        for kind, (count, size) in enumerate(FILES):
            for number in range(count):
                path = folder / ("f%d.%03d" % (kind, number))
                path.write_bytes(os.urandom(size))
                # Old, and unlike the last round: the hash cache goes by time and size.
                os.utime(path, (1.5e9 + self.rounds, 1.5e9 + self.rounds))
                total += size
        return total

    def _check(self, folder: Path, title: str, resent: int, allowed: int) -> None:
        # By name, whatever folders the store makes of it.
        contents = {path.name: path for path in (self.scratch / "data" / "store").rglob("?" * 64)}
        for path in folder.iterdir():
            stored = contents.get(hashlib.sha256(path.read_bytes()).hexdigest())
            if stored is None or stored.read_bytes() != path.read_bytes():
                raise SystemExit("%s: %s is not in the store" % (title, path.name))
            stored.unlink()  # the disk is finite
        jobs = [job for job in self.client.jobs() if job.get("title") == title]
        if len(jobs) != 1:
            raise SystemExit("%s: %d jobs" % (title, len(jobs)))
        if resent > allowed:
            raise SystemExit("%s: %d bytes sent again, %d were in flight" % (
                title, resent, allowed))
        self.resent += max(0, resent)
        self.allowed += allowed

    def close(self) -> None:
        """End the service."""
        self.service.terminate()
        self.service.wait()


def main() -> None:
    """Kill and tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", help="folder for files and the store")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
        proof = Proof(Path(scratch), chosen.seed)
        try:
            proof.round(0, 1.0)  # warms up
            typical_s = max(0.5, proof.round(0, 1.0))
            began = time.monotonic()
            while proof.kills < chosen.kills:
                proof.round(min(KILLS_A_ROUND, chosen.kills - proof.kills), typical_s)
                print("%d kills, %d submissions" % (proof.kills, proof.rounds), flush=True)
        finally:
            proof.close()
    print("%d kills over %d submissions in %.0f s (an undisturbed run takes %.1f s)" % (
        proof.kills, proof.rounds, time.monotonic() - began, typical_s))
    print("every file whole and right, one job each")
    print("sent again: %.2f MB a kill; in flight: %.2f MB a kill, %.2f MB at most" % (
        proof.resent / MIB / proof.kills, proof.allowed / MIB / proof.kills,
        proof.worst / MIB))


if __name__ == "__main__":
    main()
