"""Subcommands that talk to a service: a real one."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from conductor.cli import main as command
from conductor.cli.job_watch import is_at_rest, watch_tasks
from conductor.cli.output import console
from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ServiceError
from conductor.lib.states import TaskState
from tests.cli.conftest import NewJob, Run

FRAMES = ("1-2", "3-4", "5-6")


@pytest.fixture
def job(new_job: NewJob, tmp_path: Path) -> str:
    """A job of three tasks, the second of them scouted, each writing one file."""
    out = tmp_path / "out put"
    return new_job({
        frames: "echo rendering %s > '%s/f.%s.txt'; echo frames %s" % (frames, out, frames, frames)
        for frames in FRAMES
    }, scout="3", title="three tasks [odd]")


def states(client: ApiClient, job: str) -> list[str]:
    return [task["status"] for task in watch_tasks(client, job, console(), limit_s=60)]


def test_a_job_from_held_to_downloaded(
    client: ApiClient, job: str, run: Run, tmp_path: Path
) -> None:
    assert states(client, job) == ["holding", "success", "holding"]
    assert run("jobs", "release", job) == "job %s: 2 tasks released\n" % job
    assert states(client, job) == ["success"] * 3

    listed = run("jobs", "list")
    line = next(line for line in listed.splitlines() if line.startswith(job))
    assert line.split()[:4] == [job, "success", "3", "3"]
    assert line.rstrip().endswith("three tasks [odd]")
    assert job in [found["jid"] for found in json.loads(run("jobs", "list", "--json"))]

    shown = run("jobs", "show", str(int(job)))
    assert "three tasks [odd]" in shown and str(tmp_path) in shown

    tasks = run("jobs", "tasks", job)
    rows = [line.split() for line in tasks.splitlines() if line[:3].isdigit()]
    assert [row[:3] for row in rows] == [
        ["%03d" % number, frames, "success"] for number, frames in enumerate(FRAMES)]
    assert all(0 <= float(row[3]) < 60 for row in rows), "seconds, to a tenth"

    assert "frames 3-4" in run("jobs", "log", job + ":1")

    places = run("download", job, "--destination", str(tmp_path / "got"))
    assert [Path(place).name for place in places.splitlines()] == [
        "f.%s.txt" % frames for frames in FRAMES]
    assert (tmp_path / "got" / "f.5-6.txt").read_text() == "rendering 5-6\n"


def test_single_tasks_are_released_and_stopped(
    client: ApiClient, job: str, run: Run, tmp_path: Path
) -> None:
    assert states(client, job)[0] == "holding"
    assert run("jobs", "release", job + ":0") == "job %s, task 0: 1 task released\n" % job
    assert run("jobs", "kill", job + ":2") == "job %s, task 2: 1 task stopped\n" % job
    assert states(client, job) == ["success", "success", "killed"]
    run("download", job + ":0", "--destination", str(tmp_path / "got"))
    assert os.listdir(tmp_path / "got") == ["f.1-2.txt"]


def test_a_whole_job_is_stopped(client: ApiClient, job: str, run: Run) -> None:
    states(client, job)
    assert run("jobs", "kill", job) == "job %s: 2 tasks stopped\n" % job
    assert states(client, job) == ["killed", "success", "killed"]


def test_watching_tells_each_change_once(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    watch_tasks(client, job, console(), limit_s=60)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(set(told))
    assert "task 000, frames 1-2: holding" in told
    assert "task 001, frames 3-4: success" in told


def test_watching_ends_at_its_limit(client: ApiClient, job: str) -> None:
    ticks = iter(range(0, 10 ** 6, 100))
    client.release_tasks(job)
    try:
        watch_tasks(client, job, console(), limit_s=50, clock=lambda: next(ticks),
                    sleep=lambda _seconds: None)
    except ServiceError as error:
        assert "not done within 50 s" in str(error)
    else:  # The service was quick enough to end between two questions.
        assert is_at_rest(client.tasks(job))
    states(client, job)


@pytest.mark.parametrize(("state", "at_rest"), [
    pytest.param(state, state not in (
        TaskState.SYNC_PENDING, TaskState.PENDING, TaskState.RUNNING), id=state.value)
    for state in TaskState
])
def test_who_is_at_rest(state: TaskState, at_rest: bool) -> None:
    tasks = [{"status": "success"}, {"status": state.value}]
    assert is_at_rest(tasks) is at_rest


@pytest.mark.parametrize(("arguments", "code", "said"), [
    pytest.param(["jobs", "show", "99999"], 5, "99999", id="no-such-job"),
    pytest.param(["jobs", "show", "seven"], 2, "seven", id="no-number"),
    pytest.param(["download", "99999"], 5, "99999", id="download-of-no-job"),
])
def test_what_is_not_there_is_named(
    service_env: Any, arguments: list[str], code: int, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.run(arguments) == code
    assert said in capsys.readouterr().err


def test_no_service_is_exit_code_5(
    service_env: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", "http://127.0.0.1:9")
    assert command.run(["projects"]) == 5
    assert "127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(("listing", "entry"), [
    pytest.param("projects", "default", id="projects"),
    pytest.param("packages", "conductor-slate 1.0", id="packages"),
    pytest.param("instance-types", "n1-standard-2", id="instance-types"),
])
def test_what_is_on_offer(
    service_env: Any, listing: str, entry: str, run: Run
) -> None:
    assert entry in run(listing)
    assert json.loads(run(listing, "--json"))


def test_settings_tell_where_they_came_from(
    service_env: Any, run: Run
) -> None:
    told = json.loads(run("config", "--json"))
    assert told["url"] == {"value": os.environ["CONDUCTOR_URL"], "origin": "CONDUCTOR_URL"}
    assert told["chunk_size"]["origin"] == "default"
    line = next(row for row in run("config").splitlines() if row.startswith("url"))
    assert line.split() == ["url", os.environ["CONDUCTOR_URL"], "CONDUCTOR_URL"]


def test_several_jobs_at_once_and_again(
    client: ApiClient, new_job: NewJob, run: Run, tmp_path: Path
) -> None:
    """Failed tasks are started again, of a whole job or one by one."""
    command_line = "test -e '%s/ok'" % tmp_path
    first = new_job({"1": command_line, "2": "true"})
    second = new_job({"1": command_line, "2": command_line})
    assert [states(client, jid) for jid in (first, second)] == [
        ["failed", "success"], ["failed", "failed"]]
    table = run("jobs", "tasks", first)
    assert "trouble" in table and "exit code 1" in table
    (tmp_path / "ok").write_text("")
    assert run("jobs", "retry", first, second + ":1") == (
        "job %s: 1 task started again\njob %s, task 1: 1 task started again\n" % (first, second))
    assert [states(client, jid) for jid in (first, second)] == [
        ["success", "success"], ["failed", "success"]]


def test_actions_as_json(job: str, client: ApiClient, run: Run) -> None:
    states(client, job)
    answer = json.loads(run("jobs", "kill", job + ":0", job, "--json"))
    assert [(each["job"], each["tasks"]) for each in answer] == [(job, ["000"]), (job, None)]
    assert [each["answer"]["tasks"] for each in answer] == [1, 1]


def test_the_list_is_filtered(client: ApiClient, new_job: NewJob, run: Run) -> None:
    good = new_job({"1": "true"}, metadata={"show": "b=c", "of": good_tag()})
    bad = new_job({"1": "false"}, metadata={"show": "other", "of": good_tag()})
    for jid in (good, bad):
        states(client, jid)

    def listed(*options: str) -> list[str]:
        found = json.loads(run("jobs", "list", "--json", *options))
        return [each["jid"] for each in found]

    mine = ("--metadata", "of=" + good_tag())
    assert listed(*mine) == [bad, good], "newest first"
    assert listed(*mine, "--status", "failed") == [bad]
    assert listed(*mine, "--status", "failed", "--status", "success") == [bad, good]
    assert listed(*mine, "--metadata", "show=b=c") == [good]
    # The newer job without the tag does not use up the limit.
    assert listed(*mine, "--metadata", "show=b=c", "--limit", "1") == [good]
    assert listed(*mine, "--limit", "1") == [bad]
    assert listed("--limit", "1") == [bad]
    assert set(listed("--limit", "0", "--project", "default")) >= {good, bad}
    assert listed("--project", "nobodys") == []


def good_tag() -> str:
    """Marks the jobs of this test: the service is shared."""
    return "test-%d" % os.getpid()


def test_an_empty_list_and_a_cut_one_say_so(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["jobs", "list", "--project", "nobodys"]) == 0
    caught = capsys.readouterr()
    assert (caught.out, caught.err) == ("", "There are no jobs like this.\n")
    assert command.run(["jobs", "list", "--limit", "1"]) == 0
    assert "--limit 0" in capsys.readouterr().err
    states(client, job)


def test_times_are_iso_in_json_and_local_for_people(
    client: ApiClient, job: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(client, job)
    told = json.loads(run("jobs", "show", job, "--json"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", told["created"])
    rows = dict(re.split(r"  +", line.strip(), maxsplit=1)
                for line in run("jobs", "show", job).splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows["created"])
    assert rows["tasks"] == "3: 2 holding, 1 success"
    assert rows["status"] == "holding" and rows["project"] == "default"


def test_chosen_tasks_are_listed(
    client: ApiClient, job: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    states(client, job)
    assert [task["taskLabel"] for task in json.loads(
        run("jobs", "tasks", job + ":0,2", "--json"))] == ["000", "002"]
    assert [task["frames"] for task in json.loads(
        run("jobs", "tasks", job, "--status", "success", "--json"))] == ["3-4"]
    assert command.run(["jobs", "tasks", job, "--status", "failed"]) == 0
    assert capsys.readouterr() == ("", "There are no such tasks.\n")
    assert command.run(["jobs", "tasks", job + ":9"]) == 2
    assert "has no task 009" in capsys.readouterr().err
