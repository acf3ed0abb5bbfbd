"""Large files on their way in, part by part: what has arrived survives everything but its sweep.

::

    store/partial/<upload>/upload.json   MD5, size and part size
    store/partial/<upload>/content       as long as the whole file, parts at their places
    store/partial/<upload>/parts         a line for each part that is whole: number and ETag

An upload's name follows from content and part size, so whoever sends the same file goes on where
the last one was cut. Arrived parts are never written again: a thread hashes them in order while
later ones still come, and the end waits for the rest only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Iterable, Mapping

from conductor.lib.errors import Cancelled, TransferError
from conductor.lib.submission import md5_text
from conductor.service.store import BLOCK, ContentStore, Stored

PART_SIZE = 16 * 1024 * 1024
MULTIPART_FROM = 32 * 1024 * 1024
MOST_PARTS = 10_000
KEPT_S = 7 * 24 * 3600
SWEEP_EVERY_S = 3600


@dataclass(frozen=True)
class Layout:
    """How one content is cut: ``md5`` is base64, sizes are bytes."""

    md5: str
    size: int
    part_size: int

    @property
    def upload_id(self) -> str:
        """The name of the upload."""
        text = "%s %d %d" % (self.md5, self.size, self.part_size)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]

    @property
    def numbers(self) -> range:
        """Of its parts; they count from 1."""
        return range(1, -(-self.size // self.part_size) + 1)

    def start(self, number: int) -> int:
        """Where a part begins."""
        return (number - 1) * self.part_size

    def length(self, number: int) -> int:
        """Bytes of a part."""
        return min(self.part_size, self.size - self.start(number))


class Partial:
    """One upload. Safe for many threads.

    Attributes:
        layout: how it is cut.
        stop: set when the service ends; hashing gives up.
    """

    def __init__(self, folder: Path, layout: Layout, stop: threading.Event) -> None:
        self.layout = layout
        self.stop = stop
        self._folder = folder
        self._content, self._journal = folder / "content", folder / "parts"
        self._writing = threading.Lock()
        self._etags = dict(_journal_entries(self._journal))
        self._receivers: dict[int, PartReceiver] = {}
        self._hashing = threading.Lock()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._hashed_parts = 0

    @property
    def etags(self) -> Mapping[int, str]:
        """Of the parts that are here."""
        with self._writing:
            return dict(self._etags)

    @property
    def missing(self) -> list[int]:
        """Numbers of the parts that are not here."""
        etags = self.etags
        return [number for number in self.layout.numbers if number not in etags]

    def _has(self, number: int) -> bool:
        with self._writing:
            return number in self._etags

    def receive(self, number: int) -> PartReceiver:
        """A part that comes in; an older connection that still sends it has lost its place."""
        receiver = PartReceiver(self, number, self._content)
        with self._writing:
            if number in self._etags:
                receiver.known_etag = self._etags[number]
            else:
                self._receivers[number] = receiver
        return receiver

    def write(self, receiver: PartReceiver, block: bytes | bytearray | memoryview) -> None:
        """Put a block of a part at its place.

        Raises:
            TransferError: another connection sends the part meanwhile.
        """
        with self._writing:
            self._check_turn(receiver)
            place = self.layout.start(receiver.number) + receiver.size
            rest = memoryview(block)
            while rest:
                done = os.pwrite(receiver.descriptor, rest, place)
                rest, place = rest[done:], place + done

    def keep(self, receiver: PartReceiver, etag: str) -> None:
        """Note that a part is whole; raises as :meth:`write` does."""
        with self._writing:
            self._check_turn(receiver)
            with self._journal.open("a", encoding="ascii") as journal:
                journal.write("%d %s\n" % (receiver.number, etag))
            self._etags[receiver.number] = etag
            del self._receivers[receiver.number]

    def _check_turn(self, receiver: PartReceiver) -> None:
        if self._receivers.get(receiver.number) is not receiver:
            raise TransferError(
                "part %d is being sent by another connection" % receiver.number
            )

    def advance(self) -> None:
        """Hash the parts that are here, in order, up to the first gap.

        Raises:
            Cancelled: the service ends.
        """
        with self._hashing:
            while self._has(self._hashed_parts + 1):
                number = self._hashed_parts + 1
                for block in self._blocks(number):
                    self._md5.update(block)
                    self._sha256.update(block)
                self._hashed_parts = number

    def _blocks(self, number: int) -> Iterable[bytes]:
        left = self.layout.length(number)
        with self._content.open("rb", buffering=0) as handle:
            handle.seek(self.layout.start(number))
            while left:
                block = handle.read(min(BLOCK, left))
                if not block:
                    raise TransferError("part %d is shorter than it was" % number)
                if self.stop.is_set():
                    raise Cancelled("the service ends")
                left -= len(block)
                yield block

    def finish(self, store: ContentStore) -> Stored:
        """Move the content into the store once all parts are here and make up its MD5.

        Raises:
            TransferError: parts are missing, or what has arrived is something else; then the
                parts to blame are forgotten, and can be sent again.
        """
        missing = self.missing
        if missing:
            raise TransferError("parts are missing: %s" % _some(missing))
        self.advance()
        found = md5_text(self._md5.digest())
        if found != self.layout.md5:
            raise TransferError(
                "the parts make up content of MD5 %s, %s was announced; parts to be sent again: %s"
                % (found, self.layout.md5, _some(self._forget_wrong()))
            )
        stored = Stored(self._sha256.hexdigest(), found, self.layout.size)
        store.adopt(self._content, stored)
        return stored

    def _forget_wrong(self) -> list[int]:
        """Parts that are not what they were when they arrived; all when none is."""
        wrong = [
            number for number, etag in sorted(self.etags.items())
            if _etag(self._blocks(number)) != etag
        ] or list(self.layout.numbers)
        with self._hashing, self._writing:
            for number in wrong:
                del self._etags[number]
            beside = self._journal.with_name("parts.new")
            beside.write_text(
                "".join("%d %s\n" % entry for entry in self._etags.items()), encoding="ascii"
            )
            os.replace(beside, self._journal)
            self._md5, self._sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
            self._hashed_parts = 0
        return wrong


class PartReceiver:
    """One part being received; usage as of :class:`conductor.service.store.Incoming`.

    Attributes:
        known_etag: of the part that is here already; what comes is then only counted.
    """

    def __init__(self, partial: Partial, number: int, content: Path) -> None:
        self._partial = partial
        self.number = number
        self.size = 0
        self.known_etag = ""
        self.descriptor = os.open(content, os.O_WRONLY | os.O_CREAT, 0o600)
        self._crc = 0

    def __enter__(self) -> PartReceiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.descriptor)

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Append a block; raises as :meth:`Partial.write` does."""
        if not self.known_etag:
            self._partial.write(self, block)
            self._crc = zlib.crc32(block, self._crc)
        self.size += len(block)

    def keep(self) -> str:
        """The part is whole: its ETag.

        Raises:
            TransferError: it is shorter than announced, or another connection sends it.
        """
        announced = self._partial.layout.length(self.number)
        if self.size != announced:
            raise TransferError("received %d bytes, %d were announced" % (self.size, announced))
        if self.known_etag:
            return self.known_etag
        etag = "%08x" % self._crc
        self._partial.keep(self, etag)
        return etag


