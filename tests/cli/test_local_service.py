"""The service as a child process: up in the block, gone after it."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from conductor.cli.demo import shown_preview
from conductor.cli.local_service import LocalService, client_environment
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.errors import ServiceUnreachable


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url + "/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def runs(process_id: int) -> bool:
    """True for a process that is there and no zombie."""
    try:
        state = Path("/proc/%d/stat" % process_id).read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(process_id: int) -> None:
    limit = time.monotonic() + 20
    while runs(process_id) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not runs(process_id)


def test_it_serves_in_the_block_and_is_gone_after_it(tmp_path: Path, clean_home: Path) -> None:
    with LocalService(tmp_path / "a folder") as service:
        environment = client_environment(service, tmp_path / "client")
        client = ApiClient.from_config(Config.load(dict(environment, HOME=str(clean_home))))
        assert client.projects() == ["default"]
        process_id = service.process_id
        assert runs(process_id)
        assert os.getpgid(process_id) == process_id, "Ctrl-C must not reach it"
    assert not runs(process_id) and not answers(service.url)
    assert service.log.read_text()
    assert os.listdir(clean_home) == [], "the client's files belong into the folder given"


def test_an_error_ends_it_even_when_it_was_to_stay(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LocalService(tmp_path) as service:
        service.leave_running()
        raise KeyboardInterrupt
    assert not runs(service.process_id)


def test_it_may_be_left_running(tmp_path: Path) -> None:
    with LocalService(tmp_path) as service:
        service.leave_running()
    try:
        assert answers(service.url)
    finally:
        os.kill(service.process_id, signal.SIGTERM)
        service.stop()
    wait_until_gone(service.process_id)


def test_a_service_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    service: Any = LocalService(tmp_path)
    with pytest.raises(ServiceUnreachable, match=r"service\.log"), service:
        pass
    assert not runs(service.process_id)


def test_a_service_that_was_never_started_is_stopped_in_peace(tmp_path: Path) -> None:
    service = LocalService(tmp_path)
    service.stop()
    assert service.process_id == 0


def test_long_lists_of_a_payload_are_cut_and_counted() -> None:
    text = 'Title  x\n\nTasks (1)\n  1-2 a\n\nPayload\n{"a": [1, 2, 3], "b": [1], "c": "d"}'
    assert shown_preview(text) == [
        "Title  x", "", "Tasks (1)", "  1-2 a", "", "Payload", "{", '  "a": [1, 2, ... 3 in all],',
        '  "b": [1],', '  "c": "d",', "}",
    ]


def test_a_preview_without_a_payload_is_shown_as_it_is() -> None:
    assert shown_preview("one\ntwo") == ["one", "two"]
