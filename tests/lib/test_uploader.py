"""Uploads: overlapping, complete, each failure told, nothing sent that need not be."""

from __future__ import annotations

import base64
import hashlib
import itertools
import logging
import os
import threading
from pathlib import Path
from typing import Any, Callable

import pytest
from fault_server import CUT, Answer, FaultServer, Seen, closed_port, upload_server

from conductor.lib.api_client import ApiClient
from conductor.lib.errors import (
    AuthError,
    Cancelled,
    ServiceError,
    UploadError,
)
from conductor.lib.hash_cache import HashCache
from conductor.lib.manifest import upload_files
from conductor.lib.progress import Progress
from conductor.lib.storage import BLOCK, put_headers
from conductor.lib.submission import UploadFile
from conductor.lib.transport import Transport
from conductor.lib.uploader import BATCH, HOPELESS, upload

URLS = "/api/v2/files/get_upload_urls"
GOOD = Answer(200)


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Storage:
    """What arrived, by path; `script` answers instead of taking."""

    def __init__(self, server: FaultServer, missing: Callable[[str], bool] | None = None,
                 **script: Any) -> None:
        self.server = server
        self.arrived: dict[str, Seen] = {}
        upload_server(server, missing)

    def take(self, *paths: str) -> None:
        for path in paths:
            self.server.on("PUT", "/blob" + path, self._take)

    def _take(self, seen: Seen) -> Answer:
        self.arrived[seen.path[len("/blob"):]] = seen
        return GOOD

    def bodies(self) -> dict[str, bytes]:
        return {path: seen.body for path, seen in self.arrived.items()}

    def puts(self) -> int:
        return sum(1 for seen in self.server.seen if seen.method == "PUT")


@pytest.fixture
def storage(faults: FaultServer) -> Storage:
    return Storage(faults)


@pytest.fixture
def send(client: ApiClient, quick: Transport) -> Callable[..., tuple[UploadFile, ...]]:
    def run(files: Any, **options: Any) -> tuple[UploadFile, ...]:
        options.setdefault("storage", quick)
        return upload(files, client, project="p", **options)
    return run


def make(folder: Path, **contents: bytes) -> list[UploadFile]:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        os.utime(str(folder / name), ns=(10**18, 10**18))
    return list(upload_files([str(folder / name) for name in contents]))


def test_files_arrive_whole(storage: Storage, send: Any, tmp_path: Path) -> None:
    contents = {"a": b"one", "big": os.urandom(3 * BLOCK + 7), "empty": b""}
    files = make(tmp_path, **contents)
    storage.take(*(file.path for file in files))
    done = send(files)
    assert storage.bodies() == {str(tmp_path / name): data for name, data in contents.items()}
    assert [(file.destination, file.md5) for file in done] == [
        (str(tmp_path / name), md5(data)) for name, data in sorted(contents.items())]
    assert all(file.stat is not None for file in done)


def test_the_request_of_a_file(storage: Storage, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=b"one", empty=b"")
    storage.take(*(file.path for file in files))
    send(files)
    headers = storage.arrived[files[0].path].headers
    assert headers["Content-MD5"] == md5(b"one")
    assert headers["Content-Length"] == "3" and "Transfer-Encoding" not in headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert storage.arrived[files[1].path].headers["Content-Length"] == "0"


def test_storage_never_sees_the_token(
    storage: Storage, faults: FaultServer, tmp_path: Path,
) -> None:
    class Signed:
        def token(self, stale: str | None = None) -> str:
            return "t0ken"

    client = ApiClient(faults.url, Signed())  # type: ignore[arg-type]
    files = make(tmp_path, a=b"one")
    storage.take(files[0].path)
    upload(files, client, project="p")
    assert faults.requests("POST", URLS)[0].headers["Authorization"] == "Bearer t0ken"
    assert "Authorization" not in storage.arrived[files[0].path].headers


@pytest.mark.parametrize(
    "url, has_md5",
    [
        pytest.param("https://h/o?X-Amz-SignedHeaders=host&X-Amz-Signature=s", False,
                     id="Amazon, not signed"),
        pytest.param("https://h/o?X-Amz-SignedHeaders=content-md5%3Bhost", True,
                     id="Amazon, signed"),
        pytest.param("https://h/o?X-Goog-SignedHeaders=content-type%3Bhost", False,
                     id="Google today, not signed"),
        pytest.param("https://h/o?X-Goog-SignedHeaders=content-md5%3Bhost", True,
                     id="Google today, signed"),
        pytest.param("https://h/o?GoogleAccessId=a&Signature=s&Expires=1", True,
                     id="Google, older"),
        pytest.param("https://h/o?AWSAccessKeyId=a&Signature=s&Expires=1", False,
                     id="Amazon, older"),
        pytest.param("http://127.0.0.1:1/blob/1?sig=s", True, id="anybody else"),
        pytest.param("https://amazonaws.example/o", True, id="a name proves nothing"),
    ],
)
def test_headers_follow_the_signature(url: str, has_md5: bool) -> None:
    assert ("Content-MD5" in put_headers(url, "m")) is has_md5


