"""Waiting for the tasks of a job: a live table on a terminal, a line for each change in a pipe."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Sequence

from rich.console import Console
from rich.live import Live

from conductor.cli.jobs import task_table
from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ServiceError
from conductor.lib.states import TaskState

Tasks = Sequence[Mapping[str, Any]]
POLL_S = 0.2

_MOVING = {TaskState.SYNC_PENDING.value, TaskState.PENDING.value, TaskState.RUNNING.value}


def is_at_rest(tasks: Tasks) -> bool:
    """True when nothing more happens by itself: every task has ended or is on hold."""
    return not any(task["status"] in _MOVING for task in tasks)


def watch_tasks(
    client: ApiClient, jid: str, target: Console, *, limit_s: float, known: Tasks = (),
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
) -> Tasks:
    """Show the tasks of a job until it is at rest; returns them as they are then.

    ``known`` are tasks that the reader has seen before. Raises ServiceError after ``limit_s``
    seconds.
    """
    end = clock() + limit_s
    with _Display(target, known) as display:
        while True:
            tasks = client.tasks(jid)
            display.show(tasks)
            if is_at_rest(tasks):
                return tasks
            if clock() > end:
                raise ServiceError("job %s was not done within %d s" % (jid, limit_s))
            sleep(POLL_S)


class _Display:
    """The table, redrawn in place; where that is impossible, the changes."""

    def __init__(self, target: Console, known: Tasks) -> None:
        self._target = target
        self._live = Live(console=target, transient=True) if target.is_terminal else None
        self._states = {str(task["taskLabel"]): str(task["status"]) for task in known}

    def __enter__(self) -> _Display:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, tasks: Tasks) -> None:
        """Show the tasks as they are now."""
        if self._live:
            self._live.update(task_table(tasks), refresh=True)
            return
        for task in tasks:
            name, state = str(task["taskLabel"]), str(task["status"])
            if self._states.get(name) != state:
                self._target.print("task %s, frames %s: %s" % (name, task["frames"], state))
            self._states[name] = state
