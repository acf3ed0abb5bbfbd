"""The known defects of the vendor's clients in uploads and downloads, by their numbers: ours has
none of them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from fault_server import Answer, FaultServer, upload_server

from conductor.lib import hash_cache
from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.downloader import Place, download, read_target
from conductor.lib.errors import ArgumentError, UploadError
from conductor.lib.manifest import upload_files
from conductor.lib.storage import put_headers
from conductor.lib.submission import UploadFile
from conductor.lib.transport import Transport
from conductor.lib.uploader import upload

URLS = "/api/v2/files/get_upload_urls"


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


@pytest.fixture
def config(tmp_path: Path, faults: FaultServer) -> Config:
    home = tmp_path / "home"
    home.mkdir()
    return Config.load({"HOME": str(home), "CONDUCTOR_URL": faults.url})


@pytest.fixture
def files(tmp_path: Path) -> tuple[UploadFile, ...]:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_bytes(name.encode() * 10)
    return upload_files([str(folder)])


@pytest.fixture
def taking(faults: FaultServer, files: tuple[UploadFile, ...]) -> FaultServer:
    """A service that takes all and makes jobs."""
    upload_server(faults)
    for file in files:
        faults.on("PUT", "/blob" + file.path, Answer(200))
    faults.on("POST", "/jobs/", Answer(201, {"jobid": "00001", "status": "success"}))
    return faults


@pytest.fixture
def send(client: ApiClient, quick: Transport) -> Callable[..., Any]:
    def run(files: Any, **options: Any) -> Any:
        return upload(files, client, project="p", storage=quick, **options)
    return run


def arguments(*paths: object, **others: Any) -> dict[str, Any]:
    return dict({
        "project": "p", "instance_type": "m", "output_path": "/out",
        "upload_paths": [str(path) for path in paths],
        "tasks_data": [{"command": "true", "frames": "1"}]}, **others)


def test_d01_one_processor_still_has_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taking: FaultServer, send: Any, files: Any,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert Config.load({"HOME": str(tmp_path)})["thread_count"] >= 1
    assert len(send(files, threads=0)) == 3


def test_d02_an_empty_folder_does_not_hang(
    config: Config, client: ApiClient, taking: FaultServer, tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    assert Submit(arguments(tmp_path / "empty"), config, client).main()[1] == 201


def test_d03_a_key_name_in_the_answer_travels_to_the_storage(
    taking: FaultServer, send: Any, files: Any,
) -> None:
    taking.on("POST", URLS, Answer(200, {"kmsKeyName": "key", "singlePartURLs": [
        {"filePath": files[0].path, "preSignedURL": taking.url + "/blob" + files[0].path}]}))
    send(files[:1])
    assert taking.seen[-1].headers["x-goog-encryption-kms-key-name"] == "key"


def test_d04_the_completion_of_parts_names_the_project(
    faults: FaultServer, send: Any, files: Any,
) -> None:
    faults.on("POST", URLS, Answer(200, {"multiPartURLs": [{
        "uploadID": "u", "filePath": files[0].path, "partSize": 10,
        "parts": [{"partNumber": 1, "url": faults.url + "/1"}]}]}))
    faults.on("PUT", "/1", Answer(200, headers={"ETag": '"e"'}))
    faults.on("POST", "/api/v2/files/multipart/complete", Answer(200))
    send(files[:1])
    assert faults.seen[-1].json["project"] == "p"


class Signed:
    """Credentials with one token."""

    def token(self, stale: str | None = None) -> str:
        return "t0ken"


def test_d05_the_token_is_not_sent_to_a_storage_host(taking: FaultServer, files: Any) -> None:
    upload(files, ApiClient(taking.url, Signed()), project="p")  # type: ignore[arg-type]
    puts = [one for one in taking.seen if one.method == "PUT"]
    assert len(puts) == 3 and not [one for one in puts if "Authorization" in one.headers]
    assert taking.requests("POST", URLS)[0].headers["Authorization"] == "Bearer t0ken"


def test_d06_the_style_follows_the_signature_not_the_hosts_name() -> None:
    signed = "?X-Amz-SignedHeaders=host&X-Amz-Signature=s"
    for host in ("s3.amazonaws.com", "minio.studio", "coreweave.example"):
        assert "Content-MD5" not in put_headers("https://%s/o%s" % (host, signed), "m")


def test_d07_two_submissions_do_not_disturb_each_other(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    folder = os.path.dirname(files[0].path)
    one, two = (Submit(arguments(folder), config, client) for _ in range(2))
    one.stop_work()
    assert two.main()[1] == 201
    assert signal.getsignal(signal.SIGINT) is before


def test_d08_no_thread_is_left(taking: FaultServer, send: Any, files: Any) -> None:
    send(files)
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


def test_d09_one_failure_stops_nothing_else_and_all_are_told(
    taking: FaultServer, send: Any, files: Any,
) -> None:
    for file in files[:2]:
        taking.on("PUT", "/blob" + file.path, Answer(403))
    with pytest.raises(UploadError) as caught:
        send(files)
    assert [path for path, _ in caught.value.failures] == [files[0].path, files[1].path]
    assert taking.count("PUT", "/blob" + files[2].path) == 1


def test_d10_an_upload_without_a_job_fails_when_a_file_fails(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    taking.on("PUT", "/blob" + files[0].path, Answer(403))
    folder = os.path.dirname(files[0].path)
    with pytest.raises(UploadError) as caught:
        Submit({"upload_only": True, "upload_paths": [folder]}, config, client).main()
    assert caught.value.exit_code != 0 and taking.count("POST", "/jobs/") == 0


def test_d11_nothing_waits_for_a_fixed_time(
    taking: FaultServer, send: Any, files: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it sleeps"))
    send(files)


def test_d12_an_accepted_job_without_a_body_and_a_second_call(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    taking.on("POST", "/jobs/", Answer(204))
    submit = Submit(arguments(os.path.dirname(files[0].path)), config, client)
    assert submit.main() == ({}, 204)
    submit.main()
    posts = [one.json["upload_files"] for one in taking.requests("POST", "/jobs/")]
    assert [len(one) for one in posts] == [3, 3]


@pytest.mark.parametrize("name", ["upload_onyl", "forced", "corse", "scout_fram"])
def test_d13_a_misspelt_argument_is_an_error(config: Config, name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        Submit(arguments(**{name: 1}), config)


def test_d13_what_the_environment_sets_is_used(tmp_path: Path) -> None:
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_PRIORITY": "9"})
    submission = Submit(arguments(notify=None), config).arguments.submission("m")
    assert submission.priority == 9 and submission.to_payload()["notify"] == {"emails": []}


def test_d15_what_the_service_says_is_the_message(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    taking.on("PUT", "/blob" + files[0].path, Answer(403, {"error": "quota exceeded"}))
    with pytest.raises(UploadError, match="quota exceeded") as caught:
        Submit(arguments(os.path.dirname(files[0].path)), config, client).main()
    assert "Traceback" not in str(caught.value)


def test_d21_the_hash_cache_is_the_users_alone_and_pruned(tmp_path: Path) -> None:
    now = [1e9]
    path = tmp_path / "cache" / "hashes"
    with hash_cache.HashCache(str(path), clock=lambda: now[0]) as cache:
        cache.put(("/old", 1, 1, 0), "m")
    now[0] += (hash_cache.KEPT_DAYS + 1) * 86400
    with hash_cache.HashCache(str(path), clock=lambda: now[0]) as cache:
        cache.put(("/new", 1, 1, 0), "m")
    with hash_cache.HashCache(str(path)) as cache:
        assert cache.get_many([("/old", 1, 1, 0), ("/new", 1, 1, 0), ("/new", 1, 2, 0)]) == [
            None, "m", None]
    assert path.stat().st_mode & 0o777 == 0o600


class Offers:
    """Downloads of one file each."""

    def __init__(self, server: FaultServer) -> None:
        self.server = server
        server.on("POST", "/downloads/status", Answer(200))

    def of(self, number: int, folder: object, name: str, data: bytes, **others: Any) -> Any:
        self.server.on("GET", "/get/%d" % number, Answer(200, data))
        return {"download_id": str(number), "task_id": "%03d" % number, "files": [dict({
            "url": "%s/get/%d" % (self.server.url, number), "relative_path": name,
            "size": len(data), "md5": md5(data), "output_dir": str(folder)}, **others)]}

    def told(self) -> dict[str, str]:
        return {one.json["download_id"]: one.json["status"]
                for one in self.server.requests("POST", "/downloads/status")}


@pytest.fixture
def offers(faults: FaultServer) -> Offers:
    return Offers(faults)


@pytest.fixture
def fetch(client: ApiClient, quick: Transport) -> Callable[..., Any]:
    def run(*found: Any, **options: Any) -> Any:
        return download(client, found, Place(), storage=quick, **options)
    return run


def test_d23_wrong_bytes_never_appear_and_names_stay_inside(
    offers: Offers, fetch: Any, tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    report = fetch(offers.of(1, out, "a", b"x", md5=md5(b"y")), offers.of(2, out, "../b", b"x"),
                   offers.of(3, out, "/c", b"x"), offers.of(4, out, "d", b"x"))
    assert [os.path.basename(path) for path, _ in report.failures] == ["b", "c", "a"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["d"]


def test_d24_one_windows_folder_moves_no_other_task(
    offers: Offers, fetch: Any, tmp_path: Path,
) -> None:
    report = fetch(offers.of(1, "C:/w", "a", b"x"), offers.of(2, tmp_path / "out", "b", b"x"))
    assert [file.path for file in report.files] == [str(tmp_path / "out" / "b")]
    assert len(report.failures) == 1


def test_d25_a_failure_shows_in_the_exit_code_and_stops_no_other_task(
    offers: Offers, faults: FaultServer, fetch: Any, tmp_path: Path,
) -> None:
    bad = offers.of(1, tmp_path, "a", b"x")
    faults.on("GET", "/get/1", Answer(404))
    report = fetch(bad, offers.of(2, tmp_path, "b", b"x"))
    assert report.exit_code == 7 and len(report.files) == 1
    with pytest.raises(ArgumentError):
        read_target("12:1-")


def test_d26_failed_tasks_are_handed_back_and_empty_ones_complete(
    offers: Offers, faults: FaultServer, fetch: Any, tmp_path: Path,
) -> None:
    bad = offers.of(1, tmp_path, "a", b"x")
    faults.on("GET", "/get/1", Answer(404))
    fetch(bad, {"download_id": "2", "task_id": "002", "files": []})
    fetch({"download_id": "3", "task_id": "003", "files": []})
    assert offers.told() == {"1": "pending", "2": "downloaded", "3": "downloaded"}


def test_d28_names_mean_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F4", "expanded")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in ("a[1].png", "a1.png", "b?.png", "$F4", "real/c"):
        (tmp_path / name).write_bytes(b"x")
    found = upload_files([str(tmp_path / name) for name in ("a[1].png", "b?.png", "$F4", "link")])
    assert {os.path.relpath(file.path, str(tmp_path)) for file in found} == {
        "a[1].png", "b?.png", "$F4", "link/c"}


def test_e01_a_vanished_file_does_not_take_its_batch_along(
    taking: FaultServer, send: Any, files: Any,
) -> None:
    os.unlink(files[0].path)
    with pytest.raises(UploadError) as caught:
        send(files)
    assert [path for path, _ in caught.value.failures] == [files[0].path]
    assert len([one for one in taking.seen if one.method == "PUT"]) == 2


def test_e02_no_thread_outlives_a_submission(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    for _ in range(3):
        Submit(arguments(os.path.dirname(files[0].path)), config, client).main()
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


def test_e04_the_documented_names_have_their_meaning(tmp_path: Path) -> None:
    config = Config.load({"HOME": str(tmp_path)})
    given = arguments(machine_flavor="highmem", cores="4", force=True, chunk_size="5",
                      priority="7")
    del given["instance_type"]
    read = Submit(given, config).arguments
    assert (read.flavor, read.cores) == ("highmem", 4)
    submission = read.submission("m")
    assert (submission.chunk_size, submission.priority, submission.force_upload) == (5, 7, True)


@pytest.mark.parametrize("notify", [
    ["a@b.c"], "a@b.c", {"emails": ["a@b.c"]}, {"emails": "a@b.c"}])
def test_e05_notify_is_wrapped_once(tmp_path: Path, notify: Any) -> None:
    config = Config.load({"HOME": str(tmp_path)})
    submission = Submit(arguments(notify=notify), config).arguments.submission("m")
    assert submission.to_payload()["notify"] == {"emails": ["a@b.c"]}


def test_e09_half_a_file_is_never_under_its_name(
    offers: Offers, faults: FaultServer, fetch: Any, tmp_path: Path,
) -> None:
    half = offers.of(1, tmp_path, "a", b"x" * 1000)
    faults.on("GET", "/get/1", Answer(200, b"x" * 1000, cut_body=500))
    fetch(half)
    assert not (tmp_path / "a").exists() and offers.told() == {"1": "pending"}


def test_e10_the_last_report_is_sent_before_the_end(
    offers: Offers, fetch: Any, tmp_path: Path,
) -> None:
    mask = os.umask(0o022)
    try:
        fetch(*[offers.of(number, tmp_path, "f%d" % number, b"x") for number in range(9)])
    finally:
        os.umask(mask)
    assert list(offers.told().values()) == ["downloaded"] * 9
    assert (tmp_path / "f0").stat().st_mode & 0o777 == 0o644


def test_e11_a_repeated_put_sends_all_bytes_again(
    taking: FaultServer, send: Any, files: Any,
) -> None:
    path = "/blob" + files[0].path
    taking.on("PUT", path, Answer(503), Answer(200))
    send(files[:1])
    assert [one.body for one in taking.requests("PUT", path)] == [b"a" * 10] * 2


def test_a_json_body_of_any_size_is_the_payload(
    config: Config, client: ApiClient, taking: FaultServer, files: Any,
) -> None:
    submit = Submit(arguments(os.path.dirname(files[0].path)), config, client)
    submission = submit.build(client)
    assert json.loads(submission.encoded()) == json.loads(json.dumps(submission.to_payload()))
    assert list(json.loads(submission.encoded())) == list(submission.to_payload())

