"""Downloads: verified before they appear, never outside, every failure told."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from fault_server import CUT, Answer, FaultServer, Seen

from conductor.lib.api_client import ApiClient
from conductor.lib.downloader import DownloadReport, download_job
from conductor.lib.errors import Cancelled, DownloadError, ServiceError
from conductor.lib.progress import Progress
from conductor.lib.transport import Transport

PAGES = "/jobs/00001/downloads"
STATUS = "/downloads/status"


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Outputs:
    """A job whose tasks wrote files; one task per call of :meth:`task`."""

    def __init__(self, server: FaultServer, output_dir: str) -> None:
        self.server = server
        self.output_dir = output_dir
        self.downloads: list[dict[str, Any]] = []
        server.on("POST", PAGES, self._page)
        server.on("POST", STATUS, Answer(200))

    def task(self, **contents: bytes) -> None:
        """Files by name; two underscores stand for a slash."""
        self.files({name.replace("__", "/"): data for name, data in contents.items()})

    def files(self, contents: dict[str, bytes], **others: Any) -> None:
        number = len(self.downloads)
        entries = []
        for place, (name, data) in enumerate(contents.items()):
            path = "/blob/%d/%d" % (number, place)
            self.server.on("GET", path, Answer(200, data))
            entries.append(dict({
                "url": self.server.url + path, "relative_path": name, "size": len(data),
                "md5": md5(data), "output_dir": self.output_dir, "task_id": "%03d" % number,
            }, **others))
        self.downloads.append({
            "download_id": str(number), "task_id": "%03d" % number,
            "output_dir": self.output_dir, "files": entries})

    def _page(self, seen: Seen) -> Answer:
        at = int(seen.query.get("start_cursor", ["0"])[0])
        following = str(at + 1) if at + 1 < len(self.downloads) else None
        return Answer(201, {"downloads": self.downloads[at:at + 1], "next_cursor": following})

    def reports(self) -> dict[str, str]:
        return {one.json["download_id"]: one.json["status"]
                for one in self.server.requests("POST", STATUS)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def outputs(faults: FaultServer, root: Path) -> Outputs:
    return Outputs(faults, str(root))


@pytest.fixture
def fetch(client: ApiClient, quick: Transport) -> Any:
    def run(**options: Any) -> DownloadReport:
        options.setdefault("storage", quick)
        return download_job(client, "1", **options)
    return run


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_page_after_page(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.task(a=b"one", sub__b=b"two")
    outputs.task(empty=b"")
    report = fetch()
    assert tree(root) == {"a": b"one", "sub/b": b"two", "empty": b""}
    assert [(file.path, file.task_id, file.identical) for file in report.files] == [
        (str(root / "a"), "000", False), (str(root / "sub" / "b"), "000", False),
        (str(root / "empty"), "001", False)]
    assert report.size == 6
    assert outputs.reports() == {"0": "downloaded", "1": "downloaded"}


def test_elsewhere(outputs: Outputs, fetch: Any, root: Path, tmp_path: Path) -> None:
    outputs.task(sub__a=b"one")
    fetch(destination=str(tmp_path / "else"), report=False)
    assert tree(tmp_path / "else") == {"sub/a": b"one"}
    assert not root.exists() and outputs.reports() == {}


def test_some_tasks(outputs: Outputs, fetch: Any) -> None:
    fetch(task_ids=["3"])
    assert outputs.server.seen[0].json == {"tids": ["003"]}


def test_no_outputs(outputs: Outputs, fetch: Any) -> None:
    assert fetch() == DownloadReport()


def test_no_token_for_the_storage(outputs: Outputs, faults: FaultServer) -> None:
    class Signed:
        def token(self, stale: Any = None) -> str:
            return "t0ken"

    outputs.task(a=b"one")
    download_job(ApiClient(faults.url, Signed()), "1")  # type: ignore[arg-type]
    assert "Authorization" not in faults.requests("GET", "/blob/0/0")[0].headers


def test_identical_files_are_left_alone(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.task(a=b"one", b=b"two")
    root.mkdir()
    (root / "a").write_bytes(b"one")
    (root / "b").write_bytes(b"TWO")
    os.utime(str(root / "a"), (1, 1))
    report = fetch()
    assert [file.identical for file in report.files] == [True, False]
    assert os.stat(str(root / "a")).st_mtime == 1 and tree(root)["b"] == b"two"
    assert outputs.server.count("GET", "/blob/0/0") == 0


def test_permissions_follow_the_umask(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.task(a=b"one")
    mask = os.umask(0o027)
    try:
        fetch()
    finally:
        os.umask(mask)
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "trouble",
    [CUT, Answer(503), Answer(200, b"other bytes"), Answer(200, b"the bytes", cut_body=4)],
    ids=["cut", "503", "wrong bytes", "cut in the middle"],
)
def test_passing_troubles(outputs: Outputs, fetch: Any, root: Path, trouble: Answer) -> None:
    outputs.task(a=b"the bytes")
    outputs.server.on("GET", "/blob/0/0", trouble, Answer(200, b"the bytes"))
    fetch()
    assert tree(root) == {"a": b"the bytes"}


@pytest.mark.parametrize(
    "answer, reason",
    [(Answer(200, b"bad"), "instead of"), (Answer(404), "HTTP 404"),
     (Answer(200, b"the bytes", cut_body=4), "again and again")],
    ids=["wrong bytes", "gone", "cut"],
)
def test_what_stays_wrong_never_appears(
    outputs: Outputs, fetch: Any, root: Path, answer: Answer, reason: str,
) -> None:
    outputs.task(a=b"the bytes", b=b"fine")
    outputs.server.on("GET", "/blob/0/0", answer)
    outputs.task(c=b"fine")
    with pytest.raises(DownloadError) as caught:
        fetch()
    assert tree(root) == {"b": b"fine", "c": b"fine"}
    assert [path for path, _ in caught.value.failures] == [str(root / "a")]
    assert reason in caught.value.failures[0][1]
    assert outputs.reports() == {"0": "pending", "1": "downloaded"}


def test_an_old_file_survives_a_failed_download(
    outputs: Outputs, fetch: Any, root: Path,
) -> None:
    outputs.task(a=b"new")
    root.mkdir()
    (root / "a").write_bytes(b"old")
    outputs.server.on("GET", "/blob/0/0", Answer(200, b"bad"))
    with pytest.raises(DownloadError):
        fetch()
    assert tree(root) == {"a": b"old"}


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "\\evil", "C:\\evil", "C:evil", "//host/share/evil",
     "a\\..\\..\\evil", "", "..", "a\0b"],
)
def test_names_that_lead_out(outputs: Outputs, fetch: Any, tmp_path: Path, name: str) -> None:
    outputs.files({name: b"x"})
    outputs.task(good=b"y")
    with pytest.raises(DownloadError, match="refused"):
        fetch()
    assert tree(tmp_path) == {"out/good": b"y"}
    assert outputs.server.count("GET", "/blob/0/0") == 0


def test_links_that_lead_out(outputs: Outputs, fetch: Any, root: Path, tmp_path: Path) -> None:
    outputs.task(link__evil=b"x")
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(DownloadError, match="a link on its way leads out"):
        fetch()
    assert tree(tmp_path / "outside") == {}


def test_a_link_in_the_files_place_is_replaced(
    outputs: Outputs, fetch: Any, root: Path, tmp_path: Path,
) -> None:
    outputs.task(a=b"new")
    root.mkdir()
    (tmp_path / "outside").write_bytes(b"precious")
    (root / "a").symlink_to(tmp_path / "outside")
    fetch()
    assert (tmp_path / "outside").read_bytes() == b"precious"
    assert (root / "a").read_bytes() == b"new" and not (root / "a").is_symlink()


def test_the_root_itself_may_be_a_link(outputs: Outputs, fetch: Any, tmp_path: Path) -> None:
    outputs.task(a=b"x")
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    fetch()
    assert tree(tmp_path / "real") == {"a": b"x"}


@pytest.mark.parametrize(
    "folder, reason", [("C:/renders", "Windows path"), ("renders", "not a full path")])
def test_folders_of_elsewhere_need_a_destination(
    faults: FaultServer, fetch: Any, tmp_path: Path, folder: str, reason: str,
) -> None:
    Outputs(faults, folder).task(a=b"x")
    with pytest.raises(DownloadError, match=reason):
        fetch()
    fetch(destination=str(tmp_path / "here"))
    assert tree(tmp_path / "here") == {"a": b"x"}


def test_the_last_task_to_write_a_file_counts(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.task(a=b"first")
    outputs.task(a=b"second")
    assert len(fetch().files) == 1
    assert tree(root) == {"a": b"second"}


def test_a_file_where_a_folder_should_be(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.task(a__b=b"x")
    root.mkdir()
    (root / "a").write_bytes(b"")
    with pytest.raises(DownloadError):
        fetch()


def test_files_without_md5(outputs: Outputs, fetch: Any, root: Path) -> None:
    outputs.files({"a": b"x"}, md5=None)
    assert fetch().files[0].md5 == md5(b"x")
    assert tree(root) == {"a": b"x"}


def test_broken_entries_are_told(outputs: Outputs, fetch: Any) -> None:
    outputs.files({"a": b"x"}, size="many")
    with pytest.raises(DownloadError, match="many"):
        fetch()


def test_a_service_that_takes_no_reports(
    outputs: Outputs, fetch: Any, root: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    outputs.task(a=b"x")
    outputs.server.on("POST", STATUS, Answer(404))
    fetch()
    assert tree(root) == {"a": b"x"} and "was not told" in caplog.text


def test_a_job_that_is_not_there(faults: FaultServer, fetch: Any) -> None:
    faults.on("POST", PAGES, Answer(404, {"error": "there is no job"}))
    with pytest.raises(ServiceError, match="there is no job"):
        fetch()


@pytest.mark.parametrize("by_event", [True, False], ids=["by the event", "by the callback"])
def test_stopping(outputs: Outputs, fetch: Any, root: Path, by_event: bool) -> None:
    release, cancel = threading.Event(), threading.Event()

    def slow(seen: Seen) -> Answer:
        if by_event:
            cancel.set()
        release.wait(5)
        return Answer(200, b"x")

    def stop(progress: Progress) -> bool:
        release.set()
        return by_event

    outputs.task(a=b"x")
    outputs.server.on("GET", "/blob/0/0", slow)
    with pytest.raises(Cancelled):
        fetch(cancel=cancel, on_progress=stop)
    assert [name for name in tree(root) if name != "a"] == []


def test_progress(outputs: Outputs, fetch: Any) -> None:
    outputs.task(a=b"x" * 1000, b=b"y" * 500)
    told: list[Progress] = []
    fetch(on_progress=told.append)
    last = told[-1]
    assert (last.stage, last.files_done, last.files_total) == ("downloading", 2, 2)
    assert (last.bytes_done, last.bytes_total) == (1500, 1500)
