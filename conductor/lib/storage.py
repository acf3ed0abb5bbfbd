"""Bytes to and from a storage host: signed addresses, no bearer token, never a whole file in
memory."""

from __future__ import annotations

import json
import os
import threading
from typing import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

import requests

from conductor.lib.errors import Cancelled, ServiceError
from conductor.lib.hashing import ByteCounter, FileChanged
from conductor.lib.multipart import Part
from conductor.lib.submission import UploadFile
from conductor.lib.throttle import NO_LIMIT, Throttle
from conductor.lib.transport import BLOCK, Call, MemoryBody, Transport, redact

TIMEOUT_S = (30.0, 300.0)
OCTETS = "application/octet-stream"
_SIGNED_LISTS = ("x-amz-signedheaders", "x-goog-signedheaders")


class Refused(ServiceError):
    """The storage host answered a transfer with an error."""


class FileBody:
    """A stretch of a file as the body of a request; says no when the file has changed.

    It is read in blocks of its own size whatever is asked for: HTTP libraries ask for little.

    Args:
        file: hashed, with its stat.
        mtime_ns: its exact time when it was hashed.
        on_bytes: told of bytes read, and of the negative sum when the body is closed.
        throttle: asked before each block.
    """

    def __init__(
        self, file: UploadFile, mtime_ns: int, stop: threading.Event,
        on_bytes: ByteCounter, start: int = 0, length: int | None = None,
        throttle: Throttle = NO_LIMIT,
    ) -> None:
        self._file = file
        self._expected = (file.size, mtime_ns)
        self._stop = stop
        self._on_bytes = on_bytes
        self._throttle = throttle
        self._told = 0
        self.len = file.size - start if length is None else length
        self._left = self.len
        self._buffer = memoryview(bytearray(min(BLOCK, self.len)))
        try:
            self._handle = open(file.path, "rb", buffering=0)  # noqa: SIM115 (close() closes it)
        except OSError as error:
            raise FileChanged("it cannot be read: %s" % (error.strerror or error)) from None
        try:
            self._handle.seek(start)
            self._check()
        except FileChanged:
            self._handle.close()
            raise

    def read(self, size: int = -1) -> memoryview:
        """The next block, good until the next call; empty at the end."""
        if self._stop.is_set():
            raise Cancelled("Stopped while sending.")
        try:
            # One buffer for all: fresh memory for each block costs as much as the sending.
            count = self._handle.readinto(self._buffer[:min(BLOCK, self._left)]) or 0
        except OSError as error:
            raise FileChanged("it cannot be read: %s" % (error.strerror or error)) from None
        if self._left and not count:
            raise FileChanged("it became shorter while it was sent")
        self._throttle.take(count, self._stop)
        self._left -= count
        self._told += count
        self._on_bytes(count)
        return self._buffer[:count]

    def __iter__(self) -> Iterator[memoryview]:
        return iter(self.read, b"")

    def _check(self) -> None:
        """Raise FileChanged unless the file, by handle and by name, is as it was hashed."""
        for place in (self._handle.fileno(), self._file.path):
            try:
                found = os.stat(place)
            except OSError:
                raise FileChanged("it vanished while it was sent") from None
            if (found.st_size, found.st_mtime_ns) != self._expected:
                raise FileChanged("it changed after it was hashed")

    def close(self) -> None:
        """Close the file and take back what was counted."""
        self._handle.close()
        self._on_bytes(-self._told)
        self._told = 0


def put_headers(url: str, md5: str, kms_key: str = "") -> dict[str, str]:
    """The headers a signed address wants, told by the address itself.

    A signature of today lists the headers it covers. Google's older form covers Content-MD5
    always; Amazon's older form covers it when it is sent, so it is not. An address without any
    signature we know gets Content-MD5: a receiver may check it and loses nothing.
    """
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    signed = next((query[name] for name in _SIGNED_LISTS if name in query), None)
    headers = {"Content-Type": OCTETS}
    if signed is not None:
        wants_md5 = "content-md5" in signed.lower().split(";")
    else:
        wants_md5 = "awsaccesskeyid" not in query
    if wants_md5:
        headers["Content-MD5"] = md5
    if kms_key:
        headers["x-goog-encryption-kms-key-name"] = kms_key
    return headers


