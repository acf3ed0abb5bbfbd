"""Downloads: what a job's tasks wrote, verified before it appears, never outside its folder."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Sequence

import requests

from conductor.lib.api_client import ApiClient
from conductor.lib.errors import Cancelled, DownloadError, ServiceError, TransferError
from conductor.lib.hashing import hash_file, new_md5
from conductor.lib.progress import Progress, ProgressCallback
from conductor.lib.states import TaskState
from conductor.lib.storage import TIMEOUT_S
from conductor.lib.submission import md5_text
from conductor.lib.transport import BLOCK, Call, Transport, new_session

LOG = logging.getLogger(__name__)

THREADS = 4
ATTEMPTS = 3
TICK_S = 0.1
_WINDOWS_PATH = re.compile(r"^([A-Za-z]:|[\\/]{2})")


@dataclass(frozen=True)
class DownloadedFile:
    """One output on this machine; ``identical`` when it was there already."""

    path: str
    size: int
    md5: str
    task_id: str
    identical: bool = False


@dataclass(frozen=True)
class DownloadReport:
    """What a download brought, in the order of tasks and files."""

    files: tuple[DownloadedFile, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that were fetched."""
        return sum(file.size for file in self.files if not file.identical)


@dataclass(frozen=True)
class _Wanted:
    """One file to fetch. `root` is the folder it must stay below."""

    url: str = field(repr=False)
    root: str
    relative_path: str
    size: int
    md5: str
    task_id: str
    download_id: str

    @property
    def path(self) -> str:
        return os.path.join(self.root, *self.relative_path.split("/"))


class _Unsafe(Exception):
    """A file that would land outside its folder."""


def download_job(
    client: ApiClient,
    job_id: str,
    *,
    destination: str | None = None,
    task_ids: Sequence[str] | None = None,
    threads: int = THREADS,
    on_progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    report: bool = True,
    storage: Transport | None = None,
) -> DownloadReport:
    """Fetch the outputs of a job.

    A file appears under its name only when all of it is there and its MD5 is right; one that is
    there already and right is left alone.

    Args:
        destination: folder the outputs go below; the job's own output path when None.
        task_ids: only these tasks; all when None.
        report: tell the service which tasks are complete here.
        on_progress: called in this thread; False stops.

    Raises:
        DownloadError: with every file that could not be had, and why; the others are there.
        AuthError, ServiceError: the service cannot be asked.
        Cancelled: stopped by `cancel` or `on_progress`.
    """
    wanted, failures = _wanted(client.job_downloads(job_id, task_ids), destination)
    run = _Download(client, max(1, threads), on_progress, cancel or threading.Event(), storage)
    done, failed = run.fetch(wanted)
    failures.update(failed)
    if report:
        _report(client, wanted, done)
    if failures:
        raise DownloadError(
            "%d of the files of job %s were not downloaded:" % (len(failures), job_id),
            sorted(failures.items()),
        )
    return DownloadReport(tuple(done[item] for item in wanted))


def _wanted(
    downloads: Iterable[Mapping[str, Any]], destination: str | None,
) -> tuple[list[_Wanted], dict[str, str]]:
    """The files to fetch, each place once (the last task that wrote it counts), and what is
    refused."""
    found: dict[str, _Wanted] = {}
    failures: dict[str, str] = {}
    for download in downloads:
        for file in download.get("files") or ():
            name = str(file.get("relative_path") or "")
            folder = str(file.get("output_dir") or download.get("output_dir") or "")
            try:
                item = _Wanted(
                    str(file["url"]), _root(folder, destination), _safe_relative(name),
                    int(file.get("size") or 0), str(file.get("md5") or ""),
                    str(file.get("task_id") or download.get("task_id") or ""),
                    str(download.get("download_id") or ""),
                )
                found[item.path] = item
            except (_Unsafe, KeyError, ValueError) as error:
                failures[name or "?"] = str(error)
    return list(found.values()), failures


def _root(output_dir: str, destination: str | None) -> str:
    if destination is not None:
        return os.path.abspath(os.path.expanduser(destination))
    if os.name != "nt" and _WINDOWS_PATH.match(output_dir):
        raise _Unsafe(
            'its folder "%s" is a Windows path; say where to put it (destination)' % output_dir
        )
    if not os.path.isabs(output_dir):
        raise _Unsafe('its folder "%s" is not a full path' % output_dir)
    return os.path.normpath(output_dir)


def _safe_relative(name: str) -> str:
    """The relative path with forward slashes; _Unsafe unless it stays where it belongs."""
    parts = name.replace("\\", "/").split("/")
    if not name or name.startswith(("/", "\\")) or _WINDOWS_PATH.match(name) or "\0" in name:
        raise _Unsafe("it has no path below its folder and is refused")
    if ".." in parts:
        raise _Unsafe("it leads out of its folder and is refused")
    return "/".join(part for part in parts if part not in ("", "."))


