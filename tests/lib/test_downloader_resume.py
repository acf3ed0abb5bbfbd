"""Downloads that go on where they stopped; tasks and names chosen; places mapped and limited."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fault_server import Answer, FaultServer, Seen

from conductor.lib.api_client import ApiClient
from conductor.lib.downloader import (
    DownloadReport,
    Place,
    download,
    download_job,
    name_filter,
    read_target,
)
from conductor.lib.errors import ArgumentError, Cancelled, ConfigError, DownloadError
from conductor.lib.paths import PathMap
from conductor.lib.progress import Progress
from conductor.lib.roots import OutsideRoots, Roots
from conductor.lib.transport import BLOCK, Transport

PAGES = "/jobs/00001/downloads"
DATA = bytes(range(256)) * 4000


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Blob:
    """One content that is sent from any place on; `cut` bytes at a time where that is given."""

    def __init__(self, data: bytes, ranges: bool = True) -> None:
        self.data, self.ranges, self.cuts = data, ranges, []  # type: ignore[var-annotated]
        self.asked: list[str] = []

    def __call__(self, seen: Seen) -> Answer:
        asked = seen.headers.get("Range", "")
        self.asked.append(asked)
        cut = self.cuts.pop(0) if self.cuts else -1
        if not asked or not self.ranges:
            return Answer(200, self.data, cut_body=cut)
        start = int(asked[len("bytes="):-1])
        if start >= len(self.data):
            return Answer(416)
        rest = self.data[start:]
        return Answer(206, rest, {"Content-Range": "bytes %d-%d/%d" % (
            start, len(self.data) - 1, len(self.data))}, cut_body=cut)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def blob(faults: FaultServer) -> Blob:
    blob = Blob(DATA)
    faults.on("GET", "/blob", blob)
    faults.on("POST", "/downloads/status", Answer(200))
    return blob


def offer(faults: FaultServer, root: object, *names: str, **others: Any) -> list[dict[str, Any]]:
    entry = dict({"url": faults.url + "/blob", "size": len(DATA), "md5": md5(DATA),
                  "output_dir": str(root), "task_id": "000"}, **others)
    return [{"download_id": "7", "task_id": "000", "files": [
        dict(entry, relative_path=name) for name in names or ("a.exr",)]}]


@pytest.fixture
def fetch(client: ApiClient, quick: Transport) -> Any:
    def run(offers: Any, place: Place | None = None, **options: Any) -> DownloadReport:
        return download(client, offers, place or Place(), storage=quick, **options)
    return run


def partials(folder: Path) -> list[Path]:
    return sorted(folder.glob(".conductor.*"))


class TestGoingOn:
    def test_after_a_cut(self, faults: FaultServer, blob: Blob, fetch: Any, root: Path) -> None:
        blob.cuts = [BLOCK + 1000, BLOCK + 5]
        report = fetch(offer(faults, root))
        assert (root / "a.exr").read_bytes() == DATA and partials(root) == []
        starts = [int(asked[len("bytes="):-1]) for asked in blob.asked[1:]]
        assert blob.asked[0] == "" and len(starts) == 2 and 0 < starts[0] < starts[1]
        assert report.exit_code == 0 and report.size == len(DATA)

    def test_in_the_next_run(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        blob.cuts = [2 * BLOCK] + [0] * 5
        report = fetch(offer(faults, root))
        assert report.exit_code == 7 and "again and again" in report.failures[0][1]
        [partial] = partials(root)
        have, blob.cuts, blob.asked = partial.stat().st_size, [], []
        assert have > 0 and not (root / "a.exr").exists()
        assert fetch(offer(faults, root)).exit_code == 0
        assert blob.asked == ["bytes=%d-" % have] and partials(root) == []
        assert (root / "a.exr").read_bytes() == DATA

    def test_after_a_stop(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        blob.cuts = [2 * BLOCK]
        cancel, release = threading.Event(), threading.Event()

        def stall(seen: Seen) -> Answer:
            cancel.set()
            release.wait(10)
            return Answer(503)

        def note(progress: Progress) -> None:
            if cancel.is_set():
                release.set()

        faults.on("GET", "/blob", blob, stall)
        with pytest.raises(Cancelled):
            fetch(offer(faults, root), cancel=cancel, on_progress=note)
        assert len(partials(root)) == 1
        status = faults.requests("POST", "/downloads/status")[-1].json
        assert (status["download_id"], status["status"]) == ("7", "pending")

    def test_a_storage_without_ranges_begins_anew(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        blob.ranges, blob.cuts = False, [BLOCK + 1]
        assert fetch(offer(faults, root)).exit_code == 0
        assert (root / "a.exr").read_bytes() == DATA

    def test_a_partial_file_of_something_else_is_noticed(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        blob.cuts = [2 * BLOCK] + [0] * 5
        fetch(offer(faults, root))
        partials(root)[0].write_bytes(b"garbage")
        blob.cuts = []
        assert fetch(offer(faults, root)).exit_code == 0
        assert (root / "a.exr").read_bytes() == DATA

    def test_a_partial_file_that_is_too_long(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        blob.cuts = [2 * BLOCK] + [0] * 5
        fetch(offer(faults, root))
        partials(root)[0].write_bytes(DATA + b"more")
        blob.cuts, blob.asked = [], []
        assert fetch(offer(faults, root)).exit_code == 0
        assert blob.asked == [""] and (root / "a.exr").read_bytes() == DATA

    def test_a_link_in_the_partial_files_place_is_not_followed(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path, tmp_path: Path,
    ) -> None:
        blob.cuts = [2 * BLOCK] + [0] * 5
        fetch(offer(faults, root))
        [partial] = partials(root)
        partial.unlink()
        (tmp_path / "precious").write_bytes(b"precious")
        partial.symlink_to(tmp_path / "precious")
        blob.cuts = []
        assert fetch(offer(faults, root)).exit_code == 0
        assert (tmp_path / "precious").read_bytes() == b"precious"

    def test_two_processes_at_once(
        self, faults: FaultServer, blob: Blob, root: Path,
    ) -> None:
        faults.on("POST", PAGES, Answer(201, {"downloads": offer(faults, root)}))
        script = (
            "import sys; from conductor.lib.api_client import ApiClient;"
            "from conductor.lib.downloader import download_job;"
            "print(download_job(ApiClient(%r, None), '1').files[0].size)" % faults.url)
        runs = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
                for _ in range(2)]
        assert [run.communicate(timeout=60)[0].strip() for run in runs] == [
            b"%d" % len(DATA)] * 2
        assert (root / "a.exr").read_bytes() == DATA and partials(root) == []


class TestChoosing:
    @pytest.mark.parametrize("text, expected", [
        ("12", ("00012", None)), ("00012:0", ("00012", ["000"])),
        ("7:1-5x2,10", ("00007", ["001", "003", "005", "010"])),
    ])
    def test_targets(self, text: str, expected: Any) -> None:
        assert read_target(text) == expected

    @pytest.mark.parametrize("text", ["", "x", "12:", "12:a", "12:5-", ":1", "-3"])
    def test_no_targets(self, text: str) -> None:
        with pytest.raises(ArgumentError):
            read_target(text)

    @pytest.mark.parametrize("pattern, is_regex, matching", [
        ("*.exr", False, {"a.exr", "sub/b.exr"}), ("sub/*", False, {"sub/b.exr", "sub/c.log"}),
        (r"[bc]\.", True, {"sub/b.exr", "sub/c.log"}), ("[a].exr", False, {"a.exr"}),
    ])
    def test_names(self, pattern: str, is_regex: bool, matching: set[str]) -> None:
        test = name_filter(pattern, is_regex)
        assert {name for name in ("a.exr", "sub/b.exr", "sub/c.log") if test(name)} == matching

    def test_no_regular_expression(self) -> None:
        with pytest.raises(ArgumentError, match="no regular expression"):
            name_filter("(", True)

    def test_a_task_fetched_in_part_is_reported_as_not_done(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        report = fetch(offer(faults, root, "a.exr", "b.log"), name=name_filter("*.exr"))
        assert [os.path.basename(file.path) for file in report.files] == ["a.exr"]
        assert [one.json["status"] for one in faults.requests("POST", "/downloads/status")] == [
            "pending"]


class TestPlaces:
    def test_a_windows_folder_by_the_path_map(
        self, faults: FaultServer, blob: Blob, fetch: Any, tmp_path: Path,
    ) -> None:
        place = Place(path_map=PathMap([("Z:/show", str(tmp_path / "show"))]))
        fetch(offer(faults, "Z:/show/out"), place)
        assert (tmp_path / "show" / "out" / "a.exr").read_bytes() == DATA

    def test_one_tasks_windows_folder_changes_nothing_for_the_others(
        self, faults: FaultServer, blob: Blob, fetch: Any, root: Path,
    ) -> None:
        offers = offer(faults, "C:/out", "w.exr") + offer(faults, root)
        report = fetch(offers)
        assert [reason for _, reason in report.failures if "Windows path" in reason]
        assert (root / "a.exr").read_bytes() == DATA


class TestRoots:
    def test_below_and_outside(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "inside_out").mkdir()
        (tmp_path / "in" / "link").symlink_to(tmp_path)
        roots = Roots([str(tmp_path / "in")])
        assert roots.check(str(tmp_path / "in" / "new" / "x")) == str(
            Path(os.path.realpath(str(tmp_path))) / "in" / "new" / "x")
        for path in ("x", "in/../x", "in/link/x", "inside_out/x"):
            with pytest.raises(OutsideRoots, match="refused"):
                roots.check(str(tmp_path / path))

    def test_the_root_may_be_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "root").symlink_to(tmp_path / "real")
        Roots([str(tmp_path / "root")]).check(str(tmp_path / "root" / "x"))

    @pytest.mark.parametrize("folders", [[], ["/no/such/folder"]])
    def test_a_daemon_needs_roots(self, folders: list[str]) -> None:
        with pytest.raises(ConfigError, match="root"):
            Roots(folders)

    def test_a_job_that_writes_outside_is_refused(
        self, faults: FaultServer, blob: Blob, fetch: Any, tmp_path: Path,
    ) -> None:
        (tmp_path / "allowed").mkdir()
        (tmp_path / ".ssh").mkdir()
        place = Place(roots=Roots([str(tmp_path / "allowed")]))
        report = fetch(offer(faults, tmp_path / ".ssh", "authorized_keys"), place)
        assert "refused" in report.failures[0][1] and blob.asked == []
        assert list((tmp_path / ".ssh").iterdir()) == []


def test_a_failure_is_raised_by_job(
    faults: FaultServer, client: ApiClient, quick: Transport, root: Path,
) -> None:
    faults.on("POST", PAGES, Answer(201, {"downloads": offer(faults, root)}))
    faults.on("GET", "/blob", Answer(404))
    with pytest.raises(DownloadError, match="HTTP 404"):
        download_job(client, "1", storage=quick)
