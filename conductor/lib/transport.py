"""One HTTP conversation: keep-alive, time-outs, retries that may be cancelled, and no secrets told.

The rule of retrying is urllib3's ``Retry``; the loop is ours, above the session, so that a wait can
be cut short, a body is made anew for each attempt, and an adapter mounted on the session sees every
attempt.
"""

from __future__ import annotations

import logging
import platform
import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Mapping, Tuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict
from requests.utils import requote_uri
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
)
from urllib3.util.retry import Retry

from conductor import __version__
from conductor.lib.errors import Cancelled, ServiceUnreachable
from conductor.lib.throttle import NO_LIMIT, Throttle

LOG = logging.getLogger(__name__)

ATTEMPTS = 5
BACKOFF_S = 0.3
# A block must leave within the connect time-out even on a slow line shared by many threads.
BLOCK = 1 << 18
LONGEST_WAIT_S = 60.0
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
CONNECT_S, READ_S = 10.0, 60.0

Timeout = Tuple[float, float]
BodyMaker = Callable[[], Any]

_SECRET = re.compile(
    r"(?i)((?:client_secret|access_token|private_key|signature|sig|token"
    r"|x-amz-signature|x-amz-security-token|x-goog-signature)=)[^&\s\"']+"
)
_BEARER = re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+")
_HIDDEN = r"\1[hidden]"


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without bearer tokens, secret query values and the given `secrets`."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[hidden]")
    return _BEARER.sub(_HIDDEN, _SECRET.sub(_HIDDEN, text))


class RedactingFilter(logging.Filter):
    """Keeps secrets out of log records. Stateless: one instance serves every client."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record where it holds a secret; always let it pass."""
        message = record.getMessage()
        shown = redact(message)
        if shown != message:
            record.msg, record.args = shown, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


_FILTER = RedactingFilter()
# A filter of a logger does not see the records of its children: each that writes is named.
GUARDED_LOGGERS = (
    "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "urllib3.poolmanager",
    "requests", "conductor", "conductor.lib.transport", "conductor.lib.auth",
    "conductor.lib.api_client", "conductor.lib.uploader", "conductor.lib.downloader",
    "conductor.lib.conductor_submit", "conductor.lib.storage", "conductor.lib.sign_in",
    "conductor.lib.daemons", "conductor.lib.upload_work", "conductor.lib.fetching",
)


def guard_logs() -> None:
    """Attach the filter to the loggers that see requests; doing it again changes nothing."""
    for name in GUARDED_LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)


class Bearer(AuthBase):
    """The header of a signed-in request. As an auth object it also keeps .netrc out."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Bearer " + self._token
        return request


class Anonymous(AuthBase):
    """No header at all, .netrc included: for storage hosts and the key exchange."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        return request


class AnswerLost(ServiceUnreachable):
    """The request was, or may have been, sent; no answer came back."""


class MemoryBody:
    """Bytes as the body of a request, in blocks: a stop or a cap acts between two of them."""

    def __init__(
        self, data: bytes | bytearray, stop: threading.Event,
        on_bytes: Callable[[int], None] = lambda count: None, throttle: Throttle = NO_LIMIT,
    ) -> None:
        self._left = memoryview(data)
        self.len = len(data)
        self._stop, self._on_bytes, self._throttle = stop, on_bytes, throttle

    def read(self, size: int = -1) -> memoryview:
        """The next block; empty at the end."""
        if self._stop.is_set():
            raise Cancelled("Stopped while sending.")
        block, self._left = self._left[:BLOCK], self._left[BLOCK:]
        self._throttle.take(len(block), self._stop)
        self._on_bytes(len(block))
        return block

    def __iter__(self) -> Iterator[memoryview]:
        return iter(self.read, b"")

    def close(self) -> None:
        """Take back what was counted."""
        self._on_bytes(len(self._left) - self.len)
        self._left = memoryview(b"")
        self.len = 0


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        body: bytes, or a function that makes the body anew for each attempt.
        safe: True where sending it twice does no harm. Otherwise it is only sent again when the
            connection failed before anything was sent.
        bare: sent as it stands: no cookies, no parameters, no redirects, no `auth`. A fraction
            of the cost where thousands are sent.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] | None = None
    body: None | bytes | BodyMaker = None
    auth: AuthBase = field(default_factory=Anonymous)
    safe: bool = True
    stream: bool = False
    bare: bool = False

    @property
    def place(self) -> str:
        """The address without its query, for messages."""
        return self.url.split("?", 1)[0]


