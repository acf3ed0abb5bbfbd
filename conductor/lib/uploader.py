"""Uploads: hashing, asking which files are wanted, and sending overlap; failures are collected.

The calling thread coordinates (and is the only one that calls back); bounded groups of threads do
the work. Everything a thread finds out comes back as a value.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, Sequence

from conductor.lib.api_client import ApiClient, UploadUrls
from conductor.lib.errors import Cancelled, ServiceUnreachable, UploadError
from conductor.lib.hash_cache import HashCache
from conductor.lib.hashing import FileChanged, FileHash, hash_file
from conductor.lib.progress import Progress, ProgressCallback
from conductor.lib.storage import TIMEOUT_S, Refused, Sender
from conductor.lib.submission import UploadFile
from conductor.lib.transport import Transport, new_session

LOG = logging.getLogger(__name__)

BATCH = 20
"""Files per question, as the vendor's client asks; a service may advertise more."""
ASKERS = 4
TICK_S = 0.1
# So many transfers in a row without any answer: the storage is gone, not the file.
HOPELESS = 8


@dataclass
class _Item:
    """One file on its way; `twins` are further ones that hold the same bytes and follow it.

    Attributes:
        demanded: the MD5 it must have; None when any will do.
    """

    file: UploadFile
    demanded: str | None
    attempt: int = 0
    mtime_ns: int = 0
    twins: list[_Item] = field(default_factory=list)