def test_the_encryption_key_travels(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"one")
    faults.on("POST", URLS, Answer(200, {"kmsKeyName": "key", "singlePartURLs": [
        {"filePath": files[0].path, "preSignedURL": faults.url + "/x"}]}))
    faults.on("PUT", "/x", GOOD)
    send(files)
    assert faults.seen[-1].headers["x-goog-encryption-kms-key-name"] == "key"


def test_what_is_there_is_not_sent(faults: FaultServer, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=b"one", b=b"two", c=b"three")
    storage = Storage(faults, missing=lambda path: path.endswith("b"))
    storage.take(files[1].path)
    assert len(send(files)) == 3
    assert storage.puts() == 1


def test_the_same_bytes_are_sent_once(storage: Storage, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=b"same", b=b"same", c=b"same", d=b"other")
    storage.take(*(file.path for file in files))
    done = send(files, threads=1)
    assert storage.puts() == 2
    assert [file.md5 for file in done] == [md5(b"same")] * 3 + [md5(b"other")]


def test_nothing_to_send(send: Any, faults: FaultServer) -> None:
    assert send([]) == () and faults.seen == []


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_many_files_in_batches(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path, threads: int,
) -> None:
    files = make(tmp_path, **{"f%02d" % n: b"%d" % n for n in range(61)})
    storage.take(*(file.path for file in files))
    done = send(files, threads=threads)
    assert len(done) == 61 and len(storage.arrived) == 61
    sizes = [len(one.json["upload_files"]) for one in faults.requests("POST", URLS)]
    assert sum(sizes) == 61 and max(sizes) <= BATCH


def test_the_first_byte_goes_before_the_last_file_is_hashed(
    storage: Storage, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, **{"f%03d" % n: b"%d" % n for n in range(300)})
    storage.take(*(file.path for file in files))
    vanished = files[-1]

    def first_put(seen: Seen) -> Answer:
        # Hashing is still going on: the last file can be made to vanish before its turn.
        if os.path.exists(vanished.path):
            os.unlink(vanished.path)
        return storage._take(seen)

    for file in files[:100]:
        storage.server.on("PUT", "/blob" + file.path, first_put)
    with pytest.raises(UploadError) as caught:
        send(files, threads=1)
    assert [path for path, _ in caught.value.failures] == [vanished.path]
    assert len(storage.arrived) == 299


@pytest.mark.parametrize(
    "trouble", [CUT, Answer(503), Answer(500), Answer(429)], ids=["cut", "503", "500", "429"])
def test_passing_troubles(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path, trouble: Answer,
) -> None:
    files = make(tmp_path, a=os.urandom(2 * BLOCK))
    faults.on("PUT", "/blob" + files[0].path, trouble, trouble, storage._take)
    send(files)
    assert storage.bodies()[files[0].path] == (tmp_path / "a").read_bytes()
    assert storage.puts() == 3


