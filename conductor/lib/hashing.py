"""MD5 of files, with proof that the file held still meanwhile."""

from __future__ import annotations

import hashlib
import os
import stat as stat_bits
import sys
import threading
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Sequence

from conductor.lib.errors import Cancelled, TransferError
from conductor.lib.submission import FileStat, md5_text

if TYPE_CHECKING:
    from conductor.lib.hash_cache import HashCache

BLOCK = 1 << 20
ByteCounter = Callable[[int], None]


class FileChanged(TransferError):
    """A file was written to while it was hashed or sent."""


class FileHash(NamedTuple):
    """What a file held at one moment.

    Attributes:
        md5: base64 of the digest.
        mtime_ns: time of the last change in nanoseconds, exact where ``stat.mtime`` is rounded.
        cached: True when the file was not read for it.
    """

    md5: str
    stat: FileStat
    mtime_ns: int
    cached: bool = False


def new_md5() -> Any:
    """An MD5 object, also where the system forbids MD5 for security."""
    # Python before 3.9 does not know the word.
    options: dict[str, Any] = {"usedforsecurity": False} if sys.version_info >= (3, 9) else {}
    return hashlib.md5(**options)


def identity(found: os.stat_result) -> tuple[int, int, int]:
    """What changes when a file is written to or replaced."""
    return found.st_size, found.st_mtime_ns, found.st_ino


def hash_file(
    path: str,
    cache: HashCache | None = None,
    cancel: threading.Event | None = None,
    on_bytes: ByteCounter | None = None,
    fresh: bool = False,
) -> FileHash:
    """The MD5 of a file; from `cache` where size and time are those remembered.

    A file that changes meanwhile is read once more.

    Args:
        on_bytes: told of each number of bytes read.
        fresh: read the file whatever the cache says.

    Raises:
        OSError: it cannot be read.
        FileChanged: it changed during both attempts.
        Cancelled: `cancel` was set.
    """
    known = None if fresh else _from_cache(path, cache)
    if known:
        return known
    for _ in range(2):
        found = _read(path, cancel, on_bytes)
        if found:
            if cache:
                stat = found.stat
                state = cache.state(path, stat.size, found.mtime_ns, stat.device, stat.inode)
                cache.put(state, found.md5)
            return found
    raise FileChanged('"%s" changes while it is read; submit when it is complete.' % path)


def _from_cache(path: str, cache: HashCache | None) -> FileHash | None:
    if cache is None:
        return None
    os.stat(path)  # tells what is wrong with it
    return look_up([path], cache)[0]


def look_up(
    paths: Sequence[str], cache: HashCache, stats: Sequence[FileStat | None] = (),
) -> list[FileHash | None]:
    """What `cache` remembers of many files, in their order; None for those to be read.

    Args:
        stats: what was found out about them a moment ago; spares making it again, not looking.
    """
    found = [_stat(path) for path in paths]
    md5s = cache.get_many([
        cache.state(path, one.st_size, one.st_mtime_ns, one.st_dev, one.st_ino)
        if one else (path, -2, -2, 0) for path, one in zip(paths, found)
    ])
    return [
        FileHash(md5, FileStat.of(one) if old is None or not old.is_of(one) else old,
                 one.st_mtime_ns, True) if md5 and one else None
        for md5, one, old in zip(md5s, found, stats or [None] * len(found))
    ]


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None  # reading it will tell why


def _read(
    path: str, cancel: threading.Event | None, on_bytes: ByteCounter | None,
) -> FileHash | None:
    """One reading; None when the file changed meanwhile."""
    # A pipe or device would block or never end.
    if not stat_bits.S_ISREG(os.stat(path).st_mode):
        raise OSError("it is not a regular file")
    digest = new_md5()
    with open(path, "rb", buffering=0) as handle:
        before = os.fstat(handle.fileno())
        block = memoryview(bytearray(max(1, min(BLOCK, before.st_size))))
        size = handle.readinto(block)
        while size:
            digest.update(block[:size])
            if on_bytes:
                on_bytes(size)
            if cancel is not None and cancel.is_set():
                raise Cancelled("Stopped while hashing.")
            size = handle.readinto(block)
        if identity(before) != identity(os.fstat(handle.fileno())):
            return None
    after = os.stat(path)
    if identity(before) != identity(after):
        return None
    return FileHash(md5_text(digest.digest()), FileStat.of(after), after.st_mtime_ns)
