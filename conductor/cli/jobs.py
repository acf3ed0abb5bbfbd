"""``conductor jobs``: what runs, what waits, and what to do about it."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Sequence

import click

from conductor.cli.connection import read_pairs, service
from conductor.cli.job_actions import kill, release, retry
from conductor.cli.job_tables import job_facts, job_table, task_table
from conductor.cli.job_watch import wait
from conductor.cli.options import (
    examples,
    job_argument,
    json_option,
    target_argument,
)
from conductor.cli.output import console, note, print_json
from conductor.cli.targets import Target
from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ArgumentError
from conductor.lib.states import JobState, TaskState
from conductor.lib.task_log import TaskLog

FOLLOW_S = 1.0
MOST_LISTED = 50
_JOB_STATES = click.Choice([state.value for state in JobState])
_TASK_STATES = click.Choice([state.value for state in TaskState])
Values = Mapping[str, Any]


@click.group()
def jobs() -> None:
    """List, watch, release, stop and retry jobs.

    JOB is a number such as 00012 or 12. TASKS are numbers as in 3, 0-5 or 0-8x2,10.
    """


for _command in (kill, release, retry, wait):
    jobs.add_command(_command)


@jobs.command("list", epilog=examples(
    "conductor jobs list --status running",
    "conductor jobs list --project default --metadata show=batman --limit 10 --json",
))
@click.option("--status", "statuses", multiple=True, type=_JOB_STATES,
              help="Only jobs in this state; repeatable.")
@click.option("--project", metavar="NAME", help="Only jobs of this project.")
@click.option("--metadata", "tags", multiple=True, metavar="NAME=VALUE",
              help="Only jobs with this tag; repeatable.")
@click.option("--limit", type=click.IntRange(min=0), default=MOST_LISTED, show_default=True,
              help="Only the newest; 0 for all.")
@json_option
def list_jobs(
    statuses: tuple[str, ...], project: str | None, tags: tuple[str, ...], limit: int,
    as_json: bool,
) -> None:
    """List the jobs, newest first."""
    wanted = dict(read_pairs(tags, "--metadata"))
    with service() as client:
        found = _listed(client, statuses, project, wanted, limit)
    if limit:
        found = found[:limit]
    if as_json:
        print_json(found)
    elif not found:
        note("There are no jobs%s." % (" like this" if statuses or project or tags else ""))
    else:
        console().print(job_table(found))
        if limit and len(found) == limit:
            note("(the newest %d; --limit 0 for all)" % limit)


def _listed(
    client: ApiClient, statuses: Sequence[str], project: str | None, tags: Mapping[str, str],
    limit: int,
) -> list[dict[str, Any]]:
    """Jobs, newest first. Where the service cannot pick by tags it is done here, and then a limit
    for the service would be too narrow."""
    filters = {"project": project} if project else {}
    can_pick = not tags or bool(client.capabilities().get("job_metadata_filter"))
    limited, picked = (limit, tags) if can_pick else (0, {})
    found: dict[str, dict[str, Any]] = {}
    for status in statuses or (None,):
        asked = dict(filters, status=status) if status else filters
        for job in client.jobs(limit=limited or None, tags=picked, **asked):
            if _has_tags(job, tags):
                found[str(job.get("jid", ""))] = job
    return [found[jid] for jid in sorted(found, key=lambda jid: (len(jid), jid), reverse=True)]


def _has_tags(job: Values, wanted: Mapping[str, str]) -> bool:
    tags = job.get("metadata")
    tags = tags if isinstance(tags, Mapping) else {}
    return all(str(tags.get(name)) == value for name, value in wanted.items())


@jobs.command(epilog=examples("conductor jobs show 00012", "conductor jobs show 12 --json"))
@job_argument
@json_option
def show(target: Target, as_json: bool) -> None:
    """Show one job."""
    with service() as client:
        found = client.job(target.job)
    if as_json:
        print_json(found)
    else:
        console().print(job_facts(found))


@jobs.command(epilog=examples(
    "conductor jobs tasks 00012", "conductor jobs tasks 00012:0-9 --status failed --json",
))
@target_argument
@click.option("--status", "statuses", multiple=True, type=_TASK_STATES,
              help="Only tasks in this state; repeatable.")
@json_option
def tasks(target: Target, statuses: tuple[str, ...], as_json: bool) -> None:
    """List the tasks of a job."""
    with service() as client:
        found = chosen_tasks(client, target)
    if statuses:
        found = [task for task in found if task.get("status") in statuses]
    if as_json:
        print_json(found)
    elif not found:
        note("There are no such tasks.")
    else:
        console().print(task_table(found))


def chosen_tasks(client: ApiClient, target: Target) -> list[dict[str, Any]]:
    """The tasks that are meant. Raises ArgumentError when one is not there."""
    found = client.tasks(target.job)
    if not found:
        client.job(target.job)  # Says it when there is no such job.
    if not target.tasks:
        return found
    by_name = {str(task.get("taskLabel", "")): task for task in found}
    missing = [task for task in target.tasks if task not in by_name]
    if missing:
        raise ArgumentError("job %s has no task %s; it has %d tasks" % (
            target.job, missing[0], len(found)))
    return [by_name[task] for task in target.tasks]


@jobs.command(epilog=examples(
    "conductor jobs log 00012:3", "conductor jobs log 00012:3 --follow",
    "conductor jobs log 00012 > job.log",
))
@target_argument
@click.option("--follow", "-f", is_flag=True, help="Go on until the task has ended.")
def log(target: Target, follow: bool) -> None:
    """Print what tasks have written: of one, of some, or of all of a job."""
    with service() as client:
        found = chosen_tasks(client, target)
        if follow and len(found) != 1:
            raise ArgumentError("--follow takes one task, such as %s:0" % target.job)
        for task in found:
            if len(found) > 1:
                click.echo("==> task %s, frames %s <==" % (task["taskLabel"], task.get("frames")))
            _print_log(TaskLog(client, target.job, str(task["taskLabel"])), follow)


def _print_log(
    log: TaskLog, follow: bool, sleep: Callable[[float], None] = time.sleep
) -> None:
    click.echo(log.read(), nl=False)
    while follow and not log.is_ended:
        sleep(FOLLOW_S)
        click.echo(log.read(), nl=False)
