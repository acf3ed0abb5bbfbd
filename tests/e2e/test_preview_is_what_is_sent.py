"""What the Preview window shows, pressed to Submit inside it, is what the service stores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.clarisse import headless, startup
from conductor.clarisse.headless import driver, gui
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.samples import copy_shot

JOB = "project://ConductorJob"
# Only known once the files are there to be hashed.
LATER = ("md5", "st_")


@pytest.fixture
def scene(tmp_path: Path, service_env: Any) -> Iterator[Path]:
    """The sample shot in a folder with blanks, open in the stand-in."""
    path = copy_shot(tmp_path / "my shots")
    with headless.session(str(path), True):
        assert startup.start()
        yield path


def preview_then_submit() -> dict[str, Any]:
    """Press Preview, read the payload, press Submit in the window."""
    shown: list[str] = []

    def look() -> bool:
        for window in driver.windows():
            for field in driver.widgets(window, gui.GuiTextEdit):
                text = driver.text(field)
                if "Payload\n" in text and not shown:
                    shown.append(text)
                    driver.press_button(window, "Submit")
                elif "Payload\n" not in text:
                    driver.press_button(window, "Close")
        return True

    stop = driver.on_events(look)
    try:
        driver.press(JOB, "preview")
    finally:
        stop()
    assert driver.callback_errors() == []
    payload: dict[str, Any] = json.loads(shown[0].split("Payload\n", 1)[1])
    return payload


def without_what_comes_later(payload: dict[str, Any]) -> dict[str, Any]:
    files = [
        {key: value for key, value in entry.items() if not key.startswith(LATER)}
        for entry in payload["upload_files"]
    ]
    kept = {key: value for key, value in payload.items() if key != "upload_size"}
    return dict(kept, upload_files=files)


def test_what_was_previewed_is_what_is_stored(scene: Path) -> None:
    client = ApiClient.from_config(Config.load())
    before = {job["jid"] for job in client.jobs()}
    shown = preview_then_submit()
    (job,) = [one for one in client.jobs() if one["jid"] not in before]
    stored = client.call("GET", "/api/v1/client/jobs/%s/payload" % job["jid"]).json()
    stored = stored.get("data", stored)
    assert list(stored) == list(shown)
    # As text, so that the order of every list and object counts too.
    assert json.dumps(without_what_comes_later(stored)) == json.dumps(
        without_what_comes_later(shown))
    assert all(len(entry["md5"]) == 24 and entry["st_size"] for entry in stored["upload_files"])
    assert stored["upload_size"] == sum(entry["st_size"] for entry in stored["upload_files"])
    client.kill_jobs(job["jid"])
