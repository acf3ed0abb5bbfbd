"""Refresh and Submit sign in by the browser where that is needed; Refresh serves every item."""

from __future__ import annotations

import html
import json
import os
import re
import socket
import stat
import threading
import webbrowser
from pathlib import Path
from typing import Any, Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conductor.clarisse.headless import driver, gui
from conductor.clarisse.panels.sign_in_model import COLUMNS, SignInTry, failed_text
from conductor.lib.config import Config
from conductor.lib.credentials import BROWSER_FILE, Token, TokenStore
from conductor.lib.errors import AuthError

JOB = "project://job"
SIGN_IN = "Sign in to Conductor"


class Browser:
    """The user's browser: a person in it fills in the page's form, on a thread of its own.

    Attributes:
        people: what is done at each visit, in order; the last one for all that follow.
        pages: addresses that were opened.
    """

    def __init__(self) -> None:
        self.people: list[Callable[[str], object]] = []
        self.pages: list[str] = []
        self._threads: list[threading.Thread] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        if not self.people:
            return False
        self.pages.append(url)
        person = self.people.pop(0) if len(self.people) > 1 else self.people[0]
        self._threads.append(threading.Thread(target=person, args=(url,)))
        self._threads[-1].start()
        return True

    def close(self) -> None:
        self.people = []
        for thread in self._threads:
            thread.join(10)


BROWSER = Browser()
webbrowser.register("conftest", None, BROWSER)  # type: ignore[arg-type]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """The only browser of this user; with nobody in front of it it cannot be opened."""
    monkeypatch.setattr(webbrowser, "_tryorder", ["conftest"])
    BROWSER.pages = []
    yield BROWSER
    BROWSER.close()


@pytest.fixture
def signed_out(service: Any, clean_home: Path, monkeypatch: pytest.MonkeyPatch, ix: Any) -> Any:
    """The scene, with a service and without an API key."""
    monkeypatch.setenv("CONDUCTOR_URL", service.url)
    return ix


def key_of(service: Any) -> str:
    return str(json.loads(Path(service.key_path).read_text())["private_key"])


def fill_in(url: str, **typed: str) -> requests.Response:
    """Open the page, fill in its form and press one of its buttons."""
    page = requests.get(url, timeout=10)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    fields = {name: html.unescape(value) for name, value in found}
    form, = re.findall(r'<form method="post" action="([^"]*)">', page.text)
    place = urlsplit(url)
    return requests.post("%s://%s%s" % (place.scheme, place.netloc, form),
                         data=dict(fields, **typed), timeout=10)


def signs_in(service: Any) -> Callable[[str], object]:
    return lambda url: fill_in(url, key=key_of(service), decision="allow")


def declines(url: str) -> object:
    return fill_in(url, decision="cancel")


def does_nothing(url: str) -> None:
    """Looks at the page and goes away."""


def store() -> TokenStore:
    return TokenStore(Config.load()["credentials_dir"])


class Watcher:
    """Sees the windows; presses in those of the sign-in what the test says, once in each."""

    def __init__(self, *presses: str) -> None:
        self.presses = list(presses)
        self.words_before_cancel = "Open this address"
        self.seen: list[str] = []
        self.elsewhere = ""
        self._awaited: list[tuple[str, threading.Event]] = []
        self.stop = driver.on_events(self.look)

    def has_seen(self, words: str) -> threading.Event:
        """Set once a window has said these words."""
        self._awaited.append((words, threading.Event()))
        self._tell()
        return self._awaited[-1][1]

    def _tell(self) -> None:
        for words, event in self._awaited:
            if any(words in text for text in self.seen):
                event.set()

    def look(self) -> bool:
        shown = driver.windows()
        for window in shown:
            if window.get_title() != SIGN_IN:
                self.elsewhere += " ".join(map(driver.text, driver.widgets(window)))
                continue
            text = driver.text(next(driver.widgets(window, gui.GuiTextEdit)))
            if text not in self.seen:
                self.seen.append(text)
                self._tell()
                self._press(window, text)
        return any(window.get_title() == SIGN_IN for window in shown)

    def _press(self, window: gui.GuiWindow, text: str) -> None:
        labels = [driver.text(one) for one in driver.widgets(window, gui.GuiPushButton)]
        is_time = "Cancel" not in labels or self.words_before_cancel in text
        if is_time and self.presses and self.presses[0] in labels:
            driver.press_button(window, self.presses.pop(0))


@pytest.fixture
def watcher() -> Iterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def make(*presses: str) -> Watcher:
        made.append(Watcher(*presses))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    assert driver.windows() == []
    assert driver.callback_errors() == []


MakeWatcher = Callable[..., Watcher]


