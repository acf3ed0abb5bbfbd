"""Proxies and certificate authorities of the environment: for the service's calls and for the bare
requests that carry the bytes."""

from __future__ import annotations

import base64
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Iterator

import pytest
from fault_server import Answer, FaultServer, closed_port

from conductor.lib.errors import ServiceUnreachable
from conductor.lib.transport import Call, Transport

NAMES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
STRANGER = "http://storage.invalid/blob?sig=s3cret"

CALLS = [
    pytest.param(lambda url: Call("GET", url), id="a call"),
    pytest.param(lambda url: Call("PUT", url, body=b"bytes", bare=True), id="bytes"),
]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


def transport() -> Transport:
    return Transport(timeout=(5, 5), backoff_s=0, attempts=1)


@pytest.mark.parametrize("call", CALLS)
def test_a_proxy_carries_it(
    call: object, faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", faults.url.replace("http://", "http://artist:pa55@"))
    made = call(STRANGER)  # type: ignore[operator]
    faults.on(made.method, "/blob", Answer(200))
    assert transport().send(made).status_code == 200
    seen, = faults.requests(made.method, "/blob")
    assert seen.headers["Host"] == "storage.invalid" and seen.body == (made.body or b"")
    login = base64.b64decode(seen.headers["Proxy-Authorization"].split()[1])
    assert login == b"artist:pa55"


@pytest.mark.parametrize("call", CALLS)
def test_no_proxy_goes_past_it(
    call: object, faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:%d" % closed_port())
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    made = call(faults.url + "/x")  # type: ignore[operator]
    faults.on(made.method, "/x", Answer(200))
    assert transport().send(made).status_code == 200


@pytest.mark.parametrize("call", CALLS)
def test_a_dead_proxy_is_told_without_its_password(
    call: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://artist:pa55@127.0.0.1:%d" % closed_port())
    with pytest.raises(ServiceUnreachable, match="(?i)proxy") as caught:
        transport().send(call(STRANGER))  # type: ignore[operator]
    assert "pa55" not in str(caught.value) and "s3cret" not in str(caught.value)


# ---------------------------------------------------------------- certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of a studio's own, and its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", str(folder / "key"), "-out", str(folder / "certificate"),
         "-subj", "/CN=farm", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    both = folder / "both.pem"
    both.write_bytes((folder / "certificate").read_bytes() + (folder / "key").read_bytes())
    return both


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def tls(certificate: Path) -> Iterator[str]:
    """Address of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificate))
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.daemon = True
    thread.start()
    yield "https://127.0.0.1:%d" % server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("call", CALLS)
def test_an_authority_of_the_studio(
    call: object, tls: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call(tls + "/x")  # type: ignore[operator]
    with pytest.raises(ServiceUnreachable, match="REQUESTS_CA_BUNDLE"):
        transport().send(made)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert transport().send(made).status_code == 200
