"""What our evaluator does not understand, Clarisse itself says: on its own thread, task by task,
with nothing set but CT_ variables."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Mapping

import pytest
from build_values import CATALOG, IDENTITY, SETTINGS, config, scene

from conductor.clarisse.build import Built, Moment, build
from conductor.clarisse.headless import driver, gui
from conductor.clarisse.host_evaluation import Evaluator, HostText
from conductor.lib.errors import ExpressionError
from conductor.lib.paths import PathMap

JOB = "project://job"
TEMPLATE = '"render "+padded($CT_CHUNKSTART, 4)+" "+$CT_RENDER_PACKAGE'
PROBLEM = ExpressionError("there is no function padded here", TEMPLATE, 10)


def no_values(name: str) -> None:
    """A lookup that knows no variable."""


def answering(text: str) -> Evaluator:
    return lambda attribute, values: text


@pytest.mark.parametrize("evaluate", [
    pytest.param(None, id="nobody to ask"),
    pytest.param(answering("$CT_A is odd(1)"), id="the text as typed"),
    pytest.param(answering("one is odd(1)"), id="only its variables replaced"),
    pytest.param(answering("what it was"), id="whatever the variables are"),
])
def test_where_clarisse_cannot_tell_either_our_problem_is_raised(
    evaluate: Evaluator | None,
) -> None:
    values = {"CT_A": "one"}
    text = HostText(evaluate, "title", "$CT_A is odd(1)")
    with pytest.raises(ExpressionError) as caught:
        text.value(PROBLEM, values, values.get)
    assert caught.value is PROBLEM


def test_a_text_without_our_variables_may_always_say_the_same() -> None:
    text = HostText(answering("as ever"), "title", "odd($PNAME)")
    assert [text.value(PROBLEM, {"CT_A": "1"}, no_values) for _ in range(2)] == ["as ever"] * 2


def test_paths_in_a_command_are_the_nodes() -> None:
    path_map = PathMap([("Z:/tools", "/mnt/tools")])
    text = HostText(answering("Z:/tools/run.sh 1"), "task_template", "odd()", path_map)
    assert text.value(PROBLEM, {}, no_values) == "/mnt/tools/run.sh 1"
    plain = HostText(answering("Z:/tools/run.sh 1"), "title", "odd()")
    assert plain.value(PROBLEM, {}, no_values) == "Z:/tools/run.sh 1"


# ---------------------------------------------------------------- while building


def made(evaluate: Evaluator | None, **changes: Any) -> Built:
    settings = replace(SETTINGS, use_custom_frames=True, custom_frames="1-6", **changes)
    moment = Moment(IDENTITY, evaluate=evaluate)
    return build(settings, scene(), CATALOG, config(), moment)


class Clarisse:
    """Understands a function more than we do; notes what it was asked."""

    def __init__(self, answer: Callable[[Mapping[str, str]], str]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, attribute: str, values: Mapping[str, str]) -> str:
        self.asked.append((attribute, dict(values)))
        return self.answer(values)


@pytest.mark.parametrize("template", [
    pytest.param(TEMPLATE, id="a function"),
    pytest.param('"render "+[1, 2, 3]', id="a vector"),
    pytest.param('a = "x"; if ($CT_RETRIES == "3") { a = "render"; } a', id="a condition"),
])
def test_each_task_is_asked_about_with_its_own_values(template: str) -> None:
    clarisse = Clarisse(lambda values: "render %s" % values["CT_CHUNKS"])
    built = made(clarisse, task_template=template)
    assert [task.command for task in built.submission.tasks] == [
        "render 1:2", "render 3:4", "render 5:6"]
    assert {attribute for attribute, _ in clarisse.asked} == {"task_template"}
    first = next(values for _, values in clarisse.asked if values["CT_CHUNKS"] == "1:2")
    assert (first["CT_CHUNKSTART"], first["CT_RETRIES"]) == ("1", "3")
    assert all(name.startswith("CT_") for name in first)
    assert not [one for one in built.findings if one.code == "task-template"]


def test_tiles_are_added_to_what_clarisse_says() -> None:
    clarisse = Clarisse(lambda values: "render " + values["CT_TILE"])
    built = made(clarisse, task_template=TEMPLATE, tiles=2, chunk_size=6)
    assert [task.command for task in built.submission.tasks] == [
        "render %d -tile_rendering 4 %d" % (tile, tile) for tile in (1, 2, 3, 4)]


def test_the_title_is_asked_for() -> None:
    clarisse = Clarisse(lambda values: values["CT_PROJECT"].upper())
    built = made(clarisse, title='"x"+upper($CT_PROJECT)')
    assert built.submission.job_title == "DPOOL"
    assert {attribute for attribute, _ in clarisse.asked} == {"title"}


def test_tasks_are_asked_about_once_each_whatever_their_number() -> None:
    clarisse = Clarisse(lambda values: values["CT_CHUNKS"])
    made(clarisse, task_template=TEMPLATE, chunk_size=1)
    assert len(clarisse.asked) == 6 + 1, "one more to see whether it follows the variables"


@pytest.mark.parametrize("attribute", ["title", "task_template"])
@pytest.mark.parametrize("text", [
    '$CT_JOB+" "+"', '"a" + $NO_SUCH', '"a" - 1', '"a" + ("b"', "'a' + \"b\" \"",
], ids=["stray quote", "unknown name", "wrong type", "parenthesis", "second quote"])
def test_what_is_wrong_is_not_asked_about(attribute: str, text: str) -> None:
    clarisse = Clarisse(lambda values: "anything")
    built = made(clarisse, **{attribute: text})
    assert clarisse.asked == []
    assert [one.subject for one in built.findings if one.level.value == "error"] == [attribute]


@pytest.mark.parametrize("attribute, code", [
    ("title", "title"), ("task_template", "task-template"),
])
def test_without_clarisse_it_is_an_error_that_points_at_the_place(
    attribute: str, code: str,
) -> None:
    built = made(None, **{attribute: TEMPLATE})
    (found,) = [one for one in built.findings if one.level.value == "error"]
    assert (found.code, found.subject) == (code, attribute)
    assert "there is no function padded here" in found.message
    assert "^ here" in found.message


# ---------------------------------------------------------------- in Clarisse


class Padded:
    """A function that Clarisse has and we lack; notes the threads it was called on."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()

    def __call__(self, text: str, digits: float) -> str:
        self.threads.add(threading.current_thread())
        return str(text).zfill(int(digits))


