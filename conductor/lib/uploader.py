"""Uploads: hashing, asking which files are wanted, and sending overlap; failures are collected.

The calling thread coordinates (and is the only one that calls back); bounded groups of threads do
the work (``upload_work``). Small files travel through the groups by the handful, since handing
over costs as much as hashing them.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Sequence

from conductor.lib.api_client import ApiClient, UploadUrls
from conductor.lib.errors import Cancelled, ServiceError, ServiceUnreachable, UploadError
from conductor.lib.hash_cache import HashCache
from conductor.lib.hashing import FileHash
from conductor.lib.multipart import Part, PartsPlan
from conductor.lib.progress import Progress, ProgressCallback
from conductor.lib.storage import TIMEOUT_S, Sender
from conductor.lib.submission import UploadFile
from conductor.lib.throttle import Throttle
from conductor.lib.transport import Transport, new_session
from conductor.lib.upload_work import HOPELESS, Item, Meter, Outcomes, Worker, plan_of

LOG = logging.getLogger(__name__)

BATCH = 20
"""Files per question, as the vendor's client asks; a service may advertise more."""
ASKERS = 4
TICK_S = 0.1
LOOKED_UP = 500
LARGE = 16 << 20
"""Bytes from which a file is large: such files never take all threads."""
HANDFUL_FILES, HANDFUL_BYTES = 32, 4 << 20

__all__ = ["BATCH", "HOPELESS", "Bundling", "upload"]


@dataclass(frozen=True)
class Bundling:
    """What a service takes in one request: number of files, bytes of each, bytes of all; nothing
    by default."""

    files: int = 0
    file_bytes: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, capabilities: Mapping[str, Any]) -> Bundling:
        """As the service advertises it."""
        limits = capabilities.get("upload_bundle")
        if not isinstance(limits, Mapping):
            return cls()
        return cls(*(int(limits.get(name) or 0) for name in ("files", "file_bytes", "bytes")))


