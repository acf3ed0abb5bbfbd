"""``conductor submit`` and ``upload``: real files, the real service."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conductor.cli import main as command
from conductor.lib.api_client import ApiClient
from tests.cli.conftest import Run, start


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "in.txt").write_bytes(os.urandom(1000))
    return {
        "job_title": "from a file", "project": "default", "instance_type": "n1-standard-2",
        "output_path": str(tmp_path / "out"), "upload_paths": [str(tmp_path / "in.txt")],
        "tasks_data": [{"command": "true", "frames": "1"}],
    }


@pytest.fixture
def jobfile(arguments: dict[str, Any], tmp_path: Path) -> str:
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(arguments))
    return str(path)


def test_a_job_file(
    jobfile: str, client: ApiClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["submit", jobfile]) == 0
    caught = capsys.readouterr()
    job = client.jobs(limit=1)[0]
    assert caught.out == "job %s: %s/jobs/%s\n" % (job["jid"], client.url, job["jid"])
    assert job["title"] == "from a file"
    assert "1 of 1 files, 1.0 kB" in caught.err, "progress, on standard error"


@pytest.mark.parametrize("form", ["yaml", "json", "standard input"])
def test_its_forms(
    form: str, arguments: dict[str, Any], tmp_path: Path, client: ApiClient, run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "job"
    path.write_text(yaml.safe_dump(arguments) if form == "yaml" else json.dumps(arguments))
    if form == "standard input":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    answer = json.loads(run("submit", "-" if form == "standard input" else str(path), "--json"))
    assert answer["code"] == 201
    assert client.job(answer["response"]["jobid"])["title"] == "from a file"


def test_set_replaces_arguments_of_the_file(jobfile: str, run: Run, client: ApiClient) -> None:
    answer = json.loads(run(
        "submit", jobfile, "--json", "--set", "job_title=Shot 12 a=b", "--set", "chunk_size=4",
        "--set", "metadata={show: batman}", "--set", "preemptible=true",
    ))
    job = client.job(answer["response"]["jobid"])
    assert (job["title"], job["chunk_size"], job["preemptible"]) == ("Shot 12 a=b", 4, True)
    assert job["metadata"]["show"] == "batman"


def test_a_dry_run_sends_nothing(
    jobfile: str, tmp_path: Path, run: Run, client: ApiClient,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = [job["jid"] for job in client.jobs()]
    told = json.loads(run("submit", jobfile, "--dry-run", "--json"))
    assert told["payload"]["job_title"] == "from a file"
    assert told["files"] == [str(tmp_path / "in.txt")] and told["size"] == 1000
    assert command.run(["submit", jobfile, "--dry-run"]) == 0
    caught = capsys.readouterr()
    assert caught.out.splitlines()[-1] == str(tmp_path / "in.txt")
    assert "from a file" in caught.out and "n1-standard-2" in caught.out
    assert caught.err == "1 file, 1.0 kB; nothing was sent\n"
    assert [job["jid"] for job in client.jobs()] == before
    assert not os.path.exists(os.path.expanduser("~/.conductor/journal"))


@pytest.mark.parametrize(("text", "options", "said"), [
    pytest.param("[1, 2", [], "no YAML", id="no yaml"),
    pytest.param("- a\n- b\n", [], "mapping", id="a list"),
    pytest.param("jobtitle: x\n", [], 'Did you mean "job_title"', id="an unknown argument"),
    pytest.param("{}", ["--set", "title"], "NAME=VALUE", id="set without a value"),
    pytest.param("{}", ["--set", "metadata={a"], "no YAML", id="set of no yaml"),
    pytest.param("{}", ["--threads", "0"], "--threads", id="no threads"),
    pytest.param("{}", [], "tasks_data", id="nothing to do"),
])
def test_a_wrong_job_file_is_an_input_error(
    text: str, options: list[str], said: str, tmp_path: Path, service_env: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "job.yaml").write_text(text)
    assert command.run(["submit", str(tmp_path / "job.yaml"), *options]) == 2
    caught = capsys.readouterr()
    assert said in caught.err and not caught.out


def test_a_file_that_is_not_there_is_a_failed_transfer(
    jobfile: str, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["submit", jobfile, "--set", "upload_paths=[/gone/a, /gone/b]"]) == 7
    told = capsys.readouterr().err
    assert "/gone/a" in told and "/gone/b" in told


def test_files_are_sent_ahead(
    tmp_path: Path, client: ApiClient, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "textures"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(os.urandom(500))
    (tmp_path / "c").write_bytes(os.urandom(500))
    (tmp_path / "list.txt").write_text("%s\n" % (tmp_path / "c"))
    before = len(client.jobs())
    listed = ["--file-list", str(tmp_path / "list.txt")]
    assert sorted(run("upload", str(folder), *listed, "--dry-run").split()) == [
        str(tmp_path / "c"), str(folder / "a"), str(folder / "b")]
    assert run("upload", str(folder), *listed) == "3 files uploaded\n"
    answer = json.loads(run("upload", str(folder), *listed, "--json", "--threads", "2"))
    assert answer["code"] == 204 and answer["response"]["jobid"] is None
    assert len(client.jobs()) == before


@pytest.mark.parametrize(("arguments", "said"), [
    pytest.param([], "--file-list", id="nothing"),
    pytest.param(["/gone"], "/gone", id="what is not there"),
])
def test_an_upload_of_nothing(
    arguments: list[str], said: str, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["upload", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_progress_in_a_pipe_is_plain_and_apart_from_the_result(jobfile: str, client: Any) -> None:
    out, err = start("submit", jobfile, "--json").communicate(timeout=60)
    assert json.loads(out)["code"] == 201
    assert "\x1b" not in err and "\r" not in err
    assert "1 of 1 files" in err
