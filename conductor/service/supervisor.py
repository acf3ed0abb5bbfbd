"""Runs one attempt and answers for every process it starts; a program of its own.

``python -I -S supervisor.py SPEC`` where SPEC is a JSON file (removed once read) with the members
of ``spec_of`` in ``local_engine``. The command runs in a process group of its own. The supervisor
ends the whole tree when

* its standard input closes, because the service died: nothing is written, the attempt is lost;
* it reads a ``c`` there, or gets SIGTERM: the attempt was cancelled;
* the time limit has passed: the attempt failed;
* the command itself has ended and left others behind.

Standard library only: it starts in milliseconds and keeps no package of the service loaded.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, BinaryIO

EXITED, CANCELLED, TIME_LIMIT, ABANDONED, NOT_STARTED = (
    "exited", "cancelled", "time_limit", "abandoned", "not_started",
)
PR_SET_CHILD_SUBREAPER = 36
TICK_S = 0.005


class Supervisor:
    """One attempt under watch."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.reason = EXITED
        self.started = time.time()
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Run the command to its end, whatever that is, and write the result."""
        with open(self.spec["log_path"], "ab", buffering=0) as log:
            code = self._run(log)
            if self.reason == TIME_LIMIT:
                log.write(b"conductor: stopped at the time limit of %g s\n"
                          % self.spec["time_limit_s"])
        if self.reason != ABANDONED:
            self._write_result(code)

    def _run(self, log: BinaryIO) -> int:
        threading.Thread(target=self._listen, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda _number, _frame: self.stop(CANCELLED))
        try:
            self._child = subprocess.Popen(
                ["/bin/sh", "-c", self.spec["command"]], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=self.spec["environment"], cwd=self.spec["cwd"],
                start_new_session=True,
            )
        except OSError as error:
            self.reason = NOT_STARTED
            log.write(b"conductor: the command could not be started: %s\n" % str(error).encode())
            return 127
        return self._watch(self._child)

    def _listen(self) -> None:
        message = os.read(0, 1)
        self.stop(CANCELLED if message == b"c" else ABANDONED)

    def stop(self, reason: str) -> None:
        """Have everything ended; the first reason counts."""
        if not self._stop.is_set():
            self.reason = reason
            self._stop.set()

    def _watch(self, child: subprocess.Popen[bytes]) -> int:
        waiter = threading.Thread(target=self._wait_for, args=(child,), daemon=True)
        waiter.start()
        if not self._stop.wait(self.spec["time_limit_s"]):
            self.stop(TIME_LIMIT)
        if self.reason in (CANCELLED, TIME_LIMIT):
            self._end_gently(child.pid)
        end_tree(child.pid)
        waiter.join()
        reap()
        return child.returncode

    def _wait_for(self, child: subprocess.Popen[bytes]) -> None:
        child.wait()
        self.stop(EXITED)

    def _end_gently(self, group: int) -> None:
        signal_group(group, signal.SIGTERM)
        limit = time.monotonic() + float(self.spec["grace_s"])
        while time.monotonic() < limit and group_lives(group):
            time.sleep(TICK_S)

    def _write_result(self, code: int) -> None:
        result = {
            "attempt_id": self.spec["attempt_id"], "host": os.uname().nodename,
            "started": self.started, "ended": time.time(), "reason": self.reason,
            "exit_code": code if code >= 0 else None, "signal": -code if code < 0 else None,
        }
        path = self.spec["result_path"]
        beside = path + ".new"
        with open(beside, "w", encoding="utf-8") as handle:
            json.dump(result, handle)
        os.replace(beside, path)


def signal_group(group: int, number: int) -> None:
    """Signal a process group, if it is still there."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass


def group_lives(group: int) -> bool:
    """True while a process of the group has not ended."""
    for pid in descendants():
        try:
            if os.getpgid(pid) == group and not is_zombie(pid):
                return True
        except ProcessLookupError:
            continue
    return False


def is_zombie(pid: int) -> bool:
    """True when a process has ended and only waits to be noticed."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as handle:
            return handle.read().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def descendants() -> list[int]:
    """All processes below this one. Those whose parent ended came to us: see ``adopt``."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as handle:
                    parent = int(handle.read().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found, todo = [], [os.getpid()]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def end_tree(group: int) -> None:
    """Kill every process of the attempt, those that left its group too; back when all are gone."""
    signal_group(group, signal.SIGKILL)
    while True:
        alive = [pid for pid in descendants() if not is_zombie(pid)]
        if not alive:
            return
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(TICK_S)


def reap() -> None:
    """Take note of ended orphans: in a container there may be nobody else who does."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def adopt() -> None:
    """Have orphans of the attempt given to this process, where the system can (Linux)."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def main(spec_path: str) -> None:
    """Run the attempt that a file describes."""
    with open(spec_path, encoding="utf-8") as handle:
        spec = json.load(handle)
    # It holds the job's environment, which may hold the user's secrets.
    os.unlink(spec_path)
    adopt()
    Supervisor(spec).run()


if __name__ == "__main__":
    main(sys.argv[1])