class Line:
    """Files that wait for a thread: the large ones apart, so that they never hold up all others.

    Args:
        threads: how many serve the line.
    """

    def __init__(self, threads: int) -> None:
        self._most_large = max(1, threads // 2)
        self._small: deque[Item] = deque()
        self._large: deque[Item] = deque()
        self.large_under_way = 0

    def __len__(self) -> int:
        return len(self._small) + len(self._large)

    def add(self, item: Item, first: bool = False) -> None:
        """Put an item at the end, or in front."""
        line = self._large if item.file.size >= LARGE else self._small
        if first:
            line.appendleft(item)
        else:
            line.append(item)

    def take(self, files: int, size: int) -> list[Item]:
        """The next large item alone, or small ones up to a number and a sum of bytes; at least
        one where there is one."""
        if self._large and (self.large_under_way < self._most_large or not self._small):
            self.large_under_way += 1
            return [self._large.popleft()]
        some: list[Item] = []
        total = 0
        while self._small and len(some) < files and (
            not some or total + self._small[0].file.size <= size
        ):
            total += self._small[0].file.size
            some.append(self._small.popleft())
        return some

    def back(self, items: Sequence[Item]) -> None:
        """What :meth:`take` gave has been served."""
        if items and items[0].file.size >= LARGE:
            self.large_under_way = max(0, self.large_under_way - 1)

    def clear(self) -> None:
        """Forget all."""
        self._small.clear()
        self._large.clear()


def upload(
    files: Sequence[UploadFile],
    client: ApiClient,
    *,
    project: str | None,
    threads: int = 4,
    cache: HashCache | None = None,
    force: bool = False,
    batch: int = BATCH,
    bundling: Bundling | None = None,
    bandwidth: int = 0,
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
        bundling: what the service takes in one request; None for one file each.
        bandwidth: bytes per second of all transfers together; 0 for no cap.
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
        files, client, project, max(1, threads), cache, force, max(1, batch),
        bundling or Bundling(), bandwidth, on_progress, cancel or threading.Event(), storage,
    ).run()


class _Upload:
    """One run of :func:`upload`."""

    def __init__(
        self, files: Sequence[UploadFile], client: ApiClient, project: str | None, threads: int,
        cache: HashCache | None, force: bool, batch: int, bundling: Bundling, bandwidth: int,
        on_progress: ProgressCallback | None, cancel: threading.Event, storage: Transport | None,
    ) -> None:
        self._files, self._threads, self._batch = files, threads, batch
        self._cache, self._bundling = cache, bundling
        self._on_progress, self._cancel = on_progress, cancel
        self._stop = threading.Event()
        self._meter = Meter()
        self._owns_storage = storage is None
        self._storage = storage.cancelled_by(self._stop) if storage else Transport(
            new_session(threads), TIMEOUT_S, self._stop)
        sender = Sender(self._storage, self._meter.counter("sending"), Throttle(bandwidth))
        self._worker = Worker(
            client.cancelled_by(self._stop), sender, project, cache, force, self._stop,
            self._meter.counter("hashed"))
        self._coming: Iterator[UploadFile] = iter(files)
        self._all_came = False
        self._to_hash, self._to_send, self._to_bundle = (Line(threads) for _ in range(3))
        self._to_ask: deque[Item] = deque()
        self._parts: deque[tuple[Item, PartsPlan, Part]] = deque()
        self._in_parts: set[Item] = set()
        self._by_content: dict[tuple[str | None, int], Item] = {}
        self._events: queue.Queue[Callable[[], None]] = queue.Queue()
        self._looking = self._hashing = self._asking = self._sending = 0
        self._bundles_next = False
        self._kms_key = ""
        self._arrived: dict[str, UploadFile] = {}
        self._failures: dict[str, str] = {}
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
            while self._looking or self._hashing or self._asking or self._sending:
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
        if self._worker.is_hopeless:
            self._give_up()
        while not self._all_came and not self._looking and self._wants_more():
            self._look_up()
        while self._to_hash and self._hashing <= self._threads:
            self._hashing += 1
            some = self._to_hash.take(HANDFUL_FILES, HANDFUL_BYTES)
            self._start(self._hashers, self._hashed, some, self._worker.hash, some)
        while self._to_ask and self._asking < ASKERS and self._worth_asking():
            self._asking += 1
            size = min(self._batch, len(self._to_ask))
            items = [self._to_ask.popleft() for _ in range(size)]
            self._start(self._askers, self._asked, items, self._worker.ask, items)
        while self._sending <= self._threads and (
            self._parts or self._to_send or self._to_bundle
        ):
            self._sending += 1
            self._send()

    def _wants_more(self) -> bool:
        return len(self._to_hash) < self._threads * HANDFUL_FILES and (
            len(self._to_ask) + len(self._to_send) + len(self._to_bundle)
            < 4 * (self._batch + self._threads))

    def _give_up(self) -> None:
        """Nothing new is begun; what is under way comes back by itself."""
        self._all_came = True
        self._to_hash.clear()
        self._to_ask.clear()
        self._parts.clear()
        self._to_send.clear()
        self._to_bundle.clear()

    def _look_up(self) -> None:
        items = []
        for file in self._coming:
            items.append(Item(file))
            if len(items) == LOOKED_UP:
                break
        self._all_came = len(items) < LOOKED_UP
        if items:
            self._looking += 1
            self._start(self._hashers, self._looked_up, items, self._worker.look_up, items)

    def _worth_asking(self) -> bool:
        """A full batch always; a part of one when nobody is asking (the first file goes out at
        once) or nothing more is being hashed."""
        return len(self._to_ask) >= self._batch or not self._asking or not (
            self._hashing or self._looking)

    def _send(self) -> None:
        """Give the next work to a sender: a part, a large file, a bundle or a handful."""
        if self._parts:
            item, plan, part = self._parts.popleft()
            self._start(
                self._senders, self._part_was_sent, (item, plan, part), self._worker.send_part,
                item, part)
            return
        self._bundles_next = not self._bundles_next
        if self._to_bundle and (self._bundles_next or not self._to_send):
            limits = self._bundling
            some = self._to_bundle.take(limits.files, min(limits.bytes, HANDFUL_BYTES))
            self._start(self._senders, self._was_sent, some, self._worker.send_bundle, some)
            return
        share = 1 + len(self._to_send) // (2 * self._threads)
        some = self._to_send.take(min(share, HANDFUL_FILES), HANDFUL_BYTES)
        self._start(self._senders, self._was_sent, some, self._worker.send, some, self._kms_key)

    def _may_bundle(self, item: Item) -> bool:
        return bool(self._bundling.files) and not self._kms_key and not item.alone and (
            item.file.size <= self._bundling.file_bytes)

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

    # -- results ------------------------------------------------------------------------------

    def _looked_up(self, items: Sequence[Item], future: Future[Outcomes]) -> None:
        self._looking -= 1
        for item, found in future.result():
            if isinstance(found, FileHash):
                self._is_hashed(item, found)
            else:
                self._to_hash.add(item)

    def _hashed(self, items: Sequence[Item], future: Future[Outcomes]) -> None:
        self._hashing -= 1
        self._to_hash.back(items)
        for item, found in future.result():
            if isinstance(found, FileHash):
                self._is_hashed(item, found)
            else:
                self._failed(item, str(getattr(found, "strerror", None) or found))

    def _is_hashed(self, item: Item, found: FileHash) -> None:
        if item.demanded not in (None, found.md5):
            return self._failed(
                item, 'its MD5 is "%s", not "%s" as demanded: it has changed since'
                % (found.md5, item.demanded))
        self._bytes_total += found.stat.size - item.file.size
        item.file = UploadFile(item.file.path, item.file.destination, found.md5, found.stat)
        item.mtime_ns = found.mtime_ns
        leader = self._by_content.setdefault((found.md5, found.stat.size), item)
        if leader is item:
            self._to_ask.append(item)
        elif leader.file.destination in self._arrived:
            self._arrive(item.file)
        else:
            leader.twins.append(item)
        return None

    def _asked(self, items: Sequence[Item], future: Future[UploadUrls]) -> None:
        self._asking -= 1
        urls = future.result()
        self._kms_key = urls.kms_key or self._kms_key
        for item in items:
            name = item.file.destination
            if name in urls.multi:
                self._plan(item, urls.multi[name])
            elif name in urls.single:
                item.url = urls.single[name]
                line = self._to_bundle if self._may_bundle(item) else self._to_send
                line.add(item)
            else:
                self._done(item)

    def _plan(self, item: Item, wanted: Mapping[str, Any]) -> None:
        """Parts go out by as many threads as are free."""
        try:
            plan = plan_of(wanted, item)
        except ServiceError as error:
            return self._failed(item, str(error))
        if plan.already > item.parts_before:
            item.attempt = 0  # it gets on, if slowly
        item.parts, item.parts_before = plan, plan.already
        self._in_parts.add(item)
        self._parts.extend((item, plan, part) for part in plan.missing)
        if not plan.missing:
            self._complete(item, plan)
        return None

    def _part_was_sent(
        self, subject: tuple[Item, PartsPlan, Part], future: Future[str | Exception],
    ) -> None:
        self._sending -= 1
        item, plan, part = subject
        outcome = future.result()
        if plan is not item.parts:
            return  # another part of it has failed, and it was begun anew
        if isinstance(outcome, Exception):
            item.parts = None
            self._parts = deque(one for one in self._parts if one[0] is not item)
            self._trouble(item, outcome)
            return
        plan.note(part, outcome)
        if plan.is_whole:
            self._complete(item, plan)

    def _complete(self, item: Item, plan: PartsPlan) -> None:
        self._sending += 1
        self._start(self._senders, self._was_completed, item, self._worker.complete, item, plan)

    def _was_completed(self, item: Item, future: Future[Exception | None]) -> None:
        self._sending -= 1
        error = future.result()
        if error is None:
            self._done(item)
        else:
            self._trouble(item, error)

    def _was_sent(self, items: Sequence[Item], future: Future[Outcomes]) -> None:
        self._sending -= 1
        self._to_send.back(items)
        for item, trouble in future.result():
            if isinstance(trouble, Exception):
                self._trouble(item, trouble)
            else:
                self._done(item)

    def _trouble(self, item: Item, error: Exception) -> None:
        if isinstance(error, ServiceUnreachable):
            self._failed(item, "the storage does not answer: %s" % (error.detail or error))
        else:
            self._again(item, str(error))

    def _again(self, item: Item, reason: str) -> None:
        """Hash and send a file once more: it changed, a remembered hash was wrong, or an address
        had expired."""
        if self._cache is not None:
            self._cache.forget(item.file.path)
        if item.attempt:
            return self._failed(item, reason)
        LOG.info('"%s" is sent again: %s', item.file.path, reason)
        self._detach(item)
        item.attempt += 1
        item.alone = True
        self._to_hash.add(item, first=True)
        return None

    def _done(self, item: Item) -> None:
        self._in_parts.discard(item)
        for one in [item] + item.twins:
            self._arrive(one.file)
        item.twins = []

    def _arrive(self, file: UploadFile) -> None:
        self._arrived[file.destination] = file
        self._bytes_arrived += file.size

    def _failed(self, item: Item, reason: str) -> None:
        self._failures[item.file.path] = reason
        self._detach(item)

    def _detach(self, item: Item) -> None:
        """Let those that followed `item` go their own way."""
        self._in_parts.discard(item)
        key = (item.file.md5, item.file.size)
        if self._by_content.get(key) is item:
            del self._by_content[key]
        for twin in item.twins:
            self._to_hash.add(twin)
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
        if not (files_done or moving or self._in_parts):
            stage, done = "hashing", self._meter["hashed"]
        else:
            parts = sum(item.parts.bytes_there for item in self._in_parts if item.parts)
            stage, done = "uploading", self._bytes_arrived + parts + moving
        total = self._bytes_total
        return Progress(stage, files_done, files_total, min(done, total), total, elapsed_s)
