"""Files kept by their content: one file per SHA-256, whatever names it had.

::

    store/ab/cd/abcd…    the content, read-only
    store/incoming/      what is still being received; emptied at every start
    store/partial/       large files that come in parts, see :mod:`conductor.service.partials`

The wire names contents by MD5, which anybody can collide; the key here is the SHA-256, and the
MD5 is only how a content is found.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Callable, Iterator

from conductor.lib.errors import Cancelled, TransferError
from conductor.lib.submission import md5_text

BLOCK = 1024 * 1024


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
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        for left_over in self._incoming.iterdir():
            left_over.unlink()

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would."""
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        """True when the content's file is really there."""
        return self.path(sha256).is_file()

    def adopt(self, file: Path, stored: Stored) -> None:
        """Move a file of the same file system, with that content, to its place."""
        target = self.path(stored.sha256)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            file.chmod(0o444)
            os.replace(file, target)

    def receive(self) -> Incoming:
        """A new content, to be written block by block."""
        return Incoming(self, self._incoming)

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


def blocks(handle: BinaryIO) -> Iterator[bytes]:
    """An open file in pieces that fit into memory."""
    return iter(lambda: handle.read(BLOCK), b"")


class Incoming:
    """A content being received; nothing remains of it unless :meth:`keep` is reached.

    Usage: ``with store.receive() as incoming: incoming.write(…); incoming.keep()``.
    """

    def __init__(self, store: ContentStore, folder: Path) -> None:
        self._store = store
        descriptor, name = tempfile.mkstemp(dir=folder)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Incoming:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Append a block."""
        self._md5.update(block)
        self._sha256.update(block)
        self.size += len(block)
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest):]

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
        self._file.close()
        self._store.adopt(self._path, stored)
        return stored
