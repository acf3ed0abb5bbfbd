"""What the artist does to the scene while a button is still at work: nothing crashes, nothing of
another scene is sent, and the next press works."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Callable

import pytest
from onlooker import Artist

from conductor.clarisse import submitting
from conductor.clarisse.headless import driver, gui, lists
from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import send
from conductor.lib.config import Config
from conductor.lib.errors import ServiceError, SubmissionUnknown

JOB = "project://job"
Deed = Callable[[Any, Path], object]


def delete_the_job(ix: Any, _: Path) -> None:
    ix.cmds.DeleteItems([JOB])


def rename_the_job(ix: Any, _: Path) -> None:
    ix.cmds.RenameItem(JOB, "other")


def open_another_project(ix: Any, scene: Path) -> None:
    other = scene.parent / "other.project"
    other.write_text(scene.read_text(encoding="utf-8"), encoding="utf-8")
    ix.load_project(str(other))


def save_under_another_name(ix: Any, scene: Path) -> None:
    ix.application.save_project(str(scene.parent / "copy.project"))


def change_a_range(ix: Any, _: Path) -> None:
    driver.set_attribute("project://scene/one", "last_frame", "7")


def change_a_setting(ix: Any, _: Path) -> None:
    driver.set_attribute(JOB, "title", "something else")


GONE = [delete_the_job, rename_the_job, open_another_project, save_under_another_name]
EDITED = {
    "manage_extra_environment": "Add", "manage_metadata": "Add",
    "manage_extra_uploads": "Remove Selected", "choose_packages": "< Remove",
}
"""The windows that edit, each with a button that changes something."""


def once(ix: Any, scene: Path, title: str, deed: Deed) -> Callable[[], bool]:
    """Do it when a window of that title is first shown; say yes to every window."""
    done: list[Any] = []

    def look() -> bool:
        for window in driver.windows():
            if title in window.get_title() and not done:
                done.append(window)
                deed(ix, scene)
            labels = [driver.text(each) for each in driver.widgets(window, gui.GuiPushButton)]
            for label in ("Continue", "Submit and close", "Close"):
                if label in labels:
                    driver.press_button(window, label)
                    break
        return True

    return look


def jobs() -> list[str]:
    return [job["jid"] for job in ApiClient.from_config(Config.load()).jobs()]


def packages(scene: Path) -> list[Path]:
    return list(scene.parent.glob("*.render.project"))


def held() -> bool:
    """Nothing has crashed, and one line told what happened."""
    return driver.host().crashes == [] and driver.callback_errors() == [] and (
        len(driver.log("error")) == 1)


def deed_name(deed: Deed) -> str:
    return str(getattr(deed, "__name__", deed))


# ---------------------------------------------------------------- gone


@pytest.mark.parametrize("action, deed", [
    *[("submit", deed) for deed in GONE],
    ("preview", delete_the_job), ("export_render_package", delete_the_job),
], ids=lambda value: value if isinstance(value, str) else deed_name(value))
def test_an_item_that_is_gone_sends_nothing(
    service_env: Any, ix: Any, scene_path: Path, action: str, deed: Deed,
) -> None:
    before = jobs()
    stop = driver.on_events(once(ix, scene_path, "Scanning", deed))
    driver.press(JOB, action)
    stop()
    assert held(), driver.log("error")
    assert '"project://job" is gone' in driver.messages()[-1].text
    assert (jobs(), packages(scene_path)) == (before, [])
    assert driver.windows() == []


@pytest.mark.parametrize("deed", [delete_the_job, open_another_project], ids=deed_name)
def test_an_item_that_goes_while_its_preview_is_read_sends_nothing(
    service_env: Any, ix: Any, scene_path: Path, deed: Deed,
) -> None:
    before = jobs()
    stop = driver.on_events(once(ix, scene_path, "Conductor preview", deed))
    driver.press(JOB, "preview")
    stop()
    assert held() and "is gone" in driver.messages()[-1].text
    assert (jobs(), packages(scene_path)) == (before, [])


@pytest.mark.parametrize("deed", [delete_the_job, open_another_project], ids=deed_name)
def test_an_item_that_goes_while_conductor_is_asked(
    service_env: Any, ix: Any, scene_path: Path, deed: Deed,
) -> None:
    stop = driver.on_events(once(ix, scene_path, "Asking Conductor", deed))
    driver.press(JOB, "preview")
    assert held() and "is gone" in driver.messages()[-1].text
    stop()


@pytest.mark.parametrize("deed", [delete_the_job, open_another_project], ids=deed_name)
def test_refresh_serves_whatever_jobs_there_are_then(
    service_env: Any, ix: Any, scene_path: Path, deed: Deed,
) -> None:
    stop = driver.on_events(once(ix, scene_path, "Asking Conductor", deed))
    driver.press(JOB, "refresh")
    stop()
    assert driver.host().crashes == [] and driver.log("error") == []
    job = ix.application.get_factory().get_object(JOB)
    assert job is None or job.get_attribute("project").get_applied_preset_label() == "default"


@pytest.mark.parametrize("action", EDITED)
def test_what_was_edited_for_an_item_that_is_gone_is_told(ix: Any, action: str) -> None:
    def look() -> bool:
        for window in driver.windows():
            if window.get_title() != "Looking for files":
                edit(window, EDITED[action])
                ix.cmds.DeleteItems([JOB])
                driver.press_button(window, "OK")
        return True

    stop = driver.on_events(look)
    driver.press(JOB, action)
    stop()
    assert held() and "is gone" in driver.messages()[-1].text


def edit(window: Any, button: str) -> None:
    if button == "Add":
        driver.type_text(driver.find(window, "Name", gui.GuiLineEdit), "NEW")
    else:
        tree = list(driver.widgets(window, lists.GuiTree))[-1]
        driver.choose_rows(tree, next(place for place, _ in driver.rows(tree)))
    driver.press_button(window, button)


def test_stack_traces_are_wanted_by_an_item_that_is_gone(ix: Any, scene_path: Path) -> None:
    driver.set_attribute(JOB, "show_tracebacks", "1")
    stop = driver.on_events(once(ix, scene_path, "Scanning", delete_the_job))
    driver.press(JOB, "preview")
    stop()
    assert held() and "Traceback" in driver.log("error")[0]


# ---------------------------------------------------------------- changed


@pytest.mark.parametrize("action, deed", [
    ("submit", change_a_range), ("submit", change_a_setting),
    ("export_render_package", change_a_range),
], ids=lambda value: value if isinstance(value, str) else deed_name(value))
def test_what_was_changed_while_it_was_scanned_is_not_sent(
    service_env: Any, ix: Any, scene_path: Path, action: str, deed: Deed,
) -> None:
    before = jobs()
    stop = driver.on_events(once(ix, scene_path, "Scanning", deed))
    driver.press(JOB, action)
    assert held() and "changed since the button was pressed" in driver.messages()[-1].text
    assert (jobs(), packages(scene_path)) == (before, [])
    stop()

    stop = driver.on_events(once(ix, scene_path, "nothing", deed))
    driver.press(JOB, action)
    stop()
    assert held(), "the second press works"
    assert packages(scene_path) if action == "export_render_package" else len(jobs()) > len(before)


@pytest.mark.parametrize("deed", [delete_the_job, open_another_project, change_a_setting],
                         ids=deed_name)
def test_once_the_upload_has_begun_the_scene_is_free(
    service_env: Any, ix: Any, scene_path: Path, deed: Deed,
) -> None:
    before = jobs()
    stop = driver.on_events(once(ix, scene_path, "Submitting", deed))
    driver.press(JOB, "submit")
    stop()
    assert driver.host().crashes == [] and driver.log("error") == []
    assert len(jobs()) == len(before) + 1


# ---------------------------------------------------------------- other buttons


@pytest.mark.parametrize("title", ["Scanning", "Asking Conductor", "Submitting"])
def test_every_other_button_answers_busy_meanwhile(
    service_env: Any, ix: Any, scene_path: Path, title: str,
) -> None:
    ix.cmds.CopyItemTo(JOB, "project://scene")
    stop = driver.on_events(once(
        ix, scene_path, title, lambda *_: driver.press("project://scene/job", "refresh")))
    before = jobs()
    driver.press(JOB, "submit")
    stop()
    assert [one.text for one in driver.messages()][0].startswith("Busy: " + title)
    assert len(jobs()) == len(before) + 1


# ---------------------------------------------------------------- Cancel, and what is left


def cancel_at(title: str) -> Callable[[], bool]:
    """Press Cancel in the window of that title, Continue and Close in others."""
    def look() -> bool:
        for window in driver.windows():
            labels = [driver.text(each) for each in driver.widgets(window, gui.GuiPushButton)]
            wanted = ("Cancel",) if title in window.get_title() else ("Continue", "Close")
            for label in wanted:
                if label in labels:
                    driver.press_button(window, label)
        return True

    return look


@pytest.mark.parametrize("title", ["Asking Conductor", "Scanning", "findings", "Submitting"])
def test_cancel_at_each_window_of_a_submission_leaves_nothing(
    service_env: Any, ix: Any, scene_path: Path, monkeypatch: pytest.MonkeyPatch, title: str,
) -> None:
    (scene_path.parent / "tex" / "fixed.png").unlink()  # something to find
    before = jobs()
    stop = driver.on_events(cancel_at(title))
    with monkeypatch.context() as patch:
        patch.setattr(submitting, "send", waiting(before_it=True))
        driver.press(JOB, "submit")
    stop()
    assert driver.host().crashes == [] and driver.log("error") == [] and driver.windows() == []
    assert driver.messages() == [], "the artist's own wish needs no window"
    assert (jobs(), packages(scene_path)) == (before, [])

    stop = driver.on_events(cancel_at("nothing"))
    driver.press(JOB, "submit")
    stop()
    assert len(jobs()) == len(before) + 1, "the next press works"


def waiting(before_it: bool) -> Callable[..., Any]:
    """What sends, but lets Cancel come first, or lets it come too late."""
    def wait_and_send(*args: Any, cancel: threading.Event, **kwargs: Any) -> Any:
        if before_it:
            assert cancel.wait(30)
            return send(*args, cancel=cancel, **kwargs)
        sent = send(*args)  # deaf: neither the event nor the progress tells it of Cancel
        assert cancel.wait(30)
        return sent

    return wait_and_send


def test_cancel_that_comes_too_late_hides_no_job(
    service_env: Any, ix: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = jobs()
    monkeypatch.setattr(submitting, "send", waiting(before_it=False))
    onlooker = Artist()
    stop = driver.on_events(cancel_at("Submitting"))
    driver.press(JOB, "submit")
    stop()
    onlooker.leave()
    (new,) = set(jobs()) - set(before)
    assert onlooker.text_of("Conductor result").endswith("/jobs/" + new)


@pytest.mark.parametrize("keep, left", [("0", 1), ("1", 0)])
def test_the_package_of_what_failed_stays_only_where_packages_stay(
    service_env: Any, ix: Any, scene_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str,
    left: int,
) -> None:
    monkeypatch.setattr(submitting, "send", failing(ServiceError("The service went away.")))
    driver.set_attribute(JOB, "clean_up_render_package", keep)
    driver.press(JOB, "submit")
    assert "The service went away." in driver.messages()[-1].text
    assert len(packages(scene_path)) == left


def test_the_package_stays_where_nobody_knows_whether_there_is_a_job(
    service_env: Any, ix: Any, scene_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(submitting, "send", failing(SubmissionUnknown("No answer.")))
    driver.press(JOB, "submit")
    assert len(packages(scene_path)) == 1


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
