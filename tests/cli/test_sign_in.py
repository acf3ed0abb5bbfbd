"""``conductor login`` and ``logout``, with a browser that is a small program."""

from __future__ import annotations

import os
import re
import signal
import stat
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from conductor.cli import main as command
from tests import sign_in_page
from tests.cli.conftest import Run, start
from tests.conftest import RunningService

URL = "http://127.0.0.1:9"
BROWSER = """
import sys, urllib.parse, urllib.request
query = urllib.parse.parse_qs(urllib.parse.urlsplit(sys.argv[1]).query)
back = {"access_token": "se.cr.et", "expires_in": 3600, "state": query["state"][0]}
urllib.request.urlopen(query["redirect_uri"][0] + "?" + urllib.parse.urlencode(back), timeout=5)
"""


@pytest.fixture(autouse=True)
def nobody_signed_in(clean_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", URL)


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user has set as the browser."""
    script = tmp_path / "browser.py"
    script.write_text(BROWSER)
    monkeypatch.setenv("BROWSER", "%s %s %%s" % (sys.executable, script))


def token_file(home: Path) -> Path:
    found = [path for path in (home / ".config" / "conductor").iterdir()
             if path.is_file() and "se.cr.et" in path.read_text()]
    assert len(found) == 1
    return found[0]


def test_signing_in_and_out(browser: None, clean_home: Path, run: Run) -> None:
    process = start("login")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert re.fullmatch(r"signed in to %s until [-\d]+ [:\d]+\n" % URL, out)
    assert "se.cr.et" not in out + err
    kept = token_file(clean_home)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert run("logout") == "signed out\n"
    assert not kept.exists()
    assert run("logout") == "there was no sign-in\n"


def test_without_a_browser_the_address_is_printed(clean_home: Path) -> None:
    process = start("login", "--no-browser")
    assert process.stderr and process.stdout
    lines = [process.stderr.readline() for _ in range(3)]
    address = lines[2].strip()
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
    assert address.startswith(URL + "/api/oauth_jwt?")
    back = {"access_token": "se.cr.et", "state": query["state"][0]}
    urllib.request.urlopen(
        query["redirect_uri"][0] + "?" + urllib.parse.urlencode(back), timeout=5).close()
    out, _ = process.communicate(timeout=60)
    assert out.startswith("signed in") and process.returncode == 0
    assert token_file(clean_home)


def test_ctrl_c_ends_the_wait(clean_home: Path) -> None:
    process = start("login", "--no-browser")
    assert process.stderr
    while "oauth_jwt" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, "conductor: stopped")


def test_nobody_comes(clean_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["login", "--no-browser", "--timeout", "1"]) == 4
    assert "Nobody signed in" in capsys.readouterr().err


def test_with_an_api_key_there_is_nothing_to_sign_in_for(
    clean_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", str(clean_home / "key.json"))
    assert command.run(["login"]) == 2
    told = capsys.readouterr().err
    assert "CONDUCTOR_API_KEY_PATH" in told


def test_who_is_not_signed_in_is_told_how(
    clean_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["projects"]) == 4
    assert "conductor login" in capsys.readouterr().err
    assert not (clean_home / ".config" / "conductor").exists() or not os.listdir(
        clean_home / ".config" / "conductor")


@pytest.mark.parametrize("uses_browser", [True, False], ids=["a browser", "by hand elsewhere"])
def test_the_page_of_a_real_service(
    uses_browser: bool, service: RunningService, run: Run, clean_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command asks, the page of the service asks for the key, and what follows is signed in."""
    monkeypatch.setenv("CONDUCTOR_URL", service.url)
    person = "%s %s %%s %s" % (sys.executable, sign_in_page.__file__, service.key_path)
    if uses_browser:
        process = start("login", BROWSER=person)
    else:
        process = start("login", "--no-browser")
        assert process.stderr
        address = [process.stderr.readline() for _ in range(3)][2].strip()
        led_to = sign_in_page.agree(address, sign_in_page.private_key(service.key_path))
        assert led_to.status_code == 200
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("signed in to %s until " % service.url)
    assert run("projects").split() == ["default"]
    run("logout")
    run("projects", code=4)