class Sender:
    """Sends hashed files to signed addresses.

    Args:
        transport: without sign-in; its cancel event stops a transfer between two blocks.
        on_bytes: told of bytes under way.
        throttle: the cap that all transfers share.
    """

    def __init__(
        self, transport: Transport, on_bytes: ByteCounter, throttle: Throttle = NO_LIMIT,
    ) -> None:
        self._transport = transport
        self._on_bytes = on_bytes
        self._throttle = throttle

    def put(self, file: UploadFile, mtime_ns: int, url: str, kms_key: str = "") -> None:
        """Send a whole file.

        Raises:
            FileChanged: it is not any more what was hashed.
            Refused: the host answered with an error.
            ServiceUnreachable: no answer after all attempts.
            Cancelled: the cancel event was set.
        """
        self._put(file, mtime_ns, url, put_headers(url, file.md5 or "", kms_key), 0, file.size)

    def put_part(self, file: UploadFile, mtime_ns: int, part: Part) -> str:
        """Send one part of a file; the receiver's ETag. Raises as :meth:`put` does."""
        answer = self._put(
            file, mtime_ns, part.url, {"Content-Type": OCTETS}, part.start, part.length)
        return str(answer.headers.get("ETag", "")).strip('"')

    def memory_body(self, data: bytes | bytearray) -> MemoryBody:
        """A body that is counted, capped and stopped as those of files are."""
        return MemoryBody(data, self._transport.cancel, self._on_bytes, self._throttle)

    def _put(
        self, file: UploadFile, mtime_ns: int, url: str, headers: Mapping[str, str],
        start: int, length: int,
    ) -> requests.Response:
        def make() -> FileBody:
            return FileBody(
                file, mtime_ns, self._transport.cancel, self._on_bytes, start, length,
                self._throttle)

        if length:
            call = Call("PUT", url, headers, body=make, bare=True)
        else:
            make().close()
            call = Call("PUT", url, headers, body=b"", bare=True)
        answer = self._transport.send(call)
        if answer.status_code >= 300:
            raise _refused(answer)
        _check_still(file, mtime_ns)
        return answer


def read_whole(file: UploadFile, mtime_ns: int) -> bytes:
    """All of a small file, if it is still what was hashed; FileChanged if not."""
    try:
        with open(file.path, "rb", buffering=0) as handle:
            data = handle.read(file.size + 1) or b""
            found = os.fstat(handle.fileno())
    except OSError as error:
        raise FileChanged("it cannot be read: %s" % (error.strerror or error)) from None
    if (found.st_size, found.st_mtime_ns, len(data)) != (file.size, mtime_ns, file.size):
        raise FileChanged("it changed after it was hashed")
    return data


def bundle(files: Sequence[tuple[UploadFile, bytes]]) -> bytearray:
    """Small files as one body: a line of JSON that lists them, and their bytes behind it."""
    head = [{"hash": file.md5, "size": len(data)} for file, data in files]
    body = bytearray(json.dumps(head).encode("ascii") + b"\n")
    for _file, data in files:
        body += data
    return body


def _check_still(file: UploadFile, mtime_ns: int) -> None:
    try:
        found = os.stat(file.path)
    except OSError:
        return  # All bytes arrived and match their hash; the name may go.
    if (found.st_size, found.st_mtime_ns) != (file.size, mtime_ns):
        raise FileChanged("it changed while it was sent")


def _refused(answer: requests.Response) -> Refused:
    place = answer.url.split("?", 1)[0]
    detail = redact(" ".join(answer.text.split())[:200])
    return Refused(
        "the storage answered HTTP %d%s" % (answer.status_code, detail and ": " + detail),
        answer.request.method or "", place, answer.status_code, detail,
    )
