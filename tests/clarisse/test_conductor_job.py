"""The buttons of ConductorJob, pressed as the artist does, against the real service."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from onlooker import Artist

from conductor.clarisse import submitting
from conductor.clarisse.attributes import actions, settings
from conductor.clarisse.conductor_job import ACTIONS, ON_CHANGE, make_engine
from conductor.clarisse.headless import driver
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.press import prepare
from conductor.clarisse.run_state import RunState
from conductor.lib.api_client import ApiClient
from conductor.lib.checks import Level
from conductor.lib.config import Config
from conductor.lib.errors import Cancelled
from conductor.lib.progress import size_text
from conductor.lib.transport import Transport

JOB = "project://job"
FRAMES = "2 Scout / 10 Frames -- 5 Chunks -- 1-10"


@pytest.fixture
def connected(service_env: Any, ix: Any) -> Any:
    """The scene, with the service reachable."""
    return ix


def frames_line(ix: Any) -> str:
    return str(ix.get_item(JOB).get_attribute("frames_info").get_string())


@pytest.fixture
def artist(ix: Any) -> Iterator[Artist]:
    made = Artist()
    yield made
    made.leave()
    assert driver.callback_errors() == []


def test_every_button_and_every_row_that_matters_has_a_handler() -> None:
    assert sorted(ACTIONS) == sorted(row.name for row in actions())
    menus = [row.name for row in settings() if row.menu]
    assert sorted(ON_CHANGE) == sorted([*menus, "notify", "email_addresses"])


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("name, value, line", [
    ("chunk_size", "3", "2 Scout / 10 Frames -- 4 Chunks -- 1-10"),
    ("scout_frames", "3", "1 Scout / 10 Frames -- 5 Chunks -- 1-10"),
    ("use_scout_frames", "0", "10 Frames -- 5 Chunks -- 1-10"),
    ("custom_frames", "1,5", "None of the scout frames"),
    ("use_custom_frames", "0", "1 Scout / 6 Frames -- 3 Chunks -- 1-5,7"),
    ("custom_frames", "1-", '"1-", at character 2'),
])
def test_the_frames_line_follows_every_change(ix: Any, name: str, value: str, line: str) -> None:
    driver.set_attribute(JOB, name, value)
    assert line in frames_line(ix)


def test_the_frames_line_follows_the_images(ix: Any) -> None:
    driver.set_attribute(JOB, "use_custom_frames", "0")
    driver.set_attribute(JOB, "use_scout_frames", "0")
    driver.set_attribute(JOB, "images", "project://scene/bare")
    assert "2 Frames" in frames_line(ix)


def test_best_chunk_size_evens_out(ix: Any) -> None:
    driver.set_attribute(JOB, "custom_frames", "1-100")
    driver.set_attribute(JOB, "chunk_size", "33")
    driver.press(JOB, "best_chunk_size")
    assert ix.get_item(JOB).get_attribute("chunk_size").get_long() == 25
    assert frames_line(ix).startswith("2 Scout / 100 Frames -- 4 Chunks")


# ---------------------------------------------------------------- refresh


def test_refresh_fills_the_menus_of_every_item(connected: Any) -> None:
    other = connected.create_object("other", "ConductorJob")
    driver.press(JOB, "refresh")
    assert driver.log("error") == []
    for item in (connected.get_item(JOB), other):
        labels = [
            item.get_attribute("project").get_preset_label(index)
            for index in range(item.get_attribute("project").get_preset_count())
        ]
        assert labels[0] == "- not set -"
        assert "default" in labels
    assert connected.get_item(JOB).get_attribute("project").get_applied_preset_label() == "default"
    assert other.get_attribute("project").get_long() == 0
    assert frames_line(connected) == FRAMES


def test_a_menu_choice_is_stored_by_name(connected: Any) -> None:
    driver.press(JOB, "refresh")
    driver.set_attribute(JOB, "project", "- not set -")
    assert connected.get_item(JOB).get_attribute("last_project").get_string() == ""
    driver.set_attribute(JOB, "project", "default")
    assert connected.get_item(JOB).get_attribute("last_project").get_string() == "default"


def test_a_number_without_an_entry_forgets_nothing(ix: Any) -> None:
    driver.set_attribute(JOB, "project", "4711")
    assert ix.get_item(JOB).get_attribute("last_project").get_string() == "default"


def test_refresh_without_a_service_says_why(
    ix: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", str(tmp_path / "absent.json"))
    driver.press(JOB, "refresh")
    message, = driver.messages()
    assert "absent.json" in message.text
    error, = driver.log("error")
    assert "refresh" in error and "log file: " in error
    assert "Traceback" not in error


# ---------------------------------------------------------------- nothing escapes


@pytest.mark.parametrize("error", [
    ValueError("odd"), KeyboardInterrupt(), SystemExit(3), RecursionError("deep"),
], ids=lambda error: type(error).__name__)
def test_no_exception_leaves_a_button(
    ix: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(press: object) -> None:
        raise error

    monkeypatch.setitem(ACTIONS, "preview", fail)  # type: ignore[arg-type]
    driver.press(JOB, "preview")
    assert driver.host().crashes == []
    told, = driver.log("error")
    assert told.startswith("ConductorJob, preview: ")
    assert os.path.exists(told.rpartition("log file: ")[2].rstrip(")"))


def test_no_exception_leaves_a_changed_row(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise SystemExit(1)

    monkeypatch.setitem(ON_CHANGE, "chunk_size", fail)  # type: ignore[arg-type]
    driver.set_attribute(JOB, "chunk_size", "4")
    assert driver.host().crashes == []
    assert "a changed row" in driver.log("error")[0]


@pytest.mark.parametrize("way", ["switch", "environment"])
def test_stack_traces_are_shown_when_wanted(
    ix: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def fail(press: object) -> None:
        raise ValueError("odd")

    monkeypatch.setitem(ACTIONS, "preview", fail)  # type: ignore[arg-type]
    if way == "switch":
        driver.set_attribute(JOB, "show_tracebacks", "1")
    else:
        monkeypatch.setenv("CONDUCTOR_MODE", "dev")
    driver.press(JOB, "preview")
    assert "Traceback" in driver.log("error")[0]


def test_an_unreadable_configuration_is_told(
    ix: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "config.yml"
    broken.write_text("url: [", encoding="utf-8")
    monkeypatch.setenv("CONDUCTOR_CONFIG", str(broken))
    driver.press(JOB, "preview")
    assert str(broken) in driver.log("error")[0]


# ---------------------------------------------------------------- one transfer at a time


def test_buttons_answer_busy_during_a_transfer(ix: Any) -> None:
    state = RunState()
    engine = make_engine(ix, state)
    with state.doing("Submitting shot"):
        engine.on_action(driver.scripted.OfAction("preview"), ix.get_item(JOB), None)
    message, = driver.messages()
    assert message.text == "Busy: Submitting shot. Wait for its end, or cancel it."
    assert state.busy == ""


# ---------------------------------------------------------------- preview and submit


def payload_in(text: str) -> Any:
    return json.loads(text[text.index("Payload\n{") + len("Payload\n"):])


def paths_in(text: str) -> list[str]:
    """Paths of the files that a preview would upload."""
    return [entry["destination"] for entry in payload_in(text)["upload_files"]]


def test_preview_shows_what_would_be_sent_and_writes_nothing(
    connected: Any, artist: Artist, scene_path: Path
) -> None:
    before = sorted(path for path in scene_path.parent.rglob("*"))
    driver.press(JOB, "preview")
    assert driver.log("error") == []
    (title, text), = artist.seen
    assert title == "Conductor preview"
    assert FRAMES in text
    size = sum(os.path.getsize(path) for path in paths_in(text) if os.path.exists(path))
    assert size and "Files: %d, %s" % (len(paths_in(text)), size_text(size)) in text
    payload = payload_in(text)
    frames = [task["frames"] for task in payload["tasks_data"]]
    assert frames == ["1-2", "3-4", "5-6", "7-8", "9-10"]
    assert payload["project"] == "default"
    assert sorted(path for path in scene_path.parent.rglob("*")) == before
    host_vars = connected.application.get_factory().get_vars()
    assert host_vars.get("CT_SEQUENCE").get_string() == "1-10"


def test_preview_works_without_a_service(ix: Any, artist: Artist) -> None:
    driver.press(JOB, "preview")
    (_, text), = artist.seen
    assert FRAMES in text
    assert driver.log("error") == []
    assert "warning: " in text


def test_preview_without_windows_goes_into_the_log(open_scene: Any) -> None:
    open_scene(gui=False)
    driver.press(JOB, "preview")
    assert FRAMES in "\n".join(driver.log("info"))


@pytest.fixture
def dead_url(service: Any, clean_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key that can be read, and an address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d" % free.getsockname()[1]
    monkeypatch.setenv("CONDUCTOR_URL", url)
    monkeypatch.setenv("CONDUCTOR_API_KEY_PATH", service.key_path)
    return url


def codes(ready: Prepared) -> list[str]:
    """Of what needs an answer."""
    return sorted(
        finding.code for finding in ready.findings if finding.level is not Level.INFO)


def test_the_command_line_prepares_without_windows(service_env: Any, open_scene: Any) -> None:
    ix = open_scene(gui=False)
    config = Config.load()
    ready = prepare(ix, ix.get_item(JOB), config, ApiClient.from_config(config))
    assert ready.catalog.is_known
    assert codes(ready) == []
    unchecked = prepare(ix, ix.get_item(JOB), config)
    assert not unchecked.catalog.is_known
    assert codes(unchecked) == ["catalog-unknown"]
    assert [task.command.replace(unchecked.plan.path, ready.plan.path)
            for task in unchecked.submission.tasks] == [
        task.command for task in ready.submission.tasks
    ]


def test_a_service_that_does_not_answer_does_not_stop_a_preview(
    dead_url: str, ix: Any, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config.load()
    client = ApiClient.from_config(config, Transport(backoff_s=0))
    ready = prepare(ix, ix.get_item(JOB), config, client)
    assert not ready.catalog.is_known
    assert codes(ready) == ["catalog-unknown"]
    assert dead_url in caplog.text, "the log says why names stay unchecked"


def stored_jobs() -> list[dict[str, Any]]:
    return ApiClient.from_config(Config.load()).jobs()


def yes(_: object) -> str:
    return "yes"


def test_submit_uploads_and_starts_the_job(connected: Any, artist: Artist) -> None:
    before = len(stored_jobs())
    driver.press(JOB, "submit")
    assert driver.log("error") == []
    assert len(stored_jobs()) == before + 1
    assert "/jobs/" in artist.text_of("Conductor result")
    assert driver.windows() == [], "the progress window is gone"


def test_upload_only_starts_nothing_and_cleans_up(
    connected: Any, artist: Artist, scene_path: Path
) -> None:
    driver.set_attribute(JOB, "upload_only", "1")
    before = len(stored_jobs())
    driver.press(JOB, "submit")
    assert driver.log("error") == []
    assert artist.text_of("Conductor result") == "Nothing was started."
    assert len(stored_jobs()) == before
    assert list(scene_path.parent.glob("*.render.project")) == []


def test_the_package_stays_when_it_is_asked_for(connected: Any, scene_path: Path) -> None:
    driver.set_attribute(JOB, "upload_only", "1")
    driver.set_attribute(JOB, "clean_up_render_package", "0")
    driver.press(JOB, "submit")
    assert len(list(scene_path.parent.glob("*.render.project"))) == 1


@pytest.mark.parametrize("button, titles", [
    ("Submit", ["preview", "result", "preview"]),
    ("Submit and close", ["preview", "result"]),
])
def test_submit_in_the_preview_sends_what_is_shown(
    connected: Any, artist: Artist, button: str, titles: list[str]
) -> None:
    artist.presses = [button]
    driver.press(JOB, "preview")
    assert driver.log("error") == []
    assert [title for title, _ in artist.seen] == ["Conductor " + title for title in titles]
    shown = payload_in(artist.seen[0][1])
    newest = max(stored_jobs(), key=lambda job: str(job["jid"]))
    assert newest["metadata"]["conductor_submission_id"] == (
        shown["metadata"]["conductor_submission_id"]
    )
    if titles[-1] == "preview":
        assert "Job %s was submitted. To send it once more" % newest["jid"] in artist.headings[-1]


@pytest.mark.parametrize("button, shown_again", [("Submit", 1), ("Submit and close", 0)])
def test_who_cancels_sees_the_preview_again_and_may_still_send_it(
    connected: Any, artist: Artist, scene_path: Path, button: str, shown_again: int
) -> None:
    (scene_path.parent / "tex" / "fixed.png").unlink()
    before = len(stored_jobs())
    artist.presses = [button, "Cancel", "Submit and close", "Continue"]
    driver.press(JOB, "preview")
    again = ["Conductor preview", "Conductor findings", "Conductor result"] * shown_again
    assert [title for title, _ in artist.seen] == [
        "Conductor preview", "Conductor findings", *again]
    assert len(stored_jobs()) == before + shown_again


def test_a_cancelled_upload_brings_the_preview_back(
    connected: Any, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_it(*_: object, **__: object) -> None:
        raise Cancelled("stopped by the artist")

    monkeypatch.setattr(submitting, "send", stop_it)
    artist.presses = ["Submit"]
    driver.press(JOB, "preview")
    assert [title for title, _ in artist.seen] == ["Conductor preview", "Conductor preview"]
    assert "was submitted" not in artist.headings[-1]
    assert "stopped by the artist" in driver.log("info")[-1]
    assert driver.log("error") == [] and driver.messages() == []


def test_a_stale_preview_is_shown_anew_before_anything_is_sent(
    connected: Any, artist: Artist
) -> None:
    before = len(stored_jobs())

    def change() -> bool:
        if artist.seen and len(artist.seen) == 1 and not driver.messages():
            driver.set_attribute(JOB, "chunk_size", "5")
        return True

    artist.presses = ["Submit", "Close"]
    stop = driver.on_events(change)
    driver.press(JOB, "preview")
    stop()
    assert "has changed" in driver.messages()[0].text
    assert len(artist.seen) == 2
    assert "2 Chunks" in artist.seen[1][1]
    assert len(stored_jobs()) == before


@pytest.mark.parametrize("button, sent", [("Cancel", 0), ("Continue", 1)])
def test_warnings_may_be_accepted(
    connected: Any, artist: Artist, button: str, sent: int, scene_path: Path
) -> None:
    gone = scene_path.parent / "tex" / "fixed.png"
    gone.unlink()
    before = {job["jid"] for job in stored_jobs()}
    artist.presses = [button]
    driver.press(JOB, "submit")
    assert str(gone) in artist.text_of("Conductor findings")
    new = [job["jid"] for job in stored_jobs() if job["jid"] not in before]
    assert len(new) == sent
    for jid in new:
        client = ApiClient.from_config(Config.load())
        payload = client.call("GET", "/api/v1/client/jobs/%s/payload" % jid).json()
        # The render package names it, as the scene does; no file to upload does.
        assert gone.name not in json.dumps(payload.get("data", payload))


def test_errors_stop_a_submission(
    connected: Any, artist: Artist, scene_path: Path
) -> None:
    before = len(stored_jobs())
    driver.set_attribute(JOB, "custom_frames", "1-x")
    artist.presses = ["Continue"]  # greyed out
    stop = driver.on_events(lambda: [window.hide() for window in driver.windows()
                                     if "findings" in window.get_title()] == [None])
    driver.press(JOB, "submit")
    stop()
    assert '"1-x"' in artist.text_of("Conductor findings")
    assert len(stored_jobs()) == before
    assert list(scene_path.parent.glob("*.render.project")) == []


def test_export_writes_the_package_and_says_where(connected: Any, scene_path: Path) -> None:
    driver.press(JOB, "export_render_package")
    package, = scene_path.parent.glob("*.render.project")
    assert str(package) in driver.messages()[0].text
    text = package.read_text(encoding="utf-8")
    assert "ConductorJob" not in text
    assert "first_frame 1\n        last_frame 10\n" in text


def test_cancel_stops_a_submission(connected: Any, artist: Artist) -> None:
    before = len(stored_jobs())

    def cancel() -> bool:
        for window in driver.windows():
            if window.get_title().startswith("Submitting"):
                driver.press_button(window, "Cancel")
        return True

    stop = driver.on_events(cancel)
    driver.press(JOB, "submit")
    stop()
    assert driver.windows() == []
    arrived = [title for title, _ in artist.seen if title == "Conductor result"]
    assert len(stored_jobs()) - before == len(arrived), "cancelled, or told as sent"


# ---------------------------------------------------------------- the artist's scene


Setter = Callable[..., Any]
CHANGING = ("set_", "add_", "remove_", "activate_", "apply_", "make_", "load_", "save_project")


def spied(monkeypatch: pytest.MonkeyPatch, api: Any, touched: list[str]) -> None:
    """Note the owner of everything that is changed through ``ix``."""
    for class_name in ("OfAttr", "OfItem", "OfContext", "OfObject", "PyOfObject", "OfVars"):
        cls = getattr(api, class_name)
        for name in [name for name in vars(cls) if name.startswith(CHANGING)]:
            note(monkeypatch, cls, name, touched)


def note(monkeypatch: pytest.MonkeyPatch, cls: type, name: str, touched: list[str]) -> None:
    original: Setter = getattr(cls, name)

    def noting(self: Any, *args: Any) -> Any:
        touched.append("%s.%s" % (self, name) if "vars" not in type(self).__name__.lower() else
                       "vars.%s %s" % (name, args[1]))
        return original(self, *args)

    monkeypatch.setattr(cls, name, noting)


def is_ours(touch: str) -> bool:
    return touch.startswith((JOB + ".", "vars.CT_", "vars.add CT_"))


@pytest.mark.parametrize("action", ["preview", "submit", "refresh", "export_render_package"])
def test_nothing_but_our_items_and_variables_is_ever_written(
    connected: Any, monkeypatch: pytest.MonkeyPatch, scene_path: Path, action: str
) -> None:
    touched: list[str] = []
    spied(monkeypatch, connected.api, touched)
    driver.answer(yes)
    before = scene_path.read_bytes(), connected.application.get_current_project_filename()
    driver.press(JOB, action)
    assert driver.log("error") == []
    assert [touch for touch in touched if not is_ours(touch)] == []
    assert touched or action == "export_render_package", "the spy sees nothing"
    assert before == (
        scene_path.read_bytes(), connected.application.get_current_project_filename()
    )


def test_the_spy_would_see_a_changed_scene(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[str] = []
    spied(monkeypatch, ix.api, touched)
    ix.get_item("project://scene/one").get_attribute("first_frame").set_long(5)
    assert [touch for touch in touched if not is_ours(touch)] == [
        "project://scene/one.first_frame.set_long"
    ]


def test_variables_come_back_after_a_project_was_opened(ix: Any, scene_path: Path) -> None:
    ix.load_project(str(scene_path))
    host_vars = ix.application.get_factory().get_vars()
    assert host_vars.get("CT_SEQUENCE") is None
    driver.press(JOB, "preview")
    assert host_vars.get("CT_SEQUENCE").get_string() == "1-10"


def test_any_press_declares_the_variables_again(ix: Any, scene_path: Path) -> None:
    ix.load_project(str(scene_path))
    driver.press(JOB, "best_chunk_size")
    assert ix.application.get_factory().get_vars().get("CT_CHUNKS") is not None