@pytest.fixture
def padded(ix: Any) -> Padded:
    function = Padded()
    driver.host().functions["padded"] = function
    return function


def previewed() -> dict[str, Any]:
    """The payload that a press of Preview shows."""
    texts: list[str] = []

    def look() -> bool:
        for window in driver.windows():
            if "preview" in window.get_title().lower():
                texts.extend(driver.text(one) for one in driver.widgets(window, gui.GuiTextEdit))
        return not any("tasks_data" in text for text in texts)

    stop = driver.on_events(look)
    driver.press(JOB, "preview")
    stop()
    assert driver.log("error") == []
    text = next(text for text in texts if "tasks_data" in text)
    payload: dict[str, Any] = json.JSONDecoder().raw_decode(text[text.index("{"):])[0]
    return payload


def test_a_preview_asks_clarisse_on_its_own_thread(
    ix: Any, service_env: Any, padded: Padded,
) -> None:
    driver.set_attribute(JOB, "task_template", TEMPLATE)
    driver.set_attribute(JOB, "title", '"shot "+padded($CT_CHUNKSIZE, 3)')
    payload = previewed()
    starts = [task["command"].split()[1] for task in payload["tasks_data"]]
    assert starts == ["0001", "0003", "0005", "0007", "0009"]
    assert payload["job_title"] == "shot 002"
    assert padded.threads == {threading.main_thread()}


def test_nothing_but_variables_is_set_for_it(
    ix: Any, service_env: Any, padded: Padded, scene_path: Path,
) -> None:
    driver.set_attribute(JOB, "task_template", TEMPLATE)
    attr = ix.get_item(JOB).get_attribute("task_template")
    driver.host().is_modified = False
    previewed()
    assert attr.get_expression() == TEMPLATE
    assert attr.is_expression_activated()
    host_vars = ix.application.get_factory().get_vars()
    assert host_vars.get("CT_CHUNKSTART").get_string() == "9", "the last task's, as ever"


def test_a_function_that_clarisse_lacks_too_is_an_error(
    ix: Any, service_env: Any, scene_path: Path,
) -> None:
    driver.set_attribute(JOB, "task_template", TEMPLATE)
    driver.press(JOB, "submit")
    assert list(scene_path.parent.glob("*.render.project")) == []
    assert any("there is no function padded here" in line for line in driver.log("warning"))
