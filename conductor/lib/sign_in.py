"""Signing in with a browser: ``conductor login`` and ``logout``.

The service's page sends the browser back to a port of this machine, with the token in the address.
Anybody on this machine could call that port, so the address we ask to be called back at holds a
path that nobody can guess, only 127.0.0.1 is listened on, and a ``state`` is sent along that must
be the same where the service returns it (the vendor's does not). The token is never printed, logged
or left in the browser's history.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

from conductor.lib.auth import EXCHANGE_PATH, Clock
from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, BROWSER_FILE, Token, TokenStore
from conductor.lib.errors import AuthError, Cancelled

LOG = logging.getLogger(__name__)

LIMIT_S = 300.0
TICK_S = 0.05
LOOPBACK = "127.0.0.1"
SCOPE = "user"
# Without a word of the service a token is good for as long as the vendor's are.
LIFETIME_S = 3600.0

_NO_BROWSER = "No browser could be opened here%s; use an API key (CONDUCTOR_API_KEY_PATH)."
_NOT_KEPT = (
    'You signed in, but the token cannot be kept in "%s". Make that folder writable, or name '
    "another one as credentials_dir in config.yml.")
_STOPPED = "The sign-in was stopped."
_PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Conductor</title></head>
<body style="font-family: sans-serif; text-align: center; padding-top: 20vh">
<script>history.replaceState(null, "", "/signed-in")</script>
<h1>%s</h1><p>%s</p></body></html>"""
_WELCOME = _PAGE % ("Signed in to Conductor", "You may close this window.")
_REFUSED = _PAGE % ("Not signed in", "Return to where you came from: it tells why.")


def login(
    config: Config,
    *,
    open_browser: Callable[[str], Any] = webbrowser.open,
    cancel: threading.Event | None = None,
    limit_s: float = LIMIT_S,
    clock: Clock = time.time,
) -> Token:
    """Sign in to the configured service and keep the token.

    Where another process is signing in already, its token is used.

    Args:
        open_browser: given the address of the sign-in page, on a thread of its own, since some
            browsers return only when they are closed. False when it cannot open any.
        cancel: ends the wait when set.
        limit_s: how long to wait for the user.

    Raises:
        AuthError: the user or the service refused, nobody came in time, no browser opens, or the
            token cannot be kept.
        Cancelled: `cancel` was set.
    """
    store, url, began = TokenStore(config["credentials_dir"]), config["url"], clock()
    cancel = cancel or threading.Event()
    with store.locked(BROWSER_FILE, limit_s, cancel):
        kept = store.load(BROWSER_FILE)
        if kept and kept.is_for(url) and kept.is_fresh(began) and kept.issued > began:
            return kept
        if cancel.is_set():
            raise Cancelled(_STOPPED)
        with _Callback(config["auth_port"]) as callback:
            opening = _Opening(open_browser, callback.page(url))
            answer = callback.wait(cancel, limit_s, opening)
        token = _token(answer, url, clock())
        store.save(BROWSER_FILE, token)
        kept = store.load(BROWSER_FILE)
        if kept is None or kept.access_token != token.access_token:
            raise AuthError(_NOT_KEPT % store.folder)
        return token


def logout(config: Config) -> bool:
    """Forget the tokens of this user; True when there was one. API keys stay."""
    store = TokenStore(config["credentials_dir"])
    removed = [store.remove(name) for name in (BROWSER_FILE, API_KEY_FILE)]
    return any(removed)


class _Opening:
    """A browser that is being opened.

    Attributes:
        problem: why none can be, None while that is not known.
    """

    def __init__(self, open_browser: Callable[[str], Any], address: str) -> None:
        self.problem: AuthError | None = None
        # A browser that is never closed must not keep the program from ending.
        threading.Thread(target=self._open, args=(open_browser, address), daemon=True).start()

    def _open(self, open_browser: Callable[[str], Any], address: str) -> None:
        try:
            opened = open_browser(address)
        except Exception as error:  # noqa: BLE001  a thread ends here, the wait raises it
            self.problem = AuthError(_NO_BROWSER % " (%s)" % error)
            return
        if opened is False:
            self.problem = AuthError(_NO_BROWSER % "")


def _token(answer: Mapping[str, str], url: str, now: float) -> Token:
    if "access_token" not in answer:
        raise AuthError("%s did not sign you in: %s." % (
            url, answer.get("error_description") or answer.get("error") or "no token came"))
    try:
        lifetime_s = float(answer.get("expires_in") or LIFETIME_S)
    except ValueError:
        lifetime_s = LIFETIME_S
    return Token(
        answer["access_token"], now + lifetime_s, answer.get("scope") or SCOPE,
        urlsplit(url).netloc, issued=now)


class _Callback:
    """A server on this machine that takes one answer, at an address nobody else knows.

    Args:
        port: 0 for any free one.
    """

    def __init__(self, port: int = 0) -> None:
        self.path = "/" + secrets.token_urlsafe(24)
        self.state = secrets.token_urlsafe(24)
        self.answer: dict[str, str] | None = None
        self.arrived = threading.Event()
        try:
            self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self))
        except OSError as error:
            raise AuthError("Port %d of this machine is taken (auth_port): %s" % (
                port, error)) from error
        self._server.daemon_threads = True
        self.host = "%s:%d" % (LOOPBACK, self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(TICK_S,), daemon=True)

    def __enter__(self) -> _Callback:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def page(self, url: str) -> str:
        """Where the browser begins."""
        return "%s%s?%s" % (url, EXCHANGE_PATH, urlencode({
            "redirect_uri": "http://%s%s" % (self.host, self.path), "scope": SCOPE,
            "response_type": "client_token", "state": self.state,
        }))

    def wait(
        self, cancel: threading.Event, limit_s: float, opening: _Opening,
    ) -> dict[str, str]:
        """The parameters of the answer."""
        end = time.monotonic() + limit_s
        while not self.arrived.wait(TICK_S):
            if cancel.is_set():
                raise Cancelled(_STOPPED)
            if opening.problem:
                raise opening.problem
            if time.monotonic() > end:
                raise AuthError("Nobody signed in within %d minutes." % (limit_s // 60))
        assert self.answer is not None
        return self.answer

    def take(self, target: str, host: str) -> int:
        """Judge a request; the status of its answer."""
        parts = urlsplit(target)
        # Compared as bytes, without telling by the time taken how much was right.
        is_ours = hmac.compare_digest(parts.path.encode(), self.path.encode())
        # A page of elsewhere whose name was made to lead here carries that name.
        if not is_ours or host != self.host or self.arrived.is_set():
            return 404
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if "access_token" not in given and "error" not in given:
            return 404
        if not hmac.compare_digest(given.get("state", self.state).encode(), self.state.encode()):
            LOG.warning("A sign-in with a wrong state was refused.")
            return 403
        self.answer = given
        return 200 if "access_token" in given else 403


def _handler(callback: _Callback) -> type:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5.0

        def do_GET(self) -> None:
            status = callback.take(self.path, self.headers.get("Host", ""))
            body = (_WELCOME if status == 200 else _REFUSED).encode("utf-8")
            self.send_response(status)
            for name, value in (
                ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
                ("Connection", "close"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if callback.answer is not None:
                callback.arrived.set()

        def log_message(self, format: str, *args: Any) -> None:
            """The address holds the token: nothing is logged."""

    return Handler
