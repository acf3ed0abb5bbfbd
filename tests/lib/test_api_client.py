"""The endpoints: requests in the vendor's shapes, answers as values, refusals as errors."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from fault_server import CUT, Answer, FaultServer

from conductor.lib.api_client import ApiClient, UploadUrls, derive_api_url
from conductor.lib.errors import (
    ArgumentError,
    AuthError,
    ServiceError,
    ServiceUnreachable,
    SubmissionUnknown,
)
from conductor.lib.submission import FileStat, UploadFile
from conductor.lib.transport import Transport

FILE = UploadFile("/w/a", "/w/a", "md5==", FileStat(0, 0, 0, 0, 0, 0, 12, 0, 0, 0))


def data(*items: Any) -> Answer:
    return Answer(200, {"data": list(items)})


def test_projects(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/projects/", data(
        {"id": "a|b", "name": "b", "status": "active"}, {"name": "a", "status": "active"},
        {"name": "old", "status": "inactive"}, {"status": "active"},
    ))
    assert client.projects() == ["a", "b"]


def test_no_data_means_no_projects(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/projects/", Answer(200, {"data": None}))
    assert client.projects() == []


def test_every_package_has_a_relative_path(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/ee/packages", data(
        {"package_id": "1", "product": "clarisse", "major_version": "5", "minor_version": "0"},
        {"package_id": "2", "product": "x", "relative_path": "x/1"},
    ))
    assert [one["relative_path"] for one in client.software_packages()] == ["clarisse/5.0", "x/1"]
    assert faults.seen[0].query == {"all": ["true"]}


def test_instance_types(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/instance-types", data({"name": "n1-standard-2"}))
    assert client.instance_types() == [{"name": "n1-standard-2"}]


@pytest.mark.parametrize(
    "answer, found",
    [
        (Answer(200, {"idempotency_key": True}), {"idempotency_key": True}),
        (Answer(200, {"data": {"a": 1}}), {"a": 1}),
        (Answer(404), {}),
        (Answer(405, {"detail": "no"}), {}),
        (Answer(200, b"<html>"), {}),
        (Answer(200, ["x"]), {}),
    ],
    ids=["plain", "in data", "404", "405", "a page", "a list"],
)
def test_capabilities(
    faults: FaultServer, client: ApiClient, answer: Answer, found: dict[str, Any],
) -> None:
    faults.on("GET", "/api/v1/capabilities", answer)
    assert client.capabilities() == found


def test_upload_urls(faults: FaultServer, client: ApiClient) -> None:
    big = {"uploadID": "u", "filePath": "/w/b", "partSize": 5, "parts": []}
    faults.on("POST", "/api/v2/files/get_upload_urls", Answer(200, {
        "singlePartURLs": [{"filePath": "/w/a", "fileSize": 12, "preSignedURL": "http://s/1"}],
        "multiPartURLs": [big], "kmsKeyName": "key",
    }))
    assert client.upload_urls("p", [FILE]) == UploadUrls(
        {"/w/a": "http://s/1"}, {"/w/b": big}, "key")
    assert faults.seen[0].json == {
        "upload_files": [{"path": "/w/a", "hash": "md5==", "size": 12}], "project": "p"}


def test_upload_urls_when_all_is_there(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/api/v2/files/get_upload_urls", Answer(204))
    assert client.upload_urls("", [FILE], force=True) == UploadUrls()
    assert faults.seen[0].json["project"] is None
    assert faults.seen[0].json["force"] is True


def test_completing_tells_the_project(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/api/v2/files/multipart/complete", Answer(200, {}))
    client.complete_multipart("p", "u1", "md5", [{"partNumber": 1, "etag": "e"}])
    assert faults.seen[0].json == {
        "uploadID": "u1", "hash": "md5", "completedParts": [{"partNumber": 1, "etag": "e"}],
        "project": "p"}


class TestPostingAJob:
    PAYLOAD = {"job_title": "shot 7"}
    CREATED = Answer(201, {"jobid": "00007"})

    def test_created(self, faults: FaultServer, client: ApiClient) -> None:
        faults.on("POST", "/jobs/", self.CREATED)
        assert client.post_job(self.PAYLOAD) == ({"jobid": "00007"}, 201)
        assert faults.seen[0].json == self.PAYLOAD
        assert "Idempotency-Key" not in faults.seen[0].headers

    def test_an_empty_204(self, faults: FaultServer, client: ApiClient) -> None:
        faults.on("POST", "/jobs/", Answer(204))
        assert client.post_job(self.PAYLOAD) == ({}, 204)

    @pytest.mark.parametrize("answer", [CUT, Answer(500), Answer(502), Answer(504)], ids=[
        "cut after it was sent", "500", "502", "504"])
    def test_without_a_key_a_lost_answer_is_unknown(
        self, faults: FaultServer, client: ApiClient, answer: Answer,
    ) -> None:
        faults.on("POST", "/jobs/", answer, self.CREATED)
        with pytest.raises(SubmissionUnknown, match='"shot 7".*may or may not'):
            client.post_job(self.PAYLOAD)
        assert faults.count("POST", "/jobs/") == 1

    @pytest.mark.parametrize("answer", [CUT, Answer(503), Answer(502)], ids=["cut", "503", "502"])
    def test_with_a_key_it_is_sent_again(
        self, faults: FaultServer, client: ApiClient, answer: Answer,
    ) -> None:
        faults.on("POST", "/jobs/", answer, self.CREATED)
        assert client.post_job(self.PAYLOAD, "id1")[1] == 201
        keys = [one.headers["Idempotency-Key"] for one in faults.seen]
        assert keys == ["id1", "id1"]

    def test_lost_for_good(self, faults: FaultServer, client: ApiClient) -> None:
        faults.on("POST", "/jobs/", CUT)
        with pytest.raises(SubmissionUnknown):
            client.post_job(self.PAYLOAD, "id1")

    @pytest.mark.parametrize("status", [400, 403, 429, 503])
    def test_refused(self, faults: FaultServer, client: ApiClient, status: int) -> None:
        faults.on("POST", "/jobs/", Answer(status, {"detail": "no such project"}))
        with pytest.raises(ServiceError, match="HTTP %d: no such project" % status) as caught:
            client.post_job(self.PAYLOAD)
        assert not isinstance(caught.value, SubmissionUnknown)
        assert faults.count("POST", "/jobs/") == 1

    def test_it_starts_on_a_fresh_connection(
        self, faults: FaultServer, client: ApiClient,
    ) -> None:
        faults.on("GET", "/api/v1/projects/", data())
        faults.on("POST", "/jobs/", self.CREATED)
        client.projects()
        client.post_job(self.PAYLOAD)
        assert faults.seen[0].peer != faults.seen[1].peer


def test_one_job(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/jobs", data({"jid": "00012", "status": "running"}))
    assert client.job("12")["status"] == "running"
    assert faults.seen[0].query == {"filter": ["jid_gt_00011,jid_lt_00013"]}


def test_no_such_job(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/jobs", data({"jid": "00013"}))
    with pytest.raises(ServiceError, match='no job "00012"'):
        client.job("12")


def test_a_single_object_counts_as_a_list(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/jobs", Answer(200, {"data": {"jid": "00001"}}))
    assert client.jobs(status="running", owner="me") == [{"jid": "00001"}]
    assert faults.seen[0].query == {"filter": ["owner_eq_me,status_eq_running"]}


def test_tasks_in_order(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/tasks", data({"taskLabel": "001"}, {"taskLabel": "000"}))
    assert [one["taskLabel"] for one in client.tasks("3")] == ["000", "001"]
    assert faults.seen[0].query == {"filter": ["jobLabel_eq_00003"]}


def test_a_log(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/get_log_file", Answer(200, {"logs": [
        {"log": ["one", "two\n"]}, {"log": "three\n"}, {}], "new_num_lines": [3]}))
    assert client.task_log("1", "2") == "one\ntwo\nthree\n"
    assert faults.seen[0].query == {"job": ["00001"], "task": ["002"], "num_lines[]": ["0"]}


@pytest.mark.parametrize(
    "act, path, content",
    [
        pytest.param(lambda c: c.kill_jobs("1", "2"), "/jobs_multi",
                     {"action": "kill", "jobids": ["00001", "00002"]}, id="kill jobs"),
        pytest.param(lambda c: c.kill_tasks("1", "3"), "/tasks_multi",
                     {"action": "kill", "jobid": "00001", "taskids": ["003"]}, id="kill a task"),
        pytest.param(lambda c: c.release_tasks("1", "3"), "/tasks_multi",
                     {"action": "release", "jobid": "00001", "taskids": ["003"]},
                     id="release a task"),
        pytest.param(lambda c: c.release_tasks("1"), "/jobs_multi",
                     {"action": "release", "jobids": ["00001"]}, id="release all"),
        pytest.param(lambda c: c.retry_tasks("1", "0"), "/tasks_multi",
                     {"action": "retry", "jobid": "00001", "taskids": ["000"]}, id="retry"),
    ],
)
def test_actions(
    faults: FaultServer, client: ApiClient, act: Callable[[ApiClient], Any], path: str,
    content: Any,
) -> None:
    faults.on("PUT", path, Answer(200, {"body": "success"}))
    assert act(client) == {"body": "success"}
    assert faults.seen[0].json == content


@pytest.mark.parametrize("text", ["", "x1", "1/../2", "-1", "1 2", "²", "٣", "1\n"])
def test_ids_are_numbers(client: ApiClient, text: str) -> None:
    with pytest.raises(ArgumentError, match="is no job id"):
        client.job(text)
    with pytest.raises(ArgumentError, match="is no task id"):
        client.task_log("1", text)


def test_downloads_page_by_page(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/jobs/00001/downloads",
              Answer(201, {"downloads": [{"download_id": "a"}], "next_cursor": "c1"}),
              Answer(201, {"downloads": [{"download_id": "b"}], "next_cursor": None}))
    found = list(client.job_downloads("1", ["2"], page_size=7))
    assert [one["download_id"] for one in found] == ["a", "b"]
    assert [one.query for one in faults.seen] == [
        {"limit": ["7"]}, {"limit": ["7"], "start_cursor": ["c1"]}]
    assert faults.seen[0].json == {"tids": ["002"]}


def test_a_cursor_that_does_not_move_ends(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/jobs/00001/downloads", Answer(201, {"downloads": [], "next_cursor": "c"}))
    assert list(client.job_downloads("1")) == []
    assert len(faults.seen) == 2


def test_reporting(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/downloads/status", Answer(200))
    client.report_download("5", "downloaded", 10, 10)
    assert faults.seen[0].json == {
        "download_id": "5", "status": "downloaded", "bytes_downloaded": 10,
        "bytes_to_download": 10}


@pytest.mark.parametrize(
    "answer, error, message",
    [
        (Answer(404, {"message": "gone"}), ServiceError, "HTTP 404: gone"),
        (Answer(400, b"plain words"), ServiceError, "plain words"),
        (Answer(418, b"<html>long page</html>"), ServiceError, "HTTP 418"),
        (Answer(200, b"<html>"), ServiceError, "is it a Conductor service"),
        (Answer(200, b"[1]"), ServiceError, "not JSON"),
        (Answer(401), AuthError, "refused the sign-in"),
        (CUT, ServiceUnreachable, "no answer"),
    ],
    ids=["JSON", "text", "a page", "a page with 200", "a list", "401", "cut"],
)
def test_refusals(
    faults: FaultServer, client: ApiClient, answer: Answer, error: Any, message: str,
) -> None:
    faults.on("GET", "/api/v1/instance-types", answer)
    with pytest.raises(error, match=message) as caught:
        client.instance_types()
    assert "long page" not in str(caught.value)


def test_details_are_redacted(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", "/api/v1/projects/", Answer(400, {"detail": "bad header Bearer t0ken"}))
    with pytest.raises(ServiceError) as caught:
        client.projects()
    assert "t0ken" not in str(caught.value)
    assert (caught.value.status, caught.value.method) == (400, "GET")


def test_a_move_is_told(faults: FaultServer, client: ApiClient) -> None:
    faults.on("POST", "/jobs/", Answer(301, headers={"Location": "https://new.example/?x=1"}))
    with pytest.raises(ServiceError, match='moved to "https://new.example/"; change the setting'):
        client.post_job({})


@pytest.mark.parametrize(
    "url, api",
    [
        ("https://dashboard.conductortech.com", "https://api.conductortech.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://my-dashboard.example/dashboard", "https://my-dashboard.example/dashboard"),
    ],
)
def test_the_api_address(url: str, api: str) -> None:
    assert derive_api_url(url) == api


def test_an_address_with_a_path(faults: FaultServer, quick: Transport) -> None:
    faults.on("GET", "/farm/api/v1/projects/", data())
    assert ApiClient(faults.url + "/farm/", None, transport=quick).projects() == []
