"""Fixtures that every folder of tests shares; runs on Python 3.7 too."""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Iterator, Sequence

import pytest

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config

ROOT = Path(__file__).resolve().parent.parent
READY_LIMIT_S = 60


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of reference material beside the checkout; absent at a user's."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder 'shared' beside the checkout: it holds the real Clarisse files")
    return folder


@pytest.fixture
def clean_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME and no CONDUCTOR_ variable."""
    for name in list(os.environ):
        if name.startswith(("CONDUCTOR_", "XDG_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def unknown_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that whoever runs the tests says about a terminal reaches them."""
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """Each test starts and ends with the log as a fresh process has it: no handlers of ours."""
    logger = logging.getLogger("conductor")
    _close_handlers(logger)
    yield
    _close_handlers(logger)


def _close_handlers(logger: logging.Logger) -> None:
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(logging.NOTSET)


class RunningService:
    """A real ``conductor serve`` process on a free loopback port.

    Args:
        folder: for everything it writes.
        farm: text of a ``farm.yml``.
    """

    def __init__(self, folder: Path, farm: str = "") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        ready = folder / "ready.json"
        self.log = folder / "service.log"
        farm_file = folder / "farm.yml"
        farm_file.write_text(farm, encoding="utf-8")
        python = os.environ.get("CONDUCTOR_SERVICE_PYTHON") or sys.executable
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    python, "-m", "conductor.service.server", "--port", "0",
                    "--data", str(self.data), "--ready-file", str(ready),
                    *(["--farm", str(farm_file)] if farm else []),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=str(ROOT),
            )
        self._wait_for(ready)
        told = json.loads(ready.read_text(encoding="utf-8"))
        self.url: str = told["url"]
        self.key_path: str = told["api_key_path"]

    def _wait_for(self, ready: Path) -> None:
        limit = time.monotonic() + READY_LIMIT_S
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > limit:
                self.stop()
                raise RuntimeError("the service did not start:\n" + self.log.read_text())
            time.sleep(0.02)

    @property
    def environ(self) -> dict[str, str]:
        """What points a client at this service, with a HOME of its own."""
        return {
            "CONDUCTOR_URL": self.url,
            "CONDUCTOR_API_KEY_PATH": self.key_path,
            "HOME": str(self.home),
        }

    def open_jobs(self) -> list[str]:
        """Jobs with tasks that run or will; looked up in the database, since that takes no time."""
        with closing(sqlite3.connect(str(self.data / "service.sqlite"), timeout=10)) as tables:
            rows = tables.execute(
                "SELECT DISTINCT job_id FROM task WHERE status IN ('pending', 'running')")
            return ["%05d" % row[0] for row in rows]

    def kill(self, jobs: Sequence[str]) -> None:
        """Stop jobs, so that the next test does not wait for their tasks."""
        client = ApiClient.from_config(Config.load(self.environ))
        try:
            client.kill_jobs(*jobs)
        finally:
            client.close()

    def stop(self) -> None:
        """End the service; kill it when it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for the whole session (for each worker of a parallel run)."""
    running = RunningService(tmp_path_factory.mktemp("service"))
    yield running
    running.stop()


@pytest.fixture
def service_env(
    service: RunningService, clean_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningService]:
    """The service, with this process pointed at it and an empty HOME of this test alone. Jobs that
    a test leaves behind are stopped: others would wait for their tasks."""
    for name, value in dict(service.environ, HOME=str(clean_home)).items():
        monkeypatch.setenv(name, value)
    before = set(service.open_jobs())
    yield service
    left = [job for job in service.open_jobs() if job not in before]
    if left:
        service.kill(left)
