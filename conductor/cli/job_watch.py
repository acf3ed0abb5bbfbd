"""Waiting for tasks and jobs: a live table on a terminal, a line for each change in a pipe."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Sequence

import click
from rich.console import Console
from rich.live import Live

from conductor.cli.connection import service
from conductor.cli.job_tables import done_count, number, task_table
from conductor.cli.options import examples, jobs_argument, json_option
from conductor.cli.output import note, print_json
from conductor.cli.targets import Target
from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ServiceError
from conductor.lib.states import JobState, TaskState

Tasks = Sequence[Mapping[str, Any]]
POLL_S = 0.2
WAIT_S = 2.0

SOME_FAILED = 1
NOT_ENDED = 8
"""Exit codes of ``jobs wait`` besides 0; the error tree has no others of these meanings."""

_MOVING = {TaskState.SYNC_PENDING.value, TaskState.PENDING.value, TaskState.RUNNING.value}
_ENDED = {state.value for state in JobState if state.is_ended}
_GOOD = {JobState.SUCCESS.value, JobState.DOWNLOADED.value}


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


@click.command(epilog=examples(
    "conductor jobs wait 00012 && conductor download 00012",
    "conductor jobs wait 12 13 --timeout 3600",
))
@jobs_argument
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS",
              help="Give up after this time; default: never.")
@click.option("--interval", type=click.FloatRange(min=0.05), default=WAIT_S, show_default=True,
              metavar="SECONDS", help="Time between two questions.")
@json_option
def wait(
    targets: Sequence[Target], timeout: float | None, interval: float, as_json: bool
) -> int:
    """Wait until jobs have ended.

    The exit code is 0 when every job succeeded, 1 when one failed or was stopped, 8 when the time
    was over before the end, 130 on Ctrl-C; others as everywhere.
    """
    with service() as client:
        found = wait_for_jobs(
            client, [target.job for target in targets], limit_s=timeout, interval_s=interval)
    if as_json:
        print_json(list(found.values()))
    else:
        for jid, job in found.items():
            click.echo("job %s: %s" % (jid, job.get("status")))
    return exit_code(str(job.get("status")) for job in found.values())


def exit_code(states: Any) -> int:
    """What ``jobs wait`` ends with, by the states of the jobs."""
    states = list(states)
    if not all(state in _ENDED for state in states):
        return NOT_ENDED
    return 0 if all(state in _GOOD for state in states) else SOME_FAILED


def wait_for_jobs(
    client: ApiClient, jids: Sequence[str], *, limit_s: float | None, interval_s: float,
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
) -> dict[str, dict[str, Any]]:
    """The jobs as they are once all have ended, or when the time is over; changes are told."""
    end = None if limit_s is None else clock() + limit_s
    found: dict[str, dict[str, Any]] = {}
    told: dict[str, str] = {}
    while True:
        for jid in jids:
            if found.get(jid, {}).get("status") not in _ENDED:
                found[jid] = client.job(jid)
                _tell(jid, found[jid], told)
        if all(job.get("status") in _ENDED for job in found.values()):
            return found
        left = None if end is None else end - clock()
        if left is not None and left <= 0:
            return found
        sleep(interval_s if left is None else min(interval_s, left))


def _tell(jid: str, job: Mapping[str, Any], told: dict[str, str]) -> None:
    line = "job %s: %s, %d of %d tasks done" % (
        jid, job.get("status"), done_count(job), number(job.get("tasks")))
    if job.get("status") == JobState.HOLDING.value:
        line += "; the others are on hold: conductor jobs release %s" % jid
    if told.get(jid) != line:
        note(line)
    told[jid] = line
