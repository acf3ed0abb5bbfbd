"""Downloads: what a job's tasks wrote, verified before it appears, never outside its folder."""

from __future__ import annotations

import fnmatch
import logging
import os
import re
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping, Sequence

from conductor.lib.api_client import ApiClient
from conductor.lib.errors import (
    ArgumentError,
    Cancelled,
    DownloadError,
    FrameSpecError,
    ServiceError,
    TransferError,
)
from conductor.lib.fetching import DownloadedFile, Fetcher, Unsafe, Wanted
from conductor.lib.paths import PathMap, drop_drive, is_windows
from conductor.lib.progress import Progress, ProgressCallback
from conductor.lib.roots import Roots
from conductor.lib.sequence import Sequence as FrameSequence
from conductor.lib.states import TaskState
from conductor.lib.storage import TIMEOUT_S
from conductor.lib.throttle import Throttle
from conductor.lib.transport import Transport, new_session

LOG = logging.getLogger(__name__)

THREADS = 4
TICK_S = 0.1
REPORT_S = 30.0
_WINDOWS_PATH = re.compile(r"^([A-Za-z]:|[\\/]{2})")

__all__ = [
    "DownloadReport", "DownloadedFile", "Place", "download", "download_job", "name_filter",
    "read_target",
]


@dataclass(frozen=True)
class DownloadReport:
    """What a download brought, in the order of tasks and files.

    Attributes:
        failures: ``(path, reason)`` of every file that could not be had.
        offered: every path, below its output folder, that the tasks have written.
    """

    files: tuple[DownloadedFile, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    offered: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that were fetched."""
        return sum(file.size for file in self.files if not file.identical)

    @property
    def exit_code(self) -> int:
        """0 when all is here, else that of DownloadError."""
        return DownloadError.exit_code if self.failures else 0


@dataclass(frozen=True)
class Place:
    """Where files go on this machine.

    Attributes:
        destination: folder that stands for each job's own output path; None: that path.
        path_map: what this machine calls folders of elsewhere.
        roots: folders that must not be left; None for no limit.
    """

    destination: str | None = None
    path_map: PathMap = field(default_factory=PathMap)
    roots: Roots | None = None

    def root(self, output_dir: str) -> str:
        """The folder below which the files of a task lie; Unsafe where there is none here."""
        if self.destination is not None:
            return os.path.abspath(os.path.expanduser(self.destination))
        here = self.path_map.to_workstation(output_dir) if output_dir else output_dir
        if os.name != "nt" and is_windows(output_dir):
            here = self.path_map.to_node(output_dir)
            if here == drop_drive(output_dir):
                raise Unsafe(
                    'its folder "%s" is a Windows path; say where to put it (destination), or '
                    "what it is called here (path_map)" % output_dir)
        if not os.path.isabs(here):
            raise Unsafe('its folder "%s" is not a full path' % here)
        return os.path.normpath(here)

    def check(self, path: str) -> None:
        """Raise OutsideRoots where a file may not be written."""
        if self.roots is not None:
            self.roots.check(os.path.dirname(path))


def download_job(
    client: ApiClient,
    job_id: str,
    *,
    destination: str | None = None,
    task_ids: Sequence[str] | None = None,
    name: Callable[[str], bool] | None = None,
    path_map: PathMap | None = None,
    threads: int = THREADS,
    bandwidth: int = 0,
    on_progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    report: bool = True,
    storage: Transport | None = None,
) -> DownloadReport:
    """Fetch the outputs of a job.

    A file appears under its name only when all of it is there and its MD5 is right; one that is
    there already and right is left alone; one that was broken off goes on where it stopped.

    Args:
        destination: folder the outputs go below; the job's own output path when None.
        task_ids: only these tasks; all when None.
        name: True for the relative paths to fetch (:func:`name_filter`); all when None.
        path_map: what this machine calls folders of elsewhere.
        bandwidth: bytes per second of all transfers together; 0 for no cap.
        report: tell the service which tasks are complete here.
        on_progress: called in this thread; False stops.

    Raises:
        DownloadError: with every file that could not be had, and why; the others are there.
        AuthError, ServiceError: the service cannot be asked.
        Cancelled: stopped by `cancel` or `on_progress`.
    """
    found = download(
        client, client.job_downloads(job_id, task_ids),
        Place(destination, path_map or PathMap()), name=name, threads=threads,
        bandwidth=bandwidth, on_progress=on_progress, cancel=cancel, report=report,
        storage=storage,
    )
    if found.failures:
        raise DownloadError(
            "%d of the files of job %s were not downloaded:" % (len(found.failures), job_id),
            found.failures,
        )
    return found


def download(
    client: ApiClient,
    downloads: Iterable[Mapping[str, Any]],
    place: Place,
    *,
    name: Callable[[str], bool] | None = None,
    threads: int = THREADS,
    bandwidth: int = 0,
    on_progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    report: bool = True,
    storage: Transport | None = None,
) -> DownloadReport:
    """Fetch what the service offers; arguments as for :func:`download_job`. Files that could not
    be had are in the report. When stopped, the tasks that are not complete are handed back.

    Raises:
        AuthError, ServiceError: the service cannot be asked.
        Cancelled: stopped by `cancel` or `on_progress`.
    """
    plan = _Plan(downloads, place, name)
    reports = _Reports(client, plan) if report else None
    run = _Download(plan, max(1, threads), on_progress, cancel or threading.Event(), storage,
                    Throttle(bandwidth), reports)
    try:
        run.fetch()
    finally:
        if reports is not None:
            reports.last()
    return DownloadReport(
        tuple(plan.done[item] for item in plan.wanted if item in plan.done),
        tuple(sorted(plan.failures.items())),
        tuple(plan.offered))


def read_target(text: str) -> tuple[str, list[str] | None]:
    """``12`` or ``12:1-5x2,10`` as job id and task ids (None for all).

    Raises:
        ArgumentError: it is neither.
    """
    job, colon, spec = text.partition(":")
    if not job.isdigit():
        raise ArgumentError('"%s" is no job; write 12, or 12:0-4 for some of its tasks.' % text)
    if not colon:
        return job.zfill(5), None
    try:
        return job.zfill(5), ["%03d" % number for number in FrameSequence.parse(spec)]
    except FrameSpecError as error:
        raise ArgumentError('"%s" names no tasks of job %s: %s' % (spec, job, error)) from error


def name_filter(pattern: str, is_regex: bool = False) -> Callable[[str], bool]:
    """A test of relative paths: a glob for the whole path, or for the name alone where it holds no
    slash; or a regular expression that is looked for anywhere in the path.

    Raises:
        ArgumentError: no regular expression.
    """
    if not is_regex:
        whole = re.compile(fnmatch.translate(pattern))
        if "/" in pattern:
            return lambda path: whole.match(path) is not None
        return lambda path: whole.match(path.rpartition("/")[2]) is not None
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise ArgumentError('"%s" is no regular expression: %s' % (pattern, error)) from error
    return lambda path: found.search(path) is not None


class _Plan:
    """The files to fetch, each place once (the last task that wrote it counts), and what became
    of them."""

    def __init__(
        self, downloads: Iterable[Mapping[str, Any]], place: Place,
        name: Callable[[str], bool] | None,
    ) -> None:
        self.place = place
        self.failures: dict[str, str] = {}
        self.done: dict[Wanted, DownloadedFile] = {}
        # Of each download: the places of its files, and whether all of them are wanted.
        self.tasks: dict[str, tuple[list[str], bool]] = {}
        self.offered: dict[str, None] = {}
        by_path: dict[str, Wanted] = {}
        for offer in downloads:
            paths, is_all = [], True
            for file in offer.get("files") or ():
                relative = str(file.get("relative_path") or "")
                self.offered[relative] = None
                if name is not None and not name(relative):
                    is_all = False
                    continue
                try:
                    item = _wanted(offer, file, place)
                    by_path[item.path] = item
                    paths.append(item.path)
                except (Unsafe, KeyError, ValueError) as error:
                    self.failures[relative or "?"] = str(error)
                    is_all = False
            if offer.get("download_id"):
                self.tasks[str(offer["download_id"])] = (paths, is_all)
        self.by_path = by_path
        self.wanted = list(by_path.values())

    def standing(self, download_id: str) -> tuple[int, int, bool]:
        """Bytes here, bytes of all, and whether the task is complete here."""
        paths, is_all = self.tasks[download_id]
        items = [self.by_path[path] for path in paths]
        here = [item for item in items if item in self.done]
        return (sum(item.size for item in here), sum(item.size for item in items),
                is_all and len(here) == len(items))


def _wanted(offer: Mapping[str, Any], file: Mapping[str, Any], place: Place) -> Wanted:
    folder = str(file.get("output_dir") or offer.get("output_dir") or "")
    return Wanted(
        str(file["url"]), place.root(folder), _safe_relative(str(file.get("relative_path") or "")),
        int(file.get("size") or 0), str(file.get("md5") or ""),
        str(file.get("task_id") or offer.get("task_id") or ""),
        str(offer.get("download_id") or ""),
    )


def _safe_relative(name: str) -> str:
    """The relative path with forward slashes; Unsafe unless it stays where it belongs."""
    parts = name.replace("\\", "/").split("/")
    if not name or name.startswith(("/", "\\")) or _WINDOWS_PATH.match(name) or "\0" in name:
        raise Unsafe("it has no path below its folder and is refused")
    if ".." in parts:
        raise Unsafe("it leads out of its folder and is refused")
    return "/".join(part for part in parts if part not in ("", "."))


class _Reports:
    """Tells the service how its downloads go; what it says to that changes nothing here. Of a
    task that is fetched in part by choice it is told nothing."""

    def __init__(self, client: ApiClient, plan: _Plan) -> None:
        self._client, self._plan = client, plan
        self._told = time.monotonic()
        self._settled: set[str] = set()

    def tick(self) -> None:
        """Tasks that are complete at once; of all others a sign of life now and then."""
        self._tell_complete()
        if time.monotonic() - self._told >= REPORT_S:
            self._told = time.monotonic()
            for download_id in self._open():
                here, total, _ = self._plan.standing(download_id)
                self._tell(download_id, "downloading", here, total)

    def last(self) -> None:
        """What is not complete is handed back."""
        self._tell_complete()
        for download_id in self._open():
            here, total, _ = self._plan.standing(download_id)
            self._settled.add(download_id)
            self._tell(download_id, TaskState.PENDING.value, here, total)

    def _open(self) -> list[str]:
        return [name for name in self._plan.tasks if name not in self._settled]

    def _tell_complete(self) -> None:
        for download_id in self._open():
            here, total, is_complete = self._plan.standing(download_id)
            if is_complete:
                self._settled.add(download_id)
                self._tell(download_id, TaskState.DOWNLOADED.value, here, total)

    def _tell(self, download_id: str, status: str, here: int, total: int) -> None:
        try:
            self._client.report_download(download_id, status, here, total)
        except ServiceError as error:
            LOG.warning("The service was not told of the download: %s", error)


class _Download:
    """One run: threads fetch, the calling thread waits and calls back."""

    def __init__(
        self, plan: _Plan, threads: int, on_progress: ProgressCallback | None,
        cancel: threading.Event, storage: Transport | None, throttle: Throttle,
        reports: _Reports | None,
    ) -> None:
        self._plan, self._threads, self._reports = plan, threads, reports
        self._on_progress, self._cancel = on_progress, cancel
        self._stop = threading.Event()
        self._owns_storage = storage is None
        self._storage = storage.cancelled_by(self._stop) if storage else Transport(
            new_session(threads), TIMEOUT_S, self._stop)
        self._fetcher = Fetcher(self._storage, self._stop, self._count, throttle)
        self._lock = threading.Lock()
        self._bytes = 0
        self._started = time.monotonic()

    def fetch(self) -> None:
        """Fill the plan's `done` and `failures`."""
        with ThreadPoolExecutor(self._threads) as pool:
            try:
                futures = {
                    pool.submit(self._fetcher.fetch, item, self._plan.place.check): item
                    for item in self._plan.wanted
                }
                self._wait(futures)
            finally:
                self._stop.set()
        if self._owns_storage:
            self._storage.close()

    def _wait(self, futures: Mapping[Future[DownloadedFile], Wanted]) -> None:
        wanted, pending = self._plan.wanted, set(futures)
        total = sum(item.size for item in wanted)
        while pending:
            ended, pending = wait(pending, TICK_S)
            for future in ended:
                self._note(future, futures[future])
            with self._lock:
                moved = self._bytes
            progress = Progress(
                "downloading", len(wanted) - len(pending), len(wanted),
                max(0, min(moved, total)), total, time.monotonic() - self._started,
            )
            if self._on_progress is not None and self._on_progress(progress) is False:
                self._cancel.set()
            if self._cancel.is_set() and pending:
                self._stop.set()
                if self._reports is not None:
                    self._reports.last()  # now: a thread may be stuck in a stalled transfer
                raise Cancelled("The download was stopped.")
            if self._reports is not None:
                self._reports.tick()

    def _note(self, future: Future[DownloadedFile], item: Wanted) -> None:
        try:
            self._plan.done[item] = future.result()
        except (Unsafe, OSError, ServiceError, TransferError) as error:
            self._plan.failures[item.path] = str(getattr(error, "strerror", None) or error)

    def _count(self, number: int) -> None:
        with self._lock:
            self._bytes += number