class Partials:
    """All uploads in parts of one store.

    Args:
        part_size: bytes; larger for contents that would have more than :data:`MOST_PARTS`.
        multipart_from: bytes from which on a content comes in parts.
    """

    def __init__(
        self, store: ContentStore, root: Path, part_size: int = PART_SIZE,
        multipart_from: int = MULTIPART_FROM,
    ) -> None:
        self.multipart_from = multipart_from
        self._store, self._root, self._part_size = store, root, part_size
        self._known: dict[str, Partial] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._hasher = ThreadPoolExecutor(1, "part-hash")
        self._swept_at = 0.0
        root.mkdir(parents=True, exist_ok=True)

    def layout(self, md5: str, size: int) -> Layout:
        """How a content is cut."""
        least = -(-size // MOST_PARTS)
        return Layout(md5, size, -(-least // self._part_size) * self._part_size or self._part_size)

    def begin(self, md5: str, size: int, anew: bool = False) -> Partial:
        """The upload of a content, begun now or earlier; with ``anew`` nothing of it is here."""
        self.sweep()
        layout = self.layout(md5, size)
        folder = self._root / layout.upload_id
        with self._lock:
            if anew:
                self._drop(layout.upload_id)
            if not (folder / "upload.json").exists():
                _write_layout(folder, layout)
            return self._open(layout.upload_id, layout)

    def find(self, upload_id: str) -> Partial | None:
        """An upload that has begun and is not complete."""
        try:
            text = (self._root / upload_id / "upload.json").read_text(encoding="ascii")
        except (FileNotFoundError, NotADirectoryError):
            return None
        with self._lock:
            return self._open(upload_id, Layout(**json.loads(text)))

    def _open(self, upload_id: str, layout: Layout) -> Partial:
        if upload_id not in self._known:
            self._known[upload_id] = Partial(self._root / upload_id, layout, self._stop)
        return self._known[upload_id]

    def hash_ahead(self, partial: Partial) -> None:
        """Hash what has arrived, in the background."""
        self._hasher.submit(partial.advance)

    def complete(self, partial: Partial) -> Stored:
        """As :meth:`Partial.finish`; nothing of the upload remains."""
        stored = partial.finish(self._store)
        with self._lock:
            self._drop(partial.layout.upload_id)
        return stored

    def _drop(self, upload_id: str) -> None:
        self._known.pop(upload_id, None)
        shutil.rmtree(self._root / upload_id, ignore_errors=True)

    def sweep(self, now: float | None = None) -> None:
        """Forget uploads nobody has gone on with for :data:`KEPT_S`; looks once an hour."""
        now = time.time() if now is None else now
        if now < self._swept_at + SWEEP_EVERY_S:
            return
        self._swept_at = now
        for folder in list(self._root.iterdir()):
            with self._lock:
                touched = [path.stat().st_mtime for path in folder.iterdir()]
                if max(touched, default=0.0) < now - KEPT_S:
                    self._drop(folder.name)

    def close(self) -> None:
        """Stop hashing."""
        self._stop.set()
        self._hasher.shutdown(wait=True, cancel_futures=True)


def _write_layout(folder: Path, layout: Layout) -> None:
    folder.mkdir(exist_ok=True)
    beside = folder / "upload.json.new"
    beside.write_text(json.dumps(asdict(layout)), encoding="ascii")
    os.replace(beside, folder / "upload.json")


def _journal_entries(path: Path) -> Iterable[tuple[int, str]]:
    """All whole lines; a crash may have cut the last one."""
    text = path.read_text(encoding="ascii") if path.exists() else ""
    for line in text.splitlines(keepends=True):
        number, _blank, etag = line.partition(" ")
        if line.endswith("\n") and number.isdigit():
            yield int(number), etag.strip()


def _etag(blocks: Iterable[bytes]) -> str:
    crc = 0
    for block in blocks:
        crc = zlib.crc32(block, crc)
    return "%08x" % crc


def _some(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:10]))
    return named if len(numbers) <= 10 else "%s and %d more" % (named, len(numbers) - 10)
