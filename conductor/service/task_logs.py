"""The logs of a task's attempts, as the log request gives them: from a line on, in portions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from conductor.service.database import Attempt, Task
from conductor.service.listing import timestamp

PORTION = 8 * 1024 * 1024
"""Bytes of one log that one answer holds at most; the rest is asked for by its first line."""


def answer(
    task: Task, attempts: Iterable[Attempt], log_path: Callable[[Attempt], Path],
    first_lines: Sequence[int],
) -> dict[str, Any]:
    """The body of ``get_log_file``.

    Args:
        first_lines: for each attempt, in order, the number of lines the client has already.
    """
    logs, counts = [], []
    for index, attempt in enumerate(attempts):
        first = first_lines[index] if index < len(first_lines) else 0
        lines = read_lines(log_path(attempt), first, is_complete=bool(attempt.state))
        counts.append(first + len(lines))
        logs.append({
            "container_id": attempt.id, "instance_name": attempt.host, "log": lines,
            "timestamp": "%f" % attempt.started_at, "started": timestamp(attempt.started_at),
            "state": attempt.state or "running", "reason": attempt.reason,
        })
    return {
        "logs": logs, "new_num_lines": counts, "status_description": task.description,
        "task_status": task.status,
    }


def read_lines(path: Path, first: int, is_complete: bool = True) -> list[str]:
    """Lines of a log from a 0-based line on, without their ends; none when there is no log yet.

    Args:
        is_complete: nothing more is written. Until then a line without its end is kept back:
            who has its first half counts it as read, and would never get the rest.
    """
    lines: list[str] = []
    size = 0
    try:
        with path.open("rb") as handle:
            for number, line in enumerate(handle):
                if number < first:
                    continue
                if not is_complete and not line.endswith(b"\n"):
                    break
                lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                size += len(line)
                if size >= PORTION:
                    break
    except FileNotFoundError:
        pass
    return lines
