"""The browser sign-in: one answer, at an address only the service was told."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import threading
from pathlib import Path
from typing import Any, Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conductor.lib.auth import BrowserCredentials
from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, BROWSER_FILE, Token, TokenStore
from conductor.lib.errors import AuthError, Cancelled
from conductor.lib.sign_in import login, logout

URL = "http://127.0.0.1:9"
SECRET = "s3cret-token"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": URL})


@pytest.fixture
def store(config: Config) -> TokenStore:
    return TokenStore(config["credentials_dir"])


class Browser:
    """Goes where it is sent and answers as a service would, in a thread of its own."""

    def __init__(self, *visits: Callable[[str, dict[str, str]], requests.Response]) -> None:
        self.visits = visits
        self.pages: list[str] = []
        self.answers: list[requests.Response] = []
        self._thread: threading.Thread | None = None

    def __call__(self, address: str) -> bool:
        self.pages.append(address)
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self._thread = threading.Thread(target=self._visit, args=(query,))
        self._thread.start()
        return True

    def _visit(self, query: dict[str, str]) -> None:
        for visit in self.visits:
            self.answers.append(visit(query["redirect_uri"], query))

    def statuses(self) -> list[int]:
        assert self._thread is not None
        self._thread.join(10)
        return [answer.status_code for answer in self.answers]


def comes_back(**others: Any) -> Callable[[str, dict[str, str]], requests.Response]:
    def visit(address: str, query: dict[str, str]) -> requests.Response:
        params = dict({"access_token": SECRET, "expires_in": "3600", "scope": "user",
                       "state": query["state"]}, **others)
        return requests.get(address, params, timeout=5)
    return visit


def test_signing_in(config: Config, store: TokenStore) -> None:
    browser = Browser(comes_back())
    login(config, open_browser=browser, clock=lambda: 1000.0)
    page = urlsplit(browser.pages[0])
    query = parse_qs(page.query)
    assert (page.scheme, page.netloc, page.path) == ("http", "127.0.0.1:9", "/api/oauth_jwt")
    assert query["response_type"] == ["client_token"] and query["scope"] == ["user"]
    back = urlsplit(query["redirect_uri"][0])
    assert back.hostname == "127.0.0.1" and len(back.path) > 30
    assert browser.statuses() == [200]
    kept = json.loads(Path(store.path(BROWSER_FILE)).read_text())
    assert (kept["access_token"], kept["expiration"], kept["host"]) == (
        SECRET, 4600, "127.0.0.1:9")
    assert stat.S_IMODE(os.stat(store.path(BROWSER_FILE)).st_mode) == 0o600
    assert BrowserCredentials(URL, store, clock=lambda: 1000.0).token() == SECRET


def test_the_page_at_the_end_shows_no_token_and_leaves_none_in_the_history(
    config: Config,
) -> None:
    browser = Browser(comes_back())
    login(config, open_browser=browser)
    browser.statuses()
    answer = browser.answers[0]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "replaceState" in answer.text and SECRET not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_service_that_returns_no_state(config: Config) -> None:
    browser = Browser(comes_back(state=None))
    assert login(config, open_browser=browser).access_token == SECRET


def elsewhere(change: Callable[[str], str], **headers: str) -> Any:
    def visit(address: str, query: dict[str, str]) -> requests.Response:
        return requests.get(
            change(address), {"access_token": "planted"}, headers=headers, timeout=5)
    return visit


@pytest.mark.parametrize("intruder, status", [
    pytest.param(elsewhere(lambda address: address + "x"), 404, id="another path"),
    pytest.param(elsewhere(lambda address: address.rsplit("/", 1)[0] + "/index.html"), 404,
                 id="the vendor's path"),
    pytest.param(elsewhere(lambda address: address, Host="evil.example"), 404,
                 id="a name made to lead here"),
    pytest.param(comes_back(access_token="planted", state="wrong"), 403, id="another state"),
    pytest.param(comes_back(access_token=None), 404, id="no token"),
])
def test_intruders_are_refused_and_the_wait_goes_on(
    config: Config, intruder: Any, status: int,
) -> None:
    browser = Browser(intruder, comes_back())
    assert login(config, open_browser=browser).access_token == SECRET
    assert browser.statuses() == [status, 200]


def test_the_user_refuses(config: Config, store: TokenStore) -> None:
    browser = Browser(comes_back(access_token=None, error="access_denied"))
    with pytest.raises(AuthError, match="access_denied"):
        login(config, open_browser=browser)
    assert store.load(BROWSER_FILE) is None


def test_a_browser_that_stays_open_does_not_hold_up_the_sign_in(config: Config) -> None:
    """Some return only when they are closed."""
    closed = threading.Event()
    browser = Browser(comes_back())
    assert login(
        config, open_browser=lambda address: browser(address) and closed.wait(30),
    ).access_token == SECRET
    assert not closed.is_set()
    closed.set()


def test_stopping_while_another_process_signs_in(config: Config, store: TokenStore) -> None:
    cancel, waiting = threading.Event(), threading.Event()
    with store.locked(BROWSER_FILE):
        stopping = threading.Thread(target=lambda: waiting.wait(10) and cancel.set())
        stopping.start()
        waiting.set()
        with pytest.raises(Cancelled):
            login(config, open_browser=lambda address: pytest.fail("a browser"), cancel=cancel)
    stopping.join()


def test_stopping_and_waiting_in_vain(config: Config) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        login(config, open_browser=lambda address: cancel.set(), cancel=cancel)
    with pytest.raises(AuthError, match="Nobody signed in"):
        login(config, open_browser=lambda address: True, limit_s=0.01)


def _no_browser(address: str) -> bool:
    raise OSError("no display")


def _odd_browser(address: str) -> bool:
    raise ValueError("no such controller")


@pytest.mark.parametrize("opener", [lambda address: False, _no_browser, _odd_browser])
def test_no_browser(config: Config, opener: Any) -> None:
    with pytest.raises(AuthError, match="API key"):
        login(config, open_browser=opener)


def test_a_token_that_cannot_be_kept_is_told(config: Config, tmp_path: Path) -> None:
    """Without it the next call would ask again, and say that nobody signed in."""
    (tmp_path / "file").write_text("no folder")
    folder = str(tmp_path / "file" / "tokens")
    with pytest.raises(AuthError, match="cannot be kept") as caught:
        login(config.overridden({"credentials_dir": folder}), open_browser=Browser(comes_back()))
    assert folder in str(caught.value) and SECRET not in str(caught.value)


def test_a_chosen_port_that_is_taken(config: Config) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(AuthError, match="auth_port"):
            login(config.overridden({"auth_port": port}), open_browser=lambda address: True)


def test_two_at_once_open_one_browser(config: Config) -> None:
    """The second one waits for the first and takes its token."""
    begun, second = threading.Event(), []
    times = iter(range(1000, 2000))

    def clock() -> float:
        return float(next(times))

    def other() -> None:
        begun.wait(10)
        second.append(login(
            config, open_browser=lambda address: pytest.fail("a second browser"), clock=clock))

    thread = threading.Thread(target=other)
    thread.start()

    def slow(address: str, query: dict[str, str]) -> requests.Response:
        begun.set()
        while len(threading.enumerate()) < 3:
            pass
        threading.Event().wait(0.2)
        return comes_back()(address, query)

    first = login(config, open_browser=Browser(slow), clock=clock)
    thread.join(10)
    assert second == [first]


def test_signing_out(config: Config, store: TokenStore) -> None:
    for name in (BROWSER_FILE, API_KEY_FILE):
        store.save(name, Token("t", 1e12, host="127.0.0.1:9"))
    assert logout(config) is True
    assert store.load(BROWSER_FILE) is None and store.load(API_KEY_FILE) is None
    assert logout(config) is False


def test_the_token_is_never_told(
    config: Config, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG, logger="conductor"):
        browser = Browser(comes_back())
        token = login(config, open_browser=browser)
        browser.statuses()
    told = "".join(
        one.getMessage() for one in caplog.records if one.name.startswith("conductor"))
    assert SECRET not in told + "".join(capfd.readouterr()) + repr(token)
