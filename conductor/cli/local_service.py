"""A render service of one's own as a child process, for as long as it is needed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from conductor.lib.errors import ServiceUnreachable

START_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
_STEP_S = 0.02


class LocalService:
    """``conductor serve`` on a free loopback port, its data and log in a folder.

    A context manager: the service has ended when the block is left, unless :meth:`leave_running`
    was called.

    Attributes:
        url, key_path: how a client reaches it; empty before it runs.
        log: file with what it writes.
    """

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "service.log"
        self.url = self.key_path = ""
        self._ready = folder / "ready.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._keep = False

    def __enter__(self) -> LocalService:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "conductor", "serve", "--port", "0", "--data", str(self.data),
            "--ready-file", str(self._ready),
        ]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches us alone, and we end it in good order.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        finally:
            if not self.url:
                self.stop()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None or not self._keep:
            self.stop()

    @property
    def process_id(self) -> int:
        """Of the running service; 0 before it was started."""
        return self._process.pid if self._process else 0

    def leave_running(self) -> None:
        """Keep it up after the block, if that ends without an error."""
        self._keep = True

    def stop(self) -> None:
        """End it; by force when it does not listen."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        limit = time.monotonic() + START_LIMIT_S
        while not self._ready.exists():
            if process.poll() is not None or time.monotonic() > limit:
                raise ServiceUnreachable("the service did not start; its log is %s:\n%s" % (
                    self.log, self.log.read_text(encoding="utf-8", errors="replace")[-2000:]))
            time.sleep(_STEP_S)
        told = json.loads(self._ready.read_text(encoding="utf-8"))
        self.url, self.key_path = told["url"], told["api_key_path"]


def client_environment(service: LocalService, folder: Path) -> dict[str, str]:
    """Variables that point a client at the service and keep its files below ``folder``."""
    settings = folder / "config.yml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("# Nothing: the demo does not read your own settings.\n", encoding="utf-8")
    return {
        "CONDUCTOR_URL": service.url,
        "CONDUCTOR_API_KEY_PATH": service.key_path,
        "CONDUCTOR_CONFIG": os.fspath(settings),
        "CONDUCTOR_USER_DIR": os.fspath(folder / "user"),
        "CONDUCTOR_CACHE_DIR": os.fspath(folder / "cache"),
        "CONDUCTOR_CREDENTIALS_DIR": os.fspath(folder / "credentials"),
    }
