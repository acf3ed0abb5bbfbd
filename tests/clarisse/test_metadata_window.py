"""The window of the metadata, used as the artist does."""

from __future__ import annotations

import json
from typing import Any

import form_artist as artist
import pytest
from form_artist import click, each, fill

from conductor.clarisse.headless import driver, lists

TITLE = "Metadata"
PAIR = 'custom_frames "1-10"', 'custom_frames "1-10"\n    metadata "{\\"show\\": \\"$CT_JOB\\"}"'


def press(*steps: artist.Steps) -> None:
    artist.press("manage_metadata", TITLE, *steps)


@pytest.fixture
def shot(open_scene: Any) -> Any:
    """The scene with metadata."""
    return open_scene(PAIR)


def choose(place: int) -> artist.Step:
    return lambda window: driver.choose(
        artist.one_list(window), artist.listed(window)[place])


def test_pairs_are_added_changed_and_removed(shot: Any) -> None:
    press(each(fill(Name="seq", Value="$CT_SEQUENCE"), click("Add")),
          each(fill(Name="gone", Value="x"), click("Add")),
          each(choose(0), fill(Value="moon"), click("Change")),
          each(choose(2), click("Remove")),
          click("OK"))
    assert json.loads(artist.stored(shot, "metadata")) == {"show": "moon", "seq": "$CT_SEQUENCE"}


@pytest.mark.parametrize("name, reason", [
    ("", "Type a name first."), ("show", '"show" is there already.'),
    ("conductor_submission_id", "is taken"),
])
def test_a_name_that_cannot_be_is_refused(shot: Any, name: str, reason: str) -> None:
    told: list[str] = []
    press(each(fill(Name=name, Value="x"), click("Add")),
          lambda window: told.append(artist.answer(window)), click("OK"))
    assert reason in told[0]
    assert artist.stored(shot, "metadata") == '{"show": "$CT_JOB"}'


def test_a_secret_is_warned_of_at_once(shot: Any) -> None:
    told: list[str] = []
    press(each(fill(Name="api_token", Value="x"), click("Add")),
          lambda window: told.append(artist.answer(window)))
    assert "api_token seems to hold a secret" in told[0]


def test_ok_is_refused_while_a_name_is_there_twice(open_scene: Any) -> None:
    ix = open_scene((PAIR[0], PAIR[0] + '\n    metadata "{\\"a\\": \\"1\\", \\"a\\": \\"2\\"}"'))
    told: list[str] = []
    press(each(fill(Name="b", Value="x"), click("Add", "OK")),
          lambda window: told.append(artist.answer(window)),
          each(choose(0), click("Remove", "OK")))
    assert '"a" is there twice. Remove one of the two.' in told[0]
    assert json.loads(artist.stored(ix, "metadata")) == {"a": "2", "b": "x"}


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_nothing_is_written_without_ok(shot: Any, leave: artist.Step) -> None:
    press(each(choose(0), click("Remove")), leave)
    assert artist.stored(shot, "metadata") == '{"show": "$CT_JOB"}'


def test_there_is_no_policy_and_nothing_is_broken_at_any_size(shot: Any) -> None:
    press(each(
        lambda window: [1 / 0 for _ in driver.widgets(window, lists.GuiListButton)],
        artist.resized))


def test_without_windows_the_pairs_go_into_the_log(open_scene: Any) -> None:
    open_scene(PAIR, gui=False)
    driver.press(artist.JOB, "manage_metadata")
    assert "Metadata:\nshow = $CT_JOB" in "\n".join(driver.log("info"))
