"""Many small files in one request: what is whole and right is kept, whatever the rest is."""

from __future__ import annotations

import json
import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from service_client import Client, Server, md5_of, wait_until

from conductor.service.bundles import BYTES, FILE_BYTES, FILES, HEAD_BYTES

BUNDLE = "/api/v1/files/bundle"


def head(*contents: bytes) -> list[dict[str, Any]]:
    return [{"hash": md5_of(content), "size": len(content)} for content in contents]


def body(entries: Any, *contents: bytes) -> bytes:
    return json.dumps(entries).encode("ascii") + b"\n" + b"".join(contents)


def fresh(count: int, size: int = 20) -> list[bytes]:
    """Contents no service has."""
    return [os.urandom(size) for _ in range(count)]


def known(client: Client, *contents: bytes) -> list[bool]:
    return [client.knows(content) for content in contents]


def test_what_is_advertised_is_taken(client: Client) -> None:
    limits = client.get("/api/v1/capabilities")["data"]["upload_bundle"]
    assert limits == {"files": FILES, "file_bytes": FILE_BYTES, "bytes": BYTES}
    contents = fresh(limits["files"] - 1) + [os.urandom(limits["file_bytes"])]
    assert client.ask("POST", BUNDLE, data=body(head(*contents), *contents)) == {"body": "success"}
    assert all(known(client, contents[0], contents[100], contents[-1]))


def test_what_a_job_gets_of_a_bundle(client: Client, tmp_path: Any) -> None:
    contents = [b"", b"\n", *fresh(1)]
    client.ask("POST", BUNDLE, data=body(head(*contents), *contents))
    places = [tmp_path / "in" / str(number) for number in range(3)]
    jid = client.submit(
        "true", output_path=str(tmp_path / "out"), upload_files=[
            {"destination": str(place), "md5": md5_of(content), "st_size": len(content),
             "st_mode": 0o100644} for place, content in zip(places, contents, strict=True)])
    client.wait(jid, "success")
    assert [place.read_bytes() for place in places] == contents


def test_the_same_twice_is_no_trouble(client: Client) -> None:
    one, = fresh(1)
    for _ in range(2):
        client.ask("POST", BUNDLE, data=body(head(one, one), one, one))
    assert client.knows(one)


def test_one_wrong_content_costs_the_others_nothing(client: Client) -> None:
    one, two, three = fresh(3)
    told = client.ask(
        "POST", BUNDLE, 400, data=body(head(one, two, three), one, two[::-1], three))
    assert md5_of(two) in told["error"]
    assert known(client, one, two, three) == [True, False, True]


@pytest.mark.parametrize(("cut", "more", "kept"), [
    pytest.param(5, b"", [True, False], id="too short"),
    pytest.param(0, b"beyond", [True, True], id="too long"),
])
def test_bytes_that_are_not_as_many_as_announced(
    client: Client, cut: int, more: bytes, kept: list[bool]
) -> None:
    one, two = fresh(2)
    sent = body(head(one, two), one, two)
    client.ask("POST", BUNDLE, 400, data=sent[:len(sent) - cut] + more)
    assert known(client, one, two) == kept


def test_a_connection_cut_in_the_middle_keeps_what_was_whole(
    client: Client, server: Server
) -> None:
    one, two = fresh(2, 50_000)
    sent = body(head(one, two), one, two)
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port or 0), timeout=10) as raw:
        raw.sendall((
            "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
            % (BUNDLE, place.netloc, client.token, len(sent))).encode("ascii"))
        raw.sendall(sent[:-10])
    wait_until(lambda: client.knows(one), "the whole content to be kept")
    assert not client.knows(two)


GOOD = md5_of(b"x")


@pytest.mark.parametrize(("sent", "status"), [
    pytest.param(b"", 400, id="nothing"),
    pytest.param(b"[]", 400, id="no line"),
    pytest.param(b"{\n", 400, id="no JSON"),
    pytest.param(b"5\n", 400, id="no list"),
    pytest.param(body([{"hash": "abc", "size": 1}], b"x"), 400, id="no md5"),
    pytest.param(body([{"hash": GOOD}], b"x"), 400, id="no size"),
    pytest.param(body([{"hash": GOOD, "size": "?"}], b"x"), 400, id="size of no number"),
    pytest.param(body([{"hash": GOOD, "size": -1}], b"x"), 413, id="negative size"),
    pytest.param(body([{"hash": GOOD, "size": FILE_BYTES + 1}]), 413, id="large file"),
    pytest.param(body([{"hash": GOOD, "size": 1}] * (FILES + 1)), 413, id="many files"),
    pytest.param(b" " * (BYTES + HEAD_BYTES + 1), 413, id="many bytes"),
])
def test_what_is_no_bundle_is_refused(client: Client, sent: bytes, status: int) -> None:
    assert "bundle" in client.ask("POST", BUNDLE, status, data=sent)["error"]


def test_nothing_without_a_token(server: Server) -> None:
    answer = requests.post(server.url + BUNDLE, data=b"[]\n", timeout=10)
    assert answer.status_code == 401
