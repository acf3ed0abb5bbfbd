"""A cap on the bytes per second of all transfers together."""

from __future__ import annotations

import threading
import time
from typing import Callable

from conductor.lib.errors import Cancelled

BURST_S = 0.25
"""What may go at once after a pause, in seconds of the cap."""


class Throttle:
    """Threads ask before they move bytes, and wait their turn.

    Args:
        rate: bytes per second; 0 for no cap.
        clock: seconds that only grow.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = clock()

    def take(self, count: int, stop: threading.Event) -> None:
        """Wait until `count` bytes may go.

        Raises:
            Cancelled: `stop` was set meanwhile.
        """
        if not self.rate or not count:
            return
        wait_s = self._reserve(count)
        if wait_s > 0 and stop.wait(wait_s):
            raise Cancelled("Stopped while waiting for the bandwidth cap.")

    def _reserve(self, count: int) -> float:
        """Take the next free stretch of time; seconds until it begins."""
        with self._lock:
            now = self._clock()
            start = max(self._free_at, now - BURST_S)
            self._free_at = start + count / self.rate
            return start - now


NO_LIMIT = Throttle(0)
