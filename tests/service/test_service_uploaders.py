"""Uploader daemons: who is offered what, and what their reports do to jobs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, Callable

import pytest
from service_client import Client, Server, md5_of

from conductor.lib.states import JobState, TaskState, UploadState
from conductor.service import uploads
from conductor.service.database import Database, Job, Task, Upload
from conductor.service.jobs import job_state


@pytest.fixture
def place() -> str:
    """A location no other test uses."""
    return "mars-" + secrets.token_hex(4)


@pytest.fixture
def post(client: Client, tmp_path: Path, place: str) -> Callable[..., str]:
    """Posts a job that waits for files (path -> enforced MD5 or None); its id."""
    def submit(files: dict[str, str | None], *commands: str, **changes: Any) -> str:
        options = dict({
            "location": place, "local_upload": False, "output_path": str(tmp_path / "renders"),
            "upload_files": [
                {"destination": path, "md5": md5, "st_size": 3, "st_mode": 0o100750}
                for path, md5 in files.items()
            ],
        }, **changes)
        return str(client.submit(*(commands or ("true",)), **options))

    return submit


def claim(client: Client, place: str | None) -> Any:
    """What a daemon of a location gets; None when there is nothing."""
    answer = client.session.put(
        client.url + "/uploads/client/next", json={"location": place}, timeout=10
    )
    assert answer.status_code in (201, 204), answer.text
    return answer.json()["data"] if answer.status_code == 201 else None


def tell(client: Client, upload: Any, what: str, code: int = 200, **body: Any) -> Any:
    return client.ask("POST", "/uploads/%d/%s" % (upload["id"], what), code, json=dict(
        body, upload_id=upload["id"]
    ))


def finish(client: Client, upload: Any, files: dict[str, str], status: int = 200) -> Any:
    return tell(client, upload, "finish", status, upload_files={
        path: {"source": path, "md5": md5} for path, md5 in files.items()
    })


def fail(client: Client, upload: Any, reason: str, status: int = 200) -> Any:
    # As the vendor does: plain text that says it is JSON.
    return client.ask(
        "POST", "/uploads/%d/fail" % upload["id"], status, data=reason.encode("utf-8"),
        headers={"Content-Type": "application/json"},
    )


def test_a_job_runs_once_its_files_are_here(
    client: Client, post, place: str, tmp_path: Path
) -> None:
    content, path = secrets.token_bytes(50), str(tmp_path / "in" / "a b.bin")
    jid = post({path: None}, "cat '%s' > '%s/out'" % (path, tmp_path / "renders"))
    assert client.job(jid)["status"] == "upload_pending"
    upload = claim(client, place)
    assert upload == {
        "id": upload["id"], "project": "default", "jid": jid, "location": place,
        "upload_files": {path: None},
    }
    tell(client, upload, "update", transfer_size=50, bytes_transfered=20)
    assert client.job(jid)["upload"] == {
        "id": upload["id"], "status": "running", "transfer_size": 50, "bytes_transferred": 20,
        "reason": "",
    }
    client.upload(content)
    finish(client, upload, {path: md5_of(content)})
    assert client.wait(jid)["status"] == "success"
    assert client.outputs(jid) == {"out": content}
    assert Path(path).read_bytes() == content
    assert Path(path).stat().st_mode & 0o777 == 0o750, "permission bits of the submission"
    assert client.job(jid)["upload"]["status"] == "server_pending"
    finish(client, upload, {path: md5_of(content)})


def test_only_what_is_missing_is_offered(client: Client, post, place: str) -> None:
    client.upload(b"one")
    post({"/w/one": md5_of(b"one"), "/w/two": md5_of(b"two"), "/w/three": None})
    assert claim(client, place)["upload_files"] == {"/w/two": md5_of(b"two"), "/w/three": None}


@pytest.mark.parametrize("asked", [None, "", "venus", "MARS"])
def test_a_daemon_gets_jobs_of_its_own_location_only(
    client: Client, post, place: str, asked: str | None
) -> None:
    jid = post({"/w/x": None})
    other = claim(client, asked)
    assert other is None or other["jid"] != jid
    assert claim(client, place)["jid"] == jid


def test_a_daemon_without_location_gets_jobs_without_one(client: Client, post) -> None:
    jid = post({"/w/x": None}, location="")
    assert claim(client, None)["jid"] == jid
    client.act("kill", jid)


def test_the_most_urgent_comes_first_and_nothing_twice(client: Client, post, place: str) -> None:
    late, urgent, later = (post({"/w/x": None}, priority=number) for number in (5, 9, 5))
    assert [claim(client, place)["jid"] for _ in range(3)] == [urgent, late, later]
    assert claim(client, place) is None


def test_what_is_handed_back_is_offered_again(client: Client, post, place: str) -> None:
    post({"/w/x": None})
    first = claim(client, place)
    assert claim(client, place) is None
    tell(client, first, "update", status="pending")
    assert claim(client, place)["id"] == first["id"]
    assert client.get("/api/v1/capabilities")["data"]["upload_hand_back"] is True


def test_a_failure_fails_the_job_and_says_why(client: Client, post, place: str) -> None:
    jid = post({"/w/x": None}, "true", "true")
    upload = claim(client, place)
    for _ in range(2):
        fail(client, upload, "Uploader ERROR: /w/ü is no file\nat all")
    job = client.job(jid)
    assert (job["status"], job["failed"]) == ("failed", 2)
    assert job["status_description"] == "upload failed: Uploader ERROR: /w/ü is no file\nat all"
    assert client.tasks(jid)[1]["status_description"] == job["status_description"]
    assert client.log(jid)["status_description"] == job["status_description"]
    assert claim(client, place) is None
    # The user has repaired it.
    assert client.act("retry", jid) == 2
    assert client.states(jid) == ["sync_pending"] * 2
    assert claim(client, place)["id"] == upload["id"]


def test_an_enforced_md5_catches_a_changed_file_by_name(client: Client, post, place: str) -> None:
    jid = post({"/w/same": None, "/w/changed": md5_of(b"as submitted")})
    upload = claim(client, place)
    for content in (b"as it is now", b"same"):
        client.upload(content)
    files = {"/w/changed": md5_of(b"as it is now"), "/w/same": md5_of(b"same")}
    refusal = finish(client, upload, files, 400)
    assert refusal["error"] == 'MD5 of "/w/changed" has changed since the submission'
    job = client.job(jid)
    assert job["status"] == "failed" and refusal["error"] in job["status_description"]


MISSING = {
    "not named": {},
    "never sent": {"/w/x": md5_of(b"nobody ever sent this")},
}


@pytest.mark.parametrize("files", MISSING.values(), ids=MISSING.keys())
def test_what_has_not_arrived_is_named_and_can_still_come(
    client: Client, post, place: str, files: dict[str, str]
) -> None:
    jid = post({"/w/x": None}, "true", scout_frames="7")
    upload = claim(client, place)
    assert finish(client, upload, files, 400)["error"] == '"/w/x" has not arrived'
    assert client.job(jid)["status"] == "upload_pending"
    client.upload(b"here")
    finish(client, upload, {"/w/x": md5_of(b"here")})
    assert client.job(jid)["status"] == "holding"


def test_scouts_begin_and_the_rest_is_held(
    client: Client, post, place: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "x")
    jid = post({path: None}, "true", "false", "true", scout_frames="2")
    upload = claim(client, place)
    client.upload(b"here")
    finish(client, upload, {path: md5_of(b"here")})
    client.wait(jid, "holding")
    assert client.states(jid) == ["holding", "failed", "holding"]


def test_a_killed_job_wants_no_files(client: Client, post, place: str) -> None:
    jid = post({"/w/x": None})
    upload = claim(client, place)
    client.act("kill", jid)
    for answer in (
        tell(client, upload, "update", 410), finish(client, upload, {"/w/x": md5_of(b"")}, 410),
    ):
        assert answer["error"] == "job %s does not wait for files any more" % jid
    fail(client, upload, "too late")
    assert client.job(jid)["status"] == "killed"
    again = post({"/w/x": None})
    client.act("kill", again)
    assert claim(client, place) is None


def test_a_job_without_tasks_is_as_far_as_its_upload(client: Client, post, place: str) -> None:
    def without_tasks() -> str:
        return post({"/w/x": None}, tasks_data=[], output_path="")

    client.upload(b"x")
    good, bad, killed = (without_tasks() for _ in range(3))
    client.act("kill", killed)
    finish(client, claim(client, place), {"/w/x": md5_of(b"x")})
    fail(client, claim(client, place), "")
    assert claim(client, place) is None
    assert [client.job(jid)["status"] for jid in (good, bad, killed)] == [
        "success", "failed", "failed",
    ]
    assert client.job(bad)["status_description"] == "upload failed: the uploader gave no reason"
    assert client.job(killed)["status_description"] == "upload failed: killed"


@pytest.mark.parametrize("path, body, status", [
    ("999999/update", {}, 404), ("x/finish", {}, 404),
    ("1/finish", {"upload_files": ["/w"]}, 400), ("1/finish", {"upload_files": {"/w": "x"}}, 400),
    ("1/finish", {"upload_files": {"/w": {"md5": "x"}}}, 400), ("1/update", [], 400),
])
def test_a_report_that_makes_no_sense_is_refused(
    client: Client, post, path: str, body: Any, status: int
) -> None:
    post({"/w/x": None})
    assert client.ask("POST", "/uploads/" + path, status, json=body)["error"]


def test_a_claim_survives_the_service(own_server: Server, tmp_path: Path) -> None:
    client = own_server.start().client()
    path = str(tmp_path / "x")
    jid = client.submit(
        "true", local_upload=False, upload_files=[{"destination": path, "md5": None}],
        output_path=str(tmp_path / "out"),
    )
    upload = claim(client, None)
    own_server.stop(9)
    client = own_server.start().client()
    assert claim(client, None) is None
    client.upload(b"y")
    finish(client, upload, {path: md5_of(b"y")})
    assert client.wait(jid)["status"] == "success"
    own_server.stop()


# Without a server

JOB = dict(
    dict.fromkeys((
        "title", "project", "owner", "location", "instance_type", "output_path",
        "node_output_path", "scout_frames",
    ), ""),
    cores=1, priority=5, max_instances=0, upload_size=0, chunk_size=1, created_at=0.0,
    preemptible=False, local_upload=False, environment={}, autoretry_policy={}, tags={},
    software_package_ids=[], notify=[], status="upload_pending",
)


def test_a_daemon_that_fell_silent_loses_its_claim(tmp_path: Path) -> None:
    database = Database(tmp_path / "db.sqlite")
    database.upgrade()
    with database.write() as session:
        session.add(Job(id=1, **JOB))
        session.flush()
        session.add(Task(job_id=1, number=0, command="true", frames="", status="sync_pending"))
        session.add(Upload(job_id=1, status="pending"))

    def is_offered(now: float) -> bool:
        with database.write() as session:
            return uploads.claim(session, "", now) is not None

    assert is_offered(1000.0)
    assert not is_offered(1000.0 + uploads.SILENCE_LIMIT_S)
    assert is_offered(1001.0 + uploads.SILENCE_LIMIT_S)
    database.close()


WAITING, NO_TASKS = {"sync_pending": 1, "killed": 1}, {}


@pytest.mark.parametrize("counts, upload, expected", [
    (WAITING, UploadState.PENDING, JobState.UPLOAD_PENDING),
    (WAITING, UploadState.RUNNING, JobState.UPLOAD_PENDING),
    (WAITING, UploadState.SERVER_PENDING, JobState.SYNC_PENDING),
    ({"killed": 2}, UploadState.PENDING, JobState.KILLED),
    ({"failed": 1, "killed": 1}, UploadState.FAILED, JobState.FAILED),
    ({TaskState.PENDING.value: 1}, UploadState.SERVER_PENDING, JobState.PENDING),
    (NO_TASKS, UploadState.RUNNING, JobState.UPLOAD_PENDING),
    (NO_TASKS, UploadState.FAILED, JobState.FAILED),
    (NO_TASKS, UploadState.SERVER_PENDING, JobState.SUCCESS),
])
def test_the_state_of_a_job_with_an_upload(
    counts: dict[str, int], upload: UploadState, expected: JobState
) -> None:
    assert job_state(counts, upload) is expected
