"""The menu of an attribute."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.clarisse import headless


@pytest.fixture
def menu(ix: Any) -> Any:
    attr = ix.get_item("scene/image.last_frame")
    attr.remove_all_presets()
    for label, value in (("Low", "10"), ("High", "50"), ("Top", "90")):
        attr.add_preset(label, value)
    return attr


def test_labels_and_values(menu: Any) -> None:
    assert menu.has_preset()
    assert menu.get_preset_count() == 3
    assert [menu.get_preset_label(index) for index in range(4)] == ["Low", "High", "Top", ""]
    assert [menu.get_preset_value(index) for index in range(4)] == ["10", "50", "90", ""]
    assert menu.get_preset_value("Top") == "90"
    assert menu.get_preset_value("None") == ""
    assert [menu.get_preset_index(label) for label in ("Low", "Top", "None")] == [0, 2, -1]


def test_the_applied_entry_follows_the_value(menu: Any) -> None:
    assert (menu.get_applied_preset_index(), menu.get_applied_preset_label()) == (1, "High")
    menu.set_long(90)
    assert (menu.get_applied_preset_index(), menu.get_applied_preset_label()) == (2, "Top")


def test_no_entry_is_minus_one_without_a_sign(menu: Any, host: headless.Host) -> None:
    menu.set_long(11)
    assert (menu.get_applied_preset_index(), menu.get_applied_preset_label()) == (4294967295, "")
    host.switches.no_preset_index = -1
    assert menu.get_applied_preset_index() == -1


@pytest.mark.parametrize("key, value", [("Low", 10), (2, 90), ("None", 50), (7, 50)])
def test_applying(menu: Any, key: Any, value: int) -> None:
    menu.apply_preset(key)
    assert menu.get_long() == value


@pytest.mark.parametrize(
    "key, left", [("High", ["Low", "Top"]), (0, ["High", "Top"]), ("None", ["Low", "High", "Top"])]
)
def test_removing(menu: Any, key: Any, left: list[str]) -> None:
    menu.remove_preset(key)
    assert [menu.get_preset_label(index) for index in range(menu.get_preset_count())] == left


def test_changing(menu: Any) -> None:
    menu.set_preset_label(0, "Lowest")
    menu.set_preset_value("Lowest", "50")
    menu.set_preset_value(1, "51")
    menu.set_preset_value(9, "1")
    menu.set_preset_label(9, "x")
    assert menu.get_applied_preset_label() == "Lowest"
    assert menu.get_preset_value("High") == "51"


def test_an_instance_does_not_change_its_class(ix: Any, job_class: Any) -> None:
    attr = ix.get_item("scene/old.mode")
    attr.add_preset("Turbo", "3")
    declared = ix.application.get_factory().get_classes().get("Job").get_attribute("mode")
    assert (attr.get_preset_count(), declared.get_preset_count()) == (3, 2)
    declared.remove_all_presets()
    assert attr.get_preset_count() == 3


def test_an_instance_shows_the_menu_of_its_class(ix: Any, job_class: Any) -> None:
    attr = ix.get_item("scene/old.mode")
    assert [attr.get_preset_label(index) for index in range(2)] == ["Slow", "Fast"]
    assert attr.get_applied_preset_label() == "Slow"


def test_the_trick_that_redraws_the_editor(menu: Any) -> None:
    last = menu.get_preset_count() - 1
    label, value = menu.get_preset_label(last), menu.get_preset_value(last)
    current = menu.get_long()
    menu.remove_preset(last)
    menu.add_preset(label, value)
    menu.set_long(current)
    assert [menu.get_preset_label(index) for index in range(3)] == ["Low", "High", "Top"]


def test_icons_of_entries(ix: Any, job_class: Any) -> None:
    attr = ix.get_item("scene/old.mode")
    attr.add_preset("Turbo", "3", "turbo.png")
    assert [attr.get_preset_icon(place) for place in (0, 2, 9)] == ["", "turbo.png", ""]


def test_declarations_that_only_windows_show_are_taken(ix: Any, job_class: Any) -> None:
    attr = ix.get_item("scene/old.ratio")
    attr.set_texture_filters(["Texture"])
    attr.set_dg_active(True)
    assert attr.get_double() == 0.0
