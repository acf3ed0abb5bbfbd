"""The package chooser, used as the artist does."""

from __future__ import annotations

from typing import Any

import form_artist as artist
import pytest
from build_values import PACKAGES
from form_artist import click, each, fill

from conductor.clarisse.headless import driver
from conductor.clarisse.panels.package_chooser import PackageWindow
from conductor.clarisse.panels.package_chooser_model import PackageChooser
from conductor.lib.package_utils import PackageTree

TITLE = "Package chooser"
SLATE = "conductor-slate 1.0"
C5, O1 = "clarisse 5.0.5", "clarisse 5.0.5/ornatrix 1"
OTHER = {
    "package_id": "cccc", "product": "clarisse", "major_version": "4", "plugins": ["bbbb"],
}


def press(*steps: artist.Steps) -> None:
    artist.press("choose_packages", TITLE, *steps)


def choose(tree: int, *places: str) -> artist.Step:
    return lambda window: driver.choose_rows(artist.trees(window)[tree], *places)


@pytest.fixture
def refreshed(service_env: Any, ix: Any) -> Any:
    """The scene, after Conductor was asked."""
    driver.press(artist.JOB, "refresh")
    return ix


class Seen:
    """What a window over the packages of the test showed after each step."""

    def __init__(self, ix: Any, *steps: artist.Step, chosen: tuple[str, ...] = ()) -> None:
        self.model = PackageChooser(chosen, PackageTree([*PACKAGES, OTHER]))
        self.answers: list[str] = []
        self.offered: list[list[str]] = []
        self.chosen: list[list[str]] = []
        self.summaries: list[str] = []
        self._steps = list(steps)
        stop = driver.on_events(self._look)
        self.is_accepted = PackageWindow(ix, self.model).run()
        stop()
        assert driver.callback_errors() == []
        assert driver.log("error") == []

    def _look(self) -> bool:
        for window in driver.windows():
            if self._steps:
                self._steps.pop(0)(window)
                self.answers.append(artist.answer(window))
                self.offered.append(artist.rows(window, 0))
                self.chosen.append(artist.rows(window, 1))
                self.summaries.append(artist.summary(window))
            else:
                driver.close(window)
        return True


def test_what_is_chosen_is_stored_at_ok(refreshed: Any) -> None:
    press(each(choose(1, SLATE), click("< Remove")), click("OK"))
    assert artist.stored_list(refreshed, "packages") == []
    press(each(choose(0, SLATE), click("Add >")), click("OK"))
    assert artist.stored_list(refreshed, "packages") == [SLATE]


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_nothing_is_written_without_ok(refreshed: Any, leave: artist.Step) -> None:
    press(each(choose(1, SLATE), click("< Remove")), leave)
    assert artist.stored_list(refreshed, "packages") == [SLATE]


def test_before_refresh_it_explains_and_offers_nothing(ix: Any) -> None:
    told: list[str] = []
    press(lambda window: told.extend([
        artist.answer(window), *artist.rows(window, 0), *artist.rows(window, 1)]), click("Detect"))
    assert "press Refresh" in told[0]
    assert told[1:] == [SLATE], "what is chosen is shown, nothing is offered"
    assert artist.stored_list(ix, "packages") == [SLATE]


def test_a_plug_in_brings_its_host_and_goes_with_it(ix: Any) -> None:
    seen = Seen(ix, each(choose(0, O1), click("Add >")), each(choose(1, C5), click("< Remove")))
    assert seen.chosen == [[C5, O1], []]
    assert seen.answers[0] == "Added %s, %s." % (C5, O1)
    assert "Its plug-ins went too: " + O1 in seen.answers[1]


def test_a_plug_in_of_another_host_is_refused_in_the_window(ix: Any) -> None:
    seen = Seen(ix, each(choose(0, "clarisse 4/ornatrix 1"), click("Add >")), chosen=(C5,))
    assert "is a plug-in of clarisse 4, but clarisse 5.0.5 is chosen." in seen.answers[0]
    assert "What fits is %s." % O1 in seen.answers[0]
    assert seen.chosen == [[C5]]


def test_the_filter_narrows_while_it_is_typed(ix: Any) -> None:
    seen = Seen(ix, lambda window: None, fill(Filter="4"), fill(Filter="4 yeti"), fill(Filter=""))
    everything = [C5, O1, "clarisse 4", "clarisse 4/ornatrix 1"]
    assert seen.offered == [everything, everything[2:], [], everything]
    assert seen.summaries[1] == "2 of 4 packages shown, 0 chosen"


def test_detect_chooses_the_running_version(ix: Any) -> None:
    seen = Seen(ix, click("Detect", "OK"))
    assert seen.is_accepted
    assert seen.model.chosen == [C5]


def test_several_are_added_at_once(ix: Any) -> None:
    seen = Seen(ix, each(choose(0, C5, O1), click("Add >")), click("Add >"),
                each(choose(0), click("Add >")))
    assert seen.chosen[0] == [C5, O1]
    assert seen.answers[1:] == [
        "All of them are chosen already.", "Choose what to add first."], "the choice stays"


def test_nothing_is_broken_at_any_size(refreshed: Any) -> None:
    press(artist.resized)


def test_without_windows_the_packages_go_into_the_log(open_scene: Any) -> None:
    open_scene(gui=False)
    driver.press(artist.JOB, "choose_packages")
    assert "Chosen packages:\n" + SLATE in "\n".join(driver.log("info"))
