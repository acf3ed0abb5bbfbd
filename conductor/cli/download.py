"""``conductor download``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Sequence

import click

from conductor.cli.connection import load_config, service
from conductor.cli.options import examples, json_option, targets_argument, threads_option
from conductor.cli.output import note, print_json
from conductor.cli.progress_bar import ProgressBar
from conductor.cli.targets import Target
from conductor.lib.api_client import ApiClient
from conductor.lib.downloader import DownloadedFile, download_job
from conductor.lib.errors import DownloadError
from conductor.lib.progress import size_text


@click.command(epilog=examples(
    "conductor download 00012", "conductor download 12:0-8x2 14 --destination renders",
))
@targets_argument
@click.option("--destination", type=click.Path(file_okay=False), metavar="DIR",
              help="Folder for the files; default: where the job's output path says.")
@threads_option
@json_option
def download(
    targets: Sequence[Target], destination: str | None, thread_count: int | None, as_json: bool,
) -> None:
    """Fetch the rendered files of jobs, or of tasks of them.

    Every file is checked by its md5 before it appears; what is there already is not fetched again.
    """
    config = load_config(thread_count=thread_count)
    found: list[DownloadedFile] = []
    failures: list[tuple[str, str]] = []
    with service(config) as client:
        for target in targets:
            options: dict[str, Any] = {"destination": destination}
            if thread_count:
                options["threads"] = thread_count
            _fetch(client, target, options, found, failures)
    if as_json:
        print_json({
            "files": [asdict(file) for file in found],
            "failures": [{"path": path, "reason": reason} for path, reason in failures],
        })
    else:
        for file in found:
            click.echo(file.path)
        size = sum(file.size for file in found if not file.identical)
        note("%d files, %s fetched" % (len(found), size_text(size)))
    if failures:
        raise DownloadError("%d files were not downloaded:" % len(failures), failures)


def _fetch(
    client: ApiClient, target: Target, options: dict[str, Any],
    found: list[DownloadedFile], failures: list[tuple[str, str]],
) -> None:
    """One job; what could not be had is kept for the end, the other jobs go on."""
    with ProgressBar() as bar:
        try:
            report = download_job(
                client, target.job, task_ids=target.tasks or None, on_progress=bar, **options)
        except DownloadError as error:
            failures += error.failures or [("job %s" % target.job, str(error))]
        else:
            found += report.files
