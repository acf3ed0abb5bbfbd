"""What proves who we are: the API key, tokens, and the files that keep tokens.

The files are those of the vendor's clients (``credentials`` of the browser sign-in,
``api_key_credentials`` of the key exchange), with two members more: the host a token is for and the
key it came from, so that another host or another key never gets a token of the first.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping
from urllib.parse import urlsplit

import filelock

from conductor.lib.config import Config, read_key
from conductor.lib.errors import AuthError

LOG = logging.getLogger(__name__)

BROWSER_FILE = "credentials"
API_KEY_FILE = "api_key_credentials"
MARGIN_S = 60
"""A token this near to its end counts as expired: clocks differ, and uploads take time."""
LOCK_LIMIT_S = 30.0
LOCK_TICK_S = 0.1


@dataclass(frozen=True)
class ApiKey:
    """An API key as the dashboard gives it; only these two members are used."""

    client_id: str
    private_key: str = field(repr=False)

    @classmethod
    def parse(cls, value: Any, where: str) -> ApiKey:
        """From a dictionary, JSON text, or that in base64; `where` names its place in messages.

        Raises:
            AuthError: it is not an API key.
        """
        try:
            data = read_key(value)
        except ValueError as error:
            raise AuthError("The API key in %s cannot be read: %s." % (where, error)) from None
        parts = [data.get(name) for name in ("client_id", "private_key")]
        if not all(isinstance(part, str) and part for part in parts):
            raise AuthError(
                'The API key in %s lacks "client_id" or "private_key"; download it again from '
                "the dashboard." % where
            )
        return cls(str(parts[0]), str(parts[1]))

    @classmethod
    def from_config(cls, config: Config) -> ApiKey | None:
        """The key the configuration names; None when it names none.

        Raises:
            AuthError: the key or its file cannot be read.
        """
        if config["api_key"] is not None:
            return cls.parse(config["api_key"], config.origin("api_key"))
        path = config["api_key_path"]
        if not path:
            return None
        try:
            with open(path, encoding="utf-8") as handle:
                text = handle.read()
        except (OSError, UnicodeDecodeError) as error:
            raise AuthError('The API key file "%s" (%s) cannot be read: %s' % (
                path, config.origin("api_key_path"), error)) from error
        return cls.parse(text, '"%s"' % path)


@dataclass(frozen=True)
class Token:
    """A bearer token with its end in epoch seconds.

    Attributes:
        host: ``host[:port]`` it is for; empty when the file does not tell.
        client_id: the API key it came from; empty for a browser sign-in.
        issued: epoch seconds when it was had; 0 when the file does not tell.
    """

    access_token: str = field(repr=False)
    expiration: float
    scope: str = ""
    host: str = ""
    client_id: str = ""
    issued: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """True while it lasts longer than the margin."""
        return self.expiration - MARGIN_S > now

    def is_for(self, url: str) -> bool:
        """True when it belongs to the service at `url`, by our own note or by its audience."""
        wanted = urlsplit(url).netloc
        if self.host:
            return self.host == wanted
        audience = self.claims().get("aud")
        return isinstance(audience, str) and audience.rsplit("/", 1)[-1] == wanted

    def claims(self) -> Mapping[str, Any]:
        """What the token says; not verified, empty when it is no JWT."""
        parts = self.access_token.split(".")
        if len(parts) != 3:
            return {}
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        try:
            claims = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        except ValueError:
            return {}
        return claims if isinstance(claims, dict) else {}

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return {
            "access_token": self.access_token, "token_type": "Bearer",
            "expiration": int(self.expiration), "scope": self.scope.split(),
            "host": self.host, "client_id": self.client_id, "issued": self.issued,
        }

    @classmethod
    def from_json(cls, data: Any) -> Token | None:
        """The inverse; None for anything that is no token."""
        if not isinstance(data, dict) or not isinstance(data.get("access_token"), str):
            return None
        scope = data.get("scope", "")
        try:
            expiration, issued = float(data.get("expiration", 0)), float(data.get("issued", 0))
        except (TypeError, ValueError):
            return None
        return cls(
            data["access_token"], expiration,
            scope if isinstance(scope, str) else " ".join(str(word) for word in scope or ()),
            str(data.get("host") or ""), str(data.get("client_id") or ""), issued,
        )


class TokenStore:
    """Token files in one folder: readable by the user alone, written whole, locked."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def path(self, name: str) -> str:
        """Full path of the file `name`."""
        return os.path.join(self.folder, name)

    def load(self, name: str) -> Token | None:
        """The token in the file; None when there is none that can be read."""
        try:
            with open(self.path(name), encoding="utf-8") as handle:
                return Token.from_json(json.load(handle))
        except (OSError, ValueError):
            return None

    def save(self, name: str, token: Token) -> None:
        """Write the file; a folder that cannot be written is logged, never an error."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            # mkstemp creates with mode 0600, and the name never shows half a token.
            handle, temporary = tempfile.mkstemp(prefix=name + ".", dir=self.folder)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(token.to_json(), stream)
                os.replace(temporary, self.path(name))
            except OSError:
                os.unlink(temporary)
                raise
        except OSError as error:
            LOG.warning("The sign-in is not kept: %s", error)

    def remove(self, name: str) -> bool:
        """Forget the token; True when there was one."""
        try:
            os.unlink(self.path(name))
        except FileNotFoundError:
            return False
        return True

    @contextlib.contextmanager
    def locked(
        self, name: str, limit_s: float = LOCK_LIMIT_S, cancel: threading.Event | None = None,
    ) -> Iterator[None]:
        """One process at a time; where locks do not work, one is held longer than `limit_s`
        seconds, or `cancel` is set meanwhile, go on without."""
        lock = filelock.FileLock(self.path(name) + ".lock")
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            _acquire(lock, limit_s, cancel)
        except (OSError, NotImplementedError) as error:
            LOG.debug("no lock on %s: %s", self.path(name), error)
        try:
            yield
        finally:
            if lock.is_locked:
                lock.release()


def _acquire(lock: filelock.BaseFileLock, limit_s: float, cancel: threading.Event | None) -> None:
    """Raises filelock.Timeout when the time is over or `cancel` is set."""
    end = time.monotonic() + limit_s
    while True:
        left_s = max(0.0, end - time.monotonic())
        try:
            lock.acquire(timeout=min(left_s, LOCK_TICK_S) if cancel else left_s)
            return
        except filelock.Timeout:
            if cancel is None or cancel.is_set() or not left_s:
                raise
