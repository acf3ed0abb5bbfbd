"""What a plugin's startup script puts into the main menu and on the shelf, and dialogs of items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.headless import driver
from conductor.lib.errors import SceneError

# A startup script in the style of pipeline kits: a menu, a separator, a shelf button.
KIT = """
import ix

def disable_lights():
    lights = ix.api.OfObjectArray()
    ix.application.get_factory().get_all_objects("Light", lights)
    for light in lights:
        ix.cmds.DisableItems([str(light)], True)
    ix.log_info("%d lights" % lights.get_count())

menu = ix.application.get_main_menu()
if menu.get_item("Kit>"):
    menu.remove_command("Kit>")
menu.add_command("Kit>", "")
menu.add_command("Kit>Disable lights", disable_lights)
menu.add_command("Kit>Hello", "ix.log_info('hello')")
ix.application.get_shelf().add_item(
    "Kit", "Look", "Frame", "Goes to frame 7", FRAME_SCRIPT, "icons/frame.png")
"""


@pytest.fixture
def kit(ix: Any, tmp_path: Path) -> Any:
    script = tmp_path / "frame.py"
    script.write_text("ix.set_current_frame(7)\nassert '__file__' not in globals()\n", "utf-8")
    names = {"ix": ix, "FRAME_SCRIPT": str(script)}
    exec(KIT, names)
    exec(KIT, names)  # a startup script may run twice
    return ix


def test_a_command_of_the_menu_is_called(kit: Any) -> None:
    light = kit.cmds.CreateObject("sun", "LightPhysicalDistant", "project://scene")
    driver.choose_command("Kit>Disable lights")
    assert light.is_disabled() and driver.log("info")[-1] == "1 lights"


def test_a_command_may_be_a_script(kit: Any) -> None:
    driver.choose_command("Kit>Hello")
    assert driver.log("info") == ["hello"]


def test_the_menu_knows_what_is_in_it(kit: Any) -> None:
    menu = kit.application.get_main_menu()
    assert menu.get_item("Kit") and menu.get_item("Kit>") and menu.get_item("Kit>Hello")
    assert menu.get_item("Kit>Hell") is None and menu.get_item("Ki") is None
    menu.remove_command("Kit>Hello")
    assert menu.get_item("Kit>Hello") is None and menu.get_item("Kit>Disable lights")
    menu.remove_command("Kit")
    assert menu.get_item("Kit") is None
    with pytest.raises(SceneError, match='no "Kit>Disable lights"'):
        driver.choose_command("Kit>Disable lights")
    with pytest.raises(TypeError):
        menu.add_command("Kit>Five", 5)


def test_a_button_of_the_shelf_runs_its_file(kit: Any) -> None:
    driver.press_shelf("Frame")
    assert kit.get_current_frame() == 7
    with pytest.raises(SceneError, match="no button"):
        driver.press_shelf("Other")


def test_a_scripted_class_is_in_the_create_menu(ix: Any, job_class: Any) -> None:
    assert ix.application.get_main_menu().get_item("Create>Job")
    assert ix.application.get_main_menu().get_item("Create>Jo") is None
    ix.set_current_context("project://scene")
    driver.choose_command("Create>Job")
    assert ix.get_item("project://scene/Job").get_class_name() == "Job"


# ---------------------------------------------------------------- dialogs


@pytest.mark.parametrize("given, expected", [("ok", True), (None, False)])
def test_an_item_is_inspected_before_a_script_goes_on(
    ix: Any, given: str, expected: bool
) -> None:
    options = ix.create_generic_object("options")
    ix.add_attribute(options, "count", "frame")

    def artist(message: Any) -> str:
        options.attrs.count = 4
        return given

    driver.answer(artist)
    assert ix.inspect(options).is_ok() is expected
    assert options.attrs.count[0] == 4
    assert driver.messages()[-1].text == options.get_full_name()
    ix.application.inspect(options, ix.api.AppDialog.cancel(), 1, "Options")
    assert driver.messages()[-1].title == "Options"


@pytest.mark.parametrize("given, chosen, modified, yes, path", [
    ("yes", "", True, True, "FILE"), ("no", "", True, False, None),
    (None, "", True, False, None), ("yes", "", False, False, None),
])
def test_a_script_asks_whether_to_save(
    ix: Any, given: str, chosen: str, modified: bool, yes: bool, path: str
) -> None:
    if modified:
        ix.cmds.CreateContext("props", "project:/")
    driver.answer(lambda message: given)
    answer, found = ix.check_need_save()
    assert answer.is_yes() is yes
    assert found == (ix.application.get_current_project_filename() if path else None)
    assert len(driver.messages()) == int(modified)


@pytest.mark.parametrize("chosen, found", [(["/shots/new.project"], "/shots/new.project"),
                                           ([], None)])
def test_a_project_without_a_name_is_given_one(ix: Any, chosen: list[str], found: Any) -> None:
    ix.application.set_current_project_filename("")
    ix.cmds.CreateContext("props", "project:/")
    driver.answer(lambda message: "yes")
    driver.choose_files(*chosen)
    assert ix.check_need_save()[1] == found


def test_waiting_for_events_is_one_round(ix: Any) -> None:
    rounds: list[int] = []
    driver.on_events(lambda: rounds.append(1))
    ix.application.wait_for_events()
    assert rounds == [1]
    ix.application.get_command_manager().echo_command("SetValue")


def test_a_vector_of_numbers(ix: Any) -> None:
    vector = ix.api.GMathVec3d(1, 2.5, 3)
    vector[0] = 7
    assert [vector[0], vector[1], vector[2]] == [7.0, 2.5, 3.0]
    assert ix.api.GMathVec3d()[2] == 0.0
    with pytest.raises(TypeError):
        ix.api.GMathVec3d("1", 2, 3)