def user_agent() -> str:
    """What we call ourselves."""
    return "conductor-clarisse/%s (python %s; %s)" % (
        __version__, platform.python_version(), platform.system(),
    )


def new_session(pool_size: int = 10) -> requests.Session:
    """A session that keeps `pool_size` connections per host and never retries by itself."""
    session = requests.Session()
    adapter = _LeanAdapter(pool_connections=4, pool_maxsize=pool_size, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["User-Agent"] = user_agent()
    return session


class _LeanAdapter(HTTPAdapter):
    """Spares bare requests what costs much and gives them nothing: cookies, above all."""

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """The answer as requests sees it."""
        if not isinstance(req, _BareRequest):
            return super().build_response(req, resp)
        answer = requests.Response()
        answer.status_code, answer.reason, answer.raw = resp.status, resp.reason, resp
        answer.headers = CaseInsensitiveDict(resp.headers)
        answer.url, answer.request = req.url or "", req
        return answer


class _BareRequest(requests.PreparedRequest):
    """A request that was put together by hand."""


class Transport:
    """Sends calls, again where that is right.

    Args:
        session: one to use instead of a new one.
        timeout: seconds to connect and between two bytes received.
        cancel: ends waits at once when set.
        backoff_s: first pause; doubles with each further failure.
    """

    def __init__(
        self,
        session: requests.Session | None = None,
        timeout: Timeout = (CONNECT_S, READ_S),
        cancel: threading.Event | None = None,
        backoff_s: float = BACKOFF_S,
        attempts: int = ATTEMPTS,
        pool_size: int = 10,
    ) -> None:
        guard_logs()
        self.session = session or new_session(pool_size)
        self.timeout = timeout
        self.cancel = cancel or threading.Event()
        self._backoff_s, self._attempts = backoff_s, attempts
        self._settings: dict[str, Mapping[str, Any]] = {}
        self._retry = Retry(
            total=max(0, attempts - 1), backoff_factor=backoff_s, allowed_methods=None,
            status_forcelist=RETRIED_STATUSES, raise_on_status=False,
        )

    def cancelled_by(self, cancel: threading.Event) -> Transport:
        """The same session and rules, for work that `cancel` ends."""
        return Transport(self.session, self.timeout, cancel, self._backoff_s, self._attempts)

    def send(self, call: Call) -> requests.Response:
        """The answer, whatever its status.

        Raises:
            AnswerLost: it was sent and nothing came back (after all attempts where it is safe).
            ServiceUnreachable: no connection.
            Cancelled: the cancel event was set while waiting.
        """
        retry = self._retry
        while True:
            outcome = self._attempt(call)
            again = self._next(retry, call, outcome)
            if again is None:
                break
            retry = again
            self._wait(retry, outcome)
        # Raised outside any except block: the cause's text may hold the query.
        if isinstance(outcome, requests.Response):
            return outcome
        raise _unreachable(call, outcome)

    def _attempt(self, call: Call) -> requests.Response | requests.RequestException:
        body: Any = call.body() if callable(call.body) else call.body
        try:
            if call.bare:
                return self._send_bare(call, body)
            return self.session.request(
                call.method, call.url, headers=dict(call.headers), params=call.params, data=body,
                auth=call.auth, timeout=self.timeout, stream=call.stream,
                allow_redirects=call.method in ("GET", "HEAD"),
            )
        except requests.RequestException as error:
            return error
        finally:
            if callable(call.body) and hasattr(body, "close"):
                body.close()

    def _send_bare(self, call: Call, body: Any) -> requests.Response:
        """Straight to the adapter; proxies and certificates as requests finds them."""
        request = _BareRequest()
        request.method, request.url, request.body = call.method, requote_uri(call.url), body
        request.headers = CaseInsensitiveDict()
        request.headers.update(dict(self.session.headers))  # type: ignore[arg-type]
        request.headers.update(call.headers)
        length = len(body) if isinstance(body, bytes) else getattr(body, "len", None)
        if length is not None:
            request.headers["Content-Length"] = str(length)
        origin = "://".join(urlsplit(call.url)[:2])
        settings = self._settings.get(origin)
        if settings is None:
            settings = self.session.merge_environment_settings(
                origin, {}, call.stream, None, None)
            self._settings[origin] = settings
        answer = self.session.get_adapter(call.url).send(
            request, timeout=self.timeout, **dict(settings, stream=call.stream))
        if not call.stream:
            _ = answer.content
        return answer

    @staticmethod
    def _next(
        retry: Retry, call: Call, outcome: requests.Response | requests.RequestException,
    ) -> Retry | None:
        """The rule after one more failure; None when there is nothing to try again."""
        error: HTTPError | None = None
        if isinstance(outcome, requests.Response):
            if not call.safe or outcome.status_code not in RETRIED_STATUSES:
                return None
            outcome.close()
        elif not _is_passing(outcome) or not (call.safe or never_sent(outcome)):
            return None
        else:
            error = ProtocolError("failed")
        try:
            return retry.increment(call.method, call.place, error=error or ProtocolError("status"))
        except (MaxRetryError, HTTPError):
            return None

    def _wait(
        self, retry: Retry, outcome: requests.Response | requests.RequestException,
    ) -> None:
        seconds = retry.get_backoff_time() * random.uniform(0.5, 1.0)
        if isinstance(outcome, requests.Response):
            asked = _retry_after(retry, outcome.headers.get("Retry-After"))
            seconds = seconds if asked is None else asked
        LOG.debug("trying again in %.1f s", seconds)
        if self.cancel.wait(min(seconds, LONGEST_WAIT_S)):
            raise Cancelled("Stopped while waiting for the service.")

    def drop_idle_connections(self) -> None:
        """Close what is kept alive, so that the next request starts on a fresh connection."""
        for adapter in self.session.adapters.values():
            adapter.close()

    def close(self) -> None:
        """Release the connections."""
        self.session.close()


def _retry_after(retry: Retry, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(retry.parse_retry_after(text))
    except HTTPError:
        return None


def _is_passing(error: requests.RequestException) -> bool:
    """True for troubles that a second attempt may not meet."""
    if _is_distrust(error):
        return False
    return isinstance(error, (
        requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError,
    ))


def _is_distrust(error: requests.RequestException) -> bool:
    """True when the certificate was refused. Other TLS errors may come in the middle of an
    answer, as any cut connection may."""
    return isinstance(error, requests.exceptions.SSLError) and any(
        words in str(error) for words in ("CERTIFICATE_VERIFY_FAILED", "doesn't match")
    )


def never_sent(error: requests.RequestException) -> bool:
    """True when the connection failed before a byte of the request was sent."""
    if _is_distrust(error) or isinstance(
        error, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)
    ):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


# How urllib3 begins its texts: with the connection, as an object or with what it was made of.
_CONNECTION = re.compile(
    r"^<?\S*HTTPS?Connection\w*(?:\([^)]*\))?\s*(?:(?:object )?at \S+>)?:?\s*")


def _unreachable(call: Call, error: requests.RequestException) -> ServiceUnreachable:
    cause = error.args[0] if error.args else error
    detail = redact(str(getattr(cause, "reason", None) or cause))[:300]
    detail = _CONNECTION.sub("", detail)
    kind = ServiceUnreachable if never_sent(error) else AnswerLost
    hint = "no connection" if kind is ServiceUnreachable else "no answer"
    if _is_distrust(error):
        hint = "its certificate is not trusted (REQUESTS_CA_BUNDLE names further authorities)"
    return kind(
        "%s %s: %s (%s)." % (call.method, call.place, hint, detail),
        call.method, call.place, None, detail,
    )
