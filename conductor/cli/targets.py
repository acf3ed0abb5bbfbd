"""``JOB`` and ``JOB:TASKS``: which job, and which of its tasks, a subcommand is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from conductor.lib.api_client import job_id, task_id
from conductor.lib.errors import ArgumentError, FrameSpecError
from conductor.lib.sequence import Sequence

MOST_TASKS = 1_000_000


@dataclass(frozen=True)
class Target:
    """A job, or some tasks of it.

    Attributes:
        job: as it travels, five digits at least.
        tasks: as they travel, three digits at least; empty for the whole job.
    """

    job: str
    tasks: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.tasks:
            return "job %s" % self.job
        numbers = Sequence.from_frames(map(int, self.tasks))
        return "job %s, %s %s" % (self.job, "tasks" if len(numbers) > 1 else "task", numbers)


def read_target(text: str) -> Target:
    """Read ``12``, ``00012:3`` or ``12:0-8x2,10``. Raises ArgumentError."""
    job, colon, tasks = text.partition(":")
    if not colon:
        return Target(job_id(job))
    try:
        numbers = Sequence.parse(tasks)
    except FrameSpecError as error:
        raise ArgumentError('the tasks of "%s" must look like 3 or 0-8x2,10: %s' % (
            text, error)) from error
    if len(numbers) > MOST_TASKS:
        raise ArgumentError('"%s" names %d tasks' % (text, len(numbers)))
    return Target(job_id(job), tuple(task_id(str(number)) for number in numbers))


class TargetType(click.ParamType):  # type: ignore[type-arg] # (generic since click 8.5)
    """A command line argument that becomes a :class:`Target`."""

    name = "target"

    def __init__(self, tasks: bool = True) -> None:
        self._tasks = tasks

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Target:
        """Read it; a wrong one is a usage error."""
        if isinstance(value, Target):
            return value
        try:
            found = read_target(str(value))
        except ArgumentError as error:
            self.fail(str(error), param, ctx)
        if found.tasks and not self._tasks:
            self.fail('"%s": only a whole job is meant here' % value, param, ctx)
        return found