def test_asking_survives_passing_troubles(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    faults.on("POST", URLS, CUT, Answer(503), Answer(204))
    assert len(send(make(tmp_path, a=b"one"))) == 1


def test_all_failures_are_told_and_the_rest_goes_on(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"1", b=b"2", c=b"3", d=b"4")
    storage.take(*(file.path for file in files))
    faults.on("PUT", "/blob" + files[1].path, Answer(403, b"no"))
    os.unlink(files[2].path)
    with pytest.raises(UploadError) as caught:
        send(files)
    failures = dict(caught.value.failures)
    assert sorted(failures) == [files[1].path, files[2].path]
    assert "HTTP 403: no" in failures[files[1].path]
    assert "No such file" in failures[files[2].path]
    assert sorted(storage.bodies()) == [files[0].path, files[3].path]
    assert "2 of 4 files" in str(caught.value)


def test_an_expired_address_is_asked_for_again(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"1")
    faults.on("PUT", "/blob" + files[0].path, Answer(403), storage._take)
    send(files)
    assert faults.count("POST", URLS) == 2


def test_a_wrongly_remembered_hash_is_put_right(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"content")

    def verify(seen: Seen) -> Answer:
        good = seen.headers["Content-MD5"] == md5(seen.body)
        return storage._take(seen) if good else Answer(400, {"detail": "BadDigest"})

    faults.on("PUT", "/blob" + files[0].path, verify)
    with HashCache(str(tmp_path / "hashes"), local=()) as cache:
        cache.put((files[0].path, 7, 10**18, 0), md5(b"another"))
        cache.forget("")
        assert cache.get((files[0].path, 7, 10**18, 0)) == md5(b"another")
        done = send(files, cache=cache)
    assert done[0].md5 == md5(b"content")
    with HashCache(str(tmp_path / "hashes"), local=()) as cache:
        assert cache.get((files[0].path, 7, 10**18, 0)) == md5(b"content")


def test_a_file_that_changes_while_it_is_sent_is_sent_again(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"before")

    def change(seen: Seen) -> Answer:
        (tmp_path / "a").write_bytes(b"afterwards")
        return GOOD

    faults.on("PUT", "/blob" + files[0].path, change, storage._take)
    done = send(files)
    assert storage.bodies() == {files[0].path: b"afterwards"}
    assert (done[0].md5, done[0].size) == (md5(b"afterwards"), 10)


def test_a_file_that_keeps_changing_is_told(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"before")
    times = iter(range(1, 9))

    def change(seen: Seen) -> Answer:
        os.utime(files[0].path, ns=(0, next(times)))
        return GOOD

    faults.on("PUT", "/blob" + files[0].path, change)
    with pytest.raises(UploadError, match="it changed while it was sent"):
        send(files)
    assert storage.puts() == 2


def test_a_file_that_changes_before_it_is_sent(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"before")
    storage.take(files[0].path)
    address = "%s/blob%s" % (faults.url, files[0].path)
    wanted = Answer(200, {"singlePartURLs": [
        {"filePath": files[0].path, "preSignedURL": address}]})

    def change(seen: Seen) -> Answer:
        (tmp_path / "a").write_bytes(b"shorter"[:3])
        return wanted

    faults.on("POST", URLS, change, wanted)
    assert send(files)[0].md5 == md5(b"sho")
    assert storage.bodies() == {files[0].path: b"sho"}


@pytest.mark.parametrize("when", ["asked", "sent"])
def test_a_file_that_vanishes(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path, when: str,
) -> None:
    files = make(tmp_path, a=b"content")
    address = "%s/blob%s" % (faults.url, files[0].path)

    def vanish(seen: Seen) -> Answer:
        os.unlink(files[0].path)
        return Answer(200, {"singlePartURLs": [
            {"filePath": files[0].path, "preSignedURL": address}]})

    if when == "asked":
        faults.on("POST", URLS, vanish)
        with pytest.raises(UploadError, match="No such file"):
            send(files)
        assert storage.puts() == 0
    else:
        # All its bytes have arrived and are right: that is enough.
        faults.on("PUT", "/blob" + files[0].path, vanish)
        assert send(files)[0].md5 == md5(b"content")


def test_a_file_that_never_holds_still_is_told(
    storage: Storage, send: Any, tmp_path: Path,
) -> None:
    # Large enough that somebody writes to it many times while it is read once.
    files = make(tmp_path, a=os.urandom(32 * BLOCK * 8), b=b"other")
    storage.take(*(file.path for file in files))
    writer, stop = threading.Event(), threading.Event()

    def keep_writing() -> None:
        for time_ns in itertools.count(1):
            os.utime(files[0].path, ns=(0, time_ns))
            writer.set()
            if stop.is_set():
                return

    thread = threading.Thread(target=keep_writing)
    thread.start()
    try:
        writer.wait(5)
        with pytest.raises(UploadError) as caught:
            send(files)
    finally:
        stop.set()
        thread.join()
    assert [path for path, _ in caught.value.failures] == [files[0].path]
    assert storage.bodies() == {files[1].path: b"other"}


def test_a_demanded_hash(storage: Storage, send: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    files = make(tmp_path, a=b"one", b=b"two")
    storage.take(*(file.path for file in files))
    demanded = [replace(files[0], md5=md5(b"one")), replace(files[1], md5=md5(b"old"))]
    with pytest.raises(UploadError) as caught:
        send(demanded)
    assert [path for path, _ in caught.value.failures] == [files[1].path]
    assert "has changed since" in str(caught.value)


def test_twins_of_a_failed_file_go_their_own_way(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"same", b=b"same")
    storage.take(files[1].path)
    faults.on("PUT", "/blob" + files[0].path, Answer(403))
    try:
        send(files, threads=1)
    except UploadError as error:
        # The bytes arrived as the other's; whether in time for this one depends on the threads.
        assert [path for path, _ in error.failures] == [files[0].path]
    assert storage.bodies() == {files[1].path: b"same"}


@pytest.mark.parametrize("answer, error", [
    (Answer(400, {"detail": "no such project"}), ServiceError), (Answer(401), AuthError)])
def test_a_service_that_refuses_ends_it(
    faults: FaultServer, send: Any, tmp_path: Path, answer: Answer, error: Any,
) -> None:
    faults.on("POST", URLS, answer)
    with pytest.raises(error):
        send(make(tmp_path, a=b"1", b=b"2"))


def test_a_storage_that_is_gone_ends_it_soon(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    port = closed_port()

    def urls(seen: Seen) -> Answer:
        return Answer(200, {"singlePartURLs": [
            {"filePath": one["path"], "preSignedURL": "http://127.0.0.1:%d/x" % port}
            for one in seen.json["upload_files"]]})

    faults.on("POST", URLS, urls)
    files = make(tmp_path, **{"f%03d" % n: b"%d" % n for n in range(200)})
    with pytest.raises(UploadError) as caught:
        send(files, storage=Transport(backoff_s=0, attempts=1))
    assert len(caught.value.failures) == 200
    assert sum(len(one.json["upload_files"]) for one in faults.seen) < 200 - HOPELESS


class TestStopping:
    def test_by_the_callback(self, storage: Storage, send: Any, tmp_path: Path) -> None:
        files = make(tmp_path, a=b"1" * 100)
        release = threading.Event()

        def slow(seen: Seen) -> Answer:
            release.wait(5)
            return GOOD

        storage.server.on("PUT", "/blob" + files[0].path, slow)
        cancel = threading.Event()

        def stop(progress: Progress) -> bool:
            release.set()
            return False

        with pytest.raises(Cancelled):
            send(files, on_progress=stop, cancel=cancel)
        assert cancel.is_set()

    def test_by_the_event(self, storage: Storage, send: Any, tmp_path: Path) -> None:
        files = make(tmp_path, **{"f%02d" % n: b"%d" % n for n in range(50)})
        cancel = threading.Event()

        def take(seen: Seen) -> Answer:
            cancel.set()
            return GOOD

        for file in files:
            storage.server.on("PUT", "/blob" + file.path, take)
        with pytest.raises(Cancelled):
            send(files, cancel=cancel, threads=1)
        assert storage.puts() < 50

    def test_it_leaves_no_thread(self, storage: Storage, send: Any, tmp_path: Path) -> None:
        before = threading.active_count()
        files = make(tmp_path, a=b"1")
        cancel = threading.Event()
        cancel.set()
        with pytest.raises(Cancelled):
            send(files, cancel=cancel)
        ours = [one for one in threading.enumerate() if "ThreadPool" in one.name]
        assert not ours and threading.active_count() <= before + 3

    def test_another_upload_goes_on(self, storage: Storage, send: Any, tmp_path: Path) -> None:
        files = make(tmp_path, a=b"1", b=b"2")
        storage.take(*(file.path for file in files))
        cancel = threading.Event()
        cancel.set()
        with pytest.raises(Cancelled):
            send(files[:1], cancel=cancel)
        assert len(send(files[1:])) == 1


def test_progress(storage: Storage, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=os.urandom(5 * BLOCK), b=b"xy")
    storage.take(*(file.path for file in files))
    caller = threading.get_ident()
    told: list[Progress] = []

    def note(progress: Progress) -> None:
        assert threading.get_ident() == caller
        told.append(progress)

    send(files, on_progress=note)
    last = told[-1]
    assert (last.stage, last.files_done, last.files_total) == ("uploading", 2, 2)
    assert last.bytes_done == last.bytes_total == 5 * BLOCK + 2
    done = [one.bytes_done for one in told if one.stage == "uploading"]
    assert done == sorted(done)


def test_force_asks_for_everything_and_skips_the_cache(
    storage: Storage, faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"content")
    storage.take(files[0].path)
    with HashCache(str(tmp_path / "hashes"), local=()) as cache:
        cache.put((files[0].path, 7, 10**18, 0), "stale")
        cache.forget("")
        assert send(files, cache=cache, force=True)[0].md5 == md5(b"content")
    assert faults.requests("POST", URLS)[0].json["force"] is True


def test_signed_addresses_stay_out_of_logs(
    faults: FaultServer, send: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    files = make(tmp_path, a=b"one")
    faults.on("POST", URLS, Answer(200, {"singlePartURLs": [
        {"filePath": files[0].path, "preSignedURL": faults.url + "/x?X-Amz-Signature=s3cret"}]}))
    faults.on("PUT", "/x", Answer(403, b"denied"))
    with caplog.at_level(logging.DEBUG), pytest.raises(UploadError) as caught:
        send(files)
    assert "s3cret" not in caplog.text + str(caught.value)
