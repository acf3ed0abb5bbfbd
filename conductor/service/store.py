"""Files kept by their content: one file per SHA-256, whatever names it had.

::

    store/ab/abcd…       the content, read-only
    store/incoming/      what is still being received; emptied at every start
    store/partial/       large files that come in parts, see :mod:`conductor.service.partials`

The wire names contents by MD5, which anybody can collide; the key here is the SHA-256, and the
MD5 is only how a content is found.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Callable, Iterator

from conductor.lib.errors import Cancelled, TransferError
from conductor.lib.submission import md5_text

BLOCK = 1024 * 1024
MODE = 0o444


@dataclass(frozen=True)
class Stored:
    """One content: ``md5`` is base64 of the digest, ``sha256`` hexadecimal, ``size`` in bytes."""

    sha256: str
    md5: str
    size: int


class ContentStore:
    """The folder of contents. Safe for many threads; one service owns it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # Joined as text: a path object per file is most of what asking for 100,000 files costs.
        self._prefix = "%s/" % root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        for left_over in self._incoming.iterdir():
            left_over.unlink()
        self._numbers = itertools.count()
        for folder in root.glob("[0-9a-f][0-9a-f]"):
            _flatten(folder)

    def _place(self, sha256: str) -> str:
        return "%s%s/%s" % (self._prefix, sha256[:2], sha256)

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would."""
        return Path(self._place(sha256))

    def has(self, sha256: str) -> bool:
        """True when the content's file is really there."""
        try:
            return stat.S_ISREG(os.stat(self._place(sha256)).st_mode)
        except FileNotFoundError:
            return False

    def adopt(self, file: Path, stored: Stored) -> None:
        """Move a file of the same file system, with that content, to its place."""
        if not self.has(stored.sha256):
            file.chmod(MODE)
            self.take(str(file), stored.sha256)

    def take(self, file: str, sha256: str) -> None:
        """Move a read-only file of the same file system to the place of its content."""
        place = self._place(sha256)
        try:
            os.replace(file, place)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.replace(file, place)

    def receive(self) -> Incoming:
        """A new content, to be written block by block."""
        return Incoming(self, "%s/%d" % (self._incoming, next(self._numbers)))

    def add_file(self, source: Path, stopped: Callable[[], bool] = lambda: False) -> Stored:
        """Store a copy of a file.

        Raises:
            Cancelled: ``stopped`` answered True between two blocks.
            OSError: the file cannot be read, or the store not written.
        """
        with self.receive() as incoming, source.open("rb") as handle:
            for block in blocks(handle):
                if stopped():
                    raise Cancelled("stopped while storing %s" % source)
                incoming.write(block)
            return incoming.keep()


def _flatten(folder: Path) -> None:
    """Contents that lie one folder deeper, as they once did, move up."""
    with os.scandir(folder) as entries:
        first = next(entries, None)
        if first is None or not first.is_dir():
            return
    for deeper in folder.iterdir():
        for content in deeper.iterdir() if deeper.is_dir() else ():
            os.replace(content, folder / content.name)
    for deeper in folder.iterdir():
        if deeper.is_dir():
            deeper.rmdir()


def blocks(handle: BinaryIO) -> Iterator[bytes]:
    """An open file in pieces that fit into memory."""
    return iter(lambda: handle.read(BLOCK), b"")


class Incoming:
    """A content being received; nothing remains of it unless :meth:`keep` is reached.

    Usage: ``with store.receive() as incoming: incoming.write(…); incoming.keep()``.
    """

    def __init__(self, store: ContentStore, path: str) -> None:
        self._store = store
        self._path = path
        # Read-only from the beginning, which does not bind whoever opens it now.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        self._is_open, self._is_moved = True, False
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Incoming:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if not self._is_moved:
            os.unlink(self._path)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self._file)

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Append a block."""
        self._md5.update(block)
        self._sha256.update(block)
        self.size += len(block)
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self._file, rest):]

    def keep(self, md5: str | None = None, size: int | None = None) -> Stored:
        """Move the content to its place, if it is what was announced.

        Raises:
            TransferError: MD5 or size differ; nothing is kept.
        """
        stored = Stored(self._sha256.hexdigest(), md5_text(self._md5.digest()), self.size)
        if size is not None and size != stored.size:
            raise TransferError("received %d bytes, %d were announced" % (stored.size, size))
        if md5 is not None and md5 != stored.md5:
            raise TransferError("received content of MD5 %s, %s was announced" % (stored.md5, md5))
        self._close()
        if not self._store.has(stored.sha256):
            self._store.take(self._path, stored.sha256)
            self._is_moved = True
        return stored
