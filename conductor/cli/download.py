"""``conductor download``."""

from __future__ import annotations

import click

from conductor.cli.connection import connect
from conductor.cli.progress_bar import ProgressBar
from conductor.lib.downloader import download_job


@click.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True)
@click.option("--destination", type=click.Path(file_okay=False),
              help="Folder for the files; default: where the job's output path says.")
@click.option("--task", "tasks", multiple=True, metavar="TASK", help="Only this task; repeatable.")
def download(jobs: tuple[str, ...], destination: str | None, tasks: tuple[str, ...]) -> None:
    """Fetch the rendered files of jobs; every file is checked by its md5.

    Example: conductor download 00042 --destination frames
    """
    client = connect()
    for job in jobs:
        with ProgressBar() as bar:
            report = download_job(
                client, job, destination=destination, task_ids=list(tasks) or None,
                on_progress=bar,
            )
        for file in report.files:
            click.echo(file.path)
