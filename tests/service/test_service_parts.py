"""Large files in parts: resumed, verified, assembled, swept."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from service_client import Client, Server, md5_of

from conductor.lib.errors import TransferError
from conductor.service.partials import KEPT_S, MOST_PARTS, SWEEP_EVERY_S, Partials
from conductor.service.store import ContentStore

PART = 1000
FARM = "{cores: 2, part_size: %d, multipart_from: %d}" % (PART, 2 * PART)


@pytest.fixture(scope="module")
def parts_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with small parts."""
    running = Server(tmp_path_factory.mktemp("parts"), FARM).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def parts_client(parts_server: Server) -> Client:
    return parts_server.client()


def ask(client: Client, content: bytes, *paths: str, force: bool = False) -> Any:
    """The whole answer for one content under some paths."""
    return client.ask("POST", "/api/v2/files/get_upload_urls", json={
        "project": "default", "force": force, "upload_files": [
            {"path": path, "hash": md5_of(content), "size": len(content)}
            for path in paths or ("/w/big",)
        ],
    })


def entry_of(client: Client, content: bytes, **options: Any) -> Any:
    entry, = ask(client, content, **options)["multiPartURLs"]
    return entry


def part_of(content: bytes, number: int) -> bytes:
    return content[(number - 1) * PART:number * PART]