def projects(ix: Any, path: str = JOB) -> list[str]:
    attr = ix.get_item(path).get_attribute("project")
    return [attr.get_preset_label(index) for index in range(attr.get_preset_count())]


# ---------------------------------------------------------------- signing in


def test_what_a_window_says_fits_into_it() -> None:
    """But for the address, which is there to be copied."""
    tried = SignInTry(Config.load({"HOME": "/nowhere", "CONDUCTOR_URL": "https://farm.example"}))
    texts = [tried.text(), failed_text(AuthError("It did not work. " * 20))]
    tried.address = "https://farm.example/" + "x" * 200
    texts.append(tried.text())
    tried.is_opened = False
    texts.append(tried.text())
    assert [tried.address in text.splitlines() for text in texts] == [False, False, True, True]
    assert len(set(texts)) == 4
    for line in "\n".join(texts).splitlines():
        assert len(line) <= COLUMNS or line == tried.address


def test_refresh_signs_in_by_the_browser_and_keeps_the_token(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    looking = watcher()
    seen = looking.seen
    browser.people = [
        lambda url: looking.has_seen(url).wait(10) and signs_in(service)(url)]
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert "default" in projects(signed_out)
    assert any(browser.pages[0] in text for text in seen), "the address is there to be copied"
    kept = Path(store().path(BROWSER_FILE))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    token = json.loads(kept.read_text())["access_token"]
    assert token not in "".join(driver.log()) + "".join(seen)


def test_the_address_of_the_browser_is_one_nobody_can_guess(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [signs_in(service)]
    watcher()
    driver.press(JOB, "refresh")
    store().remove(BROWSER_FILE)
    driver.press(JOB, "refresh")
    back = [urlsplit(parse_qs(urlsplit(page).query)["redirect_uri"][0]) for page in browser.pages]
    assert len({place.path for place in back}) == 2
    assert all(place.hostname == "127.0.0.1" and len(place.path) > 30 for place in back)


def test_the_next_presses_ask_nobody(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [signs_in(service)]
    watcher()
    for _ in range(3):
        driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert len(browser.pages) == 1


@pytest.mark.parametrize("token", [
    pytest.param(lambda netloc: Token("old", 1.0, host=netloc), id="expired"),
    pytest.param(lambda netloc: Token("other", 4e9, host="elsewhere.example"), id="another host's"),
    pytest.param(lambda netloc: Token("bad", 4e9, host=netloc), id="refused by the service"),
])
def test_a_token_that_is_not_good_asks_again(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
    token: Callable[[str], Token],
) -> None:
    store().save(BROWSER_FILE, token(urlsplit(service.url).netloc))
    browser.people = [signs_in(service)]
    watcher()
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert len(browser.pages) == 1
    assert "default" in projects(signed_out)


def test_an_api_key_needs_no_browser(ix: Any, service_env: Any, browser: Browser) -> None:
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert "default" in projects(ix)
    assert browser.pages == []


def test_a_declined_sign_in_can_be_tried_again(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [declines, signs_in(service)]
    seen = watcher("Try again").seen
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert any("the sign-in was declined" in text for text in seen)
    assert "default" in projects(signed_out)


def test_a_declined_sign_in_ends_with_a_clear_message(
    signed_out: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [declines]
    watcher("Close")
    driver.press(JOB, "refresh")
    told, = driver.log("error")
    assert "the sign-in was declined" in told and "Traceback" not in told
    assert projects(signed_out) == ["- not set -"]
    assert not os.path.exists(store().path(BROWSER_FILE))


def test_cancel_ends_the_wait_and_clarisse_goes_on(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [does_nothing, signs_in(service)]
    seen = watcher("Cancel", "Close")
    driver.press(JOB, "refresh")
    assert any(text.startswith("The sign-in was stopped.") for text in seen.seen)
    assert driver.log("error") == [] and driver.messages() == []
    assert "ConductorJob, refresh: The sign-in was stopped." in driver.log("info")
    driver.press(JOB, "refresh")
    assert "default" in projects(signed_out)


def test_without_a_browser_the_address_is_shown(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    seen = watcher()
    visits: list[threading.Thread] = []

    def by_hand() -> bool:
        for text in seen.seen:
            if "No browser could be opened" in text and not visits:
                address = text.split()[-1]
                visits.append(threading.Thread(target=signs_in(service), args=(address,)))
                visits[0].start()
        return True

    stop = driver.on_events(by_hand)
    driver.press(JOB, "refresh")
    stop()
    visits[0].join(10)
    assert driver.log("error") == []
    assert "default" in projects(signed_out)


def test_a_browser_that_breaks_is_none(
    signed_out: Any, browser: Browser, watcher: MakeWatcher, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> bool:
        raise webbrowser.Error("no such program")

    monkeypatch.setattr(browser, "open", broken)
    watcher("Cancel", "Close").words_before_cancel = "No browser could be opened"
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    assert "ConductorJob, refresh: The sign-in was stopped." in driver.log("info")


def test_an_interrupt_ends_the_wait_and_closes_the_window(
    signed_out: Any, browser: Browser,
) -> None:
    browser.people = [does_nothing]

    def interrupt() -> bool:
        if browser.pages:
            raise KeyboardInterrupt
        return True

    stop = driver.on_events(interrupt)
    driver.press(JOB, "refresh")
    stop()
    assert driver.windows() == []
    assert "interrupted" in driver.log("error")[0]


def test_without_windows_nobody_is_asked(
    service: Any, clean_home: Path, monkeypatch: pytest.MonkeyPatch, open_scene: Any,
    browser: Browser,
) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", service.url)
    browser.people = [signs_in(service)]
    open_scene(gui=False)
    driver.press(JOB, "refresh")
    assert browser.pages == []
    assert "conductor login" in driver.log("error")[0]


def test_preview_asks_nobody_to_sign_in(
    signed_out: Any, service: Any, browser: Browser,
) -> None:
    browser.people = [signs_in(service)]
    titles: set[str] = set()

    def look() -> bool:
        titles.update(window.get_title() for window in driver.windows())
        return False

    stop = driver.on_events(look)
    driver.press(JOB, "preview")
    stop()
    assert browser.pages == []
    assert driver.log("error") == []
    assert "Conductor preview" in titles and SIGN_IN not in titles


def test_submit_signs_in_first_and_checks_the_names(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [signs_in(service)]
    seen = watcher()
    driver.set_attribute(JOB, "upload_only", "1")
    driver.press(JOB, "submit")
    assert driver.log("error") == []
    assert len(browser.pages) == 1
    assert "not asked" not in seen.elsewhere + "".join(driver.log())
    assert "Nothing was started" in seen.elsewhere


def test_submit_without_a_sign_in_sends_nothing(
    signed_out: Any, browser: Browser, watcher: MakeWatcher, scene_path: Path,
) -> None:
    browser.people = [declines]
    watcher("Close")
    driver.press(JOB, "submit")
    assert "declined" in driver.log("error")[0]
    assert list(scene_path.parent.glob("*.render.project")) == []


def test_a_token_that_ends_between_refresh_and_submit_asks_again(
    signed_out: Any, service: Any, browser: Browser, watcher: MakeWatcher,
) -> None:
    browser.people = [signs_in(service)]
    seen = watcher()
    driver.set_attribute(JOB, "upload_only", "1")
    driver.press(JOB, "refresh")
    store().remove(BROWSER_FILE)
    driver.press(JOB, "submit")
    assert driver.log("error") == []
    assert len(browser.pages) == 2
    assert "Nothing was started" in seen.elsewhere


@pytest.fixture
def silent(ix: Any, service: Any, clean_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[
        Callable[[], bool]]:
    """A service that takes a connection, when it is called, and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        monkeypatch.setenv("CONDUCTOR_URL", "http://127.0.0.1:%d" % listening.getsockname()[1])
        monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", service.key_path)
        listening.settimeout(10)
        taken: list[socket.socket] = []

        def take() -> bool:
            taken.append(listening.accept()[0])
            return True

        yield take
        for connection in taken:
            connection.close()


@pytest.mark.parametrize("action", ["refresh", "preview", "submit"])
def test_cancel_lets_go_of_a_service_that_does_not_answer(
    ix: Any, silent: Callable[[], bool], action: str,
) -> None:
    asked: list[bool] = []

    def cancel() -> bool:
        for window in driver.windows():
            if window.get_title() == "Asking Conductor" and not asked:
                asked.append(silent())
                driver.press_button(window, "Cancel")
        return True

    stop = driver.on_events(cancel)
    driver.press(JOB, action)
    stop()
    assert asked == [True], "the request was under way"
    assert driver.log("error") == [] and driver.messages() == []
    assert "ConductorJob, %s: Stopped." % action in driver.log("info")
    assert driver.windows() == []


# ---------------------------------------------------------------- every item, every menu

FARM = """
projects: [zephyr, default, atlas]
packages:
  - {product: clarisse, major_version: "5", minor_version: "0", release_version: sp8}
  - {product: clarisse, major_version: "4", minor_version: "0"}
  - {product: conductor-slate, major_version: "1", minor_version: "0"}
"""
ANOTHER = "project://another"
THIRD = "project://third"


@pytest.fixture(scope="module")
def farm(service: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with other projects and packages than the usual one."""
    running = type(service)(tmp_path_factory.mktemp("farm"), FARM)
    yield running
    running.stop()


@pytest.fixture
def at_farm(farm: Any, ix: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scene with three items, at that service."""
    point_to(farm, monkeypatch)
    for path in (ANOTHER, THIRD):
        ix.create_object(path.rsplit("/", 1)[-1], "ConductorJob")
    return ix


def point_to(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", running.url)
    monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", running.key_path)


def chosen(ix: Any, path: str, name: str = "project") -> tuple[str, str]:
    """What the menu shows and what is stored."""
    item = ix.get_item(path)
    return (item.get_attribute(name).get_applied_preset_label(),
            item.get_attribute("last_" + name).get_string())


def packages(ix: Any, path: str) -> list[str]:
    attr = ix.get_item(path).get_attribute("packages")
    return [attr.get_string(index) for index in range(attr.get_value_count())]


def test_every_item_is_served_and_keeps_its_own(at_farm: Any) -> None:
    at_farm.get_item(ANOTHER).get_attribute("last_project").set_string("gone")
    driver.press(THIRD, "refresh")
    assert projects(at_farm) == ["- not set -", "atlas", "default", "zephyr"]
    assert chosen(at_farm, JOB) == ("default", "default")
    assert chosen(at_farm, ANOTHER) == ("gone (not at Conductor)", "gone")
    assert chosen(at_farm, THIRD) == ("- not set -", "")
    driver.set_attribute(THIRD, "project", "atlas")
    driver.press(JOB, "refresh")
    assert chosen(at_farm, THIRD) == ("atlas", "atlas")
    assert chosen(at_farm, JOB) == ("default", "default")


def test_what_has_vanished_is_told_for_each_item(at_farm: Any) -> None:
    at_farm.get_item(ANOTHER).get_attribute("last_project").set_string("zephir")
    driver.set_attribute(JOB, "packages", ["clarisse 3.6"])
    driver.press(THIRD, "refresh")
    told = "\n".join(driver.log("warning"))
    assert 'project://another.project: Conductor has no project "zephir"' in told
    assert 'The nearest is "zephyr".' in told
    assert 'project://job.packages: Conductor has no package "clarisse 3.6"' in told
    assert packages(at_farm, JOB) == ["clarisse 3.6"], "never another one in silence"


def test_a_choice_survives_another_list(
    at_farm: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.press(JOB, "refresh")
    before = at_farm.get_item(JOB).get_attribute("project").get_long()
    point_to(service, monkeypatch)
    driver.press(JOB, "refresh")
    assert at_farm.get_item(JOB).get_attribute("project").get_long() != before
    assert chosen(at_farm, JOB) == ("default", "default")


def test_choices_are_saved_with_the_project(at_farm: Any, scene_path: Path) -> None:
    driver.press(JOB, "refresh")
    driver.set_attribute(THIRD, "project", "atlas")
    driver.set_attribute(ANOTHER, "project", "zephyr")
    saved = str(scene_path.with_name("saved.project"))
    at_farm.save_project(saved)
    at_farm.load_project(saved)
    driver.press(JOB, "refresh")
    assert [chosen(at_farm, path) for path in (JOB, ANOTHER, THIRD)] == [
        (name, name) for name in ("default", "zephyr", "atlas")]


def test_the_editor_is_redrawn(at_farm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clarisse redraws a menu only when its last entry was added anew and a value set after."""
    calls: list[str] = []
    attr = at_farm.api.OfAttr
    for name in ("remove_all_presets", "add_preset", "set_long"):
        original = getattr(attr, name)

        def noting(self: Any, *args: Any, called: str = name, do: Any = original) -> Any:
            if self.get_full_name() == JOB + ".project":
                calls.append(called)
            return do(self, *args)

        monkeypatch.setattr(attr, name, noting)
    driver.press(JOB, "refresh")
    assert calls == ["remove_all_presets"] + ["add_preset"] * 4 + ["set_long"]


def test_the_running_clarisse_is_chosen_where_nothing_is(at_farm: Any) -> None:
    driver.press(JOB, "refresh")
    assert packages(at_farm, ANOTHER) == packages(at_farm, THIRD) == ["clarisse 5.0.sp8"]
    assert packages(at_farm, JOB) == ["conductor-slate 1.0"], "a choice is left alone"
    assert any("project://third renders with clarisse 5.0.sp8" in line
               for line in driver.log("info"))


def test_where_it_is_not_offered_the_log_says_which_to_choose(at_farm: Any) -> None:
    driver.host().version, driver.host().version_name = "3.6.1.2", "3.6 SP1"
    driver.press(JOB, "refresh")
    assert packages(at_farm, THIRD) == []
    told = [line for line in driver.log("warning") if "project://third.packages" in line]
    assert len(told) == 1
    assert "no Clarisse 3.6 SP1; it offers clarisse 5.0.sp8, clarisse 4.0." in told[0]
