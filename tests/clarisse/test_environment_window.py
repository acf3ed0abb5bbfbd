"""The window of the extra environment, used as the artist does."""

from __future__ import annotations

import json
from typing import Any, Iterator

import form_artist as artist
import pytest
from build_values import PACKAGES
from form_artist import click, each, fill

from conductor.clarisse.headless import driver, lists
from conductor.clarisse.panels.environment_model import Environment
from conductor.clarisse.panels.rows import RowsWindow

TITLE = "Extra environment"
A = {"name": "A", "value": "$HOME/b", "merge_policy": "append"}


def press(*steps: artist.Steps) -> None:
    artist.press("manage_extra_environment", TITLE, *steps)


def stored(ix: Any) -> Any:
    return json.loads(artist.stored(ix, "extra_environment"))


def choose_policy(policy: str) -> artist.Step:
    return lambda window: driver.choose(
        next(driver.widgets(window, lists.GuiListButton)), policy)


def choose_row(place: int) -> artist.Step:
    return lambda window: driver.choose(
        artist.one_list(window), artist.listed(window)[place])


def test_what_is_stored_is_shown(ix: Any) -> None:
    seen: list[list[str]] = []
    press(lambda window: seen.append(artist.listed(window)))
    assert seen == [["A = $HOME/b   (append)"]]


@pytest.mark.parametrize("policy", ["append", "prepend", "exclusive"])
def test_a_variable_is_added(ix: Any, policy: str) -> None:
    press(each(fill(Name=" B ", Value="$PDIR/x"), choose_policy(policy), click("Add", "OK")))
    assert stored(ix) == [A, {"name": "B", "value": "$PDIR/x", "merge_policy": policy}]


def test_the_chosen_row_is_taken_into_the_fields_and_changed(ix: Any) -> None:
    def look(window: Any) -> None:
        assert [driver.text(artist.line(window, label)) for label in ("Name", "Value")] == [
            "A", "$HOME/b"]

    press(choose_row(0), look,
          each(fill(Value="$HOME/c"), choose_policy("prepend"), click("Change", "OK")))
    assert stored(ix) == [{"name": "A", "value": "$HOME/c", "merge_policy": "prepend"}]


def test_the_chosen_row_is_removed(ix: Any) -> None:
    press(each(choose_row(0), click("Remove", "OK")))
    assert artist.stored(ix, "extra_environment") == ""


def test_a_refused_change_keeps_the_row_chosen(ix: Any) -> None:
    press(each(choose_row(0), fill(Name="A B"), click("Change")),
          each(fill(Name="AB"), click("Change", "OK")))
    assert [entry["name"] for entry in stored(ix)] == ["AB"]


@pytest.mark.parametrize("label", ["Change", "Remove"])
def test_without_a_chosen_row_the_window_asks_for_one(ix: Any, label: str) -> None:
    press(each(fill(Name="B"), click(label)),
          lambda window: answers(window, "Choose a row first."))
    assert stored(ix) == [A]


def answers(window: Any, text: str) -> None:
    assert text in artist.answer(window)


@pytest.mark.parametrize("name, reason", [
    ("", "Type a name first."),
    ("A=B", "letters, digits and underscores"),
    ("1A", "no digit at the beginning"),
])
def test_a_bad_name_is_refused_with_the_reason(ix: Any, name: str, reason: str) -> None:
    press(each(fill(Name=name, Value="x"), click("Add")),
          lambda window: answers(window, reason), click("OK"))
    assert stored(ix) == [A]


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_nothing_is_written_without_ok(ix: Any, leave: artist.Step) -> None:
    press(each(fill(Name="B", Value="x"), click("Add")),
          lambda window: each(lambda _: artist.listed(window)[1].index("B ="), leave)(window))
    assert stored(ix) == [A]


def test_ok_without_a_change_leaves_the_text_as_it_is(open_scene: Any) -> None:
    odd = r'[ {\"name\": \"A\"} ]'
    ix = open_scene((r'[{\"name\": \"A\", \"value\": \"$HOME/b\", \"merge_policy\": \"append\"}]',
                     odd))
    press(click("OK"))
    assert artist.stored(ix, "extra_environment") == '[ {"name": "A"} ]'


@pytest.fixture
def broken(open_scene: Any) -> Iterator[Any]:
    """The scene with a text that is no JSON."""
    yield open_scene((
        r'[{\"name\": \"A\", \"value\": \"$HOME/b\", \"merge_policy\": \"append\"}]', "[{A"))


def test_a_text_that_cannot_be_read_is_shown_and_stays(broken: Any) -> None:
    press(each(lambda window: answers(window, "[{A"), fill(Name="B"), click("Add")),
          each(lambda window: answers(window, "Nothing can be added"), click("OK")))
    assert artist.stored(broken, "extra_environment") == "[{A"


def test_a_text_that_cannot_be_read_is_replaced_when_the_artist_says_so(broken: Any) -> None:
    press(each(artist.resized, fill(Name="B", Value="x"), click("Start Anew", "Add", "OK")))
    assert stored(broken) == [{"name": "B", "value": "x", "merge_policy": "append"}]


def test_start_anew_is_offered_only_then(ix: Any) -> None:
    def look(window: Any) -> None:
        with pytest.raises(Exception, match="Start Anew"):
            driver.press_button(window, "Start Anew")

    press(look)


def test_a_conflict_with_a_package_is_told_at_once(ix: Any) -> None:
    told: list[str] = []
    steps = [
        each(fill(Name="LICENCE", Value="x"), choose_policy("exclusive"), click("Add")),
        lambda window: told.append(artist.answer(window)),
    ]

    def look() -> bool:
        for window in driver.windows():
            if steps:
                steps.pop(0)(window)
            else:
                driver.close(window)
        return True

    stop = driver.on_events(look)
    assert not RowsWindow(ix, Environment("", PACKAGES)).run()
    stop()
    assert '"4101@server" and "x" (clarisse 5.0.5, Extra Environment)' in told[0]


def test_the_packages_of_the_item_count_once_conductor_was_asked(
    service_env: Any, ix: Any
) -> None:
    told: list[str] = []
    press(lambda window: told.append(artist.answer(window)))
    driver.press(artist.JOB, "refresh")
    press(lambda window: told.append(artist.answer(window)))
    assert ["Conductor was not asked" in one for one in told] == [True, False]


def test_nothing_is_broken_at_any_size(ix: Any) -> None:
    press(artist.resized)


def test_without_windows_the_rows_go_into_the_log(open_scene: Any) -> None:
    open_scene(gui=False)
    driver.press(artist.JOB, "manage_extra_environment")
    assert "Extra environment:\nA = $HOME/b   (append)" in "\n".join(driver.log("info"))
