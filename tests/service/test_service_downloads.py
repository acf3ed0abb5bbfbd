"""Frames on their way out: pages, claims, reports, ranges."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import requests
from service_client import Client, Server, md5_of


def rendered(client: Client, output: Path, count: int = 1, **changes: object) -> str:
    """A job whose tasks have written ``frame.<n>.exr``; its id."""
    folder = shlex.quote(str(output))
    jid = client.submit(
        *("echo %d > %s/frame.%d.exr" % (frame, folder, frame) for frame in range(count)),
        output_path=str(output), **changes,
    )
    assert client.wait(jid)["status"] == "success"
    return jid


def page(client: Client, jid: str, query: str = "", tids: object = None) -> dict:
    return client.ask("POST", "/jobs/%s/downloads%s" % (jid, query), 201, json={"tids": tids})


def claimed(client: Client, query: str) -> list[dict]:
    return client.get("/downloads/next?" + query, 201)["data"]


def report(client: Client, download: dict, status: str, answer: int = 200) -> dict:
    return client.ask("POST", "/downloads/status", answer, json={
        "download_id": download["download_id"], "status": status,
        "bytes_downloaded": download["size"], "bytes_to_download": 0,
    })


@pytest.fixture(scope="module")
def five(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job with the outputs of five tasks, of a location nobody else serves."""
    return rendered(client, tmp_path_factory.mktemp("out"), 5, location="venus")


def test_a_download_has_all_members_of_the_wire(client: Client, output: Path) -> None:
    jid = rendered(client, output)
    download, = page(client, jid)["downloads"]
    file, = download.pop("files")
    assert download == {
        "download_id": download["download_id"], "job_id": jid, "task_id": "000",
        "output_dir": str(output), "size": 2, "status": "pending",
    }
    url = file.pop("url")
    assert file == {
        "relative_path": "frame.0.exr", "md5": md5_of(b"0\n"), "size": 2, "job_id": jid,
        "task_id": "000", "output_dir": str(output),
    }
    assert requests.get(url, timeout=10).content == b"0\n"


def test_pages_follow_each_other_by_cursor(client: Client, five: str) -> None:
    seen, query = [], "?limit=2"
    for size in (2, 2, 1):
        answer = page(client, five, query)
        assert len(answer["downloads"]) == size
        seen += [download["task_id"] for download in answer["downloads"]]
        query = "?limit=2&start_cursor=%s" % answer["next_cursor"]
    assert answer["next_cursor"] is None
    assert seen == ["000", "001", "002", "003", "004"]


def test_a_full_last_page_has_no_next(client: Client, five: str) -> None:
    assert page(client, five, "?limit=5")["next_cursor"] is None
    assert len(page(client, five)["downloads"]) == 5


@pytest.mark.parametrize("tids, found", [
    (["001", "003"], ["001", "003"]), ([1], ["001"]), (["099"], []), ([], []),
], ids=["some", "a number", "none of the job", "none"])
def test_only_the_tasks_asked_for(client: Client, five: str, tids, found) -> None:
    answer = page(client, five, tids=tids)
    assert [download["task_id"] for download in answer["downloads"]] == found


@pytest.mark.parametrize("query, status", [
    ("?limit=0", 400), ("?limit=x", 400), ("?start_cursor=x", 404),
])
def test_bad_pages_are_told_so(client: Client, five: str, query: str, status: int) -> None:
    client.ask("POST", "/jobs/%s/downloads%s" % (five, query), status, json={"tids": None})


def test_the_older_listing_gives_all_or_one_task(client: Client, five: str) -> None:
    assert len(client.get("/downloads/" + five, 201)["downloads"]) == 5
    one, = client.get("/downloads/%s?tid=003" % five, 201)["downloads"]
    assert one["task_id"] == "003"


