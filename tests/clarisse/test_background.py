"""Long work on a thread: its result, its error, its progress, its end on request."""

from __future__ import annotations

import threading

import pytest

from conductor.clarisse.background import Background
from conductor.lib.errors import Cancelled
from conductor.lib.progress import Progress


def test_the_result_is_what_the_work_returned() -> None:
    assert Background(lambda *_: 42).start().result() == 42


def test_work_that_returns_nothing_has_no_result() -> None:
    assert Background(lambda *_: None).start().result() is None


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3)],
                         ids=["error", "interrupt", "exit"])
def test_what_the_work_raises_is_raised_where_the_result_is_asked_for(
    error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    running = Background(fail).start()
    with pytest.raises(type(error)) as caught:
        running.result()
    assert caught.value is error


def test_it_is_done_when_the_work_has_ended_and_not_before() -> None:
    gate = threading.Event()
    running = Background(lambda *_: gate.wait(10)).start()
    assert not running.is_done()
    gate.set()
    assert running.is_done(10)


def test_the_work_runs_on_a_thread_of_its_own() -> None:
    there = Background(lambda *_: threading.current_thread()).start().result()
    assert there is not threading.current_thread()
    assert there.daemon, "a hanging transfer must not keep Clarisse from closing"


def test_progress_is_kept_and_answers_whether_to_go_on() -> None:
    answers = []

    def work(on_progress: object, cancel: threading.Event) -> None:
        answers.append(on_progress(Progress("hashing", 1, 2)))  # type: ignore[operator]
        cancel.set()
        answers.append(on_progress(Progress("hashing", 2, 2)))  # type: ignore[operator]
        raise Cancelled("stopped")

    running = Background(work).start()
    with pytest.raises(Cancelled):
        running.result()
    assert answers == [True, False]
    assert running.progress == Progress("hashing", 2, 2)
