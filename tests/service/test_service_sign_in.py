"""Signing in by the browser: the page, whom it lets in, where it sends them."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import threading
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from browser import Browser
from service_client import Server

from conductor.lib import sign_in
from conductor.lib.config import Config
from conductor.lib.errors import AuthError, ConfigError
from conductor.service.identity import BROWSER_LIFE_S, TICKET_LIFE_S, Identity
from conductor.service.server import serve
from tests.sign_in_page import hidden_fields

BACK = "http://127.0.0.1:45678/unguessable?a=b"
PAGE = "/api/oauth_jwt"


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that lets its own machine in by a click."""
    running = Server(
        tmp_path_factory.mktemp("trusting"), "{}", options=["--trust-loopback"]
    ).start()
    yield running
    assert running.stop() == 0


def ask(url: str, redirect: str = BACK, state: str = "s&1", **headers: str) -> requests.Response:
    """The page, as a client opens it."""
    return requests.get(url + PAGE, timeout=10, headers=headers, params={
        "redirect_uri": redirect, "scope": "user", "response_type": "client_token", "state": state,
    })


def send(url: str, fields: dict[str, str], **headers: str) -> requests.Response:
    return requests.post(
        url + PAGE, data=dict({"decision": "allow"}, **fields), timeout=10,
        allow_redirects=False, headers=headers,
    )


def answer_of(sent: requests.Response) -> tuple[str, dict[str, str]]:
    """Where the browser is sent, and what with."""
    assert sent.status_code == 303, sent.text
    place, _mark, query = sent.headers["Location"].partition("?")
    return place, {name: value for name, [value] in parse_qs(query).items()}


