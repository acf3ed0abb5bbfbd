"""One piece of long work on a thread of its own, watched from the thread that owns Clarisse.

The thread never touches Clarisse; it leaves its progress and its result here. The watcher pumps
Clarisse's events meanwhile and asks.
"""

from __future__ import annotations

import threading
from typing import Callable, Generic, TypeVar

from conductor.lib.progress import Progress, ProgressCallback

T = TypeVar("T")

Work = Callable[[ProgressCallback, threading.Event], T]
"""Work that reports its progress and stops soon after the event is set."""


class Background(Generic[T]):
    """Runs one piece of work; at most one thread, at most one result.

    Attributes:
        cancel: set it to ask the work to stop.
        progress: the last progress told, None before the first.
    """

    def __init__(self, work: Work[T]) -> None:
        self.cancel = threading.Event()
        self.progress: Progress | None = None
        self._work = work
        self._value: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="conductor-work", daemon=True)

    def start(self) -> Background[T]:
        """Start the thread; returns itself."""
        self._thread.start()
        return self

    def is_done(self, wait_s: float = 0.0) -> bool:
        """True when the result is there; waits for it at most ``wait_s`` seconds."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def result(self) -> T:
        """What the work returned; raises what the work raised. Waits for the end."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def _on_progress(self, progress: Progress) -> bool:
        self.progress = progress
        return not self.cancel.is_set()

    def _run(self) -> None:
        try:
            self._value = self._work(self._on_progress, self.cancel)
        except BaseException as error:  # noqa: BLE001  a thread ends here, the watcher raises it
            self._error = error
