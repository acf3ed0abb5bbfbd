"""Signing in: the exchange of the API key, and the page a browser is sent to.

The page asks for the API key, or, where the service trusts its own machine, for a click. Then it
sends the browser, with a token, back to the client that waits on the loopback. Nobody but a client
on the browser's own machine can ever be that address.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from typing import Any, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from conductor.lib.errors import ServiceError
from conductor.service.app import SIGN_IN, Call, Service, answering
from conductor.service.identity import BROWSER_LIFE_S, TOKEN_LIFE_S

LOOPBACKS = ("127.0.0.1", "::1", "localhost")
SCOPE = "user"
FORM_LIMIT = 64 * 1024
_ODD = re.compile(r"[\x00-\x20\\\x7f]")


def exchange(call: Call) -> tuple[int, Any]:
    """The API key against a bearer token."""
    if call.query.get("grant_type") != "client_credentials":
        raise ServiceError(
            "the API key exchange and the browser's sign-in are offered here", status=400
        )
    token = call.service.identity.token_for_key(
        call.query.get("client_id", ""), call.query.get("client_secret", ""), call.base_url
    )
    return 200, {
        "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S,
        "scope": call.query.get("scope", ""),
    }


async def get(request: Request) -> Response:
    """The exchange for programs, the page for browsers."""
    if "redirect_uri" not in request.query_params:
        return await answering(exchange)(request)
    return _page(request, request.query_params)


async def post(request: Request) -> Response:
    """The page's form: back to the client, with a token or without."""
    service: Service = request.app.state.service
    form = await _form(request)
    redirect, state = checked_redirect(form.get("redirect_uri", "")), form.get("state", "")
    fetched_from = request.headers.get("sec-fetch-site", "same-origin")
    is_ours = service.identity.check_ticket(form.get("ticket", ""), redirect, state)
    if not is_ours or fetched_from != "same-origin":
        return _page(request, form, "That page was too old. Please try again.", 403)
    if form.get("decision") == "cancel":
        return _back(redirect, state, {
            "error": "access_denied", "error_description": "the sign-in was declined",
        })
    if not _may_click(request) and not _holds_key(service, form.get("key", "")):
        return _page(request, form, "That is not the API key of this service.", 403)
    token = service.identity.token_for_browser(str(request.base_url))
    return _back(redirect, state, {
        "access_token": token, "expires_in": str(BROWSER_LIFE_S), "scope": SCOPE,
    })


