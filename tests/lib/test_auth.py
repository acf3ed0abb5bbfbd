"""Tokens: had from the API key, kept, renewed when refused, never another host's."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fault_server import Answer, FaultServer, Seen

from conductor.lib.api_client import ApiClient
from conductor.lib.auth import (
    ApiKeyCredentials,
    BrowserCredentials,
    credentials_from_config,
)
from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, BROWSER_FILE, ApiKey, Token, TokenStore
from conductor.lib.errors import AuthError, ServiceUnreachable, SignInNeeded
from conductor.lib.transport import Transport

KEY = ApiKey("c1", "s3cret")
EXCHANGE = "/api/oauth_jwt"


class Issuer:
    """Numbered tokens; `lifetime_s` each."""

    def __init__(self, server: FaultServer, lifetime_s: object = 3600) -> None:
        self.count = 0
        self.lifetime_s = lifetime_s
        self._lock = threading.Lock()
        server.on("GET", EXCHANGE, self)

    def __call__(self, seen: Seen) -> Answer:
        with self._lock:
            self.count += 1
            return Answer(200, {
                "access_token": "token%d" % self.count, "expires_in": self.lifetime_s})


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(str(tmp_path / "credentials"))


def signer(
    faults: FaultServer, quick: Transport, store: TokenStore, key: ApiKey = KEY,
    now: float = 0.0,
) -> ApiKeyCredentials:
    return ApiKeyCredentials(faults.url, key, store, quick, clock=lambda: now)


def test_the_exchange(faults: FaultServer, quick: Transport, store: TokenStore) -> None:
    Issuer(faults)
    assert signer(faults, quick, store).token() == "token1"
    assert faults.seen[0].query == {
        "grant_type": ["client_credentials"], "scope": ["owner admin user"],
        "client_id": ["c1"], "client_secret": ["s3cret"],
    }
    assert "Authorization" not in faults.seen[0].headers
    with open(store.path(API_KEY_FILE)) as handle:
        kept = json.load(handle)
    assert kept["access_token"] == "token1" and kept["expiration"] == 3600
    assert "s3cret" not in json.dumps(kept)


def test_kept_between_runs(faults: FaultServer, quick: Transport, store: TokenStore) -> None:
    issuer = Issuer(faults, "3600")
    for _ in range(3):
        assert signer(faults, quick, store).token() == "token1"
    assert issuer.count == 1


@pytest.mark.parametrize(
    "now, key, host",
    [
        pytest.param(3599.0, KEY, None, id="expired but for seconds"),
        pytest.param(0.0, ApiKey("c2", "s3cret"), None, id="of another key"),
        pytest.param(0.0, KEY, "other.example", id="of another host"),
    ],
)
def test_had_anew(
    faults: FaultServer, quick: Transport, store: TokenStore, now: float, key: ApiKey,
    host: str,
) -> None:
    issuer = Issuer(faults)
    signer(faults, quick, store).token()
    if host:
        store.save(API_KEY_FILE, Token("stolen", 3600, host=host, client_id="c1"))
    assert signer(faults, quick, store, key, now).token() == "token2"
    assert issuer.count == 2


def test_threads_share_one_exchange(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    issuer = Issuer(faults)
    credentials = signer(faults, quick, store)
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: credentials.token(), range(32)))
    assert tokens == {"token1"} and issuer.count == 1


def test_many_threads_refused_at_once_renew_once(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    issuer = Issuer(faults)
    credentials = signer(faults, quick, store)
    stale = credentials.token()
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: credentials.token(stale), range(32)))
    assert tokens == {"token2"} and issuer.count == 2


def test_a_token_another_process_renewed_is_taken(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    issuer = Issuer(faults)
    first, second = signer(faults, quick, store), signer(faults, quick, store)
    stale = first.token()
    assert second.token() == stale
    assert first.token(stale) == "token2"
    assert second.token(stale) == "token2"
    assert issuer.count == 2


@pytest.mark.parametrize(
    "answer, message",
    [
        pytest.param(Answer(401, {"detail": "bad s3cret"}), 'refused the API key "c1"', id="401"),
        pytest.param(Answer(403), "HTTP 403", id="403"),
        pytest.param(Answer(200, b"<html>"), "is it a Conductor", id="a page"),
        pytest.param(Answer(200, {"access_token": "x"}), "without a token", id="no lifetime"),
        pytest.param(Answer(200, ["x"]), "without a token", id="a list"),
    ],
)
def test_refused(
    faults: FaultServer, quick: Transport, store: TokenStore, answer: Answer, message: str,
) -> None:
    faults.on("GET", EXCHANGE, answer)
    with pytest.raises(AuthError, match=message) as caught:
        signer(faults, quick, store).token()
    assert "s3cret" not in str(caught.value)
    assert not os.path.exists(store.path(API_KEY_FILE))


def test_a_401_renews_the_token_once(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    Issuer(faults)
    faults.on("GET", "/api/v1/projects/", Answer(401), Answer(200, {"data": []}))
    client = ApiClient(faults.url, signer(faults, quick, store), transport=quick)
    assert client.projects() == []
    signed = [one.headers["Authorization"] for one in faults.requests("GET", "/api/v1/projects/")]
    assert signed == ["Bearer token1", "Bearer token2"]


def test_a_second_401_is_an_error(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    Issuer(faults)
    faults.on("GET", "/api/v1/projects/", Answer(401, {"detail": "not you"}))
    client = ApiClient(faults.url, signer(faults, quick, store), transport=quick)
    with pytest.raises(AuthError, match="not you"):
        client.projects()
    assert faults.count("GET", "/api/v1/projects/") == 2


def test_browser_tokens_are_used(tmp_path: Path) -> None:
    store = TokenStore(str(tmp_path))
    credentials = BrowserCredentials("https://dashboard.x.example", store,
                                     "https://api.x.example", clock=lambda: 0)
    with pytest.raises(SignInNeeded, match="Not signed in to https://dashboard.x.example"):
        credentials.token()
    store.save(BROWSER_FILE, Token("t", 1000, host="api.x.example"))
    assert credentials.token() == "t"
    with pytest.raises(SignInNeeded):
        credentials.token(stale="t")


def test_the_configuration_chooses(tmp_path: Path, quick: Transport) -> None:
    home = {"HOME": str(tmp_path)}
    assert isinstance(credentials_from_config(Config.load(home), quick), BrowserCredentials)
    key = json.dumps({"client_id": "c", "private_key": "k"})
    config = Config.load(dict(home, CONDUCTOR_API_KEY=key))
    assert isinstance(credentials_from_config(config, quick), ApiKeyCredentials)


def test_no_service_is_not_a_refusal(quick: Transport, store: TokenStore) -> None:
    from fault_server import closed_port

    credentials = ApiKeyCredentials("http://127.0.0.1:%d" % closed_port(), KEY, store, quick)
    with pytest.raises(ServiceUnreachable) as caught:
        credentials.token()
    assert "s3cret" not in str(caught.value)
