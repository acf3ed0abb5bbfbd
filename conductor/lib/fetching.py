"""One output file from the storage to its place: resumed, verified, never outside its folder.

What has arrived lies beside the file as ``.conductor.<key>.part``. A later attempt, or a later run,
asks for the rest only. The file appears under its name when its size and MD5 are right.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Callable, Iterator

import requests

from conductor.lib.errors import Cancelled, DownloadError, ServiceError, TransferError
from conductor.lib.hashing import ByteCounter, hash_file, new_md5
from conductor.lib.submission import md5_text
from conductor.lib.throttle import NO_LIMIT, Throttle
from conductor.lib.transport import BLOCK, Call, Transport

try:
    import fcntl
except ImportError:  # Windows: a partial file is not shared with another run there
    fcntl = None  # type: ignore[assignment]

READ = 1 << 16
"""Bytes read at a time: what a cut takes along is less than that."""
ATTEMPTS = 3
"""Attempts in a row that bring nothing new."""
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Unsafe(Exception):
    """A file that would land outside its folder."""


@dataclass(frozen=True)
class DownloadedFile:
    """One output on this machine; ``identical`` when it was there already."""

    path: str
    size: int
    md5: str
    task_id: str
    identical: bool = False


@dataclass(frozen=True)
class Wanted:
    """One file to fetch. `root` is the folder it must stay below; `size` in bytes."""

    url: str = field(repr=False)
    root: str
    relative_path: str
    size: int
    md5: str
    task_id: str
    download_id: str

    @property
    def path(self) -> str:
        """Where it goes."""
        return os.path.join(self.root, *self.relative_path.split("/"))


class Fetcher:
    """Fetches files; threads share it.

    Args:
        storage: without sign-in.
        stop: ends a transfer between two blocks.
        on_bytes: told of bytes that arrive, and of the negative sum of what was in vain.
        throttle: the cap that all transfers share.
    """

    def __init__(
        self, storage: Transport, stop: threading.Event, on_bytes: ByteCounter,
        throttle: Throttle = NO_LIMIT,
    ) -> None:
        self._storage, self._stop, self._on_bytes = storage, stop, on_bytes
        self._throttle = throttle

    def fetch(self, item: Wanted, check: Callable[[str], object] = str) -> DownloadedFile:
        """Bring one file.

        Args:
            check: given the path first, and again before the file appears; raises to refuse.

        Raises:
            DownloadError, ServiceError, OSError, Unsafe: it could not be had.
            Cancelled: stopped; what has arrived stays for the next time.
        """
        if self._stop.is_set():
            raise Cancelled("The download was stopped.")
        check(item.path)
        contained_folder(item)
        if is_there(item):
            self._on_bytes(item.size)
            return DownloadedFile(item.path, item.size, item.md5, item.task_id, True)
        with _partial(item) as partial:
            self._on_bytes(partial.size)
            return self._attempts(item, partial, check)

    def _attempts(
        self, item: Wanted, partial: _Partial, check: Callable[[str], object],
    ) -> DownloadedFile:
        problem, best, left = "", 0, ATTEMPTS
        while left:
            try:
                self._continue(item, partial)
                md5 = partial.md5()
                if item.md5 in ("", md5):
                    check(item.path)
                    contained_folder(item)
                    partial.keep(item.path)
                    return DownloadedFile(item.path, partial.size, md5, item.task_id)
                problem = 'what arrived has the MD5 "%s" instead of "%s"' % (md5, item.md5)
                self._drop(partial)
            except requests.RequestException:
                problem = "the connection broke again and again"
            left = left - 1 if partial.size <= best else ATTEMPTS - 1
            best = max(best, partial.size)
        self._on_bytes(-partial.size)
        raise DownloadError(problem)

    def _continue(self, item: Wanted, partial: _Partial) -> None:
        """Ask for what is missing."""
        if partial.size > item.size or not item.md5:
            self._drop(partial)
        if partial.size == item.size and partial.size:
            return
        headers = {"Range": "bytes=%d-" % partial.size} if partial.size else {}
        answer = self._storage.send(Call("GET", item.url, headers, stream=True))
        try:
            if answer.status_code == 416 and partial.size:
                self._drop(partial)  # there is less of it than we have: it is another file
                raise requests.ConnectionError("out of range")
            if answer.status_code not in (200, 206):
                raise ServiceError("the storage answered HTTP %d" % answer.status_code)
            if answer.status_code == 200 or not _goes_on(answer, partial.size):
                self._drop(partial)
            for block in answer.iter_content(READ):
                if self._stop.is_set():
                    raise Cancelled("The download was stopped.")
                self._throttle.take(len(block), self._stop)
                partial.write(block)
                self._on_bytes(len(block))
        finally:
            answer.close()

    def _drop(self, partial: _Partial) -> None:
        self._on_bytes(-partial.size)
        partial.restart()


def _goes_on(answer: requests.Response, start: int) -> bool:
    return answer.headers.get("Content-Range", "").replace(" ", "").startswith("bytes%d-" % start)


class _Partial:
    """What has arrived of a file."""

    def __init__(self, path: str, handle: BinaryIO) -> None:
        self._path, self._handle = path, handle
        self.size = 0
        self._digest = new_md5()
        for block in iter(lambda: handle.read(BLOCK), b""):
            self._digest.update(block)
            self.size += len(block)

    def write(self, block: bytes) -> None:
        """Append a block."""
        self._handle.write(block)
        self._digest.update(block)
        self.size += len(block)

    def restart(self) -> None:
        """Forget what has arrived."""
        self._handle.seek(0)
        self._handle.truncate()
        self._digest, self.size = new_md5(), 0

    def md5(self) -> str:
        """Of what has arrived."""
        return md5_text(self._digest.digest())

    def keep(self, path: str) -> None:
        """Make it the file."""
        self._handle.flush()
        if fcntl is None:
            self._handle.close()  # Windows moves no open file
        os.replace(self._path, path)


@contextlib.contextmanager
def _partial(item: Wanted) -> Iterator[_Partial]:
    """The partial file, ours alone; it stays after a trouble unless it is empty."""
    folder, name = os.path.split(item.path)
    key = hashlib.sha256(("%s\n%s" % (name, item.md5)).encode("utf-8", "replace")).hexdigest()[:24]
    path = os.path.join(folder, ".conductor.%s.part" % key)
    handle = _opened(path) if fcntl is not None and item.md5 else None
    if handle is None:
        path = os.path.join(folder, ".conductor.%s.part" % uuid.uuid4().hex)
        handle = os.fdopen(os.open(path, _flags() | os.O_EXCL, 0o666), "w+b", 0)
        is_shared = False
    else:
        is_shared = True
    with handle:
        partial = _Partial(path, handle)
        try:
            yield partial
        finally:
            if not (is_shared and partial.size):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)


def _flags() -> int:
    return os.O_RDWR | os.O_CREAT | _NO_FOLLOW


def _opened(path: str) -> Any:
    """The file, locked; None when another process is at it."""
    try:
        # The mode is what the umask gives any new file; a link in its place is not followed.
        handle = os.fdopen(os.open(path, _flags(), 0o666), "r+b", 0)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between opening and locking another process may have made it the file itself.
        if os.path.samestat(os.fstat(handle.fileno()), os.lstat(path)):
            return handle
    except OSError:
        pass
    handle.close()
    return None


def contained_folder(item: Wanted) -> None:
    """Make the folder of a file; Unsafe when a link on the way leads out of the root."""
    folder = os.path.dirname(item.path)
    root = os.path.realpath(item.root)
    real = os.path.realpath(folder)
    if os.path.commonpath([root, real]) != root:
        raise Unsafe("a link on its way leads out of its folder; it is refused")
    os.makedirs(folder, exist_ok=True)


def is_there(item: Wanted) -> bool:
    """True when the file lies there with the right size and MD5."""
    try:
        found = os.lstat(item.path)
        if not item.md5 or found.st_size != item.size or os.path.islink(item.path):
            return False
        return hash_file(item.path).md5 == item.md5
    except (OSError, TransferError):
        return False
