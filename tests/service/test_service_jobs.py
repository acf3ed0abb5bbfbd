"""Submitting and listing: both eras' payloads, refusals, idempotency, filters."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from service_client import Client, Server, md5_of

from conductor.lib.submission import PAYLOAD_ID, FileStat, Submission, Task, UploadFile

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def held(output: Path) -> dict[str, object]:
    """What keeps a job from running: scouts that match nothing."""
    return {"output_path": str(output), "scout_frames": "1000"}


# Accepting


def test_the_answer_has_the_members_every_client_reads(client: Client, held) -> None:
    answer = client.ask("POST", "/jobs/", 201, json=dict(
        held, project="default", instance_type="n1-standard-2",
        tasks_data=[{"command": "true", "frames": "1"}],
    ))
    jid = answer["jobid"]
    assert answer == {
        "body": "job submitted.", "jobid": jid, "jid": jid, "status": "success",
        "uri": "/jobs/" + jid,
    }
    assert len(jid) == 5 and jid.isdigit()


def test_a_submission_of_our_own_is_stored_as_it_was_sent(client: Client, output: Path) -> None:
    content = b"a texture"
    client.upload(content)
    stat = FileStat(0o100644, 1, 2, 1, 0, 0, len(content), 1.5, 2.25, 3.125)
    submission = Submission(
        submission_id="5" * 32, job_title='Clarisse: "shot" ä', project="spiderman",
        instance_type="n1-highmem-2", output_path=str(output),
        tasks=(Task("true", "1-2"), Task("true", "3-4")), scout_frames="9",
        upload_files=(UploadFile("/w/t.png", str(output / "t.png"), md5_of(content), stat),),
        environment={"PATH": "/opt/x"}, software_package_ids=("a" * 32,),
        autoretry_policy={"failed": {"max_retries": 3}}, metadata={"show": "x"},
        notify=("a@b.c",), priority=7, owner="artist", location="mars", preemptible=True,
        chunk_size=2,
    )
    payload = submission.to_payload()
    jid = client.ask("POST", "/jobs/", 201, json=payload)["jobid"]
    stored = client.get("/api/v1/client/jobs/%s/payload" % jid)["data"]
    assert stored == payload and list(stored) == list(payload)
    job = client.job(jid)
    assert job["title"] == 'Clarisse: "shot" ä' and job["project"] == "local|spiderman"
    assert job["metadata"] == {"show": "x", PAYLOAD_ID: "5" * 32}
    assert job["notify"] == {"emails": ["a@b.c"]}
    assert (job["owner"], job["priority"], job["location"], job["cores"]) == (
        "artist", 7, "mars", 2,
    )
    assert (job["status"], job["tasks"], job["holding"]) == ("holding", 2, 2)
    assert [task["frames"] for task in client.tasks(jid)] == ["1-2", "3-4"]


def test_a_payload_of_2019_is_taken(client: Client, output: Path) -> None:
    jid = client.ask("POST", "/jobs/", 201, json={
        "owner": "artist", "project": "", "job_title": "old", "cores": 2,
        "machine_flavor": "highcpu", "chunk_size": "5", "priority": 5, "local_upload": "True",
        "tasks_data": [{"command": "true"}], "output_path": str(output), "upload_size": 0,
        "notify": {"emails": {"emails": "a@b.c, d@e.f"}}, "location": "", "docker_image": "",
    })["jobid"]
    job = client.wait(jid)
    assert (job["status"], job["instance_type"], job["project"]) == (
        "success", "n1-highcpu-2", "local|default",
    )
    assert job["notify"] == {"emails": ["a@b.c", "d@e.f"]} and job["chunk_size"] == 5


def test_an_upload_only_job_of_2019_has_nothing_to_run(client: Client) -> None:
    client.upload(b"only uploaded")
    jid = client.ask("POST", "/jobs/", 201, json={
        "project": "default", "frame_range": "x", "command": "upload only",
        "instance_type": "n1-standard-1",
        "upload_files": [{"destination": "/w/a", "md5": md5_of(b"only uploaded")}],
    })["jobid"]
    job = client.job(jid)
    assert (job["status"], job["tasks"]) == ("success", 0)


@pytest.mark.parametrize("notify, emails", [
    ({"emails": ["a@b.c"]}, ["a@b.c"]),
    ({"emails": None}, []),
    ({"emails": {"emails": "a@b.c, d@e.f"}}, ["a@b.c", "d@e.f"]),
    (["a@b.c"], ["a@b.c"]),
    (None, []),
], ids=["right", "null", "twice wrapped", "bare list", "missing"])
def test_all_shapes_of_notify(client: Client, held, notify, emails) -> None:
    jid = client.submit("true", notify=notify, **held)
    assert client.job(jid)["notify"] == {"emails": emails}


REFUSED = {
    "no object": ([], "a job is a JSON object"),
    "no output path": ({"output_path": None}, "output_path is missing"),
    "relative output path": ({"output_path": "renders"}, '"renders" is not an absolute path'),
    "climbing output path": ({"output_path": "/a/../etc"}, "neither"),
    "root as output path": ({"output_path": "C:/"}, "is the root"),
    "unknown project": ({"project": "batman"}, "choose one of default, spiderman"),
    "unknown machine": ({"instance_type": "n1-standard-64"}, "choose one of n1-standard-2"),
    "unknown pair": ({"instance_type": None, "cores": 7}, '"n1-standard-7"'),
    "task without command": ({"tasks_data": [{"frames": "1"}]}, "tasks_data[0] has no command"),
    "task of text": ({"tasks_data": ["true"]}, "tasks_data[0]"),
    "tasks as a map": ({"tasks_data": {"a": 1}}, "tasks_data must be a list"),
    "command of old": ({"tasks_data": [], "command": "render"}, "as an entry of tasks_data"),
    "bad scouts": ({"scout_frames": "1-x"}, "scout_frames"),
    "bad priority": ({"priority": "high"}, 'priority must be a whole number, not "high"'),
    "bad environment": ({"environment": ["A=b"]}, "environment must be names and values"),
    "bad title": ({"job_title": ["a"]}, "job_title must be text"),
    "bad retries": ({"autoretry_policy": {"failed": 3}}, "max_retries"),
    "unknown retries": ({"autoretry_policy": {"killed": {"max_retries": 1}}}, '"killed"'),
    "file without destination": ({"upload_files": [{"md5": md5_of(b"")}]}, "upload_files[0]"),
    "file with hexadecimal MD5": (
        {"upload_files": [{"destination": "/a", "md5": "d41d8cd98f00b204e9800998ecf8427e"}]},
        "is no MD5",
    ),
    "file at a climbing path": (
        {"upload_files": [{"destination": "/w/../../etc/passwd", "md5": md5_of(b"")}]}, "neither",
    ),
}


@pytest.mark.parametrize("changes, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_right_is_refused_with_the_reason(
    client: Client, output: Path, changes, said: str
) -> None:
    newest = client.get("/api/v1/jobs?limit=1")["data"]
    payload = {
        "project": "default", "instance_type": "n1-standard-2", "output_path": str(output),
        "tasks_data": [{"command": "true", "frames": "1"}],
    }
    body = dict(payload, **changes) if isinstance(changes, dict) else changes
    answer = client.ask("POST", "/jobs/", 400, json=body)
    assert said in answer["error"]
    assert client.get("/api/v1/jobs?limit=1")["data"] == newest, "nothing was created"


def test_files_that_never_arrived_are_all_listed(client: Client, held) -> None:
    client.upload(b"here")
    files = [
        {"destination": "/w/%02d" % number, "md5": md5_of(b"missing %d" % number)}
        for number in range(12)
    ]
    files += [
        {"destination": "/w/here", "md5": md5_of(b"here"), "st_size": 4},
        {"destination": "/w/other size", "md5": md5_of(b"here"), "st_size": 5},
        {"destination": "/w/no md5", "md5": None},
    ]
    answer = client.submit("true", status=400, upload_files=files, **held)
    assert answer["files"] == [
        "/w/%02d" % number for number in range(12)
    ] + ["/w/other size", "/w/no md5"]
    assert answer["error"].startswith('14 files were not uploaded: "/w/00"')
    assert answer["error"].endswith("and 4 more")


def test_a_job_whose_files_a_daemon_brings_waits(client: Client, output: Path) -> None:
    jid = client.submit(
        "true", output_path=str(output), local_upload=False,
        upload_files=[{"destination": "/w/later", "md5": None}],
    )
    assert client.job(jid)["status"] == "upload_pending"
    assert client.states(jid) == ["sync_pending"]
    assert client.act("kill", jid) == 1
    assert client.job(jid)["status"] == "killed"


def test_a_job_without_files_needs_no_daemon(client: Client, output: Path) -> None:
    jid = client.submit("true", output_path=str(output), local_upload=False)
    assert client.wait(jid)["status"] == "success"


# Idempotency


def test_the_same_key_is_answered_with_the_same_job(client: Client, held) -> None:
    first = client.submit("true", headers={"Idempotency-Key": "k1"}, **held)
    again = client.submit("true", headers={"Idempotency-Key": "k1"}, **held)
    other = client.submit("true", headers={"Idempotency-Key": "k2"}, **held)
    assert first == again != other
    assert client.submit("true", **held) != client.submit("true", **held)


def test_the_same_key_at_once_makes_one_job(client: Client, held) -> None:
    jids: list[str] = []

    def post() -> None:
        own = Client(client.url, client.key)
        jids.append(own.submit("true", headers={"Idempotency-Key": "race"}, **held))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jids) == 6 and len(set(jids)) == 1


# Listing


def test_jobs_are_filtered_by_id(client: Client, held) -> None:
    jids = [client.submit("true", **held) for _ in range(3)]
    first, last = int(jids[0]), int(jids[2])
    found = client.get("/api/v1/jobs?filter=jid_gt_%05d,jid_lt_%05d" % (first - 1, last + 1))
    assert [job["jid"] for job in found["data"]] == jids[::-1]
    one = client.get("/api/v1/jobs?filter=jid_eq_" + jids[1])
    assert [job["jid"] for job in one["data"]] == [jids[1]]


@pytest.mark.parametrize("term, is_found", [
    ("owner_eq_o_w_n_e_r", True),
    ("owner_eq_o", False),
    ("title_eq_some title", True),
    ("project_eq_spiderman", True),
    ("project_eq_local|spiderman", True),
    ("project_eq_default", False),
    ("status_eq_holding", True),
    ("status_eq_running", False),
    ("location_eq_mars", True),
    ("account_id_eq_local", True),
    ("account_id_eq_5", False),
    ("created_gt_2020-01-01,created_lt_2200-01-01", True),
    ("created_lt_2020-01-01T00:00:00Z", False),
    ("priority_gt_6,priority_lt_8", True),
    ("owner_eq_o_w_n_e_r,status_eq_running", False),
])
def test_the_filter_grammar(client: Client, held, term: str, is_found: bool) -> None:
    jid = client.submit(
        "true", owner="o_w_n_e_r", job_title="some title", project="spiderman", location="mars",
        priority=7, **held,
    )
    found = client.get("/api/v1/jobs", params={"filter": "jid_eq_%s,%s" % (jid, term)})["data"]
    assert bool(found) is is_found


@pytest.mark.parametrize("term, said", [
    ("jid", "<field>_<eq|gt|lt>_<value>"),
    ("jid_ne_1", "<field>_<eq|gt|lt>_<value>"),
    ("colour_eq_red", 'unknown field "colour"'),
    ("jid_eq_x", '"x" is no number'),
    ("created_gt_yesterday", '"yesterday" is no date'),
])
def test_a_filter_that_is_not_understood_is_quoted(client: Client, term: str, said: str) -> None:
    assert said in client.get("/api/v1/jobs", 400, params={"filter": term})["error"]


def test_fields_and_limit(client: Client, held) -> None:
    jids = [client.submit("true", **held) for _ in range(2)]
    found = client.get("/api/v1/jobs?fields=jid,status,nothing&limit=2&filter=")["data"]
    assert found == [{"jid": jid, "status": "holding"} for jid in jids[::-1]]
    assert "no number" in client.get("/api/v1/jobs?limit=x", 400)["error"]


def test_tasks_are_filtered(client: Client, held) -> None:
    jid = client.submit("echo a", "echo b", "echo c", **held)
    task, = client.get("/api/v1/tasks?filter=jobLabel_eq_%s,taskLabel_eq_001" % jid)["data"]
    assert (task["jobLabel"], task["taskLabel"], task["command"]) == (jid, "001", "echo b")
    assert (task["frames"], task["status"], task["attempts"]) == ("2", "holding", 0)
    assert task["run_time_s"] is None
    held_ones = client.get("/api/v1/tasks?filter=jid_eq_%s,status_eq_holding&limit=2" % jid)
    assert [task["tid"] for task in held_ones["data"]] == ["000", "001"]


def test_a_large_job_is_taken_and_listed_quickly(client: Client, held) -> None:
    jid = client.submit(*["true"] * 3000, **dict(held, scout_frames="9000"))
    assert client.job(jid)["holding"] == 3000
    tasks = client.tasks(jid)
    assert (tasks[999]["tid"], tasks[1000]["tid"], tasks[-1]["tid"]) == ("999", "1000", "2999")


@pytest.mark.parametrize("method, path, body", [
    ("GET", "/api/v1/client/jobs/99999", None),
    ("GET", "/api/v1/client/jobs/x", None),
    ("GET", "/api/v1/client/jobs/99999/payload", None),
    ("GET", "/get_log_file?job=99999&task=000", None),
    ("PUT", "/jobs_multi", {"action": "kill", "jobids": ["99999"]}),
    ("PUT", "/tasks_multi", {"action": "kill", "jobid": "99999", "taskids": ["000"]}),
    ("POST", "/jobs/99999/downloads", {"tids": None}),
    ("GET", "/downloads/99999", None),
    ("GET", "/api/v1/client/jobs/9999999999999999999999", None),
    ("GET", "/api/v1/client/jobs/%C2%B2", None),
    ("GET", "/api/v1/client/jobs/-1", None),
])
def test_a_job_there_is_not_is_404(client: Client, method: str, path: str, body) -> None:
    assert 'there is no job "' in client.ask(method, path, 404, json=body)["error"]


def test_a_task_there_is_not_is_404_and_nothing_happens(client: Client, held) -> None:
    jid = client.submit("true", **held)
    body = {"action": "release", "jobid": jid, "taskids": ["000", "007"]}
    answer = client.ask("PUT", "/tasks_multi", 404, json=body)
    assert answer["error"] == 'job %s has no task "007"' % jid
    assert client.states(jid) == ["holding"]
    for odd in ("x", "%C2%B2", "9" * 5000, ""):
        client.get("/get_log_file?job=%s&task=%s" % (jid, odd), 404)


@pytest.mark.parametrize("path, body", [
    ("/jobs_multi", {"action": "promote", "jobids": ["1"]}),
    ("/tasks_multi", {"jobid": "1", "taskids": ["000"]}),
])
def test_an_unknown_action_is_told_the_known_ones(client: Client, held, path, body) -> None:
    jid = client.submit("true", **held)
    body = dict(body, **({"jobids": [jid]} if "jobids" in body else {"jobid": jid}))
    assert "known are kill, release, retry" in client.ask("PUT", path, 400, json=body)["error"]


HUGE = "9" * 30


@pytest.mark.parametrize(("method", "path", "body"), [
    pytest.param("PUT", "/jobs_multi", {"action": "kill", "jobids": 5}, id="no list of jobs"),
    pytest.param("PUT", "/tasks_multi", {"action": "kill", "jobid": "{jid}", "taskids": True},
                 id="no list of tasks"),
    pytest.param("POST", "/jobs/{jid}/downloads", {"tids": 1.5}, id="no list of downloads"),
    pytest.param("PUT", "/jobs_multi",
                 {"action": "set_priority", "jobids": ["{jid}"], "priority": HUGE}, id="priority"),
    pytest.param("PUT", "/jobs_multi", {"action": "kill", "jobids": ["\ud800"]}, id="surrogate"),
    pytest.param("PUT", "/jobs_multi", {"\ud800": 5}, id="surrogate as a name"),
    pytest.param("PUT", "/jobs_multi", {"action": "a\0b"}, id="NUL"),
    pytest.param("GET", "/api/v1/jobs?filter=id_eq_" + HUGE, None, id="filter"),
    pytest.param("GET", "/api/v1/jobs?limit=" + HUGE, None, id="limit"),
    pytest.param("GET", "/downloads/next?count=%C2%B2", None, id="count of another script"),
    pytest.param("POST", "/api/v2/files/get_upload_urls", {
        "upload_files": [{"path": "/\ud800", "hash": "1B2M2Y8AsgTpgAmY7PhCfg==", "size": 1}]},
        id="path"),
])
def test_what_makes_no_sense_is_no_accident(
    client: Client, held: Any, method: str, path: str, body: Any
) -> None:
    jid = client.submit("true", **held)
    sent = json.loads(json.dumps(body).replace("{jid}", jid))
    assert client.ask(method, path.replace("{jid}", jid), 400, json=sent)["error"]
    assert client.states(jid) == ["holding"]


@pytest.mark.parametrize("changes", [
    pytest.param({"upload_files": [{"destination": "/w/a", "st_size": "x"}]}, id="size"),
    pytest.param({"upload_files": [{"destination": "/w/a", "st_mode": []}]}, id="mode"),
    pytest.param({"upload_files": [{"destination": "/w/a", "st_size": int(HUGE)}],
                  "local_upload": False, "chunk_size": HUGE}, id="huge"),
    pytest.param({"job_title": "\udfff"}, id="surrogate"),
    pytest.param({"tasks_data": [{"command": "echo \0"}]}, id="command with NUL"),
])
def test_a_job_that_cannot_be_kept_is_refused(client: Client, held: Any, changes: Any) -> None:
    assert client.submit("true", status=400, **dict(held, **changes))["error"]


def test_an_escape_that_is_only_written_out_is_text(client: Client, held: Any) -> None:
    jid = client.submit("printf '\\u0000 \\ud800'", **held)
    assert client.tasks(jid)[0]["command"] == "printf '\\u0000 \\ud800'"


def test_an_accident_is_told_without_its_innards(
    client: Client, server: Server, output: Path
) -> None:
    jid = client.submit("true", output_path=str(output))
    client.wait(jid)
    log, = (server.data / "attempts" / jid).glob("*/log.txt")
    log.unlink()
    log.mkdir()
    answer = client.get("/get_log_file?job=%s&task=000" % jid, 500)
    assert answer == {"error": "the service made a mistake; its log says more"}
    assert "IsADirectoryError" in server.log.read_text(encoding="utf-8")


def test_a_log_before_the_first_attempt_is_empty(client: Client, held) -> None:
    jid = client.submit("true", **held)
    assert client.log(jid) == {
        "logs": [], "new_num_lines": [], "status_description": "", "task_status": "holding",
    }
