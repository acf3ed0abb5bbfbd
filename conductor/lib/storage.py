"""Bytes to and from a storage host: signed addresses, no bearer token, never a whole file in
memory."""

from __future__ import annotations

import os
import threading
from typing import Any, Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

import requests

from conductor.lib.errors import Cancelled, ServiceError
from conductor.lib.hashing import ByteCounter, FileChanged
from conductor.lib.submission import UploadFile
from conductor.lib.transport import Call, Transport, redact

# A block must leave within the connect time-out even on a slow line shared by many threads.
BLOCK = 1 << 17
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
    """

    def __init__(
        self, file: UploadFile, mtime_ns: int, stop: threading.Event,
        on_bytes: ByteCounter, start: int = 0, length: int | None = None,
    ) -> None:
        self._file = file
        self._expected = (file.size, mtime_ns)
        self._stop = stop
        self._on_bytes = on_bytes
        self._told = 0
        self.len = file.size - start if length is None else length
        self._left = self.len
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

    def read(self, size: int = -1) -> bytes:
        """The next block; empty at the end."""
        if self._stop.is_set():
            raise Cancelled("Stopped while sending.")
        try:
            data = self._handle.read(min(BLOCK, self._left)) or b""
        except OSError as error:
            raise FileChanged("it cannot be read: %s" % (error.strerror or error)) from None
        if self._left and not data:
            raise FileChanged("it became shorter while it was sent")
        self._left -= len(data)
        self._told += len(data)
        self._on_bytes(len(data))
        return data

    def __iter__(self) -> Iterator[bytes]:
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
    """

    def __init__(self, transport: Transport, on_bytes: ByteCounter) -> None:
        self._transport = transport
        self._on_bytes = on_bytes

    def put(self, file: UploadFile, mtime_ns: int, url: str, kms_key: str = "") -> None:
        """Send a whole file.

        Raises:
            FileChanged: it is not any more what was hashed.
            Refused: the host answered with an error.
            ServiceUnreachable: no answer after all attempts.
            Cancelled: the cancel event was set.
        """
        self._put(file, mtime_ns, url, put_headers(url, file.md5 or "", kms_key), 0, file.size)

    def put_parts(
        self, file: UploadFile, mtime_ns: int, wanted: Mapping[str, Any],
    ) -> list[dict[str, Any]]:
        """Send a file in the parts that `wanted` (an entry of ``multiPartURLs``) lists; what the
        completing request must tell of them. Raises as :meth:`put` does."""
        size = int(wanted["partSize"])
        done = []
        for part in sorted(wanted["parts"], key=lambda part: int(part["partNumber"])):
            number = int(part["partNumber"])
            start = (number - 1) * size
            answer = self._put(
                file, mtime_ns, str(part["url"]), {"Content-Type": OCTETS},
                start, min(size, file.size - start),
            )
            done.append({"partNumber": number, "etag": answer.headers.get("ETag", "").strip('"')})
        return done

    def _put(
        self, file: UploadFile, mtime_ns: int, url: str, headers: Mapping[str, str],
        start: int, length: int,
    ) -> requests.Response:
        def make() -> FileBody:
            return FileBody(file, mtime_ns, self._transport.cancel, self._on_bytes, start, length)

        if length:
            call = Call("PUT", url, headers, body=make)
        else:
            make().close()
            call = Call("PUT", url, headers, body=b"")
        answer = self._transport.send(call)
        if answer.status_code >= 300:
            raise _refused(answer)
        _check_still(file, mtime_ns)
        return answer


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
