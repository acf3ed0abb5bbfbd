"""Fixtures of the client library's tests."""

from __future__ import annotations

import os
import sys
from typing import Iterator

import pytest

from conductor.lib.api_client import ApiClient
from conductor.lib.transport import Transport

# Test modules are imported by file, so what they share is found by folder.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fault_server import FaultServer


@pytest.fixture
def faults() -> Iterator[FaultServer]:
    """A server that answers as told."""
    server = FaultServer()
    yield server
    server.stop()


@pytest.fixture
def quick() -> Transport:
    """A transport that does not wait between attempts."""
    return Transport(timeout=(5, 5), backoff_s=0)


@pytest.fixture
def client(faults: FaultServer, quick: Transport) -> ApiClient:
    """A client of that server, without sign-in."""
    return ApiClient(faults.url, None, transport=quick)
