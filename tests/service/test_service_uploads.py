"""Files on their way in: which are asked for, what is refused, what is kept."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from service_client import Client, Server, md5_of, wait_until

pytestmark = pytest.mark.usefixtures("server")

BIG = 5 * 1024 * 1024 + 17


def fresh(size: int = 100) -> bytes:
    """Content no other test has."""
    return secrets.token_bytes(size)


def store_files(server: Server) -> set[Path]:
    return {path for path in (server.data / "store").rglob("*") if path.is_file()}


def pieces(content: bytes, size: int = 65536):
    for start in range(0, len(content), size):
        yield content[start:start + size]


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, BIG], ids=["empty", "byte", "block", "big"])
@pytest.mark.parametrize("style", ["chunked", "content-length"])
def test_a_put_is_taken_and_then_known(client: Client, size: int, style: str) -> None:
    content = fresh(size)
    body = iter(pieces(content)) if style == "chunked" else content
    answer = requests.put(client.upload_url(content, force=True), data=body, timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"md5": md5_of(content), "size": size}
    assert answer.headers["ETag"]
    assert client.knows(content)


def test_it_lies_in_the_store_under_its_sha256(client: Client, server: Server) -> None:
    content = fresh()
    client.upload(content)
    name = hashlib.sha256(content).hexdigest()
    stored = server.data / "store" / name[:2] / name
    assert stored.read_bytes() == content
    assert stored.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("header", [None, "Bearer whatever", "Basic abc"])
def test_a_put_needs_no_authorization_and_minds_none(client: Client, header: str | None) -> None:
    content = fresh()
    headers = {"Authorization": header} if header else {}
    answer = requests.put(client.upload_url(content), data=content, headers=headers, timeout=10)
    assert answer.status_code == 200


def test_the_url_holds_no_token(client: Client) -> None:
    url = client.upload_url(fresh())
    assert client.token not in url
    assert url.startswith(client.url + "/files/")


WRONG_BODIES = {
    "other content of the same size": lambda content: content[::-1],
    "too short": lambda content: content[:-1],
    "too long": lambda content: content + b"x",
    "nothing": lambda content: b"",
}


@pytest.mark.parametrize("spoil", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
@pytest.mark.parametrize("style", ["chunked", "content-length"])
def test_what_was_not_announced_is_refused_and_leaves_nothing(
    client: Client, server: Server, spoil, style: str
) -> None:
    content = fresh()
    before = store_files(server)
    body = spoil(content)
    answer = requests.put(
        client.upload_url(content), data=pieces(body) if style == "chunked" else body, timeout=10
    )
    assert answer.status_code == 400
    assert "announced" in answer.json()["error"]
    assert store_files(server) == before
    assert not client.knows(content)


def test_another_content_md5_header_is_refused(client: Client) -> None:
    content = fresh()
    answer = requests.put(
        client.upload_url(content), data=content, headers={"Content-MD5": md5_of(b"other")},
        timeout=10,
    )
    assert answer.status_code == 400 and "Content-MD5" in answer.json()["error"]


def test_a_connection_cut_in_the_middle_leaves_nothing(client: Client, server: Server) -> None:
    content = fresh(1000)
    before = store_files(server)
    url = urlsplit(client.upload_url(content))
    with socket.create_connection((url.hostname, url.port)) as wire:
        wire.sendall(b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc" % (
            ("%s?%s" % (url.path, url.query)).encode(),
        ))
    client.upload(fresh())
    wait_until(lambda: len(store_files(server)) == len(before) + 1, "the rest to be removed")
    assert not client.knows(content)


TAMPERED = {
    "no signature": lambda url: url.split("&signature")[0],
    "other signature": lambda url: url[:-4] + "0000" if url[-4:] != "0000" else url[:-4] + "1111",
    "other size": lambda url: url.replace("size=100", "size=101"),
    "later expiry": lambda url: url.replace("expires=", "expires=9"),
    "other file": lambda url: re.sub(
        "/files/(.)", lambda found: "/files/" + ("1" if found[1] == "0" else "0"), url),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_url_that_was_changed_is_refused(client: Client, tamper) -> None:
    content = fresh(100)
    url = client.upload_url(content)
    assert tamper(url) != url
    answer = requests.put(tamper(url), data=content, timeout=10)
    assert answer.status_code == 403
    assert not client.knows(content)


def test_an_upload_url_does_not_fetch(client: Client) -> None:
    assert requests.get(client.upload_url(fresh()), timeout=10).status_code == 403


def test_duplicates_in_one_batch_are_both_answered_and_stored_once(
    client: Client, server: Server
) -> None:
    content = fresh()
    before = store_files(server)
    files = [
        {"path": path, "hash": md5_of(content), "size": len(content)} for path in ("/a", "/b")
    ]
    answer = client.ask("POST", "/api/v2/files/get_upload_urls", json={"upload_files": files})
    assert [file["filePath"] for file in answer["singlePartURLs"]] == ["/a", "/b"]
    assert answer["multiPartURLs"] == []
    for file in answer["singlePartURLs"]:
        assert requests.put(file["preSignedURL"], data=content, timeout=10).status_code == 200
    assert len(store_files(server)) == len(before) + 1


def test_only_missing_files_are_asked_for_and_none_is_204(client: Client) -> None:
    known, missing = fresh(), fresh()
    client.upload(known)
    files = [
        {"path": "/known", "hash": md5_of(known), "size": len(known)},
        {"path": "/missing", "hash": md5_of(missing), "size": len(missing)},
    ]
    answer = client.ask("POST", "/api/v2/files/get_upload_urls", json={"upload_files": files})
    assert [file["filePath"] for file in answer["singlePartURLs"]] == ["/missing"]
    body = {"upload_files": files[:1], "project": None}
    assert client.ask("POST", "/api/v2/files/get_upload_urls", 204, json=body) is None


def test_force_asks_for_known_files_too(client: Client) -> None:
    content = fresh()
    client.upload(content)
    files = [{"path": "/a", "hash": md5_of(content), "size": len(content)}]
    answer = client.ask(
        "POST", "/api/v2/files/get_upload_urls",
        json={"upload_files": files, "force": True},
    )
    url = answer["singlePartURLs"][0]["preSignedURL"]
    assert requests.put(url, data=content, timeout=10).status_code == 200


def test_the_same_md5_with_another_size_is_another_file(client: Client) -> None:
    content = fresh()
    client.upload(content)
    files = [{"path": "/a", "hash": md5_of(content), "size": len(content) + 1}]
    client.ask("POST", "/api/v2/files/get_upload_urls", 200, json={"upload_files": files})


def test_the_protocol_of_2019_maps_paths_to_urls(client: Client) -> None:
    known, missing = fresh(), fresh()
    client.upload(known)
    body = {"project": "p", "upload_files": {"/known": md5_of(known), "/missing": md5_of(missing)}}
    answer = client.ask("POST", "/api/files/get_upload_urls", json=body)
    assert list(answer) == ["/missing"]
    assert requests.put(answer["/missing"], data=pieces(missing), timeout=10).status_code == 200
    assert client.ask("POST", "/api/files/get_upload_urls", 204, json=body) is None


BAD_REQUESTS = {
    "no JSON": {"data": b"{"},
    "a list": {"json": []},
    "files as a map": {"json": {"upload_files": {"/a": "x"}}},
    "no size": {"json": {"upload_files": [{"path": "/a", "hash": md5_of(b"")}]}},
    "hexadecimal MD5": {"json": {"upload_files": [{"path": "/a", "hash": "d41d8", "size": 0}]}},
    "no MD5": {"json": {"upload_files": [{"path": "/a", "size": 0}]}},
}


@pytest.mark.parametrize("options", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_bad_requests_are_told_so_in_json(client: Client, options) -> None:
    answer = client.ask("POST", "/api/v2/files/get_upload_urls", 400, **options)
    assert list(answer) == ["error"]


def test_a_stored_file_that_vanished_is_asked_for_again(client: Client, server: Server) -> None:
    content = fresh()
    before = store_files(server)
    client.upload(content)
    vanished, = store_files(server) - before
    os.unlink(vanished)
    assert not client.knows(content)
    client.upload(content)
    assert client.knows(content)
