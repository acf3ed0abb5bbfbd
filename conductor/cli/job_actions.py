"""``conductor jobs kill``, ``release`` and ``retry``: one action on jobs or on tasks of theirs."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import click

from conductor.cli.connection import service
from conductor.cli.options import examples, json_option, targets_argument
from conductor.cli.output import counted, print_json
from conductor.cli.targets import Target
from conductor.lib.api_client import ApiClient

Act = Callable[[ApiClient, Target], Mapping[str, Any]]


@click.command(epilog=examples("conductor jobs kill 00012", "conductor jobs kill 12:0-5 14"))
@targets_argument
@json_option
def kill(targets: Sequence[Target], as_json: bool) -> None:
    """Stop jobs, or tasks of them."""
    _act(targets, as_json, "stopped", _kill)


def _kill(client: ApiClient, target: Target) -> Mapping[str, Any]:
    if target.tasks:
        return client.kill_tasks(target.job, *target.tasks)
    return client.kill_jobs(target.job)


@click.command(epilog=examples("conductor jobs release 00012", "conductor jobs release 12:0,3-5"))
@targets_argument
@json_option
def release(targets: Sequence[Target], as_json: bool) -> None:
    """Start tasks that are on hold: those without scout frames."""
    _act(targets, as_json, "released",
         lambda client, target: client.release_tasks(target.job, *target.tasks))


@click.command(epilog=examples("conductor jobs retry 00012", "conductor jobs retry 12:7"))
@targets_argument
@json_option
def retry(targets: Sequence[Target], as_json: bool) -> None:
    """Run tasks again that have failed or were stopped."""
    _act(targets, as_json, "started again",
         lambda client, target: client.retry_tasks(target.job, *target.tasks))


def _act(targets: Sequence[Target], as_json: bool, done: str, act: Act) -> None:
    answers = []
    with service() as client:
        for target in targets:
            answer = act(client, target)
            answers.append({"job": target.job, "tasks": list(target.tasks) or None,
                            "answer": dict(answer)})
            if not as_json:
                click.echo("%s: %s" % (target, _count_text(answer.get("tasks"), done)))
    if as_json:
        print_json(answers)


def _count_text(count: Any, done: str) -> str:
    """``3 tasks released``; a service that does not tell how many gets no number."""
    if not isinstance(count, int):
        return done
    return "%s %s" % (counted(count, "task"), done)
