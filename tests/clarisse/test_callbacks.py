"""Whatever is raised in whatever Clarisse calls: nothing escapes, one clear line tells of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse.conductor_job import ACTIONS, ON_CHANGE, make_engine
from conductor.clarisse.headless import driver
from conductor.clarisse.panels.window import Buttons, centred, listen
from conductor.lib.errors import ServiceError

JOB = "project://job"
FAULTS = [ServiceError, ValueError, KeyboardInterrupt, SystemExit, RecursionError, GeneratorExit]


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(request: pytest.FixtureRequest) -> BaseException:
    """Each kind of exception."""
    found: BaseException = request.param("odd")
    return found


def failing(fault: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise fault

    return fail


def in_a_button(ix: Any, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., Any]) -> str:
    monkeypatch.setitem(ACTIONS, "preview", fail)  # type: ignore[arg-type]
    driver.press(JOB, "preview")
    return "preview"


def in_a_changed_row(ix: Any, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., Any]) -> str:
    monkeypatch.setitem(ON_CHANGE, "chunk_size", fail)  # type: ignore[arg-type]
    driver.set_attribute(JOB, "chunk_size", "4")
    return "a changed row"


def in_a_window(ix: Any, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., Any]) -> str:
    """Opened by a button of the item, as all windows are."""
    def open_window(press: Any) -> None:
        window = centred(press.ix, "A window", 300, 100)
        button = press.ix.api.GuiPushButton(window, 0, 0, 90, 20, "Do it")
        kept = listen(press.ix, button, "doing it", fail)
        window.show()
        driver.press_button(window, "Do it")
        kept.disconnect_all()
        window.destroy()

    monkeypatch.setitem(ACTIONS, "preview", open_window)  # type: ignore[arg-type]
    driver.press(JOB, "preview")
    return "doing it"


def in_the_declaration(ix: Any, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., Any]) -> str:
    engine = make_engine(ix)
    monkeypatch.setattr(engine, "add_action", fail)
    engine.declare_attributes(None)
    return "declaring"


def in_a_broken_action(ix: Any, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., Any]) -> str:
    class Broken:
        get_name = staticmethod(fail)

    make_engine(ix).on_action(Broken(), ix.get_item(JOB), None)
    return "a button"


WAYS = [in_a_button, in_a_changed_row, in_a_window, in_the_declaration, in_a_broken_action]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Callable[..., str]:
    """Each way in which Clarisse calls us."""
    found: Callable[..., str] = request.param
    return found


def test_nothing_escapes_and_one_line_tells(
    ix: Any, monkeypatch: pytest.MonkeyPatch, way: Callable[..., str], fault: BaseException,
) -> None:
    what = way(ix, monkeypatch, failing(fault))
    assert driver.host().crashes == []
    assert driver.callback_errors() == [], "Clarisse would swallow it, and nobody would know"
    told = driver.log("error")[0]
    assert told.startswith("ConductorJob, %s: " % what)
    assert "\n" not in told and "Traceback" not in told


# While the class is declared there is no item yet whose switch could be on.
@pytest.mark.parametrize("way, wanted", [
    (one, wanted) for one in WAYS for wanted in ("switch", "environment")
    if (one, wanted) != (in_the_declaration, "switch")
])
def test_stack_traces_are_shown_where_they_are_wanted(
    ix: Any, monkeypatch: pytest.MonkeyPatch, way: Callable[..., str], wanted: str,
) -> None:
    if wanted == "environment":
        monkeypatch.setenv("CONDUCTOR_MODE", "dev")
    else:
        driver.set_attribute(JOB, "show_tracebacks", "1")
    way(ix, monkeypatch, failing(ValueError("odd")))
    assert "Traceback" in driver.log("error")[0]
    assert "in fail" in driver.log("error")[0]


def test_the_line_names_the_log_file_which_holds_more(
    ix: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_a_button(ix, monkeypatch, failing(ValueError("odd")))
    told, = driver.log("error")
    path = told.rpartition("log file: ")[2].rstrip(")")
    assert "Traceback" in Path(path).read_text(encoding="utf-8")


def test_a_switch_of_one_item_ends_with_its_press(
    ix: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver.set_attribute(JOB, "show_tracebacks", "1")
    driver.press(JOB, "best_chunk_size")
    driver.set_attribute(JOB, "show_tracebacks", "0")
    in_a_button(ix, monkeypatch, failing(ValueError("odd")))
    assert "Traceback" not in driver.log("error")[0]


def test_a_press_works_where_no_log_can_be_kept(
    ix: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CONDUCTOR_LOG_DIR", str(tmp_path / "file" / "log"))
    driver.press(JOB, "best_chunk_size")
    assert driver.log("error") == []
    in_a_button(ix, monkeypatch, failing(ValueError("odd")))
    assert "log file" not in driver.log("error")[0]


def test_a_broken_configuration_is_said_in_a_window_too(
    ix: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    broken = tmp_path / "config.yml"
    broken.write_text("url: [", encoding="utf-8")
    monkeypatch.setenv("CONDUCTOR_CONFIG", str(broken))
    driver.press(JOB, "best_chunk_size")
    message, = driver.messages()
    assert str(broken) in message.text


def test_the_buttons_of_a_window_report_too(
    ix: Any, monkeypatch: pytest.MonkeyPatch, fault: BaseException,
) -> None:
    """Those that all windows share."""
    window = centred(ix, "A window", 300, 100)
    buttons = Buttons(ix, window, ["Close"])
    monkeypatch.setattr(window, "hide", failing(fault))
    window.show()
    driver.press_button(window, "Close")
    monkeypatch.undo()
    buttons.close()
    assert driver.callback_errors() == []
    assert driver.log("error")[0].startswith("ConductorJob, button Close: ")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("name, value, told", [
    ("email_addresses", "me@here.org, you", '"you" is no e-mail address'),
    ("email_addresses", "me@here.org", None),
    ("notify", "1", '"wrong" is no e-mail address'),
    ("chunk_size", "4", None),
])
def test_addresses_are_checked_as_they_are_typed(
    ix: Any, name: str, value: str, told: str | None,
) -> None:
    driver.set_attribute(JOB, "email_addresses", "wrong")
    assert driver.log("warning") == [], "nobody is notified yet"
    if name != "notify":
        ix.get_item(JOB).get_attribute("email_addresses").set_string("")
        driver.set_attribute(JOB, "notify", "1")
    driver.set_attribute(JOB, name, value)
    lines = driver.log("warning")
    assert (told in lines[0] if told else lines == []), lines


def test_the_log_file_is_where_the_settings_say(
    ix: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    monkeypatch.setenv("CONDUCTOR_LOG_DIR", str(tmp_path / "log"))
    in_a_button(ix, monkeypatch, failing(ValueError("odd")))
    assert os.listdir(str(tmp_path / "log"))