KEYS = {
    "the private key": lambda text: json.loads(text)["private_key"],
    "with blanks around": lambda text: "  %s\n" % json.loads(text)["private_key"],
    "the file": lambda text: text,
    "the file in base64": lambda text: base64.b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("shown", KEYS.values(), ids=KEYS.keys())
def test_who_holds_the_key_is_sent_back_with_a_token(server: Server, shown: Any) -> None:
    page = ask(server.url)
    assert page.status_code == 200 and 'type="password"' in page.text
    sent = send(server.url, dict(hidden_fields(page.text), key=shown(server.key_path.read_text())))
    place, answer = answer_of(sent)
    assert place == "http://127.0.0.1:45678/unguessable"
    token = answer.pop("access_token")
    assert answer == {
        "a": "b", "expires_in": str(BROWSER_LIFE_S), "scope": "user", "state": "s&1",
    }
    assert sent.headers["Cache-Control"] == "no-store"
    assert requests.get(
        server.url + "/api/v1/projects", headers={"Authorization": "Bearer " + token}, timeout=10
    ).status_code == 200


@pytest.mark.parametrize("key", ["", "wrong", '{"client_id": "x"}', "{}", "e30=", "[1]"])
def test_who_does_not_is_asked_again(server: Server, key: str) -> None:
    sent = send(server.url, dict(hidden_fields(ask(server.url).text), key=key))
    assert sent.status_code == 403
    assert "That is not the API key of this service." in sent.text
    assert hidden_fields(sent.text)["state"] == "s&1", "the form is there for another try"
    assert not key or key not in sent.text


def test_declining_says_so_to_the_client(server: Server) -> None:
    _place, answer = answer_of(
        send(server.url, dict(hidden_fields(ask(server.url).text), decision="cancel"))
    )
    assert answer == {
        "a": "b", "error": "access_denied", "error_description": "the sign-in was declined",
        "state": "s&1",
    }


@pytest.mark.parametrize("redirect", [
    "http://localhost:8085/index.html", "http://127.0.0.1:1/", "http://[::1]:8085/x",
    "http://LOCALHOST:8085",
])
def test_the_loopback_is_a_place_to_be_sent_to(trusting: Server, redirect: str) -> None:
    page = ask(trusting.url, redirect, state="")
    place, answer = answer_of(send(trusting.url, hidden_fields(page.text)))
    assert place == redirect
    assert set(answer) == {"access_token", "expires_in", "scope"}, "the vendor's client, no state"


@pytest.mark.parametrize("redirect", [
    "", "https://127.0.0.1:80/", "http://127.0.0.1/", "http://127.0.0.1:0/", "//127.0.0.1:80/",
    "http://example.org:80/", "http://127.0.0.1.example.org:80/", "http://127.0.0.2:80/",
    "http://127.0.0.1:80@example.org/", "http://x@127.0.0.1:80/", "http://127.0.0.1:80/#x",
    "http://example.org:80\\@127.0.0.1:80/", "http://127.0.0.1:80/\r\nX: y", "http://127.0.0.1:x/",
    "http://0x7f000001:80/", "javascript:alert(1)", "http://[::1/", "http://127.0.0.1:99999/",
])
def test_nowhere_else_is(trusting: Server, redirect: str) -> None:
    page = ask(trusting.url, redirect)
    assert page.status_code == 400 and "redirect_uri must be" in page.json()["error"]
    good = hidden_fields(ask(trusting.url).text)
    sent = send(trusting.url, dict(good, redirect_uri=redirect))
    assert sent.status_code == 400 and "Location" not in sent.headers


def test_a_page_runs_nothing_and_is_framed_by_nobody(server: Server) -> None:
    page = ask(server.url)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:45678")
    assert "script" not in policy + page.text
    assert "http://" not in page.text.replace(html.escape(BACK), ""), "no third parties"
    nonce, = re.findall(r"'nonce-([\w-]+)'", policy)
    assert '<style nonce="%s">' % nonce in page.text
    assert nonce not in ask(server.url).text
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"


def test_what_comes_from_outside_is_text(server: Server) -> None:
    evil = "http://127.0.0.1:1/'\"><b>"
    page = ask(server.url, evil, state='"><script>x')
    assert "<b>" not in page.text and "<script" not in page.text
    assert hidden_fields(page.text)["state"] == '"><script>x'


# Trusting the own machine

def test_a_click_is_enough_where_the_machine_is_trusted(trusting: Server) -> None:
    page = ask(trusting.url)
    assert "password" not in page.text
    assert "access_token" in answer_of(send(trusting.url, hidden_fields(page.text)))[1]


def test_a_name_that_was_made_to_lead_here_is_not_trusted(trusting: Server) -> None:
    page = ask(trusting.url, Host="rebound.example.org")
    assert "password" in page.text
    sent = send(trusting.url, hidden_fields(page.text), Host="rebound.example.org")
    assert sent.status_code == 403


SPOILT = {
    "no ticket": {"ticket": ""},
    "a made up ticket": {"ticket": "9999999999.%s" % ("0" * 64)},
    "a ticket for another state": {"state": "other"},
    "a ticket for another place": {"redirect_uri": "http://127.0.0.1:1/"},
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT.keys())
def test_a_form_that_is_not_ours_is_refused(trusting: Server, change: dict[str, str]) -> None:
    sent = send(trusting.url, dict(hidden_fields(ask(trusting.url).text), **change))
    assert sent.status_code == 403 and "too old" in sent.text


def test_a_form_another_site_sends_is_refused(trusting: Server) -> None:
    fields = hidden_fields(ask(trusting.url).text)
    sent = send(trusting.url, fields, **{"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403


def test_a_ticket_expires(tmp_path: Path) -> None:
    now = [1000.0]
    identity = Identity(tmp_path, lambda: now[0])
    ticket = identity.ticket("a", "b")
    assert identity.check_ticket(ticket, "a", "b")
    assert not identity.check_ticket(ticket, "ab", "")
    now[0] += TICKET_LIFE_S + 1
    assert not identity.check_ticket(ticket, "a", "b")


def test_a_form_without_end_is_refused(server: Server) -> None:
    sent = requests.post(server.url + PAGE, data=b"x" * 100_000, timeout=10)
    assert sent.status_code == 413


def test_a_service_others_reach_trusts_nobody(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='--host "0.0.0.0"'):
        serve(0, tmp_path / "data", host="0.0.0.0", trust_loopback=True)


def test_no_token_and_no_key_is_logged(server: Server) -> None:
    key = json.loads(server.key_path.read_text())["private_key"]
    token = answer_of(send(server.url, dict(hidden_fields(ask(server.url).text), key=key)))[1]
    log = server.log.read_text(encoding="utf-8")
    assert "POST /api/oauth_jwt 303" in log
    assert key not in log and token["access_token"] not in log and "s%261" not in log


# Our client and a real browser

@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()


class SignIn:
    """Our client waiting for a browser."""

    def __init__(self, server: Server, home: Path) -> None:
        self.url = ""
        self.token: Any = None
        self.error: Exception | None = None
        self._config = Config.load(environ={"CONDUCTOR_URL": server.url, "HOME": str(home)})
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._opened.wait(10)

    def _run(self) -> None:
        try:
            self.token = sign_in.login(self._config, open_browser=self._open, limit_s=60)
        except AuthError as error:
            self.error = error

    def _open(self, url: str) -> bool:
        self.url = url
        self._opened.set()
        return True

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()


def test_a_real_browser_signs_our_client_in(
    server: Server, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    waiting = SignIn(server, tmp_path)
    browser.open(waiting.url)
    for key in ("wrong", json.loads(server.key_path.read_text())["private_key"]):
        browser.click("#key")
        browser.type(key)
        pictures = os.environ.get("CONDUCTOR_TEST_PICTURES")
        if pictures:
            browser.screenshot(Path(pictures) / ("sign-in %d.png" % len(key)))
        browser.click("button.first")
        if key == "wrong":
            browser.wait_for("!!document.querySelector('.problem')")
    waiting.join()
    assert waiting.error is None
    browser.wait_for("location.port == '%d'" % urlsplit(
        parse_qs(urlsplit(waiting.url).query)["redirect_uri"][0]
    ).port)
    assert requests.get(
        server.url + "/api/v1/projects", timeout=10,
        headers={"Authorization": "Bearer " + waiting.token.access_token},
    ).status_code == 200


def test_who_cancels_is_told_so_at_once(
    trusting: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    waiting = SignIn(trusting, tmp_path)
    page = requests.get(waiting.url, timeout=10)
    sent = send(trusting.url, dict(hidden_fields(page.text), decision="cancel"))
    requests.get(sent.headers["Location"], timeout=10)
    waiting.join()
    assert "the sign-in was declined" in str(waiting.error)