def send(content: bytes, part: Any) -> dict[str, Any]:
    """Send a part as the vendor does; what the completing request says of it."""
    answer = requests.put(
        part["url"], data=part_of(content, part["partNumber"]), timeout=10,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    etag = answer.headers["ETag"]
    assert etag == '"%s"' % etag.strip('"')
    return {"partNumber": part["partNumber"], "etag": etag.strip('"')}


def complete(
    client: Client, entry: Any, done: Any, content: bytes, status: int = 200
) -> Any:
    return client.ask("POST", "/api/v2/files/multipart/complete", status, json={
        "uploadID": entry["uploadID"], "hash": md5_of(content), "completedParts": done,
        "project": None,
    })


def stored(server: Server, content: bytes) -> bool:
    return any(
        path.read_bytes() == content for path in (server.data / "store").glob("??/*")
    )


@pytest.mark.parametrize("size, lengths", [
    (2 * PART, [PART, PART]), (2 * PART + 1, [PART, PART, 1]), (3 * PART, [PART] * 3),
])
def test_a_large_file_comes_in_parts_and_is_known_then(
    parts_server: Server, parts_client: Client, size: int, lengths: list[int]
) -> None:
    content = secrets.token_bytes(size)
    answer = ask(parts_client, content)
    assert answer["singlePartURLs"] == []
    entry, = answer["multiPartURLs"]
    parts, upload_id = entry.pop("parts"), entry["uploadID"]
    assert entry == {
        "filePath": "/w/big", "fileSize": size, "md5": md5_of(content), "partSize": PART,
        "uploadID": upload_id, "completedParts": [],
    }
    assert [part["partNumber"] for part in parts] == list(range(1, len(lengths) + 1))
    assert [len(part_of(content, part["partNumber"])) for part in parts] == lengths
    # In no order: the place of a part is in its number.
    done = [send(content, part) for part in reversed(parts)]
    assert not parts_client.knows(content)
    assert complete(parts_client, entry, done, content) == {"body": "success"}
    assert parts_client.knows(content)
    assert stored(parts_server, content)
    assert not (parts_server.data / "store" / "partial" / upload_id).exists()


def test_just_below_it_comes_in_one_piece(parts_client: Client) -> None:
    answer = ask(parts_client, secrets.token_bytes(2 * PART - 1))
    assert len(answer["singlePartURLs"]) == 1
    assert answer["multiPartURLs"] == []


def test_tomorrow_only_the_missing_parts_are_asked_for(parts_client: Client) -> None:
    content = secrets.token_bytes(4 * PART)
    first = entry_of(parts_client, content)
    done = [send(content, first["parts"][number]) for number in (0, 2)]
    second = entry_of(parts_client, content)
    assert second["uploadID"] == first["uploadID"]
    assert second["completedParts"] == done
    assert [part["partNumber"] for part in second["parts"]] == [2, 4]
    # A client that knows nothing of completedParts names only what it has sent itself.
    complete(parts_client, second, [send(content, part) for part in second["parts"]], content)
    assert parts_client.knows(content)


def test_forced_it_begins_anew(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    send(content, entry_of(parts_client, content)["parts"][0])
    anew = entry_of(parts_client, content, force=True)
    assert (len(anew["parts"]), anew["completedParts"]) == (2, [])
    complete(parts_client, anew, [send(content, part) for part in anew["parts"]], content)
    again = entry_of(parts_client, content, force=True)
    assert len(again["parts"]) == 2
    complete(parts_client, again, [send(content, part) for part in again["parts"]], content)
    assert parts_client.knows(content)


def test_one_content_under_two_paths_is_one_upload(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    one, two = ask(parts_client, content, "/w/a", "/w/b")["multiPartURLs"]
    assert one["uploadID"] == two["uploadID"]
    for entry in (one, two):
        done = [send(content, part) for part in one["parts"]] if entry is one else []
        complete(parts_client, entry, done, content)
    assert parts_client.knows(content)


def test_a_part_sent_again_is_taken_as_it_was(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    first = send(content, entry["parts"][0])
    assert send(bytes(2 * PART), entry["parts"][0]) == first
    complete(parts_client, entry, [first, send(content, entry["parts"][1])], content)
    assert parts_client.knows(content)


def test_completing_twice_is_no_error(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    done = [send(content, part) for part in entry["parts"]]
    for _ in range(2):
        complete(parts_client, entry, done, content)
    answer = requests.put(entry["parts"][0]["url"], data=part_of(content, 1), timeout=10)
    assert answer.status_code == 404 and "complete or forgotten" in answer.json()["error"]


def test_missing_parts_are_named(parts_client: Client) -> None:
    content = secrets.token_bytes(14 * PART)
    entry = entry_of(parts_client, content)
    done = [send(content, entry["parts"][1])]
    refusal = complete(parts_client, entry, done, content, 400)
    assert refusal["error"] == "parts are missing: 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more"
    assert len(entry_of(parts_client, content)["parts"]) == 13


def test_parts_of_another_content_are_all_asked_for_again(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    done = [send(content[::-1], part) for part in entry["parts"]]
    refusal = complete(parts_client, entry, done, content, 400)
    assert "parts to be sent again: 1, 2" in refusal["error"]
    again = entry_of(parts_client, content)
    assert again["uploadID"] == entry["uploadID"]
    complete(parts_client, again, [send(content, part) for part in again["parts"]], content)
    assert parts_client.knows(content)


def test_only_the_part_that_rotted_is_asked_for_again(
    parts_server: Server, parts_client: Client
) -> None:
    content = secrets.token_bytes(3 * PART)
    entry = entry_of(parts_client, content)
    # The first part comes last, so that nothing has been hashed when the disk goes bad.
    done = [send(content, part) for part in entry["parts"][1:]]
    raw = parts_server.data / "store" / "partial" / entry["uploadID"] / "content"
    with raw.open("r+b") as handle:
        handle.seek(2 * PART + 5)
        handle.write(b"rot")
    done.append(send(content, entry["parts"][0]))
    refusal = complete(parts_client, entry, done, content, 400)
    assert refusal["error"].endswith("parts to be sent again: 3")
    missing, = entry_of(parts_client, content)["parts"]
    send(content, missing)
    complete(parts_client, entry, [], content)
    assert stored(parts_server, content)


WRONG = {
    "a wrong ETag": ({"completedParts": [{"partNumber": 1, "etag": "0"}]}, 400, "ETag 0"),
    "a part there is not": ({"completedParts": [{"partNumber": 9, "etag": "0"}]}, 400, "part 9"),
    "another MD5": ({"hash": md5_of(b"other")}, 400, "is of MD5"),
    "an unknown upload": ({"uploadID": "0" * 32}, 404, "no upload"),
    "a path as upload": ({"uploadID": "../../x"}, 404, "no upload"),
    "no MD5": ({"uploadID": "0" * 32, "hash": None}, 400, "is no MD5"),
}


@pytest.mark.parametrize("change, status, words", WRONG.values(), ids=WRONG.keys())
def test_a_completion_that_does_not_fit_is_refused(
    parts_client: Client, change: Any, status: int, words: str
) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    for part in entry["parts"]:
        send(content, part)
    body = {"uploadID": entry["uploadID"], "hash": md5_of(content), "completedParts": []}
    answer = parts_client.ask(
        "POST", "/api/v2/files/multipart/complete", status, json=dict(body, **change)
    )
    assert words in answer["error"]
    assert not parts_client.knows(content)


@pytest.mark.parametrize("body, words", [
    (bytes(PART - 1), "received 999 bytes, 1000 were announced"),
    (bytes(PART + 1), "more than the 1000 bytes"),
    (b"", "received 0 bytes"),
])
def test_a_part_of_a_wrong_length_leaves_nothing(
    parts_client: Client, body: bytes, words: str
) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    answer = requests.put(entry["parts"][0]["url"], data=body, timeout=10)
    assert answer.status_code == 400 and words in answer.json()["error"]
    assert entry_of(parts_client, content)["completedParts"] == []


def test_a_url_is_good_for_its_own_part_only(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    url = entry_of(parts_client, content)["parts"][0]["url"]
    for changed in (url.replace("/1?", "/2?"), url.replace("size=1000", "size=999"), url[:-1]):
        assert requests.put(changed, data=bytes(PART), timeout=10).status_code == 403


def test_a_cut_connection_costs_one_part_and_blocks_nobody(parts_client: Client) -> None:
    content = secrets.token_bytes(2 * PART)
    entry = entry_of(parts_client, content)
    url = urlsplit(entry["parts"][0]["url"])
    with socket.create_connection((url.hostname, url.port)) as wire:
        wire.sendall(b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc" % (
            ("%s?%s" % (url.path, url.query)).encode(),
        ))
        # While the service still believes in the first connection, the second one wins.
        done = [send(content, part) for part in entry["parts"]]
    complete(parts_client, entry, done, content)
    assert parts_client.knows(content)


def test_parts_may_come_all_at_once(parts_server: Server, parts_client: Client) -> None:
    content = secrets.token_bytes(16 * PART + 7)
    entry = entry_of(parts_client, content)
    done: list[Any] = []
    threads = [
        threading.Thread(target=lambda part=part: done.append(send(content, part)))
        for part in entry["parts"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    complete(parts_client, entry, done, content)
    assert stored(parts_server, content)


def test_a_killed_service_goes_on_with_the_parts_it_had(tmp_path: Path) -> None:
    server = Server(tmp_path, FARM).start()
    try:
        content = secrets.token_bytes(3 * PART)
        entry = entry_of(server.client(), content)
        done = [send(content, part) for part in entry["parts"][:2]]
        server.stop(9)
        journal = server.data / "store" / "partial" / entry["uploadID"] / "parts"
        with journal.open("a") as handle:
            handle.write("3 cut-off")
        client = server.start().client()
        again = entry_of(client, content)
        assert (again["uploadID"], again["completedParts"]) == (entry["uploadID"], done)
        last, = again["parts"]
        complete(client, again, [*done, send(content, last)], content)
        assert client.knows(content) and stored(server, content)
    finally:
        server.stop()


# The store of parts alone

@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store")


@pytest.fixture
def partials(store: ContentStore, tmp_path: Path) -> Iterator[Partials]:
    made = Partials(store, tmp_path / "partial", PART)
    yield made
    made.close()


def test_what_nobody_goes_on_with_is_swept(partials: Partials, tmp_path: Path) -> None:
    old, new = (partials.begin(md5_of(name), 2 * PART).layout.upload_id for name in (b"a", b"b"))
    now = (tmp_path / "partial" / old / "upload.json").stat().st_mtime
    os.utime(tmp_path / "partial" / old / "upload.json", (now - KEPT_S - 1,) * 2)
    partials.sweep(now + SWEEP_EVERY_S - 1)
    assert partials.find(old), "it looks once an hour only"
    partials.sweep(now + SWEEP_EVERY_S + 60)
    assert partials.find(old) is None and partials.find(new)
    assert sorted(os.listdir(tmp_path / "partial")) == [new]


def test_a_receiver_that_lost_its_turn_writes_nothing(partials: Partials, store) -> None:
    content = bytes(PART) + b"x" * PART
    partial = partials.begin(md5_of(content), len(content))
    with partial.receive(1) as late:
        late.write(b"?")
        with partial.receive(1) as first:
            with pytest.raises(TransferError, match="another connection"):
                late.write(b"?")
            first.write(content[:PART])
            first.keep()
        late.size = PART
        with pytest.raises(TransferError, match="another connection"):
            late.keep()
    with partial.receive(2) as second:
        second.write(content[PART:])
        second.keep()
    assert store.path(partials.complete(partial).sha256).read_bytes() == content


@given(size=st.integers(1, 10 ** 15), part_size=st.integers(1, 10 ** 9))
def test_parts_make_up_the_file(size: int, part_size: int) -> None:
    partials = Partials.__new__(Partials)
    partials._part_size = part_size
    layout = partials.layout(md5_of(b""), size)
    assert len(layout.numbers) <= MOST_PARTS
    assert layout.part_size % part_size == 0
    first, last = layout.numbers[0], layout.numbers[-1]
    assert layout.start(first) == 0 and layout.start(last) + layout.length(last) == size
    assert 0 < layout.length(last) <= layout.part_size


def test_hashing_stops_with_the_service(partials: Partials, tmp_path: Path) -> None:
    content = bytes(2 * PART)
    partial = partials.begin(md5_of(content), len(content))
    with partial.receive(1) as receiver:
        receiver.write(content[:PART])
        receiver.keep()
    partials.close()
    with pytest.raises(Exception, match="the service ends"):
        partial.advance()
