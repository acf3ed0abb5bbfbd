"""Who may talk to the service: its API key, its signing secret, its bearer tokens, its signed URLs.

The secret never leaves its file; tokens and URLs are signed with keys derived from it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping
from urllib.parse import urlencode

import jwt

from conductor.lib.errors import AuthError, ConfigError

ACCOUNT = "local"
TOKEN_LIFE_S = 3600
BROWSER_LIFE_S = 12 * 3600
TICKET_LIFE_S = 600
URL_LIFE_S = 24 * 3600


def read_or_make(path: Path, make: Callable[[], Mapping[str, str]]) -> dict[str, str]:
    """A JSON file only its owner may read, made on first use.

    Raises:
        ConfigError: the file is there and cannot be understood.
    """
    if not path.exists():
        _write_private(path, json.dumps(make(), indent=2) + "\n")
    # A restored backup or a copy may have lost the mode.
    path.chmod(0o600)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        content = error
    if not isinstance(content, dict):
        raise ConfigError('"%s" does not hold a JSON object; remove it to have a new one' % path)
    return content


def _write_private(path: Path, text: str) -> None:
    beside = path.with_name(".%s.%s" % (path.name, secrets.token_hex(4)))
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.replace(beside, path)


def new_api_key() -> dict[str, str]:
    """A fresh key in the vendor's shape."""
    return {
        "client_id": "conductor-" + secrets.token_hex(6),
        "private_key": secrets.token_urlsafe(48),
    }


class Identity:
    """Key file and secret of one data folder.

    Attributes:
        key_path: the API key file that clients are pointed at.
    """

    def __init__(self, data: Path, clock: Callable[[], float] = time.time) -> None:
        self.key_path = data / "api_key.json"
        self._clock = clock
        self._key = read_or_make(self.key_path, new_api_key)
        made = read_or_make(
            data / "signing_secret.json", lambda: {"secret": secrets.token_hex(32)}
        )
        secret = made.get("secret", "").encode("ascii")
        self._token_key = hmac.digest(secret, b"bearer tokens", "sha256")
        self._ticket_key = hmac.digest(secret, b"sign-in forms", "sha256")
        self.urls = UrlSigner(hmac.digest(secret, b"file URLs", "sha256"), clock)

    def token_for_key(self, client_id: str, private_key: str, base_url: str) -> str:
        """A bearer token in exchange for the API key.

        Args:
            base_url: the service as the client named it; clients keep a token only for the host
                and port in its ``aud``.

        Raises:
            AuthError: not the key of this service.
        """
        if not self.is_key(client_id, private_key):
            raise AuthError("this API key is not the one of this service")
        return self._token(client_id, base_url, TOKEN_LIFE_S)

    def is_key(self, client_id: str, private_key: str) -> bool:
        """True for the API key of this service."""
        given = (client_id, private_key)
        known = (self.client_id, self._key.get("private_key", ""))
        # Both are compared, so that the time taken tells nothing of either.
        pairs = [hmac.compare_digest(*map(str.encode, pair)) for pair in zip(given, known)]
        return all(pairs)

    @property
    def client_id(self) -> str:
        """The public half of the API key."""
        return self._key.get("client_id", "")

    def token_for_browser(self, base_url: str) -> str:
        """A bearer token for somebody who has been asked already, for a day's work."""
        return self._token("browser", base_url, BROWSER_LIFE_S)

    def _token(self, subject: str, base_url: str, life_s: int) -> str:
        now = int(self._clock())
        claims = {
            "iss": "conductor serve", "sub": subject, "account": ACCOUNT,
            "aud": base_url.rstrip("/"), "iat": now, "exp": now + life_s,
        }
        return jwt.encode(claims, self._token_key, algorithm="HS256")

    def ticket(self, *texts: str) -> str:
        """Shows later that a form came from a page of ours, with these hidden fields."""
        expires = "%d" % (self._clock() + TICKET_LIFE_S)
        return "%s.%s" % (expires, self._ticket_signature(expires, texts))

    def check_ticket(self, ticket: str, *texts: str) -> bool:
        """True for a ticket of ours for the same fields that has not expired."""
        expires, _dot, signature = ticket.partition(".")
        right = self._ticket_signature(expires, texts)
        if not hmac.compare_digest(right.encode(), signature.encode()):
            return False
        return float(expires) >= self._clock()

    def _ticket_signature(self, expires: str, texts: tuple[str, ...]) -> str:
        content = json.dumps([expires, *texts]).encode()
        return hmac.new(self._ticket_key, content, hashlib.sha256).hexdigest()

    def check_token(self, authorization: str) -> Mapping[str, Any]:
        """The claims of a request's Authorization header.

        Raises:
            AuthError: no bearer token, not ours, or expired.
        """
        kind, _blank, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise AuthError("this request needs a bearer token: sign in first")
        try:
            # The audience is for the client; ours are told apart by the signature.
            claims: dict[str, Any] = jwt.decode(
                token.strip(), self._token_key, algorithms=["HS256"],
                options={"verify_aud": False, "verify_exp": False, "require": ["exp"]},
            )
        except jwt.PyJWTError as error:
            raise AuthError("the bearer token is not one of this service") from error
        if float(claims["exp"]) < self._clock():
            raise AuthError("the bearer token has expired: sign in again")
        return claims


@dataclass(frozen=True)
class FileGrant:
    """The right to send or fetch one content, or to send a part of one, by URL.

    Attributes:
        method: ``PUT`` or ``GET``.
        digest: hexadecimal; the MD5 of what may be sent, the SHA-256 of what may be fetched. For
            a part it is ``parts/<upload>/<number>``.
        size: bytes to be sent; None when not announced, and for fetching.
    """

    method: str
    digest: str
    size: int | None = None


class UrlSigner:
    """Signs the URLs of files: whoever holds one needs no token, and it says nothing of any."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def url(self, base_url: str, grant: FileGrant) -> str:
        """An absolute URL, good for :data:`URL_LIFE_S`."""
        expires = str(int(self._clock()) + URL_LIFE_S)
        size = "" if grant.size is None else str(grant.size)
        query = {"expires": expires, "size": size}
        query["signature"] = self._signature(grant.method, grant.digest, size, expires)
        return "%s/files/%s?%s" % (base_url.rstrip("/"), grant.digest, urlencode(query))

    def check(self, method: str, digest: str, query: Mapping[str, str]) -> FileGrant:
        """What a URL that came back allows.

        Raises:
            AuthError: not signed by us, for another method or file, or expired.
        """
        size, expires = query.get("size", ""), query.get("expires", "")
        right = self._signature(method, digest, size, expires)
        if not hmac.compare_digest(right.encode(), query.get("signature", "").encode()):
            raise AuthError("this URL was not given out by this service")
        if float(expires) < self._clock():
            raise AuthError("this URL has expired: ask for a new one")
        return FileGrant(method, digest, int(size) if size else None)

    def _signature(self, method: str, digest: str, size: str, expires: str) -> str:
        text = "\n".join((method, digest, size, expires))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def md5_hex(md5: str) -> str:
    """Hexadecimal form of the wire's base64 MD5."""
    return base64.b64decode(md5).hex()
