"""The parts that need no server: paths, farm file, identity, store, states, environment, tables."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.lib.errors import ArgumentError, AuthError, Cancelled, ConfigError, TransferError
from conductor.lib.states import JobState, TaskState
from conductor.service import farm, task_logs
from conductor.service.attempts import Plan
from conductor.service.blobs import checked_md5
from conductor.service.dispatcher import task_environment
from conductor.service.identity import (
    TOKEN_LIFE_S,
    URL_LIFE_S,
    FileGrant,
    Identity,
    UrlSigner,
    md5_hex,
)
from conductor.service.jobs import job_state
from conductor.service.node_paths import NodePaths
from conductor.service.store import ContentStore
from conductor.service.workspace import overlaps

# Paths on the node

RULES = [
    ("Z:/show", "/mnt/show"), ("Z:/show/cache", "/fast/cache"), ("/Volumes/show", "/mnt/show"),
    ("//server/share", "/mnt/share"), ("\\\\nas\\work", "/mnt/work"),
]


@pytest.mark.parametrize("path, expected", [
    ("/w/a.png", "/w/a.png"),
    ("C:/a/b.png", "/a/b.png"),
    ("c:\\a\\b.png", "/a/b.png"),
    ("//host/share/x", "/host/share/x"),
    ("/w//a/./b", "/w/a/b"),
    ("Z:/show/a", "/mnt/show/a"),
    ("z:\\Show\\a", "/mnt/show/a"),
    ("Z:/show", "/mnt/show"),
    ("Z:/shows/a", "/shows/a"),
    ("Z:/show/cache/x", "/fast/cache/x"),
    ("Z:/show/caches/x", "/mnt/show/caches/x"),
    ("/Volumes/show/x", "/mnt/show/x"),
    ("/volumes/show/x", "/volumes/show/x"),
    ("//SERVER/share/x", "/mnt/share/x"),
    ("\\\\nas\\work\\x", "/mnt/work/x"),
    ("/with blank/ä", "/with blank/ä"),
    ("/back\\slash", "/back\\slash"),
])
def test_where_a_path_lies_on_the_node(path: str, expected: str) -> None:
    assert NodePaths(RULES).node_path(path) == expected


@pytest.mark.parametrize("path", [
    "", "relative", "a/b", "C:relative", "/", "C:/", "/..", "/a/../b", "C:/a/../../b", "/a\0b",
])
def test_paths_that_cannot_be_placed(path: str) -> None:
    with pytest.raises(ArgumentError):
        NodePaths(RULES).node_path(path)


@given(st.lists(st.sampled_from(["a", "b c", ".", "..", "", "ä", "show"]), max_size=6))
@settings(max_examples=100)
def test_a_node_path_never_climbs(parts: list[str]) -> None:
    path = "Z:/" + "/".join(parts)
    try:
        found = NodePaths(RULES).node_path(path)
    except ArgumentError:
        assert ".." in parts or not any(part not in ("", ".") for part in parts)
    else:
        assert found.startswith("/") and not found.startswith("//")
        assert os.path.normpath(found) == found


# The farm


def load(tmp_path: Path, content: str) -> farm.Farm:
    path = tmp_path / "farm.yml"
    path.write_text(content, encoding="utf-8")
    return farm.load(path, tmp_path / "data")


@pytest.mark.parametrize("cores, sizes", [
    (1, [2]), (2, [2]), (3, [2]), (4, [2, 4]), (6, [2, 4]), (16, [2, 4, 8, 16]),
])
def test_instance_types_follow_the_cores(tmp_path: Path, cores: int, sizes: list[int]) -> None:
    offered = load(tmp_path, "cores: %d" % cores).instance_types
    assert [offer.cores for offer in offered if "standard" in offer.name] == sizes
    assert {offer.name.split("-")[1] for offer in offered} == {"standard", "highmem", "highcpu"}
    assert len(offered) == 3 * len(sizes)


def test_without_a_farm_file_this_machine_is_the_farm(tmp_path: Path) -> None:
    found = farm.load(None, tmp_path)
    assert found.cores == os.cpu_count() and found.projects == ("default",)
    assert found.path_map == ()
    package, = found.packages
    assert package["product"] == "conductor-slate"
    assert (package["major_version"], package["minor_version"]) == ("1", "0")


def test_an_empty_farm_file_is_no_farm_file(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n").projects == ("default",)


@pytest.mark.parametrize("content, said", [
    ("colours: 3", 'unknown entry "colours"'),
    ("- a", "must hold names and values"),
    ("cores: many", '"cores" must be a int'),
    ("a: [", "cannot read the farm file"),
    ("path_map: [{from: Z}]", 'entries of "from" and "to"'),
    ("path_map: [Z]", 'entries of "from" and "to"'),
    ("packages: [{major_version: 5}]", 'a package without "product"'),
    ("packages: [{product: a, environment: [{name: A, merge_policy: add}]}]", "merge_policy"),
])
def test_a_wrong_farm_file_says_what_is_wrong(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, content)
    assert said in str(error.value) and "farm.yml" in str(error.value)


def test_package_ids_are_stable_and_unique(tmp_path: Path) -> None:
    content = """
