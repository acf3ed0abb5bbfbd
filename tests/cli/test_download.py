"""``conductor download``: by job, task and name; what fails stops nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conductor.cli import main as command
from conductor.cli.job_watch import watch_tasks
from conductor.cli.output import console
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.expected_files import note_path
from tests.cli.conftest import NewJob, Run


@pytest.fixture
def job(new_job: NewJob, client: ApiClient, tmp_path: Path) -> str:
    """Two tasks, each with a file in two folders."""
    out = tmp_path / "out put"
    jid = new_job({frame: "mkdir -p '{0}/a' '{0}/b'; echo {1} > '{0}/a/x.{1}.exr'; "
                          "echo {1} > '{0}/b/x.{1}.png'".format(out, frame) for frame in "12"})
    assert [task["status"] for task in watch_tasks(client, jid, console(), limit_s=60)] == [
        "success"] * 2
    return jid


def below(folder: Path) -> set[str]:
    """The files; what was broken off waits under a hidden name."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")}


ALL = {"a/x.1.exr", "a/x.2.exr", "b/x.1.png", "b/x.2.png"}


@pytest.mark.parametrize(("suffix", "options", "names"), [
    pytest.param("", [], ALL, id="all"),
    pytest.param(":1", [], {"a/x.2.exr", "b/x.2.png"}, id="a task"),
    pytest.param(":0-1", ["--match", "*.exr"], {"a/x.1.exr", "a/x.2.exr"}, id="by name"),
    pytest.param("", ["--regex", "^b/.*2"], {"b/x.2.png"}, id="by regular expression"),
    pytest.param("", ["--regex", "^b", "--match", "*1*"], {"b/x.1.png"}, id="by both"),
    pytest.param("", ["--match", "nothing"], set(), id="none"),
])
def test_what_is_fetched(
    suffix: str, options: list[str], names: set[str], job: str, tmp_path: Path, run: Run
) -> None:
    printed = run("download", job + suffix, "--destination", str(tmp_path / "got"), *options)
    assert below(tmp_path / "got") == names
    assert set(printed.splitlines()) == {str(tmp_path / "got" / name) for name in names}


def test_what_is_there_is_not_fetched_again(
    job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["download", job, "--destination", str(tmp_path / "got")]
    for said in ("4 files, 8 B fetched\n", "4 files, 0 B fetched, 4 there already\n"):
        assert command.run(arguments) == 0
        assert capsys.readouterr().err.endswith(said)


@pytest.mark.parametrize(("options", "status"), [
    pytest.param([], "downloaded", id="told"), pytest.param(["--no-report"], "success", id="not"),
])
def test_the_service_is_told(
    options: list[str], status: str, job: str, client: ApiClient, tmp_path: Path, run: Run
) -> None:
    run("download", job, "--destination", str(tmp_path / "got"), *options)
    assert client.job(job)["status"] == status


def test_a_file_that_fails_stops_no_other(
    job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "got" / "a" / "x.1.exr").mkdir(parents=True)
    arguments = ["download", job, "--destination", str(tmp_path / "got")]
    assert command.run(arguments) == 7
    caught = capsys.readouterr()
    assert below(tmp_path / "got") == ALL - {"a/x.1.exr"}
    assert len(caught.out.splitlines()) == 3
    assert "1 file could not be downloaded" in caught.err and "x.1.exr" in caught.err
    assert command.run([*arguments, "--json"]) == 7
    told = json.loads(capsys.readouterr().out)
    assert len(told["files"]) == 3 and all(file["identical"] for file in told["files"])
    assert [Path(each["path"]).name for each in told["failures"]] == ["x.1.exr"]


def expect(job: str, client: ApiClient, tmp_path: Path, *names: str) -> None:
    """As if the job had been submitted from this machine: what its files are to be called."""
    root = tmp_path / "out put"
    path = Path(note_path(Config.load(), client.job(job)["metadata"]["conductor_submission_id"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"output_path": str(root), "outputs": [
        {"files": [{"path": str(root / name)} for name in names]}]}))


def test_expected_files_that_are_not_there_are_listed(
    job: str, client: ApiClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect(job, client, tmp_path, "a/x.1.exr", "a/x.3.exr", "b/x.2.png")
    arguments = ["download", job, "--destination", str(tmp_path / "got"), "--match", "*.png"]
    capsys.readouterr()
    assert command.run(arguments) == 0
    assert capsys.readouterr().err.endswith(
        "1 expected file not written (yet):\n  job %s: a/x.3.exr\n" % job)
    assert command.run([*arguments, "--json", "--require-expected"]) == 7
    caught = capsys.readouterr()
    assert json.loads(caught.out)["missing"] == [{"job": job, "path": "a/x.3.exr"}]
    assert "a/x.3.exr: job %s has not written it" % job in caught.err


def test_nothing_is_missing_of_a_part_or_of_a_complete_job(
    job: str, client: ApiClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect(job, client, tmp_path, *sorted(ALL))
    for suffix in ("", ":0"):
        arguments = ["download", job + suffix, "--destination", str(tmp_path / "got")]
        assert command.run([*arguments, "--require-expected"]) == 0
        assert "expected" not in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code", "said"), [
    pytest.param(["99999"], 5, "99999", id="no such job"),
    pytest.param(["12:x"], 2, "12:x", id="no task"),
    pytest.param([], 2, "JOB[:TASKS]", id="no job"),
    pytest.param(["{job}", "--regex", "("], 2, "regular expression", id="no expression"),
])
def test_wrong_arguments(
    arguments: list[str], code: int, said: str, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert command.run(["download", *(text.format(job=job) for text in arguments)]) == code
    assert said in capsys.readouterr().err
