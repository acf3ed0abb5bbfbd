"""API keys, tokens, and the files that keep them."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, MARGIN_S, ApiKey, Token, TokenStore
from conductor.lib.errors import AuthError

KEY = {"client_id": "c1", "private_key": "-----BEGIN s3cret", "type": "service_account"}


def jwt(claims: dict[str, Any]) -> str:
    """A token in the shape of a JWT; nobody checks its signature."""
    parts = [{"alg": "HS256"}, claims]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in parts]
    return ".".join(texts + ["sig"])


@pytest.mark.parametrize(
    "value",
    [KEY, json.dumps(KEY), base64.b64encode(json.dumps(KEY).encode()).decode()],
    ids=["dictionary", "JSON", "base64"],
)
def test_keys(value: Any) -> None:
    key = ApiKey.parse(value, "here")
    assert (key.client_id, key.private_key) == ("c1", "-----BEGIN s3cret")
    assert "s3cret" not in repr(key)


@pytest.mark.parametrize(
    "value", ["", "nonsense", "[1]", '{"client_id": "s3cret"}', {"client_id": 1}, 5],
)
def test_no_keys(value: Any) -> None:
    with pytest.raises(AuthError, match="The API key in here") as caught:
        ApiKey.parse(value, "here")
    assert "s3cret" not in str(caught.value)


def test_key_from_config(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY))
    assert ApiKey.from_config(Config.load({})) is None
    by_path = {"CONDUCTOR_API_KEY_PATH": str(path)}
    key = ApiKey.from_config(Config.load(by_path))
    assert key is not None and key.client_id == "c1"
    both = dict(by_path, CONDUCTOR_API_KEY=json.dumps(dict(KEY, client_id="c2")))
    key = ApiKey.from_config(Config.load(both))
    assert key is not None and key.client_id == "c2"


def test_a_base64_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(base64.encodebytes(json.dumps(KEY).encode()))
    key = ApiKey.from_config(Config.load({"CONDUCTOR_API_KEY_PATH": str(path)}))
    assert key is not None and key.client_id == "c1"


def test_an_absent_key_file_says_where_it_was_named(tmp_path: Path) -> None:
    config = Config.load({"CONDUCTOR_API_KEY_PATH": str(tmp_path / "absent")})
    with pytest.raises(AuthError, match=r'absent" \(CONDUCTOR_API_KEY_PATH\)'):
        ApiKey.from_config(config)


@pytest.mark.parametrize(
    "token, url, belongs",
    [
        pytest.param(Token("x", 9, host="a.b:1"), "http://a.b:1", True, id="noted host"),
        pytest.param(Token("x", 9, host="a.b:1"), "http://a.b:2", False, id="another port"),
        pytest.param(Token(jwt({"aud": "https://x/a.b:1"}), 9), "http://a.b:1", True,
                     id="audience is an address"),
        pytest.param(Token(jwt({"aud": "a.b:1"}), 9), "http://a.b:1", True, id="bare audience"),
        pytest.param(Token(jwt({"aud": "c.d"}), 9), "http://a.b:1", False, id="other audience"),
        pytest.param(Token(jwt({"aud": ["a.b"]}), 9), "http://a.b", False, id="odd audience"),
        pytest.param(Token("opaque", 9), "http://a.b", False, id="no JWT and no note"),
        pytest.param(Token("a.!!!.c", 9), "http://a.b", False, id="broken JWT"),
        pytest.param(Token("a.NQ.c", 9), "http://a.b", False, id="claims are no object"),
    ],
)
def test_tokens_are_bound_to_their_host(token: Token, url: str, belongs: bool) -> None:
    assert token.is_for(url) is belongs


def test_a_token_near_its_end_is_not_fresh() -> None:
    token = Token("x", 1000)
    assert token.is_fresh(1000 - MARGIN_S - 1)
    assert not token.is_fresh(1000 - MARGIN_S)


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"access_token": 5}, {"access_token": "x", "expiration": "soon"}],
    ids=str,
)
def test_no_tokens(data: Any) -> None:
    assert Token.from_json(data) is None


@pytest.mark.parametrize("scope", ["user admin", ["user", "admin"]], ids=["text", "list"])
def test_files_of_the_vendors_clients(tmp_path: Path, scope: Any) -> None:
    (tmp_path / API_KEY_FILE).write_text(json.dumps({
        "access_token": "t", "token_type": "Bearer", "expiration": 12, "scope": scope,
    }))
    assert TokenStore(str(tmp_path)).load(API_KEY_FILE) == Token("t", 12, "user admin")


def test_kept_for_the_user_alone(tmp_path: Path) -> None:
    store = TokenStore(str(tmp_path / "new" / "folder"))
    token = Token("t", 12, "user", "h", "c1")
    mask = os.umask(0)
    try:
        store.save(API_KEY_FILE, token)
    finally:
        os.umask(mask)
    assert store.load(API_KEY_FILE) == token
    assert stat.S_IMODE(os.stat(store.path(API_KEY_FILE)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(store.folder).st_mode) == 0o700
    assert os.listdir(store.folder) == [API_KEY_FILE]
    assert "t" not in repr(token).replace("Token", "").split("expiration")[0]


@pytest.mark.parametrize("text", ["", "{", "[]", "\0"], ids=repr)
def test_a_broken_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / API_KEY_FILE).write_text(text)
    assert TokenStore(str(tmp_path)).load(API_KEY_FILE) is None


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("")
    store = TokenStore(str(tmp_path / "file"))
    with store.locked(API_KEY_FILE):
        store.save(API_KEY_FILE, Token("t", 1))
    assert "The sign-in is not kept" in caplog.text


def test_saving_over_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / API_KEY_FILE).mkdir()
    TokenStore(str(tmp_path)).save(API_KEY_FILE, Token("t", 1))
    assert os.listdir(str(tmp_path)) == [API_KEY_FILE]


def test_removing(tmp_path: Path) -> None:
    store = TokenStore(str(tmp_path))
    assert not store.remove("credentials")
    store.save("credentials", Token("t", 1))
    assert store.remove("credentials")
    assert store.load("credentials") is None


def test_one_process_at_a_time(tmp_path: Path) -> None:
    script = (
        "import sys; from conductor.lib.credentials import TokenStore\n"
        "with TokenStore(sys.argv[1]).locked('x'):\n"
        "    print('inside', flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).resolve().parents[2]))
    command = [sys.executable, "-c", script, str(tmp_path)]
    first, second = (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        for _ in range(2)
    )
    try:
        import selectors

        watched = selectors.DefaultSelector()
        for process in (first, second):
            watched.register(process.stdout, selectors.EVENT_READ, process)  # type: ignore
        inside = watched.select(30)
        assert len(inside) == 1, "both are inside"
        winner = inside[0][0].data
        loser = second if winner is first else first
        winner.communicate(b"\n", 30)
        assert loser.stdout.readline() == b"inside\n"
    finally:
        for process in (first, second):
            process.kill()
            process.communicate()
