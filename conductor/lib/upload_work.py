"""What the threads of an upload do: hash, ask, send. Each takes values and answers values; what
goes wrong with one file is an answer too.
"""

from __future__ import annotations

import functools
import logging
import threading
from typing import Any, Callable, List, Mapping, Sequence, Tuple, Union

from conductor.lib.api_client import ApiClient, UploadUrls
from conductor.lib.errors import AuthError, Cancelled, ServiceError, ServiceUnreachable
from conductor.lib.hash_cache import HashCache
from conductor.lib.hashing import ByteCounter, FileChanged, FileHash, hash_file, look_up
from conductor.lib.multipart import Part, PartsPlan
from conductor.lib.storage import Sender, bundle, read_whole
from conductor.lib.submission import UploadFile

LOG = logging.getLogger(__name__)

# So many transfers in a row without any answer: the storage is gone, not the file.
HOPELESS = 8


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


class Item:
    """One file on its way; `twins` are further ones that hold the same bytes and follow it.

    Attributes:
        demanded: the MD5 it must have; None when any will do.
        attempt: how often it was begun anew.
        alone: it is sent by itself, not in a bundle.
    """

    __slots__ = ("alone", "attempt", "demanded", "file", "mtime_ns", "parts", "parts_before",
                 "twins", "url")

    def __init__(self, file: UploadFile) -> None:
        self.file = file
        self.demanded = file.md5
        self.attempt = 0
        self.alone = False
        self.mtime_ns = 0
        self.url = ""
        self.parts: PartsPlan | None = None
        self.parts_before = 0
        self.twins: list[Item] = []


Outcome = Tuple[Item, Union[None, FileHash, Exception]]
Outcomes = List[Outcome]


class Worker:
    """The work of the threads.

    Args:
        client, sender: stopped by `stop` too.
        force: read every file whatever `cache` says, ask for every file.
    """

    def __init__(
        self, client: ApiClient, sender: Sender, project: str | None, cache: HashCache | None,
        force: bool, stop: threading.Event, on_hashed: ByteCounter,
    ) -> None:
        self._client, self._sender, self._project = client, sender, project
        self._cache, self._force = cache, force
        self._stop, self._on_hashed = stop, on_hashed
        # Threads write it without a lock: it need not be exact.
        self._silent = 0

    @property
    def is_hopeless(self) -> bool:
        """True when the storage has not answered for long."""
        return self._silent >= HOPELESS

    def look_up(self, items: Sequence[Item]) -> Outcomes:
        """What the cache knows of these files; None for those to be read."""
        self._check_stop()
        if self._cache is None or self._force:
            return [(item, None) for item in items]
        paths = [item.file.path for item in items]
        stats = [item.file.stat for item in items]
        return list(zip(items, look_up(paths, self._cache, stats)))

    def hash(self, items: Sequence[Item]) -> Outcomes:
        """Read files."""
        return [(item, self._hash(item)) for item in items]

    def _hash(self, item: Item) -> FileHash | Exception:
        self._check_stop()
        try:
            return hash_file(item.file.path, self._cache, self._stop, self._on_hashed, True)
        except (OSError, FileChanged) as error:
            return error

    def ask(self, items: Sequence[Item]) -> UploadUrls:
        """Which files are wanted, and where."""
        self._check_stop()
        return self._client.upload_urls(
            self._project, [item.file for item in items], self._force)

    def send(self, items: Sequence[Item], kms_key: str) -> Outcomes:
        """Send files one after the other, each to its address."""
        return [(item, self._tried(self._put, item, kms_key)) for item in items]

    def _put(self, item: Item, kms_key: str) -> None:
        self._sender.put(item.file, item.mtime_ns, item.url, kms_key)

    def send_bundle(self, items: Sequence[Item]) -> Outcomes:
        """Send small files in one request; where the service refuses it, each for itself."""
        outcomes: Outcomes = []
        whole: list[tuple[Item, bytes]] = []
        for item in items:
            try:
                whole.append((item, read_whole(item.file, item.mtime_ns)))
            except FileChanged as error:
                outcomes.append((item, error))
        problem = self._tried(self._put_bundle, [(item.file, data) for item, data in whole])
        if isinstance(problem, ServiceError) and not isinstance(problem, ServiceUnreachable):
            LOG.info("A bundle of %d files was refused: %s", len(whole), problem)
            return outcomes + self.send([item for item, _data in whole], "")
        return outcomes + [(item, problem) for item, _data in whole]

    def _put_bundle(self, files: Sequence[tuple[UploadFile, bytes]]) -> None:
        if files:
            body = bundle(files)
            self._client.put_bundle(functools.partial(self._sender.memory_body, body))

    def send_part(self, item: Item, part: Part) -> str | Exception:
        """Send a part; its ETag."""
        etag: list[str] = []
        problem = self._tried(
            lambda: etag.append(self._sender.put_part(item.file, item.mtime_ns, part)))
        return problem or etag[0]

    def complete(self, item: Item, plan: PartsPlan) -> Exception | None:
        """Tell that all parts are there."""
        return self._tried(
            self._client.complete_multipart, self._project, plan.upload_id, item.file.md5 or "",
            plan.completed())

    def _tried(self, work: Callable[..., Any], *arguments: Any) -> Exception | None:
        """The trouble of one transfer; a refused sign-in ends all, and so does a stop."""
        self._check_stop()
        if self.is_hopeless:
            return ServiceUnreachable("not attempted")
        try:
            work(*arguments)
        except AuthError:
            raise
        except ServiceUnreachable as error:
            self._silent += 1
            return error
        except (FileChanged, ServiceError) as error:
            self._silent = 0
            return error
        self._silent = 0
        return None

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The upload was stopped.")


def plan_of(wanted: Mapping[str, Any], item: Item) -> PartsPlan:
    """The parts of a file as the service describes them; ServiceError where they are wrong."""
    plan = PartsPlan(wanted, item.file.size)
    if plan.already:
        LOG.info('"%s" goes on: %d of %d parts are there.', item.file.path, plan.already,
                 plan.count)
    return plan