async def _form(request: Request) -> Mapping[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise ServiceError("the form is too long", status=413)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def checked_redirect(uri: str) -> str:
    """Where a browser may be sent with a token: a port of its own machine, nowhere else.

    Raises:
        ServiceError: 400, anything else.
    """
    refusal = ServiceError("redirect_uri must be http://127.0.0.1:<port>/…", status=400)
    try:
        parts = urlsplit(uri)
        is_right = (
            parts.scheme == "http" and parts.hostname in LOOPBACKS and bool(parts.port)
            and "@" not in parts.netloc and not parts.fragment and not _ODD.search(uri)
        )
    except ValueError:
        raise refusal from None
    if not is_right:
        raise refusal
    return uri


def _back(redirect: str, state: str, answer: Mapping[str, str]) -> Response:
    parts = urlsplit(redirect)
    query = parse_qsl(parts.query, keep_blank_values=True) + list(answer.items())
    if state:
        query.append(("state", state))
    return RedirectResponse(
        urlunsplit(parts._replace(query=urlencode(query))), 303,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


def _may_click(request: Request) -> bool:
    """True when a click is enough: the service trusts its machine, and the browser is there.

    The name it was called by must be the loopback's too: a page of elsewhere can have its own
    name lead here.
    """
    service: Service = request.app.state.service
    peer = request.client.host if request.client else ""
    return service.trusts_loopback and peer in LOOPBACKS and request.url.hostname in LOOPBACKS


def _holds_key(service: Service, text: str) -> bool:
    """True for the private key alone, for the key file's text and for the base64 of that."""
    text = text.strip()
    for shown in (text, _decoded(text)):
        try:
            key = json.loads(shown)
        except ValueError:
            continue
        if isinstance(key, dict):
            return service.identity.is_key(
                str(key.get("client_id")), str(key.get("private_key"))
            )
    return service.identity.is_key(service.identity.client_id, text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return ""


def _page(
    request: Request, fields: Mapping[str, str], problem: str = "", status: int = 200
) -> Response:
    service: Service = request.app.state.service
    redirect, state = checked_redirect(fields.get("redirect_uri", "")), fields.get("state", "")
    nonce = secrets.token_urlsafe(16)
    values = {
        "nonce": nonce, "action": SIGN_IN, "host": request.url.netloc,
        "client": urlsplit(redirect).netloc, "redirect_uri": redirect, "state": state,
        "ticket": service.identity.ticket(redirect, state),
    }
    escaped = {name: html.escape(value) for name, value in values.items()}
    escaped["ask"] = "" if _may_click(request) else _ASK_FOR_KEY
    escaped["problem"] = '<p class="problem" role="alert">%s</p>' % problem if problem else ""
    return HTMLResponse(_PAGE % escaped, status, headers={
        "Content-Security-Policy": _policy(nonce, redirect), "X-Frame-Options": "DENY",
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    })


def _policy(nonce: str, redirect: str) -> str:
    """Nothing but our own style and form. Browsers hold the form's redirect to it too."""
    netloc = urlsplit(redirect).netloc
    # The policy's grammar has no IPv6 addresses.
    back = "http:" if netloc.startswith("[") else "http://" + netloc
    return (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'nonce-%s'; "
        "form-action 'self' %s" % (nonce, back)
    )


_ASK_FOR_KEY = """
<label for="key">API key</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password"
  spellcheck="false" aria-describedby="hint">
<p id="hint" class="hint">The <code>private_key</code> of the service's <code>api_key.json</code>,
or the text of the whole file.</p>"""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Conductor</title>
<style nonce="%(nonce)s">
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5c6675; --paper: #ffffff;
  --ground: #eef1f5; --line: #b9c1cd; --strong: #1f5fbf; --on-strong: #ffffff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #a4aebc; --paper: #222833;
  --ground: #14181f; --line: #4a5464; --strong: #7fb0ff; --on-strong: #10233f; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
main { width: min(26rem, 100%%); padding: 2rem; background: var(--paper); border-radius: .75rem;
  border: 1px solid var(--line); }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.25; }
p { margin: 0 0 1rem; } code { font-size: .9em; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; }
input { width: 100%%; margin: .25rem 0 .5rem; padding: .55rem .7rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .4rem; }
.hint { color: var(--soft); font-size: .875rem; }
.problem { color: var(--bad); font-weight: 600; }
.buttons { display: flex; gap: .75rem; margin-top: 1.5rem; }
button { padding: .55rem 1.1rem; font: inherit; font-weight: 600; cursor: pointer;
  border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; }
button.first { border-color: var(--strong); background: var(--strong); color: var(--on-strong); }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
</style>
<main>
<h1>Sign in to Conductor</h1>
<p>A program on this computer (<code>%(client)s</code>) asks to submit jobs to and fetch files from
the service at <code>%(host)s</code>. If you have just started a sign-in, that is it.</p>
%(problem)s
<form method="post" action="%(action)s">
<input type="hidden" name="redirect_uri" value="%(redirect_uri)s">
<input type="hidden" name="state" value="%(state)s">
<input type="hidden" name="ticket" value="%(ticket)s">%(ask)s
<div class="buttons"><button class="first" name="decision" value="allow">Sign in</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button></div>
</form>
</main>
</html>
"""

ROUTES = [Route(SIGN_IN, get, methods=["GET"]), Route(SIGN_IN, post, methods=["POST"])]
