"""Progress of long work as a value, and one callback that may answer "stop"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Progress:
    """Where a piece of long work stands. Counts are files, sizes bytes, times seconds."""

    stage: str
    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    elapsed_s: float = 0.0

    @property
    def rate(self) -> float:
        """Bytes per second so far; 0 before any time has passed."""
        return self.bytes_done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds left at the present rate; None while it cannot be told."""
        if not self.rate:
            return None
        return max(0, self.bytes_total - self.bytes_done) / self.rate


def size_text(size_bytes: float) -> str:
    """Bytes for people, in decimal units: ``999 B``, ``27.0 kB``, ``1.4 GB``."""
    shown, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        # 999.96 kB would read "1000.0 kB".
        if abs(round(shown, 1 if unit != "B" else 0)) < 1000:
            break
        shown, unit = shown / 1000.0, larger
    return "%d B" % size_bytes if unit == "B" else "%.1f %s" % (shown, unit)


ProgressCallback = Callable[[Progress], Optional[bool]]
"""Called with each progress; answering False (not None) asks the work to stop."""
