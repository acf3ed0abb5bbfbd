"""One piece of long work on a thread of its own, watched from the thread that owns Clarisse.

The thread never touches Clarisse; it leaves its progress and its result here. The watcher pumps
Clarisse's events meanwhile and asks. What only Clarisse can tell, the thread has the watcher find
out (:func:`on_watcher`).
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Any, Callable, Generic, TypeVar

from conductor.lib.errors import Cancelled
from conductor.lib.progress import Progress, ProgressCallback

T = TypeVar("T")
R = TypeVar("R")
TICK_S = 0.05

Work = Callable[[ProgressCallback, threading.Event], T]
"""Work that reports its progress and stops soon after the event is set."""


class Errand(Generic[T]):
    """A piece of work that one thread does and another asks about.

    Attributes:
        is_run: set when it is done, well or not.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self.is_run = threading.Event()
        self._work = work
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001  raised where the result is asked for
            self._error = error
        finally:
            self.is_run.set()

    def result(self) -> T:
        """What it returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


class Background(Generic[T]):
    """Runs one piece of work; at most one thread, at most one result.

    Attributes:
        cancel: set it to ask the work to stop.
        progress: the last progress told, None before the first.
    """

    def __init__(self, work: Work[T]) -> None:
        self.cancel = threading.Event()
        self.progress: Progress | None = None
        self._main = Errand(lambda: work(self._on_progress, self.cancel))
        self._handed_over: queue.Queue[Errand[Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="conductor-work", daemon=True)

    def start(self) -> Background[T]:
        """Start the thread; returns itself."""
        self._thread.start()
        return self

    def is_done(self, wait_s: float = 0.0) -> bool:
        """True when the result is there; waits for it at most ``wait_s`` seconds.

        Does meanwhile what the thread hands over.
        """
        end, left_s = time.monotonic() + wait_s, wait_s
        while self._thread.is_alive() and left_s >= 0.0:
            try:
                errand = self._handed_over.get(left_s > 0.0, left_s)
            except queue.Empty:
                break
            if errand is None:
                self._thread.join()
            else:
                errand.run()
            left_s = end - time.monotonic()
        return not self._thread.is_alive()

    def result(self) -> T:
        """What the work returned; raises what the work raised. Waits for the end."""
        while not self.is_done(TICK_S):
            pass
        return self._main.result()

    def hand_over(self, work: Callable[[], R]) -> R:
        """For the thread: have the watcher do a piece of work.

        Raises what it raises, and Cancelled once the event is set: the watcher may be gone.
        """
        errand = Errand(work)
        self._handed_over.put(errand)
        while not errand.is_run.wait(TICK_S):
            if self.cancel.is_set():
                raise Cancelled("Stopped.")
        return errand.result()

    def _on_progress(self, progress: Progress) -> bool:
        self.progress = progress
        return not self.cancel.is_set()

    def _run(self) -> None:
        _HERE.background = self
        self._main.run()
        self._handed_over.put(None)


class _Here(threading.local):
    background: Background[Any] | None = None


_HERE = _Here()
"""Whose work this thread does."""


def on_watcher(work: Callable[[], R]) -> R:
    """Do a piece of work on the thread that watches this one; at once where nobody watches.

    Raises what the work raises; Cancelled when the watcher has stopped the work of this thread.
    """
    watched = _HERE.background
    return work() if watched is None else watched.hand_over(work)


def leaving_behind(work: Callable[[], R]) -> Work[R]:
    """Work without side effects that has no ear for Cancel, such as a question to a service that
    does not answer: when cancelled it is left behind on a thread of its own.

    The work that is returned raises Cancelled then.
    """
    def watched(_: ProgressCallback, cancel: threading.Event) -> R:
        running = Background(lambda *_: work()).start()
        while not running.is_done(TICK_S):
            if cancel.is_set():
                raise Cancelled("Stopped.")
        return running.result()

    return watched