def _report(
    client: ApiClient, wanted: Sequence[_Wanted], done: Mapping[_Wanted, DownloadedFile],
) -> None:
    """Tell the service, per task; what it says to that changes nothing for the files."""
    tasks: dict[str, list[_Wanted]] = {}
    for item in wanted:
        if item.download_id:
            tasks.setdefault(item.download_id, []).append(item)
    for download_id, items in tasks.items():
        size = sum(item.size for item in items)
        have = sum(item.size for item in items if item in done)
        complete = all(item in done for item in items)
        status = TaskState.DOWNLOADED if complete else TaskState.PENDING
        try:
            client.report_download(download_id, status.value, have, size)
        except ServiceError as error:
            LOG.warning("The service was not told of the download: %s", error)


class _Download:
    """One run: threads fetch, the calling thread waits and calls back."""

    def __init__(
        self, client: ApiClient, threads: int, on_progress: ProgressCallback | None,
        cancel: threading.Event, storage: Transport | None,
    ) -> None:
        self._threads, self._on_progress, self._cancel = threads, on_progress, cancel
        self._stop = threading.Event()
        self._owns_storage = storage is None
        self._storage = storage.cancelled_by(self._stop) if storage else Transport(
            new_session(threads), TIMEOUT_S, self._stop)
        self._lock = threading.Lock()
        self._bytes = 0
        self._started = time.monotonic()

    def fetch(
        self, wanted: Sequence[_Wanted],
    ) -> tuple[dict[_Wanted, DownloadedFile], dict[str, str]]:
        """Files that are here now, and reasons for those that are not."""
        with ThreadPoolExecutor(self._threads) as pool:
            try:
                futures = {pool.submit(self._one, item): item for item in wanted}
                self._wait(set(futures), wanted)
            finally:
                self._stop.set()
        if self._owns_storage:
            self._storage.close()
        done: dict[_Wanted, DownloadedFile] = {}
        failures: dict[str, str] = {}
        for future, item in futures.items():
            try:
                done[item] = future.result()
            except (_Unsafe, OSError, ServiceError, DownloadError) as error:
                failures[item.path] = str(getattr(error, "strerror", None) or error)
        return done, failures

    def _wait(self, pending: set[Future[DownloadedFile]], wanted: Sequence[_Wanted]) -> None:
        total = sum(item.size for item in wanted)
        while pending:
            pending = wait(pending, TICK_S).not_done
            with self._lock:
                moved = self._bytes
            progress = Progress(
                "downloading", len(wanted) - len(pending), len(wanted), min(moved, total), total,
                time.monotonic() - self._started,
            )
            if self._on_progress is not None and self._on_progress(progress) is False:
                self._cancel.set()
            if self._cancel.is_set() and pending:
                raise Cancelled("The download was stopped.")

    def _count(self, number: int) -> None:
        with self._lock:
            self._bytes += number

    def _one(self, item: _Wanted) -> DownloadedFile:
        if self._stop.is_set():
            raise Cancelled("The download was stopped.")
        _contained_folder(item)
        if _is_there(item):
            self._count(item.size)
            return DownloadedFile(item.path, item.size, item.md5, item.task_id, True)
        problem = ""
        for _ in range(ATTEMPTS):
            try:
                size, md5 = self._fetch(item)
            except requests.RequestException:
                problem = "the connection broke again and again"
                continue
            if not item.md5 or md5 == item.md5:
                return DownloadedFile(item.path, size, md5, item.task_id)
            problem = 'what arrived has the MD5 "%s" instead of "%s"' % (md5, item.md5)
        raise DownloadError(problem)

    def _fetch(self, item: _Wanted) -> tuple[int, str]:
        """One attempt; the file is put in place when its MD5 is right."""
        answer = self._storage.send(Call("GET", item.url, stream=True))
        if answer.status_code != 200:
            answer.close()
            raise ServiceError("the storage answered HTTP %d" % answer.status_code)
        temporary = os.path.join(
            os.path.dirname(item.path), ".conductor.%s.part" % uuid.uuid4().hex)
        moved = 0
        try:
            digest = new_md5()
            # "x" never follows a link; the mode is what the umask gives any new file.
            with open(temporary, "xb") as stream:
                for block in answer.iter_content(BLOCK):
                    if self._stop.is_set():
                        raise Cancelled("The download was stopped.")
                    stream.write(block)
                    digest.update(block)
                    moved += len(block)
                    self._count(len(block))
            md5, size = md5_text(digest.digest()), moved
            if not item.md5 or md5 == item.md5:
                _contained_folder(item)
                os.replace(temporary, item.path)
                moved = 0
            return size, md5
        finally:
            answer.close()
            self._count(-moved)
            if os.path.lexists(temporary):
                os.unlink(temporary)


def _contained_folder(item: _Wanted) -> None:
    """Make the folder of a file; _Unsafe when a link on the way leads out of the root."""
    folder = os.path.dirname(item.path)
    root = os.path.realpath(item.root)
    real = os.path.realpath(folder)
    if os.path.commonpath([root, real]) != root:
        raise _Unsafe("a link on its way leads out of its folder; it is refused")
    os.makedirs(folder, exist_ok=True)


def _is_there(item: _Wanted) -> bool:
    """True when the file lies there with the right size and MD5."""
    try:
        found = os.lstat(item.path)
        if not item.md5 or found.st_size != item.size or os.path.islink(item.path):
            return False
        return hash_file(item.path).md5 == item.md5
    except (OSError, TransferError):
        return False
