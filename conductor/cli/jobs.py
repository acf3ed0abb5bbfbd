"""``conductor jobs``: what runs, what waits, and what to do about it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import click

from conductor.cli.connection import connect
from conductor.cli.output import console, print_json, state_text, table
from conductor.lib.api_client import job_id, task_id

COUNTERS = ("pending", "running", "holding", "success", "failed", "killed", "downloaded")
_json = click.option("--json", "as_json", is_flag=True, help="Print what the service answered.")


@click.group()
def jobs() -> None:
    """List, watch, release and stop jobs."""


@jobs.command("list")
@_json
def list_jobs(as_json: bool) -> None:
    """List the jobs, newest first."""
    found = sorted(connect().jobs(), key=lambda job: str(job.get("jid", "")), reverse=True)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("There are no jobs.")
        return
    console().print(table(
        ("job", "status", "tasks", "done", "title"),
        [_job_row(job) for job in found], numbers=("tasks", "done"),
    ))


def _job_row(job: Mapping[str, Any]) -> Sequence[Any]:
    done = int(job.get("success", 0) or 0) + int(job.get("downloaded", 0) or 0)
    return (job.get("jid", ""), state_text(str(job.get("status", ""))), job.get("tasks", ""), done,
            job.get("title", ""))


@jobs.command()
@click.argument("job", metavar="JOB")
@_json
def show(job: str, as_json: bool) -> None:
    """Show one job."""
    found = connect().job(job)
    if as_json:
        print_json(found)
        return
    shown = ("jid", "title", "project", "status", "created", "output_path", "tasks", *COUNTERS)
    console().print(table(("", ""), [(key, found[key]) for key in shown if key in found]))


@jobs.command()
@click.argument("job", metavar="JOB")
@_json
def tasks(job: str, as_json: bool) -> None:
    """List the tasks of a job."""
    found = connect().tasks(job)
    if as_json:
        print_json(found)
        return
    console().print(task_table(found))


def task_table(tasks: Sequence[Mapping[str, Any]]) -> Any:
    """A table of tasks: number, frames, state, seconds."""
    return table(
        ("task", "frames", "state", "seconds"),
        [_task_row(task) for task in tasks], numbers=("seconds",),
    )


def _task_row(task: Mapping[str, Any]) -> Sequence[Any]:
    return (task.get("taskLabel", ""), task.get("frames", ""),
            state_text(str(task.get("status", ""))), _seconds(task))


def _seconds(task: Mapping[str, Any]) -> str:
    seconds = task.get("run_time_s")
    return "%.2f" % float(seconds) if seconds is not None else ""


@jobs.command()
@click.argument("job", metavar="JOB")
@click.argument("task", metavar="TASK")
def log(job: str, task: str) -> None:
    """Print the log of one task."""
    click.echo(connect().task_log(job, task), nl=False)


@jobs.command()
@click.argument("job", metavar="JOB")
@click.argument("tasks", metavar="[TASK]...", nargs=-1)
def release(job: str, tasks: tuple[str, ...]) -> None:
    """Start tasks that are on hold: all of the job, or those named."""
    connect().release_tasks(job, *tasks)
    click.echo("released %s of job %s" % (_named(tasks), job_id(job)))


@jobs.command()
@click.argument("job", metavar="JOB")
@click.argument("tasks", metavar="[TASK]...", nargs=-1)
def kill(job: str, tasks: tuple[str, ...]) -> None:
    """Stop a whole job, or the tasks named."""
    client = connect()
    if tasks:
        client.kill_tasks(job, *tasks)
    else:
        client.kill_jobs(job)
    click.echo("stopped %s of job %s" % (_named(tasks), job_id(job)))


def _named(tasks: tuple[str, ...]) -> str:
    return "tasks " + ", ".join(map(task_id, tasks)) if tasks else "all tasks"
