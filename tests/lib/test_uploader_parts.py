"""Large files in parts, small ones in bundles, and the cap on bandwidth."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any, Callable

import pytest
from fault_server import CUT, Answer, FaultServer, Seen, upload_server

from conductor.lib.api_client import ApiClient
from conductor.lib.errors import AuthError, Cancelled, ServiceError, UploadError
from conductor.lib.manifest import upload_files
from conductor.lib.multipart import PartsPlan
from conductor.lib.progress import Progress
from conductor.lib.throttle import Throttle
from conductor.lib.transport import BLOCK, MemoryBody, Transport
from conductor.lib.upload_work import Item
from conductor.lib.uploader import LARGE, Bundling, Line, upload

URLS = "/api/v2/files/get_upload_urls"
COMPLETE = "/api/v2/files/multipart/complete"
BUNDLE = "/api/v1/files/bundle"
BUNDLING = Bundling(100, 1000, 10_000)


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def make(folder: Path, **contents: bytes) -> Any:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        os.utime(str(folder / name), ns=(10**18, 10**18))
    return upload_files([str(folder / name) for name in contents])


@pytest.fixture
def send(client: ApiClient, quick: Transport) -> Callable[..., Any]:
    def run(files: Any, **options: Any) -> Any:
        return upload(files, client, project="p", storage=quick, **options)
    return run


class Parts:
    """A service that wants one file in parts of 1,000 bytes, and remembers them if it may."""

    def __init__(self, server: FaultServer, path: str, count: int, remembers: bool = False):
        self.server, self.path, self.count, self.remembers = server, path, count, remembers
        self.etags: dict[int, str] = {}
        self.bodies: dict[int, bytes] = {}
        server.on("POST", URLS, self._urls)
        server.on("POST", COMPLETE, Answer(200, {}))
        for number in range(1, count + 1):
            server.on("PUT", "/part/%d" % number, self.take)

    def take(self, seen: Seen) -> Answer:
        number = int(seen.path.rpartition("/")[2])
        self.etags[number], self.bodies[number] = "e%d" % number, seen.body
        return Answer(200, headers={"ETag": '"e%d"' % number})

    def _urls(self, seen: Seen) -> Answer:
        known = self.etags if self.remembers else {}
        return Answer(200, {"singlePartURLs": [], "multiPartURLs": [{
            "uploadID": "u1", "filePath": self.path, "partSize": 1000, "fileSize": 1,
            "parts": [{"partNumber": n, "url": "%s/part/%d" % (self.server.url, n)}
                      for n in range(self.count, 0, -1) if n not in known],
            "completedParts": [{"partNumber": n, "etag": e} for n, e in sorted(known.items())],
        }]})

    def puts(self) -> list[int]:
        return [int(one.path.rpartition("/")[2]) for one in self.server.seen
                if one.method == "PUT"]


def test_all_parts_and_one_completion(faults: FaultServer, send: Any, tmp_path: Path) -> None:
    data = os.urandom(2500)
    files = make(tmp_path, a=data)
    parts = Parts(faults, files[0].path, 3)
    send(files)
    assert b"".join(parts.bodies[n] for n in (1, 2, 3)) == data
    assert [len(parts.bodies[n]) for n in (1, 2, 3)] == [1000, 1000, 500]
    assert [one.json for one in faults.requests("POST", COMPLETE)] == [{
        "uploadID": "u1", "hash": md5(data), "project": "p",
        "completedParts": [{"partNumber": n, "etag": "e%d" % n} for n in (1, 2, 3)]}]


def test_parts_go_side_by_side(faults: FaultServer, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=os.urandom(3000))
    parts = Parts(faults, files[0].path, 3)
    together = threading.Barrier(3, timeout=10)

    def wait_for_all(seen: Seen) -> Answer:
        together.wait()  # broken, were they sent one after the other
        return parts.take(seen)

    for number in (1, 2, 3):
        faults.on("PUT", "/part/%d" % number, wait_for_all)
    send(files, threads=3)
    assert len({one.peer for one in faults.seen if one.method == "PUT"}) == 3


def test_progress_counts_the_parts_that_have_arrived(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    """One huge file must not stand at nothing until its end, nor be hashed again in the telling."""
    files = make(tmp_path, a=os.urandom(3500))
    parts = Parts(faults, files[0].path, 4, remembers=True)
    parts.etags[1] = "e1"
    told: list[Progress] = []
    three_are_there = threading.Event()

    def wait_to_be_counted(seen: Seen) -> Answer:
        assert three_are_there.wait(10)
        return parts.take(seen)

    def note(progress: Progress) -> None:
        told.append(progress)
        if progress.bytes_done >= 3000:
            three_are_there.set()

    faults.on("PUT", "/part/4", wait_to_be_counted)
    send(files, threads=1, on_progress=note)
    stages = [one.stage for one in told]
    assert stages == sorted(stages), "from hashing to uploading, and never back"
    assert told[-1].bytes_done == told[-1].bytes_total == 3500


def test_the_next_run_sends_only_what_is_missing(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    data = os.urandom(3500)
    files = make(tmp_path, a=data)
    parts = Parts(faults, files[0].path, 4, remembers=True)
    faults.on("PUT", "/part/4", Answer(403))
    with pytest.raises(UploadError, match="HTTP 403"):
        send(files, threads=1)
    before = len(parts.puts())
    faults.on("PUT", "/part/4", parts.take)
    send(files)
    assert parts.puts()[before:] == [4]
    assert b"".join(parts.bodies[n] for n in (1, 2, 3, 4)) == data
    assert [one["partNumber"] for one in faults.seen[-1].json["completedParts"]] == [1, 2, 3, 4]


def test_all_parts_are_there_already(faults: FaultServer, send: Any, tmp_path: Path) -> None:
    files = make(tmp_path, a=os.urandom(1500))
    parts = Parts(faults, files[0].path, 2, remembers=True)
    parts.etags = {1: "e1", 2: "e2"}
    send(files)
    assert parts.puts() == [] and faults.count("POST", COMPLETE) == 1


def test_a_service_that_does_not_continue_gets_all_again(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=os.urandom(3000))
    parts = Parts(faults, files[0].path, 3)
    faults.on("PUT", "/part/3", Answer(403), parts.take)
    send(files, threads=1)
    assert sorted(parts.puts()) == [1, 1, 2, 2, 3, 3]
    assert faults.count("POST", COMPLETE) == 1


@pytest.mark.parametrize("trouble", [CUT, Answer(503)], ids=["cut", "503"])
def test_a_part_survives_passing_troubles(
    faults: FaultServer, send: Any, tmp_path: Path, trouble: Answer,
) -> None:
    files = make(tmp_path, a=os.urandom(2000))
    parts = Parts(faults, files[0].path, 2)
    faults.on("PUT", "/part/2", trouble, parts.take)
    send(files)
    assert sorted(parts.puts()) == [1, 2, 2]


def test_a_completion_that_is_refused_is_one_files_failure(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=os.urandom(2000))
    Parts(faults, files[0].path, 2)
    faults.on("POST", COMPLETE, Answer(400, {"error": "the parts have another MD5"}))
    with pytest.raises(UploadError, match="another MD5"):
        send(files)
    assert faults.count("POST", COMPLETE) == 2


def test_a_file_that_changes_between_its_parts(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"x" * 2000)
    parts = Parts(faults, files[0].path, 2)

    def change(seen: Seen) -> Answer:
        (tmp_path / "a").write_bytes(b"y" * 2000)
        return parts.take(seen)

    faults.on("PUT", "/part/1", change, parts.take)
    assert send(files, threads=1)[0].md5 == md5(b"y" * 2000)
    assert parts.bodies == {1: b"y" * 1000, 2: b"y" * 1000}


@pytest.mark.parametrize("wanted", [
    {"uploadID": "u", "partSize": 1000, "parts": [{"partNumber": 1, "url": "x"}]},
    {"uploadID": "u", "partSize": 0, "parts": []},
    {"uploadID": "u", "partSize": 1000},
    {"uploadID": "u", "partSize": "x", "parts": []},
], ids=["too few", "no size", "no parts", "no number"])
def test_parts_that_do_not_make_up_the_file(wanted: Any) -> None:
    with pytest.raises(ServiceError, match="parts"):
        PartsPlan(wanted, 1500)


def test_wrong_parts_are_one_files_failure(
    faults: FaultServer, send: Any, tmp_path: Path,
) -> None:
    files = make(tmp_path, a=b"x" * 100)
    faults.on("POST", URLS, Answer(200, {"multiPartURLs": [
        {"uploadID": "u", "filePath": files[0].path, "partSize": 0, "parts": []}]}))
    with pytest.raises(UploadError, match="do not make up"):
        send(files)


class Bundles:
    """A service that takes bundles and keeps what they hold."""

    def __init__(self, server: FaultServer) -> None:
        upload_server(server)
        self.contents: list[bytes] = []
        server.on("POST", BUNDLE, self.take)

    def take(self, seen: Seen) -> Answer:
        head, _, rest = seen.body.partition(b"\n")
        for entry in json.loads(head):
            data, rest = rest[:entry["size"]], rest[entry["size"]:]
            assert md5(data) == entry["hash"]
            self.contents.append(data)
        assert rest == b""
        return Answer(200, {})


class TestBundles:
    def test_small_files_share_a_request(
        self, faults: FaultServer, send: Any, tmp_path: Path,
    ) -> None:
        contents = {"f%02d" % n: b"%d" % n * 50 for n in range(40)}
        files = make(tmp_path, big=b"b" * 2000, **contents)
        bundles = Bundles(faults)
        faults.on("PUT", "/blob" + str(tmp_path / "big"), Answer(200))
        for name in contents:
            faults.on("PUT", "/blob" + str(tmp_path / name), Answer(200))
        done = send(files, bundling=BUNDLING, threads=1)
        alone = [one.body for one in faults.seen if one.method == "PUT"]
        assert sorted(bundles.contents + alone) == sorted([*contents.values(), b"b" * 2000])
        assert len(bundles.contents) > 30 and faults.count("POST", BUNDLE) < 6
        assert len(done) == 41

    def test_nothing_is_bundled_where_nothing_is_advertised(
        self, faults: FaultServer, send: Any, tmp_path: Path,
    ) -> None:
        files = make(tmp_path, a=b"1", b=b"2", c=b"3")
        Bundles(faults)
        for file in files:
            faults.on("PUT", "/blob" + file.path, Answer(200))
        send(files, bundling=Bundling.of({}))
        assert faults.count("POST", BUNDLE) == 0

    @pytest.mark.parametrize("answer", [Answer(413), Answer(400, {"error": "no"})])
    def test_a_refused_bundle_goes_file_by_file(
        self, faults: FaultServer, send: Any, tmp_path: Path, answer: Answer,
    ) -> None:
        files = make(tmp_path, a=b"1", b=b"2", c=b"3", d=b"4")
        Bundles(faults)
        faults.on("POST", BUNDLE, answer)
        for file in files:
            faults.on("PUT", "/blob" + file.path, Answer(200))
        send(files, bundling=BUNDLING, threads=1)
        assert sum(1 for one in faults.seen if one.method == "PUT") == 4

    def test_a_refused_sign_in_ends_it(
        self, faults: FaultServer, send: Any, tmp_path: Path,
    ) -> None:
        files = make(tmp_path, a=b"1", b=b"2")
        Bundles(faults)
        faults.on("POST", BUNDLE, Answer(401))
        with pytest.raises(AuthError):
            send(files, bundling=BUNDLING, threads=1)

    def test_a_file_that_changes_is_sent_as_it_is_then(
        self, faults: FaultServer, send: Any, tmp_path: Path,
    ) -> None:
        files = make(tmp_path, a=b"before", b=b"other", c=b"third")
        bundles = Bundles(faults)
        answer = faults._scripts["POST", URLS][0]

        def change(seen: Seen) -> Answer:
            (tmp_path / "a").write_bytes(b"after")
            return answer(seen)  # type: ignore[operator]

        faults.on("POST", URLS, change, answer)
        for file in files:
            faults.on("PUT", "/blob" + file.path, Answer(200))
        done = send(files, bundling=BUNDLING, threads=1)
        alone = [one.body for one in faults.seen if one.method == "PUT"]
        assert done[0].md5 == md5(b"after")
        assert sorted(bundles.contents + alone) == [b"after", b"other", b"third"]

    def test_what_is_advertised(self) -> None:
        limits = {"files": 256, "file_bytes": 1, "bytes": 2}
        assert Bundling.of({"upload_bundle": limits}) == Bundling(256, 1, 2)
        assert Bundling.of({"upload_bundle": None}) == Bundling()


class TestLine:
    def items(self, *sizes: int) -> list[Item]:
        items = []
        for number, size in enumerate(sizes):
            name = "/f%d" % number
            items.append(Item(_file(name, size)))
        return items

    def test_large_files_leave_room_for_small_ones(self) -> None:
        line = Line(4)
        large, small = self.items(LARGE, LARGE, LARGE), self.items(1, 1)
        for item in large + small:
            line.add(item)
        taken = [line.take(1, 100) for _ in range(3)]
        assert [one[0].file.size for one in taken] == [LARGE, LARGE, 1]
        line.back(taken[0])
        assert line.take(1, 100)[0].file.size == LARGE

    def test_handfuls(self) -> None:
        line = Line(2)
        for item in self.items(60, 50, 10, 10, 10):
            line.add(item)
        assert [len(line.take(2, 100)) for _ in range(3)] == [1, 2, 2]
        assert len(line) == 0 and line.take(2, 100) == []


def _file(path: str, size: int) -> Any:
    from conductor.lib.submission import FileStat, UploadFile
    return UploadFile(path, path, None, FileStat(0, 0, 0, 0, 0, 0, size, 0, 0, 0))


class TestThrottle:
    def test_the_time_that_bytes_take(self) -> None:
        now = [100.0]
        throttle = Throttle(1000, clock=lambda: now[0])
        waits = []

        class Stop(threading.Event):
            def wait(self, timeout: Any = None) -> bool:
                waits.append(timeout)
                now[0] += timeout
                return False

        for _ in range(10):
            throttle.take(500, Stop())
        assert now[0] - 100 == pytest.approx(4.5)

    def test_no_cap_never_waits(self) -> None:
        stop = threading.Event()
        stop.set()
        Throttle(0).take(10**12, stop)

    def test_a_stop_ends_the_wait(self) -> None:
        throttle, stop = Throttle(1), threading.Event()
        throttle.take(1000, stop)
        stop.set()
        with pytest.raises(Cancelled):
            throttle.take(1000, stop)

    def test_an_upload_keeps_to_it(
        self, faults: FaultServer, send: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = []
        monkeypatch.setattr(
            Throttle, "take", lambda self, count, stop: asked.append((self.rate, count)))
        files = make(tmp_path, a=os.urandom(BLOCK + 5))
        upload_server(faults)
        faults.on("PUT", "/blob" + files[0].path, Answer(200))
        send(files, bandwidth=123)
        assert [one for one in asked if one[1]] == [(123, BLOCK), (123, 5)]


def test_bytes_in_memory_go_in_blocks() -> None:
    counted: list[int] = []
    stop = threading.Event()
    body = MemoryBody(b"x" * (BLOCK + 1), stop, counted.append)
    assert body.len == BLOCK + 1
    assert b"".join(bytes(block) for block in body) == b"x" * (BLOCK + 1)
    body.close()
    assert sum(counted) == 0
    body = MemoryBody(b"x" * (BLOCK + 1), stop, counted.append)
    body.read()
    stop.set()
    with pytest.raises(Cancelled):
        body.read()
    body.close()
    assert sum(counted) == 0
