"""A tiny HTTP server that misbehaves on order: cut connections, error codes, wrong bytes.

For faults that a healthy service never shows. What the service does when all is well is tested
against the service itself.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Mapping, Union
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """What to send back; `cut` drops the connection after the request was read."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    cut_body: int = -1

    @property
    def body(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return b"" if self.content is None else json.dumps(self.content).encode()


CUT = Answer(cut=True)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    peer: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Union[Answer, Callable[[Seen], Answer]]


class FaultServer:
    """Answers each ``(method, path)`` by its script: one answer after the other, the last for
    ever; 404 where there is none."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._scripts: dict[tuple[str, str], list[Script]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.daemon = True
        self._thread.start()

    def on(self, method: str, path: str, *script: Script) -> None:
        self._scripts[method, path] = list(script)

    def answer(self, seen: Seen) -> Answer:
        with self._lock:
            self.seen.append(seen)
            script = self._scripts.get((seen.method, seen.path))
            if not script:
                return Answer(404, {"detail": "nothing here"})
            step = script.pop(0) if len(script) > 1 else script[0]
        return step(seen) if callable(step) else step

    def count(self, method: str, path: str) -> int:
        return len(self.requests(method, path))

    def requests(self, method: str, path: str) -> list[Seen]:
        return [one for one in self.seen if (one.method, one.path) == (method, path)]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients of these tests break off; that is no news."""


def _handler(owner: FaultServer) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(
                self.command, parts.path, parse_qs(parts.query), dict(self.headers.items()), body,
                self.client_address[1],
            )
            answer = owner.answer(seen)
            if answer.cut:
                self._cut()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.cut_body >= 0:
                self.wfile.write(answer.body[:answer.cut_body])
                self.wfile.flush()
                # Not a reset: what was sent so far shall arrive.
                self.close_connection = True
                return
            self.wfile.write(answer.body)

        def _cut(self) -> None:
            self.close_connection = True
            # A reset instead of a polite end.
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        do_GET = do_POST = do_PUT = _serve

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def closed_port() -> int:
    """A loopback port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def upload_server(server: FaultServer, missing: Callable[[str], bool] | None = None) -> None:
    """Let `server` take uploads: every file (or those `missing` says) is wanted at ``/blob/N``."""

    def urls(seen: Seen) -> Answer:
        wanted = [one for one in seen.json["upload_files"] if missing is None
                  or missing(one["path"])]
        if not wanted:
            return Answer(204)
        return Answer(200, {"singlePartURLs": [
            {"filePath": one["path"], "fileSize": one["size"],
             "preSignedURL": "%s/blob%s" % (server.url, one["path"])} for one in wanted
        ], "multiPartURLs": []})

    server.on("POST", "/api/v2/files/get_upload_urls", urls)