def test_claims_are_by_location_once_and_the_oldest_first(client: Client, output: Path) -> None:
    jid = rendered(client, output, 3, location="pluto")
    assert claimed(client, "location=nowhere&count=10") == []
    first = claimed(client, "location=pluto&count=2")
    assert [(one["job_id"], one["task_id"]) for one in first] == [(jid, "000"), (jid, "001")]
    rest = claimed(client, "location=pluto&count=2")
    assert [one["task_id"] for one in rest] == ["002"]
    assert claimed(client, "location=pluto&count=2") == []
    statuses = [one["status"] for one in page(client, jid)["downloads"]]
    assert statuses == ["downloading"] * 3


def test_no_location_means_jobs_without_one(client: Client, five: str, output: Path) -> None:
    jid = rendered(client, output)
    found = {one["job_id"] for one in claimed(client, "count=1000")}
    assert jid in found and five not in found


def test_what_is_given_back_is_offered_again(client: Client, output: Path) -> None:
    rendered(client, output, location="io")
    download, = claimed(client, "location=io&count=1")
    report(client, download, "downloading")
    assert claimed(client, "location=io&count=1") == []
    report(client, download, "pending")
    again, = claimed(client, "location=io&count=1")
    assert again["download_id"] == download["download_id"]


def test_a_job_is_downloaded_when_all_its_tasks_are(client: Client, output: Path) -> None:
    jid = rendered(client, output, 2, location="europa")
    first, second = claimed(client, "location=europa&count=2")
    report(client, first, "downloaded")
    assert client.states(jid) == ["downloaded", "success"]
    assert client.job(jid)["status"] == "success"
    report(client, second, "downloaded")
    job = client.job(jid)
    assert (job["status"], job["downloaded"]) == ("downloaded", 2)
    assert claimed(client, "location=europa&count=2") == []
    assert len(page(client, jid)["downloads"]) == 2, "asked for by name it is still there"


def test_a_wrong_report_is_refused(client: Client, five: str) -> None:
    download = page(client, five)["downloads"][0]
    assert 'status "done"' in report(client, download, "done", 400)["error"]
    for unknown in ("999999", "x", None):
        answer = report(client, dict(download, download_id=unknown), "downloaded", 404)
        assert "there is no download" in answer["error"]


def test_a_task_without_outputs_is_no_download(client: Client, output: Path) -> None:
    jid = client.submit("true", output_path=str(output))
    client.wait(jid, "success")
    assert page(client, jid) == {"downloads": [], "next_cursor": None}


def file_url(client: Client, jid: str) -> str:
    return str(page(client, jid)["downloads"][0]["files"][0]["url"])


def test_a_file_is_given_in_parts(client: Client, five: str) -> None:
    answer = requests.get(
        file_url(client, five), headers={"Range": "bytes=1-"}, timeout=10
    )
    assert (answer.status_code, answer.content) == (206, b"\n")
    assert answer.headers["Content-Range"] == "bytes 1-1/2"
    head = requests.head(file_url(client, five), timeout=10)
    assert (head.status_code, head.headers["Content-Length"]) == (200, "2")


@pytest.mark.parametrize("change", [
    lambda url: url.split("?")[0],
    lambda url: url.replace("expires=", "expires=1"),
    lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
], ids=["no signature", "other expiry", "other signature"])
def test_only_signed_urls_give_files(client: Client, five: str, change) -> None:
    answer = requests.get(change(file_url(client, five)), timeout=10)
    assert answer.status_code == 403


def test_a_download_url_takes_no_upload(client: Client, five: str) -> None:
    assert requests.put(file_url(client, five), data=b"x", timeout=10).status_code == 403


def test_a_content_that_vanished_is_404(client: Client, server: Server, output: Path) -> None:
    jid = rendered(client, output)
    url = file_url(client, jid)
    name = url.split("/files/")[1].split("?")[0]
    stored = server.data / "store" / name[:2] / name
    moved = stored.rename(stored.with_name("away"))
    assert requests.get(url, timeout=10).status_code == 404
    moved.rename(stored)
    assert requests.get(url, timeout=10).status_code == 200
