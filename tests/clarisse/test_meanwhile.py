"""What the artist does to the scene while a button is still at work: nothing crashes, nothing of
another scene is sent, and the next press works."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse.headless import driver, gui, lists
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config

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
