"""The HTTP face: which request goes where, who may ask, and how errors look.

Every request but the sign-in and the signed file URLs needs the bearer token. Every answer is JSON
(files aside); an error is ``{"error": "one sentence"}``.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass
from typing import Any, Callable, Coroutine, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conductor.lib.errors import AuthError, ConductorError, InputError, ServiceError, TransferError
from conductor.service.database import Database
from conductor.service.dispatcher import AttemptFolders, Dispatcher
from conductor.service.farm import Farm
from conductor.service.identity import FileGrant, Identity
from conductor.service.jobs import UnknownFiles
from conductor.service.notifications import Notifier
from conductor.service.partials import Partials
from conductor.service.store import ContentStore

LOG = logging.getLogger(__name__)
ACCESS_LOG = logging.getLogger("conductor.service.access")

SIGN_IN = "/api/oauth_jwt"
FILES = "/files/"


@dataclass(frozen=True)
class Service:
    """Everything a request may need."""

    farm: Farm
    identity: Identity
    database: Database
    store: ContentStore
    partials: Partials
    folders: AttemptFolders
    dispatcher: Dispatcher
    notifier: Notifier | None = None
    """Mails those who want to know; None where the farm names no mail server."""
    trusts_loopback: bool = False
    """Whoever sits at this machine signs in by a button, without the key."""


@dataclass(frozen=True)
class Call:
    """One request as plain values.

    Attributes:
        body: parsed JSON, or the plain text where the route says so; None when there was none.
        raw: the body as it came.
        base_url: scheme, host and port as the client named them.
    """

    service: Service
    path: Mapping[str, str]
    query: QueryParams
    headers: Headers
    body: Any
    raw: bytes
    base_url: str

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            ServiceError: 400, it is something else.
        """
        if not isinstance(self.body, dict):
            raise ServiceError("the body must be a JSON object", status=400)
        return self.body

    def fetch_url(self, sha256: str) -> str:
        """A signed URL that fetches a content."""
        return self.service.identity.urls.url(self.base_url, FileGrant("GET", sha256))


Handler = Callable[[Call], "tuple[int, Any]"]
"""Plain function, run on a thread: the status and what goes into the JSON (None: no body)."""


def endpoint(method: str, path: str, handler: Handler, takes_text: bool = False) -> Route:
    """A route whose handler knows nothing of HTTP but the status."""
    return Route(path, answering(handler, takes_text), methods=[method], name=handler.__name__)


def answering(
    handler: Handler, takes_text: bool = False
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The same without the route."""
    parse = _text if takes_text else _parsed

    async def answer(request: Request) -> Response:
        status, content = await run_in_threadpool(handler, await _call(request, parse))
        return Response(status_code=status) if content is None else _json(content, status)

    return answer


async def _call(request: Request, parse: Callable[[bytes], Any]) -> Call:
    raw = await request.body()
    return Call(
        request.app.state.service, request.path_params, request.query_params, request.headers,
        await run_in_threadpool(parse, raw) if raw else None, raw,
        str(request.base_url),
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _parsed(raw: bytes) -> Any:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ServiceError("the body is not JSON: %s" % error, status=400) from error
    if _DUBIOUS.search(raw) and _holds_no_text(body):
        raise ServiceError("the body holds a NUL or half a character", status=400)
    return body


# Where JSON may hide what neither a database nor a path nor a command can hold.
_DUBIOUS = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _holds_no_text(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_no_text(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_holds_no_text, value))
    return isinstance(value, str) and bool(_NO_TEXT.search(value))


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status)


def create_app(service: Service, routes: list[Route]) -> ASGIApp:
    """The application, to be given to a server."""
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _http_problem, ConductorError: _problem, OverflowError: _too_large,
            Exception: _accident,
        },
    )
    app.state.service = service
    return AccessLog(TokenGuard(app, service.identity))


_STATUS_OF = ((AuthError, 401), (InputError, 400), (TransferError, 400))


async def _problem(_request: Request, error: Exception) -> Response:
    content: dict[str, Any] = {"error": str(error)}
    if isinstance(error, UnknownFiles):
        content["files"] = error.files
    status = error.status if isinstance(error, ServiceError) else None
    for kind, code in _STATUS_OF:
        if status is None and isinstance(error, kind):
            status = code
    return _json(content, status or 500)


async def _http_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def _too_large(_request: Request, _error: Exception) -> Response:
    # The database counts to 2 ** 63, and the service nowhere further.
    return _json({"error": "a number is too large"}, 400)


async def _accident(request: Request, error: Exception) -> Response:
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    # The server closes the connection after an accident; who is not told would use it again.
    return JSONResponse(
        {"error": "the service made a mistake; its log says more"}, 500,
        headers={"Connection": "close"},
    )


class TokenGuard:
    """Lets nothing through without a bearer token but the sign-in and signed URLs."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and not _is_open(scope["path"]):
            try:
                self._identity.check_token(Headers(scope=scope).get("authorization", ""))
            except AuthError as error:
                refusal = JSONResponse(
                    {"error": str(error)}, 401, headers={"WWW-Authenticate": "Bearer"}
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path == SIGN_IN or path.startswith(FILES)


class AccessLog:
    """One line per request, without its query, which may hold a key or a signature."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = [0], time.monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            taken_ms = (time.monotonic() - began) * 1000
            ACCESS_LOG.info(
                "%s %s %d %.1f ms", scope["method"], scope["path"], status[0], taken_ms
            )
