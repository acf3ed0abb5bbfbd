"""Fixtures: a real ``conductor serve`` for all tests, or for one test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Iterator

import pytest

# Test modules are imported by file, so what they share is found by folder.
sys.path.insert(0, str(Path(__file__).resolve().parent))
from service_client import Client, Gate, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with four cores, for all tests of one worker."""
    running = Server(tmp_path_factory.mktemp("service")).start()
    yield running
    assert running.stop() == 0, running.log.read_text(encoding="utf-8")
    assert "stumbled" not in running.log.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def client(server: Server) -> Client:
    return server.client()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A service of one test, not started yet."""
    own = Server(tmp_path)
    yield own
    if hasattr(own, "process") and own.process.poll() is None:
        own.process.kill()
        own.process.wait()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder that does not exist yet."""
    return tmp_path / "renders with blank"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)
