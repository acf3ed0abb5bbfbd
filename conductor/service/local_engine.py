"""Attempts as processes of this machine, each under a supervisor of its own.

Every attempt has a folder. An advisory lock in it is held as long as its supervisor lives, handed
down at birth so that there is no moment without it: a service that starts again sees which attempts
of the one before are still about to end.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Iterable

from conductor.service import supervisor
from conductor.service.engine import (
    AttemptRequest,
    AttemptStatus,
    Engine,
    EngineCapabilities,
    Outcome,
)

GRACE_S = 2.0
CLOSE_LIMIT_S = 5.0
LOCK = "attempt.lock"


class LocalEngine(Engine):
    """Runs attempts on this machine; references are paths of result files.

    Args:
        root: folder whose sub-folders hold the attempts, found again by :meth:`list_mine`.
        cores: how many may be used at once.
        grace_s: seconds between asking a cancelled attempt to end and killing it.
    """

    def __init__(self, root: Path, cores: int, grace_s: float = GRACE_S) -> None:
        super().__init__()
        self._root = root
        self._cores = cores
        self._grace_s = grace_s
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def capabilities(self) -> EngineCapabilities:
        """This machine's cores; it takes larger attempts too, one at a time."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
        return EngineCapabilities("local", self._cores, self._cores, memory)

    def validate(self, request: AttemptRequest) -> str | None:
        """Nothing is refused but features: there are none."""
        if request.features:
            return "this machine does not offer %s" % ", ".join(request.features)
        return None

    def submit(self, request: AttemptRequest) -> str:
        """Start the supervisor at once."""
        with self._lock:
            if request.attempt_id not in self._known:
                self._known[request.attempt_id] = str(request.result_path)
                self._start(request)
            return self._known[request.attempt_id]

    def _start(self, request: AttemptRequest) -> None:
        spec = request.result_path.with_name("spec.json")
        _write_private(spec, json.dumps(spec_of(request, self._grace_s)))
        lock = _take(request.result_path.with_name(LOCK))
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, str(spec)],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(lock,),
                # A Ctrl-C in the service's terminal is the service's business.
                start_new_session=True,
            )
        finally:
            os.close(lock)
        self._processes[str(request.result_path)] = process
        threading.Thread(
            target=self._wait_for, args=(str(request.result_path), process), daemon=True
        ).start()

    def _wait_for(self, ref: str, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with self._lock:
            del self._processes[ref]
        if process.stdin:
            process.stdin.close()
        self.on_change()

    def poll(self, refs: Iterable[str]) -> dict[str, AttemptStatus]:
        """From the attempts' folders: the truth survives the service."""
        return {ref: self._status(Path(ref)) for ref in refs}

    def _status(self, result_path: Path) -> AttemptStatus:
        lock = result_path.with_name(LOCK)
        with self._lock:
            runs = str(result_path) in self._processes
        if runs or _is_held(lock):
            return AttemptStatus(Outcome.RUNNING, host=socket.gethostname())
        if result_path.exists():
            return status_of(json.loads(result_path.read_text(encoding="utf-8")))
        if lock.exists():
            return AttemptStatus(
                Outcome.LOST, ended=time.time(), reason="the service or its machine went away"
            )
        return AttemptStatus(Outcome.UNKNOWN, reason="this attempt was never started here")

    def cancel(self, ref: str) -> bool:
        """Ask the supervisor."""
        with self._lock:
            process = self._processes.get(ref)
        return process is not None and _tell(process, b"c")

    def set_priority(self, ref: str, priority: int) -> bool:
        """There is no queue."""
        return False

    def list_mine(self) -> dict[str, str]:
        """Attempts whose supervisor lives, of this service or of one before it."""
        return {
            lock.parent.name: str(lock.with_name("result.json"))
            for lock in self._root.glob("*/*/" + LOCK) if _is_held(lock)
        }

    def close(self) -> None:
        """Let go of all supervisors, which kill what they watch."""
        with self._lock:
            processes = list(self._processes.values())
        for process in processes:
            if process.stdin:
                process.stdin.close()
        limit = time.monotonic() + CLOSE_LIMIT_S
        for process in processes:
            try:
                process.wait(max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def spec_of(request: AttemptRequest, grace_s: float) -> dict[str, Any]:
    """What the supervisor reads."""
    return {
        "attempt_id": request.attempt_id, "command": request.command,
        "environment": dict(request.environment), "cwd": str(request.cwd),
        "log_path": str(request.log_path), "result_path": str(request.result_path),
        "time_limit_s": request.time_limit_s, "grace_s": grace_s,
    }


def status_of(result: dict[str, Any]) -> AttemptStatus:
    """What a supervisor's result means."""
    code, number, why = result["exit_code"], result["signal"], result["reason"]
    outcome, reason = Outcome.FAILED, "exit code %s" % code
    if why == supervisor.CANCELLED:
        outcome, reason = Outcome.CANCELLED, "killed"
    elif why == supervisor.TIME_LIMIT:
        reason = "stopped at the time limit"
    elif why == supervisor.NOT_STARTED:
        reason = "the command could not be started"
    elif number is not None:
        reason = "ended by signal %d" % number
    elif code == 0:
        outcome, reason = Outcome.SUCCEEDED, ""
    return AttemptStatus(
        outcome, result["host"], result["started"], result["ended"], code, number, reason
    )


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)


def _take(path: Path) -> int:
    """A descriptor that holds the lock; whoever inherits it keeps it held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _tell(process: subprocess.Popen[bytes], message: bytes) -> bool:
    if process.stdin is None:
        return False
    try:
        process.stdin.write(message)
        process.stdin.flush()
    except (OSError, ValueError):
        # It has just ended, or is being closed.
        return False
    return True
