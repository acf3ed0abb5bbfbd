"""The client against the real service: choose, upload, submit, watch, download."""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path
from typing import Any, Callable

import pytest
import requests

from conductor.lib import api_client
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import fetch_catalog
from conductor.lib.conductor_submit import Submit, send
from conductor.lib.config import Config
from conductor.lib.downloader import download_job
from conductor.lib.errors import AuthError, DownloadError, ServiceError
from conductor.lib.states import JobState, TaskState
from conductor.lib.submission import PAYLOAD_ID
from conductor.lib.transport import Transport, new_session

LIMIT_S = 60


class Recording(requests.adapters.HTTPAdapter):
    """Lets everything through and notes it; drops the answer of those `lose` picks."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=16)
        self.sent: list[requests.PreparedRequest] = []
        self.lose: Callable[[requests.PreparedRequest], bool] = lambda request: False

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        answer = super().send(request, *args, **kwargs)
        if self.lose(request):
            raise requests.ConnectionError("the connection was cut after the request was sent")
        return answer

    def bytes_sent(self) -> int:
        """Of contents: to signed addresses and in bundles."""
        return sum(
            int(one.headers["Content-Length"]) for one in self.sent
            if "/files/" in str(one.url) and "get_upload_urls" not in str(one.url))

    def count(self, method: str, part: str) -> int:
        return sum(1 for one in self.sent if one.method == method and part in str(one.url))


def recorded(recording: Recording) -> Transport:
    session = new_session()
    session.mount("http://", recording)
    return Transport(session, backoff_s=0)


@pytest.fixture
def config(service_env: Any) -> Config:
    return Config.load()


@pytest.fixture
def wire() -> Recording:
    return Recording()


@pytest.fixture
def client(config: Config, wire: Recording) -> ApiClient:
    return ApiClient.from_config(config, recorded(wire))


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A folder of files no other test has: the service knows contents for good."""
    folder = tmp_path / "shot"
    (folder / "deep").mkdir(parents=True)
    mark = os.urandom(8)
    for number in range(25):
        (folder / ("f%02d" % number)).write_bytes(mark + b"%d" % number)
    (folder / "deep" / "big").write_bytes(os.urandom(300_000))
    (folder / "deep" / "empty").write_bytes(b"")
    return folder


def arguments(shot: Path, **others: Any) -> dict[str, Any]:
    output = shot.parent / "out"
    # The folder is made by the task on the node, so it is named in the command too.
    command = "mkdir -p {0}/sub && cat {1}/f03 > {0}/copy && echo hello > {0}/sub/said"
    return dict({
        "job_title": "wire", "project": "default", "machine_flavor": "standard", "cores": 2,
        "upload_paths": [str(shot)], "output_path": str(output),
        "tasks_data": [{"command": command.format(output, shot), "frames": "1"}],
    }, **others)


def wait_for(client: ApiClient, jid: str, states: Any) -> dict[str, Any]:
    limit = time.monotonic() + LIMIT_S
    while True:
        job = client.job(jid)
        if job["status"] in states:
            return job
        assert time.monotonic() < limit, job
        assert not JobState(job["status"]).is_ended, (job, client.task_log(jid, "0"))
        time.sleep(0.05)


def test_the_catalogue(client: ApiClient) -> None:
    catalog = fetch_catalog(client)
    assert "default" in catalog.projects
    machine = catalog.instance_type("n1-standard-2")
    assert machine is not None and (machine.flavor, machine.cores) == ("standard", 2)
    assert catalog.packages.find_by_path("conductor-slate 1.0") is not None
    assert catalog.capabilities["idempotency_key"] is True


def test_the_functions_of_the_document(service_env: Any) -> None:
    assert "default" in api_client.request_projects()
    assert any(one["name"] == "n1-standard-2" for one in api_client.request_instance_types())
    packages = api_client.request_software_packages()
    assert all(package["package_id"] and package["relative_path"] for package in packages)


def test_a_wrong_key(service_env: Any, tmp_path: Path) -> None:
    key = json.loads(Path(service_env.key_path).read_text())
    wrong = json.dumps(dict(key, private_key="wr0ng"))
    with pytest.raises(AuthError, match="refused the API key") as caught:
        api_client.request_projects(Config.load(overrides={"api_key": wrong}))
    assert "wr0ng" not in str(caught.value)