packages:
  - {product: clarisse, major_version: "5"}
  - {product: clarisse, major_version: "4"}
  - {product: clarisse, major_version: "5", platform: windows}
  - {product: given, package_id: "0123456789abcdef0123456789abcdef"}
"""
    first, second = (load(tmp_path, content).packages for _ in range(2))
    ids = [package["package_id"] for package in first]
    assert ids == [package["package_id"] for package in second]
    assert len(set(ids)) == 5 and ids[3] == "0123456789abcdef0123456789abcdef"


def test_plugins_are_linked_by_product_platform_and_major_version(tmp_path: Path) -> None:
    found = load(tmp_path, """
packages:
  - {product: clarisse, major_version: "5", package_id: c5}
  - {product: clarisse, major_version: "4", package_id: c4}
  - {product: clarisse, major_version: "5", platform: windows, package_id: c5w}
  - {product: clarisse, major_version: "5", minor_version: "1", package_id: c51}
  - {product: hair, plugin_host_product: clarisse, plugin_host_version: "5.0", package_id: h}
""")
    by_id = {package["package_id"]: package for package in found.packages}
    assert by_id["h"]["plugin_hosts"] == ["c5", "c51"]
    assert [name for name, package in by_id.items() if package["plugins"] == ["h"]] == ["c5", "c51"]


def test_the_launcher_runs_this_python_whatever_the_job_sets(tmp_path: Path) -> None:
    launcher = farm.write_slate_launcher(tmp_path / "with blank")
    text_ = launcher.read_text(encoding="utf-8").replace(
        "-m conductor.slate", "-c 'import sys, conductor; print(conductor.__file__, sys.argv[1:])'"
    )
    launcher.write_text(text_, encoding="utf-8")
    said = subprocess.run(
        [str(launcher), "a b", "$c"], stdout=subprocess.PIPE, text=True, cwd=str(tmp_path),
        env={"PYTHONHOME": "/no/such", "PYTHONPATH": "/no/such", "PATH": "/bin"}, check=True,
    ).stdout
    assert "conductor/__init__.py ['a b', '$c']" in said


# Identity


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_key_is_made_once(tmp_path: Path) -> None:
    first, second = Identity(tmp_path), Identity(tmp_path)
    key = json.loads(first.key_path.read_text(encoding="utf-8"))
    second.token_for_key(key["client_id"], key["private_key"], "http://x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "api_key.json", "signing_secret.json",
    ]


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"'])
def test_a_broken_key_file_is_named_not_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "api_key.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Identity(tmp_path)
    assert "api_key.json" in str(error.value)
    assert (tmp_path / "api_key.json").read_text(encoding="utf-8") == content


def test_a_token_expires(tmp_path: Path, clock: Clock) -> None:
    identity = Identity(tmp_path, clock)
    key = json.loads(identity.key_path.read_text(encoding="utf-8"))
    token = identity.token_for_key(key["client_id"], key["private_key"], "http://127.0.0.1:1/")
    claims = identity.check_token("Bearer " + token)
    assert (claims["aud"], claims["account"]) == ("http://127.0.0.1:1", "local")
    clock.now += TOKEN_LIFE_S + 1
    with pytest.raises(AuthError, match="expired"):
        identity.check_token("bearer " + token)


def test_tokens_of_another_service_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = Identity(tmp_path / "a"), Identity(tmp_path / "b")
    key = json.loads(one.key_path.read_text(encoding="utf-8"))
    token = one.token_for_key(key["client_id"], key["private_key"], "http://x")
    with pytest.raises(AuthError):
        other.check_token("Bearer " + token)
    with pytest.raises(AuthError):
        other.token_for_key(key["client_id"], key["private_key"], "http://x")


GRANTS = st.builds(
    FileGrant, st.sampled_from(["PUT", "GET"]), st.text("0123456789abcdef", min_size=8, max_size=8),
    st.none() | st.integers(0, 2 ** 50),
)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@given(GRANTS, GRANTS)
@settings(max_examples=60)
def test_a_signed_url_allows_what_it_was_made_for_and_nothing_else(
    grant: FileGrant, other: FileGrant
) -> None:
    signer = UrlSigner(b"key", Clock())
    query = query_of(signer.url("http://h:1/", grant))
    assert signer.check(grant.method, grant.digest, query) == grant
    if (other.method, other.digest) != (grant.method, grant.digest):
        with pytest.raises(AuthError):
            signer.check(other.method, other.digest, query)
    if other.size != grant.size:
        with pytest.raises(AuthError):
            size = "" if other.size is None else str(other.size)
            signer.check(grant.method, grant.digest, dict(query, size=size))
    with pytest.raises(AuthError):
        UrlSigner(b"other key", Clock()).check(grant.method, grant.digest, query)


def test_a_signed_url_expires(clock: Clock) -> None:
    signer = UrlSigner(b"key", clock)
    query = query_of(signer.url("http://h", FileGrant("GET", "ab")))
    clock.now += URL_LIFE_S - 1
    signer.check("GET", "ab", query)
    clock.now += 2
    with pytest.raises(AuthError, match="expired"):
        signer.check("GET", "ab", query)


@pytest.mark.parametrize("text_, is_md5", [
    ("1B2M2Y8AsgTpgAmY7PhCfg==", True), ("", False), (None, False), ("abc", False), ("ä", False),
    ("d41d8cd98f00b204e9800998ecf8427e", False), ("1B2M2Y8AsgTpgAmY7PhCfg", False),
])
def test_which_texts_are_md5s(text_: str, is_md5: bool) -> None:
    if is_md5:
        assert checked_md5(text_) == text_
        assert md5_hex(text_) == hashlib.md5(b"").hexdigest()
    else:
        with pytest.raises(ArgumentError, match="is no MD5"):
            checked_md5(text_)


# The store


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store")


@given(st.lists(st.binary(max_size=200), max_size=5))
@settings(max_examples=30)
def test_what_is_stored_comes_back(tmp_path_factory, blocks: list[bytes]) -> None:
    store = ContentStore(tmp_path_factory.mktemp("store"))
    with store.receive() as incoming:
        for block in blocks:
            incoming.write(block)
        stored = incoming.keep()
    content = b"".join(blocks)
    assert store.path(stored.sha256).read_bytes() == content
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert (md5_hex(stored.md5), stored.size) == (hashlib.md5(content).hexdigest(), len(content))


def test_what_is_not_kept_leaves_nothing(store: ContentStore, tmp_path: Path) -> None:
    with store.receive() as incoming:
        incoming.write(b"abc")
        with pytest.raises(TransferError, match="3 bytes, 4 were announced"):
            incoming.keep(size=4)
    with store.receive() as incoming, pytest.raises(TransferError, match="MD5"):
        incoming.keep(md5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_leftovers_of_a_crash_go_at_the_next_start(tmp_path: Path) -> None:
    incoming = tmp_path / "store" / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "half").write_text("half", encoding="utf-8")
    ContentStore(tmp_path / "store")
    assert list(incoming.iterdir()) == []


def test_storing_a_file_can_be_stopped(store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "frame").write_bytes(b"x" * 100)
    with pytest.raises(Cancelled):
        store.add_file(tmp_path / "frame", lambda: True)
    assert store.add_file(tmp_path / "frame").size == 100


# States


@pytest.mark.parametrize("counts, expected", [
    ({}, JobState.SUCCESS),
    ({"success": 2}, JobState.SUCCESS),
    ({"downloaded": 2}, JobState.DOWNLOADED),
    ({"downloaded": 1, "success": 1}, JobState.SUCCESS),
    ({"success": 1, "killed": 1}, JobState.KILLED),
    ({"success": 1, "killed": 1, "failed": 1}, JobState.FAILED),
    ({"failed": 1, "holding": 1}, JobState.HOLDING),
    ({"holding": 1, "pending": 1}, JobState.PENDING),
    ({"holding": 1, "pending": 1, "running": 1}, JobState.RUNNING),
    ({"sync_pending": 1, "holding": 1}, JobState.SYNC_PENDING),
])
def test_a_jobs_state_follows_from_its_tasks(counts: dict[str, int], expected: JobState) -> None:
    assert job_state(counts) is expected


@given(st.dictionaries(st.sampled_from([state.value for state in TaskState]), st.integers(1, 9)))
@settings(max_examples=60)
def test_a_job_has_ended_when_all_its_tasks_have(counts: dict[str, int]) -> None:
    assert job_state(counts).is_ended == all(TaskState(state).is_ended for state in counts)


@pytest.mark.parametrize("one, other, expected", [
    ("/a", "/a", True), ("/a", "/a/b", True), ("/a/b", "/a", True), ("/a/", "/a", True),
    ("/a", "/ab", False), ("/a/b", "/a/c", False), ("", "/a", False), ("/a", "", False),
    ("", "", False),
])
def test_which_output_folders_overlap(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, other) is expected


def test_the_jobs_path_comes_before_the_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/service")
    monkeypatch.setenv("CONDUCTOR_API_KEY", "secret")

    def environment(**given_: str) -> dict[str, str]:
        return task_environment(Plan("a", 1, 2, "true", given_, 2, 5, "/out"))

    assert environment(PATH="/job")["PATH"] == "/job:/service"
    assert environment()["PATH"] == "/service"
    assert environment(HOME="/of/the/job")["HOME"] == "/of/the/job"
    assert "CONDUCTOR_API_KEY" not in environment()
    assert environment()["CONDUCTOR_JOBID"] == "00001"
    assert environment()["CONDUCTOR_TASKID"] == "002"


def test_a_long_log_comes_in_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_logs, "PORTION", 100)
    log = tmp_path / "log.txt"
    log.write_bytes(b"".join(b"line %03d\r\n" % number for number in range(50)) + b"\xff last")
    seen: list[str] = []
    while True:
        lines = task_logs.read_lines(log, len(seen))
        if not lines:
            break
        assert len(lines) <= 11
        seen += lines
    assert seen[:2] == ["line 000", "line 001"] and seen[-1] == "\ufffd last"
    assert len(seen) == 51
    assert task_logs.read_lines(tmp_path / "none", 0) == []
