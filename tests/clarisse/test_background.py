"""Long work on a thread: its result, its error, its progress, its end on request."""

from __future__ import annotations

import threading

import pytest

from conductor.clarisse.background import Background, leaving_behind, on_watcher
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


# ---------------------------------------------------------------- handed over to the watcher


def test_what_is_handed_over_runs_on_the_thread_that_watches() -> None:
    def work(*_: object) -> list[threading.Thread]:
        return [on_watcher(threading.current_thread), threading.current_thread(),
                on_watcher(threading.current_thread)]

    first, own, second = Background(work).start().result()
    assert first is second is threading.current_thread()
    assert own is not first


def test_where_nobody_watches_it_runs_at_once() -> None:
    assert on_watcher(threading.current_thread) is threading.current_thread()


def test_an_ask_to_wait_no_longer_still_serves() -> None:
    """The watcher of Clarisse asks for a short while, pumps events, and asks again."""
    running = Background(lambda *_: list(map(on_watcher, [int] * 5))).start()
    rounds = 0
    while not running.is_done(0.001):
        rounds += 1
        assert rounds < 100000
    assert running.result() == [0] * 5


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()],
                         ids=["error", "interrupt"])
def test_its_errors_are_raised_in_the_work(error: BaseException) -> None:
    def fail() -> None:
        raise error

    def work(*_: object) -> BaseException:
        with pytest.raises(type(error)) as caught:
            on_watcher(fail)
        return caught.value

    assert Background(work).start().result() is error


def test_a_watcher_that_has_left_is_not_waited_for() -> None:
    ended = threading.Event()

    def work(*_: object) -> None:
        try:
            on_watcher(lambda: pytest.fail("nobody is there"))
        except Cancelled:
            ended.set()

    Background(work).start().cancel.set()
    assert ended.wait(10)


# ---------------------------------------------------------------- left behind


def test_work_that_does_not_listen_is_left_behind_when_cancelled() -> None:
    begun, gate = threading.Event(), threading.Event()

    def deaf() -> str:
        begun.set()
        assert gate.wait(20)
        return "too late"

    running = Background(leaving_behind(deaf)).start()
    assert begun.wait(10)
    running.cancel.set()
    with pytest.raises(Cancelled):
        running.result()
    gate.set()


def test_left_alone_it_gives_its_result_or_error() -> None:
    assert Background(leaving_behind(lambda: 42)).start().result() == 42
    with pytest.raises(ZeroDivisionError):
        Background(leaving_behind(lambda: 1 // 0)).start().result()
