"""What was expected of a job: the note is found by the job, and compared with what there is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conductor.lib.config import Config
from conductor.lib.expected_files import Expected, note_path, read_expected

ID = "0123456789abcdef"
JOB = {"jid": "00012", "metadata": {"conductor_submission_id": ID}}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.load(environ={"HOME": str(tmp_path)}, overrides={"user_dir": str(tmp_path)})


def note(config: Config, text: str) -> None:
    path = Path(note_path(config, ID))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def manifest(output_path: str, *paths: str) -> str:
    return json.dumps({"output_path": output_path, "outputs": [
        {"files": [{"path": path} for path in paths[:1]]},
        {"files": [{"path": path} for path in paths[1:]]}]})


@pytest.mark.parametrize(("output_path", "paths", "relative"), [
    pytest.param("/out", ["/out/a.exr", "/out/b/c.exr"], ("a.exr", "b/c.exr"), id="posix"),
    pytest.param("Z:/Out", ["z:\\out\\a.exr", "Z:/OUT/B.exr"], ("a.exr", "B.exr"), id="windows"),
    pytest.param("//nas/r/out", ["\\\\NAS\\r\\out\\a.exr"], ("a.exr",), id="share"),
    pytest.param("/out", ["/out/a.exr", "/out/a.exr"], ("a.exr",), id="once"),
    pytest.param("/out", ["/outer/a.exr", "/out/b.exr"], ("b.exr",), id="another folder"),
    pytest.param("/out", ["/out/x/../a.exr"], ("a.exr",), id="normal form"),
])
def test_relative_paths(
    output_path: str, paths: list[str], relative: tuple[str, ...], config: Config
) -> None:
    note(config, manifest(output_path, *paths))
    found = read_expected(config, JOB)
    assert found is not None and found.relative_paths == relative


@pytest.mark.parametrize(("there", "missing"), [
    pytest.param([], ("a.exr", "b/c.exr"), id="nothing there"),
    pytest.param(["b/c.exr", "more.exr"], ("a.exr",), id="one there"),
    pytest.param(["a.exr", "b\\c.exr"], (), id="all there, other slashes"),
])
def test_missing(there: list[str], missing: tuple[str, ...]) -> None:
    assert Expected("/out", ("a.exr", "b/c.exr")).missing(there) == missing


@pytest.mark.parametrize("job", [
    pytest.param({}, id="no metadata"),
    pytest.param({"metadata": None}, id="metadata that is nothing"),
    pytest.param({"metadata": {"conductor_submission_id": 7}}, id="an id that is no text"),
    pytest.param({"metadata": {"conductor_submission_id": "feedbeef"}}, id="never noted"),
    pytest.param({"metadata": {"conductor_submission_id": "../expected/" + ID}}, id="a path"),
])
def test_jobs_of_which_nothing_is_known(job: dict[str, Any], config: Config) -> None:
    note(config, manifest("/out", "/out/a.exr"))
    assert read_expected(config, JOB) is not None
    assert read_expected(config, job) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"output_path": 1, "outputs": 2}', "\0"])
def test_a_broken_note_is_told_and_left_alone(
    text: str, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    note(config, text)
    assert read_expected(config, JOB) is None
    assert "cannot be used" in caplog.text and os.path.exists(note_path(config, ID))
