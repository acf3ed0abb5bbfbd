"""Signing in: where the bearer token of a request comes from.

Two ways: an API key exchanged for a token, and a browser sign-in whose token lies in the user's
folder. Both answer ``token(stale)``: the text of a token that is good now, and is not `stale`.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, NoReturn
from urllib.parse import urlsplit

import requests

from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, BROWSER_FILE, ApiKey, Token, TokenStore
from conductor.lib.errors import AuthError, SignInNeeded
from conductor.lib.transport import Call, Transport, redact

EXCHANGE_PATH = "/api/oauth_jwt"
SCOPE = "owner admin user"
Clock = Callable[[], float]


class Credentials:
    """Gives tokens for one service; threads may share it.

    Args:
        url: the application's address, where tokens are had.
        audience_url: the address tokens name as theirs, when it differs.
        clock: epoch seconds.
    """

    def __init__(
        self, url: str, store: TokenStore, audience_url: str | None = None,
        clock: Clock = time.time,
    ) -> None:
        self.url = url
        self._audience_url = audience_url or url
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def token(self, stale: str | None = None) -> str:
        """A token that is good now.

        Args:
            stale: the token a request was just refused with; another one is wanted.

        Raises:
            SignInNeeded: there is none, and signing in by the browser gives one.
            AuthError: there is none, and none can be had.
        """
        with self._lock:
            if not self._is_good(self._token, stale):
                self._token = self._load_or_renew(stale)
            assert self._token is not None
            return self._token.access_token

    def _is_good(self, token: Token | None, stale: str | None) -> bool:
        return (
            token is not None and token.access_token != stale
            and token.is_fresh(self._clock())
            and (token.is_for(self.url) or token.is_for(self._audience_url))
        )

    def _load_or_renew(self, stale: str | None) -> Token:
        raise NotImplementedError


class ApiKeyCredentials(Credentials):
    """Exchanges an API key for tokens and keeps them between runs."""

    def __init__(
        self, url: str, key: ApiKey, store: TokenStore, transport: Transport,
        audience_url: str | None = None, clock: Clock = time.time,
    ) -> None:
        super().__init__(url, store, audience_url, clock)
        self._key = key
        self._transport = transport

    def _load_or_renew(self, stale: str | None) -> Token:
        with self._store.locked(API_KEY_FILE):
            # Another process may have renewed it while we waited for the lock.
            kept = self._store.load(API_KEY_FILE)
            if kept and kept.client_id == self._key.client_id and self._is_good(kept, stale):
                return kept
            fresh = self._exchange()
            self._store.save(API_KEY_FILE, fresh)
            return fresh

    def _exchange(self) -> Token:
        # The wire demands the secret in the query of this one address.
        answer = self._transport.send(Call("GET", self.url + EXCHANGE_PATH, params={
            "grant_type": "client_credentials", "scope": SCOPE,
            "client_id": self._key.client_id, "client_secret": self._key.private_key,
        }))
        if answer.status_code != 200:
            self._refused(answer)
        try:
            data = answer.json()
            text, lifetime_s = data["access_token"], float(data["expires_in"])
        except (ValueError, KeyError, TypeError):
            raise AuthError(
                "%s answered the API key without a token; is it a Conductor service?" % self.url
            ) from None
        host = urlsplit(self.url).netloc
        return Token(text, self._clock() + lifetime_s, SCOPE, host, self._key.client_id)

    def _refused(self, answer: requests.Response) -> NoReturn:
        detail = redact(answer.text[:300], (self._key.private_key,)).strip()
        raise AuthError(
            '%s refused the API key "%s" (HTTP %d%s). Download a new key from the dashboard and '
            "name it in CONDUCTOR_API_KEY_PATH."
            % (self.url, self._key.client_id, answer.status_code, detail and ": " + detail)
        )


class BrowserCredentials(Credentials):
    """Uses the token of an earlier browser sign-in (``conductor.lib.sign_in``)."""

    def _load_or_renew(self, stale: str | None) -> Token:
        kept = self._store.load(BROWSER_FILE)
        if kept and self._is_good(kept, stale):
            return kept
        raise SignInNeeded(
            "Not signed in to %s. Run `conductor login`, or name an API key in "
            "CONDUCTOR_API_KEY_PATH (or api_key_path in config.yml)." % self.url
        )


def credentials_from_config(
    config: Config, transport: Transport, audience_url: str | None = None,
) -> Credentials:
    """The API key's where the configuration names one, else the browser's.

    Raises:
        AuthError: the key cannot be read.
    """
    store = TokenStore(config["credentials_dir"])
    key = ApiKey.from_config(config)
    if key is not None:
        return ApiKeyCredentials(config["url"], key, store, transport, audience_url)
    return BrowserCredentials(config["url"], store, audience_url)
