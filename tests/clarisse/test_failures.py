"""What the artist reads when something went wrong."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Iterator

import pytest

from conductor.clarisse.failures import LOGGER, describe, is_developing, log_file, reason
from conductor.lib.errors import FrameSpecError, ServiceError


@pytest.fixture
def log_path(tmp_path: Path) -> Iterator[str]:
    handler = logging.FileHandler(str(tmp_path / "conductor.log"), delay=True)
    LOGGER.addHandler(handler)
    yield handler.baseFilename
    LOGGER.removeHandler(handler)
    handler.close()


@pytest.mark.parametrize("error, words", [
    (ServiceError("no answer"), "no answer"),
    (KeyError("x"), "KeyError: 'x'"),
    (KeyboardInterrupt(), "interrupted"),
    (SystemExit(), "SystemExit"),
    (FrameSpecError("not a frame", "a", 0), 'not a frame: "a", at character 1'),
    (ValueError("two\nlines"), "ValueError: two lines"),
], ids=["ours", "a stranger's", "interrupt", "without words", "pointing at the place", "lines"])
def test_reason(error: BaseException, words: str) -> None:
    assert reason(error) == words


def test_one_line_names_what_was_done_and_the_log_file(log_path: str) -> None:
    told = describe("submit", ServiceError("no answer"), with_traceback=False)
    assert told == "ConductorJob, submit: no answer (log file: %s)" % log_path


def test_without_a_log_file_none_is_named() -> None:
    before = list(LOGGER.handlers)
    LOGGER.handlers[:] = [logging.NullHandler()]
    try:
        assert log_file() == ""
        assert describe("submit", ServiceError("x"), False) == "ConductorJob, submit: x"
    finally:
        LOGGER.handlers[:] = before


def test_the_stack_trace_is_there_when_asked_for() -> None:
    try:
        raise ValueError("deep inside")
    except ValueError as error:
        told = describe("preview", error, with_traceback=True)
    assert told.splitlines()[0].startswith("ConductorJob, preview: ValueError: deep inside")
    assert "test_the_stack_trace_is_there" in told
    assert "Traceback" in told


@pytest.mark.parametrize("environ, wanted", [
    ({}, False), ({"CONDUCTOR_MODE": "dev"}, True), ({"CONDUCTOR_MODE": "DEV"}, True),
    ({"CONDUCTOR_MODE": "prod"}, False),
])
def test_developers_ask_by_environment(environ: dict[str, str], wanted: bool) -> None:
    assert is_developing(environ) is wanted