class TestSubmitting:
    def test_the_answer_of_the_document(
        self, client: ApiClient, config: Config, shot: Path, wire: Recording,
    ) -> None:
        response, code = Submit(arguments(shot), config, client).main()
        jid = response["jobid"]
        assert code == 201
        assert (response["body"], response["status"], response["uri"]) == (
            "job submitted.", "success", "/jobs/" + jid)
        assert len(jid) == 5 and jid.isdigit()
        assert client.job(jid)["title"] == "wire"

    def test_what_was_posted(
        self, client: ApiClient, config: Config, shot: Path,
    ) -> None:
        jid = Submit(arguments(shot), config, client).main()[0]["jobid"]
        stored = client.call("GET", "/api/v1/client/jobs/%s/payload" % jid).json()["data"]
        files = {entry["destination"]: entry for entry in stored["upload_files"]}
        assert len(files) == 27
        big = files[str(shot / "deep" / "big")]
        assert (big["st_size"], len(big["md5"])) == (300_000, 24)
        assert stored["upload_size"] == sum(entry["st_size"] for entry in files.values())
        assert stored["instance_type"] == "n1-standard-2"

    def test_the_second_time_no_byte_is_sent(
        self, client: ApiClient, config: Config, shot: Path, wire: Recording,
    ) -> None:
        sent = []
        for _ in range(2):
            storage, before = Recording(), wire.bytes_sent()
            submission = Submit(arguments(shot), config, client).build(client)
            send(submission, client, config, storage=recorded(storage))
            sent.append(storage.bytes_sent() + wire.bytes_sent() - before)
            assert not [one for one in storage.sent if "Authorization" in one.headers]
        assert sent[0] > 300_000 + 25 * 9 and sent[1] == 0

    def test_forced_every_byte_is_sent_again(
        self, client: ApiClient, config: Config, shot: Path, wire: Recording,
    ) -> None:
        submission = Submit(arguments(shot, force_upload=True), config, client).build(client)
        for _ in range(2):
            storage, before = Recording(), wire.bytes_sent()
            send(submission, client, config, storage=recorded(storage))
            assert storage.bytes_sent() + wire.bytes_sent() - before > 300_000 + 25 * 9

    def test_a_lost_answer_makes_one_job(
        self, client: ApiClient, config: Config, shot: Path, wire: Recording,
    ) -> None:
        lost: list[str] = []

        def lose(request: requests.PreparedRequest) -> bool:
            if str(request.url).endswith("/jobs/") and not lost:
                lost.append(json.loads(request.body or b"")["metadata"][PAYLOAD_ID])
                return True
            return False

        wire.lose = lose
        jid = Submit(arguments(shot), config, client).main()[0]["jobid"]
        assert wire.count("POST", "/jobs/") == 2
        made = [job["jid"] for job in client.jobs()
                if job["metadata"].get(PAYLOAD_ID) == lost[0]]
        assert made == [jid]

    def test_a_refusal_is_told(
        self, client: ApiClient, config: Config, shot: Path,
    ) -> None:
        with pytest.raises(ServiceError, match="no-such-project"):
            Submit(arguments(shot, project="no-such-project"), config, client).main()


class TestTheWholeWay:
    def test_outputs_come_back(
        self, client: ApiClient, config: Config, shot: Path, tmp_path: Path,
    ) -> None:
        jid = Submit(arguments(shot), config, client).main()[0]["jobid"]
        wait_for(client, jid, {JobState.SUCCESS.value})
        report = download_job(client, jid, destination=str(tmp_path / "here"))
        assert (tmp_path / "here" / "copy").read_bytes() == (shot / "f03").read_bytes()
        assert (tmp_path / "here" / "sub" / "said").read_text() == "hello\n"
        assert [file.identical for file in report.files] == [False, False]
        assert client.job(jid)["status"] == JobState.DOWNLOADED.value
        again = download_job(client, jid, destination=str(tmp_path / "here"))
        assert [file.identical for file in again.files] == [True, True]

    def test_a_storage_that_lies(
        self, client: ApiClient, config: Config, shot: Path, tmp_path: Path,
    ) -> None:
        jid = Submit(arguments(shot), config, client).main()[0]["jobid"]
        wait_for(client, jid, {JobState.SUCCESS.value, JobState.DOWNLOADED.value})

        class Lying(Recording):
            def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
                answer = super().send(request, *args, **kwargs)
                answer.iter_content = lambda *_: iter([b"lies"])  # type: ignore[assignment]
                return answer

        with pytest.raises(DownloadError, match="instead of"):
            download_job(client, jid, destination=str(tmp_path / "here"),
                         storage=recorded(Lying()))
        assert [path for path in (tmp_path / "here").rglob("*") if path.is_file()] == []

    def test_scouts_run_and_the_others_wait_for_their_release(
        self, client: ApiClient, config: Config, shot: Path,
    ) -> None:
        tasks = [{"command": "echo frame %d" % n, "frames": str(n)} for n in (1, 2, 3)]
        job = arguments(shot, tasks_data=tasks, scout_frame="2")
        jid = Submit(job, config, client).main()[0]["jobid"]
        wait_for(client, jid, {JobState.HOLDING.value})
        states = [task["status"] for task in client.tasks(jid)]
        assert states == [TaskState.HOLDING, TaskState.SUCCESS, TaskState.HOLDING]
        assert "frame 2" in client.task_log(jid, "1")
        client.release_tasks(jid)
        wait_for(client, jid, {JobState.SUCCESS.value, JobState.DOWNLOADED.value})

    def test_kill_and_retry(self, client: ApiClient, config: Config, shot: Path) -> None:
        tasks = [{"command": "sleep 300", "frames": "1"}]
        jid = Submit(arguments(shot, tasks_data=tasks), config, client).main()[0]["jobid"]
        client.kill_tasks(jid, "0")
        wait_for(client, jid, {JobState.KILLED.value})
        client.retry_tasks(jid, "0")
        assert not JobState(client.job(jid)["status"]).is_ended
        client.kill_jobs(jid)
        wait_for(client, jid, {JobState.KILLED.value})


def test_no_secret_in_any_log(
    service_env: Any, shot: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    key = json.loads(Path(service_env.key_path).read_text())
    with caplog.at_level(logging.DEBUG):
        config = Config.load()
        Submit(arguments(shot), config).main()
        token_file = Path(config["credentials_dir"], "api_key_credentials")
        token = json.loads(token_file.read_text())["access_token"]
    assert "get_upload_urls" in caplog.text
    secrets = [token] + [line for line in key["private_key"].splitlines() if len(line) > 10]
    for secret in secrets:
        assert secret not in caplog.text
    assert token_file.stat().st_mode & 0o777 == 0o600
