"""Jobs and tasks as tables."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from rich.table import Table

from conductor.cli.output import facts, seconds_text, state_text, table, time_text
from conductor.lib.progress import size_text
from conductor.lib.states import TaskState

Values = Mapping[str, Any]
COUNTERS = tuple(state.value for state in TaskState)
_GONE_WELL = (TaskState.SUCCESS.value, TaskState.DOWNLOADED.value)


def number(value: Any) -> int:
    """A counter of the wire, which may be a number or a numeric text; 0 for anything else."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def plain_name(text: Any) -> str:
    """A project's name without the account that the wire puts in front."""
    return str(text or "").rpartition("|")[2]


def done_count(job: Values) -> int:
    """How many tasks of a job have gone well."""
    return sum(number(job.get(state)) for state in _GONE_WELL)


def job_table(jobs: Sequence[Values]) -> Table:
    """A line for each job."""
    return table(
        ("job", "status", "tasks", "done", "project", "created", "title"),
        [(job.get("jid", ""), state_text(str(job.get("status", ""))), job.get("tasks", ""),
          done_count(job), plain_name(job.get("project")), time_text(job.get("created")),
          job.get("title", "")) for job in jobs],
        numbers=("tasks", "done"),
    )


def job_facts(job: Values) -> Table:
    """Everything about one job that is worth a line; what is empty or unknown is left out."""
    rows: list[tuple[str, Any]] = [
        ("job", job.get("jid")), ("title", job.get("title")),
        ("status", state_text(str(job.get("status") or ""))),
        ("project", plain_name(job.get("project"))), ("owner", job.get("owner")),
        ("created", time_text(job.get("created"))), ("ended", time_text(job.get("ended"))),
        ("tasks", _counts_text(job)),
        ("render time", seconds_text(job.get("total_runtime") or None)),
        ("machine", _machine_text(job)), ("priority", job.get("priority")),
        ("location", job.get("location")), ("output path", job.get("output_path")),
        ("scout frames", job.get("scout_frames")),
        ("uploads", size_text(number(job.get("upload_size"))) if job.get("upload_size") else ""),
        ("notify", ", ".join(_addresses(job.get("notify")))),
    ]
    metadata = job.get("metadata")
    if isinstance(metadata, Mapping):
        rows += [("metadata %s" % name, value) for name, value in sorted(metadata.items())]
    return facts((name, value) for name, value in rows if value not in (None, "") and str(value))


def _counts_text(job: Values) -> str:
    parts = ["%d %s" % (number(job.get(state)), state)
             for state in COUNTERS if number(job.get(state))]
    return "%s%s" % (job.get("tasks", ""), ": " + ", ".join(parts) if parts else "")


def _machine_text(job: Values) -> str:
    name = str(job.get("instance_type") or "")
    return name + ", preemptible" if name and job.get("preemptible") else name


def _addresses(notify: Any) -> Sequence[str]:
    emails = notify.get("emails") if isinstance(notify, Mapping) else notify
    return [str(address) for address in emails or ()]


def task_table(tasks: Sequence[Values]) -> Table:
    """A line for each task: number, frames, state, seconds, and what went wrong."""
    troubled = any(_trouble(task) for task in tasks)
    return table(
        ("task", "frames", "state", "seconds", *(("trouble",) if troubled else ())),
        [_task_row(task, troubled) for task in tasks], numbers=("seconds",),
    )


def _task_row(task: Values, troubled: bool) -> Sequence[Any]:
    seconds = task.get("run_time_s")
    row = (task.get("taskLabel", ""), task.get("frames", ""),
           state_text(str(task.get("status", ""))),
           seconds_text(None if seconds is None else float(seconds)))
    return (*row, _trouble(task)) if troubled else row


def _trouble(task: Values) -> str:
    parts = []
    if task.get("exit_code"):
        parts.append("exit code %s" % task["exit_code"])
    for name, words in (("retries", "failed"), ("preempted", "preempted")):
        times = number(task.get(name))
        if times:
            parts.append("%s %s" % (words, "once" if times == 1 else "%d times" % times))
    return ", ".join(parts)
