"""``conductor submit``: a job from a file of arguments."""

from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

import click
import yaml

from conductor.cli.connection import load_config, read_pairs, service
from conductor.cli.options import examples, json_option, threads_option
from conductor.cli.output import console, counted, facts, note, print_json
from conductor.cli.progress_bar import ProgressBar
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError
from conductor.lib.progress import size_text
from conductor.lib.submission import Submission


@click.command(epilog=examples(
    "conductor submit job.yaml",
    "conductor submit job.yaml --set job_title='Shot 12' --set chunk_size=4",
    "conductor submit job.json --dry-run --json",
))
@click.argument("jobfile", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE",
              help="An argument in place of the file's; the value is read as YAML; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; upload and post nothing.")
@threads_option
@json_option
def submit(
    jobfile: str, changes: tuple[str, ...], dry_run: bool, thread_count: int | None, as_json: bool
) -> None:
    """Submit the job that JOBFILE (YAML or JSON, - for standard input) describes.

    It holds the arguments of conductor.lib.conductor_submit.Submit: job_title, project,
    instance_type (or machine_flavor and cores), upload_paths, tasks_data, output_path, ...
    """
    arguments = dict(_read(jobfile), **_changes(changes))
    send(arguments, load_config(thread_count=thread_count), dry_run, as_json)


def send(arguments: Mapping[str, Any], config: Config, dry_run: bool, as_json: bool) -> None:
    """Submit arguments, or show what would be sent, and print what came of it."""
    with service(config) as client:
        if dry_run:
            _show_dry_run(Submit(arguments, config).build(client), as_json)
            return
        with ProgressBar() as bar:
            answer, code = Submit(arguments, config, client, on_progress=bar).main()
    if as_json:
        print_json({"response": answer, "code": code})
    elif answer.get("jobid"):
        click.echo("job %s: %s%s" % (answer["jobid"], client.url, answer.get("uri", "")))
    else:
        click.echo(answer.get("message"))


def _read(path: str) -> dict[str, Any]:
    with click.open_file(path, encoding="utf-8") as handle:
        try:
            arguments = yaml.safe_load(handle)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ArgumentError('"%s" is no YAML: %s' % (path, error)) from error
    if not isinstance(arguments, dict):
        raise ArgumentError('"%s" must hold a mapping of arguments to values' % path)
    return arguments


def _changes(texts: Sequence[str]) -> dict[str, Any]:
    changes = {}
    for name, text in read_pairs(texts, "--set"):
        try:
            changes[name] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ArgumentError('--set %s: "%s" is no YAML: %s' % (name, text, error)) from error
    return changes


def _show_dry_run(submission: Submission, as_json: bool) -> None:
    """What a submission would send, and how much that is before the service says what it has."""
    paths = [file.path for file in submission.upload_files]
    size = sum(os.path.getsize(path) for path in paths)
    if as_json:
        print_json({
            "payload": None if submission.upload_only else submission.to_payload(),
            "files": paths, "size": size,
        })
        return
    if not submission.upload_only:
        console().print(facts([
            ("title", submission.job_title), ("project", submission.project),
            ("machine", submission.instance_type), ("tasks", len(submission.tasks)),
            ("output path", submission.output_path),
        ]))
    for path in paths:
        click.echo(path)
    note("%s, %s; nothing was sent" % (counted(len(paths), "file"), size_text(size)))