class Meter:
    """Bytes that threads move, counted under a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {"hashed": 0, "sending": 0}

    def counter(self, name: str) -> Callable[[int], None]:
        """A function that adds to one count."""
        def add(number: int) -> None:
            with self._lock:
                self._counts[name] += number
        return add

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._counts[name]


def upload(
    files: Sequence[UploadFile],
    client: ApiClient,
    *,
    project: str | None,
    threads: int = 4,
    cache: HashCache | None = None,
    force: bool = False,
    batch: int = BATCH,
    on_progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    storage: Transport | None = None,
) -> tuple[UploadFile, ...]:
    """Bring files to the service; the same files with hash and stat, in the same order.

    A file that is there already is not sent. One that changes while it is hashed or sent is done
    once more. A file whose ``md5`` is given must have it.

    Args:
        threads: how many hash, and how many send; at least 1.
        force: send every file (only where the service can; see ``ApiClient.upload_urls``).
        batch: files per question to the service.
        on_progress: called in this thread, several times a second; False stops.
        cancel: stops when set.
        storage: what talks to the storage hosts, for tests and proxies.

    Raises:
        UploadError: with every file that did not arrive, and why.
        AuthError, ServiceError: the service cannot be asked.
        Cancelled: stopped by `cancel` or `on_progress`.
    """
    if not files:
        return ()
    return _Upload(
        files, client, project, max(1, threads), cache, force, max(1, batch), on_progress,
        cancel or threading.Event(), storage,
    ).run()


class _Upload:
    """One run of :func:`upload`."""

    def __init__(
        self, files: Sequence[UploadFile], client: ApiClient, project: str | None, threads: int,
        cache: HashCache | None, force: bool, batch: int, on_progress: ProgressCallback | None,
        cancel: threading.Event, storage: Transport | None,
    ) -> None:
        self._files = files
        self._project, self._threads, self._batch = project, threads, batch
        self._cache, self._force = cache, force
        self._on_progress, self._cancel = on_progress, cancel
        self._stop = threading.Event()
        self._client = client.cancelled_by(self._stop)
        self._meter = Meter()
        self._owns_storage = storage is None
        self._storage = storage.cancelled_by(self._stop) if storage else Transport(
            new_session(threads), TIMEOUT_S, self._stop)
        self._sender = Sender(self._storage, self._meter.counter("sending"))
        self._unhashed = deque(_Item(file, file.md5) for file in files)
        self._unasked: deque[_Item] = deque()
        self._by_content: dict[tuple[str | None, int], _Item] = {}
        self._events: queue.Queue[Callable[[], None]] = queue.Queue()
        self._hashing = self._asking = self._sending = 0
        self._arrived: dict[str, UploadFile] = {}
        self._failures: dict[str, str] = {}
        self._silent = 0
        self._bytes_total = sum(file.size for file in files)
        self._bytes_arrived = 0
        self._hashers = ThreadPoolExecutor(threads)
        self._askers = ThreadPoolExecutor(ASKERS)
        self._senders = ThreadPoolExecutor(threads)
        self._started = self._told = time.monotonic()

    def run(self) -> tuple[UploadFile, ...]:
        """Do it all; see :func:`upload`."""
        try:
            self._fill()
            while self._hashing or self._asking or self._sending:
                self._handle_events()
                self._tell()
                self._fill()
        finally:
            self._stop.set()
            for pool in (self._hashers, self._askers, self._senders):
                pool.shutdown()
            if self._owns_storage:
                self._storage.close()
        self._tell(last=True)
        return self._result()

    def _result(self) -> tuple[UploadFile, ...]:
        for file in self._files:
            if file.destination not in self._arrived:
                self._failures.setdefault(file.path, "not attempted: the storage does not answer")
        if self._failures:
            raise UploadError(
                "%d of %d files were not uploaded:" % (len(self._failures), len(self._files)),
                sorted(self._failures.items()),
            )
        return tuple(self._arrived[file.destination] for file in self._files)

    # -- giving out work ----------------------------------------------------------------------

    def _fill(self) -> None:
        """Keep every thread busy, and nothing piled up."""
        if self._silent >= HOPELESS:
            self._unhashed.clear()
            self._unasked.clear()
        while (
            self._unhashed and self._hashing < 2 * self._threads
            and len(self._unasked) + self._sending < 4 * (self._batch + self._threads)
        ):
            self._hashing += 1
            item = self._unhashed.popleft()
            self._start(self._hashers, self._hashed, item, self._hash, item)
        while self._unasked and self._asking < ASKERS and self._worth_asking():
            self._asking += 1
            size = min(self._batch, len(self._unasked))
            items = [self._unasked.popleft() for _ in range(size)]
            self._start(self._askers, self._asked, items, self._ask, items)

    def _worth_asking(self) -> bool:
        """A full batch always; a part of one when nobody is asking (the first file goes out at
        once) or nothing more is being hashed."""
        return len(self._unasked) >= self._batch or not self._asking or not self._hashing

    def _start(
        self, pool: ThreadPoolExecutor, handler: Callable[[Any, Future[Any]], None], subject: Any,
        work: Callable[..., Any], *arguments: Any,
    ) -> None:
        future = pool.submit(work, *arguments)
        future.add_done_callback(lambda done: self._events.put(lambda: handler(subject, done)))

    def _handle_events(self) -> None:
        """Wait a tick for results, then take all there are."""
        try:
            event = self._events.get(timeout=TICK_S)
            while True:
                event()
                event = self._events.get_nowait()
        except queue.Empty:
            pass
        if self._cancel.is_set():
            raise Cancelled("The upload was stopped.")

    # -- in the threads -----------------------------------------------------------------------

    def _hash(self, item: _Item) -> FileHash:
        self._check_stop()
        fresh = self._force or item.attempt > 0
        return hash_file(
            item.file.path, self._cache, self._stop, self._meter.counter("hashed"), fresh
        )

    def _ask(self, items: Sequence[_Item]) -> UploadUrls:
        self._check_stop()
        return self._client.upload_urls(
            self._project, [item.file for item in items], self._force
        )

    def _send(
        self, item: _Item, url: str | None, parts: Mapping[str, Any] | None, kms_key: str,
    ) -> None:
        self._check_stop()
        if self._silent >= HOPELESS:
            raise ServiceUnreachable("not attempted")
        if url is not None:
            self._sender.put(item.file, item.mtime_ns, url, kms_key)
        elif parts is not None:
            done = self._sender.put_parts(item.file, item.mtime_ns, parts)
            self._client.complete_multipart(
                self._project, str(parts["uploadID"]), item.file.md5 or "", done
            )

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The upload was stopped.")

    # -- results ------------------------------------------------------------------------------

    def _hashed(self, item: _Item, future: Future[FileHash]) -> None:
        self._hashing -= 1
        try:
            found = future.result()
        except OSError as error:
            return self._failed(item, error.strerror or str(error))
        except FileChanged as error:
            return self._failed(item, str(error))
        if item.demanded not in (None, found.md5):
            return self._failed(
                item, 'its MD5 is "%s", not "%s" as demanded: it has changed since'
                % (found.md5, item.demanded))
        self._bytes_total += found.stat.size - item.file.size
        item.file = replace(item.file, md5=found.md5, stat=found.stat)
        item.mtime_ns = found.mtime_ns
        leader = self._by_content.setdefault((found.md5, found.stat.size), item)
        if leader is item:
            self._unasked.append(item)
        elif leader.file.destination in self._arrived:
            self._arrive(item.file)
        else:
            leader.twins.append(item)
        return None

    def _asked(self, items: Sequence[_Item], future: Future[UploadUrls]) -> None:
        self._asking -= 1
        urls = future.result()
        for item in items:
            name = item.file.destination
            if name in urls.single or name in urls.multi:
                self._sending += 1
                self._start(
                    self._senders, self._was_sent, item, self._send, item,
                    urls.single.get(name), urls.multi.get(name), urls.kms_key,
                )
            else:
                self._done(item)

    def _was_sent(self, item: _Item, future: Future[None]) -> None:
        self._sending -= 1
        try:
            future.result()
        except (FileChanged, Refused) as error:
            return self._again(item, str(error))
        except ServiceUnreachable as error:
            self._silent += 1
            return self._failed(item, "the storage does not answer: %s" % (error.detail or error))
        self._silent = 0
        return self._done(item)

    def _again(self, item: _Item, reason: str) -> None:
        """Hash and send a file once more: it changed, a remembered hash was wrong, or an address
        had expired."""
        if self._cache is not None:
            self._cache.forget(item.file.path)
        if item.attempt:
            return self._failed(item, reason)
        LOG.info('"%s" is sent again: %s', item.file.path, reason)
        self._detach(item)
        item.attempt += 1
        self._unhashed.appendleft(item)
        return None

    def _done(self, item: _Item) -> None:
        for one in [item] + item.twins:
            self._arrive(one.file)

    def _arrive(self, file: UploadFile) -> None:
        self._arrived[file.destination] = file
        self._bytes_arrived += file.size

    def _failed(self, item: _Item, reason: str) -> None:
        self._failures[item.file.path] = reason
        self._detach(item)

    def _detach(self, item: _Item) -> None:
        """Let those that followed `item` go their own way."""
        key = (item.file.md5, item.file.size)
        if self._by_content.get(key) is item:
            del self._by_content[key]
        self._unhashed.extend(item.twins)
        item.twins = []

    # -- progress -----------------------------------------------------------------------------

    def _tell(self, last: bool = False) -> None:
        now = time.monotonic()
        if self._on_progress is None or (now - self._told < TICK_S and not last):
            return
        self._told = now
        if self._on_progress(self._progress(now - self._started)) is False:
            self._cancel.set()
            raise Cancelled("The upload was stopped.")

    def _progress(self, elapsed_s: float) -> Progress:
        files_done, files_total = len(self._arrived) + len(self._failures), len(self._files)
        moving = self._meter["sending"]
        if not files_done and not moving:
            stage, done = "hashing", self._meter["hashed"]
        else:
            stage, done = "uploading", self._bytes_arrived + moving
        total = self._bytes_total
        return Progress(stage, files_done, files_total, min(done, total), total, elapsed_s)
